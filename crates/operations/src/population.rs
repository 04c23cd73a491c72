//! The current records of one kind, as the engine wants them.

use crate::error::OperationError;
use crate::ingest::Overlay;
use crate::renumbering::Renumbering;
use crate::session::Session;
use rustc_hash::{FxHashMap, FxHashSet};
use vinculo_records::{
    Kind, NormalizedRecord, NormalizedView, PackedRecords, RecordHash, RecordId, SourceId, TextColumn, VersionId,
};
use vinculo_store::SourceRow;

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

/// What loading needs to know of a source: its name, and how its attributes are numbered now, where that is otherwise than
/// when its records were normalized.
type Sources = FxHashMap<SourceId, (String, Option<Renumbering>)>;

/// Loads the current records of all sources, persons first, then organizations; a dry run's overlay over them. `rows` are
/// the sources of the project, those that a dry run only foresees among them.
///
/// # Errors
/// When the store cannot be read, or holds a record that no program of this version wrote.
pub async fn load(session: &Session, rows: &[SourceRow], overlay: &Overlay) -> Result<[Population; 2], OperationError> {
    let known = session.store.sources().await?;
    let attributes = &session.bench.project.attributes;
    let of_source = |row: &SourceRow| {
        let followed = row.followed.as_ref();
        (row.id, (row.name.clone(), followed.and_then(|followed| Renumbering::new(&followed.attributes, attributes))))
    };
    let sources = rows.iter().chain(&known).map(of_source).collect();
    let mut loading = Loading {
        populations: Kind::ALL.map(Population::new),
        sources: &sources,
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
    sources: &'a Sources,
    overlay: &'a Overlay,
    /// Records of the overlay that stand in the store.
    laid: FxHashSet<RecordHash>,
    damaged: u64,
    /// The last number given to a version that does not exist yet, below 0.
    made_up: i64,
}

impl Loading<'_> {
    fn take(&mut self, record: RecordId, version: VersionId, source: SourceId, key: &str, bytes: &[u8]) {
        let Some(((name, renumbering), view)) = self.sources.get(&source).zip(NormalizedView::new(bytes)) else {
            self.damaged += 1;
            return;
        };
        let renumbered = renumbering.as_ref().map(|renumbering| renumbering.apply(view));
        let view = renumbered.as_ref().map_or(view, NormalizedRecord::view);
        let Some(changed) = self.overlay.get(source, key) else {
            self.populations[view.kind() as usize].push(record, version, (source, name), key, view);
            return;
        };
        self.laid.insert(RecordHash::new(name, key));
        if !changed.overrules(view.updated_at()) {
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
            let Some((name, _)) = self.sources.get(&source) else { continue };
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
