//! Cutting records out of a file: what every format's cutter does, and the account that it keeps.

use serde::{Deserialize, Serialize};
use vinculo_connector::{ConnectorError, RejectCode};

/// Cuts one record after the other out of a file, without a look at what they say.
pub(crate) trait Cutter: Send {
    /// The next record; none at the end.
    fn next(&mut self) -> Result<Option<Record<'_>>, ConnectorError>;

    /// Where the next record begins, and what was counted so far.
    fn place(&self) -> Place;

    /// How many records there are in all, where the file itself says so.
    fn all_records(&self) -> Option<u64> {
        None
    }
}

/// A record as it stands in its file.
pub(crate) struct Record<'a> {
    /// Its bytes, without the line end; of one that is too long the first few.
    pub(crate) raw: &'a [u8],
    /// Its first line, element or row, from 1 on.
    pub(crate) line: u64,
    /// Where it begins in the text.
    pub(crate) offset: Option<u64>,
    /// What is wrong with it already, whatever it says.
    pub(crate) fault: Option<RejectCode>,
    /// Whether the file ended before the record did.
    pub(crate) is_cut_off: bool,
}

/// A place between two records, and the account of everything before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Place {
    /// Bytes of text before it, after decompression and decoding; 0 for tables.
    pub(crate) offset: u64,
    /// The line, element or row that begins here, from 1 on.
    pub(crate) line: u64,
    /// Blank lines so far.
    pub(crate) blank: u64,
    /// Records cut out so far.
    pub(crate) read: u64,
}

impl Place {
    pub(crate) const START: Self = Self { offset: 0, line: 1, blank: 0, read: 0 };
}
