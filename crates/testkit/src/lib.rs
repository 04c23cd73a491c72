//! For developers only: a test database of one's own, and synthetic people and companies with known truth.
//!
//! | module | what is in it |
//! |---|---|
//! | [`database`] | a fresh Postgres database for a test |
//! | [`settings`] | how much is generated, from which seed, with how many errors |
//! | [`world`] | households and companies as they truly are |
//! | [`errors`] | how values are got wrong |
//! | [`recording`] | what each system holds of them: some truth, some old, some missing, some wrong |
//! | [`stream`], [`files`] | all records of a world, written into files with the truth beside them |
//! | [`chance`], [`vocabulary`], [`identifiers`], [`day`] | what the world is drawn from |

pub mod chance;
pub mod database;
pub mod day;
pub mod errors;
pub mod files;
pub mod identifiers;
pub mod recording;
pub mod settings;
pub mod stream;
pub mod vocabulary;
pub mod world;

pub use database::TestDatabase;
pub use settings::{Rates, Settings};
