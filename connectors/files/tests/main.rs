//! What the connector makes of files, good and bad.

mod bad_inputs;
mod conforming;
mod formats;
mod harness;
mod paths;
mod resuming;
