//! A Postgres server of Vinculo's own, for projects that name no database.
//!
//! The crate finds an installed Postgres, makes a cluster, starts it, adopts one that runs already, and stops it.
//! It speaks no SQL (but for naming its role and database once) and never waits on the network, so it needs no
//! async runtime.
//!
//! | module | what it knows |
//! |---|---|
//! | [`binaries`] | where an installed Postgres is, and which version |
//! | [`cluster`] | the cluster as callers see it |
//! | `placement` | in which directory a project's cluster lives |
//! | `home` | what lies in that directory |
//! | `account` | which user runs the server |
//! | `settings` | what the server is told at every start |
//! | `creation` | how a new cluster is made, whole or not at all |
//! | `postmaster` | whether the server runs; how it is started and stopped |
//! | [`error`] | what can go wrong, in words that say what to do |
//!
//! # Who may connect
//!
//! Socket and loopback TCP both ask for a password (SCRAM). It is generated once and lies in a file that only the
//! owner of the cluster can read. Trust or peer authentication would not do: run by root, the server belongs to
//! another user than the client.

pub mod binaries;
pub mod cluster;
pub mod error;

mod account;
mod creation;
mod home;
mod placement;
mod postmaster;
mod settings;

pub use binaries::{Binaries, Version};
pub use cluster::{PrivateCluster, Started, Status};
pub use error::{Error, INSTALL_ON_DEBIAN};
