//! What an examination of the chain found, in words.

use serde::Serialize;
use std::fmt;
use vinculo_records::AuditHead;

/// What does not hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum AuditFault {
    /// A block is not there, though a later one is.
    BlockMissing,
    /// A block does not name the hash of the block before it.
    ChainBroken,
    /// A block's hash is not that of its content.
    BlockAltered,
    /// The spans of a block are not those that its root stands for.
    SpansAltered,
    /// Rows are not those that their span stands for.
    RowsAltered,
    /// Rows stand where they never were covered, though what they belong to is.
    RowsAdded,
    /// No block of the chain has the hash that was kept elsewhere.
    HashUnknown,
}

/// Something that does not hold, and where.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AuditFinding {
    /// What does not hold.
    pub fault: AuditFault,
    /// The block, where it is of one.
    pub block: Option<i64>,
    /// The relation, where rows are concerned: a table, or what happens to the rows of one.
    pub relation: Option<&'static str>,
    /// The first and the last id among which they are.
    pub ids: Option<(i64, i64)>,
}

/// What examining the chain found.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct AuditAccount {
    /// How many blocks there are.
    pub blocks: u64,
    /// How many leaves they have.
    pub leaves: u64,
    /// The last block.
    pub head: Option<AuditHead>,
    /// The block that has the hash which was kept elsewhere.
    pub kept: Option<i64>,
    /// Rows that no block covers yet: of a run that is at work or was killed, of a delivery that is open.
    pub uncovered: u64,
    /// What does not hold, in the order of the chain; at most twenty.
    pub findings: Vec<AuditFinding>,
}

impl AuditFault {
    fn in_words(self) -> &'static str {
        match self {
            Self::BlockMissing => "it is missing, though a later one is there",
            Self::ChainBroken => "it does not follow the block before it",
            Self::BlockAltered => "its hash is not that of its content",
            Self::SpansAltered => "what it covers was altered",
            Self::RowsAltered => "rows were altered, deleted or inserted",
            Self::RowsAdded => "rows were inserted beside the chain",
            Self::HashUnknown => "no block has the hash that was kept: the chain was cut or made anew",
        }
    }
}

impl fmt::Display for AuditFinding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(block) = self.block {
            write!(f, "block {block}: ")?;
        }
        f.write_str(self.fault.in_words())?;
        if let Some(relation) = self.relation {
            write!(f, ", in {relation}")?;
        }
        match self.ids {
            Some((first, last)) if first == last => write!(f, ", id {first}"),
            Some((first, last)) => write!(f, ", ids {first} to {last}"),
            None => Ok(()),
        }
    }
}
