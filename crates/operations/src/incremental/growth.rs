//! From the records that changed to all that a change of them may touch.
//!
//! A record that changed touches those with which it stood together (its customer, the decisions about it, ids that had
//! it once) and those with which it stands together now (whoever shares a block with it and weighs enough). These touch
//! those with which they stood together in turn, until nothing new comes: between records that did not change nothing is
//! otherwise now, and decisions span every component, so that they need not be looked for by their keys. What was found
//! are whole components, before the change and after it, and whole customers: they can be resolved and published by
//! themselves.

use super::crowding;
use super::keys;
use super::scope::{Frozen, Scope};
use crate::error::OperationError;
use crate::judge::Judgements;
use crate::population::{Population, Sources};
use crate::resolve::{FrozenModel, comparables};
use crate::session::Session;
use rustc_hash::{FxHashMap, FxHashSet};
use vinculo_records::{Kind, RecordId};
use vinculo_resolution::incremental::{self, RecordKeys, SCATTERED};
use vinculo_store::{KeyEntry, NearbyRecord, Surroundings};

/// A part of the store that grows around what changed.
pub(crate) struct Growth<'a, 'c> {
    pub(super) session: &'a Session,
    pub(super) around: Surroundings<'c>,
    /// By kind; taken out while its kind is looked at.
    pub(super) scopes: [Option<Scope>; 2],
    /// Records that are looked at, as they are now.
    pub(super) known: [Population; 2],
    /// All that is touched; records that are gone among them.
    pub(super) part: FxHashSet<RecordId>,
    pub(super) judgements: &'a Judgements,
    sources: &'a Sources<'a>,
    /// Where each known record stands; none for one that does not count.
    places: FxHashMap<RecordId, Option<(Kind, u32)>>,
    /// Records that were never resolved: nothing is known of them but what they say.
    pub(super) newcomers: FxHashSet<RecordId>,
    /// Whether there are ids that stood for a customer once, of any of the records.
    pub(super) had_others: bool,
    /// What those that changed said before, where the store knew it: then the blocks that they left are known.
    said: Option<[Population; 2]>,
}

impl<'a, 'c> Growth<'a, 'c> {
    pub(crate) fn new(
        session: &'a Session,
        sources: &'a Sources<'a>,
        judgements: &'a Judgements,
        around: Surroundings<'c>,
        scopes: [Scope; 2],
    ) -> Self {
        Self {
            session,
            around,
            scopes: scopes.map(Some),
            known: Kind::ALL.map(Population::new),
            part: FxHashSet::default(),
            judgements,
            sources,
            places: FxHashMap::default(),
            newcomers: FxHashSet::default(),
            had_others: false,
            said: None,
        }
    }

    /// Takes the only record that changes: as it is, nothing of one that is gone, and as it was, nothing of one that was
    /// not there. Neither needs to be read then.
    ///
    /// # Errors
    /// Never for what this program normalized.
    pub(crate) fn admit(&mut self, record: RecordId, change: OneChange<'_>) -> Result<(), OperationError> {
        match change.now {
            Some(nearby) => self.take(nearby)?,
            None => _ = self.places.insert(record, None),
        }
        if change.is_new {
            self.newcomers.insert(record);
        }
        let mut said = Kind::ALL.map(Population::new);
        if let Some(nearby) = change.before {
            self.sources.take(nearby, &mut said).ok_or_else(unreadable)?;
        }
        self.said = Some(said);
        Ok(())
    }

    fn take(&mut self, nearby: &NearbyRecord) -> Result<(), OperationError> {
        let place = self.sources.take(nearby, &mut self.known);
        self.places.insert(nearby.record, Some(place.ok_or_else(unreadable)?));
        Ok(())
    }

    /// Finds all that a change of these records may touch; tells whether it is at most so many records.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub(crate) async fn grow(&mut self, changed: &[RecordId], most: usize) -> Result<bool, OperationError> {
        // A judgement counts while both its records are there: what becomes of one is a change for the other.
        let mut changed = changed.to_vec();
        changed.extend(changed.clone().iter().flat_map(|record| self.judgements.partners(*record)));
        changed.retain(|record| self.part.insert(*record));
        let mut open = changed.clone();
        self.touch_kinds_of_old(&changed, &mut open).await?;
        let mut is_changed = true;
        while !open.is_empty() {
            if self.part.len() > most {
                return Ok(false);
            }
            self.load(&open).await?;
            let mut found = self.companions(&open).await?;
            found.extend(open.iter().flat_map(|record| self.judgements.partners(*record)));
            for kind in Kind::ALL {
                let Some(mut scope) = self.scopes[kind as usize].take() else { continue };
                match &mut scope {
                    Scope::All { is_touched, .. } => {
                        found.extend(self.all_once_touched(is_touched, kind, &open).await?);
                    }
                    Scope::Part(frozen) if is_changed => found.extend(self.partners(frozen, kind, &open).await?),
                    Scope::Part(_) => {}
                }
                self.scopes[kind as usize] = Some(scope);
            }
            found.retain(|record| self.part.insert(*record));
            (open, is_changed) = (found, false);
        }
        Ok(true)
    }

    /// The blocks that those that changed were in; none where it is not known.
    pub(super) fn blocks_before(&self, frozen: &Frozen, kind: Kind) -> Option<FxHashSet<u64>> {
        let said = &self.said.as_ref()?[kind as usize];
        Some(self.keys_of(frozen, said).into_iter().flat_map(|keys| keys.blocks).collect())
    }

    /// Records that stand or fall with these, as the store knows it.
    async fn companions(&mut self, records: &[RecordId]) -> Result<Vec<RecordId>, OperationError> {
        let known: Vec<RecordId> = records.iter().copied().filter(|record| !self.newcomers.contains(record)).collect();
        if known.is_empty() {
            return Ok(Vec::new());
        }
        let (companions, had_others) = self.around.companions(&known).await?;
        self.had_others |= had_others;
        Ok(companions)
    }

    /// Of a kind that is resolved whole, what is left is touched too when a record is gone.
    async fn touch_kinds_of_old(
        &mut self,
        changed: &[RecordId],
        open: &mut Vec<RecordId>,
    ) -> Result<(), OperationError> {
        let are_parts = self.scopes.iter().flatten().all(|scope| matches!(scope, Scope::Part(_)));
        if are_parts || changed.iter().all(|record| self.newcomers.contains(record)) {
            return Ok(());
        }
        for (_, customer) in self.around.customers(changed).await? {
            if let Some(Scope::All { is_touched, .. }) = &mut self.scopes[customer.kind as usize]
                && !std::mem::replace(is_touched, true)
            {
                let mut all = self.around.records_of_kind(customer.kind).await?;
                all.retain(|record| self.part.insert(*record));
                open.extend(all);
            }
        }
        Ok(())
    }

    /// Reads those of the records that are not known yet.
    pub(super) async fn load(&mut self, records: &[RecordId]) -> Result<(), OperationError> {
        let mut unknown = records.to_vec();
        unknown.retain(|record| !self.places.contains_key(record));
        if unknown.is_empty() {
            return Ok(());
        }
        for nearby in self.around.current(&unknown).await? {
            self.take(&nearby)?;
        }
        unknown.into_iter().for_each(|record| _ = self.places.entry(record).or_insert(None));
        Ok(())
    }

    /// The positions of those of these known records that count and are of a kind.
    pub(super) fn positions(&self, kind: Kind, records: impl Iterator<Item = RecordId>) -> Vec<u32> {
        let place = |record: RecordId| self.places.get(&record).copied().flatten();
        records.filter_map(place).filter(|(of, _)| *of == kind).map(|(_, position)| position).collect()
    }

    /// All records of a kind that is resolved whole, the first time that one of them is touched.
    async fn all_once_touched(
        &mut self,
        is_touched: &mut bool,
        kind: Kind,
        open: &[RecordId],
    ) -> Result<Vec<RecordId>, OperationError> {
        if *is_touched || self.positions(kind, open.iter().copied()).is_empty() {
            return Ok(Vec::new());
        }
        *is_touched = true;
        Ok(self.around.records_of_kind(kind).await?)
    }

    /// Who stands together with these changed records now, and who does with others since the sizes of blocks changed.
    async fn partners(
        &mut self,
        frozen: &mut Frozen,
        kind: Kind,
        changed: &[RecordId],
    ) -> Result<Vec<RecordId>, OperationError> {
        let asked = self.positions(kind, changed.iter().copied());
        let keys = self.keys(frozen, kind, &asked);
        let mut hits = self.around.records_of_keys(&frozen.base, &keys::asked(&keys)).await?;
        let records = &self.known[kind as usize].records;
        let of_changed = asked.iter().map(|&at| records[at as usize]).zip(&keys);
        let entries = of_changed.flat_map(|(record, keys)| keys::of_record(record, keys));
        // What is found already needs not be written once more.
        frozen.keys = entries.filter(|entry| hits.binary_search(entry).is_err()).collect();
        // A record that is gone changes sizes too.
        let mut touched = crowding::recount(self, frozen, kind, &hits).await?;
        // The members of such a block meet each other otherwise than before, and nobody else.
        let moved = self.positions(kind, touched.iter().copied());
        touched.extend(self.ends_of_edges(frozen, kind, &moved, moved.len()));
        // In a scattered block nobody meets another.
        hits.retain(|entry| frozen.halvings.get(&entry.key) != Some(&SCATTERED));
        let hits = records_of(&hits);
        self.load(&hits).await?;
        let of_asked: FxHashSet<u32> = asked.iter().copied().collect();
        let mut near = asked.clone();
        let others = self.positions(kind, hits.into_iter());
        near.extend(others.into_iter().filter(|position| !of_asked.contains(position)));
        touched.extend(self.ends_of_edges(frozen, kind, &near, asked.len()));
        Ok(touched)
    }

    /// The records at the ends of edges that one of the first so many has.
    fn ends_of_edges(&self, frozen: &Frozen, kind: Kind, near: &[u32], asked: usize) -> Vec<RecordId> {
        if asked == 0 {
            return Vec::new();
        }
        let population = self.known[kind as usize].select(near);
        let asked: Vec<u32> = (0..asked as u32).collect();
        let FrozenModel { plan, model } = &*frozen.model;
        let edges = self.session.compute_for(population.len(), || {
            let records = comparables(&self.session.bench.project, &population);
            incremental::edges(plan, model, &records, &asked, &frozen.halvings)
        });
        edges.into_iter().flat_map(|(a, b, _)| [a, b]).map(|at| population.records[at as usize]).collect()
    }

    /// What known records are found by, in their order.
    pub(super) fn keys(&self, frozen: &Frozen, kind: Kind, positions: &[u32]) -> Vec<RecordKeys> {
        self.keys_of(frozen, &self.known[kind as usize].select(positions))
    }

    fn keys_of(&self, frozen: &Frozen, population: &Population) -> Vec<RecordKeys> {
        let FrozenModel { plan, model } = &*frozen.model;
        let project = &self.session.bench.project;
        self.session.compute_for(population.len(), || incremental::keys(plan, model, &comparables(project, population)))
    }
}

/// What becomes of a record that changes alone.
#[derive(Clone, Copy)]
pub(crate) struct OneChange<'r> {
    /// As it is.
    pub(crate) now: Option<&'r NearbyRecord>,
    /// As it was when it was resolved last.
    pub(crate) before: Option<&'r NearbyRecord>,
    /// Whether it was never resolved.
    pub(crate) is_new: bool,
}

fn unreadable() -> OperationError {
    OperationError::Internal("a normalized record cannot be read".into())
}

/// The records of these entries, each once, in ascending order.
pub(crate) fn records_of(entries: &[KeyEntry]) -> Vec<RecordId> {
    let mut records: Vec<RecordId> = entries.iter().map(|entry| entry.record).collect();
    records.sort_unstable();
    records.dedup();
    records
}
