//! The store against a real Postgres, each test in a database of its own.

mod auditing;
mod block_keys;
mod feed;
mod hashing_early;
mod judging;
mod landing;
mod lease;
mod maintenance;
mod preparing;
mod project;
mod publishing;
mod reading;
mod renormalizing;
mod reporting;
mod resolver;
mod schema;
mod sealing;
mod undoing;
mod verifying;
mod waiting;
