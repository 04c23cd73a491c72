//! Golden values: what survives of all that the records of a customer say, and where it came from.

use crate::AttributeId;
use serde::{Deserialize, Serialize};

/// Why a value was chosen over the others of its attribute.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
pub enum SurvivorshipRule {
    /// No record said anything else.
    OnlyValue = 1,
    /// The record that its source changed last.
    MostRecent = 2,
    /// The source with the greatest `trust`.
    MostTrusted = 3,
    /// What most records say.
    MostFrequent = 4,
    /// The longest text.
    Longest = 5,
    /// The others were flagged.
    Unflagged = 6,
    /// Nothing else told them apart: the record with the least hash.
    LeastRecord = 7,
    /// One of several values of a multi-valued attribute, all of which are kept.
    AllValues = 8,
    /// The record that fills most of a whole (a name, an address), all of which comes from one record.
    MostComplete = 9,
    /// Made of what the same record says: a full name of its parts, or parts of the full name.
    Derived = 10,
}

impl SurvivorshipRule {
    /// All rules.
    pub const ALL: [Self; 10] = [
        Self::OnlyValue,
        Self::MostRecent,
        Self::MostTrusted,
        Self::MostFrequent,
        Self::Longest,
        Self::Unflagged,
        Self::LeastRecord,
        Self::AllValues,
        Self::MostComplete,
        Self::Derived,
    ];

    /// The rule's name in `vinculo.yaml` and in Postgres.
    pub fn name(self) -> &'static str {
        match self {
            Self::OnlyValue => "only_value",
            Self::MostRecent => "most_recent",
            Self::MostTrusted => "most_trusted",
            Self::MostFrequent => "most_frequent",
            Self::Longest => "longest",
            Self::Unflagged => "unflagged",
            Self::LeastRecord => "least_record",
            Self::AllValues => "all_values",
            Self::MostComplete => "most_complete",
            Self::Derived => "derived",
        }
    }

    /// The rule of this number, as it is packed into a customer's lineage.
    pub fn from_code(code: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|rule| *rule as u8 == code)
    }
}

/// A value of a golden record: it borrows the text of the record that gave it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GoldenValue<'a> {
    /// What it is a value of.
    pub attribute: AttributeId,
    /// The value.
    pub text: &'a str,
    /// Which record gave it: its position among the cluster's records.
    pub member: u32,
    /// Why this value and no other.
    pub rule: SurvivorshipRule,
}
