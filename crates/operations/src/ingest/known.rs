//! Which rows of a batch are new, changed or unchanged.

use crate::error::OperationError;
use fastbloom::BloomFilter;
use rustc_hash::FxHashMap;
use vinculo_records::{ContentHash, DeliveryId, RecordId, SourceId};
use vinculo_store::{Known, Store};

/// How many keys a filter is made for at the least; 1.25 bytes each.
const CAPACITY_MIN: usize = 1 << 20;

/// The keys of a source that may exist: most rows of a first delivery need no look-up.
pub struct KnownKeys {
    filter: BloomFilter,
}

/// What a row is to the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Novelty {
    /// No record has its key.
    New,
    /// Its record says something else; without an id the record is new in this batch.
    Changed(Option<RecordId>),
    /// Its record says the same; without an id the record is new in this batch.
    Unchanged(Option<RecordId>),
}

impl KnownKeys {
    /// The keys that the store knows of a source, with room for as many as are expected to come.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn load(store: &Store, source: SourceId, expected: u64) -> Result<Self, OperationError> {
        let known = store.count_records(source).await?;
        let capacity = usize::try_from(known + expected).unwrap_or(usize::MAX).max(CAPACITY_MIN);
        let mut filter = BloomFilter::with_false_pos(0.01).seed(&0).expected_items(capacity);
        store.for_each_known_key(source, |key: &str| _ = filter.insert(key)).await?;
        Ok(Self { filter })
    }

    /// Tells for each row, in order, what it is; `laid` is what a dry run has read of a key before. Rows of the same batch count as known to those after them.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn classify(
        &mut self,
        store: &Store,
        source: SourceId,
        delivery: Option<DeliveryId>,
        laid: impl Fn(&str) -> Option<(ContentHash, bool)>,
        rows: &[(&str, ContentHash, bool)],
    ) -> Result<Vec<Novelty>, OperationError> {
        let mut asked: Vec<&str> = Vec::new();
        for (key, ..) in rows {
            if self.filter.contains(*key) {
                asked.push(key);
            }
        }
        let found = if asked.is_empty() { Vec::new() } else { store.latest(source, delivery, &asked).await? };
        let mut latest: FxHashMap<&str, State> = FxHashMap::default();
        for (key, known) in asked.into_iter().zip(found) {
            let known = known.map(State::from);
            // What a dry run has read of the record comes after what the store knows.
            let state = match laid(key) {
                Some((content_hash, deleted)) => {
                    Some(State { record: known.and_then(|known| known.record), content_hash, deleted })
                }
                None => known,
            };
            if let Some(state) = state {
                latest.insert(key, state);
            }
        }
        let mut novelties = Vec::with_capacity(rows.len());
        for (key, content_hash, deleted) in rows {
            let now = State { record: None, content_hash: *content_hash, deleted: *deleted };
            let novelty = match latest.get_mut(key) {
                None => {
                    latest.insert(key, now);
                    Novelty::New
                }
                Some(state) if state.content_hash == *content_hash && state.deleted == *deleted => {
                    Novelty::Unchanged(state.record)
                }
                Some(state) => {
                    let record = state.record;
                    *state = State { record, ..now };
                    Novelty::Changed(record)
                }
            };
            self.filter.insert(*key);
            novelties.push(novelty);
        }
        Ok(novelties)
    }
}

/// What a record says last.
struct State {
    record: Option<RecordId>,
    content_hash: ContentHash,
    deleted: bool,
}

impl From<Known> for State {
    fn from(known: Known) -> Self {
        Self { record: Some(known.record_id), content_hash: known.content_hash, deleted: known.deleted }
    }
}
