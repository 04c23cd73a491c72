//! A private Python environment with Splink in it, made once and kept with what is built.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context as _, Result};

use crate::bench::setting::Setting;
use crate::workspace;

/// What is installed, in the versions that the figures are of.
const PACKAGES: [&str; 2] = ["splink==5.0.0", "duckdb==2.0.0"];

/// The environment.
pub struct Python {
    program: PathBuf,
}

impl Python {
    /// Makes the environment, and installs Splink from PyPI where that was not done before.
    pub fn with_splink(setting: &Setting<'_>) -> Result<Self> {
        let folder = setting.kept_folder("splink-python");
        let program = folder.join("bin/python");
        if !program.exists() {
            workspace::run(Command::new("python3").args(["-m", "venv"]).arg(&folder))
                .context("a Python environment cannot be made; on Debian: apt-get install python3-venv")?;
        }
        let install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"];
        workspace::run(Command::new(&program).args(install).args(PACKAGES)).context("Splink cannot be installed")?;
        Ok(Self { program })
    }

    /// A command that runs a script, ready for its arguments.
    pub fn script(&self, script: &str) -> Command {
        let mut command = Command::new(&self.program);
        command.args(["-c", script]);
        command
    }
}
