//! Mapping a batch on all threads, in order.

use super::mapping::{FaultyRow, FlagCounts, MappedRow, Mapping};
use crate::error::OperationError;
use rayon::ThreadPool;
use rayon::prelude::*;
use std::sync::Arc;
use vinculo_connector::{Batch, Refusal, RefusalCode};
use vinculo_records::hash::ContentHasher;

/// Rows that one thread maps at a time.
const CHUNK_ROWS: usize = 2048;

/// A batch whose rows became records, or were rejected with all their faults.
pub struct MappedBatch {
    /// The batch as it was read.
    pub batch: Batch,
    chunks: Vec<Chunk>,
}

/// Consecutive rows that one thread mapped.
#[derive(Default)]
struct Chunk {
    rows: Vec<(usize, MappedRow)>,
    faults: Vec<(usize, FaultyRow)>,
    flags: FlagCounts,
}

impl MappedBatch {
    /// The records, in the order of their rows.
    pub fn rows(&self) -> impl Iterator<Item = &MappedRow> {
        self.numbered_rows().map(|(_, row)| row)
    }

    /// The records, handed over.
    pub fn into_rows(self) -> impl Iterator<Item = MappedRow> {
        self.chunks.into_iter().flat_map(|chunk| chunk.rows).map(|(_, row)| row)
    }

    /// The records with their row numbers, in order.
    pub fn numbered_rows(&self) -> impl Iterator<Item = (usize, &MappedRow)> {
        self.chunks.iter().flat_map(|chunk| &chunk.rows).map(|(at, row)| (*at, row))
    }

    /// Rows that are no records, with their row numbers.
    pub fn faults(&self) -> impl Iterator<Item = &(usize, FaultyRow)> {
        self.chunks.iter().flat_map(|chunk| &chunk.faults)
    }

    /// Adds what was flagged to these counts.
    pub fn add_flags(&self, counts: &mut FlagCounts) {
        for (attribute, flags) in self.chunks.iter().flat_map(|chunk| &chunk.flags) {
            let counts = counts.entry(attribute.clone()).or_default();
            for (flag, count) in flags {
                *counts.entry(flag.clone()).or_default() += count;
            }
        }
    }
}

/// Maps all rows of a batch.
///
/// # Errors
/// The refusal of a file that lacks a column which the mapping names; a worker that broke.
pub async fn map_batch(
    threads: &Arc<ThreadPool>,
    mapping: &Arc<Mapping>,
    batch: Batch,
    landed_on: i32,
) -> Result<MappedBatch, OperationError> {
    let (threads, mapping) = (Arc::clone(threads), Arc::clone(mapping));
    tokio::task::spawn_blocking(move || threads.install(|| map(&mapping, batch, landed_on))).await?
}

fn map(mapping: &Mapping, batch: Batch, landed_on: i32) -> Result<MappedBatch, OperationError> {
    if batch.origin.has_fixed_columns {
        let missing = mapping.missing_columns(batch.cells.names());
        if !missing.is_empty() {
            let detail = format!("vinculo.yaml names `{}`, which the file does not have", missing.join("`, `"));
            let refusal = Refusal::of(&batch.origin.path, RefusalCode::MissingColumn).because(detail);
            return Err(OperationError::Connector(refusal.into()));
        }
    }
    let bound = mapping.bind(&batch.cells);
    let starts: Vec<usize> = (0..batch.len()).step_by(CHUNK_ROWS).collect();
    let chunks = starts.into_par_iter().map(|start| {
        let mut chunk = Chunk::default();
        let mut hasher = ContentHasher::new();
        for row in start..batch.len().min(start + CHUNK_ROWS) {
            match bound.map(row, landed_on, &mut hasher, &mut chunk.flags) {
                Ok(mapped) => chunk.rows.push((row, mapped)),
                Err(faults) => chunk.faults.push((row, faults)),
            }
        }
        chunk
    });
    let chunks = chunks.collect();
    Ok(MappedBatch { batch, chunks })
}
