//! How good clusters are: against a known truth, and, without one, by the weights alone.

mod estimate;
mod truth;

pub use estimate::{ErrorRates, estimate_errors};
pub use truth::{Evaluation, Scores, SplitEntity, WrongCluster, evaluate};
