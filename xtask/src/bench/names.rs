//! Labelled pairs of names, compared by what resolution compares names with.

use anyhow::{Context as _, Result, ensure};
use serde::Deserialize;

use super::markdown::{Table, count, score};
use crate::workspace::Workspace;

/// What the benchmark of the tests prints, one line a kind.
#[derive(Debug, Deserialize)]
struct Figures {
    kind: String,
    pairs: u64,
    threshold: f64,
    precision: f64,
    recall: f64,
    f1: f64,
}

/// Runs the benchmark, and makes a table of what it prints.
pub fn measure(workspace: &Workspace) -> Result<String> {
    let mut bench = workspace.cargo(&["bench", "--locked", "-q", "-p", "vinculo-tests", "--bench", "names"]);
    let output = bench.output().context("cargo cannot be run")?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let mut table = Table::new(&["names", "pairs", "threshold", "P", "R", "**F1**"]);
    for line in String::from_utf8(output.stdout)?.lines() {
        let figures: Figures = serde_json::from_str(line).context("a line of figures cannot be read")?;
        let scores = [figures.precision, figures.recall].map(score);
        let [precision, recall] = scores;
        let f1 = format!("**{}**", score(figures.f1));
        let threshold = format!("{:.2}", figures.threshold);
        table.row([format!("{}s", figures.kind), count(figures.pairs), threshold, precision, recall, f1]);
    }
    Ok(table.finish())
}
