//! Whole-system scenarios: the real program, real files, a real Postgres.

mod answers;
mod audit;
mod bad_deliveries;
mod first_steps;
mod generated;
mod history;
mod identity;
mod incremental;
mod interruption;
mod judgements;
mod lease;
mod mapping;
mod order;
mod privacy;
mod proxy;
mod public_data;
mod random_kills;
mod repetition;
mod report;
mod shop;
mod single_records;
mod snapshots;
mod trouble;
mod undo;
mod verify;
