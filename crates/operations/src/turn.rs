//! Taking turns at the right to write: `resolve` works as long as lines come, and gives way to whoever waits.
//!
//! A command that takes minutes is not waited for by others of its like: they are told who works, and come later. A turn of
//! `resolve` is short, and a single record should wait for a run rather than fail; so these two wait for each other, for
//! [`PATIENCE`] at most.

use crate::error::OperationError;
use crate::session::Session;
use std::time::{Duration, Instant};
use vinculo_store::{Holder, Lease, StoreError};

/// The command that works in turns.
pub(crate) const RESOLVE: &str = "resolve";
/// How long a command waits for its turn before it is told to come later.
const PATIENCE: Duration = Duration::from_secs(60);

/// Takes the lease for a command, after waiting for a turn of `resolve`; `resolve` itself waits for any command.
///
/// # Errors
/// [`StoreError::Busy`] when another command is at work, and has not ended in time if it is to be waited for; a failing
/// store.
pub(crate) async fn take(session: &Session, command: &str) -> Result<Lease, OperationError> {
    let begun = Instant::now();
    let mut knock = None;
    loop {
        match session.store.take_lease(command, &session.actor).await {
            Err(StoreError::Busy(holder)) if waits(command, &holder) && begun.elapsed() < PATIENCE => {
                if knock.is_none() {
                    knock = Some(session.store.knock().await?);
                }
            }
            taken => return Ok(taken?),
        }
    }
}

fn waits(command: &str, holder: &Holder) -> bool {
    command == RESOLVE || holder.command == RESOLVE
}
