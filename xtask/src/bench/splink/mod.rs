//! Vinculo beside Splink on DuckDB: the same generated persons, the same candidate rules, then each with its own.

mod python;

use std::path::Path;

use anyhow::{Context as _, Result};
use serde::Deserialize;

use super::markdown::{Table, count, megabytes, score, seconds};
use super::program::{Evaluation, Summary};
use super::setting::{CORES, Setting};
use super::usage::Usage;
use python::Python;

/// The script that sets Splink up as its documentation does, runs it and scores it.
const SCRIPT: &str = include_str!("measure.py");

/// The candidate rules that both are given, as `resolution:` of `vinculo.yaml` says them; the script says the same in
/// Splink's words. The pair budget is out of the way, since Splink has none. The block limit drops the placeholders that the
/// script drops by a list of them.
const SAME_RULES: &str = "
resolution:
  block_limit: 500
  pairs_per_record: 10000
  blocking:
    - {on: [tax_id]}
    - {on: [email]}
    - {on: [phone]}
    - {on: [birth_date, initials]}
    - {on: [birth_date, postal_code]}
    - {on: [postal_code, initials]}
    - {on: [mailbox, initials]}
    - {on: [birthday, initials, city]}
";

/// The stage of `vinculo run` from comparable records to clusters, training included.
const RESOLVING: &str = "resolving who is who";

/// What Splink took and reached, as the script tells it.
#[derive(Debug, Deserialize)]
struct Splink {
    /// Pairs that were compared.
    pairs: u64,
    /// What each stage took.
    stages: Vec<SplinkStage>,
    /// The most physical memory, in bytes.
    peak: u64,
    /// At the threshold of its guides, a match probability of 0.95.
    at_own_threshold: SplinkScores,
    /// At the threshold that is best by the truth, which nobody knows beforehand.
    at_best_threshold: SplinkScores,
}

#[derive(Debug, Deserialize)]
struct SplinkStage {
    stage: String,
    wall: f64,
    cpu: f64,
}

#[derive(Debug, Clone, Copy, Deserialize)]
struct SplinkScores {
    precision: f64,
    recall: f64,
    f1: f64,
}

/// What Vinculo took and reached.
struct Vinculo {
    summary: Summary,
    usage: Usage,
    evaluation: Evaluation,
}

/// One line of the table.
struct Line {
    name: &'static str,
    pairs: u64,
    resolving_cpu: f64,
    resolving_wall: f64,
    peak: u64,
    scores: [f64; 3],
}

/// Runs both on so many persons of the hard kind, once for every number of records.
pub fn measure(setting: &Setting<'_>, sizes: &[u64]) -> Result<String> {
    let python = Python::with_splink(setting)?;
    let parts = sizes.iter().map(|&records| measure_size(setting, &python, records)).collect::<Result<Vec<_>>>()?;
    Ok(parts.join("\n"))
}

fn measure_size(setting: &Setting<'_>, python: &Python, records: u64) -> Result<String> {
    let folder = setting.folder("splink")?;
    let (out, number) = (folder.to_str().context("the path of the folder is Unicode")?, records.to_string());
    setting.generate(&["bench", "--organizations", "0", "--hard", "--records", &number, "--out", out])?;
    let mut lines = Vec::new();
    let mut stages = Vec::new();
    for (rules, settings, ours) in [("same", SAME_RULES, "same rules"), ("own", "", "own rules")] {
        let splink = run_splink(python, &folder, rules)?;
        let vinculo = run_vinculo(setting, &folder, &format!("splink_{rules}_{records}"), settings)?;
        lines.extend(splink_lines(&splink, ours));
        lines.push(vinculo_line(&vinculo, ours));
        stages.push(format!(
            "With {ours} Splink took {}; the whole run of Vinculo, from CSV to published customers, {} s.",
            splink
                .stages
                .iter()
                .map(|stage| format!("{} {} s", stage.stage, seconds(stage.wall)))
                .collect::<Vec<_>>()
                .join(", "),
            seconds(vinculo.usage.wall.as_secs_f64()),
        ));
    }
    Ok(format!("{} persons:\n\n{}\n{}\n", count(records), table(&lines), stages.join("\n")))
}

fn run_splink(python: &Python, folder: &Path, rules: &str) -> Result<Splink> {
    let [persons, truth] = ["persons.csv", "truth.csv"].map(|name| folder.join(name));
    let mut command = python.script(SCRIPT);
    command.arg(persons).arg(truth).args(["--rules", rules, "--threads", &CORES.to_string()]);
    let output = command.output().context("Splink cannot be run")?;
    anyhow::ensure!(output.status.success(), "Splink failed: {}", String::from_utf8_lossy(&output.stderr));
    // DuckDB may show its progress before the one line that counts.
    let told = output.stdout.trim_ascii_end().rsplit(|byte| matches!(byte, b'\n' | b'\r')).next().unwrap_or_default();
    serde_json::from_slice(told).context("what Splink reached is not as expected")
}

fn run_vinculo(setting: &Setting<'_>, folder: &Path, database: &str, settings: &str) -> Result<Vinculo> {
    let file = folder.join("vinculo.yaml");
    let yaml = std::fs::read_to_string(&file)?;
    // There are no organizations, and a source without a single record is refused.
    let persons = yaml.split_once("\n  organizations:").map_or(yaml.as_str(), |(persons, _)| persons);
    std::fs::write(&file, format!("{persons}{settings}"))?;
    let program = setting.program(database)?;
    let (summary, usage) = program.run(folder)?;
    let evaluation = program.evaluate(folder, &folder.join("truth.csv"))?;
    std::fs::write(&file, yaml)?;
    Ok(Vinculo { summary, usage, evaluation })
}

fn splink_lines(splink: &Splink, rules: &'static str) -> [Line; 2] {
    // Reading the file is no part of resolution.
    let resolving = || splink.stages.iter().filter(|stage| stage.stage != "load");
    let line = |name, SplinkScores { precision, recall, f1 }| Line {
        name,
        pairs: splink.pairs,
        resolving_cpu: resolving().map(|stage| stage.cpu).sum(),
        resolving_wall: resolving().map(|stage| stage.wall).sum(),
        peak: splink.peak,
        scores: [precision, recall, f1],
    };
    let names = match rules {
        "same rules" => ["Splink, same rules, at 0.95", "Splink, same rules, at its best"],
        _ => ["Splink, own rules, at 0.95", "Splink, own rules, at its best"],
    };
    [line(names[0], splink.at_own_threshold), line(names[1], splink.at_best_threshold)]
}

fn vinculo_line(vinculo: &Vinculo, rules: &'static str) -> Line {
    let resolving = vinculo.summary.stages.iter().find(|stage| stage.stage == RESOLVING);
    let pairwise = vinculo.evaluation.pairwise;
    Line {
        name: if rules == "same rules" { "Vinculo, same rules" } else { "Vinculo, own rules" },
        pairs: vinculo.summary.pairs(),
        resolving_cpu: resolving.map_or(0.0, |stage| stage.cpu_seconds),
        resolving_wall: resolving.map_or(0.0, |stage| stage.seconds),
        peak: vinculo.usage.peak,
        scores: [pairwise.precision, pairwise.recall, pairwise.f1],
    }
}

fn table(lines: &[Line]) -> String {
    let headings = ["", "pairs", "resolving, CPU s", "wall s", "peak MB", "pairwise P", "R", "**F1**"];
    let mut table = Table::new(&headings);
    for line in lines {
        let [precision, recall, f1] = line.scores.map(score);
        table.row([
            line.name.to_owned(),
            count(line.pairs),
            seconds(line.resolving_cpu),
            seconds(line.resolving_wall),
            megabytes(line.peak),
            precision,
            recall,
            format!("**{f1}**"),
        ]);
    }
    table.finish()
}
