//! Runs and evaluates projects with the built program.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, bail};
use serde::Deserialize;

use super::usage::{Usage, Watched};

/// The built program, and the database that it is to use.
pub struct Program {
    path: PathBuf,
    database: String,
}

/// What `vinculo run` says of itself, as far as it is shown.
#[derive(Debug, Deserialize)]
pub struct Summary {
    /// The time of each stage.
    pub stages: Vec<StageTime>,
    /// What became of the sources.
    pub sources: Vec<SourceCounts>,
    /// Pairs and more of each kind.
    pub resolution: Vec<Resolution>,
    /// Customers now.
    pub customers_total: u64,
}

/// A stage and how long it took.
#[derive(Debug, Deserialize)]
pub struct StageTime {
    /// Its title.
    pub stage: String,
    /// How long it took.
    pub seconds: f64,
    /// What the program itself spent meanwhile on all cores.
    pub cpu_seconds: f64,
}

/// What was read from a source.
#[derive(Debug, Deserialize)]
pub struct SourceCounts {
    /// Records read.
    pub read: u64,
}

/// How the records of a kind were resolved.
#[derive(Debug, Deserialize)]
pub struct Resolution {
    /// What each blocking rule proposed.
    pub rules: Vec<Rule>,
}

/// A blocking rule.
#[derive(Debug, Deserialize)]
pub struct Rule {
    /// Candidate pairs that it was the first to propose.
    pub pairs: u64,
}

/// What `vinculo evaluate` says.
#[derive(Debug, Deserialize)]
pub struct Evaluation {
    /// By pairs of records.
    pub pairwise: Scores,
    /// Record by record.
    pub b_cubed: Scores,
    /// Whole customers.
    pub cluster: Scores,
    /// What blocking proposes of the true pairs, where that was asked.
    candidates: Option<Completeness>,
}

/// How many of the true pairs are candidates.
#[derive(Debug, Deserialize)]
struct Completeness {
    pairs: u64,
    candidates: u64,
    tied: u64,
    tied_candidates: u64,
}

impl Evaluation {
    /// The shares that are candidates: of all true pairs, and of those that share a value, or two, that few records hold.
    pub fn completeness(&self) -> Result<[f64; 2]> {
        let found = self.candidates.as_ref().context("the evaluation was asked for candidates")?;
        Ok([(found.candidates, found.pairs), (found.tied_candidates, found.tied)]
            .map(|(part, all)| if all == 0 { 1.0 } else { part as f64 / all as f64 }))
    }
}

/// How well customers match the truth.
#[derive(Debug, Clone, Copy, Deserialize)]
pub struct Scores {
    /// Of what was joined, the share that is right.
    pub precision: f64,
    /// Of what belongs together, the share that was joined.
    pub recall: f64,
    /// Their harmonic mean.
    pub f1: f64,
}

/// What `vinculo report` says, as far as it is shown.
#[derive(Debug, Deserialize)]
struct Report {
    kinds: Vec<KindReport>,
}

#[derive(Debug, Deserialize)]
struct KindReport {
    estimate: Option<Estimate>,
}

/// What is expected of the pairs of a kind, without labels.
#[derive(Debug, Deserialize)]
struct Estimate {
    /// Matches among all candidates.
    matches: f64,
    in_force: Expectation,
}

#[derive(Debug, Deserialize)]
struct Expectation {
    /// Pairs taken.
    pairs: f64,
    precision: Option<f64>,
}

impl Report {
    /// Precision and recall of the pairs of all kinds.
    fn expected(&self) -> [f64; 2] {
        let estimates = self.kinds.iter().filter_map(|kind| kind.estimate.as_ref());
        let sums = estimates.fold([0.0; 3], |[right, taken, matches], estimate| {
            let of_kind = estimate.in_force.pairs;
            let share = estimate.in_force.precision.unwrap_or_default();
            [right + share * of_kind, taken + of_kind, matches + estimate.matches]
        });
        [sums[0] / sums[1], sums[0] / sums[2]]
    }
}

impl Summary {
    /// Records read from all sources.
    pub fn records(&self) -> u64 {
        self.sources.iter().map(|source| source.read).sum()
    }

    /// Candidate pairs of all kinds and rules.
    pub fn pairs(&self) -> u64 {
        self.resolution.iter().flat_map(|resolution| &resolution.rules).map(|rule| rule.pairs).sum()
    }

    /// Candidate pairs a record, on average.
    pub fn pairs_per_record(&self) -> f64 {
        self.pairs() as f64 / self.records() as f64
    }
}

impl Program {
    /// The program at this path, on the database at this address.
    pub fn new(path: PathBuf, database: String) -> Self {
        Self { path, database }
    }

    /// A command of the program on a project.
    pub fn command(&self, arguments: &[&str], project: &Path) -> Command {
        let mut command = Command::new(&self.path);
        command.args(arguments).arg("--project").arg(project).env("VINCULO_DATABASE", &self.database);
        command
    }

    /// Compares what is published with a truth.
    pub fn evaluate(&self, project: &Path, truth: &Path) -> Result<Evaluation> {
        self.evaluate_by(&[], project, truth)
    }

    /// The same, and how many of the true pairs are candidates.
    pub fn evaluate_with_candidates(&self, project: &Path, truth: &Path) -> Result<Evaluation> {
        self.evaluate_by(&["--candidates"], project, truth)
    }

    fn evaluate_by(&self, how: &[&str], project: &Path, truth: &Path) -> Result<Evaluation> {
        let truth = truth.to_str().context("the path of a truth is Unicode")?;
        let arguments = [&["evaluate", "--json", "--truth", truth], how].concat();
        let output = self.command(&arguments, project).stderr(Stdio::inherit()).output()?;
        if !output.status.success() {
            bail!("`vinculo evaluate` ended with {}", output.status);
        }
        Ok(serde_json::from_slice(&output.stdout)?)
    }

    /// The pairwise precision and recall that are expected of what is published, without labels.
    pub fn expected(&self, project: &Path) -> Result<[f64; 2]> {
        let output = self.command(&["report", "--json"], project).stderr(Stdio::inherit()).output()?;
        if !output.status.success() {
            bail!("`vinculo report` ended with {}", output.status);
        }
        Ok(serde_json::from_slice::<Report>(&output.stdout)?.expected())
    }

    /// What a command takes that says nothing of use here.
    pub fn watch(&self, arguments: &[&str], project: &Path) -> Result<Usage> {
        let mut command = self.command(arguments, project);
        let (usage, status) = Watched::start(command.stdout(Stdio::null()))?.until(|| false)?;
        if !status.success() {
            bail!("`vinculo {}` ended with {status}", arguments.join(" "));
        }
        Ok(usage)
    }

    /// Runs a project to its end.
    pub fn run(&self, project: &Path) -> Result<(Summary, Usage)> {
        // A file takes the line whatever its length; a pipe would have to be emptied while the process is looked at.
        let mut line = tempfile::tempfile()?;
        let mut command = self.command(&["run"], project);
        let (usage, status) = Watched::start(command.stdout(line.try_clone()?))?.until(|| false)?;
        if !status.success() {
            bail!("`vinculo run` ended with {status}");
        }
        std::io::Seek::rewind(&mut line)?;
        let summary = serde_json::from_reader(line).context("the summary of the run is not as expected")?;
        Ok((summary, usage))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_expected_of_several_kinds_is_weighed_by_their_pairs() -> Result<()> {
        let report: Report = serde_json::from_str(
            r#"{"kinds": [
                {"estimate": {"matches": 100.0, "in_force": {"pairs": 90.0, "precision": 1.0}}},
                {"estimate": {"matches": 20.0, "in_force": {"pairs": 10.0, "precision": 0.6}}},
                {"estimate": null}
            ]}"#,
        )?;
        assert_eq!(report.expected(), [0.96, 0.8]);
        Ok(())
    }
}
