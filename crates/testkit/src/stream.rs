//! All records of a world, in order of units, made on all cores, with bounded memory.

use crate::recording::habits::Habits;
use crate::recording::{Entry, entries_of};
use crate::settings::Settings;
use rayon::prelude::*;

/// Units that are made at once, spread over all cores.
const BATCH: u64 = 8_192;
/// Enough units without a single record to know that there will never be one.
const BARREN_UNITS_MAX: u64 = 1_000_000;

/// Makes `settings.records` records; `write` turns each into what is kept of it, on any core, and `take` gets these in
/// order, with the position of their system. Memory: one batch.
///
/// # Errors
/// The first error of `take`.
pub fn for_each<T: Send, E>(
    settings: &Settings,
    systems: &[Habits],
    write: impl Fn(usize, Entry) -> T + Sync,
    mut take: impl FnMut(usize, T) -> Result<(), E>,
) -> Result<(), E> {
    let (mut left, mut next_unit, mut barren) = (settings.records, 0, 0);
    while left > 0 && barren < BARREN_UNITS_MAX {
        let units = next_unit..next_unit + BATCH;
        next_unit += BATCH;
        let written: Vec<Vec<(usize, T)>> = units
            .into_par_iter()
            .map(|unit| {
                let entries = entries_of(settings, unit, systems).into_iter();
                entries.map(|(system, entry)| (system, write(system, entry))).collect()
            })
            .collect();
        barren = if written.iter().all(Vec::is_empty) { barren + BATCH } else { 0 };
        for (system, record) in written.into_iter().flatten() {
            if left == 0 {
                break;
            }
            left -= 1;
            take(system, record)?;
        }
    }
    Ok(())
}
