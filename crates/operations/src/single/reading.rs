//! A line of JSON → a record of its source, as if a delivery had brought it.

use crate::ingest::mapping::{FaultyRow, MappedRow, Mapping};
use serde::Serialize;
use vinculo_connector::{Cells, Decoder, RawFormat, RefusalCode, RejectCode};
use vinculo_records::NormalizedRecord;
use vinculo_records::hash::ContentHasher;
use vinculo_store::DeliveryFile;

/// What is wrong with a line: reason codes, each with the column that has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LineFault {
    /// The reason's code.
    pub code: String,
    /// The column, where it is one column's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<String>,
}

/// The record that a line says.
///
/// # Errors
/// All that is wrong with it.
pub(super) fn record(mapping: &Mapping, line: &str, today: i32) -> Result<MappedRow, Vec<LineFault>> {
    let cells = cells(line)?;
    let row = mapping.bind(&cells).map(0, today, &mut ContentHasher::new(), &mut Default::default()).map_err(faults)?;
    match row.statement.deleted {
        true => Ok(row),
        false => says_something(mapping, &cells).map(|()| row),
    }
}

/// The text of a line.
///
/// # Errors
/// Bytes that are no UTF-8.
pub(super) fn text(line: &[u8]) -> Result<&str, Vec<LineFault>> {
    std::str::from_utf8(line)
        .map_err(|_| vec![LineFault { code: RejectCode::Encoding.name().to_owned(), column: None }])
}

/// The values that a line says, whether or not it has a key.
///
/// # Errors
/// All that is wrong with it.
pub(super) fn values(mapping: &Mapping, line: &str, today: i32) -> Result<NormalizedRecord, Vec<LineFault>> {
    let cells = cells(line)?;
    says_something(mapping, &cells)?;
    mapping.bind(&cells).values(0, today).map_err(faults)
}

/// A line with none of the columns that have fields would take all values away from its record: they are misspelled.
fn says_something(mapping: &Mapping, cells: &Cells) -> Result<(), Vec<LineFault>> {
    let fault = || LineFault { code: RefusalCode::MissingColumn.name().to_owned(), column: None };
    if mapping.has_field_among(cells.names()) { Ok(()) } else { Err(vec![fault()]) }
}

/// Where the records of this command come from, as the store keeps it of every delivery.
pub(super) fn file() -> DeliveryFile {
    let format = serde_json::json!({"raw": RawFormat::Json, "encoding": "utf-8", "findings": []});
    DeliveryFile { file_no: 0, path: "vinculo resolve".into(), format, bytes: 0, lines: 0 }
}

fn cells(line: &str) -> Result<Cells, Vec<LineFault>> {
    let mut decoder = Decoder::new(&RawFormat::Json);
    decoder.push(line).map_err(|faults| {
        let fault = |code: &RejectCode| LineFault { code: code.name().to_owned(), column: None };
        faults.codes.iter().map(fault).collect::<Vec<_>>()
    })?;
    Ok(decoder.take())
}

fn faults(faulty: FaultyRow) -> Vec<LineFault> {
    let fault = |(fault, column): (crate::ingest::mapping::RowFault, String)| LineFault {
        code: fault.name().to_owned(),
        column: Some(column),
    };
    faulty.faults.into_iter().map(fault).collect()
}
