//! How common values are, counted over the records of training.

use crate::comparison::frequency::{Frequency, email_domain, email_local};
use crate::comparison::name::RoleReader;
use crate::comparison::{Comparison, Counted, FrequencyTable, address};
use crate::encoding::{Dictionary, Encoded, stable_hash};
use crate::model::BIT;
use rayon::prelude::*;
use rustc_hash::FxHashMap;
use vinculo_records::Comparable;

/// A value that fewer records hold is as rare as a value can be told to be.
const RECORDS_MIN: u32 = 3;
/// A word of a name is not believed to be rarer than one in this many people, however few records show it.
const RAREST_WORD: f64 = 1.0 / 60_000.0;
/// The same for identifiers and other values.
const RAREST_VALUE: f64 = 1.0 / 4_000_000.0;

/// What is believed before any data were seen counts as many records, so that a file about a handful of people does not
/// take what they hold for common.
const BELIEF_RECORDS: f64 = 100.0;

/// How often each value occurs among the records that count.
#[derive(Debug)]
pub struct Counts {
    counted: Counted,
    /// The values that so many records hold that it matters how many, each with their number.
    common: Vec<(u64, u32)>,
    /// How many records have a value at all.
    holders: u32,
    /// The probability that a stranger agrees on a value, as first believed.
    believed: f64,
}

/// Counts what these comparisons need, over some records by rank.
pub fn count(comparisons: &[Comparison], records: &Encoded, ranks: &[u32]) -> Vec<Counts> {
    let needed = comparisons.iter().flat_map(|comparison| {
        let believed = comparison.levels()[0].u;
        needed(*comparison).into_iter().map(move |counted| (counted, believed))
    });
    let needed: Vec<(Counted, f64)> = needed.collect();
    needed.into_par_iter().filter_map(|(counted, believed)| count_one(counted, believed, records, ranks)).collect()
}

impl Counts {
    /// The frequencies of the values.
    ///
    /// `partners` is how many records of its own customer a record meets on average: they hold a value together without
    /// any chance in it, so they do not make it common.
    pub fn table(&self, partners: f64) -> FrequencyTable {
        let rarest = if self.counted.is_name() { RAREST_WORD } else { RAREST_VALUE };
        let strangers = (f64::from(self.holders) - 1.0 - partners).max(1.0);
        let log = |count: f64| {
            let share = (count.max(0.5) + BELIEF_RECORDS * self.believed) / (strangers + BELIEF_RECORDS);
            ((share.clamp(rarest, 1.0).log2() * BIT).round() as i32).min(-1)
        };
        let mut above_floor: Vec<Frequency> = self
            .common
            .iter()
            .map(|&(hash, records)| Frequency { hash, records, log: log(f64::from(records) - 1.0 - partners) })
            .collect();
        above_floor.sort_unstable_by_key(|value| value.hash);
        FrequencyTable { counted: self.counted, floor: log(0.0), above_floor }
    }
}

fn needed(comparison: Comparison) -> Vec<Counted> {
    let values = |what: &[Comparable]| what.iter().map(|what| Counted::Value(*what)).collect::<Vec<_>>();
    match comparison {
        Comparison::GivenName => vec![Counted::GivenName],
        Comparison::FamilyName => vec![Counted::FamilyName],
        Comparison::NameGeneration | Comparison::Sex => Vec::new(),
        Comparison::BirthDate => values(&[Comparable::BirthDate]),
        Comparison::MotherName => values(&[Comparable::MotherName]),
        Comparison::TaxId => values(&[Comparable::TaxId, Comparable::TaxCode]),
        Comparison::Email => {
            let mut counted = values(&[Comparable::Email, Comparable::SharedEmail]);
            counted.extend([Counted::EmailLocal, Counted::EmailDomain]);
            counted
        }
        Comparison::Phone => values(&[Comparable::Phone]),
        Comparison::Address => values(&address::COLUMNS),
        Comparison::Custom(id, attribute_type) => values(&[Comparable::Custom(id, attribute_type)]),
    }
}

fn count_one(counted: Counted, believed: f64, records: &Encoded, ranks: &[u32]) -> Option<Counts> {
    let (mut found, holders) = match counted {
        Counted::GivenName | Counted::FamilyName => name_words(counted, records, ranks)?,
        Counted::EmailLocal => parts(records, ranks, email_local)?,
        Counted::EmailDomain => parts(records, ranks, email_domain)?,
        Counted::Value(what) => {
            let column = records.column(what)?;
            tally(records.dictionary(column), ranks, |rank| records.values(rank, column))
        }
    };
    // Most values are rarer: they would take as much room as all records.
    found.retain(|(_, records)| *records >= RECORDS_MIN);
    found.shrink_to_fit();
    Some(Counts { counted, common: found, holders, believed })
}

type Tally = (Vec<(u64, u32)>, u32);

/// How many records hold each value, and how many hold any; a value counts once a record.
fn tally<'a>(values: &Dictionary, ranks: &[u32], of: impl Fn(u32) -> &'a [u32]) -> Tally {
    let mut counts = vec![0u32; values.len()];
    let mut holders = 0;
    for &rank in ranks {
        let held = of(rank);
        for (at, &value) in held.iter().enumerate() {
            counts[value as usize] += u32::from(!held[..at].contains(&value));
        }
        holders += u32::from(!held.is_empty());
    }
    let counted = (0..).zip(counts).filter(|(_, count)| *count > 0).map(|(id, count)| (values.hash(id), count));
    (counted.collect(), holders)
}

/// First given names, or all other words.
fn name_words(counted: Counted, records: &Encoded, ranks: &[u32]) -> Option<Tally> {
    let words = records.dictionary(records.column(Comparable::Name)?);
    let reader = RoleReader::new(records)?;
    Some(tally(words, ranks, |rank| {
        let name = reader.words(rank);
        match counted {
            Counted::GivenName => &name.all[..name.all.len() - name.others.len()],
            _ => name.others,
        }
    }))
}

/// Parts of e-mail addresses.
fn parts(records: &Encoded, ranks: &[u32], part: fn(&[u8]) -> &[u8]) -> Option<Tally> {
    let column = records.column(Comparable::Email)?;
    let values = records.dictionary(column);
    let mut counts: FxHashMap<u64, u32> = FxHashMap::default();
    let mut holders = 0;
    for &rank in ranks {
        let held = records.values(rank, column);
        held.iter().for_each(|id| *counts.entry(stable_hash(part(values.bytes(*id)))).or_default() += 1);
        holders += u32::from(!held.is_empty());
    }
    Some((counts.into_iter().collect(), holders))
}
