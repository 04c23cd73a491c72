//! Reading a source: what is new is landed, the whole is sealed or refused.

mod ahead;
mod batch;
mod in_memory;
mod known;
pub mod mapping;
mod overlay;
mod rejected_keys;
mod renormalize;
mod sink;

pub use overlay::{Changed, Overlay};
pub(crate) use renormalize::read_again;
pub use renormalize::{renormalize, renormalize_in_memory};
pub use sink::fingerprint;

use crate::count::{counted, number};
use crate::error::{OperationError, Remedy};
use crate::progress::Stage;
use crate::session::Session;
use crate::summary::{DeliveryOutcome, DeliverySummary};
use ahead::{MappedEvent, ReadAhead};
use batch::MappedBatch;
use known::KnownKeys;
use mapping::Mapping;
use rejected_keys::rejected_keys;
use sink::Sink;
use std::sync::Arc;
use vinculo_connector::{ConnectorError, Done, Source as ConnectedSource};
use vinculo_project::{Delivery, Source};
use vinculo_records::RunId;
use vinculo_store::{NewDelivery, SourceRow};

/// The greatest share of a source's records that a snapshot may delete unasked.
const SHRINK_MAX: f64 = 0.10;

/// How a delivery is to be read.
#[derive(Debug, Clone, Copy)]
pub struct IngestOptions {
    /// The run that the delivery belongs to; none to find out what would change, without writing anything.
    pub run: Option<RunId>,
    /// Accept a snapshot that deletes more than a tenth of the source's records.
    pub allow_shrink: bool,
    /// The day, in days since 1970: what dates of this delivery are compared with.
    pub today: i32,
}

/// Reads one source whole. A delivery that is refused or fails is part of the summary, not an error: the other sources
/// go on.
///
/// # Errors
/// When the store fails.
pub async fn ingest(
    session: &Session,
    source: &Source,
    row: &SourceRow,
    options: IngestOptions,
    overlay: &mut Overlay,
) -> Result<DeliverySummary, OperationError> {
    let connected = match session.bench.open(source) {
        Ok(connected) => connected,
        Err(error) => return Ok(failed(source, &error)),
    };
    let total = estimate(connected.as_ref()).await;
    let mut ingest = Ingest::open(session, source, row, options, overlay, total.unwrap_or_default()).await?;
    session.progress.begin(&ingest.stage, total);
    let summary = match ingest.read(connected.as_ref()).await {
        Ok(done) => ingest.close(&done).await?,
        Err(OperationError::Connector(error)) => ingest.give_up(&error).await?,
        Err(error) => return Err(error),
    };
    session.progress.end(&Stage::Read { source: source.name.clone() }, &summary.account());
    Ok(summary)
}

/// About how many records are to be read, where all parts tell.
async fn estimate(connected: &dyn ConnectedSource) -> Option<u64> {
    let streams = connected.discover().await.ok()?;
    streams.iter().flat_map(|stream| &stream.parts).map(|part| part.rows).sum()
}

/// The summary of a source that could not even be opened.
pub fn failed(source: &Source, error: &OperationError) -> DeliverySummary {
    DeliverySummary {
        source: source.name.clone(),
        state: DeliveryOutcome::Failed,
        problem: Some(error.to_string()),
        retry: error.remedy() == Remedy::Retry,
        ..DeliverySummary::default()
    }
}

/// One delivery on its way.
struct Ingest<'a> {
    session: &'a Session,
    source: &'a Source,
    row: &'a SourceRow,
    options: IngestOptions,
    /// About how many records will come.
    expected: u64,
    stage: Stage,
    mapping: Arc<Mapping>,
    known: KnownKeys,
    sink: Sink<'a>,
}

impl<'a> Ingest<'a> {
    async fn open(
        session: &'a Session,
        source: &'a Source,
        row: &'a SourceRow,
        options: IngestOptions,
        overlay: &'a mut Overlay,
        expected: u64,
    ) -> Result<Self, OperationError> {
        let sink = match new_delivery(session, source, row, options) {
            Some(new) => Sink::delivery(&session.store, &new).await?,
            None => Sink::memory(overlay, row.id),
        };
        Ok(Self {
            session,
            source,
            row,
            options,
            expected,
            stage: Stage::Read { source: source.name.clone() },
            mapping: Arc::new(Mapping::new(session.bench.project.clone(), source.clone())),
            known: KnownKeys::new(row.id, expected),
            sink,
        })
    }

    /// Reads everything, from the checkpoint of a delivery that a killed run left behind if there is one.
    async fn read(&mut self, connected: &dyn ConnectedSource) -> Result<Done, OperationError> {
        let reader = match connected.read(self.sink.resume()).await {
            Err(ConnectorError::StaleCheckpoint(_)) => {
                self.start_again().await?;
                connected.read(None).await?
            }
            reader => reader?,
        };
        let threads = self.session.bench.threads.clone();
        let landed_on = self.sink.landed_on(self.options.today);
        let mut ahead = ReadAhead::begin(reader, self.mapping.clone(), threads, landed_on);
        loop {
            match ahead.next().await? {
                MappedEvent::Batch(mapped) => self.take(mapped).await?,
                MappedEvent::Checkpoint(checkpoint) => {
                    self.sink.commit(&self.session.store, Some(&checkpoint)).await?;
                    ahead.acknowledge(checkpoint);
                }
                MappedEvent::Done(done) => return Ok(done),
            }
        }
    }

    /// The files are no longer those that the killed run was reading: what it landed does not count.
    async fn start_again(&mut self) -> Result<(), OperationError> {
        let message = "the files changed after the run that read them was killed";
        self.sink.refuse(&self.session.store, "abandoned", message).await?;
        if let Some(new) = new_delivery(self.session, self.source, self.row, self.options) {
            self.sink = Sink::delivery(&self.session.store, &new).await?;
            self.known = KnownKeys::new(self.row.id, self.expected);
        }
        Ok(())
    }

    /// Tells what is new in a batch, and hands that to the sink.
    async fn take(&mut self, mapped: MappedBatch) -> Result<(), OperationError> {
        let records = (mapped.batch.len() + mapped.batch.rejects.len()) as u64;
        if self.is_snapshot() {
            let rejected = rejected_keys(&self.mapping, &mapped);
            self.sink.see(&self.session.store, &rejected).await?;
        }
        let rows: Vec<_> =
            mapped.rows().map(|row| (row.key.as_str(), row.statement.content_hash, row.statement.deleted)).collect();
        let novelties = {
            let (sink, store) = (&self.sink, &self.session.store);
            self.known.classify(store, sink.id(), |key| sink.laid(key), &rows).await?
        };
        self.sink.take(mapped, novelties);
        self.session.progress.advance(&self.stage, records);
        Ok(())
    }

    /// Seals the delivery, if it may count.
    async fn close(mut self, done: &Done) -> Result<DeliverySummary, OperationError> {
        self.sink.account(&done.parts);
        self.sink.commit(&self.session.store, None).await?;
        if let Some((code, message)) = self.objection(done).await? {
            return self.refuse(code, &message).await;
        }
        self.sink.seal(&self.session.store, self.sweeps()).await?;
        let counts = self.sink.counts();
        let changes = counts.new + counts.changed + counts.deleted;
        let state = if changes == 0 { DeliveryOutcome::Unchanged } else { DeliveryOutcome::Sealed };
        let note = self.note();
        Ok(DeliverySummary { note, ..self.summary(state, None) })
    }

    fn is_snapshot(&self) -> bool {
        self.source.delivery == Delivery::Snapshot
    }

    /// Whether what the delivery did not show is deleted. A rejected row whose key cannot be read may be of any record, so
    /// that nobody can say which are absent.
    fn sweeps(&self) -> bool {
        self.is_snapshot() && self.sink.unreadable_keys() == 0
    }

    /// What should be known of a delivery although it counts.
    fn note(&self) -> Option<String> {
        let counts = self.sink.counts();
        if self.is_snapshot() && !self.sweeps() {
            let rows =
                counted(self.sink.unreadable_keys(), "rejected row has a key that", "rejected rows have keys that");
            return Some(format!("nothing was deleted by absence, since {rows} could not be read"));
        }
        let mostly_superseded = 2 * counts.superseded > counts.read;
        mostly_superseded.then(|| {
            "most rows have the key of another row, so they are versions of few records; is `key` right?".to_owned()
        })
    }

    /// Why a delivery that was read whole may not count, as a code and a sentence.
    async fn objection(&self, done: &Done) -> Result<Option<(&'static str, String)>, OperationError> {
        let counts = self.sink.counts();
        let read = counts.read;
        if counts.accounted() != read || !done.parts.iter().all(|part| part.balances()) {
            let read = counted(read, "record", "records");
            let message = format!("the reader found {read}, {} came through", number(counts.accounted()));
            return Ok(Some(("unbalanced", message)));
        }
        if let Some((path, line)) = self.sink.swallowed() {
            let message = format!("{path}:{line}: a quote is opened and never closed; the records behind it are lost");
            return Ok(Some(("unclosed_quote", message)));
        }
        if read > 0 && counts.rejected as f64 > self.source.max_reject_ratio * read as f64 {
            let message = format!(
                "{} of {} rejected, more than the {} % that `max_reject_ratio` allows; see \
                 `vinculo rejects --source {}`",
                number(counts.rejected),
                counted(read, "record is", "records are"),
                100.0 * self.source.max_reject_ratio,
                self.source.name
            );
            return Ok(Some(("too_many_rejects", message)));
        }
        if self.sweeps() {
            return self.shrinking(done.full_snapshot).await;
        }
        Ok(None)
    }

    /// Why a snapshot may not delete what it does not hold.
    async fn shrinking(&self, full: bool) -> Result<Option<(&'static str, String)>, OperationError> {
        if !full {
            let message = "the source was not read whole, so absence means nothing".to_owned();
            return Ok(Some(("partial_snapshot", message)));
        }
        let (absent, of) = self.sink.absent(&self.session.store).await?;
        if self.options.allow_shrink || absent as f64 <= SHRINK_MAX * of as f64 {
            return Ok(None);
        }
        let message = format!(
            "the snapshot would delete {} of {}; if that is right, run again with --allow-shrink",
            number(absent),
            counted(of, "record", "records")
        );
        Ok(Some(("shrink_guard", message)))
    }

    /// The connector gave up: what cannot be mended by trying again is refused.
    async fn give_up(self, error: &ConnectorError) -> Result<DeliverySummary, OperationError> {
        let code = match error {
            ConnectorError::Transient { .. } => {
                let summary = self.summary(DeliveryOutcome::Failed, Some(error.to_string()));
                return Ok(DeliverySummary { retry: true, ..summary });
            }
            ConnectorError::Refused(refusal) => refusal.code.name(),
            _ => "unreadable",
        };
        self.refuse(code, &error.to_string()).await
    }

    async fn refuse(self, code: &str, message: &str) -> Result<DeliverySummary, OperationError> {
        self.sink.refuse(&self.session.store, code, message).await?;
        Ok(self.summary(DeliveryOutcome::Refused, Some(message.to_owned())))
    }

    fn summary(&self, state: DeliveryOutcome, problem: Option<String>) -> DeliverySummary {
        DeliverySummary::new(&self.source.name, state, self.sink.counts(), self.sink.files(), problem)
    }
}

/// The delivery that is to be opened; none in a dry run.
fn new_delivery(session: &Session, source: &Source, row: &SourceRow, options: IngestOptions) -> Option<NewDelivery> {
    Some(NewDelivery {
        run: options.run?,
        source: row.id,
        fingerprint: fingerprint(&session.bench.project, source),
        snapshot: source.delivery == Delivery::Snapshot,
        landed_on: options.today,
    })
}
