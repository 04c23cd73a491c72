//! What blocking promises of candidate pairs.

use super::*;
use crate::comparison::Frequencies;
use crate::pipeline::{Run, train_and_resolve};
use crate::plan::{KeyPart, ResolutionPlan, Settings};
use proptest::prelude::*;
use std::collections::BTreeSet;
use vinculo_records::{Attributes, Comparable, ComparableRecords, Kind, ListColumn, RecordHash};

/// Records with some phones and cities each, taken from a handful so that blocks arise.
fn encoded(rows: &[(Vec<u8>, u8)]) -> Encoded {
    let (mut phones, mut cities) = (ListColumn::default(), ListColumn::default());
    for (held, city) in rows {
        held.iter().for_each(|phone| phones.push_value(&format!("1190000000{}", phone % 10)));
        phones.end_record();
        cities.push_value(&format!("city{city}"));
        cities.end_record();
    }
    let hashes = (0..rows.len()).map(|n| RecordHash::new("test", &n.to_string())).collect();
    let columns = vec![(Comparable::Phone, phones), (Comparable::City, cities)];
    Encoded::new(&ComparableRecords::new(Kind::Person, hashes, columns))
}

fn rules() -> Vec<BlockingRule> {
    vec![BlockingRule::new(&[KeyPart::Phone], &[KeyPart::City]), BlockingRule::new(&[KeyPart::City], &[])]
}

fn pairs(records: &Encoded, limits: &[RuleLimits], partitions: u32) -> Vec<(u32, u32)> {
    let maker = KeyMaker::new(records, Frequencies::default());
    let matrix = KeyMatrix::new(&rules(), limits, &maker, records.len());
    let visit = |pairs: &mut Vec<(u32, u32)>, a, b| pairs.push((a, b));
    Partition::split(partitions)
        .flat_map(|partition| visit_candidates(&matrix, limits, records, partition, Vec::new, |_, _| true, visit).0)
        .flatten()
        .collect()
}

proptest! {
    #[test]
    fn a_pair_is_proposed_once_and_whenever_it_shares_a_key(
        rows in prop::collection::vec((prop::collection::vec(0u8..10, 0..3), 0u8..6), 2..40),
        partitions in 1u32..8,
    ) {
        let records = encoded(&rows);
        let limits = vec![RuleLimits { limit: 1_000, ..RuleLimits::default() }; 2];
        let found = pairs(&records, &limits, partitions);
        let once: BTreeSet<(u32, u32)> = found.iter().copied().collect();
        prop_assert_eq!(once.len(), found.len(), "a pair at most once");
        let row = |rank: u32| &rows[records.positions()[rank as usize] as usize];
        for a in 0..rows.len() as u32 {
            for b in a + 1..rows.len() as u32 {
                let shares = row(a).1 == row(b).1 || row(a).0.iter().any(|phone| row(b).0.contains(phone));
                prop_assert_eq!(once.contains(&(a, b)), shares);
            }
        }
    }
}

#[test]
fn an_oversized_block_is_refined_before_it_is_cut() {
    // One phone for all; twenty cities with three records each, but one city with thirty.
    let city = |n: u8| if n < 60 { n / 3 } else { 99 };
    let rows: Vec<(Vec<u8>, u8)> = (0..90).map(|n| (vec![1], city(n))).collect();
    let records = encoded(&rows);
    let maker = KeyMaker::new(&records, Frequencies::default());
    let plan_rules = vec![BlockingRule::new(&[KeyPart::Phone], &[KeyPart::City])];
    let limits = limits::learn_for_rules(&plan_rules, 25, 1_000, &maker, records.len());
    assert_eq!(limits[0].oversized.iter().map(Vec::len).collect::<Vec<_>>(), [1, 1]);
    assert_eq!(limits[0].pairs, 60);
}

/// How many of so many equal records, among others that differ, are in the cluster of the first.
fn copies_in_one_cluster(copies: u64, others: u64, partitions: u32) -> usize {
    use Comparable::{BirthDate, Email, Name, NameSound, Phone, TaxId};
    let mut columns: [ListColumn; 6] = Default::default();
    for row in 0..copies + others {
        let pick = |salt: u64, of: u64| if row < copies { salt } else { mix(row, salt) % of };
        let (given, family) = (format!("g{}a", pick(1, 300)), format!("f{}o", pick(2, 900)));
        let birth = format!("{}{:02}{:02}", 1950 + pick(3, 50), 1 + pick(4, 12), 1 + pick(5, 28));
        let person = pick(6, 90_000_000);
        columns[0].push_value(&given);
        columns[0].push_value(&family);
        columns[1].push_value(&given);
        columns[1].push_value(&family);
        columns[2].push_value(&birth);
        columns[3].push_value(&format!("cpf:{person:011}"));
        columns[4].push_value(&format!("x{person}@mail.com"));
        columns[5].push_value(&format!("55119{person:08}"));
        columns.iter_mut().for_each(ListColumn::end_record);
    }
    let hashes = (0..copies + others).map(|n| RecordHash::new("test", &n.to_string())).collect();
    let columns = [Name, NameSound, BirthDate, TaxId, Email, Phone].into_iter().zip(columns).collect();
    let records = ComparableRecords::new(Kind::Person, hashes, columns);
    let plan = ResolutionPlan::new(&records, &Settings::default(), &Attributes::default()).unwrap();
    let (_, found) = train_and_resolve(&plan, &records, Run { partitions, ..Run::default() });
    assert!(found.report.rules.iter().any(|rule| rule.cut_pairs > 0), "the cut is reported");
    let copies = &found.clusters[..copies as usize];
    copies.iter().filter(|cluster| **cluster == copies[0]).count()
}

#[test]
fn a_customer_with_more_copies_than_a_block_may_have_is_one_customer() {
    assert_eq!(copies_in_one_cluster(450, 2_000, 1), 450);
    assert_eq!(copies_in_one_cluster(450, 2_000, 3), 450);
}

#[test]
fn neighbors_in_a_cut_block_are_paired_once_and_alike_in_all_partitions() {
    // Two phones that all share, in one city: both blocks stay too large.
    let rows: Vec<(Vec<u8>, u8)> = (0..200).map(|_| (vec![1, 2], 1)).collect();
    let records = encoded(&rows);
    let maker = KeyMaker::new(&records, Frequencies::default());
    let limits = limits::learn_for_rules(&rules(), 25, 1_000, &maker, records.len());
    let sorted = |partitions| {
        let mut found = pairs(&records, &limits, partitions);
        found.sort_unstable();
        found
    };
    let found = sorted(1);
    assert!(found.windows(2).all(|two| two[0] < two[1]), "a pair at most once");
    let linked: BTreeSet<u32> = found.iter().flat_map(|&(a, b)| [a, b]).collect();
    assert_eq!(linked.len(), 200, "no record is left out");
    assert_eq!(sorted(5), found);
}
