//! What everybody who uses the generated files may rely on.

mod database;
mod shop;
mod world;
