//! Generated records from CSV to published customers, beside what Postgres alone needs to COPY the same tables.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use super::copy_cost::{self, TableCost};
use super::lineage::{self, Cpu};
use super::markdown::{Table, count, megabytes, score, seconds};
use super::program::{Evaluation, Program, Summary};
use super::setting::Setting;
use super::usage::{Usage, server_cpu};

/// The sources of the generated project: one a kind.
const SOURCES: [&str; 2] = ["persons", "organizations"];

/// One run of generated records.
pub struct Case {
    /// How it is called; its database too.
    name: String,
    /// What the run says of itself.
    pub summary: Summary,
    /// What it took.
    pub usage: Usage,
    /// CPU seconds of the server meanwhile.
    pub server_cpu: f64,
    /// How well it did, over all records and over those of each kind.
    pub evaluations: Vec<(&'static str, Evaluation)>,
}

/// Runs realistic and hard records, and loads the tables of the realistic ones once more with COPY.
pub fn measure(setting: &Setting<'_>, records: u64) -> Result<String> {
    // First, so that the server has made the files of its log when the others are compared with COPY.
    let hard = run(setting, "hard", records, &["--hard"])?;
    let (realistic, verified) =
        run_and(setting, "realistic", records, &[], |program, folder| Verified::measure(setting, program, folder))?;
    let tables = copy_cost::measure(setting, "realistic")?;
    let cpu = Cpu { run: realistic.cpu(), examining: verified.examining.cpu() };
    let lineage = lineage::measure(setting, "realistic", &tables, &cpu)?;
    let wall = realistic.usage.wall.as_secs_f64();
    let cases = [realistic, hard];
    let figures = [overview(&cases)?, accuracy(&cases), stages(&cases), copy(&tables, wall), lineage, verified.table()];
    Ok(figures.join("\n"))
}

/// Generates so many records, runs and scores them on a database of their own, which then goes: the server would vacuum
/// it while the next one is measured.
pub fn run(setting: &Setting<'_>, name: &str, records: u64, how: &[&str]) -> Result<Case> {
    let case = run_and(setting, name, records, how, |_, _| Ok(()))?.0;
    setting.forget(name)?;
    Ok(case)
}

/// The same; before the folder goes, something else is done with it.
fn run_and<T>(
    setting: &Setting<'_>,
    name: &str,
    records: u64,
    how: &[&str],
    and: impl FnOnce(&Program, &Path) -> Result<T>,
) -> Result<(Case, T)> {
    let folder = setting.folder(name)?;
    let (out, records) = (folder.to_str().context("the path of the folder is Unicode")?, records.to_string());
    setting.generate(&[&["bench", "--records", &records, "--out", out], how].concat())?;
    let program = setting.program(name)?;
    let before = server_cpu(setting.server()?)?;
    let (summary, usage) = program.run(&folder)?;
    let server_cpu = server_cpu(setting.server()?)?.saturating_sub(before).as_secs_f64();
    let truth = folder.join("truth.csv");
    let mut evaluations = vec![("all", program.evaluate_with_candidates(&folder, &truth)?)];
    for source in SOURCES {
        evaluations.push((source, program.evaluate(&folder, &truth_of(source, &truth)?)?));
    }
    let also = and(&program, &folder)?;
    std::fs::remove_dir_all(&folder)?;
    Ok((Case { name: name.to_owned(), summary, usage, server_cpu, evaluations }, also))
}

impl Case {
    /// CPU seconds of the program and the server.
    fn cpu(&self) -> f64 {
        self.usage.cpu.as_secs_f64() + self.server_cpu
    }

    /// The shares of all true pairs, and of tied ones, that are candidates.
    pub fn completeness(&self) -> Result<[f64; 2]> {
        self.evaluations.first().context("all records are evaluated")?.1.completeness()
    }
}

/// What looking at all that was written takes.
struct Verified {
    /// `vinculo verify`.
    checking: Looked,
    /// `vinculo verify --audit`.
    examining: Looked,
}

struct Looked {
    usage: Usage,
    server_cpu: f64,
}

impl Verified {
    fn measure(setting: &Setting<'_>, program: &Program, folder: &Path) -> Result<Self> {
        let look = |arguments: &[&str]| -> Result<Looked> {
            let before = server_cpu(setting.server()?)?;
            let usage = program.watch(arguments, folder)?;
            let server_cpu = server_cpu(setting.server()?)?.saturating_sub(before).as_secs_f64();
            Ok(Looked { usage, server_cpu })
        };
        Ok(Self { checking: look(&["verify"])?, examining: look(&["verify", "--audit"])? })
    }

    fn table(&self) -> String {
        let mut table =
            Table::new(&["of the realistic records", "wall s", "our CPU s", "Postgres CPU s", "our peak MB"]);
        for (command, Looked { usage, server_cpu }) in
            [("`vinculo verify`", &self.checking), ("`vinculo verify --audit`", &self.examining)]
        {
            table.row([
                command.to_owned(),
                seconds(usage.wall.as_secs_f64()),
                seconds(usage.cpu.as_secs_f64()),
                seconds(*server_cpu),
                megabytes(usage.peak),
            ]);
        }
        table.finish()
    }
}

impl Looked {
    /// CPU seconds of the program and the server.
    fn cpu(&self) -> f64 {
        self.usage.cpu.as_secs_f64() + self.server_cpu
    }
}

/// The part of a truth that concerns one source, as a file beside it.
fn truth_of(source: &str, truth: &Path) -> Result<PathBuf> {
    let part = truth.with_extension(format!("{source}.csv"));
    let mut whole = csv::Reader::from_path(truth)?;
    let mut rows = csv::Writer::from_path(&part)?;
    rows.write_record(whole.headers()?)?;
    for row in whole.byte_records() {
        let row = row?;
        if row.get(0) == Some(source.as_bytes()) {
            rows.write_byte_record(&row)?;
        }
    }
    rows.flush()?;
    Ok(part)
}

/// What went in, what came out, what it took.
fn overview(cases: &[Case]) -> Result<String> {
    let headings = [
        "records",
        "number",
        "customers",
        "pairs a record",
        "true pairs proposed",
        "tied ones",
        "wall s",
        "our CPU s",
        "Postgres CPU s",
        "our peak MB",
    ];
    let mut table = Table::new(&headings);
    for case @ Case { name, summary, usage, server_cpu, .. } in cases {
        let [all, tied] = case.completeness()?.map(score);
        table.row([
            name.clone(),
            count(summary.records()),
            count(summary.customers_total),
            format!("{:.1}", summary.pairs_per_record()),
            all,
            tied,
            seconds(usage.wall.as_secs_f64()),
            seconds(usage.cpu.as_secs_f64()),
            seconds(*server_cpu),
            megabytes(usage.peak),
        ]);
    }
    Ok(table.finish())
}

/// Scores over all records, and by kind.
fn accuracy(cases: &[Case]) -> String {
    let mut table = Table::new(&["truth", "pairwise P", "R", "**F1**", "B³ P", "R", "F1"]);
    for case in cases {
        for (which, evaluation) in &case.evaluations {
            let Evaluation { pairwise, b_cubed, .. } = evaluation;
            table.row([
                format!("{}, {which}", case.name),
                score(pairwise.precision),
                score(pairwise.recall),
                format!("**{}**", score(pairwise.f1)),
                score(b_cubed.precision),
                score(b_cubed.recall),
                score(b_cubed.f1),
            ]);
        }
    }
    table.finish()
}

/// The time of each stage, and what lies between the stages.
fn stages(cases: &[Case; 2]) -> String {
    let headings: Vec<String> = cases.iter().map(|case| format!("{}, s", case.name)).collect();
    let headings: Vec<&str> = std::iter::once("stage").chain(headings.iter().map(String::as_str)).collect();
    let mut table = Table::new(&headings);
    let of_case = |case: &Case, stage: &str| -> String {
        let found = case.summary.stages.iter().find(|time| time.stage == stage);
        found.map(|time| seconds(time.seconds)).unwrap_or_default()
    };
    for stage in &cases[0].summary.stages {
        let times = cases.iter().map(|case| of_case(case, &stage.stage));
        table.row(std::iter::once(stage.stage.clone()).chain(times));
    }
    let between = cases.iter().map(|case| {
        let known: f64 = case.summary.stages.iter().map(|time| time.seconds).sum();
        seconds(case.usage.wall.as_secs_f64() - known)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_truth_of_a_kind_holds_its_source_alone() -> Result<()> {
        let folder = tempfile::tempdir()?;
        let truth = folder.path().join("truth.csv");
        std::fs::write(&truth, "source,source_key,entity\npersons,1,a\norganizations,1,b\npersons,2,a\n")?;
        let part = std::fs::read_to_string(truth_of("persons", &truth)?)?;
        assert_eq!(part, "source,source_key,entity\npersons,1,a\npersons,2,a\n");
        Ok(())
    }
}
