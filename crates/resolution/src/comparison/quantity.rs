//! Numbers and sets that a project declares.

use super::PairLevels;
use super::frequency::FrequencyTable;
use super::level::{MISSING, number, set};
use crate::encoding::Encoded;

/// Compares a declared number.
#[derive(Debug)]
pub struct NumberComparator<'a> {
    records: &'a Encoded,
    column: usize,
    numbers: Vec<f64>,
    frequency: Vec<i32>,
    place: usize,
}

impl<'a> NumberComparator<'a> {
    /// A comparator for a column of decimal numbers.
    pub fn new(records: &'a Encoded, column: usize, table: Option<&FrequencyTable>, place: usize) -> Self {
        let values = records.dictionary(column);
        let parse = |bytes| std::str::from_utf8(bytes).ok()?.parse().ok();
        Self {
            records,
            column,
            numbers: values.iter().map(|bytes| parse(bytes).unwrap_or(f64::NAN)).collect(),
            frequency: FrequencyTable::bind(table, values),
            place,
        }
    }

    /// Compares two records and notes the level.
    pub fn compare(&self, a: u32, b: u32, levels: &mut PairLevels) {
        let (a, b) = (self.records.values(a, self.column), self.records.values(b, self.column));
        let (level, chance) = match (a.first(), b.first()) {
            (Some(a), Some(b)) if a == b => (number::EQUAL, self.frequency[*a as usize]),
            (Some(&a), Some(&b)) => {
                let (a, b) = (self.numbers[a as usize], self.numbers[b as usize]);
                match (a - b).abs() * 100.0 <= a.abs().max(b.abs()) {
                    true => (number::NEAR, 0),
                    false => (number::DIFFERENT, 0),
                }
            }
            _ => (MISSING, 0),
        };
        levels.set(self.place, level, chance);
    }
}

/// Compares a declared set by what the two records share.
#[derive(Debug)]
pub struct SetComparator<'a> {
    records: &'a Encoded,
    column: usize,
    frequency: Vec<i32>,
    place: usize,
}

impl<'a> SetComparator<'a> {
    /// A comparator for a column of sets.
    pub fn new(records: &'a Encoded, column: usize, table: Option<&FrequencyTable>, place: usize) -> Self {
        let frequency = FrequencyTable::bind(table, records.dictionary(column));
        Self { records, column, frequency, place }
    }

    /// Compares two records and notes the level; the rarest common member counts.
    pub fn compare(&self, a: u32, b: u32, levels: &mut PairLevels) {
        let (a, b) = (self.records.values(a, self.column), self.records.values(b, self.column));
        let common = || a.iter().filter(|member| b.contains(member));
        let shared = common().count();
        let rarest = common().map(|&member| self.frequency[member as usize]).min();
        let (level, chance) = match shared {
            _ if a.is_empty() || b.is_empty() => (MISSING, 0),
            0 => (set::NONE, 0),
            _ if shared >= 2 && shared * 2 >= a.len().min(b.len()) => (set::MOST, 0),
            _ => (set::SOME, rarest.unwrap_or(0)),
        };
        levels.set(self.place, level, chance);
    }
}
