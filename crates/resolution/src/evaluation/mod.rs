//! How good clusters are, against a known truth.

mod completeness;
mod truth;

pub use completeness::{Completeness, FEW_HOLDERS, completeness};
pub use truth::{Evaluation, Scores, evaluate};
