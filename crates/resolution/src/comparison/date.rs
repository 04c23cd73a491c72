//! Dates as eight digits, impossible ones included.

use super::PairLevels;
use super::frequency::FrequencyTable;
use super::level::{MISSING, date};
use crate::encoding::Encoded;

/// Compares one column of dates.
#[derive(Debug)]
pub struct DateComparator<'a> {
    records: &'a Encoded,
    column: usize,
    days: Vec<Day>,
    frequency: Vec<i32>,
    place: usize,
}

/// A date as it was written, possible or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Day {
    digits: [u8; 8],
    /// Year.
    pub year: u16,
    /// Month, 0 to 99.
    pub month: u8,
    /// Day of the month, 0 to 99.
    pub day: u8,
}

impl Day {
    /// The date in eight digits `YYYYMMDD`.
    pub fn parse(text: &[u8]) -> Option<Self> {
        let digits: [u8; 8] = text.try_into().ok()?;
        if !digits.iter().all(u8::is_ascii_digit) {
            return None;
        }
        let number = |range: std::ops::Range<usize>| {
            digits[range].iter().fold(0u16, |sum, digit| sum * 10 + u16::from(digit - b'0'))
        };
        Some(Self { digits, year: number(0..4), month: number(4..6) as u8, day: number(6..8) as u8 })
    }
}

impl<'a> DateComparator<'a> {
    /// A comparator for a column whose values are dates.
    pub fn new(records: &'a Encoded, column: usize, table: Option<&FrequencyTable>, place: usize) -> Self {
        let values = records.dictionary(column);
        let nothing = Day { digits: [0; 8], year: 0, month: 0, day: 0 };
        Self {
            records,
            column,
            days: values.iter().map(|text| Day::parse(text).unwrap_or(nothing)).collect(),
            frequency: FrequencyTable::bind(table, values),
            place,
        }
    }

    /// Compares two records and notes the level.
    pub fn compare(&self, a: u32, b: u32, levels: &mut PairLevels) {
        let (a, b) = (self.records.values(a, self.column), self.records.values(b, self.column));
        let (level, chance) = match (a.first(), b.first()) {
            (Some(a), Some(b)) => self.compare_values(*a, *b),
            _ => (MISSING, 0),
        };
        levels.set(self.place, level, chance);
    }

    /// The level of two dates by number, and the frequency of the date where they are equal.
    #[inline]
    pub fn compare_values(&self, a: u32, b: u32) -> (u8, i32) {
        match a == b {
            true => (date::EQUAL, self.frequency[a as usize]),
            false => (level(self.days[a as usize], self.days[b as usize]), 0),
        }
    }

    /// The number of a record's date, the first if it has several.
    pub fn value(&self, rank: u32) -> Option<u32> {
        self.records.values(rank, self.column).first().copied()
    }
}

/// The level of two dates that are not equal.
fn level(a: Day, b: Day) -> u8 {
    let parts = u8::from(a.year == b.year) + u8::from(a.month == b.month) + u8::from(a.day == b.day);
    let close = a.year.abs_diff(b.year) <= 1 && a.month.abs_diff(b.month) <= 1 && a.day.abs_diff(b.day) <= 2;
    if a.year == b.year && a.month == b.day && a.day == b.month {
        date::DAY_MONTH
    } else if is_one_slip(a.digits, b.digits) {
        date::ONE_DIGIT
    } else if parts == 2 {
        date::TWO_PARTS
    } else if close {
        date::CLOSE
    } else if a.year == b.year {
        date::YEAR
    } else {
        date::DIFFERENT
    }
}

/// Whether one digit differs, or two neighbors are exchanged.
fn is_one_slip(a: [u8; 8], b: [u8; 8]) -> bool {
    let mut differing = (0..8).filter(|&at| a[at] != b[at]);
    match (differing.next(), differing.next(), differing.next()) {
        (Some(_), None, _) => true,
        (Some(first), Some(second), None) => second == first + 1 && a[first] == b[second] && a[second] == b[first],
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_slip_of_a_date_has_its_level() {
        for (a, b, expected) in [
            ("19780819", "19790819", date::ONE_DIGIT),
            ("19780819", "19870819", date::ONE_DIGIT),
            ("19780805", "19780508", date::DAY_MONTH),
            ("19780819", "19780731", date::YEAR),
            ("19780819", "19550819", date::TWO_PARTS),
            ("19780819", "19790921", date::CLOSE),
            ("19780819", "19550212", date::DIFFERENT),
        ] {
            let parse = |text: &str| Day::parse(text.as_bytes()).unwrap();
            assert_eq!(level(parse(a), parse(b)), expected, "{a} {b}");
        }
    }
}
