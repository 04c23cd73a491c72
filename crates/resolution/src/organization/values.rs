//! Phones and e-mail addresses that two records share, and how telling they are.

use super::telling::{Shared, TellingTable, phone_hash};
use crate::encoding::Encoded;
use vinculo_records::Comparable;

/// The values of some columns, each with what it is known by and how telling it is.
#[derive(Debug)]
pub(super) struct SharedValues<'a> {
    records: &'a Encoded,
    columns: Vec<(usize, Vec<(u64, i32)>)>,
}

impl<'a> SharedValues<'a> {
    /// Phone numbers, known by their last digits.
    pub(super) fn phones(records: &'a Encoded, telling: &TellingTable) -> Self {
        Self::new(
            records,
            &[Comparable::Phone],
            |number, _| phone_hash(number),
            |hash| telling.weight(Shared::Phone, hash),
        )
    }

    /// E-mail addresses.
    pub(super) fn emails(records: &'a Encoded, telling: &TellingTable) -> Self {
        let columns = [Comparable::Email, Comparable::SharedEmail];
        Self::new(records, &columns, |_, hash| hash, |hash| telling.weight(Shared::Email, hash))
    }

    fn new(
        records: &'a Encoded,
        columns: &[Comparable],
        known_by: impl Fn(&[u8], u64) -> u64,
        weight: impl Fn(u64) -> i32,
    ) -> Self {
        let entries = |column: usize| {
            let values = records.dictionary(column);
            let every = 0..values.len() as u32;
            every
                .map(|value| known_by(values.bytes(value), values.hash(value)))
                .map(|hash| (hash, weight(hash)))
                .collect()
        };
        let filled = columns.iter().filter_map(|&what| records.column(what));
        Self { records, columns: filled.map(|column| (column, entries(column))).collect() }
    }

    /// How telling the most telling value is that two records share.
    pub(super) fn most_telling(&self, a: u32, b: u32) -> Option<i32> {
        let shared = self.columns.iter().flat_map(|(column, entries)| {
            let of = move |rank| self.records.values(rank, *column).iter().map(move |&value| entries[value as usize]);
            of(a).filter(move |one| of(b).any(|other| other.0 == one.0))
        });
        shared.map(|(_, weight)| weight).max()
    }
}
