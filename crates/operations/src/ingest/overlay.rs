//! What a dry run read: records as they would be, over those that the store holds.

use rustc_hash::FxHashMap;
use vinculo_records::{ContentHash, Kind, NormalizedRecord, SourceId};

/// Records that a dry run would change, each as it would stand afterwards.
#[derive(Debug, Default)]
pub struct Overlay {
    records: FxHashMap<SourceId, FxHashMap<String, Changed>>,
}

/// A record as it would be.
#[derive(Debug)]
pub struct Changed {
    /// What it would say; none where nothing says anything of it any more.
    pub content_hash: Option<ContentHash>,
    /// Whether it would be gone.
    pub deleted: bool,
    /// Whether it would have a version that it does not have yet.
    pub is_new_version: bool,
    /// Whether nothing that the store holds of it counts beside it: that was read anew, or is gone.
    pub replaces: bool,
    /// When its source changed it.
    pub updated_at: Option<i64>,
    /// Its normalized values.
    pub normalized: NormalizedRecord,
    /// What the rows of a delivery said of it, each a content and whether it is gone.
    pub said: Vec<(ContentHash, bool)>,
}

impl Changed {
    /// Whether it is what counts beside a version of this date that came before it.
    pub fn overrules(&self, updated_at: Option<i64>) -> bool {
        self.replaces || self.updated_at >= updated_at
    }
}

impl Overlay {
    /// Lays a record over what is there; an older one, by its own date, changes nothing.
    pub fn lay(&mut self, source: SourceId, key: String, mut changed: Changed) {
        let records = self.records.entry(source).or_default();
        match records.get_mut(&key) {
            Some(before) if !changed.overrules(before.updated_at) => before.said.append(&mut changed.said),
            Some(before) => {
                changed.said.append(&mut before.said);
                *before = Changed { replaces: before.replaces || changed.replaces, ..changed };
            }
            None => _ = records.insert(key, changed),
        }
    }

    /// Deletes a record that a snapshot no longer shows, or that is retired, whatever its date.
    pub fn delete(&mut self, source: SourceId, key: String) {
        let gone = Changed {
            content_hash: None,
            deleted: true,
            is_new_version: true,
            replaces: true,
            updated_at: None,
            normalized: NormalizedRecord::new(Kind::Person, None, 0),
            said: Vec::new(),
        };
        self.records.entry(source).or_default().insert(key, gone);
    }

    /// Takes a record out, which is then as it was.
    pub fn forget(&mut self, source: SourceId, key: &str) {
        self.records.get_mut(&source).map(|records| records.remove(key));
    }

    /// The keys of a source that it holds.
    pub fn keys(&self, source: SourceId) -> impl Iterator<Item = &str> {
        self.records.get(&source).into_iter().flatten().map(|(key, _)| key.as_str())
    }

    /// Takes over what another overlay holds.
    pub fn absorb(&mut self, other: Self) {
        for (source, records) in other.records {
            for (key, changed) in records {
                self.lay(source, key, changed);
            }
        }
    }

    /// The record as it would be, if the dry run changed it.
    pub fn get(&self, source: SourceId, key: &str) -> Option<&Changed> {
        self.records.get(&source)?.get(key)
    }

    /// The keys of a source that it holds and that would not be gone.
    pub fn live_keys(&self, source: SourceId) -> impl Iterator<Item = &str> {
        let records = self.records.get(&source).into_iter().flatten();
        records.filter(|(_, changed)| !changed.deleted).map(|(key, _)| key.as_str())
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

#[cfg(test)]
mod tests {
    use super::*;

    fn changed(updated_at: Option<i64>, hash: u128) -> Changed {
        Changed {
            content_hash: Some(ContentHash(hash)),
            deleted: false,
            is_new_version: true,
            replaces: false,
            updated_at,
            normalized: NormalizedRecord::new(Kind::Person, updated_at, 0),
            said: vec![(ContentHash(hash), false)],
        }
    }

    #[test]
    fn the_date_of_the_source_goes_before_the_order_of_reading() {
        let source = SourceId(1);
        let mut overlay = Overlay::default();
        overlay.lay(source, "a".into(), changed(Some(5), 1));
        overlay.lay(source, "a".into(), changed(Some(4), 2));
        overlay.lay(source, "a".into(), changed(None, 3));
        assert_eq!(overlay.get(source, "a").unwrap().content_hash, Some(ContentHash(1)));
        overlay.lay(source, "a".into(), changed(Some(5), 4));
        assert_eq!(overlay.get(source, "a").unwrap().content_hash, Some(ContentHash(4)));
        overlay.delete(source, "a".into());
        assert!(overlay.get(source, "a").unwrap().deleted);
        assert_eq!(overlay.live_keys(source).count(), 0);
    }

    #[test]
    fn what_was_read_anew_stands_whatever_the_store_holds_and_a_newer_version_over_it_too() {
        let source = SourceId(1);
        let mut overlay = Overlay::default();
        overlay.lay(source, "a".into(), Changed { replaces: true, is_new_version: false, ..changed(None, 1) });
        assert!(overlay.get(source, "a").unwrap().overrules(Some(9)));
        let mut own = Overlay::default();
        own.lay(source, "a".into(), changed(Some(5), 2));
        assert!(!own.get(source, "a").unwrap().overrules(Some(9)));
        overlay.absorb(own);
        let stands = overlay.get(source, "a").unwrap();
        assert!(stands.overrules(Some(9)) && stands.is_new_version);
        assert_eq!(stands.content_hash, Some(ContentHash(2)));
    }
}
