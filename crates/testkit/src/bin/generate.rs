//! Writes invented customers with known truth: `generate loja …` the demo's shop, `generate bench …` large files.

use anyhow::Context;
use clap::{Args, Parser, Subcommand};
use std::io::Write;
use std::path::PathBuf;
use vinculo_testkit::files::{loja, register};
use vinculo_testkit::{Rates, Settings};

/// Writes invented customers with errors put in on purpose, and the truth beside them.
#[derive(Debug, Parser)]
struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// The shop of the demo: four sources in four formats, in DIR/data, and DIR/truth.csv.
    Loja {
        #[command(flatten)]
        how: How,
    },
    /// Large files for benchmarks: persons.csv, organizations.csv, truth.csv and vinculo.yaml in DIR.
    Bench {
        #[command(flatten)]
        how: How,
    },
}

#[derive(Debug, Args)]
struct How {
    /// How many records in all.
    #[arg(long, default_value_t = 10_000)]
    records: u64,
    /// Chooses among the possible worlds; the same seed gives the same bytes.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// More errors, larger families, shared phones, missing identifiers.
    #[arg(long)]
    hard: bool,
    /// How many of a thousand units are companies; the others are households.
    #[arg(long, default_value_t = 200, value_parser = clap::value_parser!(u32).range(0..=1000))]
    organizations: u32,
    /// The folder, made where it is missing.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
}

impl How {
    fn settings(&self) -> Settings {
        Settings {
            seed: self.seed,
            records: self.records,
            organizations: self.organizations,
            rates: if self.hard { Rates::HARD } else { Rates::REALISTIC },
        }
    }
}

fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let (What::Loja { how } | What::Bench { how }) = &arguments.what;
    std::fs::create_dir_all(&how.out).with_context(|| format!("cannot make the folder {}", how.out.display()))?;
    let counts = match &arguments.what {
        What::Loja { how } => loja::write(&how.settings(), &how.out)?,
        What::Bench { how } => {
            let (persons, organizations) = register::write(&how.settings(), &how.out)?;
            vec![("persons", persons as usize), ("organizations", organizations as usize)]
        }
    };
    for (source, records) in counts {
        writeln!(std::io::stderr(), "{source}: {records} records")?;
    }
    Ok(())
}
