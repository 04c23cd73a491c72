//! How large a block may be, and which keys are larger: learned from all records, then part of the model.

use super::divide::{block_pairs, blocks_of, refine};
use super::halving::{SCATTERED, times_halved};
use super::key::KeyParts;
use crate::model::RuleLimits;
use crate::plan::{BlockingRule, ResolutionPlan};
use rayon::prelude::*;
use vinculo_records::Kind;

/// A block of this size is always compared: its records are few enough for their agreement to mean something.
pub const ALWAYS_COMPARED: u32 = 5;
/// Of so many times the pairs that there may be, a sample tells which rules' large blocks are worth their pairs; a pair
/// counts once for each rule that proposes it.
const EXPLORED: u64 = 6;
/// Few records may have more pairs each, up to a bound; that costs nothing.
const PAIRS_MIN: u64 = 800_000;
const FEW_PAIRS_PER_RECORD: u64 = 30;
/// The share of the budget that blocks of unrefined keys may take; the rest is for refined ones.
const UNREFINED_SHARE: (u64, u64) = (3, 4);

/// How many candidate pairs these records may have.
pub fn pairs_allowed(plan: &ResolutionPlan, records: usize) -> u64 {
    let few = if plan.pairs_per_record.is_none() { PAIRS_MIN.min(FEW_PAIRS_PER_RECORD * records as u64) } else { 0 };
    pairs_of_many(plan, records).max(few)
}

/// How many they may have if they are many, by the plan or as its kind of records needs.
fn pairs_of_many(plan: &ResolutionPlan, records: usize) -> u64 {
    let of_kind = match plan.kind {
        Kind::Person => 8,
        Kind::Organization => 16,
    };
    u64::from(plan.pairs_per_record.unwrap_or(of_kind)) * records as u64
}

/// The limit of every rule for records whose sorted keys are given rule by rule, before anything is known of what a rule
/// yields: one for all, so large that there are several times as many pairs as there may be in the end. Rules that
/// identify are few and their blocks small; they begin with the limit of the plan.
pub(super) fn to_explore(plan: &ResolutionPlan, keyed: &[Vec<u64>], records: usize) -> Vec<u32> {
    let budget = (EXPLORED * pairs_of_many(plan, records)).max(PAIRS_MIN);
    let sizes = keyed.par_iter().map(|keyed| BlockSizes::of(keyed, plan.block_limit));
    let sizes: Vec<BlockSizes> = sizes.collect();
    let limit = affordable(&plan.rules, &sizes, plan.block_limit, budget / UNREFINED_SHARE.1 * UNREFINED_SHARE.0);
    plan.rules.iter().map(|rule| if rule.is_identifying() { plan.block_limit } else { limit }).collect()
}

/// How many blocks of a rule have each size.
struct BlockSizes(Vec<u64>);

impl BlockSizes {
    fn of(keyed: &[u64], block_limit: u32) -> Self {
        let mut blocks = vec![0; block_limit as usize + 1];
        for block in blocks_of(keyed) {
            if let Some(blocks) = blocks.get_mut(block.len()) {
                *blocks += 1;
            }
        }
        Self(blocks)
    }

    /// Pairs in all blocks of one size.
    fn pairs(&self, size: usize) -> u64 {
        self.0[size] * block_pairs(size)
    }
}

/// The largest block size at which the blocks up to it have no more pairs than the budget.
fn affordable(rules: &[BlockingRule], sizes: &[BlockSizes], block_limit: u32, budget: u64) -> u32 {
    let identifying = |(rule, sizes): (&BlockingRule, &BlockSizes)| match rule.is_identifying() {
        true => (2..sizes.0.len()).map(|size| sizes.pairs(size)).sum(),
        false => 0,
    };
    let mut pairs: u64 = rules.iter().zip(sizes).map(identifying).sum();
    for size in 2..=block_limit as usize {
        let of_size = rules.iter().zip(sizes).filter(|(rule, _)| !rule.is_identifying());
        pairs += of_size.map(|(_, sizes)| sizes.pairs(size)).sum::<u64>();
        if pairs > budget && size as u32 > ALWAYS_COMPARED {
            return size as u32 - 1;
        }
    }
    block_limit
}

/// What is to be known of the blocks of a rule under a limit; and its oversized keys, refined once, refined twice …
pub(super) fn learn(rule: &BlockingRule, limit: u32, parts: &KeyParts, keyed: &[u64]) -> (RuleLimits, Vec<Vec<u64>>) {
    let mut limits = RuleLimits { limit, pairs: 0, oversized: Vec::new() };
    let mut refined: Vec<Vec<u64>> = Vec::new();
    for part in rule.refinements.iter().map(Some).chain([None]) {
        let is_halved = part.is_none() && rule.is_telling();
        let (mut keys, mut oversized) = (Vec::new(), Vec::new());
        for block in blocks_of(refined.last().map_or(keyed, |refined| refined)) {
            if is_halved || block.len() <= limit as usize {
                limits.pairs += pairs_in_parts(limit, block.len());
            } else {
                keys.push((block[0] >> 32) as u32);
                oversized.extend_from_slice(if part.is_some() { block } else { &[] });
            }
        }
        if keys.is_empty() {
            break;
        }
        limits.oversized.push(keys);
        if let Some(part) = part {
            refined.push(refine(parts, *part, oversized));
        }
    }
    (limits, refined)
}

/// About how many pairs a block has, once it is halved until its parts keep the limit.
fn pairs_in_parts(limit: u32, size: usize) -> u64 {
    match times_halved(limit, size) {
        SCATTERED => 0,
        times => (1 << times) * block_pairs(size.div_ceil(1 << times)),
    }
}
