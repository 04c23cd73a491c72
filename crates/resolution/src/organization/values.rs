//! Phones and e-mail addresses that two records share, and how telling they are.

use super::telling::{Worth, phone_hash};
use crate::encoding::Encoded;
use vinculo_records::Comparable;

/// The values of some columns, each with what it is known by and how telling it is.
#[derive(Debug)]
pub(super) struct SharedValues<'a> {
    records: &'a Encoded,
    columns: Vec<(usize, Vec<(u64, Worth)>)>,
}

impl<'a> SharedValues<'a> {
    /// Phone numbers, known by their last digits; `telling` tells how telling each is.
    pub(super) fn phones(records: &'a Encoded, telling: impl Fn(u64) -> Worth) -> Self {
        Self::new(records, &[Comparable::Phone], |number, _| phone_hash(number), telling)
    }

    /// E-mail addresses, likewise.
    pub(super) fn emails(records: &'a Encoded, telling: impl Fn(u64) -> Worth) -> Self {
        let columns = [Comparable::Email, Comparable::SharedEmail];
        Self::new(records, &columns, |_, hash| hash, telling)
    }

    fn new(
        records: &'a Encoded,
        columns: &[Comparable],
        known_by: impl Fn(&[u8], u64) -> u64,
        telling: impl Fn(u64) -> Worth,
    ) -> Self {
        let entries = |column: usize| {
            let values = records.dictionary(column);
            let every = 0..values.len() as u32;
            every
                .map(|value| known_by(values.bytes(value), values.hash(value)))
                .map(|hash| (hash, telling(hash)))
                .collect()
        };
        let filled = columns.iter().filter_map(|&what| records.column(what));
        Self { records, columns: filled.map(|column| (column, entries(column))).collect() }
    }

    /// Whether each of two records that share a value has another one that the other has not; nothing where they share
    /// none, or one states a single one.
    pub(super) fn differ_beside_shared(&self, a: u32, b: u32) -> Option<bool> {
        let mut shown = None;
        for (column, entries) in &self.columns {
            let (a, b) = (self.records.values(a, *column), self.records.values(b, *column));
            if a.len() < 2 || b.len() < 2 {
                continue;
            }
            let known = |value: &u32| entries[*value as usize].0;
            let has = |values: &[u32], one: &u32| values.iter().any(|value| known(value) == known(one));
            let has_more = |values: &[u32], others: &[u32]| values.iter().any(|value| !has(others, value));
            if a.iter().any(|value| has(b, value)) {
                shown = shown.max(Some(has_more(a, b) && has_more(b, a)));
            }
        }
        shown
    }

    /// How telling the most telling value is that two records share, which may be witnesses.
    pub(super) fn most_telling(&self, a: u32, b: u32, witnesses: bool) -> Option<i32> {
        let shared = self.columns.iter().flat_map(|(column, entries)| {
            let of = move |rank| self.records.values(rank, *column).iter().map(move |&value| entries[value as usize]);
            of(a).filter(move |one| of(b).any(|other| other.0 == one.0))
        });
        shared.map(|(_, worth)| worth.to(witnesses)).max()
    }
}
