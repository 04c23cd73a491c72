//! The pairs that training looks at: candidates, and random pairs that stand for all others.
//!
//! Candidates alone would tell little of chance; random pairs alone would hold no match. Together, each weighted by how
//! many pairs it stands for, they are the whole product of the records with themselves.

use crate::blocking::{KeyMatrix, Partition, visit_candidates};
use crate::comparison::Comparators;
use crate::encoding::{Encoded, mix};
use crate::model::RuleLimits;
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

/// Compares candidates and random pairs.
pub fn draw(comparators: &Comparators<'_>, matrix: &KeyMatrix, limits: &[RuleLimits], records: &Encoded) -> Sample {
    let n = records.len() as u64;
    let all_pairs = n * n.saturating_sub(1) / 2;
    let count = comparators.count();
    let (candidates, random) = match all_pairs <= RANDOM_PAIRS {
        true => (Candidates::default(), every_pair(comparators, records, count)),
        false => (
            compare_candidates(comparators, matrix, limits, records),
            random_pairs(comparators, matrix, records, count),
        ),
    };
    let compared: u64 = random.values().sum();
    let others = (all_pairs as f64 - candidates.all as f64).max(0.0);
    let weight_of_random = others / (compared.max(1)) as f64;
    let mut pairs: FxHashMap<u128, f64> = FxHashMap::default();
    for (counts, weight) in [(&candidates.counts, candidates.weight), (&random, weight_of_random)] {
        for (pattern, count) in counts {
            *pairs.entry(*pattern).or_default() += *count as f64 * weight;
        }
    }
    let mut patterns: Vec<WeighedPattern> =
        pairs.into_iter().map(|(pattern, pairs)| WeighedPattern { pattern, pairs }).collect();
    patterns.sort_unstable_by_key(|weighed| weighed.pattern);
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

fn compare_candidates(
    comparators: &Comparators<'_>,
    matrix: &KeyMatrix,
    limits: &[RuleLimits],
    records: &Encoded,
) -> Candidates {
    // A pair is drawn by its ranks, which follow from the hashes of the records alone.
    let expected: u64 = limits.iter().map(|limits| limits.pairs).sum();
    let one_in = expected.div_ceil(CANDIDATES).max(1);
    let (counts, rules) = visit_candidates(
        matrix,
        limits,
        records,
        Partition::WHOLE,
        PatternCounts::default,
        |a, b| mix(u64::from(a), u64::from(b)).is_multiple_of(one_in),
        |counts, a, b| {
            *counts.entry(comparators.compare(a, b).pattern(comparators.count())).or_default() += 1;
        },
    );
    Candidates {
        counts: merge(counts),
        all: rules.iter().map(|rule| rule.pairs).sum::<u64>() * one_in,
        weight: one_in as f64,
    }
}

fn every_pair(comparators: &Comparators<'_>, records: &Encoded, count: usize) -> PatternCounts {
    let n = records.len() as u32;
    let counts = (0..n)
        .into_par_iter()
        .fold(PatternCounts::default, |mut counts, a| {
            for b in a + 1..n {
                *counts.entry(comparators.compare(a, b).pattern(count)).or_default() += 1;
            }
            counts
        })
        .collect();
    merge(counts)
}

fn random_pairs(comparators: &Comparators<'_>, matrix: &KeyMatrix, records: &Encoded, count: usize) -> PatternCounts {
    let n = records.len() as u64;
    let tasks = RANDOM_PAIRS.div_ceil(PAIRS_PER_TASK);
    let counts = (0..tasks)
        .into_par_iter()
        .fold(PatternCounts::default, |mut counts, task| {
            for draw in task * PAIRS_PER_TASK..(task + 1) * PAIRS_PER_TASK {
                let (a, b) = ((mix(draw, 1) % n) as u32, (mix(draw, 2) % n) as u32);
                if a != b && matrix.proposed_by(a, b).is_none() {
                    let levels = comparators.compare(a.min(b), a.max(b));
                    *counts.entry(levels.pattern(count)).or_default() += 1;
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
