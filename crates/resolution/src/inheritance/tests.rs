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
    let members = |(cluster, records): (usize, &&[u32])| {
        let member = move |&record: &u32| Membership { record: hash(record), cluster: cluster as u32 };
        records.iter().map(member).collect::<Vec<_>>()
    };
    groups.iter().enumerate().flat_map(members).collect()
}

/// What customers have, each its records since the order in which they are named.
fn holding(groups: &[&[u32]]) -> Vec<Held> {
    let held = |(customer, records): (usize, &&[u32])| {
        let held = move |(since, &record): (u64, &u32)| Held {
            record: hash(record),
            customer: customer as u32,
            since: (since, 0),
        };
        (0..).zip(records.iter()).map(held).collect::<Vec<_>>()
    };
    groups.iter().enumerate().flat_map(held).collect()
}

/// Living customers with the ids 1, 2, …, created in the order given.
fn customers(created: &[u64]) -> Vec<OldCustomer> {
    let customer = |(&created, id): (&u64, u128)| OldCustomer { id: old_id(id), created, standing: Standing::Living };
    created.iter().zip(1..).map(customer).collect()
}

fn old_id(id: u128) -> CustomerId {
    CustomerId(Uuid::from_u128(id))
}

fn run(created: &[u64], old: &[&[u32]], new: &[&[u32]]) -> Inheritance {
    inherit(7, &customers(created), holding(old), membership(new), new.len())
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

#[test]
fn a_customer_that_comes_apart_into_equal_parts_stays_with_the_record_it_had_first() {
    for (old, keeper) in [([1, 2], 1), ([2, 1], 2)] {
        let result = run(&[1], &[&old], &[&[1], &[2]]);
        assert_eq!(result.customers[keeper as usize - 1], old_id(1));
    }
}

/// The customers 1 of the records 1 and 2, and 2 of the record 3, after the second has gone into the first.
fn merged() -> (Vec<OldCustomer>, Vec<Held>) {
    let mut customers = customers(&[1, 2]);
    customers[1].standing = Standing::Redirected(old_id(1));
    (customers, holding(&[&[1, 2, 3], &[3]]))
}

fn after_the_merge(new: &[&[u32]]) -> Inheritance {
    let (customers, held) = merged();
    inherit(9, &customers, held, membership(new), new.len())
}

#[test]
fn an_id_comes_back_when_its_records_come_apart_again() {
    let result = after_the_merge(&[&[1, 2], &[3]]);
    assert_eq!(result.customers, [old_id(1), old_id(2)]);
    assert_eq!(result.changes, [Change::Split { customer: old_id(2), from: old_id(1) }]);
}

#[test]
fn a_redirect_follows_the_records_that_the_id_had() {
    let (mut customers, mut held) = merged();
    customers.push(OldCustomer { id: old_id(3), created: 3, standing: Standing::Living });
    held.extend(holding(&[&[], &[], &[7, 8]]));
    let new: &[&[u32]] = &[&[1, 2], &[3, 7, 8]];
    let result = inherit(9, &customers, held, membership(new), 2);
    assert_eq!(result.customers, [old_id(1), old_id(3)]);
    assert_eq!(result.changes, [Change::Merged { customer: old_id(2), into: old_id(3) }]);
}

#[test]
fn an_id_whose_records_are_gone_follows_the_customer_that_it_led_to() {
    let kept = after_the_merge(&[&[1, 2]]);
    assert_eq!((kept.customers.as_slice(), kept.changes.as_slice()), (&[old_id(1)][..], &[][..]));
    let ended = after_the_merge(&[&[8]]);
    let customer = ended.customers[0];
    let end = |id| Change::Ended { customer: old_id(id) };
    assert_eq!(ended.changes, [Change::Created { customer }, end(1), end(2)]);
}

#[test]
fn a_customer_whose_only_record_returns_has_its_id_again() {
    let mut ended = customers(&[1]);
    ended[0].standing = Standing::Ended;
    let result = inherit(9, &ended, holding(&[&[4]]), membership(&[&[4, 5]]), 1);
    assert_eq!(result.changes, [Change::Created { customer: old_id(1) }]);
}

/// A world in which publications follow each other, as the store keeps it.
#[derive(Default)]
struct History {
    publication: u64,
    /// In the order of creation; ids are ordered so.
    customers: BTreeMap<CustomerId, (Standing, Vec<u32>)>,
}

impl History {
    /// Publishes these clusters; returns their ids.
    fn publish(&mut self, clusters: &[Vec<u32>]) -> Vec<CustomerId> {
        self.publication += 1;
        let all = (0..).zip(&self.customers);
        let old: Vec<OldCustomer> =
            all.map(|(created, (&id, (standing, _)))| OldCustomer { id, created, standing: *standing }).collect();
        let records: Vec<&[u32]> = self.customers.values().map(|(_, records)| records.as_slice()).collect();
        let new = membership(&slices(clusters));
        let inheritance = inherit(self.publication, &old, holding(&records), new, clusters.len());
        self.apply(&inheritance);
        for (id, cluster) in inheritance.customers.iter().zip(clusters) {
            let (standing, held) = self.customers.entry(*id).or_insert((Standing::Living, Vec::new()));
            *standing = Standing::Living;
            held.retain(|record| cluster.contains(record));
            let fresh: Vec<u32> = cluster.iter().filter(|record| !held.contains(record)).copied().collect();
            held.extend(fresh);
        }
        inheritance.customers
    }

    fn apply(&mut self, inheritance: &Inheritance) {
        for change in &inheritance.changes {
            match *change {
                Change::Merged { customer, into } => self.set(customer, Standing::Redirected(into)),
                Change::Ended { customer } => self.set(customer, Standing::Ended),
                Change::Created { .. } | Change::Split { .. } => {}
            }
        }
    }

    fn set(&mut self, id: CustomerId, standing: Standing) {
        self.customers.get_mut(&id).expect("a known id").0 = standing;
    }
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
        let mut held = holding(&slices(&old));
        held.reverse();
        let second = inherit(7, &customers(&created), held, membership(&slices(&turned)), turned.len());
        let ids: Vec<CustomerId> = second.customers.iter().rev().copied().collect();
        prop_assert_eq!((first.customers, first.changes), (ids, second.changes));
    }

    #[test]
    fn merges_taken_back_leave_every_id_where_it_was(groups in groupings(), joined in prop::collection::vec(0_usize..4, 20)) {
        let mut history = History::default();
        let before = history.publish(&groups);
        let mut merged: BTreeMap<usize, Vec<u32>> = BTreeMap::new();
        for (group, into) in groups.iter().zip(joined) {
            merged.entry(into).or_default().extend(group);
        }
        history.publish(&merged.into_values().collect::<Vec<_>>());
        prop_assert_eq!(history.publish(&groups), before);
    }

    #[test]
    fn every_id_ever_published_has_one_answer_and_it_holds_most_of_its_records(
        worlds in prop::collection::vec(groupings(), 1..8),
    ) {
        let mut history = History::default();
        for clusters in &worlds {
            let before: BTreeMap<CustomerId, Vec<u32>> =
                history.customers.iter().map(|(id, (_, records))| (*id, records.clone())).collect();
            let ids = history.publish(clusters);
            let live: BTreeMap<CustomerId, &Vec<u32>> = ids.iter().copied().zip(clusters).collect();
            prop_assert_eq!(live.len(), clusters.len(), "no id stands for two");
            for (id, (standing, _)) in &history.customers {
                let Some(had) = before.get(id) else { continue };
                let shared = |cluster: &Vec<u32>| cluster.iter().filter(|record| had.contains(record)).count();
                let most = clusters.iter().map(shared).max().unwrap_or(0);
                match standing {
                    Standing::Living => prop_assert!(live.contains_key(id)),
                    Standing::Redirected(to) => {
                        prop_assert!(live.contains_key(to), "one step");
                        prop_assert_eq!(shared(live[to]), most);
                    }
                    Standing::Ended => prop_assert_eq!(most, 0),
                }
            }
        }
    }

    #[test]
    fn no_cluster_shares_more_with_an_id_that_is_poorer_off(old in groupings(), new in groupings()) {
        let created: Vec<u64> = (0..old.len() as u64).collect();
        let result = run(&created, &slices(&old), &slices(&new));
        let shared = |id: CustomerId, cluster: usize| {
            let records = customers(&created).iter().position(|old| old.id == id).map_or(&[][..], |at| &old[at]);
            new[cluster].iter().filter(|record| records.contains(record)).count()
        };
        let has = |id| result.customers.iter().position(|other| *other == id);
        for id in customers(&created).into_iter().map(|old| old.id) {
            for (cluster, owner) in result.customers.iter().enumerate() {
                let wanted = shared(id, cluster) > has(id).map_or(0, |own| shared(id, own));
                prop_assert!(!wanted || shared(*owner, cluster) >= shared(id, cluster));
            }
        }
    }
}
