//! Organizations → blocks of those that share a key.
//!
//! In training blocks are taken from the smallest to the largest until the pair budget is spent, so that what is cut is what
//! says least; the keys of the others are left out from then on. A block of a common word is too large: its members must
//! share a second word as well, which is a key of its own.

use super::evidence::Weigher;
use super::keys;
use super::nodes::{Nodes, is_set};
use crate::blocking::{Divided, Halving, RuleReport, pairs_allowed};
use crate::encoding::Encoded;
use crate::hash_list;
use crate::packed_list;
use crate::plan::ResolutionPlan;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

/// The name of the one way in which candidates are found, in reports.
const RULE: &str = "organization";
/// Of so many parts of the budget the last one may be left over.
const LEFT_OVER: usize = 16;

/// What a model knows of the blocks of organizations.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrganizationBlocks {
    /// The largest block that is compared pair by pair; a larger one is halved.
    pub limit: u32,
    /// The keys that too many share, sorted: they make no blocks.
    #[serde(with = "packed_list")]
    pub cut: Vec<u64>,
}

impl OrganizationBlocks {
    /// Whether a key makes a block.
    pub(super) fn has(&self, key: u64) -> bool {
        hash_list::find(&self.cut, key, |cut| *cut).is_none()
    }
}

/// A key of a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    hash: u64,
    node: u32,
}

/// All keys of all nodes, by key.
pub(super) struct Keyed(Vec<Key>);

impl Keyed {
    pub(super) fn new(weigher: &Weigher<'_>, records: &Encoded, nodes: &Nodes) -> Self {
        // The records of a node have the same keys, save those of their sets.
        let all_count = records.filled().any(is_set);
        let counts = |rank: u32, node: u32| all_count || nodes.first[node as usize] == rank;
        let of_record = |(mut all, mut found): (Vec<Key>, Vec<u64>), (rank, &node): (u32, &u32)| {
            if counts(rank, node) {
                keys::of_record(weigher, records, rank, &mut found);
                all.extend(found.iter().map(|&hash| Key { hash, node }));
            }
            (all, found)
        };
        let each = (0..nodes.of.len() as u32).into_par_iter().zip(&nodes.of);
        let of_threads: Vec<Vec<Key>> = each.fold(Default::default, of_record).map(|(keys, _)| keys).collect();
        let mut keys = of_threads.concat();
        keys.par_sort_unstable();
        keys.dedup();
        Self(keys)
    }

    fn blocks(&self) -> impl Iterator<Item = &[Key]> {
        self.0.chunk_by(|a, b| a.hash == b.hash).filter(|block| block.len() > 1)
    }

    /// Learns which blocks so many records can afford to compare.
    pub(super) fn learn(&self, plan: &ResolutionPlan, records: usize) -> OrganizationBlocks {
        let mut blocks: Vec<&[Key]> = self.blocks().collect();
        blocks.sort_by_key(|block| (block.len(), block[0].hash));
        let within = blocks.partition_point(|block| block.len() <= plan.block_limit as usize);
        let most = pairs_allowed(plan, records) as usize;
        let mut pairs = Pairs::default();
        // Blocks come by size: where one does not fit, no larger one does.
        let beyond = blocks[..within].iter().position(|block| !pairs.add_block(block, most));
        let largest = |beyond: usize| blocks[..beyond].last().map_or(2, |block| block.len() as u32);
        let mut cut: Vec<u64> = blocks[beyond.unwrap_or(within)..].iter().map(|block| block[0].hash).collect();
        cut.sort_unstable();
        OrganizationBlocks { limit: beyond.map_or(plan.block_limit, largest), cut }
    }

    /// The blocks under what was learned.
    pub(super) fn divide(&self, blocks: &OrganizationBlocks, nodes: &Nodes, halving: &Halving<'_>) -> Divided {
        let mut divided = Divided::default();
        let mut cut_keys = 0;
        let mut is_cut = vec![false; nodes.len()];
        let mut members = Vec::new();
        let (compared, cut): (Vec<&[Key]>, Vec<&[Key]>) = self.blocks().partition(|block| blocks.has(block[0].hash));
        for block in cut {
            cut_keys += 1;
            block.iter().for_each(|key| is_cut[key.node as usize] = true);
        }
        for block in compared {
            members.clear();
            members.extend(block.iter().map(|key| key.node));
            members.iter().for_each(|&node| is_cut[node as usize] = false);
            divided.push(block[0].hash, &members, halving);
        }
        divided.report = RuleReport {
            rule: RULE.to_owned(),
            block_limit: blocks.limit,
            cut_keys,
            cut_records: nodes.of.iter().filter(|&&node| is_cut[node as usize]).count() as u64,
            ..divided.report
        };
        divided
    }
}

/// Pairs of nodes, of which many come by several keys: the lesser node above the greater one.
#[derive(Default)]
struct Pairs(Vec<u64>);

impl Pairs {
    /// Adds all pairs of a block, unless there may be more than `most` distinct ones then.
    fn add_block(&mut self, block: &[Key], most: usize) -> bool {
        let price = block.len() * (block.len() - 1) / 2;
        if self.0.len() + price > most {
            // Most stand in order since the last time, which this sort makes use of.
            self.0.par_sort();
            self.0.dedup();
            // Sorting is dear: it is not done again for the last few pairs.
            let left = most.saturating_sub(self.0.len());
            if price > left || left < most / LEFT_OVER {
                return false;
            }
        }
        for (i, one) in block.iter().enumerate() {
            self.0.extend(block[i + 1..].iter().map(|other| u64::from(one.node) << 32 | u64::from(other.node)));
        }
        true
    }
}
