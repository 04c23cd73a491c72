//! Blocks that outgrew what the model foresaw: they are halved, by how many records they hold now.
//!
//! Where a change moves the halvings of a block, all its members meet others than before.

use super::growth::{Growth, records_of};
use super::keys;
use super::scope::Frozen;
use crate::error::OperationError;
use rustc_hash::{FxHashMap, FxHashSet};
use vinculo_records::{Kind, RecordId};
use vinculo_resolution::incremental::{RecordKeys, halvings};
use vinculo_store::KeyEntry;

/// Counts the blocks that changed records are in now, or were in; returns the members of those that are halved otherwise
/// than before. `hits` are all that the store finds by the keys which the changed records have now.
pub(super) async fn recount(
    growth: &mut Growth<'_, '_>,
    frozen: &mut Frozen,
    kind: Kind,
    hits: &[KeyEntry],
) -> Result<Vec<RecordId>, OperationError> {
    let left = growth.blocks_before(frozen, kind);
    // Where nobody knows which blocks the records were in before, it may be any that is halved.
    let may_be_left = |block: &u64| left.as_ref().is_none_or(|left| left.contains(block));
    let halved: Vec<u64> = frozen.halvings.keys().copied().filter(may_be_left).collect();
    let mut entries = growth.around.records_of_keys(&frozen.base, &halved).await?;
    entries.extend(hits.iter().chain(&frozen.keys));
    entries.sort_unstable();
    entries.dedup();
    let model = &frozen.model.model;
    // At this time nothing but what changed is known to be touched.
    let may_move = |block: &&[KeyEntry]| {
        let then = frozen.halvings.get(&block[0].key).copied().unwrap_or(0);
        let most = halvings(model, block[0].key, block.len());
        // A block that only grew is not halved less often; whatever its entries stand for, it holds at most so many.
        let is_near = if may_be_left(&block[0].key) { most > 0 || then > 0 } else { most > then };
        is_near && block.iter().any(|entry| growth.part.contains(&entry.record))
    };
    let moving: Vec<&[KeyEntry]> = entries.chunk_by(|a, b| a.key == b.key).filter(may_move).collect();
    if moving.is_empty() {
        return Ok(Vec::new());
    }
    let keys = keys_of_members(growth, frozen, kind, &moving).await?;
    let mut touched = FxHashSet::default();
    for block in moving {
        let key = block[0].key;
        let is_member = |record: &RecordId| keys.get(record).is_some_and(|keys| keys.blocks.contains(&key));
        let members: Vec<RecordId> = block.iter().map(|entry| entry.record).filter(is_member).collect();
        let originals = keys::originals(members.iter().map(|record| keys[record].content));
        let now = halvings(&frozen.model.model, key, originals);
        let then = if now > 0 { frozen.halvings.insert(key, now) } else { frozen.halvings.remove(&key) };
        if then.unwrap_or(0) != now {
            frozen.moved.push((key, now));
            touched.extend(members);
        }
    }
    Ok(touched.into_iter().collect())
}

/// What all that these blocks ever held are found by now; nothing of those that do not count.
async fn keys_of_members(
    growth: &mut Growth<'_, '_>,
    frozen: &Frozen,
    kind: Kind,
    blocks: &[&[KeyEntry]],
) -> Result<FxHashMap<RecordId, RecordKeys>, OperationError> {
    let members = records_of(&blocks.concat());
    growth.load(&members).await?;
    let positions = growth.positions(kind, members.into_iter());
    let keys = growth.keys(frozen, kind, &positions);
    let records = &growth.known[kind as usize].records;
    Ok(positions.iter().map(|&at| records[at as usize]).zip(keys).collect())
}
