//! Generated records from CSV to published customers, beside what Postgres alone needs to COPY the same tables.

use anyhow::{Context as _, Result};

use super::copy_cost::{self, TableCost};
use super::markdown::{Table, count, megabytes, score, seconds};
use super::program::Measured;
use super::setting::Setting;
use super::usage::server_cpu;

/// One run of generated records.
struct Case {
    /// How it is called.
    name: &'static str,
    measured: Measured,
    /// CPU seconds of the server meanwhile.
    server_cpu: f64,
}

/// Runs realistic and hard records, and loads the tables of the realistic ones once more with COPY.
pub fn measure(setting: &Setting<'_>, records: u64) -> Result<String> {
    let realistic = run(setting, "realistic", records, &[])?;
    let tables = copy_cost::measure(setting, "realistic")?;
    let hard = run(setting, "hard", records, &["--hard"])?;
    let wall = realistic.measured.usage.wall.as_secs_f64();
    let cases = [realistic, hard];
    Ok([overview(&cases), stages(&cases), copy(&tables, wall)].join("\n"))
}

fn run(setting: &Setting<'_>, name: &'static str, records: u64, how: &[&str]) -> Result<Case> {
    let folder = setting.folder(name)?;
    let (out, records) = (folder.to_str().context("the path of the folder is Unicode")?, records.to_string());
    setting.generate(&[&["bench", "--records", &records, "--out", out], how].concat())?;
    let program = setting.program(name)?;
    let before = server_cpu(setting.server()?)?;
    let measured = program.measure(&folder, &folder.join("truth.csv"))?;
    let server_cpu = server_cpu(setting.server()?)?.saturating_sub(before).as_secs_f64();
    std::fs::remove_dir_all(&folder)?;
    Ok(Case { name, measured, server_cpu })
}

/// What went in, what came out, what it took.
fn overview(cases: &[Case]) -> String {
    let headings = [
        "records",
        "number",
        "customers",
        "pairs a record",
        "wall s",
        "our CPU s",
        "Postgres CPU s",
        "our peak MB",
        "pairwise P",
        "R",
        "F1",
        "B³ F1",
    ];
    let mut table = Table::new(&headings);
    for Case { name, measured: Measured { summary, usage, evaluation }, server_cpu } in cases {
        table.row([
            (*name).to_owned(),
            count(summary.records()),
            count(summary.customers_total),
            format!("{:.1}", summary.pairs() as f64 / summary.records() as f64),
            seconds(usage.wall.as_secs_f64()),
            seconds(usage.cpu.as_secs_f64()),
            seconds(*server_cpu),
            megabytes(usage.peak),
            score(evaluation.pairwise.precision),
            score(evaluation.pairwise.recall),
            score(evaluation.pairwise.f1),
            score(evaluation.b_cubed.f1),
        ]);
    }
    table.finish()
}

/// The time of each stage, and what lies between the stages.
fn stages(cases: &[Case; 2]) -> String {
    let headings: Vec<String> = cases.iter().map(|case| format!("{}, s", case.name)).collect();
    let headings: Vec<&str> = std::iter::once("stage").chain(headings.iter().map(String::as_str)).collect();
    let mut table = Table::new(&headings);
    let of_case = |case: &Case, stage: &str| -> String {
        let found = case.measured.summary.stages.iter().find(|time| time.stage == stage);
        found.map(|time| seconds(time.seconds)).unwrap_or_default()
    };
    for stage in &cases[0].measured.summary.stages {
        let times = cases.iter().map(|case| of_case(case, &stage.stage));
        table.row(std::iter::once(stage.stage.clone()).chain(times));
    }
    let between = cases.iter().map(|case| {
        let known: f64 = case.measured.summary.stages.iter().map(|time| time.seconds).sum();
        seconds(case.measured.usage.wall.as_secs_f64() - known)
    });
    table.row(std::iter::once("before, between and after them".to_owned()).chain(between));
    table.finish()
}

/// Each table's share of what COPY alone needs, and how much more the whole run takes.
fn copy(tables: &[TableCost], wall: f64) -> String {
    let total: f64 = tables.iter().map(TableCost::seconds).sum();
    let mut table = Table::new(&["table", "rows", "MB with indexes", "COPY s", "indexes s", "share"]);
    for cost in tables {
        table.row([
            format!("`{}`", cost.name),
            count(cost.rows),
            megabytes(cost.bytes),
            seconds(cost.copy()),
            seconds(cost.index()),
            format!("{:.0} %", 100.0 * cost.seconds() / total),
        ]);
    }
    table.row([
        "all".to_owned(),
        count(tables.iter().map(|cost| cost.rows).sum()),
        megabytes(tables.iter().map(|cost| cost.bytes).sum()),
        seconds(tables.iter().map(TableCost::copy).sum()),
        seconds(tables.iter().map(TableCost::index).sum()),
        "100 %".to_owned(),
    ]);
    format!(
        "{}\n**The whole run takes {} s, COPY alone {} s: {:.1} times as long.**\n",
        table.finish(),
        seconds(wall),
        seconds(total),
        wall / total
    )
}
