//! What a dry run read: records as they would be, over those that the store holds.

use rustc_hash::FxHashMap;
use vinculo_records::{ContentHash, NormalizedRecord, SourceId};

/// Records that a dry run would land, each as it would stand after its delivery.
#[derive(Debug, Default)]
pub struct Overlay {
    records: FxHashMap<SourceId, FxHashMap<String, Changed>>,
}

/// A record as it would be.
#[derive(Debug)]
pub struct Changed {
    /// What it would say.
    pub content_hash: ContentHash,
    /// Whether it would be gone.
    pub deleted: bool,
    /// When its source changed it.
    pub updated_at: Option<i64>,
    /// Its normalized values.
    pub normalized: NormalizedRecord,
}

impl Overlay {
    /// Lays a record over what is there; an older one, by its own date, changes nothing.
    pub fn lay(&mut self, source: SourceId, key: String, changed: Changed) {
        let records = self.records.entry(source).or_default();
        match records.get_mut(&key) {
            Some(before) if before.updated_at > changed.updated_at => {}
            Some(before) => *before = changed,
            None => _ = records.insert(key, changed),
        }
    }

    /// Deletes a record.
    pub fn delete(&mut self, source: SourceId, key: String) {
        let gone = Changed {
            content_hash: ContentHash(0),
            deleted: true,
            updated_at: None,
            normalized: NormalizedRecord::new(vinculo_records::Kind::Person, None, 0),
        };
        self.records.entry(source).or_default().insert(key, gone);
    }

    /// The record as it would be, if the dry run changed it.
    pub fn get(&self, source: SourceId, key: &str) -> Option<&Changed> {
        self.records.get(&source)?.get(key)
    }

    /// All records that it holds, with source and key, in no particular order.
    pub fn iter(&self) -> impl Iterator<Item = (SourceId, &str, &Changed)> {
        self.records
            .iter()
            .flat_map(|(source, records)| records.iter().map(|(key, changed)| (*source, key.as_str(), changed)))
    }

    /// Whether nothing would change.
    pub fn is_empty(&self) -> bool {
        self.records.values().all(FxHashMap::is_empty)
    }
}
