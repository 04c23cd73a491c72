//! Raw record → cells: the only code that decides what a record says, whenever it is asked.

mod delimited;
mod json;

use crate::{Cells, Faults, RawFormat, RejectCode};
use delimited::CellSplitter;
use json::ObjectFlattener;
use std::fmt;

/// What stands between the elements of a JSON array in one cell, unless a project declares another separator.
///
/// U+001F, "unit separator", which no text holds by chance. An attribute with several values splits its cells there.
pub const ELEMENT_SEPARATOR: char = '\u{1F}';

/// What stands in the name of a column between an array of objects and a key of these: `phones[].number`.
pub const OF_EACH_OBJECT: &str = "[].";

/// Reads raw records of one format and collects their cells.
///
/// ```
/// use vinculo_connector::{Decoder, RawFormat};
///
/// let mut decoder = Decoder::new(&RawFormat::Json);
/// decoder.push(r#"{"id": 7, "name": {"first": "Ana"}, "emails": ["a@x.org", "b@x.org"]}"#).unwrap();
/// let cells = decoder.take();
/// assert_eq!(cells.column("id").unwrap().get(0), Some("7"));
/// assert_eq!(cells.column("name.first").unwrap().get(0), Some("Ana"));
/// assert_eq!(cells.column("emails").unwrap().get(0), Some("a@x.org\u{1F}b@x.org"));
/// ```
///
/// JSON: nested objects become columns `a.b`; numbers keep every digit; an array of texts, numbers and truth values
/// becomes one cell with its elements joined by [`ELEMENT_SEPARATOR`] (nulls left out, an empty one is null); any other
/// array stays JSON text. Of an array of objects each key is a column besides, named with [`OF_EACH_OBJECT`]: its cell has
/// as many elements as there are objects, empty where one does not have the key.
pub struct Decoder {
    grammar: Grammar,
    cells: Cells,
}

enum Grammar {
    Delimited(CellSplitter),
    Json(ObjectFlattener),
}

/// What it holds as a shape, never a record.
impl fmt::Debug for Decoder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Decoder").field("cells", &self.cells).finish_non_exhaustive()
    }
}

impl Decoder {
    /// A decoder of raw records of this format.
    pub fn new(format: &RawFormat) -> Self {
        match format {
            RawFormat::Delimited(layout) => Self {
                grammar: Grammar::Delimited(CellSplitter::new(layout)),
                cells: Cells::new(layout.columns.iter().cloned()),
            },
            RawFormat::Json => Self::with_columns(format, &[]),
        }
    }

    /// The same, with columns that are known beforehand and come first. Delimited text knows its columns itself.
    pub fn with_columns(format: &RawFormat, columns: &[String]) -> Self {
        match format {
            RawFormat::Delimited(_) => Self::new(format),
            RawFormat::Json => {
                Self { grammar: Grammar::Json(ObjectFlattener::default()), cells: Cells::new(columns.iter().cloned()) }
            }
        }
    }

    /// Reads a record and adds its cells.
    ///
    /// # Errors
    /// All that is wrong with the record; nothing is added then.
    pub fn push(&mut self, raw: &str) -> Result<(), Faults> {
        match &mut self.grammar {
            Grammar::Delimited(splitter) => splitter.push(raw, &mut self.cells),
            Grammar::Json(flattener) => flattener.push(raw, &mut self.cells),
        }
    }

    /// What is wrong with a record that is no text, at least [`RejectCode::Encoding`]; adds nothing.
    pub fn faults_of_broken_text(&mut self, raw: &[u8]) -> Faults {
        let mut faults = Faults::from(RejectCode::Encoding);
        let text = String::from_utf8_lossy(raw);
        let probe = match &mut self.grammar {
            Grammar::Delimited(splitter) => splitter.check(&text),
            Grammar::Json(flattener) => flattener.push(&text, &mut Cells::default()),
        };
        if let Err(others) = probe {
            others.codes.into_iter().for_each(|code| faults.add(code));
            faults.columns = others.columns;
        }
        faults
    }

    /// The cells so far.
    pub fn cells(&self) -> &Cells {
        &self.cells
    }

    /// The cells so far; the decoder goes on with the same columns and no records.
    pub fn take(&mut self) -> Cells {
        self.cells.take()
    }
}
