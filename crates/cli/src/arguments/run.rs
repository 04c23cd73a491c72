//! What resolves and publishes: `run`, `resolve`, `train`, `undo`.

use super::project::SourceArguments;
use clap::Args;

#[derive(Debug, Args)]
pub struct RunArguments {
    #[command(flatten)]
    pub sources: SourceArguments,
    /// Change nothing; say how many customers would be created, changed, merged, split. Nothing else may write meanwhile
    #[arg(long)]
    pub dry_run: bool,
    /// Train anew and resolve all records, even if nothing changed
    #[arg(long)]
    pub full: bool,
    /// Accept a snapshot that would delete more than a tenth of a source's records
    #[arg(long)]
    pub allow_shrink: bool,
    /// Delete the records of these sources, which vinculo.yaml no longer has
    #[arg(long, num_args = 1.., value_name = "SOURCE")]
    pub retire: Vec<String>,
}

#[derive(Debug, Args)]
pub struct ResolveArguments {
    /// The source whose records they are
    #[arg(value_name = "SOURCE")]
    pub source: String,
}

#[derive(Debug, Args)]
pub struct TrainArguments {
    /// Machine-readable output on stdout
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
pub struct UndoArguments {
    /// Change nothing; say how many customers would change, and how
    #[arg(long)]
    pub dry_run: bool,
    /// Machine-readable output on stdout
    #[arg(long)]
    pub json: bool,
}
