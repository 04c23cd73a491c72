//! Current records of one kind, as the engine wants them.

use crate::error::OperationError;
use crate::ingest::{Changed, Overlay};
use crate::judge::Judgements;
use crate::renumbering::Renumbering;
use crate::session::Session;
use rustc_hash::{FxHashMap, FxHashSet};
use vinculo_records::{
    Attributes, Kind, NormalizedRecord, NormalizedView, PackedRecords, RecordHash, RecordId, SourceId, TextColumn,
    VersionId,
};
use vinculo_store::{NearbyRecord, SourceRow};

/// Current records of one kind, all or some, in columns, in no certain order.
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
    /// No records of a kind.
    pub(crate) fn new(kind: Kind) -> Self {
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

    /// Some of these records, by their positions.
    pub(crate) fn select(&self, positions: &[u32]) -> Self {
        let mut selected = Self::new(self.kind);
        for at in positions.iter().map(|&position| position as usize) {
            selected.records.push(self.records[at]);
            selected.versions.push(self.versions[at]);
            selected.sources.push(self.sources[at]);
            selected.keys.push(self.keys.get(at));
            selected.hashes.push(self.hashes[at]);
            selected.packed.push(self.packed.get(at));
        }
        selected
    }

    fn push(&mut self, of: Of<'_>, hash: RecordHash, view: NormalizedView<'_>) {
        self.records.push(of.record);
        self.versions.push(of.version);
        self.sources.push(of.source);
        self.keys.push(Some(of.key));
        self.hashes.push(hash);
        self.packed.push(view);
    }
}

/// Whose values they are.
#[derive(Clone, Copy)]
struct Of<'r> {
    record: RecordId,
    version: VersionId,
    source: SourceId,
    key: &'r str,
}

/// What loading needs to know beside the records.
pub(crate) struct Sources<'j> {
    /// The name of each source, and how its attributes are numbered now, where that is otherwise than when its records
    /// were normalized.
    of: FxHashMap<SourceId, (String, Option<Renumbering>)>,
    attributes: Attributes,
    /// Which of the values that sources say are wrong.
    judgements: &'j Judgements,
}

impl<'j> Sources<'j> {
    /// All sources; `rows` are those of the project, those that a dry run only foresees among them.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub(crate) async fn read(
        session: &Session,
        rows: &[SourceRow],
        judgements: &'j Judgements,
    ) -> Result<Self, OperationError> {
        let known = session.store.sources().await?;
        let attributes = &session.bench.project.attributes;
        let of_source = |row: &SourceRow| {
            let renumbering = row.followed.as_ref().and_then(|of| Renumbering::new(&of.attributes, attributes));
            (row.id, (row.name.clone(), renumbering))
        };
        let of = rows.iter().chain(&known).map(of_source).collect();
        Ok(Self { of, attributes: attributes.clone(), judgements })
    }

    /// What a record is known by inside the engine; none for one of a source that nobody knows.
    fn hash(&self, source: SourceId, key: &str) -> Option<RecordHash> {
        self.of.get(&source).map(|(name, _)| RecordHash::new(name, key))
    }

    /// Hands over the stored values of a record as they count: by their present numbers, wrong ones marked. Nothing where
    /// no program of this version wrote them.
    fn read_record<T>(
        &self,
        source: SourceId,
        hash: RecordHash,
        packed: &[u8],
        then: impl FnOnce(NormalizedView<'_>) -> T,
    ) -> Option<T> {
        let (_, renumbering) = self.of.get(&source)?;
        let view = NormalizedView::new(packed)?;
        let renumbered = renumbering.as_ref().map(|renumbering| renumbering.apply(view));
        let view = renumbered.as_ref().map_or(view, NormalizedRecord::view);
        Some(self.marked(hash, view, then))
    }

    /// Hands over the values of a record, wrong ones marked.
    fn marked<T>(&self, hash: RecordHash, view: NormalizedView<'_>, then: impl FnOnce(NormalizedView<'_>) -> T) -> T {
        let marked = self.judgements.mark(&self.attributes, hash, view);
        then(marked.as_ref().map_or(view, NormalizedRecord::view))
    }

    /// Adds a record to those of its kind; tells which kind and where, or nothing of a record that no program of this
    /// version wrote.
    pub(crate) fn take(&self, nearby: &NearbyRecord, populations: &mut [Population; 2]) -> Option<(Kind, u32)> {
        let NearbyRecord { record, version, source, source_key, normalized } = nearby;
        let hash = self.hash(*source, source_key)?;
        self.read_record(*source, hash, normalized, |view| {
            let population = &mut populations[view.kind() as usize];
            population.push(Of { record: *record, version: *version, source: *source, key: source_key }, hash, view);
            (view.kind(), population.len() as u32 - 1)
        })
    }
}

/// Loads the current records of all sources, persons first, then organizations; a dry run's overlay over them. `rows` are
/// the sources of the project, those that a dry run only foresees among them.
///
/// # Errors
/// When the store cannot be read, or holds a record that no program of this version wrote.
pub async fn load(
    session: &Session,
    rows: &[SourceRow],
    overlay: &Overlay,
    judgements: &Judgements,
) -> Result<[Population; 2], OperationError> {
    let sources = Sources::read(session, rows, judgements).await?;
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
            let of = Of {
                record: current.record,
                version: current.version,
                source: current.source,
                key: current.source_key,
            };
            loading.take(of, current.normalized);
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
    sources: &'a Sources<'a>,
    overlay: &'a Overlay,
    /// Records of the overlay that stand in the store.
    laid: FxHashSet<RecordHash>,
    damaged: u64,
    /// The last number given to a version that does not exist yet, below 0.
    made_up: i64,
}

impl Loading<'_> {
    fn take(&mut self, of: Of<'_>, bytes: &[u8]) {
        let sources = self.sources;
        let taken = sources
            .hash(of.source, of.key)
            .and_then(|hash| sources.read_record(of.source, hash, bytes, |view| self.choose(of, hash, view)));
        self.damaged += u64::from(taken.is_none());
    }

    /// Takes what the store holds of a record, or what the dry run laid over it.
    fn choose(&mut self, of: Of<'_>, hash: RecordHash, view: NormalizedView<'_>) {
        let Some(changed) = self.overlay.get(of.source, of.key) else {
            self.populations[view.kind() as usize].push(of, hash, view);
            return;
        };
        self.laid.insert(hash);
        if !changed.overrules(view.updated_at()) {
            self.populations[view.kind() as usize].push(of, hash, view);
        } else if !changed.deleted {
            let version = if changed.is_new_version { self.next_made_up() } else { of.version };
            self.push_laid(Of { version, ..of }, hash, changed);
        }
    }

    fn push_laid(&mut self, of: Of<'_>, hash: RecordHash, changed: &Changed) {
        let sources = self.sources;
        sources.marked(hash, changed.normalized.view(), |view| {
            self.populations[view.kind() as usize].push(of, hash, view);
        });
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
            let Some(hash) = self.sources.hash(source, key) else { continue };
            if changed.deleted || self.laid.contains(&hash) {
                continue;
            }
            let version = self.next_made_up();
            self.push_laid(Of { record: RecordId(version.0), version, source, key }, hash, changed);
        }
    }
}
