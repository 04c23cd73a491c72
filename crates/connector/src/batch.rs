//! Records on their way from a connector to the landing.

use crate::{Cells, Finding, RawFormat, RejectCode};
use std::fmt;
use std::sync::Arc;
use vinculo_records::TextColumn;

/// The file or stream part that records came from. Stored once, not once a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// Its number within the read, from 0 on.
    pub index: u32,
    /// The part as it is shown to people: a path relative to the project where it is inside, else absolute.
    pub path: String,
    /// How its raw records are read again.
    pub format: RawFormat,
    /// Whether its columns are told once for all its records, as a header does: a column that a mapping names and the
    /// part lacks is then missing for good. Where they are not, a record may leave out what it does not have.
    pub has_fixed_columns: bool,
    /// The encoding that the bytes were decoded from.
    pub encoding: String,
    /// What was found out about it, and how.
    pub findings: Vec<Finding>,
}

/// Records of one origin, in columns, in the order in which they stand there.
#[derive(Debug, Clone)]
pub struct Batch {
    /// Where they came from.
    pub origin: Arc<Origin>,
    /// Their cells, a column for each name. A null cell was absent or a JSON null.
    pub cells: Cells,
    /// The records exactly as delivered, decoded to UTF-8, without their line ends.
    pub raw: TextColumn,
    /// For each record its first line, from 1 on; in arrays the number of the element, in sheets and tables of the row.
    pub lines: Vec<u64>,
    /// What was rejected on the way.
    pub rejects: Vec<Reject>,
}

impl Batch {
    /// How many records it holds, rejects not counted.
    pub fn len(&self) -> usize {
        self.lines.len()
    }

    /// Whether it holds no record; it may still hold rejects.
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }
}

/// A rejected record: kept aside with all its faults, does not count.
#[derive(Clone, PartialEq, Eq)]
pub struct Reject {
    /// Its place, as in [`Batch::lines`].
    pub line: u64,
    /// Where it begins in the text, in bytes after decompression and decoding to UTF-8.
    pub offset: Option<u64>,
    /// The columns at fault, where the fault is one of columns.
    pub columns: Vec<String>,
    /// Everything that is wrong with it.
    pub codes: Vec<RejectCode>,
    /// Its beginning, at most [`Reject::RAW_MAX`] bytes; what is not text in it, and NUL, stands as U+FFFD.
    ///
    /// The only place in which anything that this crate reports holds what a record says.
    pub raw: Option<String>,
}

/// Its place and faults, never what the record says.
impl fmt::Debug for Reject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shape = f.debug_struct("Reject");
        shape.field("line", &self.line).field("columns", &self.columns).field("codes", &self.codes);
        shape.finish_non_exhaustive()
    }
}

impl Reject {
    /// How much of a rejected record is kept, in bytes.
    pub const RAW_MAX: usize = 8 << 10;

    /// The part of a raw record that a reject keeps.
    pub fn keep(raw: &[u8]) -> String {
        let text = String::from_utf8_lossy(&raw[..raw.len().min(Self::RAW_MAX)]).replace('\0', "\u{FFFD}");
        match text.char_indices().find(|(at, c)| at + c.len_utf8() > Self::RAW_MAX) {
            Some((end, _)) => text[..end].to_owned(),
            None => text,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Decoder;

    #[test]
    fn what_records_say_is_in_no_debug_text() {
        let format = RawFormat::Json;
        let mut decoder = Decoder::new(&format);
        decoder.push(r#"{"id": "canary", "list": ["canary"], "objects": [{"key": "canary"}]}"#).unwrap();
        let told = format!("{decoder:?}");
        let origin = Origin {
            index: 0,
            path: "a.jsonl".into(),
            format,
            has_fixed_columns: false,
            encoding: "utf-8".into(),
            findings: Vec::new(),
        };
        let reject =
            Reject { line: 7, offset: None, columns: Vec::new(), codes: Vec::new(), raw: Some("canary".into()) };
        let mut raw = TextColumn::default();
        raw.push(Some("canary"));
        let batch =
            Batch { origin: Arc::new(origin), cells: decoder.take(), raw, lines: vec![3], rejects: vec![reject] };
        let told = format!("{told} {batch:?}");
        assert!(!told.contains("canary"), "{told}");
        assert!(told.contains("a.jsonl") && told.contains("line: 7"), "{told}");
    }

    #[test]
    fn a_rejected_record_is_kept_as_text_of_bounded_size() {
        assert_eq!(Reject::keep(b"a\0b\xFF"), "a\u{FFFD}b\u{FFFD}");
        assert_eq!(Reject::keep(&[b'x'; 10_000]).len(), Reject::RAW_MAX);
        assert!(Reject::keep(&[0xFF; 10_000]).len() <= Reject::RAW_MAX);
    }
}
