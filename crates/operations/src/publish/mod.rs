//! Making the result visible: ids that last, golden values with their lineage, differences only.

mod customers;
mod decisions;
mod golden;
mod identity;
mod names;

use crate::error::OperationError;
use crate::incremental::Outcome;
use crate::progress::Stage;
use crate::resolve::Resolved;
use crate::session::Session;
use crate::summary::CustomerChanges;
use chrono::{DateTime, Utc};
use customers::Customers;
pub(crate) use decisions::InForce;
pub(crate) use golden::GoldenRules;
pub(crate) use identity::Before;
use identity::{Cluster, Clusters};
use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};
use vinculo_records::{ContentHash, CustomerId, RecordId, RunId};
use vinculo_resolution::inheritance::{self, Inheritance};
use vinculo_store::{
    Basis, Change, ChangeEntry, CustomerRow, FormerId, Headway, Membership, Publication, Published, StoreError,
};

/// Customers that one thread works on at a time.
const CHUNK_CUSTOMERS: usize = 4096;

/// The clusters of the records that were resolved, and who they are.
pub struct Plan<'a> {
    rules: &'a GoldenRules,
    resolved: &'a [Resolved],
    number: i64,
    published_at: DateTime<Utc>,
    clusters: Clusters,
    inheritance: Inheritance,
    before: &'a Before,
}

/// A customer that is new or not as it was.
struct Changed {
    cluster: usize,
    version: i32,
}

impl<'a> Plan<'a> {
    /// Finds out who the clusters are; `number` is that of the publication.
    pub(crate) fn new(
        rules: &'a GoldenRules,
        Outcome { resolved, before, .. }: &'a Outcome,
        number: i64,
        published_at: DateTime<Utc>,
    ) -> Self {
        let clusters = Clusters::of(resolved);
        let inheritance = before.inherit(number, resolved, &clusters);
        Self { rules, resolved, number, published_at, clusters, inheritance, before }
    }

    /// The customer that a record belongs to now; none for one that was not resolved.
    pub(crate) fn customer_of(&self, record: RecordId) -> Option<CustomerId> {
        let holds = |cluster: Cluster<'_>| {
            let records = &self.resolved[cluster.kind].population.records;
            cluster.members.iter().any(|&member| records[member as usize] == record)
        };
        let place = self.clusters.iter().position(holds)?;
        Some(self.inheritance.customers[place])
    }

    /// How many customers the records are that were resolved.
    pub fn customers(&self) -> usize {
        self.clusters.len()
    }

    /// Works out all differences; the caller's threads do the work. The rows of customers are made when they are sent.
    pub fn differences(&self, session: &Session) -> Differences<'_> {
        let changed = self.changed(session);
        let changes = self.entries(&changed);
        let (joined, left) = self.memberships(&changed);
        let customers = Customers::new(self, session, changed);
        Differences { customers, former: self.former(), joined, left, changes }
    }

    /// The clusters whose customers are not published so, in order.
    fn changed(&self, session: &Session) -> Vec<Changed> {
        let of_cluster = |cluster: usize| {
            let id = self.inheritance.customers[cluster];
            let version = self.before.last_version(id) + 1;
            // Values are worked out to be compared only where there is something to compare them with.
            let unchanged = self
                .before
                .customer(id)
                .is_some_and(|old| old.content_hash == self.with_values(cluster, |row| row.content_hash));
            (!unchanged).then_some(Changed { cluster, version })
        };
        let starts: Vec<usize> = (0..self.clusters.len()).step_by(CHUNK_CUSTOMERS).collect();
        let chunks = starts.into_par_iter().map(|start| {
            let end = self.clusters.len().min(start + CHUNK_CUSTOMERS);
            let changed: Vec<Changed> = (start..end).filter_map(of_cluster).collect();
            session.progress.advance(&Stage::Survive, (end - start) as u64);
            changed
        });
        chunks.collect::<Vec<_>>().into_iter().flatten().collect()
    }

    /// The entries of the feed: the living in the order of their clusters, then the ended.
    fn entries(&self, changed: &[Changed]) -> Vec<ChangeEntry> {
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
            let change = match (self.before.customer(customer), other) {
                (Some(_), _) => Change::Updated,
                (None, Some(_)) => Change::Split,
                (None, None) => Change::Created,
            };
            ChangeEntry { customer, change, other, version: changed.version }
        });
        let gone = gone.into_iter().map(|(customer, change, other)| {
            let version = self.before.last_version(customer);
            ChangeEntry { customer, change, other, version }
        });
        living.chain(gone).collect()
    }

    /// Gives the state of a cluster's customer to `then`; its version and change are the caller's to set.
    fn with_values<T>(&self, cluster: usize, then: impl FnOnce(CustomerRow<'_>) -> T) -> T {
        let Cluster { kind, members } = self.clusters.get(cluster);
        self.rules.golden(&self.resolved[kind].population, members, |row| {
            then(CustomerRow { id: self.inheritance.customers[cluster], ..row })
        })
    }

    /// Records that come to a customer, and records that belong to none any more.
    fn memberships(&self, changed: &[Changed]) -> (Vec<Membership<'_>>, Vec<RecordId>) {
        let mut joined = Vec::new();
        let mut stays = FxHashSet::default();
        // The feed begins with the changed customers in their order.
        let mut change = 0;
        for ((number, cluster), customer) in self.clusters.iter().enumerate().zip(&self.inheritance.customers) {
            let is_changed = changed.get(change).is_some_and(|changed| changed.cluster == number);
            change += usize::from(is_changed);
            let population = &self.resolved[cluster.kind].population;
            for member in cluster.members.iter().map(|&member| member as usize) {
                let record = population.records[member];
                let before = self.before.customer_of(record);
                if before.is_some() {
                    stays.insert(record);
                }
                if before != Some(*customer) {
                    let source = self.rules.source_names.get(&population.sources[member]).map_or("", String::as_str);
                    let (source_key, change) = (population.keys.text(member), change as i64);
                    joined.push(Membership { record, source, source_key, customer: *customer, change });
                }
            }
        }
        // In the order of their index, which is then built in half the time.
        joined.par_sort_unstable_by_key(|member| (member.source, member.source_key));
        let mut left: Vec<_> = self.before.records().filter(|record| !stays.contains(record)).collect();
        left.sort_unstable();
        (joined, left)
    }

    /// The ids whose answer is another one now.
    fn former(&self) -> Vec<FormerId> {
        let former = self.inheritance.changes.iter().filter_map(|change| match *change {
            inheritance::Change::Merged { customer, into } => Some(FormerId { id: customer, leads_to: Some(into) }),
            inheritance::Change::Ended { customer } => Some(FormerId { id: customer, leads_to: None }),
            inheritance::Change::Created { .. } | inheritance::Change::Split { .. } => None,
        });
        former.collect()
    }

    /// Puts together everything that is to be written, and has it sent in one transaction.
    ///
    /// # Errors
    /// When the store fails.
    pub(crate) async fn publish(
        &self,
        differences: &Differences<'_>,
        in_force: InForce,
        note: Note<'_>,
        send: impl AsyncFnOnce(&Publication<'_>) -> Result<Published, StoreError>,
    ) -> Result<Published, OperationError> {
        let (new, ended) = in_force.differences(decisions::decisions(self.resolved));
        let models: Vec<i64> = self.resolved.iter().filter_map(|resolved| resolved.model_version).collect();
        let publication = Publication {
            number: self.number,
            run: note.run,
            models: &models,
            published_at: self.published_at,
            resolved: note.state,
            basis: note.basis,
            customers: &differences.customers,
            former: &differences.former,
            joined: &differences.joined,
            left: &differences.left,
            changes: &differences.changes,
            decisions: &new,
            ended_decisions: &ended,
        };
        Ok(send(&publication).await?)
    }
}

/// What is noted with a publication.
pub(crate) struct Note<'n> {
    /// The run that publishes.
    pub(crate) run: RunId,
    /// What the resolution depended on.
    pub(crate) state: ContentHash,
    /// What later resolutions go on from.
    pub(crate) basis: Basis<'n>,
}

/// Sends a publication, and tells how far it is.
pub(crate) async fn send(session: &Session, publication: &Publication<'_>) -> Result<Published, StoreError> {
    let progress = &session.progress;
    progress.begin(&Stage::Publish, Some(publication.rows()));
    let published = session
        .store
        .publish(publication, &|headway| match headway {
            Headway::Rows(rows) => progress.advance(&Stage::Publish, rows),
            Headway::Indexes(indexes) => {
                progress.end(&Stage::Publish, &format!("{} rows", publication.rows()));
                progress.begin(&Stage::Index, Some(indexes));
            }
            Headway::Index => progress.advance(&Stage::Index, 1),
        })
        .await?;
    let last = if published.is_first() { Stage::Index } else { Stage::Publish };
    progress.end(&last, &format!("{} changes", published.rows.changes));
    Ok(published)
}

/// All that publishing would write about customers.
pub struct Differences<'a> {
    customers: Customers<'a>,
    former: Vec<FormerId>,
    joined: Vec<Membership<'a>>,
    left: Vec<RecordId>,
    changes: Vec<ChangeEntry>,
}

impl Differences<'_> {
    /// Makes everything that would be sent, as a publication does.
    ///
    /// # Errors
    /// A value that the store cannot hold.
    pub(crate) fn check(&self) -> Result<(), StoreError> {
        self.customers.check()
    }

    /// The entries of the feed, in order.
    pub(crate) fn changes(&self) -> &[ChangeEntry] {
        &self.changes
    }

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
