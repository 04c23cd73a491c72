//! Everything that Vinculo keeps, in Postgres. The only crate with SQL.
//!
//! | module | what it does |
//! |---|---|
//! | `connection` | sessions, their guards, and the one way to commit |
//! | `prepare` | makes a database ours: schemas, migrations, roles |
//! | `run_lock`, `run`, `source` | who works, on what |
//! | `delivery`, `landing`, `seal`, `reject` | what a run read from a source |
//! | `current`, `raw_record` | the current records, as resolution reads them; all records, as they were delivered |
//! | `renormalize` | makes anew what was read from them |
//! | `model`, `decision` | by what they were compared, and what was decided |
//! | `customer_state` | what is published, as the next resolution compares with it |
//! | `customer_row`, `publication` | the customers that tools read |
//! | `record`, `customer`, `review`, `report` | answers for people |
//! | `copy`, `error` | binary COPY; what can go wrong |
//!
//! The tables, what must hold between them and what they cost stand in `docs/decisions/0001-data-model.md`; their
//! columns in `schema/dictionary.md`. A write is one transaction, or several of which each leaves a state from which the
//! next run goes on.

mod connection;
mod copy;
mod current;
mod customer;
mod customer_row;
mod customer_state;
mod decision;
mod delivery;
mod error;
mod landing;
mod model;
mod prepare;
mod publication;
mod raw_record;
mod record;
mod reject;
mod renormalize;
mod report;
mod review;
mod run;
mod run_lock;
mod seal;
mod source;

pub use connection::Store;
pub use copy::EncodedRows;
pub use current::CurrentRecord;
pub use customer::{Customer, EvaluationPair, Redirect, ValueLineage};
pub use customer_row::{CustomerEncoder, CustomerRow, CustomerValue, LINEAGE_VERSIONS_MAX, customer_hash};
pub use customer_state::{CustomerRecord, CustomerState, FormerCustomer};
pub use decision::{DecisionInForce, DecisionRecord, DecisionRow};
pub use delivery::{Delivery, DeliveryCounts, DeliveryFile, DeliveryState, NewDelivery, OpenDelivery};
pub use error::{Result, StoreError};
pub use landing::{Known, LandedRow, Landing, SOURCE_KEY_BYTES_MAX};
pub use model::Model;
pub use prepare::Prepared;
pub use publication::{Change, ChangeEntry, FormerId, Headway, Membership, Publication, Published, RowsWritten};
pub use raw_record::{Delivered, RawRecord, RawVersion, Statement};
pub use record::{FoundRecord, NamedRecord};
pub use reject::{Fault, Reject, RejectFilter, RejectedRow};
pub use renormalize::Reread;
pub use report::{ClusterSize, FaultCount, ResolvingRun};
pub use review::{CustomerAtStake, DecisionCount, DecisionForReview};
pub use run::{NewRun, Run, RunStatus};
pub use run_lock::RunLock;
pub use seal::{Absent, Seal, Sealed};
pub use source::{Followed, SourceRow};
