//! What a sample of delimited text tells: its delimiter, its header, where its records begin.

use crate::lines::LineEnd;
use crate::listing::SourceFile;
use crate::options::{Header, Settings};
use crate::titles;
use crate::window::{RecordEnd, line_breaks};
use std::collections::BTreeSet;
use vinculo_connector::{
    ConnectorError, Decoder, Delimited, Finding, How, OptionLine, RawFormat, Refusal, RefusalCode,
};

/// The delimiters that are looked for.
const CANDIDATES: [u8; 4] = *b",;\t|";

/// How the text is to be read.
pub(crate) struct Dialect {
    pub(crate) layout: Delimited,
    pub(crate) findings: Vec<Finding>,
    /// Bytes and lines before the first record.
    pub(crate) header_bytes: usize,
    pub(crate) header_lines: u64,
}

/// Characters that split a text where none of the candidates does; which of them does is not guessed but asked.
const UNUSUAL: &[u8] = b"^~#:!$*%&=+\x01\x1C\x1D\x1E\x1F";

/// The delimiters that are looked for.
pub(crate) fn candidates() -> impl Iterator<Item = u8> {
    CANDIDATES.into_iter()
}

/// Whole records at the beginning of a text.
pub(crate) struct Sample<'a> {
    pub(crate) text: &'a [u8],
    pub(crate) quote: Option<u8>,
}

impl<'a> Sample<'a> {
    /// The records as a delimiter would have them, blank lines left out; the last one only when it is whole.
    pub(crate) fn records(&self, delimiter: u8, is_whole: bool) -> impl Iterator<Item = &'a [u8]> + use<'a> {
        let (quote, mut rest) = (self.quote, self.text);
        std::iter::from_fn(move || {
            while !rest.is_empty() {
                let end = LineEnd::new(delimiter, quote).find(rest);
                let record = &rest[..end.unwrap_or(rest.len())];
                rest = rest.get(record.len() + 1..).unwrap_or_default();
                if !record.is_empty() && (end.is_some() || is_whole) {
                    return Some(record);
                }
            }
            None
        })
    }

    /// The share of records with as many cells as the header, if that has several. Empty cells behind the last column
    /// do not count.
    pub(crate) fn fit(&self, delimiter: u8, is_whole: bool) -> f64 {
        let mut records = self.records(delimiter, is_whole);
        let columns = match records.next().map(|header| count_cells(header, delimiter, self.quote)) {
            Some((_, columns)) if columns > 1 => columns,
            _ => return 0.0,
        };
        let (mut fitting, mut all) = (1.0, 1.0);
        for record in records {
            let (cells, filled) = count_cells(record, delimiter, self.quote);
            all += 1.0;
            fitting += f64::from(u8::from(cells >= columns && filled <= columns));
        }
        fitting / all
    }
}

/// Reads the dialect off a sample; `is_whole` when nothing follows it, `tabs` when the name says so.
///
/// # Errors
/// Refused when no single delimiter remains, or when the header is none, or names a column twice.
pub(crate) fn read(
    file: &SourceFile,
    settings: &Settings,
    text: &[u8],
    is_whole: bool,
    tabs: bool,
) -> Result<Dialect, ConnectorError> {
    let (marked, marked_bytes) = excel_mark(text);
    let text = &text[marked_bytes..];
    let titles = titles::find(settings, text, is_whole);
    let text = titles.map_or(text, |titles| &text[titles.bytes..]);
    let sample = Sample { text, quote: settings.quote };
    let named = Some(b'\t').filter(|tab| tabs && first_line(text).contains(tab));
    let (delimiter, how) = match (settings.delimiter, marked, named) {
        (Some(declared), ..) => (declared, How::Declared),
        (None, Some(marked), _) => (marked, How::Marked),
        (None, None, Some(tab)) => (tab, How::Named),
        (None, None, None) => detect(&sample, is_whole).map_err(|ambiguous| unknown_delimiter(file, &ambiguous))?,
    };
    if how == How::Declared {
        check_declared(file, &sample, delimiter, is_whole)?;
    }
    let first = sample.records(delimiter, is_whole).next();
    let Some(first) = first else {
        let too_long = file.refused(RefusalCode::UnclosedQuote).because("the first line does not end");
        return if is_whole {
            Ok(without_records(settings, delimiter, how, marked_bytes))
        } else {
            Err(too_long.at(1).into())
        };
    };
    let mut dialect = Dialect {
        layout: Delimited { columns: Vec::new(), delimiter, quote: settings.quote },
        findings: vec![Finding::new("delimiter", shown(delimiter), how)],
        header_bytes: marked_bytes,
        header_lines: u64::from(marked_bytes > 0),
    };
    if let Some(titles) = titles {
        dialect.findings.push(Finding::new("title_lines", titles.lines.to_string(), titles.how));
        dialect.header_bytes += titles.bytes;
        dialect.header_lines += titles.lines;
    }
    let Some(cells) = cells_of(first, &dialect.layout) else {
        return Err(file.refused(RefusalCode::NoHeader).because("the first line is broken").at(1).into());
    };
    if cells.len() == 1 && how != How::Declared {
        check_unusual(file, &sample, is_whole)?;
    }
    let header_how = match &settings.header {
        Header::Absent(columns) => {
            dialect.layout.columns = columns.clone().unwrap_or_else(|| numbered(cells.len()));
            How::Declared
        }
        named => {
            let at = text.len() - from_first_record(text).len();
            let line = dialect.header_lines + 1 + line_breaks(&text[..at]);
            dialect.layout.columns = column_names(file, &cells, *named == Header::Assumed, line)?;
            let behind = &text[at + first.len()..];
            let line_end = if behind.starts_with(b"\r\n") { 2 } else { usize::from(!behind.is_empty()) };
            dialect.header_bytes += at + first.len() + line_end;
            dialect.header_lines = line + line_breaks(first);
            if *named == Header::Declared { How::Declared } else { How::Assumed }
        }
    };
    let has_header = !matches!(settings.header, Header::Absent(_));
    dialect.findings.push(Finding::new("header", has_header.to_string(), header_how));
    Ok(dialect)
}

/// The line `sep=;` that Excel understands: the delimiter, and how many bytes the line takes.
fn excel_mark(text: &[u8]) -> (Option<u8>, usize) {
    let line = first_line(text);
    match line {
        [mark @ .., delimiter] if mark.eq_ignore_ascii_case(b"sep=") && delimiter.is_ascii() => {
            let line_end = if text[line.len()..].starts_with(b"\r\n") { 2 } else { 1 };
            (Some(*delimiter), (line.len() + line_end).min(text.len()))
        }
        _ => (None, 0),
    }
}

fn first_line(text: &[u8]) -> &[u8] {
    let end = memchr::memchr2(b'\n', b'\r', text);
    &text[..end.unwrap_or(text.len())]
}

/// The text behind its leading blank lines.
fn from_first_record(text: &[u8]) -> &[u8] {
    let blank = text.iter().take_while(|byte| matches!(byte, b'\n' | b'\r')).count();
    &text[blank..]
}

/// The one candidate that splits the header and all records alike, or else nearly all, or else most of them.
fn detect(sample: &Sample<'_>, is_whole: bool) -> Result<(u8, How), Vec<u8>> {
    let fits: Vec<_> = candidates().map(|byte| sample.fit(byte, is_whole)).collect();
    for enough in [1.0, 0.8, 0.5] {
        let fitting = CANDIDATES.iter().zip(&fits).filter(|(_, fit)| **fit >= enough);
        match fitting.map(|(byte, _)| *byte).collect::<Vec<_>>() {
            none if none.is_empty() => {}
            only if only.len() == 1 => return Ok((only[0], How::Detected)),
            several => return Err(several),
        }
    }
    // A header that is one quoted cell has its delimiters within; what that means is judged with the name it gives.
    let header = sample.records(b',', is_whole).next().unwrap_or_default();
    if sample.quote.is_some_and(|quote| header.first() == Some(&quote)) {
        return Ok((b',', How::Assumed));
    }
    let occurs = |byte: u8| memchr::memchr(byte, sample.text).is_some();
    match candidates().filter(|byte| occurs(*byte)).collect::<Vec<_>>() {
        none if none.is_empty() => Ok((b',', How::Assumed)),
        some => Err(some),
    }
}

/// How many cells a record has, and how many up to the last one that is not empty.
pub(crate) fn count_cells(record: &[u8], delimiter: u8, quote: Option<u8>) -> (usize, usize) {
    let (mut cells, mut filled) = (1, 0);
    let (mut is_at_start, mut is_quoted_cell, mut is_inside) = (true, false, false);
    for byte in record {
        if *byte == delimiter && !is_inside {
            cells += 1;
            (is_at_start, is_quoted_cell) = (true, false);
            continue;
        }
        if quote == Some(*byte) && (is_at_start || is_quoted_cell) {
            is_quoted_cell = true;
            is_inside = !is_inside;
        }
        filled = cells;
        is_at_start = false;
    }
    (cells, filled)
}

/// Refuses a text that no candidate splits and an unusual character does, in each of its records alike.
fn check_unusual(file: &SourceFile, sample: &Sample<'_>, is_whole: bool) -> Result<(), ConnectorError> {
    let has_records = sample.records(b',', is_whole).nth(1).is_some();
    match UNUSUAL.iter().find(|byte| has_records && sample.fit(**byte, is_whole) >= 1.0) {
        Some(byte) => {
            let delimiter = char::from(*byte).to_string();
            Err(file.refused(RefusalCode::UnknownDelimiter).hint("delimiter", delimiter).into())
        }
        None => Ok(()),
    }
}

/// Refuses a declared delimiter that hardly a record fits where another one fits better.
fn check_declared(file: &SourceFile, sample: &Sample<'_>, declared: u8, is_whole: bool) -> Result<(), ConnectorError> {
    let fit = sample.fit(declared, is_whole);
    match detect(sample, is_whole) {
        Ok((other, How::Detected)) if other != declared && fit < 0.5 && sample.fit(other, is_whole) > fit => {
            let refusal = file.refused(RefusalCode::WrongDelimiter);
            Err(refusal.hint("delimiter", declared_as(other)).into())
        }
        _ => Ok(()),
    }
}

fn unknown_delimiter(file: &SourceFile, candidates: &[u8]) -> Refusal {
    let lines = candidates.iter().map(|byte| OptionLine::new("delimiter", declared_as(*byte)));
    file.refused(RefusalCode::UnknownDelimiter).hint_one_of(lines)
}

/// The value that declares a delimiter.
fn declared_as(delimiter: u8) -> String {
    if delimiter == b'\t' { "tab".to_owned() } else { char::from(delimiter).to_string() }
}

/// The same as it is written.
fn shown(delimiter: u8) -> String {
    if delimiter == b'\t' { declared_as(delimiter) } else { format!("\"{}\"", declared_as(delimiter)) }
}

fn without_records(settings: &Settings, delimiter: u8, how: How, marked_bytes: usize) -> Dialect {
    let columns = match &settings.header {
        Header::Absent(Some(columns)) => columns.clone(),
        _ => Vec::new(),
    };
    Dialect {
        layout: Delimited { columns, delimiter, quote: settings.quote },
        findings: vec![Finding::new("delimiter", shown(delimiter), how)],
        header_bytes: marked_bytes,
        header_lines: u64::from(marked_bytes > 0),
    }
}

fn numbered(columns: usize) -> Vec<String> {
    (1..=columns).map(|n| format!("c{n}")).collect()
}

/// The cells of one record; none when it is broken.
fn cells_of(record: &[u8], layout: &Delimited) -> Option<Vec<String>> {
    let (cells, _) = count_cells(record, layout.delimiter, layout.quote);
    let layout = Delimited { columns: numbered(cells), ..layout.clone() };
    let mut decoder = Decoder::new(&RawFormat::Delimited(layout));
    decoder.push(std::str::from_utf8(record).ok()?).ok()?;
    Some(decoder.cells().columns().iter().map(|column| column.text(0).to_owned()).collect())
}

/// The names that a header gives: trimmed, byte order marks gone; one without a name is numbered; nameless ones at the
/// end are no columns.
///
/// # Errors
/// Refused when it is no header, or when a name occurs twice. Names are not repeated in messages: a header that is
/// none is a record.
pub(crate) fn column_names(
    file: &SourceFile,
    cells: &[String],
    must_look_like_one: bool,
    line: u64,
) -> Result<Vec<String>, ConnectorError> {
    let is_invisible = |c: char| c.is_whitespace() || matches!(c, '\u{FEFF}' | '\u{200B}');
    let mut names: Vec<_> = cells.iter().map(|cell| cell.trim_matches(is_invisible).to_owned()).collect();
    while names.last().is_some_and(String::is_empty) {
        names.pop();
    }
    let no_header = || file.refused(RefusalCode::NoHeader).at(line);
    if names.is_empty() {
        return Err(no_header().because("the first line names no column").into());
    }
    if must_look_like_one && names.iter().any(|name| looks_like_a_value(name)) {
        return Err(no_header().hint_one_of([false, true].map(|is| OptionLine::new("header", is))).into());
    }
    // Legitimate names may hold any of these; then `header: true` says so.
    if let ([only], true) = (names.as_slice(), must_look_like_one)
        && only.contains([',', ';', '\t', '|'])
    {
        let why = "the only column has several names in one: the text was put into one column of a sheet, or each line \
                   stands in quotes as a whole; export it again";
        return Err(file.refused(RefusalCode::WrongDelimiter).at(line).because(why).into());
    }
    for (position, name) in names.iter_mut().enumerate().filter(|(_, name)| name.is_empty()) {
        *name = format!("c{}", position + 1);
    }
    let mut seen = BTreeSet::new();
    if let Some(second) = names.iter().position(|name| !seen.insert(name)) {
        let first = names.iter().position(|name| *name == names[second]).unwrap_or_default();
        let detail = format!("columns {} and {} have the same name", first + 1, second + 1);
        return Err(file.refused(RefusalCode::DuplicateHeader).at(line).because(detail).into());
    }
    Ok(names)
}

/// E-mail addresses, numbers and dates are no names of columns.
fn looks_like_a_value(name: &str) -> bool {
    let has_letters = name.chars().any(char::is_alphabetic);
    let is_address = name.split_once('@').is_some_and(|(_, host)| host.contains('.'));
    is_address || (!has_letters && name.chars().any(char::is_numeric))
}
