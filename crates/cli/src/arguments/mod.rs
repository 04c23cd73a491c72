//! The command line, as `--help` shows it: what every command takes, all commands, and in a module for each group what they
//! take themselves.

mod account;
mod customer;
mod db;
mod judge;
mod project;
mod proof;
mod run;

pub use account::{EvaluateArguments, RejectsArguments, RejectsCommand, ReportArguments, StatusArguments};
pub use customer::{ExplainArguments, HowArguments, LineageArguments, MatchArguments};
pub use db::{DbArguments, DbCommand};
pub use judge::{JudgeArguments, JudgeCommand, JudgedPair, ReviewArguments, WhyArguments};
pub use project::{CheckArguments, InitArguments, SelectArguments};
pub use proof::{ProveArguments, VerifyArguments};
pub use run::{ResolveArguments, RunArguments, TrainArguments, UndoArguments};

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
        customer, and the last entry of the change feed. It works while lines come: a run that is at work is waited for, \
        and one that comes has its turn between two lines.")]
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
