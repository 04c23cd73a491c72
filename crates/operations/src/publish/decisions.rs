//! What resolution decided, as the store keeps it.

use crate::error::OperationError;
use crate::population::Population;
use crate::resolve::Resolved;
use crate::session::Session;
use rustc_hash::FxHashMap;
use vinculo_records::{DecisionKind, RecordHash, RecordId};
use vinculo_store::DecisionRow;

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

/// Decisions that are not in force yet, and the numbers of those that no longer are.
pub(super) async fn differences<'d>(
    session: &Session,
    decisions: &[DecisionRow<'d>],
) -> Result<(Vec<DecisionRow<'d>>, Vec<i64>), OperationError> {
    let key = |row: &DecisionRow<'_>| -> DecisionKey {
        (row.kind, row.left, row.right, row.weight, row.levels.to_vec(), row.reason.to_owned(), row.model)
    };
    let mut in_force: FxHashMap<DecisionKey, i64> = FxHashMap::default();
    session.store.for_each_decision(|known| _ = in_force.insert(key(&known.decision), known.id)).await?;
    if in_force.is_empty() {
        return Ok((decisions.to_vec(), Vec::new()));
    }
    let new = decisions.iter().filter(|row| in_force.remove(&key(row)).is_none()).copied().collect();
    let mut ended: Vec<i64> = in_force.into_values().collect();
    ended.sort_unstable();
    Ok((new, ended))
}
