//! What a source says of itself before it is read.

use crate::ConnectorError;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Records of one shape that a source holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Stream {
    /// Its name.
    pub name: String,
    /// The columns found, in the order of their first appearance; a stream without a schema may show more later.
    pub columns: Vec<String>,
    /// The files or other parts that it is made of, in reading order.
    pub parts: Vec<PartEstimate>,
}

/// One part of a stream, as far as a look at its beginning tells.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PartEstimate {
    /// The part as it is shown to people.
    pub path: String,
    /// What was found out about its layout, and how.
    pub findings: Vec<Finding>,
    /// Its columns.
    pub columns: Vec<String>,
    /// Whether every record has just these columns, as in a table with a header.
    pub has_fixed_columns: bool,
    /// Its size as it is stored, in bytes.
    pub bytes: u64,
    /// About how many records; exact when the whole part fitted into the sample, none when it cannot be told.
    pub rows: Option<u64>,
}

/// Something that a connector found out about a part: its encoding, its delimiter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// What it is about: the option that would declare it.
    pub about: String,
    /// What was found, as the option's value would be written.
    pub value: String,
    /// How.
    pub how: How,
}

impl Finding {
    /// A finding.
    pub fn new(about: &str, value: impl Into<String>, how: How) -> Self {
        Self { about: about.to_owned(), value: value.into(), how }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} ({})", self.about, self.value, self.how.meaning())
    }
}

/// How something was found out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum How {
    /// `vinculo.yaml` says so.
    Declared,
    /// The part itself says so: a byte order mark, magic bytes, a schema.
    Marked,
    /// Its name says so.
    Named,
    /// The first megabyte leaves no other candidate.
    Detected,
    /// Nothing spoke against the usual.
    Assumed,
}

impl How {
    /// The same in words.
    pub fn meaning(self) -> &'static str {
        match self {
            Self::Declared => "declared",
            Self::Marked => "marked in the data",
            Self::Named => "from the name",
            Self::Detected => "detected",
            Self::Assumed => "assumed",
        }
    }
}

/// One step of a source's check.
#[derive(Debug)]
pub struct CheckStep {
    /// What was tried.
    pub name: String,
    /// What came of it: a sentence, or why it failed.
    pub outcome: Result<String, ConnectorError>,
}
