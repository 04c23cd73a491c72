//! Everything that Vinculo keeps, in Postgres. The only crate with SQL.
//!
//! | module | what it does |
//! |---|---|
//! | `connection` | sessions, their guards, and the one way to commit |
//! | `prepare` | makes a database ours: schemas, migrations, roles |
//! | `lease`, `knock`, `run`, `source` | who works and who waits, on what |
//! | `contention` | patience with those who work beside |
//! | `delivery`, `landing`, `seal`, `reject` | what a run read from a source |
//! | `current`, `raw_record`, `standing` | the current records, as resolution reads them; all records, as they were delivered; what some say now and ever said |
//! | `renormalize` | makes anew what was read from them |
//! | `model`, `packed_model`, `decision`, `judgement` | by what they were compared, what was decided, what persons judged |
//! | `admission` | one record at once, from landing to publication |
//! | `basis`, `block_keys`, `surroundings` | from what a resolution of what changed goes on, and all that it touches |
//! | `customer_state` | what is published, as the next resolution compares with it |
//! | `customer_row`, `publication` | the customers that tools read |
//! | `record`, `customer`, `history`, `review`, `report` | answers for people |
//! | [`audit`] | the chain of blocks that proves what was written |
//! | [`verify`] | what must always hold, and what breaks it |
//! | `copy`, `error` | binary COPY; what can go wrong |
//!
//! The tables, what must hold between them and what they cost stand in `docs/decisions/0001-data-model.md`; their
//! columns in `schema/dictionary.md`. A write is one transaction, or several of which each leaves a state from which the
//! next run goes on.

mod admission;
pub mod audit;
mod basis;
mod block_keys;
mod connection;
mod contention;
mod copy;
mod current;
mod customer;
mod customer_row;
mod customer_state;
mod decision;
mod delivery;
mod error;
mod history;
mod judgement;
mod knock;
mod landing;
mod lease;
mod model;
mod packed_model;
mod prepare;
mod publication;
mod raw_record;
mod record;
mod reject;
mod renormalize;
mod report;
mod review;
mod run;
mod seal;
mod source;
mod standing;
mod surroundings;
pub mod verify;

pub use admission::{Admission, Admissions, Admitted, Counted, SingleRecord};
pub use basis::{Basis, Unresolved};
pub use block_keys::{KeyBase, KeyChange, KeyEntry, KeyRange, KeySource, NewBase};
pub use connection::Store;
pub use copy::{Batches, EncodedRows, Relay, Relayed};
pub use current::{CurrentRecord, StateOfData};
pub use customer::{Customer, EvaluationPair, Redirect, ValueLineage};
pub use customer_row::{CustomerEncoder, CustomerRow, CustomerValue, LINEAGE_VERSIONS_MAX, customer_hash};
pub use customer_state::{CustomerRecord, CustomerState, FormerCustomer};
pub use decision::{DecisionInForce, DecisionRecord, DecisionRow};
pub use delivery::{Delivery, DeliveryCounts, DeliveryFile, DeliveryState, NewDelivery, OpenDelivery};
pub use error::{Result, StoreError};
pub use history::{CustomerEvent, MembershipSpan, PublicationRecord, Stood};
pub use judgement::{Judgement, JudgementSubject, Judging, NewJudgement};
pub use knock::Knock;
pub use landing::{Known, LandedRow, Landing, SOURCE_KEY_BYTES_MAX};
pub use lease::{Holder, Lease};
pub use model::Model;
pub use packed_model::PackedModel;
pub use prepare::Prepared;
pub use publication::{
    Change, ChangeEntry, FormerId, Headway, Membership, Publication, Published, RowsWritten, Undo, Undone,
};
pub use raw_record::{Delivered, RawRecord, RawVersion, Statement};
pub use record::{FoundRecord, NamedRecord};
pub use reject::{Fault, Reject, RejectFilter, RejectedRow};
pub use renormalize::Reread;
pub use report::{ClusterSize, FaultCount, ResolvingRun};
pub use review::{CustomerAtStake, DecisionCount, DecisionForReview};
pub use run::{NewRun, Run, RunStatus};
pub use seal::{Absent, Seal, Sealed};
pub use source::{Followed, SourceRow};
pub use standing::Standing;
pub use surroundings::{NearbyRecord, Reading, Surroundings};
