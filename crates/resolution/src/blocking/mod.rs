//! Records → candidate pairs.
//!
//! Every rule gives a record some keys ([`key`]); records with a common key form a block ([`block`], [`divide`]). Where
//! training finds that too many share a key, it must be shared with a further part of it ([`limits`]); what is too large
//! all the same is halved ([`halving`]). Pairs inside a block are candidates ([`candidates`]): whether two records are one
//! follows from the two, the model, and how often their blocks are halved. A pair belongs to the first rule that proposes
//! it.

mod block;
mod candidates;
mod divide;
mod halving;
mod key;
mod limits;
mod membership;
mod radix;
mod sieve;
#[cfg(test)]
mod tests;

pub use block::Blocks;
pub use candidates::visit_candidates;
pub(crate) use divide::{Divided, with_rank};
pub(crate) use halving::Halving;
pub use halving::{Halvings, SCATTERED, part_of, rule_of, times_halved};
pub use key::KeyParts;
pub use limits::{ALWAYS_COMPARED, pairs_allowed};
pub(crate) use membership::Memberships;
pub(crate) use radix::sort_by_upper_half;

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
    /// Records whose keys all belong to blocks that the rule leaves out, since they stay too large; not counted for a rule
    /// that only looks for a rare value.
    pub cut_records: u64,
    /// Pairs left out of blocks that are halved.
    pub cut_pairs: u64,
}
