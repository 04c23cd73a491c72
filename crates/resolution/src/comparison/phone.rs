//! Phone numbers: equal, equal but for codes before the number, or a slip of the finger away.

use super::frequency::{Counted, FrequencyTable};
use super::level::{MISSING, phone};
use super::text::{digit_counts, edit_distance, may_be_slips};
use super::{Frequencies, PairLevels};
use crate::encoding::Encoded;
use vinculo_records::Comparable;

/// The digits that a number keeps whatever country, area or ninth digit is written before them.
const TAIL: usize = 8;

/// More slips than this are another number.
pub const SLIPS_MAX: u32 = 1;

/// Compares phone numbers.
#[derive(Debug)]
pub struct PhoneComparator<'a> {
    records: &'a Encoded,
    column: usize,
    frequency: Vec<i32>,
    tail_digits: Vec<u64>,
    place: usize,
}

impl<'a> PhoneComparator<'a> {
    /// A comparator; `None` when no record has a phone number.
    pub fn new(records: &'a Encoded, frequencies: Frequencies<'_>, place: usize) -> Option<Self> {
        let column = records.column(Comparable::Phone)?;
        let table = frequencies.of(Counted::Value(Comparable::Phone));
        Some(Self {
            records,
            column,
            frequency: FrequencyTable::bind(table, records.dictionary(column)),
            tail_digits: records.dictionary(column).iter().map(|number| digit_counts(tail(number))).collect(),
            place,
        })
    }

    /// Compares two records and notes the best level among all their numbers.
    pub fn compare(&self, a: u32, b: u32, levels: &mut PairLevels) {
        let values = self.records.dictionary(self.column);
        let mut best = (MISSING, 0);
        for &value_a in self.records.values(a, self.column) {
            let chance = self.frequency[value_a as usize];
            for &value_b in self.records.values(b, self.column) {
                let found = if value_a == value_b {
                    (phone::EQUAL, chance)
                } else if !self.may_be_slip(value_a, value_b) {
                    (phone::DIFFERENT, 0)
                } else {
                    match level(values.bytes(value_a), values.bytes(value_b)) {
                        phone::LAST_EIGHT => (phone::LAST_EIGHT, chance.max(self.frequency[value_b as usize])),
                        level => (level, 0),
                    }
                };
                if best.0 == MISSING || found < best {
                    best = found;
                }
            }
        }
        levels.set(self.place, best.0, best.1);
    }
}

impl PhoneComparator<'_> {
    /// A slip inside or before the last digits moves one digit into them and one out of them at most.
    fn may_be_slip(&self, a: u32, b: u32) -> bool {
        may_be_slips(self.tail_digits[a as usize], self.tail_digits[b as usize], SLIPS_MAX)
    }

    /// The digit counts of the last digits of each of a record's numbers.
    pub fn digits(&self, rank: u32) -> impl Iterator<Item = u64> {
        self.records.values(rank, self.column).iter().map(|value| self.tail_digits[*value as usize])
    }
}

/// The last digits of a number, by which it is also found.
pub fn tail(number: &[u8]) -> &[u8] {
    &number[number.len().saturating_sub(TAIL)..]
}

fn level(a: &[u8], b: &[u8]) -> u8 {
    let (tail_a, tail_b) = (tail(a), tail(b));
    if tail_a.len() < TAIL || tail_b.len() < TAIL {
        return phone::DIFFERENT;
    }
    if tail_a == tail_b {
        return phone::LAST_EIGHT;
    }
    match edit_distance(a, b) {
        1 => phone::ONE_DIGIT,
        _ if edit_distance(tail_a, tail_b) == 1 => phone::ONE_DIGIT,
        _ => phone::DIFFERENT,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_before_a_number_do_not_change_it() {
        for (a, b, expected) in [
            ("5511987654321", "87654321", phone::LAST_EIGHT),
            ("5511987654321", "5511987654312", phone::ONE_DIGIT),
            ("5511987654321", "5521912344321", phone::DIFFERENT),
            ("190", "191", phone::DIFFERENT),
        ] {
            assert_eq!(level(a.as_bytes(), b.as_bytes()), expected, "{a} {b}");
        }
    }
}
