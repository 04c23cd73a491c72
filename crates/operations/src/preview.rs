//! `check`: the first records of each source, raw and normalized side by side, and what would become of the sample.

use crate::error::OperationError;
use crate::ingest::mapping::{FlagCounts, Mapping};
use crate::session::Workbench;
use serde::Serialize;
use std::collections::BTreeMap;
use vinculo_connector::decoder::ELEMENT_SEPARATOR;
use vinculo_connector::{Batch, Budget, Event};
use vinculo_project::Source;
use vinculo_records::hash::ContentHasher;
use vinculo_records::{Kind, Value};

/// How much of a source is looked at.
const SAMPLE: Budget = Budget { bytes: 1 << 20, rows: 1_000 };

/// What a look at a source tells.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SourcePreview {
    /// The source.
    pub source: String,
    /// What the connector tried, step by step, and what came of it.
    pub steps: Vec<String>,
    /// Why the source cannot be read, if it cannot.
    pub problem: Option<String>,
    /// Columns that the mapping names and the file lacks, so that it will be refused.
    pub missing_columns: Vec<String>,
    /// Columns that the mapping names and no record of the sample has; a later one may.
    pub unseen_columns: Vec<String>,
    /// Records in the sample.
    pub sampled: u64,
    /// How many of them would be rejected, by reason.
    pub rejected: BTreeMap<String, u64>,
    /// Whether so many would be that the whole delivery would be refused.
    pub too_many_rejects: bool,
    /// Values that would be flagged: attribute → reason → how many.
    pub flagged: FlagCounts,
    /// The first records.
    pub records: Vec<RecordPreview>,
}

/// A record as it came, and as it would be kept.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RecordPreview {
    /// The file.
    pub file: String,
    /// The line where it begins.
    pub line: u64,
    /// Its key.
    pub key: String,
    /// Person or organization.
    pub kind: Kind,
    /// Its values: attribute, the columns' text, the normalized value.
    pub values: Vec<ValuePreview>,
}

/// A value as it came, and as it would be kept.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ValuePreview {
    /// The attribute.
    pub attribute: String,
    /// The text of its columns.
    pub raw: Vec<String>,
    /// Its normalized values, each with what is wrong with it.
    pub normalized: Vec<String>,
}

impl ValuePreview {
    fn is_blank(&self) -> bool {
        self.raw.iter().all(|text| text.trim().is_empty())
    }
}

impl SourcePreview {
    /// Whether the source can be run as it is.
    pub fn is_good(&self) -> bool {
        self.problem.is_none() && self.missing_columns.is_empty() && !self.too_many_rejects
    }
}

/// A value for people: its text, and what is wrong with it.
pub fn in_words(value: Value<'_>) -> String {
    match value.flag {
        None => value.text.to_owned(),
        Some(flag) if value.text.is_empty() => format!("({})", flag.name()),
        Some(flag) => format!("{} ({})", value.text, flag.name()),
    }
}

/// Looks at a source and shows its first `records`; `today` in days since 1970.
///
/// # Errors
/// An option that the connector refuses.
pub async fn preview(
    bench: &Workbench,
    source: &Source,
    records: usize,
    today: i32,
) -> Result<SourcePreview, OperationError> {
    let connected = bench.open(source)?;
    let mut preview = SourcePreview {
        source: source.name.clone(),
        steps: Vec::new(),
        problem: None,
        missing_columns: Vec::new(),
        unseen_columns: Vec::new(),
        sampled: 0,
        rejected: BTreeMap::new(),
        too_many_rejects: false,
        flagged: FlagCounts::new(),
        records: Vec::new(),
    };
    for step in connected.check().await {
        match step.outcome {
            Ok(outcome) => preview.steps.push(format!("{}: {outcome}", step.name)),
            Err(error) => preview.problem = Some(error.to_string()),
        }
    }
    if preview.problem.is_some() {
        return Ok(preview);
    }
    match connected.read(None).await {
        Ok(mut reader) => match reader.next(SAMPLE).await {
            Ok(Event::Batch(batch)) => look_at(&mut preview, bench, source, &batch, records, today),
            Ok(Event::Checkpoint(_) | Event::Done(_)) => {}
            Err(error) => preview.problem = Some(error.to_string()),
        },
        Err(error) => preview.problem = Some(error.to_string()),
    }
    Ok(preview)
}

fn look_at(preview: &mut SourcePreview, bench: &Workbench, source: &Source, batch: &Batch, records: usize, today: i32) {
    let mapping = Mapping::new(bench.project.clone(), source.clone());
    let missing = mapping.missing_columns(batch.cells.names());
    if batch.origin.has_fixed_columns {
        preview.missing_columns = missing;
    } else {
        preview.unseen_columns = missing;
    }
    preview.sampled = (batch.len() + batch.rejects.len()) as u64;
    let mut rejected = batch.rejects.len();
    for code in batch.rejects.iter().flat_map(|reject| &reject.codes) {
        *preview.rejected.entry(code.name().to_owned()).or_default() += 1;
    }
    let bound = mapping.bind(&batch.cells);
    let mut hasher = ContentHasher::new();
    for row in 0..batch.len() {
        let mapped = match bound.map(row, today, &mut hasher, &mut preview.flagged) {
            Ok(mapped) => mapped,
            Err(faults) => {
                rejected += 1;
                for (fault, _) in faults {
                    *preview.rejected.entry(fault.name().to_owned()).or_default() += 1;
                }
                continue;
            }
        };
        if preview.records.len() < records {
            let view = mapped.normalized.view();
            let value = |field: &vinculo_project::Field| ValuePreview {
                attribute: bench.project.attributes.name(field.attribute).to_owned(),
                raw: field
                    .columns
                    .iter()
                    .filter_map(|name| Some(batch.cells.column(name)?.get(row)?.replace(ELEMENT_SEPARATOR, ", ")))
                    .collect(),
                normalized: view.values_of(field.attribute).map(in_words).collect(),
            };
            preview.records.push(RecordPreview {
                file: batch.origin.path.clone(),
                line: batch.lines[row],
                key: mapped.key,
                kind: view.kind(),
                values: source.fields.iter().map(value).filter(|value| !value.is_blank()).collect(),
            });
        }
    }
    preview.too_many_rejects = rejected as f64 > source.max_reject_ratio * preview.sampled as f64;
}
