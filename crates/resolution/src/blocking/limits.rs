//! How large a block may be, and which keys are larger: learned from all records, then part of the model.

use super::key::{KeyMaker, NO_KEY};
use crate::model::RuleLimits;
use crate::plan::{BlockingRule, ResolutionPlan};
use rayon::prelude::*;

/// No rule may take more than this share of the pair budget.
const SHARE_OF_BUDGET: u64 = 16;
/// A block of this size is always compared: its records are few enough for their agreement to mean something.
const ALWAYS_COMPARED: u32 = 5;
/// Few records may have more pairs each; that costs nothing.
const PAIRS_MIN: u64 = 800_000;

/// The limits of every rule for these records.
pub fn learn_limits(plan: &ResolutionPlan, maker: &KeyMaker<'_>, records: usize) -> Vec<RuleLimits> {
    let budget = (u64::from(plan.pairs_per_record) * records as u64).max(PAIRS_MIN);
    learn_for_rules(&plan.rules, plan.block_limit, budget / SHARE_OF_BUDGET, maker, records)
}

/// The limits of rules that may have `quota` pairs each.
pub(super) fn learn_for_rules(
    rules: &[BlockingRule],
    block_limit: u32,
    quota: u64,
    maker: &KeyMaker<'_>,
    records: usize,
) -> Vec<RuleLimits> {
    let learn = |rule| learn_rule(rule, block_limit, quota, maker, records);
    rules.iter().map(learn).collect()
}

fn learn_rule(rule: &BlockingRule, block_limit: u32, quota: u64, maker: &KeyMaker<'_>, records: usize) -> RuleLimits {
    let mut keyed = all_keys(rule, maker, records);
    let limit = affordable(&keyed, block_limit, quota);
    let mut limits = RuleLimits { limit, pairs: pairs_within(&keyed, limit), oversized: Vec::new() };
    for part in rule.refinements.iter().map(Some).chain([None]) {
        let (oversized, rest) = oversized(&keyed, limit);
        if oversized.is_empty() {
            break;
        }
        limits.oversized.push(oversized);
        let Some(part) = part else {
            break;
        };
        keyed = rest
            .into_par_iter()
            .map(|(key, rank)| (maker.refine(*part, rank, key), rank))
            .filter(|(key, _)| *key != NO_KEY)
            .collect();
        keyed.par_sort_unstable();
        limits.pairs += pairs_within(&keyed, limit);
    }
    limits
}

/// All keys of all records under a rule, by key.
fn all_keys(rule: &BlockingRule, maker: &KeyMaker<'_>, records: usize) -> Vec<(u32, u32)> {
    let width = rule.keys_max();
    let mut keyed: Vec<(u32, u32)> = (0..records as u32)
        .into_par_iter()
        .flat_map_iter(|rank| {
            let mut keys = [NO_KEY; 8];
            let count = maker.keys(rule, rank, &mut keys[..width.min(8)]);
            keys.into_iter().take(count).map(move |key| (key, rank))
        })
        .collect();
    keyed.par_sort_unstable();
    keyed
}

/// The largest block size at which all blocks up to it have no more pairs than the quota.
fn affordable(keyed: &[(u32, u32)], block_limit: u32, quota: u64) -> u32 {
    let mut blocks_of_size = vec![0u64; block_limit as usize + 1];
    for block in keyed.chunk_by(|a, b| a.0 == b.0) {
        if let Some(blocks) = blocks_of_size.get_mut(block.len()) {
            *blocks += 1;
        }
    }
    let mut pairs = 0;
    for (size, blocks) in blocks_of_size.iter().enumerate().skip(2) {
        pairs += blocks * (size as u64 * (size as u64 - 1) / 2);
        if pairs > quota && size as u32 > ALWAYS_COMPARED {
            return size as u32 - 1;
        }
    }
    block_limit
}

/// Pairs inside the blocks up to the limit.
fn pairs_within(keyed: &[(u32, u32)], limit: u32) -> u64 {
    let blocks = keyed.chunk_by(|a, b| a.0 == b.0).map(|block| block.len() as u64);
    blocks.filter(|size| *size <= u64::from(limit)).map(|size| size * (size - 1) / 2).sum()
}

/// The keys of blocks over the limit, and the records in them.
fn oversized(keyed: &[(u32, u32)], limit: u32) -> (Vec<u32>, Vec<(u32, u32)>) {
    let mut keys = Vec::new();
    let mut records = Vec::new();
    for block in keyed.chunk_by(|a, b| a.0 == b.0) {
        if block.len() > limit as usize {
            keys.push(block[0].0);
            records.extend_from_slice(block);
        }
    }
    (keys, records)
}
