//! Records of lines: delimited text, whose quoted cells may hold line breaks, and JSON Lines.

use crate::cut::{Cutter, Place, Record};
use crate::listing::SourceFile;
use crate::window::{Found, RecordEnd, TooLong, Window, is_padding, line_breaks};
use memchr::{memchr, memchr2, memchr3};
use vinculo_connector::{ConnectorError, RefusalCode, RejectCode};

/// Finds the end of a line, be it LF, CR LF or CR, outside of quotes. A quote counts only at the start of a cell.
#[derive(Debug, Clone)]
pub(crate) struct LineEnd {
    /// Delimiter and quote; none where lines are just lines.
    quoting: Option<(u8, u8)>,
    looked: usize,
    state: State,
    had_quotes: bool,
    /// The byte before the first one at hand. A record begins as a cell does: behind a delimiter.
    before: u8,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Plain,
    Quoted,
    /// Behind a quote inside quotes: the closing one, or the first of two.
    QuoteSeen,
}

impl LineEnd {
    pub(crate) fn new(delimiter: u8, quote: Option<u8>) -> Self {
        Self {
            quoting: quote.map(|quote| (delimiter, quote)),
            looked: 0,
            state: State::Plain,
            had_quotes: false,
            before: delimiter,
        }
    }

    pub(crate) fn of_plain_lines() -> Self {
        Self::new(b'\n', None)
    }

    fn restart(&mut self) {
        self.looked = 0;
        self.state = State::Plain;
        self.had_quotes = false;
        self.before = self.quoting.map_or(b'\n', |(delimiter, _)| delimiter);
    }

    /// Looks on from `self.looked` outside of quotes.
    fn find_plain(&mut self, seen: &[u8]) -> Option<usize> {
        let rest = &seen[self.looked..];
        let found = match self.quoting {
            Some((_, quote)) => memchr3(b'\n', b'\r', quote, rest),
            None => memchr2(b'\n', b'\r', rest),
        };
        let Some(at) = found.map(|at| self.looked + at) else {
            self.looked = seen.len();
            return None;
        };
        if matches!(seen[at], b'\n' | b'\r') {
            self.looked = at;
            return Some(at);
        }
        let before = if at == 0 { self.before } else { seen[at - 1] };
        if self.quoting.is_some_and(|(delimiter, _)| delimiter == before) {
            self.state = State::Quoted;
            self.had_quotes = true;
        }
        self.looked = at + 1;
        None
    }
}

impl RecordEnd for LineEnd {
    fn find(&mut self, seen: &[u8]) -> Option<usize> {
        while self.looked < seen.len() {
            match (self.state, self.quoting) {
                (State::Quoted, Some((_, quote))) => match memchr(quote, &seen[self.looked..]) {
                    Some(at) => {
                        self.looked += at + 1;
                        self.state = State::QuoteSeen;
                    }
                    None => self.looked = seen.len(),
                },
                (State::QuoteSeen, Some((_, quote))) if seen[self.looked] == quote => {
                    self.looked += 1;
                    self.state = State::Quoted;
                }
                _ => {
                    self.state = State::Plain;
                    if let Some(end) = self.find_plain(seen) {
                        return Some(end);
                    }
                }
            }
        }
        None
    }

    fn forget(&mut self, gone: &[u8]) {
        self.looked = self.looked.saturating_sub(gone.len());
        self.before = gone.last().copied().unwrap_or(self.before);
    }
}

/// Cuts a text into its lines, or into records of several lines where quotes hold line breaks.
pub(crate) struct LineCutter {
    file: SourceFile,
    window: Window,
    end: LineEnd,
    place: Place,
    /// The beginning of a record that was too long.
    kept: Vec<u8>,
}

impl LineCutter {
    /// Goes on at `place`, where the window stands already.
    pub(crate) fn new(file: &SourceFile, window: Window, end: LineEnd, place: Place) -> Self {
        Self { file: file.clone(), window, end, place, kept: Vec::new() }
    }

    /// The length of the line end that stands `at` bytes ahead: two for CR LF, none at the end of the text.
    fn line_end(&mut self, at: usize) -> Result<usize, ConnectorError> {
        self.window.fill_to(at + 2)?;
        Ok(match self.window.unread().get(at..).unwrap_or_default() {
            [b'\r', b'\n', ..] => 2,
            [_, ..] => 1,
            [] => 0,
        })
    }

    fn whole(&mut self, length: usize, is_cut_off: bool) -> Result<Option<Record<'_>>, ConnectorError> {
        let line_end = self.line_end(length)?;
        let raw = &self.window.unread()[..length];
        let text = match raw.iter().rposition(|byte| !is_padding(*byte)) {
            Some(last) if is_cut_off => last + 1,
            None if is_cut_off => 0,
            _ => length,
        };
        let Place { offset, line, .. } = self.place;
        self.place.offset += (length + line_end) as u64;
        if text == 0 {
            let is_line = line_end > 0;
            self.place.line += u64::from(is_line);
            self.place.blank += u64::from(is_line);
            self.window.consume(length + line_end);
            return Ok(None);
        }
        self.place.line += 1 + if self.end.had_quotes { line_breaks(raw) } else { 0 };
        self.place.read += 1;
        Ok(Some(Record {
            raw: self.window.take(text, length + line_end),
            line,
            offset: Some(offset),
            fault: None,
            is_cut_off,
        }))
    }

    fn too_long(&mut self, passed: TooLong) -> Result<Option<Record<'_>>, ConnectorError> {
        let Place { offset, line, .. } = self.place;
        if passed.is_cut_off && self.end.state == State::Quoted {
            return Err(self.file.refused(RefusalCode::UnclosedQuote).at(line).into());
        }
        let line_end = self.line_end(0)?;
        self.window.consume(line_end);
        self.place.offset += passed.bytes + line_end as u64;
        if passed.is_cut_off && passed.is_padding {
            return Ok(None);
        }
        self.place.line += 1 + passed.line_breaks;
        self.place.read += 1;
        self.kept = passed.kept;
        Ok(Some(Record {
            raw: &self.kept,
            line,
            offset: Some(offset),
            fault: Some(RejectCode::RecordTooLong),
            is_cut_off: passed.is_cut_off,
        }))
    }
}

impl Cutter for LineCutter {
    fn next(&mut self) -> Result<Option<Record<'_>>, ConnectorError> {
        loop {
            self.end.restart();
            match self.window.find(&mut self.end)? {
                Found::TooLong(passed) => return self.too_long(passed),
                Found::Whole { length, is_cut_off } if length > 0 || is_cut_off => {
                    return self.whole(length, is_cut_off);
                }
                Found::Whole { length, .. } => {
                    self.whole(length, false)?;
                }
            }
        }
    }

    fn place(&self) -> Place {
        self.place
    }
}
