//! What training freezes. Weights are integers, so that sums are exact on every machine.

use crate::blocking::rule_of;
use crate::comparison::{Comparison, FrequencyTable};
use crate::organization::OrganizationModel;
use crate::packed_list;
use serde::{Deserialize, Serialize};
use std::cmp::Ordering;
use vinculo_records::hash::ContentHasher;
use vinculo_records::{ContentHash, Kind};

/// Thousandths of a bit in a bit.
pub const BIT: f64 = 1000.0;

/// All that turns levels into weights and records into blocking keys, frozen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Model {
    /// Person or organization.
    pub kind: Kind,
    /// How many records it was trained on.
    pub records: u64,
    /// The odds before any comparison.
    pub prior: Prior,
    /// The weights of each comparison of the plan, in the plan's order.
    pub weights: Vec<ComparisonWeights>,
    /// How common values are.
    pub frequencies: Vec<FrequencyTable>,
    /// The block limit and the oversized keys of each blocking rule, in the plan's order.
    pub blocks: Vec<RuleLimits>,
    /// What organizations are resolved by, in place of all the others.
    pub organizations: Option<OrganizationModel>,
}

/// Base-2 logarithms of odds, in thousandths of a bit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Prior {
    /// A match against two strangers.
    pub against_chance: i32,
    /// A match against two people of one household.
    pub against_household: i32,
}

/// The weights of one comparison.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ComparisonWeights {
    /// What is compared.
    pub comparison: Comparison,
    /// The levels from 1 on; level 0, a missing value, weighs nothing.
    pub levels: Vec<LevelWeights>,
}

/// Base-2 logarithms of the probability of a level, in thousandths of a bit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct LevelWeights {
    /// Among matches.
    pub m: i32,
    /// Among strangers.
    pub u: i32,
    /// Among people of one household; where values are weighed by their frequency, at least that frequency.
    pub household: i32,
}

/// What a model knows of the blocks of one rule.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleLimits {
    /// The largest block that is compared.
    pub limit: u32,
    /// Pairs inside all blocks up to the limit, in the records of the training.
    pub pairs: u64,
    /// The keys of blocks that are larger, sorted: those of the rule itself, then those of each refinement. A telling
    /// rule leaves none out after the last one; it halves their blocks.
    #[serde(with = "packed_list")]
    pub oversized: Vec<Vec<u32>>,
}

impl RuleLimits {
    /// Whether a key of this many refinements has an oversized block.
    pub fn is_oversized(&self, refinements: usize, key: u32) -> bool {
        self.oversized.get(refinements).is_some_and(|keys| holds(keys, key))
    }
}

/// Steps after which the place of a key is looked for by halves.
const STEPS_MAX: usize = 64;

/// Whether these ascending keys hold one. Keys are hashes and lie evenly, so that each is near the place that its value
/// has among all values: some steps from there read two or three cells of memory, halving a large list reads a dozen.
fn holds(keys: &[u32], key: u32) -> bool {
    let place = |distance: i64| (distance * keys.len() as i64) >> u32::BITS;
    let Some(last) = keys.len().checked_sub(1) else { return false };
    let mut at = place(i64::from(key));
    for _ in 0..3 {
        at = (at + place(i64::from(key) - i64::from(keys[at as usize]))).clamp(0, last as i64);
    }
    let mut at = at as usize;
    for _ in 0..STEPS_MAX {
        match keys[at].cmp(&key) {
            Ordering::Equal => return true,
            Ordering::Less if at < last && keys[at + 1] <= key => at += 1,
            Ordering::Greater if at > 0 && keys[at - 1] >= key => at -= 1,
            _ => return false,
        }
    }
    keys.binary_search(&key).is_ok()
}

impl Model {
    /// How many records a block may have before it is halved.
    pub fn block_limit(&self, block: u64) -> u32 {
        match &self.organizations {
            Some(organizations) => organizations.blocks.limit,
            None => self.blocks.get(rule_of(block)).map_or(u32::MAX, |limits| limits.limit),
        }
    }

    /// The name of the model by its content: equal digests give equal answers under equal plans.
    pub fn digest(&self) -> ContentHash {
        // A model is plain data with text keys; writing it to memory cannot fail.
        let bytes = serde_json::to_vec(self).unwrap_or_default();
        ContentHasher::new().part(&bytes).finish()
    }
}

/// A probability as a base-2 logarithm in thousandths of a bit.
pub fn log_weight(probability: f64) -> i32 {
    (probability.max(1e-12).log2() * BIT).round() as i32
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    proptest! {
        #[test]
        fn a_key_is_found_wherever_it_lies(
            even in prop::collection::btree_set(any::<u32>(), 0..300),
            crowded in prop::collection::btree_set(7_000_u32..7_400, 0..300),
            asked in any::<u32>(),
        ) {
            let keys: BTreeSet<u32> = even.into_iter().chain(crowded).collect();
            let sorted: Vec<u32> = keys.iter().copied().collect();
            let near = keys.iter().flat_map(|key| [key.saturating_sub(1), *key, key.saturating_add(1)]);
            for key in near.chain([0, asked, u32::MAX]) {
                prop_assert_eq!(holds(&sorted, key), keys.contains(&key));
            }
        }
    }
}
