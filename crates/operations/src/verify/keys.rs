//! Every record is found by the keys that it has.

use super::Rule;
use crate::error::OperationError;
use crate::incremental::keys::of_record;
use crate::population::Population;
use crate::resolve::{FrozenModel, comparables};
use crate::session::Session;
use std::collections::HashSet;
use vinculo_records::Kind;
use vinculo_resolution::incremental;
use vinculo_store::verify::{Found, Snapshot};
use vinculo_store::{KeyBase, KeyEntry};

pub(super) const RULE: Rule = Rule {
    name: "records_are_found",
    says: "Every record is found by each key that the model in force gives it, where runs resolve only what changed.",
    of: "records",
    names: "record",
};

/// Records of a batch whose keys are looked up when not all are.
const SAMPLE: usize = 64;

/// What records of a kind are found by.
pub(super) struct Index {
    base: KeyBase,
    frozen: FrozenModel,
}

/// The keys that are in force: those of the newest models.
///
/// # Errors
/// When the store cannot be read.
pub(super) async fn indexes(
    snapshot: &mut Snapshot,
    models: &[(Kind, vinculo_store::Model)],
) -> Result<Vec<Index>, OperationError> {
    let bases = snapshot.surroundings().bases().await?;
    let index = |base: KeyBase| {
        let (_, newest) = models.iter().rev().find(|(kind, _)| *kind == base.kind)?;
        let frozen = super::models::read(newest).filter(|_| newest.version == base.model)?;
        Some(Index { base, frozen })
    };
    Ok(bases.into_iter().filter_map(index).collect())
}

impl Index {
    /// The kind of its records.
    pub(super) fn kind(&self) -> Kind {
        self.base.kind
    }

    /// Looks up the keys of some of these records, or of all.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub(super) async fn check(
        &self,
        session: &Session,
        snapshot: &mut Snapshot,
        population: &Population,
        deep: bool,
        found: &mut Found,
    ) -> Result<(), OperationError> {
        let step = if deep { 1 } else { population.len().div_ceil(SAMPLE).max(1) };
        let some: Vec<u32> = (0..population.len() as u32).step_by(step).collect();
        let some = population.select(&some);
        let expected: Vec<Vec<KeyEntry>> = session.compute(|| {
            let records = comparables(&session.bench.project, &some);
            let keys = incremental::keys(&self.frozen.plan, &self.frozen.model, &records);
            some.records.iter().zip(&keys).map(|(record, keys)| of_record(*record, keys).collect()).collect()
        });
        let asked: Vec<u64> = expected.iter().flatten().map(|entry| entry.key).collect();
        let known = snapshot.surroundings().records_of_keys(&self.base, &asked).await?;
        let known: HashSet<(u64, i64)> = known.into_iter().map(|entry| (entry.key, entry.record.0)).collect();
        for (record, entries) in some.records.iter().zip(&expected) {
            found.looked_at += 1;
            if entries.iter().any(|entry| !known.contains(&(entry.key, entry.record.0))) {
                found.add(record.0);
            }
        }
        Ok(())
    }
}
