//! Tamper evidence: a chain of blocks over all rows that are never altered, made when a run ends.
//!
//! | module | what it does |
//! |---|---|
//! | `relation` | which rows become leaves, and what of them |
//! | `json` | one form of bytes for each JSON value |
//! | `salt` | what keeps leaves from being guessed |
//! | `leaf` | rows → leaves → trees, a page at a time |
//! | `uncovered` | which rows no block covers yet |
//! | `block` | the block that a run writes when it ends |
//! | `examine` | the whole chain, made anew from the rows |
//! | `proof` | that one row is in the chain |
//!
//! What it proves and what it cannot is told in `docs/decisions/0018-tamper-evidence.md`.

mod block;
mod examine;
mod json;
mod leaf;
mod proof;
mod relation;
mod salt;
mod uncovered;

pub(crate) use block::cover;
pub use examine::{AuditAccount, AuditFault, AuditFinding};
pub use proof::{ProvedRow, decode_row};
pub use relation::{NOT_AUDITED, audited_columns};
