//! Which rows of a batch are new, changed or unchanged.

use crate::error::OperationError;
use fastbloom::BloomFilter;
use rustc_hash::FxHashMap;
use vinculo_records::{ContentHash, DeliveryId, RecordId, SourceId};
use vinculo_store::{Known, Store};

/// How many keys a filter is made for at the least; 1.25 bytes each.
const CAPACITY_MIN: usize = 1 << 20;
/// So many rows of a delivery are looked up, whatever their keys: what a few rows cost must not hang on how many the store
/// knows. Of more rows a filter tells most of the new ones, at the cost of reading all known keys once.
const LOOKED_UP_MAX: usize = 20_000;

/// The keys of a source that may exist: most rows of a first delivery need no look-up.
pub struct KnownKeys {
    source: SourceId,
    expected: u64,
    may_exist: MayExist,
}

/// Which keys are looked up.
enum MayExist {
    /// All, as long as there are few; these came so far.
    All(Vec<String>),
    /// Those that the filter knows.
    Filtered(Box<BloomFilter>),
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
    /// The keys of a source from which about so many rows are expected.
    pub fn new(source: SourceId, expected: u64) -> Self {
        Self { source, expected, may_exist: MayExist::All(Vec::new()) }
    }

    /// Tells for each row, in order, what it is; `laid` is what a dry run has read of a key before. Rows of the same batch
    /// count as known to those after them.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn classify(
        &mut self,
        store: &Store,
        delivery: Option<DeliveryId>,
        laid: impl Fn(&str) -> Option<(ContentHash, bool)>,
        rows: &[(&str, ContentHash, bool)],
    ) -> Result<Vec<Novelty>, OperationError> {
        self.prepare(store, rows.len()).await?;
        let asked: Vec<&str> = rows.iter().map(|(key, ..)| *key).filter(|key| self.may_exist.holds(key)).collect();
        let found = if asked.is_empty() { Vec::new() } else { store.latest(self.source, delivery, &asked).await? };
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
        rows.iter().for_each(|(key, ..)| self.may_exist.add(key));
        Ok(tell_apart(latest, rows))
    }

    /// Makes the filter, once the rows are too many to be looked up one and all.
    async fn prepare(&mut self, store: &Store, rows: usize) -> Result<(), OperationError> {
        let MayExist::All(came) = &self.may_exist else { return Ok(()) };
        let expected = usize::try_from(self.expected).unwrap_or(usize::MAX).max(came.len() + rows);
        if expected <= LOOKED_UP_MAX {
            return Ok(());
        }
        let known = usize::try_from(store.count_records(self.source).await?).unwrap_or(usize::MAX);
        let capacity = known.saturating_add(expected).max(CAPACITY_MIN);
        let mut filter = BloomFilter::with_false_pos(0.01).seed(&0).expected_items(capacity);
        store.for_each_known_key(self.source, |key: &str| _ = filter.insert(key)).await?;
        // What came last may not have reached the store yet.
        came.iter().for_each(|key| _ = filter.insert(key.as_str()));
        self.may_exist = MayExist::Filtered(Box::new(filter));
        Ok(())
    }
}

impl MayExist {
    fn holds(&self, key: &str) -> bool {
        match self {
            Self::All(_) => true,
            Self::Filtered(filter) => filter.contains(key),
        }
    }

    fn add(&mut self, key: &str) {
        match self {
            Self::All(came) => came.push(key.to_owned()),
            Self::Filtered(filter) => _ = filter.insert(key),
        }
    }
}

/// Tells for each row, in order, what it is beside what is known, and beside the rows before it.
fn tell_apart<'r>(mut latest: FxHashMap<&'r str, State>, rows: &[(&'r str, ContentHash, bool)]) -> Vec<Novelty> {
    let tell = |(key, content_hash, deleted): &(&'r str, ContentHash, bool)| {
        let now = State { record: None, content_hash: *content_hash, deleted: *deleted };
        match latest.get_mut(key) {
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
        }
    };
    rows.iter().map(tell).collect()
}

/// What a record says last.
#[derive(Clone, Copy)]
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

#[cfg(test)]
mod tests {
    use super::*;

    fn known(record: i64, says: u128, deleted: bool) -> State {
        State { record: Some(RecordId(record)), content_hash: ContentHash(says), deleted }
    }

    fn told(known: &[(&'static str, State)], rows: &[(&'static str, u128, bool)]) -> Vec<Novelty> {
        let latest = known.iter().map(|(key, state)| (*key, *state)).collect();
        let rows: Vec<_> = rows.iter().map(|(key, says, deleted)| (*key, ContentHash(*says), *deleted)).collect();
        tell_apart(latest, &rows)
    }

    #[test]
    fn a_row_is_new_changed_or_unchanged_by_what_its_record_says_last() {
        let store = [("1", known(10, 7, false)), ("2", known(20, 7, true))];
        let cases = [
            (("1", 7, false), Novelty::Unchanged(Some(RecordId(10)))),
            (("1", 8, false), Novelty::Changed(Some(RecordId(10)))),
            (("1", 7, true), Novelty::Changed(Some(RecordId(10)))),
            (("2", 7, true), Novelty::Unchanged(Some(RecordId(20)))),
            (("2", 7, false), Novelty::Changed(Some(RecordId(20)))),
            (("3", 7, false), Novelty::New),
        ];
        for (row, expected) in cases {
            assert_eq!(told(&store, &[row]), [expected], "{row:?}");
        }
    }

    #[test]
    fn rows_of_a_batch_are_known_to_those_after_them() {
        let rows = [("3", 1, false), ("3", 1, false), ("3", 2, false), ("3", 1, false)];
        let expected = [Novelty::New, Novelty::Unchanged(None), Novelty::Changed(None), Novelty::Changed(None)];
        assert_eq!(told(&[], &rows), expected);
        let there_and_back = [("1", 8, false), ("1", 7, false)];
        let record = Some(RecordId(10));
        let changed = [Novelty::Changed(record), Novelty::Changed(record)];
        assert_eq!(told(&[("1", known(10, 7, false))], &there_and_back), changed, "both are versions until sealing");
    }
}
