//! The pairs that training looks at: candidates, and random pairs that stand for all others.
//!
//! Candidates alone would tell little of chance; random pairs alone would hold no match. Together, each weighted by how
//! many pairs it stands for, they are the whole product of the records with themselves.

use crate::blocking::{Blocks, visit_candidates};
use crate::comparison::Comparators;
use crate::encoding::mix;
use rayon::prelude::*;
use rustc_hash::FxHashMap;

/// Random pairs that are drawn; where there are fewer pairs at all, each is taken once.
const RANDOM_PAIRS: u64 = 500_000;
/// Candidates that are compared for training, about; more are thinned by a hash of the pair.
const CANDIDATES: u64 = 800_000;
/// Random pairs that one thread draws at a time.
const PAIRS_PER_TASK: u64 = 1 << 14;

/// A comparison vector and how many pairs of all show it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct WeighedPattern {
    /// The packed levels.
    pub pattern: u128,
    /// How many pairs it stands for.
    pub pairs: f64,
    /// Whether its pairs may be matches. Random pairs stand for ten thousands of others, so that one chance likeness
    /// among them would count as many matches; what no rule proposes is taken for strangers or a household.
    pub may_match: bool,
}

/// What was looked at.
#[derive(Debug, Clone, PartialEq)]
pub struct Sample {
    /// Every comparison vector that was seen, in the order of the packed levels.
    pub patterns: Vec<WeighedPattern>,
    /// All pairs of records.
    pub all_pairs: f64,
    /// Candidate pairs in all.
    pub candidates: u64,
    /// Random pairs that were compared.
    pub random_pairs: u64,
}

type PatternCounts = FxHashMap<u128, u64>;

/// Compares candidates and random pairs of some records, by rank ascending; `expected` is about how many candidates
/// there are.
pub fn draw(comparators: &Comparators<'_>, blocks: &Blocks, ranks: &[u32], expected: u64) -> Sample {
    let n = ranks.len() as u64;
    let all_pairs = n * n.saturating_sub(1) / 2;
    let (candidates, random) = match all_pairs <= RANDOM_PAIRS {
        true => (Candidates::default(), every_pair(comparators, ranks)),
        false => (compare_candidates(comparators, blocks, expected), random_pairs(comparators, blocks, ranks)),
    };
    let compared: u64 = random.values().sum();
    let others = (all_pairs as f64 - candidates.all as f64).max(0.0);
    let weight_of_random = others / (compared.max(1)) as f64;
    let weighed = |counts: PatternCounts, weight: f64, may_match: bool| {
        let weigh = move |(pattern, count)| WeighedPattern { pattern, pairs: count as f64 * weight, may_match };
        counts.into_iter().map(weigh)
    };
    let every_pair = all_pairs <= RANDOM_PAIRS;
    let mut patterns: Vec<WeighedPattern> = weighed(candidates.counts, candidates.weight, true)
        .chain(weighed(random, weight_of_random, every_pair))
        .collect();
    patterns.sort_unstable_by_key(|weighed| (weighed.pattern, weighed.may_match));
    Sample { patterns, all_pairs: all_pairs as f64, candidates: candidates.all, random_pairs: compared }
}

#[derive(Debug, Default)]
struct Candidates {
    counts: PatternCounts,
    /// How many there are, as far as the thinned ones tell.
    all: u64,
    /// How many of all each one that was compared stands for.
    weight: f64,
}

/// Compares all candidates of some of the records, drawn by their ranks, which follow from the records alone.
fn compare_candidates(comparators: &Comparators<'_>, blocks: &Blocks, expected: u64) -> Candidates {
    let one_in = expected.div_ceil(CANDIDATES).max(1);
    let (counts, rules) = visit_candidates(
        blocks,
        PatternCounts::default,
        |rank| mix(u64::from(rank), 3).is_multiple_of(one_in),
        |counts, rank, partners| {
            for &partner in partners {
                let levels = comparators.compare(rank, partner);
                *counts.entry(levels.pattern(comparators.count())).or_default() += 1;
            }
        },
    );
    Candidates { counts: merge(counts), all: rules.iter().sum::<u64>() * one_in, weight: one_in as f64 }
}

fn every_pair(comparators: &Comparators<'_>, ranks: &[u32]) -> PatternCounts {
    let counts = ranks
        .par_iter()
        .enumerate()
        .fold(PatternCounts::default, |mut counts, (at, &a)| {
            for &b in &ranks[at + 1..] {
                *counts.entry(comparators.compare(a, b).pattern(comparators.count())).or_default() += 1;
            }
            counts
        })
        .collect();
    merge(counts)
}

fn random_pairs(comparators: &Comparators<'_>, blocks: &Blocks, ranks: &[u32]) -> PatternCounts {
    let n = ranks.len() as u64;
    let tasks = RANDOM_PAIRS.div_ceil(PAIRS_PER_TASK);
    let counts = (0..tasks)
        .into_par_iter()
        .fold(PatternCounts::default, |mut counts, task| {
            for draw in task * PAIRS_PER_TASK..(task + 1) * PAIRS_PER_TASK {
                let (a, b) = (ranks[(mix(draw, 1) % n) as usize], ranks[(mix(draw, 2) % n) as usize]);
                if a != b && !blocks.has_pair(a, b) {
                    let levels = comparators.compare(a.min(b), a.max(b));
                    *counts.entry(levels.pattern(comparators.count())).or_default() += 1;
                }
            }
            counts
        })
        .collect();
    merge(counts)
}

/// Sums of integers: the same however the work was shared.
fn merge(parts: Vec<PatternCounts>) -> PatternCounts {
    let mut parts = parts.into_iter();
    let mut all = parts.next().unwrap_or_default();
    for part in parts {
        for (pattern, count) in part {
            *all.entry(pattern).or_default() += count;
        }
    }
    all
}
