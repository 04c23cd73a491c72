//! Blocks → candidate pairs, record by record.

use super::block::Blocks;
use rayon::prelude::*;

/// Records that one thread takes at a time.
const RECORDS_PER_TASK: u32 = 1 << 13;
/// Into how many pieces the work of each thread falls: what the last one has left when the others are done is small.
const PIECES_PER_THREAD: usize = 16;

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
    let new = || Met { last: vec![u32::MAX; blocks.records() as usize], ..Met::default() };
    let piece = tasks.len().div_ceil(PIECES_PER_THREAD * rayon::current_num_threads());
    let visited: Vec<(T, Vec<u64>)> = tasks.into_par_iter().with_max_len(piece).map_init(new, work).collect();
    let mut pairs = vec![0; blocks.rules()];
    let mut results = Vec::with_capacity(visited.len());
    for (result, counted) in visited {
        pairs.iter_mut().zip(counted).for_each(|(sum, more)| *sum += more);
        results.push(result);
    }
    (results, pairs)
}

/// Whom a record has met so far.
#[derive(Default)]
struct Met {
    /// By rank: the last record that met this one.
    last: Vec<u32>,
    partners: Vec<u32>,
    /// Partners that may come several times, and where those of each block end.
    proposed: Vec<u32>,
    ends: Vec<(u32, usize)>,
    /// By rule: the pairs that it was the first to propose.
    pairs: Vec<u64>,
}

impl Met {
    fn partners_of(&mut self, blocks: &Blocks, rank: u32) {
        // The blocks are read before it is asked who is new: reads that do not wait for each other go faster.
        self.proposed.clear();
        self.ends.clear();
        for block in blocks.with_greater(rank) {
            self.proposed.extend_from_slice(blocks.above(block, rank));
            self.ends.push((block, self.proposed.len()));
        }
        self.partners.clear();
        let (mut from, mut rule) = (0, 0);
        for &(block, end) in &self.ends {
            while block >= blocks.end_of_rule(rule) {
                rule += 1;
            }
            let before = self.partners.len();
            for &partner in &self.proposed[from..end] {
                if std::mem::replace(&mut self.last[partner as usize], rank) != rank {
                    self.partners.push(partner);
                }
            }
            self.pairs[rule] += (self.partners.len() - before) as u64;
            from = end;
        }
    }
}
