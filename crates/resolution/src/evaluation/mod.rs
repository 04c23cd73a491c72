//! How good clusters are, against a known truth.

mod truth;

pub use truth::{Evaluation, Scores, SplitEntity, WrongCluster, evaluate};
