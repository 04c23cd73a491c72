//! A delivery of a dry run, which lands in memory.

use super::batch::MappedBatch;
use super::known::Novelty;
use super::overlay::{Changed, Overlay};
use crate::error::OperationError;
use rustc_hash::FxHashSet;
use vinculo_records::{ContentHash, RecordHash, RecordId, SourceId};
use vinculo_store::{DeliveryCounts, Standing, Store};

/// Keys that a dry run looks up together.
const KEYS_AT_ONCE: usize = 10_000;

/// A delivery of a dry run.
pub(super) struct InMemory<'a> {
    /// What the deliveries before it, and this one once it is sealed, would change.
    sealed: &'a mut Overlay,
    /// What this one would change.
    own: Overlay,
    /// The keys that it showed.
    shown: FxHashSet<RecordHash>,
}

/// What sealing makes of the rows that a delivery has of a record.
enum Fate {
    New,
    Changed,
    Superseded,
    Repeated,
}

impl<'a> InMemory<'a> {
    pub(super) fn new(sealed: &'a mut Overlay) -> Self {
        Self { sealed, own: Overlay::default(), shown: FxHashSet::default() }
    }

    /// What was read of a record so far: its content, and whether it is gone.
    pub(super) fn laid(&self, source: SourceId, key: &str) -> Option<(ContentHash, bool)> {
        let changed = self.own.get(source, key).or_else(|| self.sealed.get(source, key))?;
        Some((changed.content_hash?, changed.deleted))
    }

    /// Takes a batch whose rows were told apart.
    pub(super) fn take(&mut self, source: SourceId, mapped: MappedBatch, novelties: &[Novelty]) {
        self.shown.extend(mapped.rows().map(|row| RecordHash::new("", &row.key)));
        for (row, novelty) in mapped.into_rows().zip(novelties) {
            if !matches!(novelty, Novelty::Unchanged(_)) {
                let changed = Changed {
                    content_hash: Some(row.statement.content_hash),
                    deleted: row.statement.deleted,
                    is_new_version: true,
                    replaces: false,
                    updated_at: row.statement.updated_at,
                    normalized: row.normalized,
                    said: vec![(row.statement.content_hash, row.statement.deleted)],
                };
                self.own.lay(source, row.key, changed);
            }
        }
    }

    /// Takes keys of rejected rows as shown.
    pub(super) fn see(&mut self, keys: &[String]) {
        self.shown.extend(keys.iter().map(|key| RecordHash::new("", key)));
    }

    /// Lets the delivery count; with `snapshot`, what it did not show is deleted. Accounts for all rows that were laid.
    pub(super) async fn seal(
        &mut self,
        store: &Store,
        source: SourceId,
        snapshot: bool,
        counts: &mut DeliveryCounts,
    ) -> Result<(), OperationError> {
        self.settle(store, source, counts).await?;
        if snapshot {
            let (absent, _) = self.absent_keys(store, source).await?;
            counts.deleted += absent.len() as u64;
            absent.into_iter().for_each(|key| self.own.delete(source, key));
        }
        self.sealed.absorb(std::mem::take(&mut self.own));
        Ok(())
    }

    /// Takes out the records that stay as the store has them, as sealing does: what is older does not count, and what says
    /// only what the record had said, and leaves it as it was, is taken out again.
    async fn settle(
        &mut self,
        store: &Store,
        source: SourceId,
        counts: &mut DeliveryCounts,
    ) -> Result<(), OperationError> {
        let keys: Vec<String> = self.own.keys(source).map(str::to_owned).collect();
        counts.changed = 0;
        for keys in keys.chunks(KEYS_AT_ONCE) {
            let asked: Vec<&str> = keys.iter().map(String::as_str).collect();
            let standing = store.standing(source, &asked).await?;
            let known =
                asked.iter().zip(&standing).filter_map(|(key, standing)| Some((key, standing.as_ref()?.record_id)));
            let said: Vec<_> = known
                .filter_map(|(key, record)| Some((record, &self.own.get(source, key)?.said)))
                .flat_map(|(record, said)| said.iter().map(move |(content, deleted)| (record, *content, *deleted)))
                .collect();
            let ever_said = store.ever_said(&said).await?;
            let news = said.iter().zip(ever_said).filter(|(_, ever)| !ever).map(|((record, ..), _)| *record).collect();
            for (key, standing) in asked.into_iter().zip(standing) {
                let fate = self.fate(source, key, standing.as_ref(), &news);
                let rows = self.own.get(source, key).map_or(0, |changed| changed.said.len() as u64);
                match fate {
                    Fate::New => counts.superseded += rows - 1,
                    Fate::Changed => {
                        counts.changed += 1;
                        counts.superseded += rows - 1;
                    }
                    Fate::Superseded => counts.superseded += rows,
                    Fate::Repeated => counts.unchanged += rows,
                }
                if matches!(fate, Fate::Superseded | Fate::Repeated) {
                    self.own.forget(source, key);
                }
            }
        }
        Ok(())
    }

    /// What becomes of a record whose rows were laid; `news` are the records that said something which they never had said.
    fn fate(&self, source: SourceId, key: &str, standing: Option<&Standing>, news: &FxHashSet<RecordId>) -> Fate {
        let Some(changed) = self.own.get(source, key) else { return Fate::Repeated };
        // What was read anew stands in place of what the store holds.
        let before = match (self.sealed.get(source, key), standing) {
            (Some(before), _) => (before.content_hash, before.deleted, before.updated_at),
            (None, Some(standing)) => (Some(standing.content_hash), standing.deleted, standing.updated_at),
            (None, None) => return Fate::New,
        };
        let wins = changed.overrules(before.2);
        let leaves_it = !wins || (changed.content_hash, changed.deleted) == (before.0, before.1);
        let is_news = standing.is_none_or(|standing| news.contains(&standing.record_id));
        match wins {
            _ if leaves_it && !is_news => Fate::Repeated,
            true => Fate::Changed,
            false => Fate::Superseded,
        }
    }

    /// The keys of a source's live records that the delivery did not show, and how many are live.
    pub(super) async fn absent_keys(
        &self,
        store: &Store,
        source: SourceId,
    ) -> Result<(Vec<String>, u64), OperationError> {
        let is_absent = |key: &str| !self.shown.contains(&RecordHash::new("", key));
        let (mut absent, mut live) = (Vec::new(), 0);
        let mut look_at = |key: &str| {
            live += 1;
            if is_absent(key) {
                absent.push(key.to_owned());
            }
        };
        let in_store = |key: &str| {
            // What was read anew is told by the overlay.
            if self.sealed.get(source, key).is_none() {
                look_at(key);
            }
        };
        store.for_each_live_key(source, in_store).await?;
        self.sealed.live_keys(source).for_each(look_at);
        Ok((absent, live))
    }
}
