//! `check`: the first records of each source, raw and normalized side by side, and what would become of the sample.

mod last_row;
mod repeated_keys;

pub use last_row::TotalRow;

use crate::error::OperationError;
use crate::ingest::mapping::{FlagCounts, Mapping, RowFault};
use crate::session::Workbench;
use last_row::LastRows;
use repeated_keys::RepeatedKeys;
use serde::Serialize;
use std::collections::BTreeMap;
use vinculo_connector::decoder::ELEMENT_SEPARATOR;
use vinculo_connector::{Batch, Budget, ConnectorError, Event, Reader, RejectCode};
use vinculo_project::Source;
use vinculo_records::hash::ContentHasher;
use vinculo_records::{Flag, Kind, Value};

/// How much of a source is looked at.
const SAMPLE: Budget = Budget { bytes: 1 << 20, rows: 1_000 };
/// How much of it is read for the sake of its end: bytes of raw records.
const READ_MAX: usize = 64 << 20;

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
    /// The columns that there are, where some are missing.
    pub columns: Vec<String>,
    /// Last rows of files that look like totals, where the source is small enough to be read to its end.
    pub totals: Vec<TotalRow>,
    /// Records in the sample.
    pub sampled: u64,
    /// How many of them would be rejected, by reason.
    pub rejected: BTreeMap<String, u64>,
    /// Whether so many would be that the whole delivery would be refused.
    pub too_many_rejects: bool,
    /// Values that would be flagged: attribute → reason → how many.
    pub flagged: FlagCounts,
    /// Records of the sample whose key another one has that says something else, so that one of them is lost.
    pub repeated_keys: u64,
    /// Records of the sample that have a stand-in such as `N/A` or `0` for their key.
    pub stand_in_keys: u64,
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

/// A cell that may hold a list, for people.
fn in_one_line(cell: &str) -> String {
    let elements = cell.split(ELEMENT_SEPARATOR).filter(|element| !element.is_empty());
    elements.collect::<Vec<_>>().join(", ")
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
        columns: Vec::new(),
        totals: Vec::new(),
        sampled: 0,
        rejected: BTreeMap::new(),
        too_many_rejects: false,
        flagged: FlagCounts::new(),
        repeated_keys: 0,
        stand_in_keys: 0,
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
        Ok(mut reader) => {
            let outcome = match reader.next(SAMPLE).await {
                Ok(Event::Batch(batch)) => {
                    look_at(&mut preview, bench, source, &batch, records, today);
                    read_to_the_end(&mut preview, source, reader.as_mut(), batch).await
                }
                Ok(Event::Checkpoint(_) | Event::Done(_)) => Ok(()),
                Err(error) => Err(error),
            };
            preview.problem = outcome.err().map(|error| error.to_string());
        }
        Err(error) => preview.problem = Some(error.to_string()),
    }
    Ok(preview)
}

/// Reads on to the end, if that is not too far away, and looks at the last row of each file.
async fn read_to_the_end(
    preview: &mut SourcePreview,
    source: &Source,
    reader: &mut dyn Reader,
    first: Batch,
) -> Result<(), ConnectorError> {
    let mut last_rows = LastRows::default();
    let mut bytes = first.raw.byte_len();
    last_rows.see(&source.key, &first);
    while bytes < READ_MAX {
        match reader.next(Budget::default()).await? {
            Event::Batch(batch) => {
                bytes += batch.raw.byte_len();
                last_rows.see(&source.key, &batch);
            }
            Event::Checkpoint(_) => {}
            Event::Done(_) => {
                last_rows.end_file();
                break;
            }
        }
    }
    let is_left_out = |total: &TotalRow| {
        let (column, text) = &total.told_by;
        source.deleted.as_ref().is_some_and(|rule| rule.column == *column && rule.values.contains(text))
    };
    preview.totals = last_rows.found.into_iter().filter(|total| !is_left_out(total)).collect();
    Ok(())
}

/// What a code of a reject or a flag means, in a sentence.
pub fn meaning(code: &str) -> &'static str {
    let reject = RejectCode::ALL.iter().find(|reject| reject.name() == code).map(|reject| reject.meaning());
    let row = RowFault::ALL.iter().find(|fault| fault.name() == code).map(|fault| fault.meaning());
    let flag = Flag::ALL.iter().find(|flag| flag.name() == code).map(|flag| flag.meaning());
    reject.or(row).or(flag).unwrap_or_default()
}

fn look_at(preview: &mut SourcePreview, bench: &Workbench, source: &Source, batch: &Batch, records: usize, today: i32) {
    let mapping = Mapping::new(bench.project.clone(), source.clone());
    let missing = mapping.missing_columns(batch.cells.names());
    if !missing.is_empty() {
        preview.columns = batch.cells.names().to_vec();
    }
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
    let mut repeated = RepeatedKeys::default();
    for row in 0..batch.len() {
        let mapped = match bound.map(row, today, &mut hasher, &mut preview.flagged) {
            Ok(mapped) => mapped,
            Err(faulty) => {
                rejected += 1;
                for (fault, _) in faulty.faults {
                    *preview.rejected.entry(fault.name().to_owned()).or_default() += 1;
                }
                continue;
            }
        };
        repeated.see(&mapped.key, mapped.statement.content_hash);
        let parts = source.key.iter().filter_map(|name| batch.cells.column(name)?.get(row));
        repeated.see_parts(&parts.collect::<Vec<_>>());
        if preview.records.len() < records {
            let view = mapped.normalized.view();
            let value = |field: &vinculo_project::Field| ValuePreview {
                attribute: bench.project.attributes.name(field.attribute).to_owned(),
                raw: field
                    .columns
                    .iter()
                    .filter_map(|name| Some(in_one_line(batch.cells.column(name)?.get(row)?)))
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
    preview.repeated_keys = repeated.rows;
    preview.stand_in_keys = repeated.stand_ins;
    preview.too_many_rejects = rejected as f64 > source.max_reject_ratio * preview.sampled as f64;
}
