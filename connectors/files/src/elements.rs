//! The elements of one JSON array, however long the array is.

use crate::cut::{Cutter, Place, Record};
use crate::envelope::{self, Rest};
use crate::listing::SourceFile;
use crate::window::{Found, RECORD_MAX, RecordEnd, Window, is_padding};
use memchr::memchr2;
use vinculo_connector::{ConnectorError, RefusalCode, RejectCode};

/// Finds the comma or bracket behind an element. Whether the element is sound is not its business.
#[derive(Debug, Default)]
pub(crate) struct ElementEnd {
    looked: usize,
    depth: usize,
    is_in_text: bool,
    is_escaped: bool,
}

impl ElementEnd {
    fn find_end_of_text(&mut self, seen: &[u8]) {
        if std::mem::take(&mut self.is_escaped) {
            self.looked += 1;
            return;
        }
        match memchr2(b'"', b'\\', &seen[self.looked..]) {
            Some(at) => {
                self.looked += at + 1;
                self.is_escaped = seen[self.looked - 1] == b'\\';
                self.is_in_text = self.is_escaped;
            }
            None => self.looked = seen.len(),
        }
    }
}

impl RecordEnd for ElementEnd {
    fn find(&mut self, seen: &[u8]) -> Option<usize> {
        while self.looked < seen.len() {
            if self.is_in_text {
                self.find_end_of_text(seen);
                continue;
            }
            match seen[self.looked] {
                b'"' => self.is_in_text = true,
                b'{' | b'[' => self.depth += 1,
                b',' | b']' | b'}' if self.depth == 0 => return Some(self.looked),
                b'}' | b']' => self.depth -= 1,
                _ => {}
            }
            self.looked += 1;
        }
        None
    }

    fn forget(&mut self, gone: &[u8]) {
        self.looked = self.looked.saturating_sub(gone.len());
    }
}

/// The objects around an array.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Around {
    /// How many there are.
    pub(crate) depth: usize,
    /// Whether `vinculo.yaml` names the array, so that another one beside it is no question.
    pub(crate) is_declared: bool,
}

/// Cuts an array into its elements. It begins behind the opening bracket; between two elements it stands before the
/// comma, so that a place tells whether an element must follow.
pub(crate) struct ElementCutter {
    file: SourceFile,
    window: Window,
    place: Place,
    around: Option<Around>,
    kept: Vec<u8>,
}

impl ElementCutter {
    pub(crate) fn new(file: &SourceFile, window: Window, place: Place, around: Option<Around>) -> Self {
        Self { file: file.clone(), window, place, around, kept: Vec::new() }
    }

    fn advance(&mut self, count: usize) {
        self.window.consume(count);
        self.place.offset += count as u64;
    }

    /// The next byte that is not white space, which is passed over.
    fn peek(&mut self) -> Result<Option<u8>, ConnectorError> {
        loop {
            let unread = self.window.unread();
            let white = unread.iter().position(|byte| !byte.is_ascii_whitespace());
            let next = white.map(|at| unread[at]);
            let count = white.unwrap_or(unread.len());
            self.advance(count);
            if next.is_some() || !self.window.fill()? {
                return Ok(next);
            }
        }
    }

    fn refused(&self, code: RefusalCode, detail: &str) -> ConnectorError {
        self.file.refused(code).because(detail).at(self.place.line).into()
    }

    /// What follows the array must close the objects around it, and hold no second array of records.
    fn finish_around(&mut self, around: Around) -> Result<(), ConnectorError> {
        self.window.fill_to(RECORD_MAX)?;
        let rest = self.window.unread();
        let length = rest.len();
        match envelope::rest(rest, around.depth) {
            Rest::Sound(others) if others.is_empty() || around.is_declared => {}
            Rest::Sound(_) => {
                let refusal = self.file.refused(RefusalCode::JsonStructure);
                let why = "a second array of objects follows; name the one that holds the records with `records_at`";
                return Err(refusal.because(why).into());
            }
            Rest::CutOff => {
                return Err(self.refused(RefusalCode::Corrupt, "the object around the array is not closed"));
            }
            Rest::Broken => {
                return Err(
                    self.refused(RefusalCode::JsonStructure, "what follows the array does not close its object")
                );
            }
        }
        self.advance(length);
        Ok(())
    }

    /// Behind the closing bracket nothing may follow but padding, and what closes the objects around the array.
    fn finish(&mut self) -> Result<(), ConnectorError> {
        self.advance(1);
        if let Some(around) = self.around.take() {
            self.finish_around(around)?;
        }
        while let Some(next) = self.peek()? {
            if !is_padding(next) {
                return Err(
                    self.refused(RefusalCode::JsonStructure, "something follows the closing bracket of the array")
                );
            }
            self.advance(1);
        }
        Ok(())
    }

    fn element(&mut self) -> Result<Record<'_>, ConnectorError> {
        let Place { offset, line, .. } = self.place;
        let mut record = Record { raw: &[], line, offset: Some(offset), fault: None, is_cut_off: false };
        let cut_off = "the array has no closing bracket";
        match self.window.find(&mut ElementEnd::default())? {
            Found::Whole { is_cut_off: true, .. } => return Err(self.refused(RefusalCode::Corrupt, cut_off)),
            Found::TooLong(passed) if passed.is_cut_off => return Err(self.refused(RefusalCode::Corrupt, cut_off)),
            Found::Whole { length, .. } => {
                self.place.offset += length as u64;
                record.raw = self.window.take(length, length).trim_ascii_end();
            }
            Found::TooLong(passed) => {
                self.place.offset += passed.bytes;
                self.kept = passed.kept;
                record.raw = &self.kept;
                record.fault = Some(RejectCode::RecordTooLong);
            }
        }
        self.place.line += 1;
        self.place.read += 1;
        Ok(record)
    }
}

impl Cutter for ElementCutter {
    fn next(&mut self) -> Result<Option<Record<'_>>, ConnectorError> {
        let is_first = self.place.read == 0;
        match self.peek()? {
            Some(b']') => {
                self.finish()?;
                return Ok(None);
            }
            Some(b',') if !is_first => {
                self.advance(1);
                self.peek()?;
            }
            Some(b'}') => return Err(self.refused(RefusalCode::JsonStructure, "a brace closes what a bracket opened")),
            Some(_) => {}
            None => return Err(self.refused(RefusalCode::Corrupt, "the array has no closing bracket")),
        }
        self.element().map(Some)
    }

    fn place(&self) -> Place {
        self.place
    }
}
