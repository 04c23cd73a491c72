//! What resolution decided, as the store keeps it.

use crate::incremental::Outcome;
use crate::resolve::Resolved;
use crate::session::Session;
use rustc_hash::FxHashMap;
use vinculo_records::{DecisionKind, RecordId};
use vinculo_store::{DecisionRow, Store, StoreError, Surroundings};

/// All decisions of all kinds, as the store keeps them.
pub(super) fn decisions(resolved: &[Resolved]) -> Vec<DecisionRow<'_>> {
    let rows = resolved.iter().flat_map(|Resolved { population, resolution, model_version, .. }| {
        let record = |position: u32| population.records[position as usize];
        let decided = resolution.decisions.iter().zip(&resolution.decided);
        decided.map(move |(decision, &[left, right])| DecisionRow {
            kind: decision.kind,
            left: record(left),
            right: record(right),
            weight: decision.weight,
            levels: &decision.levels,
            reason: decision.reason,
            model: model_version.unwrap_or_default(),
        })
    });
    let mut all = Vec::with_capacity(resolved.iter().map(|resolved| resolved.resolution.decisions.len()).sum());
    all.extend(rows);
    all
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
            Some(_) => Self::around(&mut session.store.reading().await?.surroundings(), &outcome.known).await,
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
    pub(super) fn differences<'d>(mut self, mut decisions: Vec<DecisionRow<'d>>) -> (Vec<DecisionRow<'d>>, Vec<i64>) {
        if !self.0.is_empty() {
            decisions.retain(|row| self.0.remove(&key(row)).is_none());
        }
        let mut ended: Vec<i64> = self.0.into_values().collect();
        ended.sort_unstable();
        (decisions, ended)
    }
}
