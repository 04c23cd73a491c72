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
    #[command(after_help = "Example:\n  vinculo check crm --project loja")]
    Check(CheckArguments),
    /// List the streams and columns that each source offers
    #[command(after_help = "Example:\n  vinculo discover --project loja --json")]
    Discover(SelectArguments),
    /// Read the sources, resolve who is who, publish customers
    #[command(
        after_help = "Examples:\n  vinculo run --project loja\n  vinculo run --select crm --dry-run --project loja\n\n\
        What changed in the sources that are read is resolved among the records of all.\n\n\
        Exit codes: 0 done; 1 failed, also when one source failed and the others were published; 2 wrong usage or \
        configuration; 75 try again later. The only line on stdout is the summary, as JSON."
    )]
    Run(RunArguments),
    /// Land, resolve and publish records as they come, each at once
    #[command(after_help = "Example:\n  \
        echo '{\"id\": \"4711\", \"name\": \"Ana Souza\"}' | vinculo resolve crm --project loja\n\n\
        Each line on stdin is a JSON object with the columns of the source; each line on stdout says what happened, the \
        customer, and the last entry of the change feed. While it reads, no run can work on the project.")]
    Resolve(ResolveArguments),
    /// Say of whom records speak; nothing is written
    #[command(after_help = "Example:\n  \
        echo '{\"name\": \"Ana Souza\", \"phone\": \"11 98765-4321\"}' | vinculo match crm --project loja\n\n\
        Each line on stdin is a JSON object with the columns of the source, the key may be missing; each line on stdout \
        names the likeliest customers, with weight, probability and reasons.")]
    Match(MatchArguments),
    /// Train a new model of all records; the next run resolves everything under it
    #[command(after_help = "Example:\n  vinculo train --project loja && vinculo run --dry-run --project loja\n\n\
        While there are few records (`train_below` of vinculo.yaml) every run trains by itself.")]
    Train(TrainArguments),
    /// Show the last runs and what each delivery brought
    #[command(after_help = "Example:\n  vinculo status --project loja")]
    Status(StatusArguments),
    /// Show rejected records and why
    #[command(after_help = "Examples:\n  vinculo rejects --project loja\n  vinculo rejects show 17 --project loja")]
    Rejects(RejectsArguments),
    /// Show where every value of a customer came from
    #[command(after_help = "Examples:\n  vinculo lineage crm 4711 --project loja\n  \
        vinculo lineage 0192d0c2-0000-8000-8000-000000000001 --json --project loja\n  \
        vinculo lineage crm 4711 --on 2026-03-31 --project loja    as readers saw it at the end of that day, UTC\n  \
        vinculo lineage --project loja -- crm -A4711    a key that begins with -")]
    Lineage(LineageArguments),
    /// Show how a customer came to be, step by step: what joined, what was refused, what changed, by whom
    #[command(after_help = "Examples:\n  vinculo how crm 4711 --project loja\n  \
        vinculo how 0192d0c2-0000-8000-8000-000000000001 --json --project loja")]
    How(HowArguments),
    /// Show why two records are, or are not, one customer
    #[command(after_help = "Examples:\n  vinculo explain crm 4711 webshop 98 --project loja\n  \
        vinculo explain --project loja -- crm -A4711 webshop 98    a key that begins with -")]
    Explain(ExplainArguments),
    /// List refused joins and doubtful pairs that nobody has judged, the most consequential first
    #[command(after_help = "Examples:\n  vinculo review --limit 1 --project loja\n  \
        vinculo review --conflicts --limit 50 --json --project loja")]
    Review(ReviewArguments),
    /// Say for good whether two records are one customer, or that a value is wrong
    #[command(after_help = "Examples:\n  \
        vinculo judge same crm 4711 webshop 98 --reason 'asked her on the phone' --project loja\n  \
        vinculo judge wrong crm 4711 tax_id --reason 'typed from the file of her sister' --project loja\n  \
        vinculo judge list --project loja\n  \
        vinculo judge different --reason 'father and son' --project loja -- crm -A7 crm 8    a key that begins with -\n\n\
        A judgement holds through every later run and model, until it is superseded or withdrawn; none is ever deleted. \
        Where nothing else waits to be resolved, the customers follow at once.")]
    Judge(JudgeArguments),
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
    /// Check everything that must always hold in the database
    #[command(
        after_help = "Examples:\n  vinculo verify --project loja\n  vinculo verify --deep --json --project loja\n\n\
        It changes nothing and may run beside anything. Exit code 1 when something does not hold. Each check is told \
        in docs/reference/verify.md."
    )]
    Verify(VerifyArguments),
    /// Take back the last publication: customers are as they were before it
    #[command(after_help = "Examples:\n  vinculo undo --dry-run --project loja\n  vinculo undo --project loja\n\n\
        Source records stay. What was taken back is published again once data, settings or judgements change, or by \
        `vinculo run --full`.")]
    Undo(UndoArguments),
    /// Prove that a record stood in the database, to be checked by anybody without it
    #[command(after_help = "Examples:\n  vinculo prove crm 4711 --project loja > proof.json\n  \
        vinculo prove --check proof.json --against 9f86d081884c7d65…\n\n\
        The proof holds the record as it was delivered, and its key: keep it as you keep the data. Who checks it needs \
        neither the database nor the project, only a hash that a run printed and that was kept elsewhere.")]
    Prove(ProveArguments),
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

#[derive(Debug, Args)]
pub struct ResolveArguments {
    /// The source whose records they are
    #[arg(value_name = "SOURCE")]
    pub source: String,
}

#[derive(Debug, Args)]
pub struct MatchArguments {
    /// The source whose columns they have
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
    #[arg(required = true, num_args = 1..=2, allow_negative_numbers = true, value_names = ["CUSTOMER | SOURCE", "KEY"])]
    pub subject: Vec<String>,
    /// The state of this number [default: the present one]
    #[arg(long, value_name = "N")]
    pub version: Option<i32>,
    /// The state that readers saw at this time, as was known then: a day (its end) or a time, UTC unless it says otherwise
    #[arg(long, value_name = "TIME", conflicts_with = "version")]
    pub on: Option<String>,
    /// Machine-readable output on stdout
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
pub struct HowArguments {
    /// A customer id, also one that no longer lives, or a source and a source key
    #[arg(required = true, num_args = 1..=2, allow_negative_numbers = true, value_names = ["CUSTOMER | SOURCE", "KEY"])]
    pub subject: Vec<String>,
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

#[derive(Debug, Args)]
pub struct ExplainArguments {
    /// Source and key of the one record, source and key of the other
    #[arg(required = true, num_args = 4, allow_negative_numbers = true, value_names = ["SOURCE", "KEY", "SOURCE", "KEY"])]
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
pub struct JudgeArguments {
    #[command(subcommand)]
    pub command: JudgeCommand,
}

#[derive(Debug, Subcommand)]
pub enum JudgeCommand {
    /// Two records are one customer
    Same(JudgedPair),
    /// Two records are two customers
    Different(JudgedPair),
    /// A value of a record is wrong: it neither joins, nor excludes, nor is shown
    Wrong(JudgedValue),
    /// A judgement no longer holds
    Withdraw(WithdrawArguments),
    /// List the judgements in force
    List(JudgementsArguments),
}

#[derive(Debug, Args)]
pub struct JudgedPair {
    /// Source and key of the one record, source and key of the other
    #[arg(required = true, num_args = 4, allow_negative_numbers = true, value_names = ["SOURCE", "KEY", "SOURCE", "KEY"])]
    pub records: Vec<String>,
    /// Take the place of this judgement, which says the contrary of the same two records
    #[arg(long, value_name = "JUDGEMENT")]
    pub supersede: Option<i64>,
    #[command(flatten)]
    pub why: WhyArguments,
}

#[derive(Debug, Args)]
pub struct JudgedValue {
    /// Source of the record
    pub source: String,
    /// Its key there
    #[arg(allow_negative_numbers = true)]
    pub key: String,
    /// Attribute of the wrong value, such as tax_id
    pub attribute: String,
    /// The wrong value, where the record has several of the attribute
    #[arg(allow_negative_numbers = true)]
    pub value: Option<String>,
    #[command(flatten)]
    pub why: WhyArguments,
}

#[derive(Debug, Args)]
pub struct WithdrawArguments {
    /// Number of the judgement
    pub judgement: i64,
    #[command(flatten)]
    pub why: WhyArguments,
}

#[derive(Debug, Args)]
pub struct WhyArguments {
    /// Why; kept for ever
    #[arg(long, value_name = "WHY")]
    pub reason: String,
    /// Keep it only; the next run applies it
    #[arg(long)]
    pub later: bool,
    /// Machine-readable output on stdout
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
pub struct JudgementsArguments {
    /// Also those that were superseded or withdrawn
    #[arg(long)]
    pub all: bool,
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
