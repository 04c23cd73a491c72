//! Sex and the generation word: a handful of values, equal or not.

use super::PairLevels;
use super::level::{self, MISSING, name_generation, sex};
use crate::encoding::Encoded;
use vinculo_records::Comparable;

/// Compares sex, unless the given names have already told it.
#[derive(Debug)]
pub struct SexComparator<'a> {
    records: &'a Encoded,
    column: usize,
    place: usize,
    given_name: Option<usize>,
}

impl<'a> SexComparator<'a> {
    /// A comparator; `given_name` is the place of that comparison in the plan.
    pub fn new(records: &'a Encoded, place: usize, given_name: Option<usize>) -> Option<Self> {
        Some(Self { records, column: records.column(Comparable::Sex)?, place, given_name })
    }

    /// Compares two records and notes the level.
    pub fn compare(&self, a: u32, b: u32, levels: &mut PairLevels) {
        let (a, b) = (self.records.values(a, self.column), self.records.values(b, self.column));
        let explained = self.given_name.is_some_and(|place| levels.level(place) == level::given_name::EQUAL);
        let found = match (a.first(), b.first()) {
            (Some(a), Some(b)) if a != b => sex::DIFFERENT,
            (Some(_), Some(_)) if !explained => sex::EQUAL,
            _ => MISSING,
        };
        levels.set(self.place, found, 0);
    }
}

/// Compares the generation word; a name without one is no missing value as soon as the other name has one.
#[derive(Debug)]
pub struct GenerationComparator<'a> {
    records: &'a Encoded,
    column: usize,
    place: usize,
}

impl<'a> GenerationComparator<'a> {
    /// A comparator; `None` when no record has a generation word.
    pub fn new(records: &'a Encoded, place: usize) -> Option<Self> {
        Some(Self { records, column: records.column(Comparable::NameGeneration)?, place })
    }

    /// Compares two records and notes the level.
    pub fn compare(&self, a: u32, b: u32, levels: &mut PairLevels) {
        let (a, b) = (self.records.values(a, self.column), self.records.values(b, self.column));
        let found = match (a.first(), b.first()) {
            (Some(a), Some(b)) if a == b => name_generation::EQUAL,
            (Some(_), Some(_)) => name_generation::DIFFERENT,
            (None, None) => MISSING,
            _ => name_generation::ONE_SIDED,
        };
        levels.set(self.place, found, 0);
    }
}
