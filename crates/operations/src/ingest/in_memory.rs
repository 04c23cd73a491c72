//! A delivery of a dry run, which lands in memory.

use super::batch::MappedBatch;
use super::known::Novelty;
use super::overlay::{Changed, Overlay};
use crate::error::OperationError;
use rustc_hash::FxHashSet;
use vinculo_records::{ContentHash, RecordHash, SourceId};
use vinculo_store::{Known, Store};

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
                    rows: 1,
                };
                self.own.lay(source, row.key, changed);
            }
        }
    }

    /// Takes keys of rejected rows as shown.
    pub(super) fn see(&mut self, keys: &[String]) {
        self.shown.extend(keys.iter().map(|key| RecordHash::new("", key)));
    }

    /// Lets the delivery count; with `snapshot`, what it did not show is deleted. Returns how many records that are.
    pub(super) async fn seal(
        &mut self,
        store: &Store,
        source: SourceId,
        snapshot: bool,
    ) -> Result<u64, OperationError> {
        let absent = if snapshot { self.absent_keys(store, source).await?.0 } else { Vec::new() };
        let deleted = absent.len() as u64;
        absent.into_iter().for_each(|key| self.own.delete(source, key));
        self.sealed.absorb(std::mem::take(&mut self.own));
        Ok(deleted)
    }

    /// Takes out the records that said something else in the delivery and in the end what the store holds of them, as
    /// sealing does; returns how many rows they had.
    pub(super) async fn forget_what_was_said(
        &mut self,
        store: &Store,
        source: SourceId,
    ) -> Result<u64, OperationError> {
        let stands_alone = |key: &&str| self.sealed.get(source, key).is_none();
        let keys: Vec<String> = self.own.live_keys(source).filter(stands_alone).map(str::to_owned).collect();
        let mut rows = 0;
        for keys in keys.chunks(KEYS_AT_ONCE) {
            let asked: Vec<&str> = keys.iter().map(String::as_str).collect();
            for (key, known) in asked.iter().zip(store.latest(source, None, &asked).await?) {
                let is_as_said = |known: &Known| {
                    let now = self.own.get(source, key).and_then(|changed| changed.content_hash);
                    !known.deleted && now == Some(known.content_hash)
                };
                if known.as_ref().is_some_and(is_as_said) {
                    rows += self.own.forget(source, key).map_or(0, |changed| changed.rows);
                }
            }
        }
        Ok(rows)
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
