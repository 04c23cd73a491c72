//! What resolution decided, as the store keeps it.

use crate::incremental::Outcome;
use crate::population::Population;
use crate::resolve::Resolved;
use crate::session::Session;
use rustc_hash::FxHashMap;
use vinculo_records::{DecisionKind, RecordHash, RecordId};
use vinculo_store::{DecisionRow, Store, StoreError, Surroundings};

/// All decisions of all kinds, as the store keeps them.
pub(super) fn decisions(resolved: &[Resolved]) -> Vec<DecisionRow<'_>> {
    let of_kind = |resolved: &'_ Resolved| -> Vec<_> {
        let Population { hashes, records, .. } = &resolved.population;
        let ids: FxHashMap<RecordHash, RecordId> = hashes.iter().copied().zip(records.iter().copied()).collect();
        let model = resolved.model_version.unwrap_or_default();
        let row = |decision: &'_ vinculo_records::Decision| (ids[&decision.left], ids[&decision.right], model);
        resolved.resolution.decisions.iter().map(row).collect()
    };
    let rows = resolved.iter().flat_map(|resolved| {
        of_kind(resolved).into_iter().zip(&resolved.resolution.decisions).map(|((left, right, model), decision)| {
            DecisionRow {
                kind: decision.kind,
                left,
                right,
                weight: decision.weight,
                levels: &decision.levels,
                reason: decision.reason,
                model,
            }
        })
    });
    rows.collect()
}

/// What was decided about a pair, as one comparable value.
type DecisionKey = (DecisionKind, RecordId, RecordId, i32, Vec<u8>, String, i64);

fn key(row: &DecisionRow<'_>) -> DecisionKey {
    (row.kind, row.left, row.right, row.weight, row.levels.to_vec(), row.reason.to_owned(), row.model)
}

/// Decisions that are in force before a publication, with their numbers: all, or those about the records that were
/// resolved.
#[derive(Default)]
pub(crate) struct InForce(FxHashMap<DecisionKey, i64>);

impl InForce {
    /// Reads those that concern the records that were resolved.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub(crate) async fn read(session: &Session, outcome: &Outcome) -> Result<Self, StoreError> {
        match &outcome.part {
            None => Self::all(&session.store).await,
            Some(part) => Self::around(&mut session.store.reading().await?.surroundings(), part).await,
        }
    }

    async fn all(store: &Store) -> Result<Self, StoreError> {
        let mut in_force = FxHashMap::default();
        store.for_each_decision(|known| _ = in_force.insert(key(&known.decision), known.id)).await?;
        Ok(Self(in_force))
    }

    /// Reads those about these records, which hold both records of each.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub(crate) async fn around(around: &mut Surroundings<'_>, records: &[RecordId]) -> Result<Self, StoreError> {
        let mut in_force = FxHashMap::default();
        around.for_each_decision(records, |known| _ = in_force.insert(key(&known.decision), known.id)).await?;
        Ok(Self(in_force))
    }

    /// Of all decisions made now, those that are not in force yet; and the numbers of those that no longer are.
    pub(super) fn differences<'d>(mut self, decisions: &[DecisionRow<'d>]) -> (Vec<DecisionRow<'d>>, Vec<i64>) {
        if self.0.is_empty() {
            return (decisions.to_vec(), Vec::new());
        }
        let new = decisions.iter().filter(|row| self.0.remove(&key(row)).is_none()).copied().collect();
        let mut ended: Vec<i64> = self.0.into_values().collect();
        ended.sort_unstable();
        (new, ended)
    }
}
