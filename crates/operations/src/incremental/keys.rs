//! What the store keeps of a resolution, so that later ones find the records that a change may touch.

use crate::error::OperationError;
use crate::resolve::{FrozenModel, Resolved};
use crate::rules::Rules;
use rayon::prelude::*;
use rustc_hash::FxHashMap;
use vinculo_records::RecordId;
use vinculo_resolution::Model;
use vinculo_resolution::incremental::{self, RecordKeys};
use vinculo_store::{KeyEntry, NewBase};

/// The keys of all records of a kind that were resolved together, which are taken out of it; none where no model was
/// kept, as in a dry run.
///
/// # Errors
/// Never for what the engine makes.
pub(crate) fn anew(resolved: &mut Resolved, rules: &Rules) -> Result<Option<NewBase>, OperationError> {
    let (Some(version), Some(keys)) = (resolved.model_version, resolved.keys.take()) else { return Ok(None) };
    let records = &resolved.population.records;
    let FrozenModel { model, .. } = &*resolved.frozen;
    // Some thirty keys a record: they are written into their place at once, not put together from the threads' pieces.
    let mut entries = Vec::with_capacity(keys.iter().map(|keys| keys.blocks.len() + 1).sum());
    records.iter().zip(&keys).for_each(|(record, keys)| entries.extend(of_record(*record, keys)));
    entries.par_sort_unstable();
    let halved = halved(model, &entries, records, &keys);
    drop(keys);
    let rules = serde_json::to_value(rules).map_err(|_| OperationError::Internal("rules have no JSON form".into()))?;
    let kind = resolved.population.kind;
    Ok(Some(NewBase::new(kind, version, rules, records.len(), &entries, halved)?))
}

/// The entries of a record: its blocks and its content. One that says nothing is a copy of none.
pub(crate) fn of_record(record: RecordId, keys: &RecordKeys) -> impl Iterator<Item = KeyEntry> + '_ {
    let content = (keys.content != 0).then_some(&keys.content);
    keys.blocks.iter().chain(content).map(move |&key| KeyEntry { key, record })
}

/// All that a record is looked for by.
pub(crate) fn asked(keys: &[RecordKeys]) -> Vec<u64> {
    let of_record = |keys: &RecordKeys| of_record(RecordId(0), keys).map(|entry| entry.key).collect::<Vec<_>>();
    keys.iter().flat_map(of_record).collect()
}

/// The blocks that hold more contents than the model foresaw.
fn halved(model: &Model, entries: &[KeyEntry], records: &[RecordId], keys: &[RecordKeys]) -> Vec<(u64, u8)> {
    let outgrown: Vec<&[KeyEntry]> = entries
        .chunk_by(|a, b| a.key == b.key)
        .filter(|block| incremental::halvings(model, block[0].key, block.len()) > 0)
        .collect();
    if outgrown.is_empty() {
        return Vec::new();
    }
    let keys: FxHashMap<RecordId, &RecordKeys> = records.iter().copied().zip(keys).collect();
    let halved = outgrown.into_iter().map(|block| {
        let key = block[0].key;
        let members = block.iter().map(|entry| keys[&entry.record]);
        // What many records say alike is a key too, and no block.
        let contents = members.filter(|keys| keys.blocks.contains(&key)).map(|keys| keys.content);
        (key, incremental::halvings(model, key, originals(contents)))
    });
    halved.filter(|(_, halvings)| *halvings > 0).collect()
}

/// How many records stand for themselves or for others, of records with these contents.
pub(super) fn originals(contents: impl Iterator<Item = u64>) -> usize {
    let mut contents: Vec<u64> = contents.collect();
    contents.sort_unstable();
    let without = contents.iter().take_while(|content| **content == 0).count();
    contents.dedup();
    contents.len() + without.saturating_sub(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copies_count_once_and_each_record_that_says_nothing_for_itself() {
        for (contents, expected) in
            [(vec![], 0), (vec![7, 7, 8], 2), (vec![0, 7, 0, 7, 0], 4), (vec![0], 1), (vec![5], 1)]
        {
            assert_eq!(originals(contents.iter().copied()), expected, "{contents:?}");
        }
    }
}
