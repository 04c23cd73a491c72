//! Exit codes: 0 done, 1 failed, 2 wrong usage or configuration, 75 try again later.

use crate::output::say;
use std::process::ExitCode;
use vinculo_operations::{OperationError, Remedy, StoreError};
use vinculo_project::ProjectErrors;

/// How a command that did not break ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// All was done.
    Done,
    /// Something failed, and was told.
    Failed,
    /// The configuration is wrong, and that was told.
    Misconfigured,
    /// Something is in the way that may pass by itself, and was told.
    TryLater,
}

/// Tells an error, once, and gives the code for the caller.
pub fn code(result: anyhow::Result<Ending>) -> ExitCode {
    let ending = result.unwrap_or_else(|error| {
        let ending = ending_of(&error);
        match error.downcast_ref::<ProjectErrors>() {
            Some(problems) => say(problems),
            None => say(format_args!("error: {error:#}")),
        }
        ending
    });
    ExitCode::from(match ending {
        Ending::Done => 0,
        Ending::Failed => 1,
        Ending::Misconfigured => 2,
        Ending::TryLater => 75,
    })
}

fn ending_of(error: &anyhow::Error) -> Ending {
    let remedy = error.chain().find_map(|cause| {
        if cause.is::<ProjectErrors>() || cause.is::<Misconfigured>() {
            return Some(Remedy::Correct);
        }
        if let Some(store) = cause.downcast_ref::<StoreError>() {
            return Some(Remedy::of_store(store));
        }
        cause.downcast_ref::<OperationError>().map(OperationError::remedy)
    });
    match remedy {
        Some(Remedy::Correct) => Ending::Misconfigured,
        Some(Remedy::Retry) => Ending::TryLater,
        Some(Remedy::Investigate) | None => Ending::Failed,
    }
}

/// A wrong flag or setting that only shows when it is used.
#[derive(Debug)]
pub struct Misconfigured(pub String);

impl std::fmt::Display for Misconfigured {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Misconfigured {}
