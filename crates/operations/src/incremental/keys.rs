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
use vinculo_resolution::incremental::{self, KeyLists, Listed, RecordKeys};
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

    fn within<'a>(&'a self, ranges: Vec<RangeInclusive<u64>>) -> Box<dyn Iterator<Item = KeyRange> + Send + 'a> {
        let mut told = vec![0; self.records.len()];
        Box::new(ranges.into_iter().map(move |range| self.session.compute(|| self.range(&range, &mut told))))
    }
}

impl AllKeys {
    /// The keys of a range, which follows on those before: `told` counts how many blocks of each record these held.
    fn range(&self, range: &RangeInclusive<u64>, told: &mut [u16]) -> KeyRange {
        // Keys lie evenly: room is made once. Records are positions until it is known which blocks are halved.
        let share = (range.end() - range.start()) as f64 / u64::MAX as f64;
        let mut entries: Vec<KeyEntry> = Vec::with_capacity((self.entries() as f64 * share * 1.02) as usize);
        for (Listed { position, content, blocks }, told) in self.lists.iter().zip(told) {
            let blocks = next_within(blocks, told, range);
            let content = if range.contains(&content) { content } else { 0 };
            let record = RecordId(position.into());
            entries.extend(keys_of(content, blocks).map(|key| KeyEntry { key, record }));
        }
        entries.par_sort_unstable();
        let halved = self.halved(&entries);
        entries.iter_mut().for_each(|entry| entry.record = self.records[entry.record.0 as usize]);
        KeyRange { entries, halved }
    }

    /// The blocks that hold more contents than the model foresaw, of entries that tell records by position. What many
    /// records say alike is a key too: it holds one content.
    fn halved(&self, entries: &[KeyEntry]) -> Vec<(u64, u8)> {
        let halvings = |block: &[KeyEntry]| {
            let times = |contents| incremental::halvings(&self.frozen.model, block[0].key, contents);
            if times(block.len()) == 0 {
                return None;
            }
            let contents = block.iter().map(|entry| self.contents[entry.record.0 as usize]);
            Some((block[0].key, times(originals(contents)))).filter(|(_, times)| *times > 0)
        };
        entries.chunk_by(|a, b| a.key == b.key).filter_map(halvings).collect()
    }
}

/// Those of some blocks, in ascending order, that are in a range, behind as many as were told before.
fn next_within<'b>(blocks: &'b [u64], told: &mut u16, range: &RangeInclusive<u64>) -> &'b [u64] {
    let rest = &blocks[usize::from(*told)..];
    let within = rest.iter().take_while(|block| range.contains(block)).count();
    // A record has some dozens of blocks.
    *told += within as u16;
    &rest[..within]
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
    fn ranges_that_follow_each_other_hold_every_block_once_their_first_and_last_included() {
        let mut told = 0;
        let cases = [(0..=1, &[1][..]), (2..=4, &[]), (5..=8, &[5]), (9..=u64::MAX, &[9, u64::MAX])];
        for (range, expected) in cases {
            assert_eq!(next_within(&[1, 5, 9, u64::MAX], &mut told, &range), expected, "{range:?}");
        }
        assert_eq!(next_within(&[1, 5], &mut 0, &(0..=u64::MAX)), [1, 5]);
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
