//! The current records of one kind, as the engine wants them.

use crate::error::OperationError;
use crate::ingest::Overlay;
use crate::session::Session;
use rustc_hash::{FxHashMap, FxHashSet};
use vinculo_records::{Kind, NormalizedView, PackedRecords, RecordHash, RecordId, SourceId, TextColumn, VersionId};

/// All current records of one kind, in columns, in no certain order.
#[derive(Debug)]
pub struct Population {
    /// Person or organization.
    pub kind: Kind,
    /// The records.
    pub records: Vec<RecordId>,
    /// Their current versions.
    pub versions: Vec<VersionId>,
    /// Their sources.
    pub sources: Vec<SourceId>,
    /// Their keys in their sources.
    pub keys: TextColumn,
    /// Their names inside the engine.
    pub hashes: Vec<RecordHash>,
    /// Their normalized values.
    pub packed: PackedRecords,
}

impl Population {
    fn new(kind: Kind) -> Self {
        Self {
            kind,
            records: Vec::new(),
            versions: Vec::new(),
            sources: Vec::new(),
            keys: TextColumn::default(),
            hashes: Vec::new(),
            packed: PackedRecords::default(),
        }
    }

    /// How many records.
    pub fn len(&self) -> usize {
        self.records.len()
    }

    /// Whether there is no record.
    pub fn is_empty(&self) -> bool {
        self.records.is_empty()
    }

    fn push(
        &mut self,
        record: RecordId,
        version: VersionId,
        source: (SourceId, &str),
        key: &str,
        view: NormalizedView<'_>,
    ) {
        self.records.push(record);
        self.versions.push(version);
        self.sources.push(source.0);
        self.keys.push(Some(key));
        self.hashes.push(RecordHash::new(source.1, key));
        self.packed.push(view);
    }
}

/// The names of sources by their numbers.
pub type SourceNames = FxHashMap<SourceId, String>;

/// Loads the current records of all sources, persons first, then organizations; a dry run's overlay over them.
///
/// # Errors
/// When the store cannot be read, or holds a record that no program of this version wrote.
pub async fn load(
    session: &Session,
    names: &SourceNames,
    overlay: &Overlay,
) -> Result<[Population; 2], OperationError> {
    let mut loading = Loading {
        populations: Kind::ALL.map(Population::new),
        names,
        overlay,
        laid: FxHashSet::default(),
        damaged: 0,
        made_up: 0,
    };
    session
        .store
        .for_each_current(|current| {
            let key = current.source_key;
            loading.take(current.record, current.version, current.source, key, current.normalized);
        })
        .await?;
    loading.add_new();
    match loading.damaged {
        0 => Ok(loading.populations),
        n => Err(OperationError::Internal(format!("{n} normalized records cannot be read"))),
    }
}

struct Loading<'a> {
    populations: [Population; 2],
    names: &'a SourceNames,
    overlay: &'a Overlay,
    /// Records of the overlay that stand in the store.
    laid: FxHashSet<RecordHash>,
    damaged: u64,
    /// The last number given to a version that does not exist yet, below 0.
    made_up: i64,
}

impl Loading<'_> {
    fn take(&mut self, record: RecordId, version: VersionId, source: SourceId, key: &str, bytes: &[u8]) {
        let Some((name, view)) = self.names.get(&source).zip(NormalizedView::new(bytes)) else {
            self.damaged += 1;
            return;
        };
        let Some(changed) = self.overlay.get(source, key) else {
            self.populations[view.kind() as usize].push(record, version, (source, name), key, view);
            return;
        };
        self.laid.insert(RecordHash::new(name, key));
        if changed.is_older_than(view.updated_at()) {
            self.populations[view.kind() as usize].push(record, version, (source, name), key, view);
        } else if !changed.deleted {
            let view = changed.normalized.view();
            let version = if changed.is_new_version { self.next_made_up() } else { version };
            self.populations[view.kind() as usize].push(record, version, (source, name), key, view);
        }
    }

    /// The number of a version that does not exist yet.
    fn next_made_up(&mut self) -> VersionId {
        self.made_up -= 1;
        VersionId(self.made_up)
    }

    /// Adds the records that the store does not have; their ids stand for nothing.
    fn add_new(&mut self) {
        let overlay = self.overlay;
        for (source, key, changed) in overlay.iter() {
            let Some(name) = self.names.get(&source) else { continue };
            if changed.deleted || self.laid.contains(&RecordHash::new(name, key)) {
                continue;
            }
            let view = changed.normalized.view();
            let version = self.next_made_up();
            let record = RecordId(version.0);
            self.populations[view.kind() as usize].push(record, version, (source, name), key, view);
        }
    }
}
