//! The use cases, one module a verb. The only crate that sees engine, store and connectors together.
//!
//! | module | what it does |
//! |---|---|
//! | [`mod@run`] | reads the sources, resolves who is who, publishes customers |
//! | [`ingest`] | one source: what is new is landed, the whole is sealed or refused |
//! | [`population`], [`resolve`], [`publish`] | current records → clusters → customers |
//! | `incremental`, `rules` | what changed, resolved by itself, while the rules stay as they are |
//! | [`single`], `turn` | one record at once: resolved in turns with runs, or only matched |
//! | [`train`] | a new model, from all current records |
//! | [`unlisted`] | sources that the project no longer has |
//! | [`judge`] | a person's word on two records, or on a value of one |
//! | [`settings`] | `vinculo.yaml` as the engine wants it |
//! | [`undo`] | the last publication is taken back |
//! | [`init`], [`preview`], [`discover`] | before the first run |
//! | [`status`], [`rejects`], [`lineage`], [`how`], [`explain`], [`review`], [`report`], [`evaluate`] | questions afterwards |
//! | [`verify`] | what must always hold, and whether it does |
//! | [`audit`], [`prove`] | whether anything was altered; that a record version was there |
//! | [`pair`], [`mistakes`] | two records side by side; what a truth shows to be wrong |
//! | [`session`], [`progress`], [`timing`], [`summary`], [`count`], [`error`] | what all of them work with and tell |
//!
//! Nothing here prints; what people see is made by the program that calls.

pub mod audit;
pub mod count;
pub mod discover;
pub mod error;
pub mod evaluate;
pub mod explain;
pub mod how;
mod incremental;
pub mod ingest;
pub mod init;
pub mod judge;
pub mod lineage;
pub mod mistakes;
pub mod pair;
pub mod population;
pub mod preview;
pub mod progress;
pub mod prove;
pub mod publish;
pub mod rejects;
mod renumbering;
pub mod report;
pub mod resolve;
pub mod review;
mod rules;
pub mod run;
pub mod session;
pub mod settings;
pub mod single;
pub mod status;
pub mod summary;
pub mod timing;
pub mod train;
mod turn;
pub mod undo;
pub mod unlisted;
pub mod verify;

pub use error::{OperationError, Remedy};
pub use session::{Session, Workbench};
pub use vinculo_store::{DeliveryCounts, Store, StoreError};
