//! Questions about customers and records: `match`, `lineage`, `how`, `explain`.

use clap::Args;

#[derive(Debug, Args)]
pub struct MatchArguments {
    /// The source whose columns they have
    #[arg(value_name = "SOURCE")]
    pub source: String,
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
pub struct ExplainArguments {
    /// Source and key of the one record, source and key of the other
    #[arg(required = true, num_args = 4, allow_negative_numbers = true, value_names = ["SOURCE", "KEY", "SOURCE", "KEY"])]
    pub records: Vec<String>,
    /// Machine-readable output on stdout
    #[arg(long)]
    pub json: bool,
}
