//! Streets of two records that may be one after all.

use crate::comparison::text::is_one_edit;
use crate::comparison::{Counted, Frequencies};
use crate::encoding::Encoded;
use vinculo_records::Comparable;

/// Words that stand where somebody knew no street.
const NO_STREET: [&str; 10] = ["nao", "informado", "informada", "sem", "endereco", "na", "n", "a", "sn", "null"];
/// From this share of the weight of a street's words on it may be the other street, in thousandths.
const KIN: u32 = 750;

/// The streets of all records.
#[derive(Debug)]
pub(super) struct Streets<'a> {
    records: &'a Encoded,
    column: Option<usize>,
    postal_codes: Option<usize>,
    cities: Option<usize>,
    /// How many bits each word is worth; nothing for a word that is no street.
    weights: Vec<u32>,
}

impl<'a> Streets<'a> {
    /// The streets of records; the frequencies tell which words are rare.
    pub(super) fn new(records: &'a Encoded, frequencies: Frequencies<'_>) -> Self {
        let column = records.column(Comparable::Street);
        let table = frequencies.of(Counted::Value(Comparable::Street));
        let weights = column.map_or(Vec::new(), |column| {
            let words = records.dictionary(column);
            let weight = |word: u32| {
                let text = words.bytes(word);
                let is_street = !text.iter().all(u8::is_ascii_digit) || text.len() < 3;
                let stands_for_none = NO_STREET.iter().any(|none| none.as_bytes() == text);
                let bits = table.map_or(0, |table| -table.get(words.hash(word)) / 1_000);
                if is_street && !stands_for_none { 1 + bits as u32 } else { 0 }
            };
            (0..words.len() as u32).map(weight).collect()
        });
        Self {
            records,
            column,
            postal_codes: records.column(Comparable::PostalCode),
            cities: records.column(Comparable::City),
            weights,
        }
    }

    /// Whether two records, whose streets a comparison found different, name streets that have little in common.
    pub(super) fn differ(&self, a: u32, b: u32) -> bool {
        let Some(column) = self.column else {
            return false;
        };
        let (a, b) = (self.records.values(a, column), self.records.values(b, column));
        let weight = |words: &[u32]| words.iter().map(|&word| self.weights[word as usize]).sum::<u32>();
        let common: u32 = a.iter().filter(|word| b.contains(word)).map(|&word| self.weights[word as usize]).sum();
        let (all_a, all_b) = (weight(a), weight(b));
        all_a > 0 && all_b > 0 && common * 1_000 < KIN * all_a.min(all_b)
    }

    /// Whether two records state postal codes that differ by more than a slip: in one street, two places of it.
    pub(super) fn state_other_codes(&self, a: u32, b: u32) -> bool {
        self.state_others(self.postal_codes, a, b)
    }

    /// The same of cities.
    pub(super) fn state_other_cities(&self, a: u32, b: u32) -> bool {
        self.state_others(self.cities, a, b)
    }

    fn state_others(&self, column: Option<usize>, a: u32, b: u32) -> bool {
        let Some(column) = column else {
            return false;
        };
        let first = |rank: u32| {
            let value = self.records.values(rank, column).first()?;
            std::str::from_utf8(self.records.dictionary(column).bytes(*value)).ok()
        };
        // Part of a code, or of a city's name, is no other one.
        let differ = |a: &str, b: &str| !a.contains(b) && !b.contains(a) && !is_one_edit(a.as_bytes(), b.as_bytes());
        first(a).zip(first(b)).is_some_and(|(a, b)| differ(a, b))
    }
}
