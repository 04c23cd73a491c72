//! Why a record is rejected: a closed list.

use serde::{Deserialize, Serialize};
use std::fmt;

macro_rules! reject_codes {
    ($($variant:ident $name:literal $meaning:literal,)*) => {
        /// Why a record is rejected.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum RejectCode {
            $(#[doc = $meaning] $variant,)*
        }

        impl RejectCode {
            /// All codes.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// The code in counts, messages and Postgres.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// What it means, in a sentence.
            pub fn meaning(self) -> &'static str {
                match self { $(Self::$variant => $meaning,)* }
            }
        }
    };
}

reject_codes! {
    ColumnCount "column_count" "More or fewer cells than the header has columns; nothing is ever shifted.",
    TextAfterQuote "text_after_quote" "Text follows the closing quote of a cell, so that a quote inside was not doubled.",
    UnclosedQuote "unclosed_quote" "A quoted cell has no closing quote.",
    Encoding "encoding" "Bytes that are no text in the encoding of the file.",
    NulByte "nul_byte" "A NUL character, which text in Postgres cannot hold.",
    RecordTooLong "record_too_long" "A record of more than one megabyte.",
    Truncated "truncated" "The record ends before it is complete.",
    JsonSyntax "json_syntax" "Not valid JSON: a trailing comma, a comment, NaN, or broken text.",
    NotAnObject "not_an_object" "A JSON array, text or number where an object is expected.",
    DuplicateKey "duplicate_key" "A JSON object names the same key twice.",
    TooDeep "too_deep" "JSON nested more than 32 levels deep.",
    LoneSurrogate "lone_surrogate" "Half of a surrogate pair, which is no character.",
    TooManyColumns "too_many_columns" "A JSON object of more than 2,000 values.",
}

impl fmt::Display for RejectCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// All that is wrong with one record; empty when nothing is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Faults {
    /// The codes, each once, in the order in which they were found.
    pub codes: Vec<RejectCode>,
    /// The columns at fault, where the fault is one of columns.
    pub columns: Vec<String>,
}

impl Faults {
    /// Whether the record is sound.
    pub fn is_empty(&self) -> bool {
        self.codes.is_empty()
    }

    /// Adds a fault of the record as a whole.
    pub fn add(&mut self, code: RejectCode) {
        if !self.codes.contains(&code) {
            self.codes.push(code);
        }
    }

    /// Adds a fault of one column.
    pub fn add_in(&mut self, code: RejectCode, column: &str) {
        self.add(code);
        if !self.columns.iter().any(|known| known == column) {
            self.columns.push(column.to_owned());
        }
    }
}

impl From<RejectCode> for Faults {
    fn from(code: RejectCode) -> Self {
        Self { codes: vec![code], columns: Vec::new() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_stored_under_its_name() {
        for code in RejectCode::ALL {
            assert_eq!(serde_json::to_value(code).unwrap(), code.name());
        }
    }
}
