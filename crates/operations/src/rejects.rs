//! `rejects`: records that were kept aside, and why.

use crate::error::OperationError;
use crate::session::Session;
use serde::Serialize;
use vinculo_records::RunId;
pub use vinculo_store::Fault;
use vinculo_store::{RejectFilter, Store};

/// Deliveries among which the last one of a source is looked for.
const LOOKED_AT: u32 = 1_000;

/// A rejected record: where it stands and all that is wrong with it. What it says is shown only where somebody asked.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RejectedRecord {
    /// Its number.
    pub reject: i64,
    /// The source.
    pub source: String,
    /// The file.
    pub file: String,
    /// The line where it begins.
    pub line: i64,
    /// All its faults.
    pub faults: Vec<Fault>,
    /// The record as it was delivered, where it was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub raw: Option<String>,
}

/// Rejected records of a run (the last one that read, if none is named) and a source (all, if none is named).
///
/// # Errors
/// A source that neither the project nor the store knows; a store that cannot be read.
pub async fn list(
    session: &Session,
    run: Option<i64>,
    source: Option<&str>,
    limit: u32,
) -> Result<Vec<RejectedRecord>, OperationError> {
    let store = &session.store;
    if let Some(name) = source
        && !store.sources().await?.iter().any(|row| row.name == name)
    {
        // One that vinculo.yaml no longer has is known to the store; a misspelled one is told as everywhere.
        session.bench.select(&[name.to_owned()])?;
    }
    let run = match (run, source) {
        (Some(run), _) => Some(RunId(run)),
        // The last run may have read other sources only.
        (None, Some(source)) => last_read(store, source).await?,
        (None, None) => store.deliveries(None, 1).await?.first().map(|delivery| delivery.run),
    };
    let filter = RejectFilter { run, source, limit: Some(limit), ..RejectFilter::default() };
    let rejects = store.rejects(filter).await?;
    Ok(rejects.into_iter().map(|reject| rejected(reject, false)).collect())
}

/// The last run that read a source; none where that was long ago, so that all of the source is told.
async fn last_read(store: &Store, source: &str) -> Result<Option<RunId>, OperationError> {
    let deliveries = store.deliveries(None, LOOKED_AT).await?;
    Ok(deliveries.into_iter().find(|delivery| delivery.source == source).map(|delivery| delivery.run))
}

/// One rejected record, with what it says.
///
/// # Errors
/// No record of this number; a store that cannot be read.
pub async fn show(store: &Store, number: i64) -> Result<RejectedRecord, OperationError> {
    let filter = RejectFilter { id: Some(number), ..RejectFilter::default() };
    match store.rejects(filter).await?.pop() {
        Some(reject) => Ok(rejected(reject, true)),
        None => Err(OperationError::NotFound(format!("no rejected record has the number {number}"))),
    }
}

fn rejected(reject: vinculo_store::Reject, with_raw: bool) -> RejectedRecord {
    RejectedRecord {
        reject: reject.id,
        source: reject.source,
        file: reject.path,
        line: reject.line,
        faults: reject.faults,
        raw: with_raw.then_some(reject.raw),
    }
}
