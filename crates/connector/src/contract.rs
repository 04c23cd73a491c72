//! The contract: a connector opens a source, a source is read by a reader, a reader gives events.

use crate::{Batch, CheckStep, ConnectorError, Spec, Stream};
use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::path::Path;

/// A connector's own keys of one source in `vinculo.yaml`, with `${NAME}` already put in.
pub type Options = serde_json::Map<String, Value>;

/// One kind of source system.
pub trait Connector: Send + Sync {
    /// What it is called, which options it has, what it is capable of.
    fn spec(&self) -> Spec;

    /// Checks the options and prepares the source; touches neither disk nor network.
    ///
    /// Relative paths hang on `base`, the project's folder.
    ///
    /// # Errors
    /// [`ConnectorError::Config`] for an unknown option or a bad value.
    fn open(&self, options: &Options, base: &Path) -> Result<Box<dyn Source>, ConnectorError>;
}

/// One source of a project, ready to be looked at or read.
#[async_trait]
pub trait Source: Send + Sync {
    /// Tries step by step what reading will need; a failed step ends the list.
    async fn check(&self) -> Vec<CheckStep>;

    /// Says what is there to be read. The same source gives the same answer.
    ///
    /// # Errors
    /// When the source cannot be reached or is refused.
    async fn discover(&self) -> Result<Vec<Stream>, ConnectorError>;

    /// Begins a read; with a checkpoint, of exactly what that checkpoint does not cover.
    ///
    /// # Errors
    /// [`ConnectorError::StaleCheckpoint`] when the source is no longer what it was; the caller then starts anew.
    async fn read(&self, resume: Option<Checkpoint>) -> Result<Box<dyn Reader>, ConnectorError>;
}

/// A read that is under way.
///
/// After an error, or when the future of `next` was dropped before it was done, the reader is spent: the caller reads
/// again from its last checkpoint.
#[async_trait]
pub trait Reader: Send {
    /// The next event. After [`Event::Done`] it is `Done` again.
    ///
    /// # Errors
    /// See [`ConnectorError`]; a refusal means that the whole delivery does not count.
    async fn next(&mut self, budget: Budget) -> Result<Event, ConnectorError>;

    /// Tells the source that everything up to this checkpoint is durable, so that it may forget it.
    ///
    /// # Errors
    /// When the source could not be told.
    async fn ack(&mut self, checkpoint: &Checkpoint) -> Result<(), ConnectorError>;
}

/// How much one batch may hold: bytes first, records second. It may pass them by at most one record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Budget {
    /// Bytes of cells and raw records, rejects included.
    pub bytes: usize,
    /// Records, rejects included.
    pub rows: usize,
}

impl Default for Budget {
    fn default() -> Self {
        Self { bytes: 8 << 20, rows: 20_000 }
    }
}

/// What a reader gives.
#[derive(Debug)]
pub enum Event {
    /// Records of one part of the source.
    Batch(Batch),
    /// Covers everything given before it; to be committed together with it.
    Checkpoint(Checkpoint),
    /// Everything is read.
    Done(Done),
}

/// Where a read stands. Opaque to everyone but the connector that made it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checkpoint {
    /// The version of the state's shape; a connector refuses one that it does not know.
    pub version: u32,
    /// The connector's own state.
    pub state: Value,
}

/// The account of a whole read, over all its resumptions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Done {
    /// Whether everything that the source holds was given, so that absence may mean deletion.
    pub full_snapshot: bool,
    /// One account for each part, in the order in which they were read.
    pub parts: Vec<PartSummary>,
}

/// The account of one file or stream part. `read` is counted where records are cut out of the bytes, the others where
/// they are handed over, so that `read = delivered + rejected` proves something.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartSummary {
    /// The part's number, as in [`crate::Origin::index`].
    pub index: u32,
    /// The part as it is shown to people.
    pub path: String,
    /// Bytes of text read, after decompression.
    pub bytes: u64,
    /// Lines (or elements, or rows) read, header and blank ones included.
    pub lines: u64,
    /// Blank lines, which are no records.
    pub blank: u64,
    /// Records found.
    pub read: u64,
    /// Records handed over.
    pub delivered: u64,
    /// Records rejected.
    pub rejected: u64,
}

impl PartSummary {
    /// Whether every record that was found was handed over or rejected.
    pub fn balances(&self) -> bool {
        self.read == self.delivered + self.rejected
    }
}
