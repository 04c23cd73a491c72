//! The pairs that training looks at: candidates, neighbors, and random pairs that stand for all others.
//!
//! Candidates alone would tell little of chance; random pairs alone would hold no match. Together, each weighted by how
//! many pairs it stands for, they are the whole product of the records with themselves.

use super::neighbors::Neighbors;
use super::yields::Proposals;
use crate::blocking::{Blocks, visit_candidates};
use crate::comparison::Comparators;
use crate::encoding::mix;
use rayon::prelude::*;
use rustc_hash::FxHashMap;

/// Where there are no more pairs at all, each is taken once.
const EVERY_PAIR_MAX: u64 = 500_000;
/// Random pairs that are drawn.
const RANDOM_PAIRS: u64 = 500_000;
/// Pairs of neighbors that are drawn.
const NEIGHBOR_PAIRS: u64 = 200_000;
/// Candidates that are compared for training, about; more are thinned by a hash of the pair.
const CANDIDATES: u64 = 800_000;
/// Random pairs that one thread draws at a time.
const PAIRS_PER_TASK: usize = 1 << 14;
/// Records that are read together, before they are compared.
const FETCHED: usize = 16;

/// A comparison vector and how many pairs of all show it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct WeighedPattern {
    /// The packed levels.
    pub pattern: u128,
    /// How many pairs it stands for.
    pub pairs: f64,
    /// Where its pairs come from.
    pub origin: Origin,
}

/// Where a pair of the sample comes from, which bounds what it may be. Random pairs stand for up to a million others each,
/// so that one chance likeness among them would count as that many matches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Origin {
    /// A rule proposes it: it may be anything.
    Rule,
    /// Nothing but family name and city are shared: it may be a household's.
    Neighbors,
    /// Drawn from all others: strangers, or a household whose name or city is not known.
    Chance,
}

/// What was looked at.
#[derive(Debug)]
pub struct Sample {
    /// Every comparison vector that was seen, in the order of the packed levels.
    pub patterns: Vec<WeighedPattern>,
    /// All pairs of records.
    pub all_pairs: f64,
    /// Candidate pairs in all.
    pub candidates: u64,
    /// Random pairs that were compared.
    pub random_pairs: u64,
    /// What the compared candidates were proposed by; nothing where every pair was compared.
    pub proposals: Proposals,
}

type PatternCounts = FxHashMap<u128, u64>;

/// Compares candidates, neighbors and random pairs of some records, by rank ascending; `expected` is about how many
/// candidates there are.
pub fn draw(
    comparators: &Comparators<'_>,
    blocks: &Blocks,
    neighbors: &Neighbors,
    ranks: &[u32],
    expected: u64,
) -> Sample {
    let n = ranks.len() as u64;
    let all_pairs = n * n.saturating_sub(1) / 2;
    let mut sample = Sample {
        patterns: Vec::new(),
        all_pairs: all_pairs as f64,
        candidates: 0,
        random_pairs: 0,
        proposals: Proposals::default(),
    };
    if all_pairs <= EVERY_PAIR_MAX {
        let counts = every_pair(comparators, ranks);
        sample.random_pairs = counts.values().sum();
        sample.add(&counts, sample.random_pairs as f64, Origin::Rule);
    } else {
        let candidates = compare_candidates(comparators, blocks, expected);
        sample.add(&candidates.counts, candidates.all as f64, Origin::Rule);
        (sample.candidates, sample.proposals) = (candidates.all, candidates.proposals);
        let is_new = |a: u32, b: u32| a != b && !blocks.has_pair(a, b);
        let near = match neighbors.pairs() {
            0 => PatternCounts::default(),
            _ => compare_draws(comparators, blocks, NEIGHBOR_PAIRS, |draw| neighbors.draw(draw), is_new),
        };
        // Of so many draws, some were candidates.
        let near_share = near.values().sum::<u64>() as f64 / NEIGHBOR_PAIRS as f64;
        let near_pairs = near_share * neighbors.pairs() as f64;
        sample.add(&near, near_pairs, Origin::Neighbors);
        let any = |draw| {
            let (a, b) = (ranks[(mix(draw, 1) % n) as usize], ranks[(mix(draw, 2) % n) as usize]);
            (a.min(b), a.max(b))
        };
        let is_other = |a, b| !neighbors.has_pair(a, b) && is_new(a, b);
        let random = compare_draws(comparators, blocks, RANDOM_PAIRS, any, is_other);
        sample.random_pairs = random.values().sum();
        let others = (all_pairs as f64 - candidates.all as f64 - near_pairs).max(0.0);
        sample.add(&random, others, Origin::Chance);
    }
    sample.patterns.sort_unstable_by_key(|weighed| (weighed.pattern, weighed.origin));
    sample
}

impl Sample {
    /// Adds counts that stand for so many pairs together.
    fn add(&mut self, counts: &PatternCounts, pairs: f64, origin: Origin) {
        let weight = pairs / counts.values().sum::<u64>().max(1) as f64;
        let weigh =
            |(&pattern, &count): (&u128, &u64)| WeighedPattern { pattern, pairs: count as f64 * weight, origin };
        self.patterns.extend(counts.iter().map(weigh));
    }
}

#[derive(Debug, Default)]
struct Candidates {
    counts: PatternCounts,
    proposals: Proposals,
    /// How many there are, as far as the thinned ones tell.
    all: u64,
}

/// Compares all candidates of some of the records, drawn by their ranks, which follow from the records alone.
fn compare_candidates(comparators: &Comparators<'_>, blocks: &Blocks, expected: u64) -> Candidates {
    let one_in = expected.div_ceil(CANDIDATES).max(1);
    let (found, rules) = visit_candidates(
        blocks,
        <(PatternCounts, Proposals)>::default,
        |rank| mix(u64::from(rank), 3).is_multiple_of(one_in),
        |(counts, proposals), rank, partners| {
            for some in partners.chunks(FETCHED) {
                comparators.fetch(some.iter().copied());
                blocks.fetch(some.iter().copied());
                for &partner in some {
                    let pattern = comparators.compare(rank, partner).pattern(comparators.count());
                    *counts.entry(pattern).or_default() += 1;
                    proposals.add(blocks, rank, partner, pattern);
                }
            }
        },
    );
    let mut proposals = Proposals::default();
    found.iter().for_each(|(_, more)| proposals.append(more));
    let counts = merge(found.into_iter().map(|(counts, _)| counts).collect());
    Candidates { counts, proposals, all: rules.iter().sum::<u64>() * one_in }
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

/// Compares those of so many drawn pairs that are wanted.
///
/// They are compared in the order of their ranks: records that stand side by side in memory follow each other.
fn compare_draws(
    comparators: &Comparators<'_>,
    blocks: &Blocks,
    draws: u64,
    pair: impl Fn(u64) -> (u32, u32) + Sync,
    is_wanted: impl Fn(u32, u32) -> bool + Sync,
) -> PatternCounts {
    let mut pairs: Vec<(u32, u32)> = (0..draws as usize).into_par_iter().map(|draw| pair(draw as u64)).collect();
    pairs.par_sort_unstable();
    let counts = pairs
        .par_chunks(PAIRS_PER_TASK)
        .fold(PatternCounts::default, |mut counts, pairs| {
            for some in pairs.chunks(FETCHED) {
                comparators.fetch(some.iter().map(|(_, b)| *b));
                blocks.fetch(some.iter().map(|(_, b)| *b));
                for &(a, b) in some.iter().filter(|(a, b)| is_wanted(*a, *b)) {
                    *counts.entry(comparators.compare(a, b).pattern(comparators.count())).or_default() += 1;
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
