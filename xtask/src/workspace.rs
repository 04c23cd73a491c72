//! Where things are, and how programs are run.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail};
use cargo_metadata::{Metadata, MetadataCommand};

/// The checkout that `cargo x` was called in.
#[derive(Debug)]
pub struct Workspace {
    /// What cargo knows of the packages and their dependencies.
    pub metadata: Metadata,
}

impl Workspace {
    /// Asks cargo.
    pub fn load() -> Result<Self> {
        let metadata = MetadataCommand::new()
            .other_options(vec!["--locked".to_owned()])
            .exec()
            .context("cargo metadata (is Cargo.lock up to date?)")?;
        Ok(Self { metadata })
    }

    /// The folder of the checkout.
    pub fn root(&self) -> &Path {
        self.metadata.workspace_root.as_std_path()
    }

    /// The folder of everything that is built.
    pub fn target(&self) -> &Path {
        self.metadata.target_directory.as_std_path()
    }

    /// The same cargo that runs us, in the folder of the checkout.
    pub fn cargo(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        command.args(arguments).current_dir(self.root());
        command
    }

    /// A program that was built in release.
    pub fn release_program(&self, name: &str) -> PathBuf {
        self.target().join("release").join(name)
    }
}

/// Runs a command to its end; anything but success is an error that names it.
pub fn run(command: &mut Command) -> Result<()> {
    let shown = shown(command);
    let status = command.status().with_context(|| format!("cannot run `{shown}`"))?;
    if !status.success() {
        bail!("`{shown}` ended with {status}");
    }
    Ok(())
}

/// The command as one would type it.
fn shown(command: &Command) -> String {
    let program = Path::new(command.get_program());
    let name = program.file_name().unwrap_or(program.as_os_str());
    let words: Vec<_> = std::iter::once(name).chain(command.get_args()).map(|word| word.to_string_lossy()).collect();
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_that_fails_is_shown_as_typed() {
        let error = run(Command::new("/bin/sh").args(["-c", "exit 3"])).expect_err("it exits with 3");
        assert_eq!(error.to_string(), "`sh -c exit 3` ended with exit status: 3");
    }
}
