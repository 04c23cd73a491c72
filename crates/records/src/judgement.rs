//! What a person judges.

use crate::hash::ContentHasher;
use crate::{ContentHash, RecordHash};
use serde::{Deserialize, Serialize};

/// What a judgement says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum JudgementKind {
    /// Two records are one customer.
    Same,
    /// Two records are two customers.
    Different,
    /// A value of a record is wrong: it neither joins, nor excludes, nor becomes golden.
    WrongValue,
    /// An earlier judgement no longer holds.
    Withdrawn,
}

impl JudgementKind {
    /// All kinds.
    pub const ALL: [Self; 4] = [Self::Same, Self::Different, Self::WrongValue, Self::Withdrawn];

    /// The kind's name in Postgres.
    pub fn name(self) -> &'static str {
        match self {
            Self::Same => "same",
            Self::Different => "different",
            Self::WrongValue => "wrong_value",
            Self::Withdrawn => "withdrawn",
        }
    }

    /// The kind of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// The name of a value that is judged: what a record says of an attribute, less spaces, punctuation and case, so that it is
/// the same value under another version of the normalization.
pub fn value_hash(record: RecordHash, attribute: &str, text: &str) -> ContentHash {
    let letters: String = text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    let spoken = if letters.is_empty() { text } else { &letters };
    ContentHasher::new().part(&record.0.to_be_bytes()).part(attribute.as_bytes()).part(spoken.as_bytes()).finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_judged_value_is_known_however_it_is_punctuated_and_in_its_record_alone() {
        let (one, other) = (RecordHash::new("crm", "1"), RecordHash::new("crm", "2"));
        let hash = value_hash(one, "tax_id", "529.982.247-25");
        assert_eq!(hash, value_hash(one, "tax_id", "52998224725"));
        for another in [
            value_hash(other, "tax_id", "52998224725"),
            value_hash(one, "phone", "52998224725"),
            value_hash(one, "tax_id", "52998224726"),
        ] {
            assert_ne!(hash, another);
        }
        assert_ne!(value_hash(one, "note", "***"), value_hash(one, "note", "---"));
    }

    #[test]
    fn every_kind_has_a_name_of_its_own() {
        for kind in JudgementKind::ALL {
            assert_eq!(JudgementKind::from_name(kind.name()), Some(kind));
        }
    }
}
