//! The commands of those who work on Vinculo: `cargo x …`.
//!
//! | module | what it does |
//! |---|---|
//! | `check` | formatting, lints, and our own rules |
//! | `tidy` | our own rules, checked by our own code |
//! | `test` | everything that must hold before a change is merged |
//! | `bench` | measures accuracy, speed and memory into `docs/benchmarks.md` |
//! | `demo` | the main job on the sample project |
//! | `torture` | kills runs at random moments, many times |
//! | `db` | a database for development |
//! | `postgres` | finds or installs Postgres; the clusters of `test`, `torture`, `bench` and `db` |
//! | `workspace` | where things are, and how programs are run |
//! | `steps` | runs named steps and keeps their times |
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a command line tool speaks on its terminal")]

mod bench;
mod check;
mod db;
mod demo;
mod postgres;
mod steps;
mod test;
mod tidy;
mod torture;
mod workspace;

use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

use crate::steps::Steps;
use crate::workspace::Workspace;

/// Vinculo's developer commands.
#[derive(Debug, Parser)]
#[command(name = "cargo x", bin_name = "cargo x")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Set up what is missing, build, run the main job on the sample project, and show what to look at next.
    Demo,
    /// Run everything that must hold before a change is merged.
    Test(test::Options),
    /// Check formatting, lints and our own rules.
    Check,
    /// Measure accuracy, speed and memory, and write the figures into docs/benchmarks.md.
    Bench(bench::Options),
    /// Kill runs at random moments, and see that each next run ends as if nothing had happened.
    Torture(torture::Options),
    /// Keep a database for development.
    #[command(subcommand)]
    Db(db::Action),
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let mut steps = Steps::default();
    let outcome = run(&arguments.command, &mut steps);
    steps.print_times();
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("failed: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: &Command, steps: &mut Steps) -> Result<()> {
    let workspace = Workspace::load()?;
    match command {
        Command::Demo => demo::run(&workspace, steps),
        Command::Test(options) => test::run(&workspace, options, steps),
        Command::Check => check::run(&workspace, steps),
        Command::Bench(options) => bench::run(&workspace, options, steps),
        Command::Torture(options) => torture::run(&workspace, options, steps),
        Command::Db(action) => db::run(&workspace, action),
    }
}
