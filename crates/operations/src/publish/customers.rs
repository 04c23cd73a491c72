//! Changed customers on their way to the store: golden values are chosen and encoded at the server's pace, so that only
//! a few customers are in memory as rows at a time.

use super::{Changed, Plan};
use crate::session::Session;
use rayon::prelude::*;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;
use vinculo_store::{Batches, CustomerEncoder, CustomerRow, EncodedRows, StoreError};

/// Customers that are sent at a time.
const BATCH_CUSTOMERS: usize = 4_096;
/// Customers of a batch that one thread works on at a time.
const CHUNK_CUSTOMERS: usize = 512;

/// The rows of changed customers. The feed's entry of each has its own place, from 1.
pub(super) struct Customers<'p> {
    plan: &'p Plan<'p>,
    session: Session,
    changed: Vec<Changed>,
}

/// How many there are, never who.
impl fmt::Debug for Customers<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Customers").field("changed", &self.changed.len()).finish()
    }
}

impl<'p> Customers<'p> {
    pub(super) fn new(plan: &'p Plan<'p>, session: &Session, changed: Vec<Changed>) -> Self {
        Self { plan, session: session.clone(), changed }
    }

    /// Makes all rows and keeps none.
    ///
    /// # Errors
    /// A value that the store cannot hold.
    pub(super) fn check(&self) -> Result<(), StoreError> {
        (0..self.batches()).try_for_each(|number| self.make(number).map(drop))
    }

    fn make(&self, number: usize) -> Result<EncodedRows, StoreError> {
        let from = number * BATCH_CUSTOMERS;
        let to = self.changed.len().min(from + BATCH_CUSTOMERS);
        self.session.compute_for(to - from, || {
            let chunks: Vec<usize> = (from..to).step_by(CHUNK_CUSTOMERS).collect();
            let chunks = chunks.into_par_iter().map(|first| self.encode(first..to.min(first + CHUNK_CUSTOMERS)));
            let mut rows = EncodedRows::default();
            chunks.collect::<Result<Vec<_>, _>>()?.into_iter().for_each(|chunk| rows.append(chunk));
            Ok(rows)
        })
    }

    fn encode(&self, places: Range<usize>) -> Result<EncodedRows, StoreError> {
        let Plan { rules, number, published_at, .. } = *self.plan;
        let mut encoder = CustomerEncoder::new(&rules.attributes, number, published_at);
        for (change, &Changed { cluster, version }) in (places.start as i64 + 1..).zip(&self.changed[places]) {
            self.plan.with_values(cluster, |row| encoder.push(&CustomerRow { version, change, ..row }))?;
        }
        encoder.finish()
    }
}

impl Batches for Customers<'_> {
    fn rows(&self) -> u64 {
        self.changed.len() as u64
    }

    fn batches(&self) -> usize {
        self.changed.len().div_ceil(BATCH_CUSTOMERS)
    }

    fn batch(&self, number: usize) -> Result<Arc<EncodedRows>, StoreError> {
        Ok(Arc::new(self.make(number)?))
    }
}
