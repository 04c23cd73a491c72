//! Lasting ids: which new cluster is which old customer.
//!
//! A cluster inherits the id with which it shares the most records; ties go to the oldest id, then to the least. An id
//! that no cluster inherits redirects to the customer that holds most of its records now, or ends where none are left. A
//! cluster that inherits nothing gets a new id, made from the publication and its least record alone, so that a run that
//! was killed and one that was not end alike.

#[cfg(test)]
mod tests;

use rustc_hash::FxHashMap;
use std::cmp::Reverse;
use uuid::Builder;
use vinculo_records::{CustomerId, RecordHash};

/// A customer before this publication.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OldCustomer {
    /// Its id.
    pub id: CustomerId,
    /// Its place in the order of creation: the lesser, the older.
    pub created: u64,
}

/// A record and the group that it is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Membership {
    /// The record.
    pub record: RecordHash,
    /// The position of its customer, or the number of its cluster.
    pub group: u32,
}

/// What happened to a customer's existence; that only its values changed is told by comparing golden records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Change {
    /// A customer of records that no customer had.
    Created {
        /// The new id.
        customer: CustomerId,
    },
    /// A customer has gone into another one; its id redirects there.
    Merged {
        /// The id that now redirects.
        customer: CustomerId,
        /// Where it redirects to.
        into: CustomerId,
    },
    /// A new customer of records that another one had.
    Split {
        /// The new id.
        customer: CustomerId,
        /// The old id that had most of its records.
        from: CustomerId,
    },
    /// A customer has no record left.
    Ended {
        /// The id that stands for nobody now.
        customer: CustomerId,
    },
}

/// Ids for all new clusters, and what became of the old ones.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inheritance {
    /// The id of each cluster.
    pub customers: Vec<CustomerId>,
    /// Everything that began, moved or ended, in the order of the kinds and ids.
    pub changes: Vec<Change>,
}

/// Gives every new cluster its id.
///
/// `old` says in which old customer (a position in `customers`) a record was, `new` in which new cluster (0 to
/// `clusters`) it is; both in any order, each record at most once.
pub fn inherit(
    publication: u64,
    customers: &[OldCustomer],
    mut old: Vec<Membership>,
    mut new: Vec<Membership>,
    clusters: usize,
) -> Inheritance {
    old.sort_unstable();
    new.sort_unstable();
    let least = least_records(&new, clusters);
    let mut overlaps = overlaps(&old, &new);
    overlaps.sort_unstable_by_key(|overlap| {
        let customer = customers[overlap.customer as usize];
        let least = least[overlap.cluster as usize];
        (Reverse(overlap.records), customer.created, customer.id, least)
    });
    let heir = heirs(&overlaps, customers.len(), clusters);
    let origin = first_of(&overlaps, clusters, |overlap| (overlap.cluster, overlap.customer));
    let target = first_of(&overlaps, customers.len(), |overlap| (overlap.customer, overlap.cluster));

    let mut ids = Vec::with_capacity(clusters);
    let mut changes = Vec::new();
    for cluster in 0..clusters {
        if let Some(inherited) = heir.of_cluster[cluster] {
            ids.push(customers[inherited as usize].id);
            continue;
        }
        let customer = new_id(publication, least[cluster]);
        ids.push(customer);
        changes.push(match origin[cluster] {
            Some(from) => Change::Split { customer, from: customers[from as usize].id },
            None => Change::Created { customer },
        });
    }
    for (position, customer) in customers.iter().enumerate().filter(|(position, _)| !heir.has_heir[*position]) {
        let customer = customer.id;
        changes.push(match target[position] {
            Some(cluster) => Change::Merged { customer, into: ids[cluster as usize] },
            None => Change::Ended { customer },
        });
    }
    changes.sort_unstable();
    Inheritance { customers: ids, changes }
}

/// How many records an old customer and a new cluster share.
#[derive(Debug, Clone, Copy)]
struct Overlap {
    customer: u32,
    cluster: u32,
    records: u32,
}

/// All overlaps of at least one record; both lists are sorted by record.
fn overlaps(old: &[Membership], new: &[Membership]) -> Vec<Overlap> {
    let mut counts: FxHashMap<(u32, u32), u32> = FxHashMap::default();
    let mut rest = new;
    for member in old {
        let skipped = rest.iter().take_while(|other| other.record < member.record).count();
        rest = &rest[skipped..];
        if let Some(same) = rest.first().filter(|other| other.record == member.record) {
            *counts.entry((member.group, same.group)).or_default() += 1;
        }
    }
    let overlap = |((customer, cluster), records)| Overlap { customer, cluster, records };
    counts.into_iter().map(overlap).collect()
}

/// The least record of each cluster.
fn least_records(new: &[Membership], clusters: usize) -> Vec<RecordHash> {
    let mut least = vec![RecordHash(u128::MAX); clusters];
    for member in new {
        let first = &mut least[member.group as usize];
        *first = member.record.min(*first);
    }
    least
}

struct Heirs {
    /// The customer that each cluster inherits.
    of_cluster: Vec<Option<u32>>,
    /// Whether some cluster inherits the customer.
    has_heir: Vec<bool>,
}

/// Takes the overlaps in order; one counts if neither side is taken.
fn heirs(overlaps: &[Overlap], customers: usize, clusters: usize) -> Heirs {
    let mut heirs = Heirs { of_cluster: vec![None; clusters], has_heir: vec![false; customers] };
    for overlap in overlaps {
        let of_cluster = &mut heirs.of_cluster[overlap.cluster as usize];
        let has_heir = &mut heirs.has_heir[overlap.customer as usize];
        if of_cluster.is_none() && !*has_heir {
            *of_cluster = Some(overlap.customer);
            *has_heir = true;
        }
    }
    heirs
}

/// For each item the partner of its first overlap.
fn first_of(overlaps: &[Overlap], items: usize, sides: impl Fn(&Overlap) -> (u32, u32)) -> Vec<Option<u32>> {
    let mut first = vec![None; items];
    for (item, partner) in overlaps.iter().map(sides) {
        first[item as usize].get_or_insert(partner);
    }
    first
}

/// The id of a customer that begins: the publication's number in the first 48 bits, so that ids sort by publication, and
/// 74 bits of the least record's hash. A UUID of version 8 (RFC 9562), since no clock is in it.
fn new_id(publication: u64, least: RecordHash) -> CustomerId {
    let bits = u128::from(publication) << 80 | least.0 >> 48;
    CustomerId(Builder::from_custom_bytes(bits.to_be_bytes()).into_uuid())
}
