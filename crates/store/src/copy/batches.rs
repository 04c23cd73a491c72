//! Rows that are encoded when they are sent: of many, only a few are in memory at a time.

use super::EncodedRows;
use crate::error::Result;
use std::fmt::Debug;
use std::sync::Arc;
use tokio::sync::mpsc::{Receiver, Sender, channel};

/// Batches that are on their way from whoever sends them to whoever follows.
const FOLLOWED: usize = 2;

/// Rows of one table in batches. Each can be asked for several times, and is always the same.
pub trait Batches: Debug + Sync {
    /// How many rows there are in all.
    fn rows(&self) -> u64;

    /// How many batches they come in.
    fn batches(&self) -> usize;

    /// The batch of this number, from 0.
    ///
    /// # Errors
    /// A value that the store cannot hold.
    fn batch(&self, number: usize) -> Result<Arc<EncodedRows>>;

    /// Who is given each batch as it is sent, with its number; whoever sends waits for him.
    fn follower(&self) -> Option<&Sender<(usize, Arc<EncodedRows>)>> {
        None
    }
}

/// Few rows that are encoded already.
impl<const N: usize> Batches for [Arc<EncodedRows>; N] {
    fn rows(&self) -> u64 {
        self.iter().map(|rows| rows.count()).sum()
    }

    fn batches(&self) -> usize {
        N
    }

    fn batch(&self, number: usize) -> Result<Arc<EncodedRows>> {
        Ok(self[number].clone())
    }
}

/// Rows that somebody follows while they are sent.
#[derive(Debug)]
pub struct Relayed<'a> {
    rows: &'a dyn Batches,
    follower: Sender<(usize, Arc<EncodedRows>)>,
}

impl<'a> Relayed<'a> {
    /// The rows to be sent, and where they come out as they are.
    pub fn new(rows: &'a dyn Batches) -> (Self, Relay) {
        let (follower, sent) = channel(FOLLOWED);
        (Self { rows, follower }, Relay { sent, next: 0 })
    }
}

impl Batches for Relayed<'_> {
    fn rows(&self) -> u64 {
        self.rows.rows()
    }

    fn batches(&self) -> usize {
        self.rows.batches()
    }

    fn batch(&self, number: usize) -> Result<Arc<EncodedRows>> {
        self.rows.batch(number)
    }

    fn follower(&self) -> Option<&Sender<(usize, Arc<EncodedRows>)>> {
        Some(&self.follower)
    }
}

/// Rows as they are sent.
#[derive(Debug)]
pub struct Relay {
    sent: Receiver<(usize, Arc<EncodedRows>)>,
    next: usize,
}

impl Relay {
    /// The next batch; none when no more are sent.
    pub(crate) async fn next(&mut self) -> Option<Arc<EncodedRows>> {
        loop {
            let (number, rows) = self.sent.recv().await?;
            // Whoever had to send once more begins with the first one.
            if number == self.next {
                self.next += 1;
                return Some(rows);
            }
        }
    }
}

/// The batches in their order, each given to the follower too. A follower who has left is no trouble.
pub(crate) async fn send_on(rows: &dyn Batches, number: usize) -> Result<Arc<EncodedRows>> {
    let batch = rows.batch(number)?;
    if let Some(follower) = rows.follower() {
        _ = follower.send((number, batch.clone())).await;
    }
    Ok(batch)
}
