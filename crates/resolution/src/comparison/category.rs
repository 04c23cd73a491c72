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

/// Compares the generation word of people whose given names agree: it tells namesakes apart, and says nothing of others. To
/// have none is no missing value.
#[derive(Debug)]
pub struct GenerationComparator<'a> {
    records: &'a Encoded,
    column: usize,
    place: usize,
    given_name: Option<usize>,
}

impl<'a> GenerationComparator<'a> {
    /// A comparator; `None` when no record has a generation word. `given_name` is the place of that comparison in the plan.
    pub fn new(records: &'a Encoded, place: usize, given_name: Option<usize>) -> Option<Self> {
        Some(Self { records, column: records.column(Comparable::NameGeneration)?, place, given_name })
    }

    /// Compares two records and notes the level.
    pub fn compare(&self, a: u32, b: u32, levels: &mut PairLevels) {
        let (a, b) = (self.records.values(a, self.column), self.records.values(b, self.column));
        let agrees = |level| (level::given_name::EQUAL..=level::given_name::TYPO).contains(&level);
        let found = match (a.first(), b.first()) {
            _ if self.given_name.is_some_and(|place| !agrees(levels.level(place))) => MISSING,
            (Some(a), Some(b)) if a == b => name_generation::EQUAL,
            (Some(_), Some(_)) => name_generation::DIFFERENT,
            (None, None) => name_generation::NEITHER,
            _ => name_generation::ONE_SIDED,
        };
        levels.set(self.place, found, 0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use vinculo_records::{ComparableRecords, Kind, ListColumn, RecordHash};

    #[test]
    fn a_generation_word_counts_only_between_namesakes() {
        use level::given_name::{DIFFERENT, EQUAL};
        let mut words = ListColumn::default();
        for word in ["filho", "filho", "neto", "", ""] {
            if !word.is_empty() {
                words.push_value(word);
            }
            words.end_record();
        }
        let hashes = (0..5).map(RecordHash).collect();
        let columns = vec![(Comparable::NameGeneration, words)];
        let records = Encoded::new(&ComparableRecords::new(Kind::Person, hashes, columns));
        let generations = GenerationComparator::new(&records, 1, Some(0)).unwrap();
        let cases = [
            (EQUAL, 0, 1, name_generation::EQUAL),
            (EQUAL, 0, 2, name_generation::DIFFERENT),
            (EQUAL, 0, 3, name_generation::ONE_SIDED),
            (EQUAL, 3, 4, name_generation::NEITHER),
            (DIFFERENT, 0, 3, MISSING),
            (DIFFERENT, 0, 1, MISSING),
        ];
        for (given_name, a, b, expected) in cases {
            let mut levels = PairLevels::default();
            levels.set(0, given_name, 0);
            generations.compare(a, b, &mut levels);
            assert_eq!(levels.level(1), expected, "{a} and {b}");
        }
    }
}
