//! Measures what the program reaches, and writes it into `docs/benchmarks.md`.
//!
//! | module | what it does |
//! |---|---|
//! | `accuracy` | public data and the sample shop beside their truths |
//! | `names` | labelled pairs of names |
//! | `million` | generated records from CSV to customers, beside what Postgres needs to COPY the same tables |
//! | `memory` | a file that is larger than the memory allowed |
//! | `scale` | the same with more records: what each record costs then |
//! | `splink` | generated persons, resolved by Splink on DuckDB and by us |
//! | `delta` | a thousand records more, and one at a time |
//! | `copy_cost` | loads the tables of a run once more, with nothing but COPY and CREATE INDEX |
//! | `lineage` | what of a run lineage, history and their proof take |
//! | `auditor` | an auditor's questions |
//! | `program` | runs and evaluates projects with the built program |
//! | `usage` | time and memory of a process |
//! | `setting` | the cluster, the machine and the versions behind the figures |
//! | `markdown`, `document` | tables and numbers; their place in `docs/benchmarks.md` |

mod accuracy;
mod auditor;
mod copy_cost;
mod delta;
mod document;
mod lineage;
mod markdown;
mod memory;
mod million;
mod names;
mod program;
mod scale;
mod setting;
mod splink;
mod usage;

use std::path::PathBuf;

use anyhow::Result;
use clap::{Args, ValueEnum};

use crate::postgres;
use crate::steps::Steps;
use crate::workspace::{self, Workspace};
use document::Document;
use setting::Setting;

/// The options of `cargo x bench`.
#[derive(Debug, Args)]
pub struct Options {
    /// What to measure; everything when nothing is named.
    #[arg(value_enum)]
    parts: Vec<Part>,
    /// How many records `million` generates.
    #[arg(long, default_value_t = 1_000_000, value_name = "N")]
    records: u64,
    /// How many records `scale` generates, one run each.
    #[arg(long, value_delimiter = ',', default_values_t = [1_000_000, 5_000_000, 10_000_000], value_name = "N,…")]
    scale: Vec<u64>,
    /// How many records the store holds for `delta`, one after the other.
    #[arg(long, value_delimiter = ',', default_values_t = [100_000, 1_000_000], value_name = "N,…")]
    delta: Vec<u64>,
    /// How many persons `splink` generates, one comparison each.
    #[arg(long, value_delimiter = ',', default_values_t = [100_000, 1_000_000], value_name = "N,…")]
    splink: Vec<u64>,
    /// A folder with public sets that are not part of the project: `NAME.csv`, with the truth in `NAME.truth.csv`
    /// beside; `tests/data/README.md` says which.
    #[arg(long, value_name = "FOLDER")]
    sets: Option<PathBuf>,
}

/// What can be measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Part {
    /// Public data and the sample shop beside their truths.
    Accuracy,
    /// Labelled pairs of names.
    Names,
    /// Generated records from CSV to published customers, beside COPY alone.
    Million,
    /// A file of 2 GB, read within 512 MB.
    Memory,
    /// Beside Splink on DuckDB, which is installed from PyPI into an environment of its own.
    Splink,
    /// A thousand records more, and one at a time.
    Delta,
    /// More records: what each costs then.
    Scale,
}

/// Builds the program, measures, and writes each part's figures as soon as they are known.
pub fn run(workspace: &Workspace, options: &Options, steps: &mut Steps) -> Result<()> {
    postgres::set_up(steps)?;
    steps.run("build", || {
        let programs = ["build", "--release", "--locked", "-p", "vinculo-cli", "-p", "vinculo-testkit", "--bins"];
        workspace::run(&mut workspace.cargo(&programs))
    })?;
    let setting = Setting::new(workspace)?;
    let document = Document::of(workspace);
    let is_wanted = |part: Part| options.parts.is_empty() || options.parts.contains(&part);
    if is_wanted(Part::Accuracy) {
        let figures = steps.run("accuracy", || accuracy::measure(&setting, options.sets.as_deref()))?;
        let with_sets = if options.sets.is_some() { " --sets FOLDER" } else { "" };
        document.put("accuracy", &setting.stamp(&format!("accuracy{with_sets}")), &figures)?;
    }
    if is_wanted(Part::Names) {
        let figures = steps.run("names", || names::measure(workspace))?;
        document.put("names", &setting.stamp("names"), &figures)?;
    }
    if is_wanted(Part::Million) {
        let figures = steps.run("million", || million::measure(&setting, options.records))?;
        document.put("million", &setting.stamp(&format!("million --records {}", options.records)), &figures)?;
    }
    if is_wanted(Part::Memory) {
        let figures = steps.run("memory", || memory::measure(&setting))?;
        document.put("memory", &setting.stamp("memory"), &figures)?;
    }
    if is_wanted(Part::Splink) {
        let figures = steps.run("splink", || splink::measure(&setting, &options.splink))?;
        document.put("splink", &setting.stamp(&format!("splink --splink {}", listed(&options.splink))), &figures)?;
    }
    if is_wanted(Part::Delta) {
        let figures = steps.run("delta", || delta::measure(&setting, &options.delta))?;
        document.put("delta", &setting.stamp(&format!("delta --delta {}", listed(&options.delta))), &figures)?;
    }
    if is_wanted(Part::Scale) {
        let figures = steps.run("scale", || scale::measure(&setting, &options.scale))?;
        document.put("scale", &setting.stamp(&format!("scale --scale {}", listed(&options.scale))), &figures)?;
    }
    Ok(())
}

fn listed(numbers: &[u64]) -> String {
    let texts: Vec<String> = numbers.iter().map(u64::to_string).collect();
    texts.join(",")
}
