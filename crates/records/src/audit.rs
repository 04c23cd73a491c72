//! The audit chain: for each run a block that stands for all rows which no block before it stands for.
//!
//! A block covers *spans*: ids of one relation, from the first to the last, each with the tree over its rows. The leaves of
//! the block's own tree are its spans; the block's hash is over its root and the hash of the block before. How a row
//! becomes a leaf is told in `docs/decisions/0018-tamper-evidence.md`.

use crate::merkle::TreeHash;
use serde::{Deserialize, Serialize};

/// The version of everything that is hashed: rows, spans, blocks.
pub const AUDIT_FORMAT: u8 = 1;

/// Rows of a relation that a block stands for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditSpan {
    /// The relation: a table, or what happens to the rows of one.
    pub relation: String,
    /// The first id; each id up to the last has a leaf, which is empty where there is no row.
    pub first: i64,
    /// The last id.
    pub last: i64,
    /// The root of the tree over the rows.
    pub root: TreeHash,
}

impl AuditSpan {
    /// How many leaves its tree has.
    pub fn leaves(&self) -> u64 {
        self.last.abs_diff(self.first).saturating_add(1)
    }

    /// The leaf by which it stands in the tree of its block.
    pub fn leaf(&self) -> TreeHash {
        let length = (self.relation.len() as u32).to_be_bytes();
        let (first, last) = (self.first.to_be_bytes(), self.last.to_be_bytes());
        TreeHash::leaf(&[&length, self.relation.as_bytes(), &first, &last, &self.root.0].concat())
    }
}

/// A block without its spans: what its hash is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditBlock {
    /// The version of what is hashed.
    pub format: u8,
    /// Its number, dense from 1.
    pub block: i64,
    /// The run that wrote it when it ended.
    pub run: i64,
    /// How many leaves the trees of its spans have.
    pub leaves: i64,
    /// The root of the tree over its spans.
    pub root: TreeHash,
    /// The hash of the block before; zeros for the first one.
    pub previous: TreeHash,
}

impl AuditBlock {
    /// The hash by which the next block names it, and which is to be kept elsewhere.
    pub fn hash(&self) -> TreeHash {
        let numbers = [self.block, self.run, self.leaves].map(i64::to_be_bytes).concat();
        TreeHash::of(&[b"vinculo audit block", &[self.format], &numbers, &self.root.0, &self.previous.0])
    }
}

/// A block, and the hash that was kept of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditHead {
    /// The block's number.
    pub block: i64,
    /// Its hash.
    pub hash: TreeHash,
}

#[cfg(test)]
mod tests {
    use super::*;

    const BLOCK: AuditBlock = AuditBlock {
        format: AUDIT_FORMAT,
        block: 2,
        run: 3,
        leaves: 4,
        root: TreeHash([5; 32]),
        previous: TreeHash([6; 32]),
    };

    #[test]
    fn a_block_has_another_hash_whatever_of_it_is_changed() {
        let changed = [
            AuditBlock { format: 2, ..BLOCK },
            AuditBlock { block: 3, ..BLOCK },
            AuditBlock { run: 4, ..BLOCK },
            AuditBlock { leaves: 5, ..BLOCK },
            AuditBlock { root: TreeHash::NONE, ..BLOCK },
            AuditBlock { previous: TreeHash::NONE, ..BLOCK },
        ];
        for other in changed {
            assert_ne!(other.hash(), BLOCK.hash(), "{other:?}");
        }
    }

    #[test]
    fn a_span_has_another_leaf_whatever_of_it_is_changed() {
        let span = AuditSpan { relation: "vinculo.run".into(), first: 1, last: 2, root: TreeHash::NONE };
        let changed = [
            AuditSpan { relation: "vinculo.model".into(), ..span.clone() },
            AuditSpan { first: 0, ..span.clone() },
            AuditSpan { last: 3, ..span.clone() },
            AuditSpan { root: TreeHash([1; 32]), ..span.clone() },
        ];
        for other in changed {
            assert_ne!(other.leaf(), span.leaf(), "{other:?}");
        }
    }
}
