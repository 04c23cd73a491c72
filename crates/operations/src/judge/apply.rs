//! Customers follow what was judged: at once where nothing else waits, else with the next run.

use super::followed::Judgements;
use crate::error::OperationError;
use crate::progress::Silent;
use crate::rules::Rules;
use crate::run::{RunOptions, run};
use crate::session::Session;
use crate::summary::CustomerChanges;
use crate::undo::taken_back;
use serde::Serialize;
use std::sync::Arc;
use vinculo_store::StoreError;

/// Whether customers follow what was judged.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Applied {
    /// They do now.
    Published {
        /// What changed.
        changes: CustomerChanges,
    },
    /// They were so already.
    Unchanged,
    /// The next run will see to it.
    Waits {
        /// Why not now.
        reason: Wait,
    },
}

/// Why what was judged waits for the next run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Wait {
    /// Records, settings or a model wait for it too, and whoever judges should not be the one to publish them.
    OtherChangesWait,
    /// A publication stands taken back: whoever resolves publishes it anew.
    PublicationTakenBack,
    /// Somebody else is writing now.
    AnotherCommandIsWorking,
}

impl Wait {
    /// The reason in a word.
    pub fn name(self) -> &'static str {
        match self {
            Self::OtherChangesWait => "other_changes_wait",
            Self::PublicationTakenBack => "publication_taken_back",
            Self::AnotherCommandIsWorking => "another_command_is_working",
        }
    }
}

/// Resolves and publishes what was judged, if nothing else has changed since the last resolution.
///
/// # Errors
/// A failing store.
pub async fn apply(session: &Session) -> Result<Applied, OperationError> {
    let store = &session.store;
    if taken_back(store).await?.is_some() {
        return Ok(Applied::Waits { reason: Wait::PublicationTakenBack });
    }
    let then = Judgements::as_of(store, store.last_judgement_followed().await?).await?;
    let rules = Rules::read(session).await?;
    if !store.stands(rules.state(&store.state_of_data().await?, then.digest())).await? {
        return Ok(Applied::Waits { reason: Wait::OtherChangesWait });
    }
    let silent = Session { progress: Arc::new(Silent), ..session.clone() };
    match run(&silent, &RunOptions { only_judgements: true, ..RunOptions::default() }).await {
        Ok(summary) if summary.customers == CustomerChanges::default() => Ok(Applied::Unchanged),
        Ok(summary) => Ok(Applied::Published { changes: summary.customers }),
        Err(OperationError::Store(StoreError::Busy(_))) => Ok(Applied::Waits { reason: Wait::AnotherCommandIsWorking }),
        Err(error) => Err(error),
    }
}
