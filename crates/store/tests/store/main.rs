//! The store against a real Postgres, each test in a database of its own.

mod landing;
mod maintenance;
mod preparing;
mod project;
mod publishing;
mod reading;
mod renormalizing;
mod reporting;
mod schema;
mod sealing;
