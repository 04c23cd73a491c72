//! How common values are, counted over all records.

use crate::comparison::frequency::{Frequency, email_domain, email_local};
use crate::comparison::{Comparison, Counted, FrequencyTable, address};
use crate::encoding::{Encoded, stable_hash};
use crate::model::BIT;
use rustc_hash::FxHashMap;
use vinculo_records::Comparable;

/// A value that fewer records hold is as rare as a value can be told to be.
const RECORDS_MIN: u32 = 3;
/// A word of a name is not believed to be rarer than one in this many people, however few records show it.
const RAREST_WORD: f64 = 1.0 / 60_000.0;
/// The same for identifiers and other values.
const RAREST_VALUE: f64 = 1.0 / 4_000_000.0;

/// The tables that these comparisons need.
///
/// `partners` is how many records of its own customer a record meets on average: they hold a value together without any
/// chance in it, so they do not make it common.
pub fn count_frequencies(comparisons: &[Comparison], records: &Encoded, partners: f64) -> Vec<FrequencyTable> {
    let counted = comparisons.iter().flat_map(|comparison| needed(*comparison));
    counted.filter_map(|counted| table(counted, records, partners)).collect()
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

fn table(counted: Counted, records: &Encoded, partners: f64) -> Option<FrequencyTable> {
    let (counts, holders, rarest) = match counted {
        Counted::GivenName | Counted::FamilyName => {
            let (counts, holders) = name_words(counted, records)?;
            (counts, holders, RAREST_WORD)
        }
        Counted::EmailLocal => (parts(records, email_local)?, holders(records, Comparable::Email)?, RAREST_VALUE),
        Counted::EmailDomain => (parts(records, email_domain)?, holders(records, Comparable::Email)?, RAREST_VALUE),
        Counted::Value(what) => {
            let values = records.dictionary(records.column(what)?);
            let counts = (0..values.len() as u32).map(|id| (values.hash(id), values.records(id)));
            (counts.collect(), holders(records, what)?, RAREST_VALUE)
        }
    };
    let strangers = (f64::from(holders) - 1.0 - partners).max(1.0);
    let log = |count: f64| ((count.max(0.5) / strangers).clamp(rarest, 1.0).log2() * BIT).round() as i32;
    let mut above_floor: Vec<Frequency> = counts
        .into_iter()
        .filter(|(_, records)| *records >= RECORDS_MIN)
        .map(|(hash, records)| Frequency { hash, records, log: log(f64::from(records) - 1.0 - partners).min(-1) })
        .collect();
    above_floor.sort_unstable_by_key(|value| value.hash);
    Some(FrequencyTable { counted, floor: log(0.0).min(-1), above_floor })
}

/// How many records have a value at all.
fn holders(records: &Encoded, what: Comparable) -> Option<u32> {
    let column = records.column(what)?;
    let count = (0..records.len() as u32).filter(|&rank| !records.values(rank, column).is_empty()).count();
    Some(count as u32)
}

type Counts = Vec<(u64, u32)>;

/// First given names, or all other words; each word counts once a record.
fn name_words(counted: Counted, records: &Encoded) -> Option<(Counts, u32)> {
    let column = records.column(Comparable::Name)?;
    let words = records.dictionary(column);
    let reader = crate::comparison::name::RoleReader::new(records)?;
    let mut counts = vec![0u32; words.len()];
    let mut holders = 0;
    for rank in 0..records.len() as u32 {
        let name = reader.words(rank);
        let of_role = match counted {
            Counted::GivenName => name.first.as_slice(),
            _ => name.others,
        };
        for (at, &word) in of_role.iter().enumerate() {
            counts[word as usize] += u32::from(!of_role[..at].contains(&word));
        }
        holders += u32::from(!of_role.is_empty());
    }
    let counts = counts.into_iter().enumerate().map(|(id, count)| (words.hash(id as u32), count));
    Some((counts.collect(), holders))
}

/// Parts of e-mail addresses.
fn parts(records: &Encoded, part: fn(&[u8]) -> &[u8]) -> Option<Counts> {
    let values = records.dictionary(records.column(Comparable::Email)?);
    let mut counts: FxHashMap<u64, u32> = FxHashMap::default();
    for id in 0..values.len() as u32 {
        *counts.entry(stable_hash(part(values.bytes(id)))).or_default() += values.records(id);
    }
    Some(counts.into_iter().collect())
}
