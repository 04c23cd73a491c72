//! Records → candidate pairs.
//!
//! Every rule gives a record some keys; records with a common key form a block; pairs inside a block are candidates. A
//! pair belongs to the first rule, and to the least key of it, that proposes it, which its two records alone decide: no
//! list of pairs is ever kept or sorted, and partitions of the keys need not know of each other.

mod key;
mod limits;
mod matrix;
mod neighbors;
#[cfg(test)]
mod tests;

pub use key::{KeyMaker, NO_KEY};
pub use limits::learn_limits;
pub use matrix::KeyMatrix;

use crate::encoding::{Encoded, mix};
use crate::model::RuleLimits;
use crate::plan::BlockingRule;
use neighbors::visit_neighbors;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

/// Keys that one thread takes at a time.
const KEYS_PER_TASK: usize = 1 << 15;

/// A part of the keys: those whose remainder by `count` is `index`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Partition {
    /// Which part.
    pub index: u32,
    /// Of how many.
    pub count: u32,
}

impl Partition {
    /// All keys.
    pub const WHOLE: Self = Self { index: 0, count: 1 };

    /// The parts that together are all keys.
    pub fn split(count: u32) -> impl Iterator<Item = Self> {
        (0..count).map(move |index| Self { index, count })
    }

    fn holds(self, key: u32) -> bool {
        key % self.count == self.index
    }
}

/// What one rule proposed, and what was cut.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleReport {
    /// The rule's name.
    pub rule: String,
    /// Pairs that it was the first to propose.
    pub pairs: u64,
    /// The largest block that is compared pair by pair.
    pub block_limit: u32,
    /// Keys whose blocks were too large and had to agree on more.
    pub oversized_keys: u64,
    /// Keys whose blocks were left out whole, since the pair budget was spent.
    pub cut_keys: u64,
    /// Records that the rule does not compare pair by pair, since their blocks stay too large, or are beyond the budget,
    /// or they lack what refines them. An identifying rule still compares each with its next neighbors.
    pub cut_records: u64,
    /// Pairs left out of blocks of which only neighbors are compared.
    pub cut_pairs: u64,
}

/// Visits every candidate pair of a partition once, in parallel; the results come in a fixed order.
///
/// `visit` gets the ranks of the two records, the lesser first. Counts of pairs are of all candidates, or, with `wanted`
/// refusing some, of those that it let through: it is asked before the keys of the two records are looked at.
pub fn visit_candidates<T: Send>(
    matrix: &KeyMatrix,
    limits: &[RuleLimits],
    records: &Encoded,
    partition: Partition,
    start: impl Fn() -> T + Sync,
    wanted: impl Fn(u32, u32) -> bool + Sync,
    visit: impl Fn(&mut T, u32, u32) + Sync,
) -> (Vec<T>, Vec<RuleCount>) {
    let mut results = Vec::new();
    let mut counts = Vec::with_capacity(matrix.rules());
    for (rule, limits) in limits.iter().enumerate() {
        let keyed = keyed_records(matrix, rule, partition);
        let tasks = split_at_blocks(&keyed);
        let mut visited: Vec<(T, RuleCount)> = tasks
            .into_par_iter()
            .map(|task| {
                let mut result = start();
                let mut count = RuleCount::default();
                let mut cut_pairs = 0;
                for block in task.chunk_by(|a, b| a >> 32 == b >> 32) {
                    let propose = |a, b| {
                        let key = (block[0] >> 32) as u32;
                        if wanted(a, b) && matrix.proposed_by(a, b) == Some((rule, key)) {
                            count.pairs += 1;
                            visit(&mut result, a, b);
                        }
                    };
                    cut_pairs += visit_block(records, limits.limit, block, propose);
                }
                count.cut_pairs = cut_pairs;
                (result, count)
            })
            .collect();
        visited.extend(visit_neighbors(matrix, rule, partition, &start, &wanted, &visit));
        let mut total = RuleCount::default();
        for (result, count) in visited {
            total.pairs += count.pairs;
            total.cut_pairs += count.cut_pairs;
            results.push(result);
        }
        counts.push(total);
    }
    (results, counts)
}

/// Pairs that a rule proposed first, and pairs that it cut.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RuleCount {
    /// Proposed.
    pub pairs: u64,
    /// Cut.
    pub cut_pairs: u64,
}

/// Keys and ranks in one number each, by key, then by rank; keys of one record alone are dropped.
fn keyed_records(matrix: &KeyMatrix, rule: usize, partition: Partition) -> Vec<u64> {
    let mut keyed: Vec<u64> = (0..matrix.records() as u32)
        .into_par_iter()
        .flat_map_iter(|rank| {
            let keys = matrix.keys(rank, rule).iter();
            keys.filter(move |key| **key != NO_KEY && partition.holds(**key))
                .map(move |&key| u64::from(key) << 32 | u64::from(rank))
        })
        .collect();
    keyed.par_sort_unstable();
    keyed.dedup();
    keyed
}

/// Cuts sorted keys into tasks, never inside a block.
fn split_at_blocks(keyed: &[u64]) -> Vec<&[u64]> {
    let mut tasks = Vec::new();
    let mut rest = keyed;
    while !rest.is_empty() {
        let mut end = KEYS_PER_TASK.min(rest.len());
        let last = rest[end - 1] >> 32;
        end += rest[end..].partition_point(|key| key >> 32 == last);
        let (task, after) = rest.split_at(end);
        tasks.push(task);
        rest = after;
    }
    tasks
}

/// Proposes the pairs of a block, the lesser rank first; says how many it cut.
fn visit_block(records: &Encoded, limit: u32, block: &[u64], mut propose: impl FnMut(u32, u32)) -> u64 {
    let ranks = block.iter().map(|keyed| *keyed as u32);
    if block.len() <= limit as usize {
        for (at, a) in ranks.enumerate() {
            block[at + 1..].iter().for_each(|b| propose(a, *b as u32));
        }
        return 0;
    }
    // The model did not foresee this block. Each record keeps the partners next to it in an order by hashes, which
    // does not hang on how the records came.
    let key = (block[0] >> 32) as u32;
    let mut shuffled: Vec<(u64, u32)> = ranks.map(|rank| (shuffle(records, key, rank), rank)).collect();
    shuffled.sort_unstable();
    let window = (limit as usize / 2).max(1);
    let mut cut = 0;
    for (at, (_, a)) in shuffled.iter().enumerate() {
        let end = (at + 1 + window).min(shuffled.len());
        shuffled[at + 1..end].iter().for_each(|(_, b)| propose(*a.min(b), *a.max(b)));
        cut += (shuffled.len() - end) as u64;
    }
    cut
}

fn shuffle(records: &Encoded, key: u32, rank: u32) -> u64 {
    mix(records.hashes()[rank as usize].0 as u64, u64::from(key))
}

/// The account of every rule.
pub fn report(
    rules: &[BlockingRule],
    limits: &[RuleLimits],
    counts: &[RuleCount],
    matrix: &KeyMatrix,
    maker: &KeyMaker<'_>,
) -> Vec<RuleReport> {
    let describe = |(at, rule): (usize, &BlockingRule)| RuleReport {
        rule: rule.name(),
        pairs: counts[at].pairs,
        block_limit: limits[at].limit,
        oversized_keys: limits[at].oversized.first().map_or(0, |keys| keys.len() as u64),
        // Limits are learned from the budget: no block is beyond it.
        cut_keys: 0,
        cut_records: cut_records(rule, at, matrix, maker),
        cut_pairs: counts[at].cut_pairs,
    };
    rules.iter().enumerate().map(describe).collect()
}

/// Records that have keys under a rule, none of which is left after refinement.
fn cut_records(rule: &BlockingRule, at: usize, matrix: &KeyMatrix, maker: &KeyMaker<'_>) -> u64 {
    let is_cut = |rank: &u32| {
        matrix.keys(*rank, at).iter().all(|key| *key == NO_KEY) && {
            let mut keys = [NO_KEY; 8];
            maker.keys(rule, *rank, &mut keys[..rule.keys_max().min(8)]) > 0
        }
    };
    (0..matrix.records() as u32).into_par_iter().filter(is_cut).count() as u64
}
