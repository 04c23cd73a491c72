//! Identifiers and other codes: equal, or a slip of the hand away.

use super::frequency::{Counted, FrequencyTable};
use super::level::{MISSING, code};
use super::text::{digit_counts, edit_distance, may_be_slips};
use super::{Frequencies, PairLevels};
use crate::encoding::Encoded;
use vinculo_records::Comparable;

/// A code shorter than this says too little for a slip to be told from another code.
const SLIP_LENGTH_MIN: usize = 5;
/// More slips than this are another code.
pub const SLIPS_MAX: u32 = 2;

/// Compares codes; tax identifiers stand in two columns, the valid ones and the rest.
#[derive(Debug)]
pub struct CodeComparator<'a> {
    records: &'a Encoded,
    columns: Vec<Column>,
    place: usize,
}

#[derive(Debug)]
struct Column {
    at: usize,
    frequency: Vec<i32>,
    digits: Vec<u64>,
}

impl<'a> CodeComparator<'a> {
    /// A comparator over these columns; `None` when no record has a value in any.
    pub fn new(records: &'a Encoded, over: &[Comparable], frequencies: Frequencies<'_>, place: usize) -> Option<Self> {
        let columns: Vec<Column> = over
            .iter()
            .filter_map(|&what| {
                let at = records.column(what)?;
                let values = records.dictionary(at);
                Some(Column {
                    at,
                    frequency: FrequencyTable::bind(frequencies.of(Counted::Value(what)), values),
                    digits: values.iter().map(|code| digit_counts(bare(code))).collect(),
                })
            })
            .collect();
        (!columns.is_empty()).then_some(Self { records, columns, place })
    }

    /// Compares two records and notes the best level among all their values.
    pub fn compare(&self, a: u32, b: u32, levels: &mut PairLevels) {
        let mut best = (MISSING, 0);
        for column_a in &self.columns {
            for &value_a in self.records.values(a, column_a.at) {
                for column_b in &self.columns {
                    for &value_b in self.records.values(b, column_b.at) {
                        let found = self.compare_values((column_a, value_a), (column_b, value_b));
                        if best.0 == MISSING || found < best {
                            best = found;
                        }
                    }
                }
            }
        }
        levels.set(self.place, best.0, best.1);
    }

    /// The digit counts of each of a record's codes.
    pub fn digits(&self, rank: u32) -> impl Iterator<Item = u64> {
        let values = move |column: &Column| self.records.values(rank, column.at).iter();
        self.columns.iter().flat_map(move |column| values(column).map(|value| column.digits[*value as usize]))
    }

    fn compare_values(&self, a: (&Column, u32), b: (&Column, u32)) -> (u8, i32) {
        if a.0.at == b.0.at && a.1 == b.1 {
            return (code::EQUAL, a.0.frequency[a.1 as usize]);
        }
        if !may_be_slips(a.0.digits[a.1 as usize], b.0.digits[b.1 as usize], SLIPS_MAX) {
            return (code::DIFFERENT, 0);
        }
        let text = |of: (&Column, u32)| self.records.dictionary(of.0.at).bytes(of.1);
        (level(text(a), text(b)), 0)
    }
}

/// The code without the type that stands before it.
pub fn bare(code: &[u8]) -> &[u8] {
    code.iter().position(|&byte| byte == b':').map_or(code, |at| &code[at + 1..])
}

/// The level of two codes that stand under different numbers.
fn level(a: &[u8], b: &[u8]) -> u8 {
    let (a, b) = (bare(a), bare(b));
    let shorter = a.len().min(b.len());
    if shorter < SLIP_LENGTH_MIN || a.len().abs_diff(b.len()) > 2 {
        return if a == b { code::EQUAL } else { code::DIFFERENT };
    }
    match edit_distance(a, b) {
        0 => code::EQUAL,
        1 => code::ONE_WRONG,
        2 if shorter >= 7 => code::TWO_WRONG,
        _ => code::DIFFERENT,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_told_from_another_code() {
        for (a, b, expected) in [
            ("cpf:52998224725", "52998224725", code::EQUAL),
            ("cpf:52998224725", "52998224752", code::ONE_WRONG),
            ("6988048", "6980848", code::ONE_WRONG),
            ("6988048", "6988911", code::DIFFERENT),
            ("12", "13", code::DIFFERENT),
        ] {
            assert_eq!(level(a.as_bytes(), b.as_bytes()), expected, "{a} {b}");
        }
    }
}
