//! What came in: by source, by delivery, and why rows were rejected.

use super::quality::Scanned;
use crate::error::OperationError;
use crate::session::Session;
use chrono::{DateTime, Utc};
use serde::Serialize;
use vinculo_store::{Delivery, DeliveryCounts};

/// Deliveries that are told of.
const DELIVERIES: u32 = 20;
/// Deliveries among which the last one of a source is looked for.
const LOOKED_AT: u32 = 1_000;
/// Reasons that are told of.
const REASONS: usize = 20;

/// What a source has brought.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SourceIntake {
    /// The source.
    pub source: String,
    /// Records of it that count now.
    pub records: u64,
    /// Its last delivery.
    pub last: Option<DeliveryIntake>,
}

/// A delivery and what became of its rows.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DeliveryIntake {
    /// Its number.
    pub delivery: i64,
    /// The run that read it.
    pub run: i64,
    /// The source.
    pub source: String,
    /// open, sealed or refused.
    pub state: &'static str,
    /// When it was opened.
    pub opened_at: DateTime<Utc>,
    /// What became of its rows.
    #[serde(flatten)]
    pub counts: DeliveryCounts,
    /// Values that were flagged.
    pub flagged_values: u64,
    /// Why it was refused, in words.
    pub problem: Option<String>,
}

/// Rows that were rejected for one reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RejectReason {
    /// The source.
    pub source: String,
    /// Code of the fault.
    pub code: String,
    /// The column that has it, where it is one column's.
    pub column: Option<String>,
    /// How many rows.
    pub rows: u64,
}

/// What each source has brought: those of the project, in its order, then others whose records still count.
pub(super) async fn sources(session: &Session, scanned: &Scanned) -> Result<Vec<SourceIntake>, OperationError> {
    let deliveries = session.store.deliveries(None, LOOKED_AT).await?;
    let listed = session.bench.project.sources.iter().map(|source| source.name.clone());
    let mut names: Vec<String> = listed.collect();
    names.extend(
        scanned
            .sources()
            .filter(|name| !session.bench.project.sources.iter().any(|s| s.name == *name))
            .map(str::to_owned),
    );
    let intake = |source: String| SourceIntake {
        records: scanned.records_of(&source),
        last: deliveries.iter().find(|delivery| delivery.source == source).cloned().map(delivery_intake),
        source,
    };
    Ok(names.into_iter().map(intake).collect())
}

/// The last deliveries, the newest first.
pub(super) async fn deliveries(session: &Session) -> Result<Vec<DeliveryIntake>, OperationError> {
    let deliveries = session.store.deliveries(None, DELIVERIES).await?;
    Ok(deliveries.into_iter().map(delivery_intake).collect())
}

/// Why rows were rejected.
pub(super) async fn reject_reasons(session: &Session) -> Result<Vec<RejectReason>, OperationError> {
    let counted = session.store.count_faults().await?.into_iter().take(REASONS);
    let reason = |fault: vinculo_store::FaultCount| RejectReason {
        source: fault.source,
        code: fault.code,
        column: fault.column,
        rows: fault.rows.unsigned_abs(),
    };
    Ok(counted.map(reason).collect())
}

fn delivery_intake(delivery: Delivery) -> DeliveryIntake {
    DeliveryIntake {
        delivery: delivery.id.0,
        run: delivery.run.0,
        source: delivery.source,
        state: delivery.state.name(),
        opened_at: delivery.opened_at,
        flagged_values: delivery.counts.flagged.values().flat_map(|flags| flags.values()).sum(),
        counts: delivery.counts,
        problem: delivery.refusal.map(|(_, problem)| problem),
    }
}
