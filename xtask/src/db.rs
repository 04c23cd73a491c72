//! A database for development: the same code as the tests' database, but kept up.

use std::process::Command;

use anyhow::Result;
use clap::Subcommand;

use crate::postgres::{development_cluster, find_or_install};
use crate::workspace::{Workspace, run as run_command};

/// What to do with the development database.
#[derive(Debug, Clone, Copy, Subcommand)]
pub enum Action {
    /// Print its address; start it if needed.
    Url,
    /// Start it.
    Start,
    /// Stop it; the data stay.
    Stop,
    /// Open it in psql; start it if needed.
    Psql,
}

/// Does it.
pub fn run(workspace: &Workspace, action: &Action) -> Result<()> {
    let cluster = development_cluster(workspace)?;
    if let Action::Stop = action {
        let was_running = cluster.stop()?;
        eprintln!("{}", if was_running { "stopped" } else { "it was not running" });
        return Ok(());
    }
    let binaries = find_or_install()?;
    cluster.ensure_started()?;
    match action {
        Action::Start => {
            let status = cluster.status();
            eprintln!("running: port {}, data in {}", status.port.unwrap_or(0), status.data_dir.display());
            Ok(())
        }
        Action::Url => {
            println!("{}", cluster.url()?);
            Ok(())
        }
        Action::Psql => run_command(Command::new(binaries.program("psql")).arg(cluster.url()?)),
        Action::Stop => Ok(()),
    }
}
