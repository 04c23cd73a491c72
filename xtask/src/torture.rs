//! Kills runs at random moments, many times: what `cargo x test` does a few times.

use anyhow::Result;
use clap::Args;

use crate::postgres::{self, ThrowawayCluster};
use crate::steps::Steps;
use crate::test::{DATABASE_VARIABLE, SERVER};
use crate::workspace::{self, Workspace};

/// The options of `cargo x torture`.
#[derive(Debug, Clone, Args)]
pub struct Options {
    /// How many runs to kill.
    #[arg(long, default_value_t = 500, value_name = "N")]
    kills: u64,
    /// Where chance begins; every torture prints its own [default: another one each time]
    #[arg(long, value_name = "SEED")]
    seed: Option<u64>,
}

/// Builds the program and the tests, and runs the one test that kills at random moments.
pub fn run(workspace: &Workspace, options: &Options, steps: &mut Steps) -> Result<()> {
    postgres::set_up(steps)?;
    steps.run("build", || workspace::run(&mut workspace.cargo(&["build", "--locked", "-p", "vinculo-cli"])))?;
    let cluster = steps.run("database", || ThrowawayCluster::start(workspace, "torture-postgres", &SERVER))?;
    steps.run("kills", || {
        let test =
            ["test", "--locked", "-p", "vinculo-tests", "--test", "scenarios", "random_kills", "--", "--nocapture"];
        let mut command = workspace.cargo(&test);
        command.env(DATABASE_VARIABLE, cluster.url()?).env("VINCULO_KILLS", options.kills.to_string());
        if let Some(seed) = options.seed {
            command.env("VINCULO_SEED", seed.to_string());
        }
        workspace::run(&mut command)
    })
}
