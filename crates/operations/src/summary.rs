//! What a run did, in balanced numbers: for people, for machines, for the run's record. Counts and names, never values.

use crate::count::number;
use crate::timing::StageTime;
use crate::unlisted::UnlistedSource;
use serde::{Deserialize, Serialize};
use vinculo_records::{AuditHead, Kind};
pub use vinculo_resolution::blocking::RuleReport;
pub use vinculo_resolution::clustering::ClusterCuts;
use vinculo_resolution::pipeline::TrainingReport;
pub use vinculo_resolution::pipeline::{ResolutionReport, WeightHistogram};
use vinculo_store::{DeliveryCounts, DeliveryFile, RowsWritten};

/// What became of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunState {
    /// Customers were published.
    Done,
    /// Nothing was new, so nothing was to be done.
    Unchanged,
    /// At least one source failed; what the others brought is published.
    Failed,
}

/// What a run did: the one line on its stdout.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RunSummary {
    /// The run's number; none for a dry run.
    pub run: Option<i64>,
    /// What became of it.
    pub status: RunState,
    /// Whether it only foretold what it would do.
    pub dry_run: bool,
    /// How long it took, in seconds.
    pub seconds: f64,
    /// How long each stage took; what lies between stages is in none.
    pub stages: Vec<StageTime>,
    /// The sources, in the order of `vinculo.yaml`.
    pub sources: Vec<DeliverySummary>,
    /// Sources that `vinculo.yaml` no longer has and whose records still count.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unlisted: Vec<UnlistedSource>,
    /// Records whose values were normalized anew, since the mapping or the rules changed.
    pub renormalized: u64,
    /// How the records of each kind were resolved; empty when nothing was to be resolved.
    pub resolution: Vec<ResolutionSummary>,
    /// What became of customers.
    pub customers: CustomerChanges,
    /// How many customers there are now.
    pub customers_total: u64,
    /// The publication's number; none when nothing was published.
    pub publication: Option<i64>,
    /// The publication that was taken back and is not published anew, since nothing else has changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub taken_back: Option<i64>,
    /// The last entry of the change feed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_change: Option<i64>,
    /// Rows written by the publication.
    pub rows: RowsWritten,
    /// The block of the audit chain over all that the run wrote; its hash is to be kept elsewhere.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub audit: Option<AuditHead>,
}

/// What became of a delivery.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryOutcome {
    /// It counts.
    Sealed,
    /// It counts, and says nothing new.
    Unchanged,
    /// Nothing of it counts.
    Refused,
    /// It could not be read to its end.
    #[default]
    Failed,
}

/// What became of one source in a run.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct DeliverySummary {
    /// The source.
    pub source: String,
    /// What became of its delivery.
    pub state: DeliveryOutcome,
    /// What it brought: `read = new + changed + unchanged + superseded + rejected`.
    #[serde(flatten)]
    pub counts: DeliveryCounts,
    /// The files read, and what was found out about each.
    pub files: Vec<FileSummary>,
    /// Why it was refused or failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
    /// What should be known of it although it counts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// Whether trying again later may help.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub retry: bool,
}

/// A file of a delivery.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct FileSummary {
    /// Its path, as shown to people.
    pub path: String,
    /// What was found out about it, and how: `encoding windows-1252 (detected)`.
    pub findings: Vec<String>,
}

/// How the records of one kind were resolved.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ResolutionSummary {
    /// Person or organization.
    pub kind: Kind,
    /// Whether only what changed was resolved, and all that hangs on it: the other figures are then of that part.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub part: bool,
    /// The model's number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<i64>,
    /// How the model was trained, if it was by this run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub training: Option<TrainingReport>,
    /// Whether there are far more records now than the model was trained on; `run --full` trains anew.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub retraining_due: bool,
    /// Pairs, joins, conflicts, and what the bounds cut.
    #[serde(flatten)]
    pub report: ResolutionReport,
}

/// What became of customers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct CustomerChanges {
    /// New ones.
    pub created: u64,
    /// Those with other values, lineage or records.
    pub updated: u64,
    /// Those that went into others.
    pub merged: u64,
    /// New ones that came out of others.
    pub split: u64,
    /// Those without any record left.
    pub ended: u64,
}

impl DeliverySummary {
    /// The summary of a delivery.
    pub fn new(
        source: &str,
        state: DeliveryOutcome,
        counts: &DeliveryCounts,
        files: &[DeliveryFile],
        problem: Option<String>,
    ) -> Self {
        let file = |file: &DeliveryFile| FileSummary {
            path: file.path.clone(),
            findings: serde_json::from_value(file.format["findings"].clone()).unwrap_or_default(),
        };
        Self {
            source: source.to_owned(),
            state,
            counts: counts.clone(),
            files: files.iter().map(file).collect(),
            problem,
            note: None,
            retry: false,
        }
    }

    /// The counts in a few words.
    pub fn account(&self) -> String {
        let counts = &self.counts;
        match self.state {
            DeliveryOutcome::Refused => return format!("refused; {} read, none of them counts", number(counts.read)),
            DeliveryOutcome::Failed => return format!("failed; {} read, none of them counts", number(counts.read)),
            DeliveryOutcome::Sealed | DeliveryOutcome::Unchanged => {}
        }
        let [read, new, changed, unchanged] = [counts.read, counts.new, counts.changed, counts.unchanged].map(number);
        let mut words = format!("{read} read: {new} new, {changed} changed, {unchanged} unchanged");
        let rarer = [(counts.superseded, "superseded"), (counts.rejected, "rejected"), (counts.deleted, "deleted")];
        for (count, word) in rarer.into_iter().filter(|(count, _)| *count > 0) {
            words.push_str(&format!(", {} {word}", number(count)));
        }
        words
    }

    /// Whether nothing of the delivery counts.
    pub fn is_broken(&self) -> bool {
        matches!(self.state, DeliveryOutcome::Refused | DeliveryOutcome::Failed)
    }
}

impl CustomerChanges {
    /// The counts in a few words.
    pub fn in_words(&self) -> String {
        let words = [
            (self.created, "created"),
            (self.updated, "updated"),
            (self.merged, "merged"),
            (self.split, "split"),
            (self.ended, "ended"),
        ];
        let some = words.iter().filter(|(count, _)| *count > 0);
        let some: Vec<String> = some.map(|(count, word)| format!("{} {word}", number(*count))).collect();
        if some.is_empty() { "no change".into() } else { some.join(", ") }
    }
}
