//! Lasting ids: which new cluster is which old customer.
//!
//! A cluster inherits the id of a living customer with which it shares the most records; ties go to the oldest id, then
//! to the least. Where one customer comes apart into equal parts, its id stays with the record that it has had longest.
//!
//! An id that no cluster inherits is *former*. It keeps the records that it had, and leads to the customer that holds most
//! of them. When these come apart from the others again, so that their cluster inherits no living id, the former id comes
//! back: a merge that is taken back leaves every id where it was. Where none of its records is left it follows the
//! customer that it led to, and ends with it.
//!
//! A cluster that gets no id so has a new one, made from the publication and its least record alone, so that a run that
//! was killed and one that was not end alike.

#[cfg(test)]
mod tests;

use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};
use std::cmp::Reverse;
use uuid::Builder;
use vinculo_records::{CustomerId, RecordHash};

/// A customer that was ever published, as it stands before this publication.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OldCustomer {
    /// Its id.
    pub id: CustomerId,
    /// Its place in the order of creation: the lesser, the older.
    pub created: u64,
    /// What its id stands for.
    pub standing: Standing,
}

/// What an id stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// A customer.
    Living,
    /// It has become part of another customer, which lives.
    Redirected(CustomerId),
    /// None of its records was left.
    Ended,
}

/// A record that an old customer has, or had when it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Held {
    /// The record.
    pub record: RecordHash,
    /// The position of the customer.
    pub customer: u32,
    /// Since when: the lesser, the longer. Compared within one customer only, where no two are equal.
    pub since: Since,
}

/// When a record came to a customer, and its place among those that came at that time.
pub type Since = (u64, u64);

/// A record and the new cluster that it is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Membership {
    /// The record.
    pub record: RecordHash,
    /// The number of its cluster.
    pub cluster: u32,
}

/// What became of an id; that only the values of a customer changed is told by comparing golden records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Change {
    /// A customer of records that no living customer had: a new id, or one that had ended and whose records are back.
    Created {
        /// The id.
        customer: CustomerId,
    },
    /// An id leads to a customer that it did not lead to before.
    Merged {
        /// The id that redirects.
        customer: CustomerId,
        /// Where it redirects to; a living customer.
        into: CustomerId,
    },
    /// A customer of records that another one had: a new id, or the former id of these records.
    Split {
        /// The id.
        customer: CustomerId,
        /// The living id that had most of its records.
        from: CustomerId,
    },
    /// An id stands for nobody any more.
    Ended {
        /// The id.
        customer: CustomerId,
    },
}

/// Ids for all new clusters, and what became of the old ones.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inheritance {
    /// The id of each cluster.
    pub customers: Vec<CustomerId>,
    /// Everything that began, moved or ended, in the order of the kinds and ids: each id whose answer changed, once.
    pub changes: Vec<Change>,
}

/// Gives every new cluster its id.
///
/// `held` says which records each customer has or last had (by its position in `customers`); a living customer has each
/// of its records alone. `new` says in which cluster (0 to `clusters`) each record is now. Both come in any order.
pub fn inherit(
    publication: u64,
    customers: &[OldCustomer],
    mut held: Vec<Held>,
    mut new: Vec<Membership>,
    clusters: usize,
) -> Inheritance {
    held.par_sort_unstable();
    new.par_sort_unstable();
    let least = least_records(&new, clusters);
    let is_living = |overlap: &Overlap| customers[overlap.customer as usize].standing == Standing::Living;
    let (mut living, mut former): (Vec<_>, Vec<_>) = overlaps(&held, &new).into_iter().partition(is_living);
    let order = |overlap: &Overlap| {
        let customer = customers[overlap.customer as usize];
        (Reverse(overlap.records), customer.created, customer.id, overlap.since)
    };
    living.sort_unstable_by_key(order);
    former.sort_unstable_by_key(order);
    let mut heirs = Heirs::new(customers.len(), clusters);
    heirs.inherit(&living);
    let origin = first_of(&living, clusters, |overlap| (overlap.cluster, overlap.customer));
    let mut target = first_of(&living, customers.len(), |overlap| (overlap.customer, overlap.cluster));
    heirs.inherit(&heirs.come_back(&former));
    for overlap in &former {
        target[overlap.customer as usize].get_or_insert(overlap.cluster);
    }

    let mut changes = Vec::new();
    let mut ids = Vec::with_capacity(clusters);
    for cluster in 0..clusters {
        let inherited = heirs.of_cluster[cluster].map(|position| customers[position as usize]);
        let customer = inherited.map_or_else(|| new_id(publication, least[cluster]), |old| old.id);
        ids.push(customer);
        if inherited.is_none_or(|old| old.standing != Standing::Living) {
            changes.push(match origin[cluster] {
                Some(from) => Change::Split { customer, from: customers[from as usize].id },
                None => Change::Created { customer },
            });
        }
    }
    let target = target.into_iter().map(|cluster| cluster.map(|cluster| ids[cluster as usize])).collect();
    changes.extend(Fates { customers, has_heir: &heirs.has_heir, target }.changes());
    changes.sort_unstable();
    Inheritance { customers: ids, changes }
}

/// What an old customer and a new cluster share.
#[derive(Debug, Clone, Copy)]
struct Overlap {
    customer: u32,
    cluster: u32,
    records: u32,
    /// Since when the customer has had the first of these records.
    since: Since,
}

/// All overlaps of at least one record; both lists are sorted by record, and only the first may name one twice.
fn overlaps(held: &[Held], new: &[Membership]) -> Vec<Overlap> {
    let mut found: FxHashMap<(u32, u32), Overlap> = FxHashMap::default();
    let mut rest = new;
    for held in held {
        let skipped = rest.iter().take_while(|other| other.record < held.record).count();
        rest = &rest[skipped..];
        if let Some(same) = rest.first().filter(|other| other.record == held.record) {
            let (customer, cluster) = (held.customer, same.cluster);
            let none = Overlap { customer, cluster, records: 0, since: (u64::MAX, u64::MAX) };
            let overlap = found.entry((customer, cluster)).or_insert(none);
            overlap.records += 1;
            overlap.since = overlap.since.min(held.since);
        }
    }
    found.into_values().collect()
}

/// The least record of each cluster.
fn least_records(new: &[Membership], clusters: usize) -> Vec<RecordHash> {
    let mut least = vec![RecordHash(u128::MAX); clusters];
    for member in new {
        let first = &mut least[member.cluster as usize];
        *first = member.record.min(*first);
    }
    least
}

/// Who inherits whom.
struct Heirs {
    /// The customer that each cluster inherits.
    of_cluster: Vec<Option<u32>>,
    /// Whether some cluster inherits the customer.
    has_heir: Vec<bool>,
}

impl Heirs {
    fn new(customers: usize, clusters: usize) -> Self {
        Self { of_cluster: vec![None; clusters], has_heir: vec![false; customers] }
    }

    /// Takes the overlaps in order; one counts if neither side is taken.
    fn inherit(&mut self, overlaps: &[Overlap]) {
        for overlap in overlaps {
            let of_cluster = &mut self.of_cluster[overlap.cluster as usize];
            let has_heir = &mut self.has_heir[overlap.customer as usize];
            if of_cluster.is_none() && !*has_heir {
                *of_cluster = Some(overlap.customer);
                *has_heir = true;
            }
        }
    }

    /// The overlaps by which former ids may come back: a cluster without an id that holds most of the records of one; of
    /// equal ones, one without an id.
    fn come_back(&self, former: &[Overlap]) -> Vec<Overlap> {
        let has_id = |overlap: &Overlap| self.of_cluster[overlap.cluster as usize].is_some();
        let mut best = former.to_vec();
        // The sort is stable: what is equal by these keys stays in the usual order.
        best.sort_by_key(|overlap| (Reverse(overlap.records), has_id(overlap)));
        let mut seen = FxHashSet::default();
        best.retain(|overlap| seen.insert(overlap.customer) && !has_id(overlap));
        best
    }
}

/// For each item the partner of its first overlap.
fn first_of(overlaps: &[Overlap], items: usize, sides: impl Fn(&Overlap) -> (u32, u32)) -> Vec<Option<u32>> {
    let mut first = vec![None; items];
    for (item, partner) in overlaps.iter().map(sides) {
        first[item as usize].get_or_insert(partner);
    }
    first
}

/// What becomes of ids that no cluster inherits.
struct Fates<'a> {
    customers: &'a [OldCustomer],
    has_heir: &'a [bool],
    /// The customer that now holds most of the records of each, if any holds one.
    target: Vec<Option<CustomerId>>,
}

impl Fates<'_> {
    /// Each id that stands for something else than before.
    fn changes(&self) -> impl Iterator<Item = Change> {
        let positions: FxHashMap<CustomerId, usize> =
            self.customers.iter().zip(0..).map(|(customer, position)| (customer.id, position)).collect();
        self.customers.iter().enumerate().filter_map(move |(position, old)| {
            let standing = self.standing(position, &positions);
            let customer = old.id;
            match standing {
                Standing::Living => None,
                _ if standing == old.standing => None,
                Standing::Redirected(into) => Some(Change::Merged { customer, into }),
                Standing::Ended => Some(Change::Ended { customer }),
            }
        })
    }

    /// What an id stands for now. One whose records are all gone follows the customer that it led to, which lived: so
    /// this takes one step at most.
    fn standing(&self, position: usize, positions: &FxHashMap<CustomerId, usize>) -> Standing {
        if self.has_heir[position] {
            return Standing::Living;
        }
        if let Some(target) = self.target[position] {
            return Standing::Redirected(target);
        }
        let Standing::Redirected(led_to) = self.customers[position].standing else { return Standing::Ended };
        match positions.get(&led_to) {
            Some(&next) if self.has_heir[next] => Standing::Redirected(led_to),
            Some(&next) => self.target[next].map_or(Standing::Ended, Standing::Redirected),
            None => Standing::Ended,
        }
    }
}

/// The id of a customer that begins: the publication's number in the first 48 bits, so that ids sort by publication, and
/// 74 bits of the least record's hash. A UUID of version 8 (RFC 9562), since no clock is in it.
fn new_id(publication: u64, least: RecordHash) -> CustomerId {
    let bits = u128::from(publication) << 80 | least.0 >> 48;
    CustomerId(Builder::from_custom_bytes(bits.to_be_bytes()).into_uuid())
}
