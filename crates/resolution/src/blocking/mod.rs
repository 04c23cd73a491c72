//! Records → candidate pairs.
//!
//! Every rule gives a record some keys ([`key`]); records with a common key form a block ([`block`]), refined where it is
//! too large ([`limits`]); pairs inside a block are candidates ([`candidates`]). A pair belongs to the first rule that
//! proposes it.

mod block;
mod candidates;
mod key;
mod limits;
mod radix;
#[cfg(test)]
mod tests;

pub use block::Blocks;
pub use candidates::visit_candidates;
pub use key::KeyParts;
pub use limits::{ALWAYS_COMPARED, pairs_allowed};

use serde::{Deserialize, Serialize};

/// What one rule proposed, and what was cut.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleReport {
    /// The rule's name.
    pub rule: String,
    /// Pairs that it was the first to propose.
    pub pairs: u64,
    /// The largest block that is compared pair by pair.
    pub block_limit: u32,
    /// Keys whose blocks were too large and had to agree on more.
    pub oversized_keys: u64,
    /// Keys whose blocks were left out whole, since the pair budget was spent.
    pub cut_keys: u64,
    /// Records that the rule does not compare pair by pair, since their blocks stay too large, or are beyond the budget,
    /// or they lack what refines them. An identifying rule still compares each with its next neighbors.
    pub cut_records: u64,
    /// Pairs left out of blocks of which only neighbors are compared.
    pub cut_pairs: u64,
}
