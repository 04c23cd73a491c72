//! The use cases, one module a verb. The only crate that sees engine, store and connectors together.
//!
//! | module | what it does |
//! |---|---|
//! | [`mod@run`] | reads the sources, resolves who is who, publishes customers |
//! | [`ingest`] | one source: what is new is landed, the whole is sealed or refused |
//! | [`population`], [`resolve`], [`publish`] | current records → clusters → customers |
//! | [`unlisted`] | sources that the project no longer has |
//! | [`settings`] | `vinculo.yaml` as the engine wants it |
//! | [`init`], [`preview`], [`discover`] | before the first run |
//! | [`status`], [`rejects`], [`lineage`], [`explain`], [`review`], [`report`], [`evaluate`] | questions afterwards |
//! | [`pair`], [`mistakes`] | two records side by side; what a truth shows to be wrong |
//! | [`session`], [`progress`], [`timing`], [`summary`], [`error`] | what all of them work with and tell |
//!
//! Nothing here prints; what people see is made by the program that calls.

pub mod discover;
pub mod error;
pub mod evaluate;
pub mod explain;
pub mod ingest;
pub mod init;
pub mod lineage;
pub mod mistakes;
pub mod pair;
pub mod population;
pub mod preview;
pub mod progress;
pub mod publish;
pub mod rejects;
mod renumbering;
pub mod report;
pub mod resolve;
pub mod review;
pub mod run;
pub mod session;
pub mod settings;
pub mod status;
pub mod summary;
pub mod timing;
pub mod unlisted;

pub use error::{OperationError, Remedy};
pub use session::{Session, Workbench};
pub use vinculo_store::{DeliveryCounts, Store, StoreError};
