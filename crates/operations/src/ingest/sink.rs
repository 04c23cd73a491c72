//! Where mapped rows go: into an open delivery of the store, or, in a dry run, into memory.

use super::batch::MappedBatch;
use super::in_memory::InMemory;
use super::known::Novelty;
use super::overlay::Overlay;
use super::rejected_keys::RejectedKeys;
use crate::error::OperationError;
use roaring::RoaringTreemap;
use vinculo_connector::{Checkpoint, Origin, PartSummary, Reject, RejectCode};
use vinculo_records::{ContentHash, DeliveryId, RecordId, SourceId};
use vinculo_store::{
    DeliveryCounts, DeliveryFile, Fault, LandedRow, Landing, NewDelivery, OpenDelivery, RejectedRow, Seal, Store,
};

/// One delivery on its way to where it is kept.
pub struct Sink<'a> {
    target: Target<'a>,
    source: SourceId,
    counts: DeliveryCounts,
    files: Vec<DeliveryFile>,
    /// Numbers of the files that were begun or read on since the last commit.
    touched_files: Vec<i32>,
    pending: Vec<(MappedBatch, Vec<Novelty>)>,
    /// The known records that the delivery showed.
    seen: RoaringTreemap,
    /// Rejected rows of a snapshot whose records nobody can name.
    unreadable_keys: u64,
    /// Where a quote was opened that swallowed whole lines, as file and line.
    swallowed: Option<(String, u64)>,
}

enum Target<'a> {
    Store(OpenDelivery),
    Memory(Box<InMemory<'a>>),
}

impl<'a> Sink<'a> {
    /// A new delivery of the store, or the one that a killed run left open.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn delivery(store: &Store, new: &NewDelivery) -> Result<Self, OperationError> {
        let open = store.open_delivery(new).await?;
        let (counts, files) = (open.counts.clone(), open.files.clone());
        Ok(Self { counts, files, ..Self::new(Target::Store(open), new.source) })
    }

    /// A sink that writes nothing.
    pub fn memory(overlay: &'a mut Overlay, source: SourceId) -> Self {
        Self::new(Target::Memory(Box::new(InMemory::new(overlay))), source)
    }

    fn new(target: Target<'a>, source: SourceId) -> Self {
        Self {
            target,
            source,
            counts: DeliveryCounts::default(),
            files: Vec::new(),
            touched_files: Vec::new(),
            pending: Vec::new(),
            seen: RoaringTreemap::new(),
            unreadable_keys: 0,
            swallowed: None,
        }
    }

    /// The delivery of the store, unless this is a dry run.
    pub fn id(&self) -> Option<DeliveryId> {
        match &self.target {
            Target::Store(delivery) => Some(delivery.id),
            Target::Memory(..) => None,
        }
    }

    /// The day with which dates of the delivery are compared; a delivery that goes on keeps its day.
    pub fn landed_on(&self, today: i32) -> i32 {
        match &self.target {
            Target::Store(delivery) => delivery.landed_on,
            Target::Memory(..) => today,
        }
    }

    /// What a dry run has read of a record so far: its content, and whether it is gone.
    pub fn laid(&self, key: &str) -> Option<(ContentHash, bool)> {
        let Target::Memory(memory) = &self.target else { return None };
        memory.laid(self.source, key)
    }

    /// Where reading goes on; a checkpoint that cannot be read is as good as none, since landing again is harmless.
    pub fn resume(&self) -> Option<Checkpoint> {
        match &self.target {
            Target::Store(delivery) => serde_json::from_str(delivery.resume.as_deref()?).ok(),
            Target::Memory(..) => None,
        }
    }

    /// The account so far.
    pub fn counts(&self) -> &DeliveryCounts {
        &self.counts
    }

    /// Where a quote was opened and never closed, so that the lines behind it were read as one record.
    pub fn swallowed(&self) -> Option<&(String, u64)> {
        self.swallowed.as_ref()
    }

    /// The files so far.
    pub fn files(&self) -> &[DeliveryFile] {
        &self.files
    }

    /// Takes a batch whose rows were told apart.
    pub fn take(&mut self, mapped: MappedBatch, novelties: Vec<Novelty>) {
        self.note_file(&mapped.batch.origin);
        mapped.add_flags(&mut self.counts.flagged);
        let swallowing = mapped.batch.rejects.iter().find(|reject| has_swallowed(reject));
        if let Some(reject) = swallowing {
            self.swallowed = Some((mapped.batch.origin.path.clone(), reject.line));
        }
        self.counts.rejected += (mapped.batch.rejects.len() + mapped.faults().count()) as u64;
        for novelty in &novelties {
            match novelty {
                Novelty::New => self.counts.new += 1,
                Novelty::Changed(_) => self.counts.changed += 1,
                Novelty::Unchanged(_) => self.counts.unchanged += 1,
            }
            if let Novelty::Unchanged(Some(record)) | Novelty::Changed(Some(record)) = novelty {
                self.seen.insert(record.0.unsigned_abs());
            }
        }
        match &mut self.target {
            Target::Store(_) => self.pending.push((mapped, novelties)),
            Target::Memory(memory) => memory.take(self.source, mapped, &novelties),
        }
    }

    /// Takes the records of rejected rows as shown: they are not gone.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn see(&mut self, store: &Store, rejected: &RejectedKeys) -> Result<(), OperationError> {
        self.unreadable_keys += rejected.unreadable;
        match &mut self.target {
            Target::Store(_) if rejected.keys.is_empty() => {}
            Target::Store(delivery) => {
                let keys: Vec<&str> = rejected.keys.iter().map(String::as_str).collect();
                let known = store.latest(self.source, Some(delivery.id), &keys).await?;
                self.seen.extend(known.into_iter().flatten().map(|known| known.record_id.0.unsigned_abs()));
            }
            Target::Memory(memory) => memory.see(&rejected.keys),
        }
        Ok(())
    }

    /// How many rejected rows of a snapshot may be of any record, since their keys cannot be read.
    pub fn unreadable_keys(&self) -> u64 {
        self.unreadable_keys
    }

    /// Makes everything so far durable, together with the checkpoint.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn commit(&mut self, store: &Store, checkpoint: Option<&Checkpoint>) -> Result<(), OperationError> {
        let pending = std::mem::take(&mut self.pending);
        let touched = std::mem::take(&mut self.touched_files);
        let Target::Store(delivery) = &self.target else { return Ok(()) };
        let landing = Landing {
            rows: pending.iter().flat_map(|(mapped, novelties)| landed_rows(mapped, novelties)).collect(),
            rejects: pending.iter().flat_map(|(mapped, _)| rejected_rows(mapped)).collect(),
            files: self.files.iter().filter(|file| touched.contains(&file.file_no)).cloned().collect(),
            checkpoint: checkpoint.map(serde_json::to_string).transpose().map_err(internal)?,
            counts: self.counts.clone(),
        };
        for record in store.land(delivery.id, &landing).await? {
            self.seen.insert(record.0.unsigned_abs());
        }
        Ok(())
    }

    /// Enters what the reader itself counted.
    pub fn account(&mut self, parts: &[PartSummary]) {
        self.counts.read = parts.iter().map(|part| part.read).sum();
        for part in parts {
            let file = self.files.iter_mut().find(|file| file.file_no == part.index as i32);
            if let Some(file) = file {
                file.bytes = part.bytes as i64;
                file.lines = part.lines as i64;
                self.touched_files.push(file.file_no);
            }
        }
    }

    /// How many records of the source the delivery did not show, and how many there are.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn absent(&self, store: &Store) -> Result<(u64, u64), OperationError> {
        match &self.target {
            Target::Store(delivery) => {
                let seen = |record: RecordId| self.seen.contains(record.0.unsigned_abs());
                let absent = store.count_absent(delivery.id, seen).await?;
                Ok((absent.absent, absent.of))
            }
            Target::Memory(memory) => {
                let (absent, known) = memory.absent_keys(store, self.source).await?;
                Ok((absent.len() as u64, known))
            }
        }
    }

    /// Lets the delivery count; with `snapshot`, what it did not show is deleted. The account is final then.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn seal(&mut self, store: &Store, snapshot: bool) -> Result<(), OperationError> {
        match &mut self.target {
            Target::Store(delivery) => {
                let seen = |record: RecordId| self.seen.contains(record.0.unsigned_abs());
                let seal = Seal { counts: self.counts.clone(), seen: snapshot.then_some(&seen) };
                self.counts = store.seal(delivery.id, seal).await?.counts;
            }
            Target::Memory(memory) => {
                memory.seal(store, self.source, snapshot, &mut self.counts).await?;
            }
        }
        Ok(())
    }

    /// Gives up the delivery: nothing of it counts.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn refuse(&self, store: &Store, code: &str, message: &str) -> Result<(), OperationError> {
        match &self.target {
            Target::Store(delivery) => Ok(store.refuse(delivery.id, code, message).await?),
            Target::Memory(..) => Ok(()),
        }
    }

    fn note_file(&mut self, origin: &Origin) {
        let file_no = origin.index as i32;
        if self.files.iter().any(|file| file.file_no == file_no) {
            return;
        }
        let findings: Vec<String> = origin.findings.iter().map(ToString::to_string).collect();
        self.touched_files.push(file_no);
        self.files.push(DeliveryFile {
            file_no,
            path: origin.path.clone(),
            format: serde_json::json!({"raw": origin.format, "encoding": origin.encoding, "findings": findings}),
            bytes: 0,
            lines: 0,
        });
    }
}

/// Whether an unclosed quote took more with it than the rest of its own line.
fn has_swallowed(reject: &Reject) -> bool {
    let raw = reject.raw.as_deref().unwrap_or_default();
    reject.codes.contains(&RejectCode::UnclosedQuote) && raw.trim_end().lines().count() > 2
}

fn landed_rows<'r>(mapped: &'r MappedBatch, novelties: &'r [Novelty]) -> impl Iterator<Item = LandedRow<'r>> {
    let batch = &mapped.batch;
    mapped.numbered_rows().zip(novelties).filter_map(|((at, row), novelty)| {
        let known = match novelty {
            Novelty::New => None,
            Novelty::Changed(known) => *known,
            Novelty::Unchanged(_) => return None,
        };
        Some(LandedRow {
            key: &row.key,
            known,
            content_hash: row.statement.content_hash,
            file_no: batch.origin.index as i32,
            line: batch.lines[at] as i64,
            updated_at: row.statement.updated_at,
            deleted: row.statement.deleted,
            raw: batch.raw.text(at),
            normalized: row.normalized.as_bytes(),
        })
    })
}

fn rejected_rows(mapped: &MappedBatch) -> impl Iterator<Item = RejectedRow> {
    let batch = &mapped.batch;
    let file_no = batch.origin.index as i32;
    let unreadable = batch.rejects.iter().map(move |reject| RejectedRow {
        file_no,
        line: reject.line as i64,
        faults: faults_of(reject),
        raw: reject.raw.clone().unwrap_or_default(),
    });
    let unmapped = mapped.faults().map(move |(at, faulty)| RejectedRow {
        file_no,
        line: batch.lines[*at] as i64,
        faults: faulty.faults.iter().map(|(fault, column)| fault_of(fault.name(), Some(column))).collect(),
        raw: Reject::keep(batch.raw.bytes(*at)),
    });
    unreadable.chain(unmapped)
}

fn faults_of(reject: &Reject) -> Vec<Fault> {
    let of_code = |code: &RejectCode| {
        let columns: Vec<Option<&String>> = match reject.columns.as_slice() {
            [] => vec![None],
            columns => columns.iter().map(Some).collect(),
        };
        let name = code.name();
        columns.into_iter().map(move |column| fault_of(name, column)).collect::<Vec<_>>()
    };
    reject.codes.iter().flat_map(of_code).collect()
}

fn fault_of(code: &str, column: Option<&String>) -> Fault {
    Fault { column: column.cloned(), code: code.to_owned() }
}

fn internal(error: serde_json::Error) -> OperationError {
    OperationError::Internal(format!("a checkpoint has no JSON form: {:?}", error.classify()))
}

/// The fingerprint of everything that normalized records hang on: the mapping and the program's own rules.
pub fn fingerprint(project: &vinculo_project::Project, source: &vinculo_project::Source) -> ContentHash {
    let mapping = project.fingerprint(source);
    vinculo_records::hash::ContentHasher::new()
        .part(&mapping.0.to_be_bytes())
        .part(&vinculo_normalization::NORMALIZER_VERSION.to_be_bytes())
        .part(&[vinculo_records::normalized::FORMAT_VERSION])
        .finish()
}
