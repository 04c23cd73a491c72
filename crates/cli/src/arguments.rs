//! The command line, as `--help` shows it.

use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

/// Unifies customer records from systems that disagree.
#[derive(Debug, Parser)]
#[command(name = "vinculo", version, max_term_width = 110, arg_required_else_help = true)]
pub struct Arguments {
    #[command(flatten)]
    pub process: ProcessArguments,
    #[command(subcommand)]
    pub command: Command,
}

/// What concerns the process and not the data. Each may also be set by its variable, or in the user's settings file.
#[derive(Debug, Args)]
pub struct ProcessArguments {
    /// Folder of the project, where vinculo.yaml is
    #[arg(long, global = true, value_name = "DIR", default_value = ".", hide_default_value = true)]
    pub project: PathBuf,
    /// Threads for computing [default: one a core] [env: VINCULO_THREADS]
    #[arg(long, global = true, value_name = "N")]
    pub threads: Option<usize>,
    /// How log lines on stderr look [env: VINCULO_LOG_FORMAT]
    #[arg(long, global = true, value_enum, value_name = "FORMAT")]
    pub log_format: Option<LogFormat>,
    /// Postgres to use instead of the project's [env: VINCULO_DATABASE]
    #[arg(long, global = true, value_name = "URL")]
    pub database: Option<String>,
}

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Write a commented vinculo.yaml by looking at your files
    #[command(after_help = "Example:\n  vinculo init --project loja data/crm.csv data/erp.xlsx")]
    Init(InitArguments),
    /// Check the project and show the first records of each source, raw and normalized
    #[command(after_help = "Example:\n  vinculo check --project loja --select crm")]
    Check(CheckArguments),
    /// List the streams and columns that each source offers
    #[command(after_help = "Example:\n  vinculo discover --project loja --json")]
    Discover(SelectArguments),
    /// Read the sources, resolve who is who, publish customers
    #[command(
        after_help = "Examples:\n  vinculo run --project loja\n  vinculo run --project loja --select crm --dry-run\n\n\
        Exit codes: 0 done; 1 failed, also when one source failed and the others were published; 2 wrong usage or \
        configuration; 75 try again later. The only line on stdout is the summary, as JSON."
    )]
    Run(RunArguments),
    /// Show the last runs and what each delivery brought
    #[command(after_help = "Example:\n  vinculo status --project loja")]
    Status(StatusArguments),
    /// Show rejected records and why
    #[command(after_help = "Examples:\n  vinculo rejects --project loja\n  vinculo rejects show 17 --project loja")]
    Rejects(RejectsArguments),
    /// Show where every value of a customer came from
    #[command(after_help = "Examples:\n  vinculo lineage crm 4711 --project loja\n  \
        vinculo lineage 0192d0c2-0000-8000-8000-000000000001 --json --project loja")]
    Lineage(LineageArguments),
    /// Show why two records are, or are not, one customer
    #[command(after_help = "Example:\n  vinculo explain crm 4711 webshop 98 --project loja")]
    Explain(ExplainArguments),
    /// List refused joins and doubtful pairs, the most consequential first
    #[command(after_help = "Examples:\n  vinculo review --project loja\n  \
        vinculo review --conflicts --limit 50 --json --project loja")]
    Review(ReviewArguments),
    /// Write one page that shows why the program decided as it did, and where it may be wrong
    #[command(after_help = "Examples:\n  vinculo report --project loja\n  \
        vinculo report --project loja --no-values --out /tmp/loja.html\n\n\
        The page shows values of the records that are most worth a look: keep it as you keep the data. Without them, \
        it holds counts, weights and names of sources, files and columns only.")]
    Report(ReportArguments),
    /// Compare the customers with a known truth
    #[command(after_help = "Example:\n  vinculo evaluate --truth truth.csv --project loja\n\n\
        The truth has the columns source, source_key and entity; a key of several columns is a JSON array.")]
    Evaluate(EvaluateArguments),
    /// Start, stop or reach the project's database
    #[command(after_help = "Examples:\n  vinculo db url --project loja\n  \
        vinculo db psql --project loja -- -c 'select count(*) from crm.customer'")]
    Db(DbArguments),
}

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
    /// Only these sources
    #[arg(long, num_args = 1.., value_name = "SOURCE")]
    pub select: Vec<String>,
    /// Machine-readable output on stdout
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
pub struct RunArguments {
    /// Read only these sources; all records are resolved
    #[arg(long, num_args = 1.., value_name = "SOURCE")]
    pub select: Vec<String>,
    /// Change nothing; say how many customers would be created, changed, merged, split
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
pub struct LineageArguments {
    /// A customer id, or a source and a source key
    #[arg(required = true, num_args = 1..=2, value_names = ["CUSTOMER | SOURCE", "KEY"])]
    pub subject: Vec<String>,
    /// Machine-readable output on stdout
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
pub struct ExplainArguments {
    /// Source and key of the one record, source and key of the other
    #[arg(required = true, num_args = 4, value_names = ["SOURCE", "KEY", "SOURCE", "KEY"])]
    pub records: Vec<String>,
    /// Machine-readable output on stdout
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
pub struct ReviewArguments {
    /// Only joins that a constraint refused
    #[arg(long)]
    pub conflicts: bool,
    /// Only pairs that are too likely to drop and not likely enough to join
    #[arg(long)]
    pub possible: bool,
    /// Pairs to list at most
    #[arg(long, default_value_t = 10, value_name = "N")]
    pub limit: u32,
    /// Machine-readable output on stdout
    #[arg(long)]
    pub json: bool,
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
    /// Machine-readable output on stdout
    #[arg(long)]
    pub json: bool,
}

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
