//! How a project is written and looked at: `init`, `check`, `discover`.

use clap::Args;
use std::path::PathBuf;

#[derive(Debug, Args)]
pub struct InitArguments {
    /// Files or folders to look at; files of one folder, format and set of columns become one source
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// Country of phones, identifiers and time zone, as two letters [default: as the data tell, else BR]
    #[arg(long, value_name = "CODE")]
    pub country: Option<String>,
    /// Write over an existing vinculo.yaml
    #[arg(long)]
    pub force: bool,
    /// What was recognized and why, machine-readable on stdout
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
pub struct CheckArguments {
    #[command(flatten)]
    pub select: SelectArguments,
    /// Records to show of each source
    #[arg(long, default_value_t = 3, value_name = "N")]
    pub records: usize,
}

#[derive(Debug, Args)]
pub struct SelectArguments {
    #[command(flatten)]
    pub sources: SourceArguments,
    /// Machine-readable output on stdout
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
pub struct SourceArguments {
    /// Only these sources
    #[arg(value_name = "SOURCE")]
    named: Vec<String>,
    /// The same
    #[arg(long, num_args = 1.., value_name = "SOURCE")]
    select: Vec<String>,
}

impl SourceArguments {
    /// The sources, however they were named; none means all.
    pub fn names(&self) -> Vec<String> {
        [self.named.as_slice(), &self.select].concat()
    }
}
