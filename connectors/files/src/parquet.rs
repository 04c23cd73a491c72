//! Rows of a Parquet file, as JSON objects of exact texts.

use crate::cut::{Cutter, Place, Record};
use crate::json_row::JsonRow;
use crate::listing::SourceFile;
use crate::number;
use arrow_array::cast::AsArray;
use arrow_array::types::{Float32Type, Float64Type};
use arrow_array::{Array, StructArray};
use arrow_cast::display::{ArrayFormatter, FormatOptions};
use arrow_schema::{ArrowError, DataType};
use parquet::arrow::arrow_reader::{ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder};
use std::fmt::Write;
use std::ops::Range;
use vinculo_connector::{ConnectorError, RefusalCode};
use vinculo_records::TextColumn;

/// Few enough that wide rows stay within any budget.
const ROWS_AT_ONCE: usize = 1024;

/// Reads a Parquet file row by row.
pub(crate) struct ParquetCutter {
    file: SourceFile,
    columns: Vec<String>,
    batches: ParquetRecordBatchReader,
    /// The cells of the rows at hand, as JSON.
    cells: Vec<TextColumn>,
    rows: usize,
    at: usize,
    row: JsonRow,
    place: Place,
    all_rows: u64,
}

impl ParquetCutter {
    pub(crate) fn open(file: &SourceFile, place: Place) -> Result<Self, ConnectorError> {
        let corrupt = |_| file.refused(RefusalCode::Corrupt);
        let builder = ParquetRecordBatchReaderBuilder::try_new(file.open()?).map_err(corrupt)?;
        let all_rows = u64::try_from(builder.metadata().file_metadata().num_rows()).unwrap_or_default();
        let columns = builder.schema().fields().iter().map(|field| field.name().clone()).collect();
        let passed = usize::try_from(place.line - 1).unwrap_or(usize::MAX);
        let batches = builder.with_batch_size(ROWS_AT_ONCE).with_offset(passed).build().map_err(corrupt)?;
        Ok(Self {
            file: file.clone(),
            columns,
            batches,
            cells: Vec::new(),
            rows: 0,
            at: 0,
            row: JsonRow::default(),
            place,
            all_rows,
        })
    }

    /// The names of the columns.
    pub(crate) fn columns(&self) -> &[String] {
        &self.columns
    }

    /// Brings the next rows to hand; false at the end.
    fn advance(&mut self) -> Result<bool, ConnectorError> {
        let Some(batch) = self.batches.next() else {
            return Ok(false);
        };
        let cells = batch.and_then(|batch| {
            self.rows = batch.num_rows();
            batch.columns().iter().map(|column| json_cells(column)).collect()
        });
        self.cells = cells.map_err(|_| self.file.refused(RefusalCode::Corrupt))?;
        self.at = 0;
        Ok(true)
    }
}

impl Cutter for ParquetCutter {
    fn next(&mut self) -> Result<Option<Record<'_>>, ConnectorError> {
        while self.at == self.rows {
            if !self.advance()? {
                return Ok(None);
            }
        }
        self.row.begin();
        for (name, column) in self.columns.iter().zip(&self.cells) {
            if let Some(json) = column.get(self.at) {
                self.row.key(name);
                self.row.push_json(json);
            }
        }
        let line = self.place.line;
        self.at += 1;
        self.place.line += 1;
        self.place.read += 1;
        Ok(Some(Record { raw: self.row.finish().as_bytes(), line, offset: None, fault: None, is_cut_off: false }))
    }

    fn place(&self) -> Place {
        self.place
    }

    fn all_records(&self) -> Option<u64> {
        Some(self.all_rows)
    }
}

/// Each value of an array as JSON; null where it is null. Structures become objects, lists arrays, all else a text.
fn json_cells(array: &dyn Array) -> Result<TextColumn, ArrowError> {
    match array.data_type() {
        DataType::Struct(_) => objects(array.as_struct()),
        DataType::List(_) => {
            let list = array.as_list::<i32>();
            lists(array, list.values(), |row| {
                let offsets = list.value_offsets();
                offsets[row] as usize..offsets[row + 1] as usize
            })
        }
        DataType::LargeList(_) => {
            let list = array.as_list::<i64>();
            lists(array, list.values(), |row| {
                let offsets = list.value_offsets();
                offsets[row] as usize..offsets[row + 1] as usize
            })
        }
        DataType::Map(..) => {
            let map = array.as_map();
            lists(array, map.entries(), |row| {
                let offsets = map.value_offsets();
                offsets[row] as usize..offsets[row + 1] as usize
            })
        }
        DataType::Utf8 => Ok(texts(array.as_string::<i32>().iter())),
        DataType::LargeUtf8 => Ok(texts(array.as_string::<i64>().iter())),
        DataType::Float64 => {
            let numbers = array.as_primitive::<Float64Type>().iter();
            Ok(texts(numbers.map(|number| number.and_then(number::text))))
        }
        DataType::Float32 => {
            // Through its own shortest text: 0.1 is not 0.10000000149011612.
            let numbers = array.as_primitive::<Float32Type>().iter();
            Ok(texts(numbers.map(|number| number.filter(|number| number.is_finite()).map(|number| number.to_string()))))
        }
        _ => formatted(array),
    }
}

fn texts<T: AsRef<str>>(values: impl Iterator<Item = Option<T>>) -> TextColumn {
    let mut cells = TextColumn::default();
    let mut json = JsonRow::default();
    for value in values {
        match value {
            Some(value) => cells.push(Some(json.text(value.as_ref()))),
            None => cells.push(None),
        }
    }
    cells
}

/// Dates, times, decimals, integers and the rest, in Arrow's own exact text.
fn formatted(array: &dyn Array) -> Result<TextColumn, ArrowError> {
    let options = FormatOptions::new().with_display_error(false);
    let formatter = ArrayFormatter::try_new(array, &options)?;
    let mut cells = TextColumn::default();
    let (mut text, mut json) = (String::new(), JsonRow::default());
    for row in 0..array.len() {
        if array.is_null(row) {
            cells.push(None);
            continue;
        }
        text.clear();
        write!(text, "{}", formatter.value(row)).map_err(|_| ArrowError::CastError("no text for a value".into()))?;
        cells.push(Some(json.text(&text)));
    }
    Ok(cells)
}

fn objects(array: &StructArray) -> Result<TextColumn, ArrowError> {
    let names = array.column_names();
    let columns = array.columns().iter().map(|column| json_cells(column)).collect::<Result<Vec<_>, _>>()?;
    let mut cells = TextColumn::default();
    let mut json = JsonRow::default();
    for row in 0..array.len() {
        if array.is_null(row) {
            cells.push(None);
            continue;
        }
        json.begin();
        for (name, column) in names.iter().zip(&columns) {
            if let Some(value) = column.get(row) {
                json.key(name);
                json.push_json(value);
            }
        }
        cells.push(Some(json.finish()));
    }
    Ok(cells)
}

fn lists(
    array: &dyn Array,
    values: &dyn Array,
    range: impl Fn(usize) -> Range<usize>,
) -> Result<TextColumn, ArrowError> {
    let values = json_cells(values)?;
    let mut cells = TextColumn::default();
    for row in 0..array.len() {
        if array.is_null(row) {
            cells.push(None);
            continue;
        }
        let elements: Vec<_> = range(row).map(|at| values.get(at).unwrap_or("null")).collect();
        cells.push(Some(&format!("[{}]", elements.join(","))));
    }
    Ok(cells)
}
