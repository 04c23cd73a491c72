//! How likely a stranger holds the same value: frequencies of values, in thousandths of a bit.

use crate::encoding::{Dictionary, stable_hash};
use crate::hash_list;
use crate::packed_list;
use serde::{Deserialize, Serialize};
use vinculo_records::Comparable;

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Counted {
    /// First given names.
    GivenName,
    /// All other words of names.
    FamilyName,
    /// What stands before the @ of e-mail addresses.
    EmailLocal,
    /// What stands after it.
    EmailDomain,
    /// The values of a column.
    Value(Comparable),
}

impl Counted {
    /// Whether words of names are counted.
    pub fn is_name(self) -> bool {
        matches!(self, Self::GivenName | Self::FamilyName)
    }
}

/// The logarithms of frequencies: those of values above the floor, and the floor for all others.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FrequencyTable {
    /// What is counted.
    pub counted: Counted,
    /// Base-2 logarithm of the least frequency that is believed, in thousandths of a bit.
    pub floor: i32,
    /// The values above the floor, by hash.
    #[serde(with = "packed_list")]
    pub above_floor: Vec<Frequency>,
}

/// How often a value occurs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Frequency {
    /// The stable hash of the value.
    pub hash: u64,
    /// How many records hold it.
    pub records: u32,
    /// Base-2 logarithm of the probability that a stranger holds it, in thousandths of a bit.
    pub log: i32,
}

impl FrequencyTable {
    /// The logarithm of a value's frequency.
    pub fn get(&self, hash: u64) -> i32 {
        self.find(hash).map_or(self.floor, |value| value.log)
    }

    /// How many records hold a value; 0 stands for few.
    pub fn records(&self, hash: u64) -> u32 {
        self.find(hash).map_or(0, |value| value.records)
    }

    fn find(&self, hash: u64) -> Option<&Frequency> {
        hash_list::find(&self.above_floor, hash, |value| value.hash)
    }

    /// The logarithms for all values of a dictionary, by number.
    pub fn bind(table: Option<&Self>, dictionary: &Dictionary) -> Vec<i32> {
        Self::bind_by(table, dictionary, |id| dictionary.hash(id))
    }

    /// The same for a part of each value.
    pub fn bind_part(table: Option<&Self>, dictionary: &Dictionary, part: fn(&[u8]) -> &[u8]) -> Vec<i32> {
        Self::bind_by(table, dictionary, |id| stable_hash(part(dictionary.bytes(id))))
    }

    fn bind_by(table: Option<&Self>, dictionary: &Dictionary, hash: impl Fn(u32) -> u64) -> Vec<i32> {
        (0..dictionary.len() as u32).map(|id| table.map_or(0, |table| table.get(hash(id)))).collect()
    }
}

/// What stands before the @; all of it where there is none.
pub fn email_local(email: &[u8]) -> &[u8] {
    &email[..email.iter().rposition(|&byte| byte == b'@').unwrap_or(email.len())]
}

/// What stands after the @; nothing where there is none.
pub fn email_domain(email: &[u8]) -> &[u8] {
    email.iter().rposition(|&byte| byte == b'@').map_or(&[], |at| &email[at + 1..])
}
