//! Blocks → candidate pairs, record by record.

use super::block::Blocks;
use rayon::prelude::*;

/// Records that one thread takes at a time.
const RECORDS_PER_TASK: u32 = 1 << 13;

/// Visits every candidate pair once, in parallel; the results come in a fixed order, with how many pairs each rule was
/// the first to propose.
///
/// `visit` gets a record and its partners of greater rank, once for each record that has any and that `wanted`
/// lets through. A pair
/// belongs to the first rule that proposes it. Which partners a record has met is noted in an array over all records:
/// no list of pairs is ever kept or sorted.
pub fn visit_candidates<T: Send>(
    blocks: &Blocks,
    start: impl Fn() -> T + Sync,
    wanted: impl Fn(u32) -> bool + Sync,
    visit: impl Fn(&mut T, u32, &[u32]) + Sync,
) -> (Vec<T>, Vec<u64>) {
    let tasks = (0..blocks.records()).step_by(RECORDS_PER_TASK as usize).collect::<Vec<u32>>();
    let work = |met: &mut Met, first: u32| {
        let mut result = start();
        met.pairs = vec![0; blocks.rules()];
        for rank in first..blocks.records().min(first + RECORDS_PER_TASK) {
            if wanted(rank) {
                met.partners_of(blocks, rank);
                if !met.partners.is_empty() {
                    visit(&mut result, rank, &met.partners);
                }
            }
        }
        (result, std::mem::take(&mut met.pairs))
    };
    let new = || Met { last: vec![u32::MAX; blocks.records() as usize], partners: Vec::new(), pairs: Vec::new() };
    let visited: Vec<(T, Vec<u64>)> = tasks.into_par_iter().map_init(new, work).collect();
    let mut pairs = vec![0; blocks.rules()];
    let mut results = Vec::with_capacity(visited.len());
    for (result, counted) in visited {
        pairs.iter_mut().zip(counted).for_each(|(sum, more)| *sum += more);
        results.push(result);
    }
    (results, pairs)
}

/// Whom a record has met so far.
struct Met {
    /// By rank: the last record that met this one.
    last: Vec<u32>,
    partners: Vec<u32>,
    /// By rule: the pairs that it was the first to propose.
    pairs: Vec<u64>,
}

impl Met {
    fn partners_of(&mut self, blocks: &Blocks, rank: u32) {
        self.partners.clear();
        let mut of_record = blocks.of_record(rank);
        for rule in 0..blocks.rules() {
            let before = self.partners.len();
            let (own, later) = of_record.split_at(of_record.partition_point(|block| *block < blocks.end_of_rule(rule)));
            for &block in own {
                for &partner in blocks.members(block).iter().rev().take_while(|partner| **partner > rank) {
                    if std::mem::replace(&mut self.last[partner as usize], rank) != rank {
                        self.partners.push(partner);
                    }
                }
            }
            self.pairs[rule] += (self.partners.len() - before) as u64;
            of_record = later;
        }
    }
}
