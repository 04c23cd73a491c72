//! The project's database: `db`.

use clap::{Args, Subcommand};

#[derive(Debug, Args)]
pub struct DbArguments {
    #[command(subcommand)]
    pub command: DbCommand,
    /// Machine-readable output on stdout
    #[arg(long, global = true)]
    pub json: bool,
}

#[derive(Debug, Subcommand)]
pub enum DbCommand {
    /// Print the connection string
    Url,
    /// Start the private Postgres
    Start,
    /// Stop the private Postgres
    Stop,
    /// Open psql, or run it with what follows `--`
    Psql {
        /// Arguments for psql
        #[arg(last = true)]
        arguments: Vec<String>,
    },
}
