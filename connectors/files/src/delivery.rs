//! Reading all files of a source, one after the other, with checkpoints in between. Synchronous.

use crate::cut::Place;
use crate::filling::{Counts, Filling};
use crate::listing::SourceFile;
use crate::open::open;
use crate::options::Settings;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use vinculo_connector::{Budget, Checkpoint, ConnectorError, Done, Event, Options, PartSummary, Refusal, RefusalCode};

/// The version of [`State`].
const STATE_VERSION: u32 = 1;

/// All files of one read.
pub(crate) struct Delivery {
    files: Vec<SourceFile>,
    settings: Arc<Settings>,
    fingerprint: String,
    /// The accounts of the files that are read to their end.
    finished: Vec<PartSummary>,
    filling: Option<Filling>,
    is_checkpoint_due: bool,
}

/// What a checkpoint holds.
#[derive(Debug, Serialize, Deserialize)]
struct State {
    fingerprint: String,
    finished: Vec<PartSummary>,
    /// The place in the file that comes next; none at its beginning.
    place: Option<Place>,
    counts: Counts,
}

impl Delivery {
    /// Begins a read of these files, or goes on with it.
    ///
    /// # Errors
    /// [`ConnectorError::StaleCheckpoint`] when files or options are not those of the checkpoint.
    pub(crate) fn begin(
        files: Vec<SourceFile>,
        settings: Arc<Settings>,
        options: &Options,
        resume: Option<Checkpoint>,
    ) -> Result<Self, ConnectorError> {
        let mut delivery = Self {
            fingerprint: fingerprint(&files, options),
            files,
            settings,
            finished: Vec::new(),
            filling: None,
            is_checkpoint_due: false,
        };
        if let Some(checkpoint) = resume {
            delivery.resume(checkpoint)?;
        }
        Ok(delivery)
    }

    fn resume(&mut self, checkpoint: Checkpoint) -> Result<(), ConnectorError> {
        let stale = || ConnectorError::StaleCheckpoint("the list of files, one of them, or an option".into());
        if checkpoint.version != STATE_VERSION {
            return Err(stale());
        }
        let state: State = serde_json::from_value(checkpoint.state).map_err(|_| stale())?;
        if state.fingerprint != self.fingerprint {
            return Err(stale());
        }
        self.finished = state.finished;
        if let (Some(place), Some(file)) = (state.place, self.files.get(self.finished.len())) {
            let opened = open(file, self.index(), &self.settings, Some(place))?;
            self.filling = Some(Filling::new(opened, state.counts));
        }
        Ok(())
    }

    /// The number of the file that is being read.
    fn index(&self) -> u32 {
        u32::try_from(self.finished.len()).unwrap_or(u32::MAX)
    }

    /// The next event.
    pub(crate) fn next(&mut self, budget: Budget) -> Result<Event, ConnectorError> {
        if std::mem::take(&mut self.is_checkpoint_due) {
            return Ok(Event::Checkpoint(self.checkpoint()?));
        }
        while let Some(file) = self.files.get(self.finished.len()) {
            let mut filling = match self.filling.take() {
                Some(filling) => filling,
                None => Filling::new(open(file, self.index(), &self.settings, None)?, Counts::default()),
            };
            let (batch, is_at_end) = filling.batch(file, budget)?;
            if is_at_end {
                file.check_unchanged()?;
                self.finished.push(filling.summary());
            } else {
                self.filling = Some(filling);
            }
            if !batch.is_empty() || !batch.rejects.is_empty() {
                self.is_checkpoint_due = true;
                return Ok(Event::Batch(batch));
            }
        }
        self.done().map(Event::Done)
    }

    fn checkpoint(&self) -> Result<Checkpoint, ConnectorError> {
        let state = State {
            fingerprint: self.fingerprint.clone(),
            finished: self.finished.clone(),
            place: self.filling.as_ref().map(Filling::place),
            counts: self.filling.as_ref().map(Filling::counts).unwrap_or_default(),
        };
        let state = serde_json::to_value(state);
        Ok(Checkpoint {
            version: STATE_VERSION,
            state: state.map_err(|error| ConnectorError::system("cannot write a checkpoint", error))?,
        })
    }

    fn done(&self) -> Result<Done, ConnectorError> {
        let is_empty = self.finished.iter().all(|part| part.read == 0);
        if is_empty && !self.settings.accepts_empty {
            let refusal = match self.files.as_slice() {
                [only] => only.refused(RefusalCode::NoRecords),
                _ => Refusal::from(RefusalCode::NoRecords),
            };
            return Err(refusal.hint("empty", "accept").into());
        }
        Ok(Done { full_snapshot: true, parts: self.finished.clone() })
    }
}

/// What a checkpoint is good for: these files, unchanged, under these options.
fn fingerprint(files: &[SourceFile], options: &Options) -> String {
    let mut hasher = blake3::Hasher::new();
    let options = serde_json::Value::Object(options.clone()).to_string();
    hasher.update(&(options.len() as u64).to_le_bytes()).update(options.as_bytes());
    for file in files {
        let path = file.path.as_os_str().as_encoded_bytes();
        let identity = format!("{:?}", file.identity);
        hasher.update(&(path.len() as u64).to_le_bytes()).update(path);
        hasher.update(&(identity.len() as u64).to_le_bytes()).update(identity.as_bytes());
    }
    hasher.finalize().to_hex().to_string()
}
