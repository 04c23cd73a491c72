//! Whole-system scenarios: the real program, real files, a real Postgres.

mod answers;
mod bad_deliveries;
mod generated;
mod identity;
mod interruption;
mod mapping;
mod order;
mod privacy;
mod public_data;
mod repetition;
mod report;
mod shop;
mod snapshots;
