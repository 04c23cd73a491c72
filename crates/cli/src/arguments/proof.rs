//! Whether everything holds, and was ever altered: `verify`, `prove`.

use clap::Args;
use std::path::PathBuf;

#[derive(Debug, Args)]
pub struct VerifyArguments {
    /// Make the audit chain anew from all rows instead: whether anything was ever altered, deleted or inserted
    #[arg(long, conflicts_with = "deep")]
    pub audit: bool,
    /// A hash that a run printed and that was kept elsewhere: it must be in the chain
    #[arg(long, value_name = "HASH", requires = "audit")]
    pub against: Option<String>,
    /// Read every record again from what was delivered, not only some of each source
    #[arg(long)]
    pub deep: bool,
    /// Machine-readable output on stdout
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
pub struct ProveArguments {
    /// Source and key of the record
    #[arg(num_args = 2, value_names = ["SOURCE", "KEY"], required_unless_present = "check")]
    pub record: Vec<String>,
    /// Its version of this number [default: the current one]
    #[arg(long, value_name = "VERSION", conflicts_with = "check")]
    pub version: Option<i64>,
    /// Check the proof in this file instead; needs no database
    #[arg(long, value_name = "FILE", conflicts_with = "record")]
    pub check: Option<PathBuf>,
    /// A hash that a run printed and that was kept elsewhere: it must be in the proof
    #[arg(long, value_name = "HASH", requires = "check")]
    pub against: Option<String>,
    /// Machine-readable output on stdout; a proof always is
    #[arg(long)]
    pub json: bool,
}
