//! Whole-system scenarios: the real program, real files, a real Postgres.

mod answers;
mod generated;
mod interruption;
mod order;
mod privacy;
mod public_data;
mod repetition;
mod shop;
