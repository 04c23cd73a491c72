//! Raw values in, normalized values out: pure, idempotent, without I/O, clock or locale.
//!
//! [`Normalizer::value`] is the way in for ingestion: it knows which module reads which attribute. Every field has a
//! module of its own, which can be read and used alone. The raw value is kept elsewhere, byte for byte; what is
//! suspicious about it is told by a [`Flag`](vinculo_records::Flag).
//!
//! | modules | what they do |
//! |---|---|
//! | [`fold`], [`sound`] | the one spelling and the sound under which words are compared |
//! | [`shown`], [`placeholder`] | the tidy form of any text; stand-ins for a missing value |
//! | [`name`], [`company`], [`kind`] | persons, organizations, and which of the two |
//! | [`tax_id`], [`email`], [`phone`], [`website`] | identifiers and ways to reach somebody |
//! | [`address`], [`postal_code`], [`region`], [`country`] | places |
//! | [`date`], [`timestamp`], [`number`], [`sex`] | days, moments, quantities, a code |
//! | [`comparable`] | what all of these give the engine |

pub mod address;
pub mod company;
pub mod comparable;
pub mod country;
pub mod date;
pub mod email;
pub mod fold;
pub mod kind;
mod letter_case;
pub mod name;
pub mod normalizer;
pub mod number;
pub mod phone;
pub mod placeholder;
pub mod postal_code;
pub mod region;
pub mod sex;
pub mod shown;
pub mod sound;
pub mod tax_id;
pub mod timestamp;
pub mod website;

pub use comparable::ComparableWriter;
pub use normalizer::{FieldRule, Normalizer};

/// Changes whenever a normalized value may come out differently; records normalized by another version are normalized
/// anew.
pub const NORMALIZER_VERSION: u32 = 8;
