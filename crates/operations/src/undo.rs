//! `undo`: the last publication is taken back by a new one.

use crate::error::OperationError;
use crate::run::new_run;
use crate::session::Session;
use crate::summary::CustomerChanges;
use crate::turn;
use chrono::Utc;
use serde::Serialize;
use vinculo_records::{AuditHead, RunId};
use vinculo_store::{Change, PublicationRecord, RowsWritten, RunStatus, Store, Undo, Undone};

/// What taking back a publication did, or would do. Counts, never values.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct UndoSummary {
    /// The run's number; none for a dry run.
    pub run: Option<i64>,
    /// Whether it only foretold what it would do.
    pub dry_run: bool,
    /// The publication that was taken back.
    pub taken_back: TakenBack,
    /// The publication that took it back; none for a dry run.
    pub publication: Option<i64>,
    /// The last entry of the change feed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_change: Option<i64>,
    /// What became of customers.
    pub customers: CustomerChanges,
    /// How many customers there are now.
    pub customers_total: u64,
    /// Rows written.
    pub rows: RowsWritten,
    /// The end of the audit chain; none for a dry run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub audit: Option<AuditHead>,
}

/// A publication that was taken back, and whose it was.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TakenBack {
    /// Its number.
    pub publication: i64,
    /// The run that had published it.
    pub run: i64,
    /// The command of that run.
    pub command: String,
    /// Who had called it.
    pub actor: String,
}

/// Takes back the last publication, or only counts what would change.
///
/// # Errors
/// Nothing was published yet; the last publication took back another one itself; a failing store, or another command at
/// work.
pub async fn undo(session: &Session, dry_run: bool) -> Result<UndoSummary, OperationError> {
    let lease = turn::take(session, "undo").await?;
    let session = &Session { store: lease.store().clone(), ..session.clone() };
    let undone = match under_lease(session, dry_run).await {
        Err(OperationError::Store(error)) => Err(OperationError::Store(lease.explain(error).await)),
        undone => undone,
    };
    lease.release().await;
    undone
}

async fn under_lease(session: &Session, dry_run: bool) -> Result<UndoSummary, OperationError> {
    if dry_run {
        return take_back(session, None).await;
    }
    let config = session.bench.project.config_json();
    let run = session.store.begin_run(&new_run(session, "undo", &config)).await?;
    let undone = take_back(session, Some(run)).await;
    let (status, account) = match &undone {
        Ok(summary) => {
            let account = serde_json::to_value(summary)
                .map_err(|_| OperationError::Internal("a summary has no JSON form".into()))?;
            (RunStatus::Done, account)
        }
        Err(error) => (RunStatus::Failed, serde_json::json!({"problem": error.to_string()})),
    };
    // Where the server is gone, the next run finds that this one ended without a word.
    let finished = session.store.finish_run(run, status, &account).await;
    let summary = undone?;
    Ok(UndoSummary { audit: Some(finished?), ..summary })
}

/// The last publication. One that took back another is not taken back in turn: a command that was killed after it had
/// done its work can so be called again.
async fn to_take_back(store: &Store) -> Result<PublicationRecord, OperationError> {
    let last = store.last_publication().await?;
    let last = last.ok_or_else(|| OperationError::NotFound("nothing was published yet".into()))?;
    match last.takes_back {
        None => Ok(last),
        Some(before) => Err(OperationError::NotFound(format!(
            "nothing is left to take back: publication {} has taken back publication {before}; \
             `vinculo run --full` publishes anew",
            last.number
        ))),
    }
}

async fn take_back(session: &Session, run: Option<RunId>) -> Result<UndoSummary, OperationError> {
    let last = to_take_back(&session.store).await?;
    let undo = Undo { publication: last.number, run, published_at: Utc::now() };
    let Undone { published, changes, customers } = session.store.undo(&undo).await?;
    Ok(UndoSummary {
        run: run.map(|run| run.0),
        dry_run: run.is_none(),
        taken_back: TakenBack { publication: last.number, run: last.run.0, command: last.command, actor: last.actor },
        publication: published.publication,
        last_change: published.publication.map(|_| published.last_change),
        customers: count(&changes),
        customers_total: customers,
        rows: published.rows,
        audit: None,
    })
}

/// The publication that stands taken back: customers are those of before it, until another run publishes.
pub(crate) async fn taken_back(store: &Store) -> Result<Option<i64>, OperationError> {
    Ok(store.last_publication().await?.and_then(|last| last.takes_back))
}

fn count(changes: &[(Change, u64)]) -> CustomerChanges {
    let of = |change: Change| changes.iter().filter(|(what, _)| *what == change).map(|(_, count)| count).sum();
    CustomerChanges {
        created: of(Change::Created),
        updated: of(Change::Updated),
        merged: of(Change::Merged),
        split: of(Change::Split),
        ended: of(Change::Ended),
    }
}
