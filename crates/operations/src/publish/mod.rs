//! Making the result visible: ids that last, golden values with their lineage, differences only.

use crate::error::OperationError;
use crate::population::Population;
use crate::progress::Stage;
use crate::resolve::Resolved;
use crate::session::Session;
use crate::shown_name::shown_name;
use crate::summary::CustomerChanges;
use chrono::{DateTime, Utc};
use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};
use vinculo_project::Source;
use vinculo_records::{
    Attributes, ContentHash, CustomerId, DecisionKind, Kind, RecordHash, RecordId, RunId, SourceId, Standard, VersionId,
};
use vinculo_resolution::inheritance::{self, Inheritance, OldCustomer};
use vinculo_resolution::survivorship::{Member, SurvivorshipPlan, golden_record};
use vinculo_store::{
    Change, ChangeEntry, CustomerEncoder, CustomerRow, CustomerState, CustomerValue, DecisionRow, EncodedRows,
    EndedCustomer, LINEAGE_VERSIONS_MAX, Membership, Publication, Published, customer_hash,
};

/// Customers that one thread encodes at a time.
const CHUNK_CUSTOMERS: usize = 4096;

/// Trust of each source, for survivorship.
pub type Trusts = FxHashMap<SourceId, u8>;

/// All clusters of all kinds, and who they are.
pub struct Plan<'a> {
    attributes: &'a Attributes,
    survivorship: &'a SurvivorshipPlan,
    trusts: &'a Trusts,
    resolved: &'a [Resolved],
    number: i64,
    published_at: DateTime<Utc>,
    clusters: Vec<Cluster>,
    inheritance: Inheritance,
    old: FxHashMap<CustomerId, CustomerState>,
    old_membership: FxHashMap<RecordId, CustomerId>,
}

/// The records of one customer.
struct Cluster {
    /// Which of the resolved kinds.
    kind: usize,
    /// Its records, positions in the population, in the order of their hashes.
    members: Vec<u32>,
}

/// A customer that is new or not as it was.
struct Changed {
    cluster: usize,
    version: i32,
}

impl<'a> Plan<'a> {
    /// Finds out who the clusters are.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn new(
        session: &'a Session,
        survivorship: &'a SurvivorshipPlan,
        trusts: &'a Trusts,
        resolved: &'a [Resolved],
        published_at: DateTime<Utc>,
    ) -> Result<Self, OperationError> {
        let store = &session.store;
        let (number, states, membership) =
            (store.next_publication().await?, store.customers().await?, store.membership().await?);
        let clusters: Vec<Cluster> = (0..resolved.len()).flat_map(|kind| clusters(kind, &resolved[kind])).collect();
        let old_membership: FxHashMap<_, _> = membership.into_iter().collect();
        let inheritance = inherit(number, &states, &old_membership, resolved, &clusters);
        Ok(Self {
            attributes: &session.bench.project.attributes,
            survivorship,
            trusts,
            resolved,
            number,
            published_at,
            clusters,
            inheritance,
            old: states.into_iter().map(|state| (state.id, state)).collect(),
            old_membership,
        })
    }

    /// How many customers there are.
    pub fn customers(&self) -> usize {
        self.clusters.len()
    }

    /// Works out all differences; the caller's threads do the work.
    ///
    /// # Errors
    /// A value that the store cannot hold.
    pub fn differences(&self, session: &Session) -> Result<Differences, OperationError> {
        let changed = self.changed();
        let entries = self.entries(&changed);
        let customers = self.encode(&changed, &entries, session)?;
        let (joined, left) = self.memberships(&entries);
        Ok(Differences { customers, ended: self.ended(), joined, left, changes: entries.all })
    }

    /// The clusters whose customers are not published so, in order.
    fn changed(&self) -> Vec<Changed> {
        let of_cluster = |cluster: usize| {
            let old = self.old.get(&self.inheritance.customers[cluster]);
            let content_hash = self.with_values(cluster, |row| row.content_hash);
            let unchanged = old.is_some_and(|old| old.content_hash == content_hash);
            let version = old.map_or(1, |old| old.version + 1);
            (!unchanged).then_some(Changed { cluster, version })
        };
        (0..self.clusters.len()).into_par_iter().filter_map(of_cluster).collect()
    }

    /// The entries of the feed: the living in the order of their clusters, then the ended.
    fn entries(&self, changed: &[Changed]) -> Entries {
        let mut origins = FxHashMap::default();
        let mut gone = Vec::new();
        for change in &self.inheritance.changes {
            match *change {
                inheritance::Change::Split { customer, from } => _ = origins.insert(customer, from),
                inheritance::Change::Merged { customer, into } => gone.push((customer, Change::Merged, Some(into))),
                inheritance::Change::Ended { customer } => gone.push((customer, Change::Ended, None)),
                inheritance::Change::Created { .. } => {}
            }
        }
        let living = changed.iter().map(|changed| {
            let customer = self.inheritance.customers[changed.cluster];
            let other = origins.get(&customer).copied();
            let change = match (self.old.contains_key(&customer), other) {
                (true, _) => Change::Updated,
                (false, Some(_)) => Change::Split,
                (false, None) => Change::Created,
            };
            ChangeEntry { customer, change, other, version: changed.version }
        });
        let gone = gone.into_iter().map(|(customer, change, other)| {
            let version = self.old.get(&customer).map_or(1, |old| old.version);
            ChangeEntry { customer, change, other, version }
        });
        let all: Vec<ChangeEntry> = living.chain(gone).collect();
        let places = all.iter().zip(1..).map(|(entry, place)| (entry.customer, place)).collect();
        Entries { all, places }
    }

    /// The rows of changed customers, ready for the store.
    fn encode(
        &self,
        changed: &[Changed],
        entries: &Entries,
        session: &Session,
    ) -> Result<Vec<EncodedRows>, OperationError> {
        let chunks = changed.par_chunks(CHUNK_CUSTOMERS).map(|chunk| {
            let mut encoder = CustomerEncoder::new(self.attributes, self.number, self.published_at);
            for changed in chunk {
                let id = self.inheritance.customers[changed.cluster];
                let change = entries.places[&id];
                self.with_values(changed.cluster, |row| {
                    encoder.push(&CustomerRow { id, version: changed.version, change, ..row })
                })?;
            }
            session.progress.advance(&Stage::Survive, chunk.len() as u64);
            encoder.finish()
        });
        Ok(chunks.collect::<Result<_, _>>()?)
    }

    /// Gives the golden values of a cluster to `then`; its id, version and change are the caller's to set.
    fn with_values<T>(&self, cluster: usize, then: impl FnOnce(CustomerRow<'_>) -> T) -> T {
        let cluster_of = &self.clusters[cluster];
        let population = &self.resolved[cluster_of.kind].population;
        // Lineage names at most so many versions; values are chosen among these, so that none is without its source.
        let members = &cluster_of.members[..cluster_of.members.len().min(LINEAGE_VERSIONS_MAX)];
        let views: Vec<Member<'_>> = members
            .iter()
            .map(|&member| Member {
                view: population.packed.get(member as usize),
                trust: self.trusts.get(&population.sources[member as usize]).copied().unwrap_or(Source::TRUST),
            })
            .collect();
        let golden = golden_record(self.survivorship, &views);
        let mut versions: Vec<VersionId> = Vec::new();
        let mut places: FxHashMap<u32, u16> = FxHashMap::default();
        let mut values = Vec::with_capacity(golden.len());
        for value in &golden {
            let version = *places.entry(value.member).or_insert_with(|| {
                versions.push(population.versions[members[value.member as usize] as usize]);
                // At most LINEAGE_VERSIONS_MAX members take part.
                (versions.len() - 1) as u16
            });
            values.push(CustomerValue { attribute: value.attribute, text: value.text, version, rule: value.rule });
        }
        let name = shown_name(&values);
        if let Some((text, origin)) = &name {
            values.retain(|value| value.attribute != Standard::Name.into());
            values.insert(0, CustomerValue { attribute: Standard::Name.into(), text, ..*origin });
        }
        let mut records: Vec<RecordId> =
            cluster_of.members.iter().map(|&member| population.records[member as usize]).collect();
        records.sort_unstable();
        then(CustomerRow {
            id: self.inheritance.customers[cluster],
            kind: population.kind,
            version: 1,
            change: 0,
            content_hash: customer_hash(population.kind, &records, &versions, &values),
            record_count: i32::try_from(records.len()).unwrap_or(i32::MAX),
            lineage_versions: &versions,
            values: &values,
        })
    }

    /// Records that come to a customer, and records that belong to none any more.
    fn memberships(&self, entries: &Entries) -> (Vec<Membership>, Vec<RecordId>) {
        let mut joined = Vec::new();
        let mut current = FxHashSet::default();
        for (cluster, customer) in self.clusters.iter().zip(&self.inheritance.customers) {
            let records = &self.resolved[cluster.kind].population.records;
            for &member in &cluster.members {
                let record = records[member as usize];
                current.insert(record);
                if self.old_membership.get(&record) != Some(customer) {
                    joined.push(Membership { record, customer: *customer, change: entries.places[customer] });
                }
            }
        }
        let mut left: Vec<_> = self.old_membership.keys().filter(|record| !current.contains(record)).copied().collect();
        left.sort_unstable();
        (joined, left)
    }

    fn ended(&self) -> Vec<EndedCustomer> {
        let ended = self.inheritance.changes.iter().filter_map(|change| match *change {
            inheritance::Change::Merged { customer, into } => {
                Some(EndedCustomer { id: customer, successor: Some(into) })
            }
            inheritance::Change::Ended { customer } => Some(EndedCustomer { id: customer, successor: None }),
            _ => None,
        });
        ended.collect()
    }

    /// Publishes the differences and the decisions behind them, in one transaction.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn publish(
        &self,
        session: &Session,
        run: RunId,
        differences: &Differences,
        resolved_state: ContentHash,
    ) -> Result<Published, OperationError> {
        let decisions = decisions(self.resolved);
        let (new, ended) = decision_differences(session, &decisions).await?;
        let models: Vec<i64> = self.resolved.iter().filter_map(|resolved| resolved.model_version).collect();
        Ok(session
            .store
            .publish(&Publication {
                number: self.number,
                run,
                models: &models,
                published_at: self.published_at,
                resolved: resolved_state,
                customers: &differences.customers,
                ended: &differences.ended,
                joined: &differences.joined,
                left: &differences.left,
                changes: &differences.changes,
                decisions: &new,
                ended_decisions: &ended,
            })
            .await?)
    }
}

/// The entries of the feed, and where each customer's stands among them, from 1.
struct Entries {
    all: Vec<ChangeEntry>,
    places: FxHashMap<CustomerId, i64>,
}

/// All that publishing would write about customers.
pub struct Differences {
    customers: Vec<EncodedRows>,
    ended: Vec<EndedCustomer>,
    joined: Vec<Membership>,
    left: Vec<RecordId>,
    changes: Vec<ChangeEntry>,
}

impl Differences {
    /// How many customers begin, change and end.
    pub fn count(&self) -> CustomerChanges {
        let count = |change: Change| self.changes.iter().filter(|entry| entry.change == change).count() as u64;
        CustomerChanges {
            created: count(Change::Created),
            updated: count(Change::Updated),
            merged: count(Change::Merged),
            split: count(Change::Split),
            ended: count(Change::Ended),
        }
    }
}

/// The clusters of one kind, in the order of their least records.
fn clusters(kind: usize, resolved: &Resolved) -> Vec<Cluster> {
    let names = &resolved.resolution.clusters;
    let hashes = &resolved.population.hashes;
    let mut order: Vec<u32> = (0..names.len() as u32).collect();
    order.par_sort_unstable_by_key(|&at| (names[at as usize], hashes[at as usize]));
    order
        .chunk_by(|&a, &b| names[a as usize] == names[b as usize])
        .map(|members| Cluster { kind, members: members.to_vec() })
        .collect()
}

/// Which cluster is which customer. A customer keeps its kind: where a record turns out to be of the other kind, it
/// leaves its customer.
fn inherit(
    number: i64,
    states: &[CustomerState],
    old_membership: &FxHashMap<RecordId, CustomerId>,
    resolved: &[Resolved],
    clusters: &[Cluster],
) -> Inheritance {
    let mut customers: Vec<(CustomerId, Kind)> = states.iter().map(|state| (state.id, state.kind)).collect();
    // Ids are ordered by publication.
    customers.sort_unstable();
    let old_customers: Vec<OldCustomer> =
        customers.iter().zip(0..).map(|(&(id, _), created)| OldCustomer { id, created }).collect();
    let mut old = Vec::with_capacity(old_membership.len());
    let mut new = Vec::new();
    for (group, cluster) in (0..).zip(clusters) {
        let Population { kind, records, hashes, .. } = &resolved[cluster.kind].population;
        for &member in &cluster.members {
            let record = hashes[member as usize];
            new.push(inheritance::Membership { record, group });
            let before = old_membership.get(&records[member as usize]);
            let position = before.and_then(|customer| customers.binary_search(&(*customer, *kind)).ok());
            old.extend(position.map(|position| inheritance::Membership { record, group: position as u32 }));
        }
    }
    inheritance::inherit(number.unsigned_abs(), &old_customers, old, new, clusters.len())
}

/// All decisions of all kinds, as the store keeps them.
fn decisions(resolved: &[Resolved]) -> Vec<DecisionRow<'_>> {
    let of_kind = |resolved: &'_ Resolved| -> Vec<_> {
        let Population { hashes, records, .. } = &resolved.population;
        let ids: FxHashMap<RecordHash, RecordId> = hashes.iter().copied().zip(records.iter().copied()).collect();
        let model = resolved.model_version.unwrap_or_default();
        let row = |decision: &'_ vinculo_records::Decision| (ids[&decision.left], ids[&decision.right], model);
        resolved.resolution.decisions.iter().map(row).collect()
    };
    let rows = resolved.iter().flat_map(|resolved| {
        of_kind(resolved).into_iter().zip(&resolved.resolution.decisions).map(|((left, right, model), decision)| {
            DecisionRow {
                kind: decision.kind,
                left,
                right,
                weight: decision.weight,
                levels: &decision.levels,
                reason: decision.reason,
                model,
            }
        })
    });
    rows.collect()
}

/// What was decided about a pair, as one comparable value.
type DecisionKey = (DecisionKind, RecordId, RecordId, i32, Vec<u8>, String, i64);

/// Decisions that are not in force yet, and the numbers of those that no longer are.
async fn decision_differences<'d>(
    session: &Session,
    decisions: &[DecisionRow<'d>],
) -> Result<(Vec<DecisionRow<'d>>, Vec<i64>), OperationError> {
    let key = |row: &DecisionRow<'_>| -> DecisionKey {
        (row.kind, row.left, row.right, row.weight, row.levels.to_vec(), row.reason.to_owned(), row.model)
    };
    let mut in_force: FxHashMap<DecisionKey, i64> = FxHashMap::default();
    session.store.for_each_decision(|known| _ = in_force.insert(key(&known.decision), known.id)).await?;
    if in_force.is_empty() {
        return Ok((decisions.to_vec(), Vec::new()));
    }
    let new = decisions.iter().filter(|row| in_force.remove(&key(row)).is_none()).copied().collect();
    let mut ended: Vec<i64> = in_force.into_values().collect();
    ended.sort_unstable();
    Ok((new, ended))
}
