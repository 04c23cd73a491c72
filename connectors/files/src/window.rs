//! A window that moves over a text: the only buffer between a file and its records.

use crate::encoding::TextEncoding;
use crate::inflate::Inflated;
use crate::listing::SourceFile;
use crate::options::Compression;
use crate::text::Text;
use vinculo_connector::{ConnectorError, Reject};

/// A longer record is rejected. It is passed over piece by piece, so that memory stays bounded.
pub(crate) const RECORD_MAX: usize = 1 << 20;
const STEP: usize = 256 << 10;

/// Part of a text, movable forwards.
pub(crate) struct Window {
    text: Text,
    buffer: Vec<u8>,
    start: usize,
    end: usize,
    is_at_end: bool,
}

/// Finds where a record ends; remembers how far it has looked, so that nothing is looked at twice.
pub(crate) trait RecordEnd {
    /// Looks on in a record of which `seen` is at hand: the position just behind it, or none if it goes on.
    fn find(&mut self, seen: &[u8]) -> Option<usize>;

    /// These bytes, the first of what was looked at, are gone.
    fn forget(&mut self, gone: &[u8]);
}

/// A record as it was found; the window stands at its first byte, or behind it when it was too long.
pub(crate) enum Found {
    /// All of it is in the window: its length, and whether the text ended instead of the record.
    Whole { length: usize, is_cut_off: bool },
    /// More than [`RECORD_MAX`] bytes, gone by now.
    TooLong(TooLong),
}

pub(crate) struct TooLong {
    /// Its first bytes.
    pub(crate) kept: Vec<u8>,
    pub(crate) bytes: u64,
    pub(crate) line_breaks: u64,
    pub(crate) is_cut_off: bool,
    /// Whether it is nothing but NUL and Ctrl-Z, as old systems fill up files.
    pub(crate) is_padding: bool,
}

impl Window {
    /// A window over the text of a file, from `offset` on, counted in bytes of UTF-8.
    pub(crate) fn open(
        file: &SourceFile,
        compression: Compression,
        encoding: &TextEncoding,
        offset: u64,
    ) -> Result<Self, ConnectorError> {
        let mut window = Self {
            text: Text::open(Inflated::open(file, compression)?, encoding)?,
            buffer: vec![0; 2 * STEP],
            start: 0,
            end: 0,
            is_at_end: false,
        };
        let mut left = offset;
        if window.text.skip_if_untouched(offset)? {
            left = 0;
        }
        while left > 0 && (!window.unread().is_empty() || window.fill()?) {
            let count = window.unread().len().min(usize::try_from(left).unwrap_or(usize::MAX));
            window.consume(count);
            left -= count as u64;
        }
        Ok(window)
    }

    /// What is at hand.
    pub(crate) fn unread(&self) -> &[u8] {
        &self.buffer[self.start..self.end]
    }

    /// Brings more to hand; false at the end of the text.
    pub(crate) fn fill(&mut self) -> Result<bool, ConnectorError> {
        if self.is_at_end {
            return Ok(false);
        }
        self.buffer.copy_within(self.start..self.end, 0);
        (self.start, self.end) = (0, self.end - self.start);
        if self.buffer.len() < self.end + STEP {
            self.buffer.resize(self.end + STEP, 0);
        }
        let count = self.text.read(&mut self.buffer[self.end..])?;
        self.end += count;
        self.is_at_end = count == 0;
        Ok(!self.is_at_end)
    }

    /// Brings at least `count` bytes to hand; fewer only at the end of the text.
    pub(crate) fn fill_to(&mut self, count: usize) -> Result<(), ConnectorError> {
        while self.unread().len() < count && self.fill()? {}
        Ok(())
    }

    /// Moves on.
    pub(crate) fn consume(&mut self, count: usize) {
        self.start += count;
    }

    /// Moves on over a record and gives its first `length` bytes.
    pub(crate) fn take(&mut self, length: usize, count: usize) -> &[u8] {
        let start = self.start;
        self.start += count;
        &self.buffer[start..start + length]
    }

    /// Finds the end of the record that begins here.
    pub(crate) fn find(&mut self, record: &mut impl RecordEnd) -> Result<Found, ConnectorError> {
        loop {
            let found = record.find(self.unread());
            if found.unwrap_or(self.unread().len()) > RECORD_MAX {
                return Ok(Found::TooLong(self.pass_over(record, found)?));
            }
            if let Some(length) = found {
                return Ok(Found::Whole { length, is_cut_off: false });
            }
            if !self.fill()? {
                return Ok(Found::Whole { length: self.unread().len(), is_cut_off: true });
            }
        }
    }

    fn pass_over(&mut self, record: &mut impl RecordEnd, mut end: Option<usize>) -> Result<TooLong, ConnectorError> {
        let mut passed = TooLong {
            kept: self.unread()[..Reject::RAW_MAX].to_vec(),
            bytes: 0,
            line_breaks: 0,
            is_cut_off: false,
            is_padding: true,
        };
        loop {
            let seen = self.unread();
            let mut count = end.unwrap_or(seen.len());
            // A CR whose LF has not been seen yet is left for the next look, so that the two are one line break.
            if end.is_none() && !self.is_at_end && seen.ends_with(b"\r") {
                count -= 1;
            }
            let gone = &seen[..count];
            passed.bytes += count as u64;
            passed.line_breaks += line_breaks(gone);
            passed.is_padding &= gone.iter().all(|byte| is_padding(*byte));
            record.forget(gone);
            self.consume(count);
            if end.is_some() {
                return Ok(passed);
            }
            if !self.fill()? && self.unread().is_empty() {
                passed.is_cut_off = true;
                return Ok(passed);
            }
            end = record.find(self.unread());
        }
    }
}

/// Line breaks in a piece of text: LF, CR LF, or CR alone.
pub(crate) fn line_breaks(text: &[u8]) -> u64 {
    let breaks = memchr::memchr2_iter(b'\n', b'\r', text);
    breaks.filter(|at| text[*at] == b'\n' || text.get(at + 1) != Some(&b'\n')).count() as u64
}

/// What some systems write behind the end of a text: Ctrl-Z and NUL.
pub(crate) fn is_padding(byte: u8) -> bool {
    matches!(byte, 0x1A | 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_line_break_counts_once() {
        assert_eq!(line_breaks(b"a\nb\r\nc\rd\r\r\n"), 5);
        assert_eq!(line_breaks(b"abc"), 0);
    }
}
