//! What every connector promises, and how raw records are read again later.
//!
//! A connector reads one kind of source system. It is opened with the options that stand in `vinculo.yaml`
//! ([`Connector`]), says what it found ([`Source`]), and hands over raw records in columns ([`Reader`]), never one
//! JSON value a record. What a record says is decided by [`Decoder`] alone, from the raw record as it was delivered:
//! the same code reads it the first time and when it is normalized again years later.
//!
//! | module | what it holds |
//! |---|---|
//! | [`contract`] | the three traits, and the events that a reader gives |
//! | [`spec`] | what a connector says of itself: its options and what it is capable of |
//! | [`stream`] | what a source says of itself before it is read |
//! | [`batch`] | records on their way: columns, raw records, rejects, and where they came from |
//! | [`cells`] | a growing table of text cells |
//! | [`format`](mod@format) | the format of a raw record, as it is stored |
//! | [`decoder`] | raw record → cells |
//! | [`fault`] | why a record is rejected |
//! | [`error`] | why a connector gives up: refused, misconfigured, try again, broken |
//! | `conformance` | the rules that every connector passes (feature `conformance`) |

pub mod batch;
pub mod cells;
#[cfg(feature = "conformance")]
pub mod conformance;
pub mod contract;
pub mod decoder;
pub mod error;
pub mod fault;
pub mod format;
pub mod spec;
pub mod stream;

pub use batch::{Batch, Origin, Reject};
pub use cells::Cells;
pub use contract::{Budget, Checkpoint, Connector, Done, Event, Options, PartSummary, Reader, Source};
pub use decoder::{Decoder, ELEMENT_SEPARATOR};
pub use error::{ConnectorError, Hint, OptionLine, Refusal, RefusalCode};
pub use fault::{Faults, RejectCode};
pub use format::{Delimited, RawFormat};
pub use spec::{Capabilities, Deletes, OptionSpec, Spec};
pub use stream::{CheckStep, Finding, How, PartEstimate, Stream};
