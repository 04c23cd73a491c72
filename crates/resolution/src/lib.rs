//! The engine: which records speak of the same person or organization, and what is then known of them.
//!
//! Everything here is a function of a checked plan and columns: no I/O, no clock, no environment, no thread pool of its
//! own (the caller installs one). The answer is bit for bit the same for any order of the records, any number of
//! partitions and any number of threads.
//!
//! | module | what it does |
//! |---|---|
//! | [`plan`] | what is compared and how candidates are found; derived from the columns, changed by settings |
//! | [`encoding`] | records in an order of their own, values as numbers |
//! | [`blocking`] | records → candidate pairs |
//! | [`comparison`] | a pair → the level that each comparison reaches |
//! | [`training`] | m and u probabilities, priors and frequencies, learned without labels |
//! | [`model`] | what training freezes: integer weights, frequencies, demoted keys |
//! | [`scoring`] | levels → match weight |
//! | [`pipeline`] | all of it: `train` and `resolve` |
//! | [`explanation`] | why two records are, or are not, one |
//! | [`clustering`] | scored pairs → clusters, joins, conflicts |
//! | [`survivorship`] | the records of a cluster → golden values |
//! | [`organization`] | organizations, by a design of their own |
//! | [`inheritance`] | new clusters and old customers → lasting ids |
//! | [`incremental`] | what changed, resolved by itself |
//! | [`evaluation`] | how good clusters are, against a known truth |

pub mod blocking;
pub mod clustering;
pub mod comparison;
pub mod encoding;
pub mod evaluation;
pub mod explanation;
mod hash_list;
pub mod incremental;
pub mod inheritance;
pub mod model;
pub mod organization;
mod packed_list;
pub mod pair;
pub mod pipeline;
pub mod plan;
pub mod scoring;
pub mod survivorship;
pub mod training;

pub use model::Model;
pub use pair::ScoredPair;
pub use plan::{PlanError, ResolutionPlan, Settings};
