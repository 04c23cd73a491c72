//! What training freezes. Weights are integers, so that sums are exact on every machine.

use crate::blocking::rule_of;
use crate::comparison::{Comparison, FrequencyTable};
use crate::hash_list;
use crate::organization::OrganizationModel;
use crate::packed_list;
use serde::{Deserialize, Serialize};
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
        self.oversized.get(refinements).is_some_and(|keys| hash_list::holds(keys, key))
    }
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
