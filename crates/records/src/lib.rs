//! The nouns of Vinculo and nothing heavy: every other crate may use them.
//!
//! | module | what it names |
//! |---|---|
//! | [`id`] | typed ids; never a bare integer, string or `Uuid` for an id |
//! | [`hash`] | the 128-bit names of records and of content |
//! | [`attribute`] | what a source may say of a person or an organization |
//! | [`column`] | the one column layout, as Arrow has it |
//! | [`normalized`] | a source record after normalization, packed into bytes |
//! | [`comparable`] | the columns that the engine compares |
//! | [`golden`] | golden values, each with its lineage |
//! | [`decision`] | what the engine decided about two records |
//! | [`merkle`], [`audit`] | trees of hashes; the chain of blocks that proves what was written |
//! | [`judgement`] | what a person judges |

pub mod attribute;
pub mod audit;
pub mod column;
pub mod comparable;
pub mod decision;
pub mod golden;
pub mod hash;
pub mod id;
pub mod judgement;
pub mod merkle;
pub mod normalized;

pub use attribute::{AttributeId, AttributeType, Attributes, CustomAttribute, Kind, Standard};
pub use audit::{AuditBlock, AuditHead, AuditSpan};
pub use column::{ListColumn, TextColumn};
pub use comparable::{Comparable, ComparableRecords};
pub use decision::{Decision, DecisionKind};
pub use golden::{GoldenValue, SurvivorshipRule};
pub use hash::{ContentHash, RecordHash};
pub use id::{CustomerId, DeliveryId, RecordId, RunId, SourceId, VersionId};
pub use judgement::JudgementKind;
pub use merkle::{Salt, TreeHash};
pub use normalized::{Flag, NormalizedRecord, NormalizedView, PackedRecords, Value};
