//! What the store keeps of a resolution, so that later ones find the records that a change may touch.

use crate::error::OperationError;
use crate::resolve::{FrozenModel, Resolved};
use crate::rules::Rules;
use crate::session::Session;
use rayon::prelude::*;
use std::fmt;
use std::ops::RangeInclusive;
use std::sync::Arc;
use vinculo_records::RecordId;
use vinculo_resolution::incremental::{self, KeyLists, Listed, ListedPart, RecordKeys};
use vinculo_store::{KeyEntry, KeyRange, KeySource, NewBase};

/// The keys of all records of a kind that were resolved together, which are taken out of it; none where no model was
/// kept, as in a dry run.
///
/// # Errors
/// Never for what the engine makes.
pub(crate) fn anew(
    session: &Session,
    resolved: &mut Resolved,
    rules: &Rules,
) -> Result<Option<NewBase>, OperationError> {
    let (Some(version), Some(lists)) = (resolved.model_version, resolved.keys.take()) else { return Ok(None) };
    let rules = serde_json::to_value(rules).map_err(|_| OperationError::Internal("rules have no JSON form".into()))?;
    let records = resolved.population.records.clone();
    let (kind, count) = (resolved.population.kind, records.len());
    let mut contents = vec![0; count];
    lists.iter().for_each(|listed| contents[listed.position as usize] = listed.content);
    let keys = AllKeys { session: session.clone(), lists, records, contents, frozen: resolved.frozen.clone() };
    Ok(Some(NewBase::new(kind, version, rules, count, Arc::new(keys))))
}

/// The keys of all records of a kind, which are sorted when they are sent.
struct AllKeys {
    session: Session,
    lists: KeyLists,
    /// By position.
    records: Vec<RecordId>,
    /// By position.
    contents: Vec<u64>,
    frozen: Arc<FrozenModel>,
}

/// How many there are, never what they are.
impl fmt::Debug for AllKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AllKeys").field("records", &self.records.len()).field("entries", &self.entries()).finish()
    }
}

impl KeySource for AllKeys {
    fn entries(&self) -> u64 {
        self.lists.iter().map(|listed| listed.blocks.len() as u64 + u64::from(listed.content != 0)).sum()
    }

    fn within(&self, keys: RangeInclusive<u64>) -> KeyRange {
        self.session.compute(|| {
            let parts = self.lists.parts().par_iter();
            let mut held: Vec<Held> = parts.flat_map_iter(|part| held_within(part, &keys)).collect();
            held.par_sort_unstable();
            let halved = self.halved(&held);
            let entry = |&(key, position): &Held| KeyEntry { key, record: self.records[position as usize] };
            KeyRange { entries: held.par_iter().map(entry).collect(), halved }
        })
    }
}

/// A key, and the position of a record that has it.
type Held = (u64, u32);

fn held_within<'a>(part: &'a ListedPart, keys: &'a RangeInclusive<u64>) -> impl Iterator<Item = Held> + 'a {
    part.iter().flat_map(|Listed { position, content, blocks }| {
        let content = if keys.contains(&content) { content } else { 0 };
        keys_of(content, within(blocks, keys)).map(move |key| (key, position))
    })
}

impl AllKeys {
    /// The blocks that hold more contents than the model foresaw, of those that are held. What many records say alike is a
    /// key too: it holds one content.
    fn halved(&self, held: &[Held]) -> Vec<(u64, u8)> {
        let halvings = |block: &[Held]| {
            let (key, limit) = (block[0].0, |contents| incremental::halvings(&self.frozen.model, block[0].0, contents));
            if limit(block.len()) == 0 {
                return None;
            }
            let contents = block.iter().map(|&(_, position)| self.contents[position as usize]);
            Some((key, limit(originals(contents)))).filter(|(_, halvings)| *halvings > 0)
        };
        held.chunk_by(|a, b| a.0 == b.0).filter_map(halvings).collect()
    }
}

/// Those of some blocks, in ascending order, that are in a range.
fn within<'b>(blocks: &'b [u64], keys: &RangeInclusive<u64>) -> &'b [u64] {
    let from = blocks.partition_point(|block| block < keys.start());
    let to = blocks.partition_point(|block| block <= keys.end());
    &blocks[from..to]
}

/// The entries of a record: its blocks and its content. One that says nothing is a copy of none.
pub(crate) fn of_record(record: RecordId, keys: &RecordKeys) -> impl Iterator<Item = KeyEntry> + '_ {
    keys_of(keys.content, &keys.blocks).map(move |key| KeyEntry { key, record })
}

fn keys_of(content: u64, blocks: &[u64]) -> impl Iterator<Item = u64> + '_ {
    blocks.iter().copied().chain((content != 0).then_some(content))
}

/// All that a record is looked for by.
pub(crate) fn asked(keys: &[RecordKeys]) -> Vec<u64> {
    let of_record = |keys: &RecordKeys| of_record(RecordId(0), keys).map(|entry| entry.key).collect::<Vec<_>>();
    keys.iter().flat_map(of_record).collect()
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
    fn a_range_holds_its_first_and_its_last_key() {
        for (keys, expected) in [(0..=u64::MAX, &[1, 5, 9][..]), (1..=5, &[1, 5]), (2..=8, &[5]), (6..=8, &[])] {
            assert_eq!(within(&[1, 5, 9], &keys), expected, "{keys:?}");
        }
    }

    #[test]
    fn copies_count_once_and_each_record_that_says_nothing_for_itself() {
        for (contents, expected) in
            [(vec![], 0), (vec![7, 7, 8], 2), (vec![0, 7, 0, 7, 0], 4), (vec![0], 1), (vec![5], 1)]
        {
            assert_eq!(originals(contents.iter().copied()), expected, "{contents:?}");
        }
    }
}
