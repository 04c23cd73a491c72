//! Sources that `vinculo.yaml` no longer has: their records count until somebody retires them.

use crate::error::OperationError;
use crate::ingest::Overlay;
use crate::session::Session;
use crate::summary::{DeliveryOutcome, DeliverySummary};
use serde::Serialize;
use vinculo_project::Project;
use vinculo_records::{RecordId, RunId};
use vinculo_store::{DeliveryCounts, NewDelivery, Seal, SourceRow, Store};

/// A source that `vinculo.yaml` no longer has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct UnlistedSource {
    /// Its name.
    pub source: String,
    /// How many of its records still count.
    pub records: u64,
}

/// The sources of the store that the project does not have and whose records still count.
///
/// # Errors
/// When the store cannot be read.
pub async fn unlisted(store: &Store, project: &Project) -> Result<Vec<UnlistedSource>, OperationError> {
    let mut unlisted = Vec::new();
    for row in store.sources().await? {
        if project.source(&row.name).is_some() {
            continue;
        }
        let records = store.count_live(row.id).await?;
        if records > 0 {
            unlisted.push(UnlistedSource { source: row.name, records });
        }
    }
    Ok(unlisted)
}

/// The sources that are to be retired.
///
/// # Errors
/// A source that the project still has, or that nobody knows.
pub async fn to_retire(store: &Store, project: &Project, names: &[String]) -> Result<Vec<SourceRow>, OperationError> {
    let known = store.sources().await?;
    let row = |name: &String| {
        if project.source(name).is_some() {
            let message =
                format!("`{name}` is still in vinculo.yaml; take it out there before its records are retired");
            return Err(OperationError::Configuration(message));
        }
        let row = known.iter().find(|row| row.name == *name).cloned();
        row.ok_or_else(|| OperationError::Configuration(format!("no source `{name}` was ever read")))
    };
    names.iter().map(row).collect()
}

/// Deletes what is left of a source: a delivery that holds everything the source has, which is nothing.
///
/// # Errors
/// When the store fails.
pub async fn retire(
    session: &Session,
    row: &SourceRow,
    run: Option<RunId>,
    today: i32,
    overlay: &mut Overlay,
) -> Result<DeliverySummary, OperationError> {
    let counts = match (run, &row.followed) {
        (Some(run), Some(followed)) => {
            let fingerprint = followed.fingerprint;
            let new = NewDelivery { run, source: row.id, fingerprint, snapshot: true, landed_on: today };
            let delivery = session.store.open_delivery(&new).await?;
            let shown = |_: RecordId| false;
            let seal = Seal { counts: DeliveryCounts::default(), seen: Some(&shown) };
            session.store.seal(delivery.id, seal).await?.counts
        }
        // A source that follows nothing never brought anything.
        (Some(_), None) => DeliveryCounts::default(),
        (None, _) => {
            let deleted = session.store.for_each_live_key(row.id, |key| overlay.delete(row.id, key.to_owned())).await?;
            DeliveryCounts { deleted, ..DeliveryCounts::default() }
        }
    };
    let state = if counts.deleted == 0 { DeliveryOutcome::Unchanged } else { DeliveryOutcome::Sealed };
    Ok(DeliverySummary::new(&row.name, state, &counts, &[], None))
}
