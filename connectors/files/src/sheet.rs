//! Rows of a sheet of an XLSX workbook, as JSON objects of texts.
//!
//! The format cannot be streamed, so the sheet's cells are held in memory and what a workbook may hold is bounded.

use crate::cut::{Cutter, Place, Record};
use crate::dialect::column_names;
use crate::json_row::JsonRow;
use crate::listing::SourceFile;
use crate::number;
use crate::options::{Header, Settings};
use crate::titles::{HEADER_MIN, TITLES_MAX};
use calamine::{DataRef, ExcelDateTime, Reader, Xlsx, XlsxError};
use std::fs::File;
use std::io::{self, BufReader, Read};
use std::ops::Range;
use vinculo_connector::{ConnectorError, Finding, How, OptionLine, RefusalCode, RejectCode};
use vinculo_records::TextColumn;

/// Bytes of a workbook file.
const FILE_MAX: u64 = 64 << 20;
/// Bytes of all its parts, unpacked.
const UNPACKED_MAX: u64 = 512 << 20;
/// Cells of the sheet that are not empty.
const CELLS_MAX: usize = 10_000_000;

/// Cells that are not empty, row by row.
#[derive(Default)]
struct Cells {
    /// Row and column, both from 0 on.
    places: Vec<(u32, u32)>,
    texts: TextColumn,
}

impl Cells {
    /// The cells of the row that begins at cell `start`.
    fn row(&self, start: usize) -> Range<usize> {
        let Some((row, _)) = self.places.get(start) else {
            return start..start;
        };
        let length = self.places[start..].iter().take_while(|(other, _)| other == row).count();
        start..start + length
    }
}

/// Gives the rows of one sheet, which is in memory.
pub(crate) struct SheetCutter {
    columns: Vec<String>,
    /// The sheet's column that is the first one named.
    first_column: u32,
    cells: Cells,
    at: usize,
    row: JsonRow,
    place: Place,
    findings: Vec<Finding>,
}

impl SheetCutter {
    pub(crate) fn open(file: &SourceFile, settings: &Settings, place: Option<Place>) -> Result<Self, ConnectorError> {
        check_size(file)?;
        let mut workbook = Xlsx::new(BufReader::new(file.open()?)).map_err(|error| damaged(file, &error))?;
        let (sheet, finding) = choose_sheet(file, settings, &workbook.sheet_names())?;
        let cells = read_cells(file, &mut workbook, &sheet)?;
        let mut cutter = Self {
            columns: Vec::new(),
            first_column: 0,
            cells,
            at: 0,
            row: JsonRow::default(),
            place: Place::START,
            findings: vec![finding],
        };
        cutter.pass_over_titles(settings);
        cutter.name_columns(file, &settings.header)?;
        if let Some(place) = place {
            cutter.at = cutter.cells.places.partition_point(|(row, _)| u64::from(*row) + 1 < place.line);
            cutter.place = place;
        }
        Ok(cutter)
    }

    /// The names of the columns.
    pub(crate) fn columns(&self) -> &[String] {
        &self.columns
    }

    /// Which sheet, how it was chosen, and what stands above its header.
    pub(crate) fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// Passes over the rows above the header: as many as are declared, or those of a single cell.
    fn pass_over_titles(&mut self, settings: &Settings) {
        let is_title = |start: usize, rows: usize| match settings.title_lines {
            Some(declared) => self.cells.places.get(start).is_some_and(|(row, _)| (*row as usize) < declared),
            None => rows < TITLES_MAX && self.cells.row(start).len() == 1,
        };
        let (mut at, mut rows) = (0, 0);
        while is_title(at, rows) {
            at = self.cells.row(at).end;
            rows += 1;
        }
        let how = if settings.title_lines.is_some() { How::Declared } else { How::Detected };
        let is_header = settings.header == Header::Assumed && self.cells.row(at).len() >= HEADER_MIN;
        if rows > 0 && (is_header || how == How::Declared) {
            self.at = at;
            self.place.line = self.cells.places.get(at).map_or(1, |(row, _)| u64::from(*row) + 1);
            self.findings.push(Finding::new("title_lines", rows.to_string(), how));
        }
    }

    fn name_columns(&mut self, file: &SourceFile, header: &Header) -> Result<(), ConnectorError> {
        let columns = || self.cells.places.iter().map(|(_, column)| *column);
        if let Header::Absent(names) = header {
            let last = columns().max().map_or(0, |last| last + 1);
            self.columns = names.clone().unwrap_or_else(|| (1..=last).map(|n| format!("c{n}")).collect());
            return Ok(());
        }
        let first = self.cells.row(self.at);
        let Some((row, first_column)) = self.cells.places.get(self.at).copied() else {
            return Ok(());
        };
        let last_column = self.cells.places[first.end - 1].1;
        let mut names = vec![String::new(); (last_column - first_column + 1) as usize];
        for at in first.clone() {
            names[(self.cells.places[at].1 - first_column) as usize] = self.cells.texts.text(at).to_owned();
        }
        let line = u64::from(row) + 1;
        self.first_column = first_column;
        self.columns = column_names(file, &names, *header == Header::Assumed, line)?;
        self.at = first.end;
        self.place.line = line + 1;
        Ok(())
    }
}

impl Cutter for SheetCutter {
    fn next(&mut self) -> Result<Option<Record<'_>>, ConnectorError> {
        let row = self.cells.row(self.at);
        let Some((number, _)) = self.cells.places.get(row.start) else {
            return Ok(None);
        };
        let line = u64::from(*number) + 1;
        self.place.blank += line - self.place.line;
        self.place.line = line + 1;
        self.place.read += 1;
        self.at = row.end;
        self.row.begin();
        let mut fault = None;
        for at in row {
            let column = self.cells.places[at].1.checked_sub(self.first_column);
            match column.and_then(|column| self.columns.get(column as usize)) {
                Some(name) => {
                    self.row.key(name);
                    self.row.push_text(self.cells.texts.text(at));
                }
                None => fault = Some(RejectCode::ColumnCount),
            }
        }
        Ok(Some(Record { raw: self.row.finish().as_bytes(), line, offset: None, fault, is_cut_off: false }))
    }

    fn place(&self) -> Place {
        self.place
    }
}

/// What a workbook's error says may quote the workbook, so it is not passed on.
fn damaged(file: &SourceFile, error: &XlsxError) -> ConnectorError {
    let detail = match error {
        XlsxError::Password => "the workbook is protected by a password",
        _ => "no readable workbook",
    };
    file.refused(RefusalCode::Corrupt).because(detail).into()
}

fn choose_sheet(file: &SourceFile, settings: &Settings, names: &[String]) -> Result<(String, Finding), ConnectorError> {
    let (sheet, how) = match (&settings.sheet, names) {
        (Some(declared), names) if names.contains(declared) => (declared, How::Declared),
        (None, [only]) => (only, How::Detected),
        _ => {
            let lines = names.iter().map(|name| OptionLine::new("sheet", name.as_str()));
            return Err(file.refused(RefusalCode::UnknownSheet).hint_each_of(lines).into());
        }
    };
    Ok((sheet.clone(), Finding::new("sheet", sheet, how)))
}

/// Unpacks the whole workbook once into nothing, since what an archive says of its sizes may be a lie.
fn check_size(file: &SourceFile) -> Result<(), ConnectorError> {
    let too_large = |detail: &str| Err(file.refused(RefusalCode::TooLarge).because(detail).into());
    if file.identity.bytes > FILE_MAX {
        return too_large("a workbook of more than 64 MB; save it as CSV");
    }
    let corrupt = |_| file.refused(RefusalCode::Corrupt);
    let mut archive = zip::ZipArchive::new(BufReader::new(file.open()?)).map_err(corrupt)?;
    let mut left = UNPACKED_MAX;
    for part in 0..archive.len() {
        let part = archive.by_index(part).map_err(corrupt)?;
        let unpacked = io::copy(&mut part.take(left + 1), &mut io::sink());
        let unpacked = unpacked.map_err(|_| file.refused(RefusalCode::Corrupt))?;
        if unpacked > left {
            return too_large("a workbook of more than 512 MB when unpacked; save it as CSV");
        }
        left -= unpacked;
    }
    Ok(())
}

fn read_cells(file: &SourceFile, workbook: &mut Xlsx<BufReader<File>>, sheet: &str) -> Result<Cells, ConnectorError> {
    let mut reader = workbook.worksheet_cells_reader(sheet).map_err(|error| damaged(file, &error))?;
    let mut cells = Cells::default();
    while let Some(cell) = reader.next_cell().map_err(|error| damaged(file, &error))? {
        let place = cell.get_position();
        let Some(text) = text(cell.get_value()) else {
            continue;
        };
        if cells.places.last().is_some_and(|last| *last >= place) {
            return Err(file.refused(RefusalCode::Corrupt).because("cells are out of order").into());
        }
        if cells.places.len() == CELLS_MAX {
            return Err(file
                .refused(RefusalCode::TooLarge)
                .because("more than 10 million cells; save it as CSV")
                .into());
        }
        cells.places.push(place);
        cells.texts.push(Some(&text));
    }
    Ok(cells)
}

/// A cell as people see it, dates as ISO dates; none for an empty one.
fn text(value: &DataRef<'_>) -> Option<String> {
    match value {
        DataRef::Int(number) => Some(number.to_string()),
        DataRef::Float(number) => number::text(*number),
        DataRef::String(text) => Some(text.clone()),
        DataRef::SharedString(text) => Some((*text).to_owned()),
        DataRef::Bool(truth) => Some(truth.to_string()),
        DataRef::DateTime(moment) => date_text(moment),
        DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => Some(text.clone()),
        DataRef::Error(error) => Some(error.to_string()),
        DataRef::Empty => None,
    }
    .filter(|text| !text.is_empty())
}

/// A day, a moment, or a time of day; a number where the serial is outside of Excel's calendar.
fn date_text(moment: &ExcelDateTime) -> Option<String> {
    let serial = moment.as_f64();
    if !(0.0..2_958_466.0).contains(&serial) {
        return number::text(serial);
    }
    let (year, month, day, hour, minute, second, milli) = moment.to_ymd_hms_milli();
    let mut time = format!("{hour:02}:{minute:02}:{second:02}");
    if milli > 0 {
        time = format!("{time}.{milli:03}");
    }
    let is_midnight = (hour, minute, second, milli) == (0, 0, 0, 0);
    Some(match (moment.is_duration(), is_midnight) {
        (true, _) => format!("{}{}", serial.trunc() * 24.0 + f64::from(hour), &time[2..]),
        (false, _) if serial < 1.0 => time,
        (false, true) => format!("{year:04}-{month:02}-{day:02}"),
        (false, false) => format!("{year:04}-{month:02}-{day:02}T{time}"),
    })
}
