//! Tamper evidence: a chain of blocks over all rows that are never altered, made when a run ends.
//!
//! | module | what it does |
//! |---|---|
//! | `relation` | which rows become leaves, and what of them |
//! | `json` | one form of bytes for each JSON value |
//! | `salt` | what keeps leaves from being guessed |
//! | `leaf` | rows → leaves → what is kept of them, a page at a time |
//! | `side_by_side` | large spans, read by several sessions |
//! | `ahead` | many small spans that follow each other, read by few statements |
//! | `early` | what is hashed before the run ends |
//! | `location` | which row of a group was altered |
//! | `uncovered` | which rows no block covers yet |
//! | `block` | the block that a run writes when it ends |
//! | `chain` | the blocks as they stand |
//! | `examine` | the whole chain, made anew from the rows |
//! | `finding` | what that found, in words |
//! | `proof` | that one row is in the chain |
//!
//! What it proves and what it cannot is told in `docs/decisions/0018-tamper-evidence.md`.

mod ahead;
mod block;
mod chain;
mod early;
mod examine;
mod finding;
mod json;
mod leaf;
mod location;
mod proof;
mod relation;
mod salt;
mod side_by_side;
mod uncovered;

pub(crate) use block::cover;
pub use early::Early;
pub use finding::{AuditAccount, AuditFault, AuditFinding};
pub use proof::{ProvedRow, decode_row};
pub use relation::{NOT_AUDITED, audited_columns};
