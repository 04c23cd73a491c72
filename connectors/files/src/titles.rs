//! Lines above the header of delimited text: a title, a date of the report, a blank line.

use crate::dialect::{Sample, candidates, count_cells};
use crate::lines::LineEnd;
use crate::options::{Header, Settings};
use crate::window::{RecordEnd, line_breaks};
use vinculo_connector::How;

/// More lines than this are no titles.
pub(crate) const TITLES_MAX: usize = 10;
/// A header of fewer columns could be a line of the text as well.
pub(crate) const HEADER_MIN: usize = 3;
/// The share of records that must have as many cells as the header found.
const FIT_MIN: f64 = 0.8;

/// The lines above the header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Titles {
    pub(crate) bytes: usize,
    pub(crate) lines: u64,
    pub(crate) how: How,
}

/// As many lines as are declared; else the first few lines of a single cell, if a header of several follows that the
/// records fit.
pub(crate) fn find(settings: &Settings, text: &[u8], is_whole: bool) -> Option<Titles> {
    if let Some(declared) = settings.title_lines {
        return (declared > 0).then(|| first_lines(text, declared));
    }
    if settings.header != Header::Assumed {
        return None;
    }
    let delimiters = settings.delimiter.map_or_else(|| candidates().collect(), |declared| vec![declared]);
    let found = delimiters.into_iter().filter_map(|delimiter| above_header(settings, text, delimiter, is_whole));
    // The fewest lines, so that nothing that could be a record is passed over.
    found.min_by_key(|titles| titles.bytes)
}

fn first_lines(text: &[u8], lines: usize) -> Titles {
    let (mut bytes, mut found) = (0, 0);
    while found < lines && bytes < text.len() {
        let line = memchr::memchr2(b'\n', b'\r', &text[bytes..]).unwrap_or(text.len() - bytes);
        bytes += line + length_of_line_end(&text[bytes + line..]);
        found += 1;
    }
    Titles { bytes, lines: found as u64, how: How::Declared }
}

fn length_of_line_end(text: &[u8]) -> usize {
    if text.starts_with(b"\r\n") { 2 } else { text.len().min(1) }
}

fn above_header(settings: &Settings, text: &[u8], delimiter: u8, is_whole: bool) -> Option<Titles> {
    let mut bytes = 0;
    let mut titles = 0;
    loop {
        let rest = &text[bytes..];
        let line = LineEnd::new(delimiter, settings.quote).find(rest)?;
        let (_, filled) = count_cells(&rest[..line], delimiter, settings.quote);
        if filled > 1 {
            break;
        }
        titles += usize::from(line > 0);
        bytes += line + length_of_line_end(&rest[line..]);
    }
    let sample = Sample { text: &text[bytes..], quote: settings.quote };
    let header = sample.records(delimiter, is_whole).next()?;
    let (_, columns) = count_cells(header, delimiter, settings.quote);
    let is_header = (1..=TITLES_MAX).contains(&titles) && columns >= HEADER_MIN;
    let fits =
        is_header && sample.records(delimiter, is_whole).nth(1).is_some() && sample.fit(delimiter, is_whole) >= FIT_MIN;
    fits.then(|| Titles { bytes, lines: line_breaks(&text[..bytes]), how: How::Detected })
}
