//! The mother's name, and texts that a project declares: compared by their words.

use super::frequency::{Counted, FrequencyTable};
use super::level::{MISSING, mother_name, text};
use super::text::{Likeness, likeness, signature};
use super::{Frequencies, PairLevels};
use crate::encoding::Encoded;
use vinculo_records::Comparable;

/// Compares a column that holds the words of a mother's name.
#[derive(Debug)]
pub struct MotherNameComparator<'a> {
    records: &'a Encoded,
    column: usize,
    signatures: Vec<u64>,
    frequency: Vec<i32>,
    place: usize,
}

impl<'a> MotherNameComparator<'a> {
    /// A comparator; `None` when no record names a mother.
    pub fn new(records: &'a Encoded, frequencies: Frequencies<'_>, place: usize) -> Option<Self> {
        let column = records.column(Comparable::MotherName)?;
        let values = records.dictionary(column);
        let table = frequencies.of(Counted::Value(Comparable::MotherName));
        Some(Self {
            records,
            column,
            signatures: values.iter().map(signature).collect(),
            frequency: FrequencyTable::bind(table, values),
            place,
        })
    }

    /// Compares two records and notes the level.
    pub fn compare(&self, a: u32, b: u32, levels: &mut PairLevels) {
        let (a, b) = (self.records.values(a, self.column), self.records.values(b, self.column));
        let (short, long) = if a.len() <= b.len() { (a, b) } else { (b, a) };
        let Some((&first, &other_first)) = short.first().zip(long.first()) else {
            return levels.set(self.place, MISSING, 0);
        };
        if a == b {
            let chance = a.iter().map(|&word| self.frequency[word as usize]).sum();
            return levels.set(self.place, mother_name::EQUAL, chance);
        }
        let alike = short.iter().filter(|&&word| long.iter().any(|&other| self.is_alike(word, other))).count();
        let level = if alike == short.len() && (short.len() == long.len() || short.len() > 1) {
            mother_name::NEAR
        } else if self.is_alike(first, other_first) && alike > 1 {
            mother_name::PARTIAL
        } else {
            mother_name::DIFFERENT
        };
        levels.set(self.place, level, 0);
    }

    fn is_alike(&self, a: u32, b: u32) -> bool {
        let words = self.records.dictionary(self.column);
        let signatures = (self.signatures[a as usize], self.signatures[b as usize]);
        a == b || likeness(words.bytes(a), words.bytes(b), signatures) < Likeness::Different
    }
}

/// Compares a declared text, one value a record.
#[derive(Debug)]
pub struct TextComparator<'a> {
    records: &'a Encoded,
    column: usize,
    frequency: Vec<i32>,
    place: usize,
}

impl<'a> TextComparator<'a> {
    /// A comparator for a column of folded texts.
    pub fn new(records: &'a Encoded, column: usize, table: Option<&FrequencyTable>, place: usize) -> Self {
        let frequency = FrequencyTable::bind(table, records.dictionary(column));
        Self { records, column, frequency, place }
    }

    /// Compares two records and notes the best level among their values.
    pub fn compare(&self, a: u32, b: u32, levels: &mut PairLevels) {
        let values = self.records.dictionary(self.column);
        let mut best = (MISSING, 0);
        for &value_a in self.records.values(a, self.column) {
            for &value_b in self.records.values(b, self.column) {
                let found = match value_a == value_b {
                    true => (text::EQUAL, self.frequency[value_a as usize]),
                    false => (level(values.bytes(value_a), values.bytes(value_b)), 0),
                };
                if best.0 == MISSING || found < best {
                    best = found;
                }
            }
        }
        levels.set(self.place, best.0, best.1);
    }
}

fn level(a: &[u8], b: &[u8]) -> u8 {
    if likeness(a, b, (signature(a), signature(b))) < Likeness::Different {
        return text::NEAR;
    }
    let words = |text| <[u8]>::split(text, |byte| *byte == b' ').filter(|word| word.len() > 2);
    match words(a).any(|word| words(b).any(|other| word == other)) {
        true => text::SOME_WORDS,
        false => text::DIFFERENT,
    }
}
