//! What the engine decided about two records.

use crate::RecordHash;
use serde::{Deserialize, Serialize};

/// What was decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
pub enum DecisionKind {
    /// The pair joined two groups of records into one.
    Join = 1,
    /// The pair would have joined them, and a constraint refused it.
    Conflict = 2,
    /// Too likely to drop, not likely enough to join: for review.
    PossibleMatch = 3,
}

impl DecisionKind {
    /// The kind's name in Postgres.
    pub fn name(self) -> &'static str {
        match self {
            Self::Join => "join",
            Self::Conflict => "conflict",
            Self::PossibleMatch => "possible_match",
        }
    }
}

/// A decision about two records and the evidence for it; it holds levels and weights, never values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// What was decided.
    pub kind: DecisionKind,
    /// The record with the lesser hash.
    pub left: RecordHash,
    /// The record with the greater hash.
    pub right: RecordHash,
    /// The match weight of the pair, in thousandths of a bit.
    pub weight: i32,
    /// The level that each comparison of the plan reached, in the plan's order.
    pub levels: Vec<u8>,
    /// Why a conflict was refused, or `judged_same` for a join that a person judged: a word from the engine's closed list;
    /// empty where weights decided.
    pub reason: &'static str,
}
