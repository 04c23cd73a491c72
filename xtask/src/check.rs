//! Formatting, lints, and our own rules.

use anyhow::Result;

use crate::steps::Steps;
use crate::tidy;
use crate::workspace::{self, Workspace};

/// Checks whatever can be checked without running the program. The quickest check comes first.
pub fn run(workspace: &Workspace, steps: &mut Steps) -> Result<()> {
    steps.run("our own rules", || tidy::check(workspace))?;
    steps.run("formatting", || workspace::run(&mut workspace.cargo(&["fmt", "--all", "--", "--check"])))?;
    steps.run("lints", || {
        let lints = ["clippy", "--workspace", "--all-targets", "--locked", "--", "-D", "warnings"];
        workspace::run(&mut workspace.cargo(&lints))
    })?;
    steps.run("functions that fit a screen", || {
        // The limit is in clippy.toml. Tests are left out: a table of cases may be long.
        let lints = ["clippy", "--workspace", "--locked", "--", "-D", "warnings", "-D", "clippy::too_many_lines"];
        workspace::run(&mut workspace.cargo(&lints))
    })
}
