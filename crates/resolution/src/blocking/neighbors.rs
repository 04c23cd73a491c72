//! Blocks that stay too large: each record is compared with its next few neighbors, so that equal records still form a
//! chain.

use super::matrix::{CutKey, KeyMatrix};
use super::{Partition, RuleCount};
use rayon::prelude::*;

/// Pairs of neighbors that a rule may always have; with more records, one for each.
const PAIRS_MIN: usize = 50_000;
/// The fewest and the most neighbors after it that a record is compared with.
const NEIGHBORS: (usize, usize) = (2, 100);

/// Visits the neighbors in a rule's cut blocks, as far as no rule compares them anyway; a pair counts under the first
/// cut key that its records share, which they alone decide.
pub(super) fn visit_neighbors<T: Send>(
    matrix: &KeyMatrix,
    rule: usize,
    partition: Partition,
    start: &(impl Fn() -> T + Sync),
    wanted: &(impl Fn(u32, u32) -> bool + Sync),
    visit: &(impl Fn(&mut T, u32, u32) + Sync),
) -> Vec<(T, RuleCount)> {
    let of_rule = || matrix.cut_keys().iter().filter(|cut| cut.rule as usize == rule);
    // The window is that of the whole rule: it must not hang on the partition.
    let window = window(of_rule().count(), matrix.records());
    let mut cut: Vec<CutKey> = of_rule().copied().filter(|cut| partition.holds(cut.key)).collect();
    // Records with equal keys under all rules stand side by side, then those with equal first ones.
    cut.par_sort_unstable_by_key(|cut| (cut.key, matrix.row(cut.rank), cut.rank));
    let blocks: Vec<&[CutKey]> = cut.chunk_by(|a, b| a.key == b.key).collect();
    blocks
        .into_par_iter()
        .map(|block| {
            let (mut result, mut count) = (start(), RuleCount::default());
            for (at, one) in block.iter().enumerate() {
                let end = (at + 1 + window).min(block.len());
                count.cut_pairs += (block.len() - end) as u64;
                for other in &block[at + 1..end] {
                    let (a, b) = (one.rank.min(other.rank), one.rank.max(other.rank));
                    let is_new = || matrix.proposed_by(a, b).is_none() && matrix.is_first_cut(a, b, rule, one.key);
                    if wanted(a, b) && is_new() {
                        count.pairs += 1;
                        visit(&mut result, a, b);
                    }
                }
            }
            (result, count)
        })
        .collect()
}

/// How many neighbors after it a record is compared with, so that the rule keeps to its pairs.
fn window(cut: usize, records: usize) -> usize {
    (PAIRS_MIN.max(records) / cut.max(1)).clamp(NEIGHBORS.0, NEIGHBORS.1)
}
