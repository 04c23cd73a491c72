//! How large a block may be, and which keys are larger: learned from all records, then part of the model.

use super::block::{block_pairs, blocks_of, refine};
use super::key::KeyParts;
use crate::model::RuleLimits;
use crate::plan::{BlockingRule, ResolutionPlan};
use rayon::prelude::*;

/// A block of this size is always compared: its records are few enough for their agreement to mean something.
const ALWAYS_COMPARED: u32 = 5;
/// Few records may have more pairs each; that costs nothing.
const PAIRS_MIN: u64 = 800_000;
/// The share of the budget that blocks of unrefined keys may take; the rest is for refined ones.
const UNREFINED_SHARE: (u64, u64) = (3, 4);

/// The limits of every rule for these records, whose sorted keys are given rule by rule.
///
/// A pair in a block of `s` records is one of `s·(s−1)/2`, of which a few times `s` are matches, whatever the rule: what
/// a pair yields depends on the size of its block alone. So all rules have one limit, the largest that the budget pays.
/// Rules that identify are few and their blocks small; they keep the limit of the plan.
pub(super) fn learn(plan: &ResolutionPlan, parts: &KeyParts, keyed: &[Vec<u64>], records: usize) -> Vec<RuleLimits> {
    let budget = (u64::from(plan.pairs_per_record) * records as u64).max(PAIRS_MIN);
    let sizes = keyed.par_iter().map(|keyed| BlockSizes::of(keyed, plan.block_limit));
    let sizes: Vec<BlockSizes> = sizes.collect();
    let limit = affordable(&plan.rules, &sizes, plan.block_limit, budget / UNREFINED_SHARE.1 * UNREFINED_SHARE.0);
    let learn = |(rule, keyed): (&BlockingRule, &Vec<u64>)| {
        let limit = if rule.is_identifying() { plan.block_limit } else { limit };
        learn_rule(rule, limit, parts, keyed)
    };
    plan.rules.par_iter().zip(keyed).map(learn).collect()
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

fn learn_rule(rule: &BlockingRule, limit: u32, parts: &KeyParts, keyed: &[u64]) -> RuleLimits {
    let mut limits = RuleLimits { limit, pairs: 0, oversized: Vec::new() };
    let mut rest = keyed.to_vec();
    for part in rule.refinements.iter().map(Some).chain([None]) {
        limits.pairs +=
            blocks_of(&rest).filter(|block| block.len() <= limit as usize).map(|b| block_pairs(b.len())).sum::<u64>();
        let oversized = blocks_of(&rest).filter(|block| block.len() > limit as usize);
        let (keys, records): (Vec<u32>, Vec<&[u64]>) = oversized.map(|block| ((block[0] >> 32) as u32, block)).unzip();
        if keys.is_empty() {
            break;
        }
        limits.oversized.push(keys);
        let Some(part) = part else {
            break;
        };
        rest = refine(parts, *part, &records.concat()).0;
    }
    limits
}
