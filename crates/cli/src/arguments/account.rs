//! What became of the deliveries and of the whole: `status`, `rejects`, `report`, `evaluate`.

use clap::{Args, Subcommand};
use std::path::PathBuf;

#[derive(Debug, Args)]
pub struct StatusArguments {
    /// Runs to show
    #[arg(long, default_value_t = 5, value_name = "N")]
    pub runs: u32,
    /// Machine-readable output on stdout
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
pub struct RejectsArguments {
    #[command(subcommand)]
    pub command: Option<RejectsCommand>,
    /// Only of this source
    #[arg(long, value_name = "SOURCE", global = true)]
    pub source: Option<String>,
    /// Only of this run [default: the last one that read]
    #[arg(long, value_name = "RUN", global = true)]
    pub run: Option<i64>,
    /// Records to list at most
    #[arg(long, default_value_t = 20, value_name = "N", global = true)]
    pub limit: u32,
    /// Machine-readable output on stdout
    #[arg(long, global = true)]
    pub json: bool,
}

#[derive(Debug, Subcommand)]
pub enum RejectsCommand {
    /// Show one rejected record as it came, with all its faults
    Show {
        /// Its number in the list
        reject: i64,
    },
}

#[derive(Debug, Args)]
pub struct ReportArguments {
    /// Where the page is written [default: report.html in the project's folder]
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Leave out every value and key of the records
    #[arg(long)]
    pub no_values: bool,
    /// Machine-readable output on stdout instead of a page
    #[arg(long, conflicts_with = "out")]
    pub json: bool,
}

#[derive(Debug, Args)]
pub struct EvaluateArguments {
    /// CSV with the columns source, source_key, entity
    #[arg(long, value_name = "FILE")]
    pub truth: PathBuf,
    /// Also tell how many of the true pairs are candidates under the newest model; takes the memory of a run and more
    #[arg(long)]
    pub candidates: bool,
    /// Machine-readable output on stdout
    #[arg(long)]
    pub json: bool,
}
