//! Who is who: the clusters of this resolution beside the customers that stand.

use crate::population::Population;
use crate::resolve::Resolved;
use rayon::prelude::*;
use rustc_hash::FxHashMap;
use vinculo_records::{CustomerId, Kind, RecordId};
use vinculo_resolution::inheritance::{self, Held, Inheritance, OldCustomer, Standing};
use vinculo_store::{CustomerRecord, CustomerState, FormerCustomer, Store, StoreError, Surroundings};

/// The records of one customer.
#[derive(Clone, Copy)]
pub(super) struct Cluster<'c> {
    /// Which of the resolved kinds.
    pub(super) kind: usize,
    /// Its records, positions in the population, in the order of their hashes.
    pub(super) members: &'c [u32],
}

/// The clusters of all kinds, kind by kind, in the order of their least records.
pub(super) struct Clusters {
    /// Of each kind the records by cluster, and where each cluster ends.
    kinds: Vec<(Vec<u32>, Vec<u32>)>,
}

impl Clusters {
    pub(super) fn of(resolved: &[Resolved]) -> Self {
        Self { kinds: resolved.iter().map(members_and_ends).collect() }
    }

    pub(super) fn len(&self) -> usize {
        self.kinds.iter().map(|(_, ends)| ends.len()).sum()
    }

    pub(super) fn get(&self, mut number: usize) -> Cluster<'_> {
        let mut kind = 0;
        while number >= self.kinds[kind].1.len() {
            number -= self.kinds[kind].1.len();
            kind += 1;
        }
        let (members, ends) = &self.kinds[kind];
        let start = if number == 0 { 0 } else { ends[number - 1] };
        Cluster { kind, members: &members[start as usize..ends[number] as usize] }
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = Cluster<'_>> {
        (0..self.len()).map(|number| self.get(number))
    }
}

fn members_and_ends(resolved: &Resolved) -> (Vec<u32>, Vec<u32>) {
    let names = &resolved.resolution.clusters;
    let hashes = &resolved.population.hashes;
    let mut members: Vec<u32> = (0..names.len() as u32).collect();
    members.par_sort_unstable_by_key(|&at| (names[at as usize], hashes[at as usize]));
    let clusters = members.chunk_by(|&a, &b| names[a as usize] == names[b as usize]);
    let ends = clusters.scan(0, |end, cluster| {
        *end += cluster.len() as u32;
        Some(*end)
    });
    let ends = ends.collect();
    (members, ends)
}

/// What stands before a publication: everything, or all that concerns the records that were resolved.
pub(crate) struct Before {
    customers: FxHashMap<CustomerId, CustomerState>,
    former: FxHashMap<CustomerId, FormerCustomer>,
    members: FxHashMap<RecordId, CustomerRecord>,
}

impl Before {
    /// Reads everything.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub(crate) async fn all(store: &Store) -> Result<Self, StoreError> {
        Ok(Self::new(store.customers().await?, store.former_customers().await?, store.membership().await?))
    }

    /// Reads what concerns these records, which hold whole customers; `had_others` where ids that stand for no customer had
    /// any of them.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub(crate) async fn around(
        around: &mut Surroundings<'_>,
        records: &[RecordId],
        had_others: bool,
    ) -> Result<Self, StoreError> {
        let (members, customers) = around.customers(records).await?.into_iter().unzip();
        let former = if had_others { around.former_customers(records).await? } else { Vec::new() };
        Ok(Self::new(customers, former, members))
    }

    fn new(customers: Vec<CustomerState>, former: Vec<FormerCustomer>, members: Vec<CustomerRecord>) -> Self {
        Self {
            customers: customers.into_iter().map(|state| (state.id, state)).collect(),
            former: former.into_iter().map(|former| (former.id, former)).collect(),
            members: members.into_iter().map(|member| (member.record, member)).collect(),
        }
    }

    /// A customer that lives.
    pub(super) fn customer(&self, id: CustomerId) -> Option<&CustomerState> {
        self.customers.get(&id)
    }

    /// The last version of an id, whatever became of it; 0 for one that never was.
    pub(super) fn last_version(&self, id: CustomerId) -> i32 {
        let living = self.customers.get(&id).map(|state| state.version);
        living.or_else(|| self.former.get(&id).map(|former| former.version)).unwrap_or(0)
    }

    /// The customer of a record.
    pub(super) fn customer_of(&self, record: RecordId) -> Option<CustomerId> {
        self.members.get(&record).map(|member| member.customer)
    }

    /// All records that have a customer.
    pub(super) fn records(&self) -> impl Iterator<Item = RecordId> {
        self.members.keys().copied()
    }

    /// Which cluster is which customer. A customer keeps its kind: where a record turns out to be of the other kind, it
    /// leaves its customer.
    pub(super) fn inherit(&self, number: i64, resolved: &[Resolved], clusters: &Clusters) -> Inheritance {
        let known = self.known();
        let places: FxHashMap<CustomerId, u32> = known.iter().zip(0..).map(|(&(id, ..), place)| (id, place)).collect();
        let mut of_record: FxHashMap<RecordId, Vec<(u32, inheritance::Since)>> = FxHashMap::default();
        for former in self.former.values() {
            for (&record, since) in former.records.iter().zip(0..) {
                of_record.entry(record).or_default().push((places[&former.id], (since, 0)));
            }
        }
        let mut held = Vec::with_capacity(self.members.len());
        let mut new = Vec::with_capacity(resolved.iter().map(|resolved| resolved.population.len()).sum());
        for (number, cluster) in (0..).zip(clusters.iter()) {
            let Population { kind, records, hashes, .. } = &resolved[cluster.kind].population;
            for &member in cluster.members {
                let (id, record) = (records[member as usize], hashes[member as usize]);
                new.push(inheritance::Membership { record, cluster: number });
                // The order in which a customer that ceases to be is kept with its records.
                let since = |member: &CustomerRecord| (member.since.unsigned_abs(), id.0.unsigned_abs());
                let now = self.members.get(&id).map(|member| (places[&member.customer], since(member)));
                let then = of_record.get(&id).into_iter().flatten().copied();
                let same_kind = now.into_iter().chain(then).filter(|(place, _)| known[*place as usize].1 == *kind);
                held.extend(same_kind.map(|(customer, since)| Held { record, customer, since }));
            }
        }
        let old =
            |(&(id, _, standing), created): (&(CustomerId, Kind, Standing), u64)| OldCustomer { id, created, standing };
        let old: Vec<OldCustomer> = known.iter().zip(0..).map(old).collect();
        inheritance::inherit(number.unsigned_abs(), &old, held, new, clusters.len())
    }

    /// Every id that ever was, in the order of creation: ids are ordered by publication.
    fn known(&self) -> Vec<(CustomerId, Kind, Standing)> {
        let living = self.customers.values().map(|state| (state.id, state.kind, Standing::Living));
        let former = self.former.values().map(|former| {
            let standing = former.leads_to.map_or(Standing::Ended, Standing::Redirected);
            (former.id, former.kind, standing)
        });
        let mut known: Vec<_> = living.chain(former).collect();
        known.sort_unstable_by_key(|(id, ..)| *id);
        known
    }
}
