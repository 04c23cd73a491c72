//! What ids promise.

use super::*;
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

fn hash(record: u32) -> RecordHash {
    // Spread, so that the order of hashes is not the order of the numbers.
    RecordHash(u128::from(record).wrapping_mul(0x9E37_79B9_7F4A_7C15_F39C_C060_5CED_C835))
}

fn membership(groups: &[&[u32]]) -> Vec<Membership> {
    let members = |(group, records): (usize, &&[u32])| {
        records.iter().map(move |&record| Membership { record: hash(record), group: group as u32 }).collect::<Vec<_>>()
    };
    groups.iter().enumerate().flat_map(members).collect()
}

/// Customers with the ids 1, 2, …, created in the order given.
fn customers(created: &[u64]) -> Vec<OldCustomer> {
    let customer = |(&created, id): (&u64, u128)| OldCustomer { id: old_id(id), created };
    created.iter().zip(1..).map(customer).collect()
}

fn old_id(id: u128) -> CustomerId {
    CustomerId(Uuid::from_u128(id))
}

fn run(created: &[u64], old: &[&[u32]], new: &[&[u32]]) -> Inheritance {
    inherit(7, &customers(created), membership(old), membership(new), new.len())
}

#[test]
fn a_cluster_inherits_the_id_it_overlaps_most() {
    let result = run(&[1, 2], &[&[1, 2], &[3, 4, 5]], &[&[1, 2, 3, 4, 5]]);
    assert_eq!(result.customers, [old_id(2)]);
    assert_eq!(result.changes, [Change::Merged { customer: old_id(1), into: old_id(2) }]);
}

#[test]
fn of_equal_overlaps_the_oldest_wins_then_the_least() {
    let oldest = run(&[9, 3], &[&[1], &[2]], &[&[1, 2]]);
    assert_eq!(oldest.customers, [old_id(2)]);
    let least = run(&[3, 3], &[&[1], &[2]], &[&[1, 2]]);
    assert_eq!(least.customers, [old_id(1)]);
}

#[test]
fn a_split_keeps_the_id_with_most_records_and_names_the_origin_of_the_rest() {
    let result = run(&[1], &[&[1, 2, 3]], &[&[3], &[1, 2]]);
    assert_eq!(result.customers[1], old_id(1));
    assert_eq!(result.changes, [Change::Split { customer: result.customers[0], from: old_id(1) }]);
}

#[test]
fn records_that_nobody_had_make_a_new_customer_and_none_left_end_one() {
    let result = run(&[1], &[&[1]], &[&[8, 9]]);
    let customer = result.customers[0];
    assert_eq!(result.changes, [Change::Created { customer }, Change::Ended { customer: old_id(1) }]);
}

#[test]
fn an_id_torn_apart_redirects_to_the_customer_with_most_of_its_records() {
    let result = run(&[1, 2, 3], &[&[1, 2, 3], &[4, 5, 6], &[7, 8, 9]], &[&[1, 4, 5, 6], &[2, 3, 7, 8, 9]]);
    assert_eq!(result.customers, [old_id(2), old_id(3)]);
    assert_eq!(result.changes, [Change::Merged { customer: old_id(1), into: old_id(3) }]);
}

#[test]
fn new_ids_sort_by_publication_and_depend_on_nothing_else() {
    let id =
        |publication, records: &[u32]| inherit(publication, &[], Vec::new(), membership(&[records]), 1).customers[0];
    assert_eq!(id(7, &[1, 2]), id(7, &[2, 1]));
    assert_ne!(id(7, &[1]), id(7, &[2]));
    assert!(id(7, &[1]) < id(8, &[1]) && id(8, &[1]) < id(300, &[2]));
    let id = id(7, &[1]).0;
    assert_eq!((id.get_version_num(), id.get_variant()), (8, uuid::Variant::RFC4122));
}

/// A grouping of up to 20 records; a record in group 0 is in none.
fn groupings() -> impl Strategy<Value = Vec<Vec<u32>>> {
    prop::collection::vec(0_u32..7, 20).prop_map(|of| {
        let mut groups: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
        for (record, group) in (0..).zip(of).filter(|(_, group)| *group > 0) {
            groups.entry(group).or_default().push(record);
        }
        groups.into_values().collect()
    })
}

fn slices(groups: &[Vec<u32>]) -> Vec<&[u32]> {
    groups.iter().map(Vec::as_slice).collect()
}

proptest! {
    #[test]
    fn the_same_clusters_keep_the_same_ids(groups in groupings()) {
        let created: Vec<u64> = (0..groups.len() as u64).collect();
        let result = run(&created, &slices(&groups), &slices(&groups));
        let ids: Vec<CustomerId> = customers(&created).iter().map(|customer| customer.id).collect();
        prop_assert_eq!(result, Inheritance { customers: ids, changes: Vec::new() });
    }

    #[test]
    fn a_merge_taken_back_leaves_every_surviving_id_in_its_place(groups in groupings()) {
        prop_assume!(groups.len() > 1);
        let created: Vec<u64> = (0..groups.len() as u64).collect();
        let mut joined = groups.clone();
        let last = joined.pop().unwrap_or_default();
        joined[0].extend(last);
        let merged = run(&created, &slices(&groups), &slices(&joined));
        let merged_customers: Vec<OldCustomer> =
            merged.customers.iter().zip(0..).map(|(&id, created)| OldCustomer { id, created }).collect();
        let undone = inherit(8, &merged_customers, membership(&slices(&joined)), membership(&slices(&groups)), groups.len());
        let apart = 1..groups.len() - 1;
        prop_assert_eq!(&undone.customers[apart.clone()], &merged.customers[apart]);
        let survivor = merged.customers[0];
        let (first, last) = (undone.customers[0], undone.customers[groups.len() - 1]);
        prop_assert!(first == survivor || last == survivor);
        let customer = if first == survivor { last } else { first };
        prop_assert_eq!(undone.changes, [Change::Split { customer, from: survivor }]);
    }

    #[test]
    fn every_id_is_accounted_for_once(old in groupings(), new in groupings()) {
        let created: Vec<u64> = (0..old.len() as u64).rev().collect();
        let result = run(&created, &slices(&old), &slices(&new));
        let live: BTreeSet<CustomerId> = result.customers.iter().copied().collect();
        prop_assert_eq!(live.len(), new.len());
        let mut gone = BTreeSet::new();
        for change in &result.changes {
            match *change {
                Change::Merged { customer, into } => {
                    prop_assert!(live.contains(&into), "a redirect ends at a live customer");
                    prop_assert!(gone.insert(customer));
                }
                Change::Ended { customer } => prop_assert!(gone.insert(customer)),
                Change::Created { customer } | Change::Split { customer, .. } => prop_assert!(live.contains(&customer)),
            }
        }
        for customer in customers(&created) {
            prop_assert!(live.contains(&customer.id) != gone.contains(&customer.id));
        }
    }

    #[test]
    fn the_order_of_records_clusters_and_customers_changes_nothing(old in groupings(), new in groupings()) {
        let created: Vec<u64> = (0..old.len() as u64).collect();
        let first = run(&created, &slices(&old), &slices(&new));
        let mut turned: Vec<Vec<u32>> = new.iter().rev().cloned().collect();
        turned.iter_mut().for_each(|records| records.reverse());
        let mut members = membership(&slices(&old));
        members.reverse();
        let second = inherit(7, &customers(&created), members, membership(&slices(&turned)), turned.len());
        let ids: Vec<CustomerId> = second.customers.iter().rev().copied().collect();
        prop_assert_eq!((first.customers, first.changes), (ids, second.changes));
    }
}
