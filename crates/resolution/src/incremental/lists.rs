//! What many records are found by, one list after the other: some 25 keys a record, of which each costs its eight
//! bytes and no more.

use crate::encoding::{Encoded, tasks};
use rayon::prelude::*;

/// Records of which one thread lists the keys at a time.
const LISTED: usize = 1 << 14;

/// What all records of a resolution are found by.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KeyLists(Vec<ListedPart>);

/// What some of the records are found by.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListedPart {
    positions: Vec<u32>,
    contents: Vec<u64>,
    /// Where the blocks of each record end.
    ends: Vec<u32>,
    blocks: Vec<u64>,
}

/// What one record is found by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Listed<'a> {
    /// Where the record stood among those that were resolved.
    pub position: u32,
    /// As [`RecordKeys::content`](super::RecordKeys::content).
    pub content: u64,
    /// As [`RecordKeys::blocks`](super::RecordKeys::blocks).
    pub blocks: &'a [u64],
}

impl KeyLists {
    /// Lists the keys of all records; `blocks` writes those of a rank in place of what stands there.
    pub(crate) fn new(records: &Encoded, blocks: impl Fn(u32, &mut Vec<u64>) + Sync) -> Self {
        let part = |(of_one, of_all): &mut (Vec<u64>, Vec<u64>), first: usize| {
            let ranks = first..records.len().min(first + LISTED);
            let mut ends = Vec::with_capacity(ranks.len());
            of_all.clear();
            for rank in ranks.clone() {
                blocks(rank as u32, of_one);
                of_all.extend_from_slice(of_one);
                ends.push(of_all.len() as u32);
            }
            ListedPart {
                positions: records.positions()[ranks.clone()].to_vec(),
                contents: ranks.map(|rank| records.content(rank as u32)).collect(),
                ends,
                // Exactly as long as it must be.
                blocks: of_all.clone(),
            }
        };
        let firsts: Vec<usize> = (0..records.len()).step_by(LISTED).collect();
        Self(tasks(firsts.into_par_iter(), records.len()).map_init(Default::default, part).collect())
    }

    /// All records, part by part, so that threads can share them.
    pub fn parts(&self) -> &[ListedPart] {
        &self.0
    }

    /// All records, in no certain order.
    pub fn iter(&self) -> impl Iterator<Item = Listed<'_>> {
        self.0.iter().flat_map(ListedPart::iter)
    }
}

impl ListedPart {
    /// The records of this part.
    pub fn iter(&self) -> impl Iterator<Item = Listed<'_>> {
        let mut start = 0;
        self.positions.iter().zip(&self.contents).zip(&self.ends).map(move |((&position, &content), &end)| {
            let blocks = &self.blocks[std::mem::replace(&mut start, end as usize)..end as usize];
            Listed { position, content, blocks }
        })
    }
}
