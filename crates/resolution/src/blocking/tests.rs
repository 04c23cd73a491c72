//! What blocking promises of candidate pairs.

use super::*;
use crate::comparison::Frequencies;
use crate::plan::KeyPart;
use proptest::prelude::*;
use std::collections::BTreeSet;
use vinculo_records::{Comparable, ComparableRecords, Kind, ListColumn, RecordHash};

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
