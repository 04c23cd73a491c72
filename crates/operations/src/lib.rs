//! The use cases, one module a verb. The only crate that sees engine, store and connectors together.
//!
//! | module | what it does |
//! |---|---|
//! | [`mod@run`] | reads the sources, resolves who is who, publishes customers |
//! | [`ingest`] | one source: what is new is landed, the whole is sealed or refused |
//! | [`population`], [`resolve`], [`publish`] | current records → clusters → customers |
//! | [`settings`] | `vinculo.yaml` as the engine wants it |
//! | [`init`], [`preview`], [`discover`] | before the first run |
//! | [`status`], [`rejects`], [`lineage`], [`explain`], [`evaluate`] | questions afterwards |
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
pub mod population;
pub mod preview;
pub mod progress;
pub mod publish;
pub mod rejects;
pub mod resolve;
pub mod run;
pub mod session;
pub mod settings;
mod shown_name;
pub mod status;
pub mod summary;
pub mod timing;

pub use error::{OperationError, Remedy};
pub use session::{Session, Workbench};
pub use vinculo_store::{DeliveryCounts, Store, StoreError};
