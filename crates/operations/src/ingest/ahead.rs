//! Reading and mapping ahead: while one batch lands, the next one is read.

use super::batch::{MappedBatch, map_batch};
use super::mapping::Mapping;
use crate::error::OperationError;
use rayon::ThreadPool;
use std::sync::Arc;
use tokio::sync::mpsc;
use vinculo_connector::{Budget, Checkpoint, Done, Event, Reader};

/// Batches that may be read and not yet landed, beside the one that is being read.
const AHEAD: usize = 1;

/// What a reader gives, its batches mapped.
pub enum MappedEvent {
    /// Records of one part of the source.
    Batch(MappedBatch),
    /// Covers everything given before it.
    Checkpoint(Checkpoint),
    /// Everything is read.
    Done(Done),
}

/// A reader at work in a task of its own; dropping this ends the task.
pub struct ReadAhead {
    events: mpsc::Receiver<Result<MappedEvent, OperationError>>,
    durable: mpsc::UnboundedSender<Checkpoint>,
}

impl ReadAhead {
    /// Sets a reader to work; dates are compared with the day of landing, in days since 1970.
    pub fn begin(reader: Box<dyn Reader>, mapping: Arc<Mapping>, threads: Arc<ThreadPool>, landed_on: i32) -> Self {
        let (send, events) = mpsc::channel(AHEAD);
        let (durable, told) = mpsc::unbounded_channel();
        tokio::spawn(Work { reader, mapping, threads, landed_on, told }.read(send));
        Self { events, durable }
    }

    /// The next event, in the order of the reader.
    ///
    /// # Errors
    /// Whatever ended the reading.
    pub async fn next(&mut self) -> Result<MappedEvent, OperationError> {
        let stopped = || Err(OperationError::Internal("the reading of a source stopped without a word".into()));
        self.events.recv().await.unwrap_or_else(stopped)
    }

    /// Tells the source that everything up to a checkpoint is durable.
    pub fn acknowledge(&self, checkpoint: Checkpoint) {
        // A task that has ended has nobody to tell.
        let _ = self.durable.send(checkpoint);
    }
}

struct Work {
    reader: Box<dyn Reader>,
    mapping: Arc<Mapping>,
    threads: Arc<ThreadPool>,
    landed_on: i32,
    told: mpsc::UnboundedReceiver<Checkpoint>,
}

impl Work {
    async fn read(mut self, send: mpsc::Sender<Result<MappedEvent, OperationError>>) {
        loop {
            let event = self.next().await;
            let is_last = matches!(event, Err(_) | Ok(MappedEvent::Done(_)));
            if send.send(event).await.is_err() || is_last {
                break;
            }
        }
        drop(send);
        // The last checkpoints become durable after everything is read.
        while let Some(checkpoint) = self.told.recv().await {
            self.tell(&checkpoint).await;
        }
    }

    /// What is durable stays so, even if the source does not hear of it: it is told again by the next delivery.
    async fn tell(&mut self, checkpoint: &Checkpoint) {
        if let Err(error) = self.reader.ack(checkpoint).await {
            tracing::warn!(%error, "a source could not be told what is durable");
        }
    }

    async fn next(&mut self) -> Result<MappedEvent, OperationError> {
        while let Ok(checkpoint) = self.told.try_recv() {
            self.tell(&checkpoint).await;
        }
        Ok(match self.reader.next(Budget::default()).await? {
            Event::Batch(batch) => {
                MappedEvent::Batch(map_batch(&self.threads, &self.mapping, batch, self.landed_on).await?)
            }
            Event::Checkpoint(checkpoint) => MappedEvent::Checkpoint(checkpoint),
            Event::Done(done) => MappedEvent::Done(done),
        })
    }
}
