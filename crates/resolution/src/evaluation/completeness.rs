//! How many of the true pairs are candidates: what blocking leaves out, no evidence can bring back.
//!
//! Blocking owes most to pairs that are *tied*: they share a value, or two, that few records hold, so that a person who
//! looked for the one would find the other.

use crate::encoding::{mix, stable_hash};
use crate::incremental::{self, Halvings, RecordKeys};
use crate::model::Model;
use crate::plan::ResolutionPlan;
use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};
use serde::Serialize;
use std::collections::BTreeMap;
use std::ops::AddAssign;
use std::sync::atomic::{AtomicU32, Ordering};
use vinculo_records::{Comparable, ComparableRecords};

/// The most records that hold a value, or two values together, by which a pair is tied.
pub const FEW_HOLDERS: u32 = 50;

/// Records of one entity whose pairs are looked at: those of more would not be counted to the end.
const OF_ENTITY: usize = 2_000;
/// Values of a column that count: what a record lists by the hundred, it shares with anybody.
const OF_COLUMN: usize = 64;

/// Pairs of records of one kind and one entity, and how many of them are candidates.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Completeness {
    /// All such pairs.
    pub pairs: u64,
    /// Those that are candidates.
    pub candidates: u64,
    /// Pairs that share a value, or two values, that at most [`FEW_HOLDERS`] records hold.
    pub tied: u64,
    /// Those of them that are candidates.
    pub tied_candidates: u64,
}

impl AddAssign for Completeness {
    fn add_assign(&mut self, other: Self) {
        self.pairs += other.pairs;
        self.candidates += other.candidates;
        self.tied += other.tied;
        self.tied_candidates += other.tied_candidates;
    }
}

/// Looks for the true pairs among the candidates; `entities` says of each record what it is, where that is known.
///
/// A value is what a column holds of a record: a date, a whole street, a whole name; of a person's name each word too,
/// since sources part names differently. Of an entity with very many records, two thousand are looked at.
///
/// # Panics
/// Not as many entities as records.
pub fn completeness(
    plan: &ResolutionPlan,
    model: &Model,
    records: &ComparableRecords,
    entities: &[Option<u32>],
) -> Completeness {
    assert_eq!(entities.len(), records.len(), "an entity, known or not, a record");
    let groups = groups(entities);
    let keys = incremental::keys(plan, model, records);
    let halvings = halvings(model, &keys, &groups);
    let values: Vec<Vec<u64>> = (0..records.len()).into_par_iter().map(|record| values(records, record)).collect();
    let ties = Ties::new(&values, &groups);
    let count = |(left, right): (u32, u32)| {
        let (left, right) = (left as usize, right as usize);
        let is_candidate = keys[left].are_candidates(&keys[right], &halvings);
        let is_tied = ties.tie(&values[left], &values[right]);
        Completeness {
            pairs: 1,
            candidates: u64::from(is_candidate),
            tied: u64::from(is_tied),
            tied_candidates: u64::from(is_tied && is_candidate),
        }
    };
    let of_group = |group: &Vec<u32>| {
        let mut found = Completeness::default();
        pairs_of(group).for_each(|pair| found += count(pair));
        found
    };
    groups.par_iter().map(of_group).reduce(Completeness::default, |mut sum, found| {
        sum += found;
        sum
    })
}

/// The records of each entity that has several.
fn groups(entities: &[Option<u32>]) -> Vec<Vec<u32>> {
    let mut groups: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
    for (record, entity) in (0..).zip(entities) {
        if let Some(entity) = entity {
            groups.entry(*entity).or_default().push(record);
        }
    }
    groups.values_mut().for_each(|group| group.truncate(OF_ENTITY));
    groups.into_values().filter(|group| group.len() > 1).collect()
}

fn pairs(groups: &[Vec<u32>]) -> impl Iterator<Item = (u32, u32)> {
    groups.iter().flat_map(|group| pairs_of(group))
}

fn pairs_of(group: &[u32]) -> impl Iterator<Item = (u32, u32)> {
    (0..group.len()).flat_map(move |at| group[at + 1..].iter().map(move |&right| (group[at], right)))
}

/// How often the blocks that true pairs share are halved.
fn halvings(model: &Model, keys: &[RecordKeys], groups: &[Vec<u32>]) -> Halvings {
    let mut shared: FxHashSet<u64> = FxHashSet::default();
    for (left, right) in pairs(groups) {
        shared.extend(in_both(&keys[left as usize].blocks, &keys[right as usize].blocks));
    }
    let members = |keys: &RecordKeys| {
        let content = keys.content;
        let blocks = keys.blocks.iter().filter(|block| shared.contains(block));
        blocks.map(move |&block| (block, content)).collect::<Vec<_>>()
    };
    let mut members: Vec<(u64, u64)> = keys.par_iter().flat_map_iter(members).collect();
    members.par_sort_unstable();
    members.dedup();
    let of_block =
        |contents: &[(u64, u64)]| (contents[0].0, incremental::halvings(model, contents[0].0, contents.len()));
    members.chunk_by(|a, b| a.0 == b.0).map(of_block).filter(|(_, times)| *times > 0).collect()
}

/// What a record says, each value as a hash, ascending.
fn values(records: &ComparableRecords, record: usize) -> Vec<u64> {
    let mut found = Vec::new();
    for (at, (what, column)) in (0..).zip(records.columns()) {
        let value = |text: &str| mix(stable_hash(text.as_bytes()), at);
        let whole = |found: &mut Vec<u64>| {
            let words: Vec<&str> = column.get(record).collect();
            found.extend((!words.is_empty()).then(|| value(&words.join(" "))));
        };
        match what {
            // What is derived from another column ties no pair once more.
            Comparable::NameSound | Comparable::GivenNameCount => {}
            Comparable::MotherName | Comparable::Street | Comparable::Complement | Comparable::District => {
                whole(&mut found);
            }
            Comparable::Name => {
                whole(&mut found);
                found.extend(column.get(record).map(value));
            }
            _ => found.extend(column.get(record).take(OF_COLUMN).map(value)),
        }
    }
    found.sort_unstable();
    found.dedup();
    found
}

/// Which values, and which two values together, few records hold.
struct Ties {
    single: Holders,
    double: Holders,
}

impl Ties {
    fn new(values: &[Vec<u64>], groups: &[Vec<u32>]) -> Self {
        let shared = || pairs(groups).map(|(left, right)| in_both(&values[left as usize], &values[right as usize]));
        let single = Holders::count(shared().flatten(), values, |values| values.to_vec());
        let untied = shared().map(Vec::from_iter).filter(|shared| !shared.iter().any(|value| single.are_few(*value)));
        let double = Holders::count(untied.flat_map(|shared| doubles(&shared)), values, |values| {
            // A value that no true pair shares is in none of the wanted twos.
            doubles(&values.iter().copied().filter(|value| single.0.contains_key(value)).collect::<Vec<_>>())
        });
        Self { single, double }
    }

    fn tie(&self, left: &[u64], right: &[u64]) -> bool {
        let shared: Vec<u64> = in_both(left, right).collect();
        shared.iter().any(|value| self.single.are_few(*value))
            || doubles(&shared).into_iter().any(|double| self.double.are_few(double))
    }
}

/// How many records hold each of some values.
struct Holders(FxHashMap<u64, AtomicU32>);

impl Holders {
    /// Counts those of the wanted values; `of` tells what a record holds.
    fn count(wanted: impl Iterator<Item = u64>, records: &[Vec<u64>], of: impl Fn(&[u64]) -> Vec<u64> + Sync) -> Self {
        let counts: FxHashMap<u64, AtomicU32> = wanted.map(|value| (value, AtomicU32::new(0))).collect();
        records.par_iter().for_each(|record| {
            for held in of(record) {
                if let Some(count) = counts.get(&held) {
                    count.fetch_add(1, Ordering::Relaxed);
                }
            }
        });
        Self(counts)
    }

    fn are_few(&self, value: u64) -> bool {
        self.0.get(&value).is_some_and(|count| count.load(Ordering::Relaxed) <= FEW_HOLDERS)
    }
}

/// Each two of some values as one.
fn doubles(values: &[u64]) -> Vec<u64> {
    let with_later = |(at, one): (usize, &u64)| {
        let one = *one;
        values[at + 1..].iter().map(move |other| mix(one, *other))
    };
    values.iter().enumerate().flat_map(with_later).collect()
}

/// What stands in two ascending lists.
fn in_both<'a>(left: &'a [u64], right: &'a [u64]) -> impl Iterator<Item = u64> + 'a {
    left.iter().copied().filter(|value| right.binary_search(value).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pipeline::train;
    use crate::plan::Settings;
    use vinculo_records::{Attributes, Kind, ListColumn, RecordHash};

    const NOBODY: &str = "";

    /// Persons by name, e-mail and city.
    fn persons(rows: &[[&str; 3]]) -> ComparableRecords {
        let column = |at: usize, words: bool| {
            let mut column = ListColumn::default();
            for row in rows {
                let values = row[at].split(|c| words && c == ' ').filter(|value| !value.is_empty());
                values.for_each(|value| column.push_value(value));
                column.end_record();
            }
            column
        };
        let columns = vec![
            (Comparable::Name, column(0, true)),
            (Comparable::Email, column(1, false)),
            (Comparable::City, column(2, false)),
        ];
        let hashes = (0..rows.len()).map(|row| RecordHash::new("test", &row.to_string())).collect();
        ComparableRecords::new(Kind::Person, hashes, columns)
    }

    /// The first two rows are one person; so many others say the same as the third.
    fn found(rows: [[&str; 3]; 3], others: usize) -> Completeness {
        let mut all = rows[..2].to_vec();
        all.extend(vec![rows[2]; others]);
        let records = persons(&all);
        let plan = ResolutionPlan::new(&records, &Settings::default(), &Attributes::default()).unwrap();
        let mut entities = vec![None; all.len()];
        entities[..2].fill(Some(7));
        completeness(&plan, &train(&plan, &records).model, &records, &entities)
    }

    #[test]
    fn two_records_with_the_same_address_are_tied_and_compared() {
        let one =
            [["ana souza", "a@mail.com", NOBODY], ["bia lima", "a@mail.com", NOBODY], ["rui reis", "r@x.com", NOBODY]];
        assert_eq!(found(one, 60), Completeness { pairs: 1, candidates: 1, tied: 1, tied_candidates: 1 });
    }

    #[test]
    fn two_records_with_nothing_in_common_are_neither() {
        let one = [
            ["ana souza", "a@mail.com", "faro"],
            ["bia lima", "b@mail.com", "olinda"],
            ["rui reis", "r@x.com", "tomar"],
        ];
        assert_eq!(found(one, 60), Completeness { pairs: 1, ..Completeness::default() });
    }

    #[test]
    fn a_value_ties_as_long_as_few_hold_it() {
        let one =
            [["ana souza", "a@mail.com", "faro"], ["bia lima", "b@mail.com", "faro"], ["rui reis", "r@x.com", "faro"]];
        let most = FEW_HOLDERS as usize - 2;
        assert_eq!(found(one, most), Completeness { pairs: 1, candidates: 1, tied: 1, tied_candidates: 1 });
        assert_eq!(found(one, most + 1).tied, 0);
    }

    #[test]
    fn two_common_values_tie_if_few_hold_both() {
        let mut rows = vec![["ana souza", "a@mail.com", "faro"], ["ana lima", "b@mail.com", "faro"]];
        rows.extend(vec![["ana reis", "r@x.com", "tomar"]; 60]);
        rows.extend(vec![["rui reis", "r@x.com", "faro"]; 60]);
        let holds = |rows: &[[&str; 3]]| {
            let records = persons(rows);
            let values: Vec<Vec<u64>> = (0..records.len()).map(|record| values(&records, record)).collect();
            Ties::new(&values, &[vec![0, 1]]).tie(&values[0], &values[1])
        };
        assert!(holds(&rows));
        rows.extend(vec![["ana reis", "r@x.com", "faro"]; 60]);
        assert!(!holds(&rows));
    }
}
