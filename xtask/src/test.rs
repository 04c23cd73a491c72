//! Everything that must hold before a change is merged.

use anyhow::Result;
use clap::Args;

use crate::check;
use crate::postgres::{self, ThrowawayCluster};
use crate::steps::Steps;
use crate::workspace::{self, Workspace};

/// How the tests find their database.
pub const DATABASE_VARIABLE: &str = "VINCULO_TEST_DATABASE_URL";

/// With the places at which a test may end the program.
const WHOLE_WORKSPACE: [&str; 4] = ["--workspace", "--locked", "--features", "vinculo-cli/failpoints"];

/// The data are thrown away, so nothing is gained by waiting for the disk.
pub const SERVER: [(&str, &str); 4] =
    [("fsync", "off"), ("synchronous_commit", "off"), ("full_page_writes", "off"), ("max_connections", "200")];

/// The options of `cargo x test`.
#[derive(Debug, Args)]
pub struct Options {
    /// Run the tests only, without formatting, lints and our own rules.
    #[arg(long)]
    no_check: bool,
    /// Passed on to `cargo test`, such as `-p vinculo-store` or a part of a test's name.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "CARGO TEST ARGUMENTS")]
    passed_on: Vec<String>,
}

/// Checks, builds, and runs all tests against a cluster of their own.
pub fn run(workspace: &Workspace, options: &Options, steps: &mut Steps) -> Result<()> {
    postgres::set_up(steps)?;
    if !options.no_check {
        check::run(workspace, steps)?;
    }
    // The whole-system tests run the program that stands beside them.
    steps.run("build", || workspace::run(workspace.cargo(&["build"]).args(WHOLE_WORKSPACE)))?;
    steps.run("build of the tests", || {
        let mut build = workspace.cargo(&["test"]);
        workspace::run(build.args(WHOLE_WORKSPACE).arg("--no-run").args(before_separator(&options.passed_on)))
    })?;
    let cluster = steps.run("test database", || ThrowawayCluster::start(workspace, "test-postgres", &SERVER))?;
    steps.run("tests", || {
        // One failure does not hide the others.
        let mut tests = workspace.cargo(&["test", "--no-fail-fast"]);
        workspace::run(tests.args(WHOLE_WORKSPACE).args(&options.passed_on).env(DATABASE_VARIABLE, cluster.url()?))
    })
}

/// What is meant for cargo and not for the test programs.
fn before_separator(arguments: &[String]) -> &[String] {
    let end = arguments.iter().position(|argument| argument == "--").unwrap_or(arguments.len());
    &arguments[..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_build_ignores_what_is_meant_for_the_test_programs() {
        let arguments = ["-p", "vinculo-store", "--", "--nocapture"].map(str::to_owned);
        assert_eq!(before_separator(&arguments), ["-p", "vinculo-store"]);
        assert_eq!(before_separator(&arguments[..1]), ["-p"]);
    }
}
