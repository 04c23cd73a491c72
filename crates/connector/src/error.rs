//! Why a connector gives up. No message holds what a record says: places, reasons and names only.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::fmt;

/// Why a connector gives up; each kind asks something else of the caller.
#[derive(Debug, thiserror::Error)]
pub enum ConnectorError {
    /// An option is wrong: nothing helps but another one.
    #[error("option `{option}` {fault}")]
    Config {
        /// The option's key.
        option: String,
        /// What is wrong with it, as the end of a sentence that begins with the option.
        fault: String,
    },
    /// What the source holds is refused: nothing of the delivery counts.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The source is no longer what it was at the checkpoint: read it again from the beginning.
    #[error("{0} changed since the checkpoint was taken")]
    StaleCheckpoint(String),
    /// May pass by itself: try again later.
    #[error("{doing}: {cause}")]
    Transient {
        /// What was being done.
        doing: String,
        /// What came in between.
        cause: Cause,
    },
    /// Does not pass by itself: somebody has to look.
    #[error("{doing}: {cause}")]
    System {
        /// What was being done.
        doing: String,
        /// What came in between.
        cause: Cause,
    },
}

/// What stands behind an error.
pub type Cause = Box<dyn std::error::Error + Send + Sync>;

impl ConnectorError {
    /// A wrong option; `fault` is the end of a sentence that begins with the option.
    pub fn config(option: &str, fault: impl Into<String>) -> Self {
        Self::Config { option: option.to_owned(), fault: fault.into() }
    }

    /// A failure that somebody has to look at.
    pub fn system(doing: impl Into<String>, cause: impl Into<Cause>) -> Self {
        Self::System { doing: doing.into(), cause: cause.into() }
    }

    /// A failure that may pass by itself.
    pub fn transient(doing: impl Into<String>, cause: impl Into<Cause>) -> Self {
        Self::Transient { doing: doing.into(), cause: cause.into() }
    }

    /// The refusal, if it is one.
    pub fn refusal(&self) -> Option<&Refusal> {
        match self {
            Self::Refused(refusal) => Some(refusal),
            _ => None,
        }
    }
}

/// A refused file or delivery, with the place, the reason, and what would help.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct Refusal {
    /// The reason.
    pub code: RefusalCode,
    /// The file or stream part, as it is shown to people.
    pub path: Option<String>,
    /// The line, from 1 on.
    pub line: Option<u64>,
    /// What exactly is the matter, in words; never what a record says.
    pub detail: Option<String>,
    /// What to add to the source in `vinculo.yaml`, where that would help.
    pub hint: Option<Hint>,
}

/// Lines of which one, added to a source in `vinculo.yaml`, lets a refused file be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Hint {
    /// The file is what one of these says, the likeliest first.
    OneOf(Vec<OptionLine>),
    /// The file holds several sets of records; each of these reads one of them.
    EachOf(Vec<OptionLine>),
}

impl Hint {
    /// The lines.
    pub fn lines(&self) -> &[OptionLine] {
        match self {
            Self::OneOf(lines) | Self::EachOf(lines) => lines,
        }
    }
}

/// An option of a source and its value, as a line of `vinculo.yaml`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OptionLine {
    /// The option's key.
    pub key: &'static str,
    /// Its value.
    pub value: Value,
}

impl OptionLine {
    /// A line that sets this option.
    pub fn new(key: &'static str, value: impl Into<Value>) -> Self {
        Self { key, value: value.into() }
    }
}

impl fmt::Display for OptionLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let is_plain = |text: &str| {
            text.starts_with(char::is_alphabetic)
                && text.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.'))
        };
        match &self.value {
            Value::String(text) if is_plain(text) => write!(f, "{}: {text}", self.key),
            value => write!(f, "{}: {value}", self.key),
        }
    }
}

impl Refusal {
    /// A refusal of the file or part at `path`.
    pub fn of(path: &str, code: RefusalCode) -> Self {
        Self { path: Some(path.to_owned()), ..Self::from(code) }
    }

    /// The same, at a line.
    pub fn at(self, line: u64) -> Self {
        Self { line: Some(line), ..self }
    }

    /// The same, in more words.
    pub fn because(self, detail: impl Into<String>) -> Self {
        Self { detail: Some(detail.into()), ..self }
    }

    /// The same, with the line to add to `vinculo.yaml`.
    pub fn hint(self, key: &'static str, value: impl Into<Value>) -> Self {
        self.hint_one_of([OptionLine::new(key, value)])
    }

    /// The same, with lines of which one is to be added to `vinculo.yaml`, the likeliest first.
    pub fn hint_one_of(self, lines: impl IntoIterator<Item = OptionLine>) -> Self {
        Self { hint: Some(Hint::OneOf(lines.into_iter().collect())), ..self }
    }

    /// The same, with lines of which each reads another set of records.
    pub fn hint_each_of(self, lines: impl IntoIterator<Item = OptionLine>) -> Self {
        Self { hint: Some(Hint::EachOf(lines.into_iter().collect())), ..self }
    }

    /// The same, for somebody who has no source yet that a line could be added to.
    pub fn without_hint(self) -> Self {
        Self { hint: None, ..self }
    }
}

impl From<RefusalCode> for Refusal {
    fn from(code: RefusalCode) -> Self {
        Self { code, path: None, line: None, detail: None, hint: None }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(path) = &self.path {
            write!(f, "{path}")?;
            if let Some(line) = self.line {
                write!(f, ":{line}")?;
            }
            f.write_str(": ")?;
        }
        write!(f, "refused ({})", self.code.name())?;
        write!(f, ": {}", self.detail.as_deref().unwrap_or(self.code.meaning()))?;
        if let Some(hint) = &self.hint {
            let lines: Vec<String> = hint.lines().iter().map(OptionLine::to_string).collect();
            write!(f, "; add to the source: {}", lines.join(" or "))?;
        }
        Ok(())
    }
}

macro_rules! refusal_codes {
    ($($variant:ident $name:literal $meaning:literal,)*) => {
        /// Why a file or a delivery is refused: a closed list.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum RefusalCode {
            $(#[doc = $meaning] $variant,)*
        }

        impl RefusalCode {
            /// All codes.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// The code in messages and Postgres.
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

refusal_codes! {
    NoFile "no_file" "no file is there",
    NotAFile "not_a_file" "not a regular file: a pipe, a device, or a link that leads nowhere",
    NoRecords "no_records" "not a single record in the whole delivery",
    UnsupportedFormat "unsupported_format" "a format that is not read",
    ContentMismatch "content_mismatch" "the content is not what the name says",
    UnknownFormat "unknown_format" "neither name nor content tells the format",
    Corrupt "corrupt" "damaged, or cut off",
    InflatesTooMuch "inflates_too_much" "grows so much when decompressed that it can only be an attack or a mistake",
    TooLarge "too_large" "larger than a format that cannot be streamed may be",
    ChangedWhileRead "changed_while_read" "changed while it was being read",
    UnknownEncoding "unknown_encoding" "the encoding cannot be told for certain",
    UnknownDelimiter "unknown_delimiter" "the delimiter cannot be told for certain",
    WrongDelimiter "wrong_delimiter" "the declared delimiter does not split the records as another one does",
    NoHeader "no_header" "the first line looks like a record, not like a header",
    DuplicateHeader "duplicate_header" "two columns have the same name",
    MissingColumn "missing_column" "the file lacks a column that the mapping names",
    UnclosedQuote "unclosed_quote" "a quote is opened and not closed, and swallows the rest",
    UnknownSheet "unknown_sheet" "which sheet to read cannot be told",
    JsonStructure "json_structure" "neither an array nor lines of JSON objects",
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_names_place_reason_and_the_line_to_add() {
        let refusal = Refusal::of("data/crm.csv", RefusalCode::UnknownEncoding).at(7).hint("encoding", "utf-8");
        assert_eq!(
            refusal.to_string(),
            "data/crm.csv:7: refused (unknown_encoding): the encoding cannot be told for certain; add to the source: \
             encoding: utf-8"
        );
        let sheets = ["Clientes", "de 2024: novos"].map(|sheet| OptionLine::new("sheet", sheet));
        let refusal = Refusal::from(RefusalCode::UnknownSheet).hint_each_of(sheets);
        assert!(refusal.to_string().ends_with(r#"; add to the source: sheet: Clientes or sheet: "de 2024: novos""#));
        assert!(!refusal.without_hint().to_string().contains("add to"));
    }

    #[test]
    fn a_code_is_stored_under_its_name() {
        for code in RefusalCode::ALL {
            assert_eq!(serde_json::to_value(code).unwrap(), code.name());
        }
    }
}
