//! What stewards decide: `review`, `judge`.

use clap::{Args, Subcommand};

#[derive(Debug, Args)]
pub struct ReviewArguments {
    /// Only joins that a constraint refused
    #[arg(long)]
    pub conflicts: bool,
    /// Only pairs that are too likely to drop and not likely enough to join
    #[arg(long)]
    pub possible: bool,
    /// Pairs to list at most
    #[arg(long, default_value_t = 10, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
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
