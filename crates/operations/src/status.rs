//! `status`: the last runs, what each delivery brought, and which sources the project no longer has.

use crate::error::OperationError;
use crate::unlisted::{UnlistedSource, unlisted};
use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::Value;
use vinculo_project::Project;
use vinculo_records::AuditHead;
use vinculo_store::{Delivery, DeliveryCounts, DeliveryState, RunStatus, Store};

/// What there is to know of a project.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Status {
    /// The last runs, the newest first.
    pub runs: Vec<RunReport>,
    /// Sources that `vinculo.yaml` no longer has and whose records still count.
    pub unlisted: Vec<UnlistedSource>,
    /// The last block of the audit chain; its hash is to be kept elsewhere.
    pub audit: Option<AuditHead>,
}

/// A run and its deliveries.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RunReport {
    /// The run's number.
    pub run: i64,
    /// The command.
    pub command: String,
    /// Who called it.
    pub actor: String,
    /// Version of the program.
    pub program_version: String,
    /// running, done, failed or aborted: it was killed, and the next one goes on where it was.
    pub status: &'static str,
    /// When it began.
    pub started_at: DateTime<Utc>,
    /// When it ended.
    pub finished_at: Option<DateTime<Utc>>,
    /// What it did, as `run` wrote it.
    pub summary: Option<Value>,
    /// Its deliveries, in the order in which they were opened.
    pub deliveries: Vec<DeliveryReport>,
}

/// A delivery, as the store knows it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DeliveryReport {
    /// Its number.
    pub delivery: i64,
    /// The source.
    pub source: String,
    /// open, sealed, unchanged (sealed, and nothing is other by it) or refused.
    pub state: &'static str,
    /// What it brought.
    #[serde(flatten)]
    pub counts: DeliveryCounts,
    /// The code of its refusal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refused_as: Option<String>,
    /// Why it was refused, in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
}

/// The last runs, at most so many, and the sources that the project no longer has.
///
/// # Errors
/// When the store cannot be read.
pub async fn status(store: &Store, project: &Project, limit: u32) -> Result<Status, OperationError> {
    let mut reports = Vec::new();
    let is_at_work = store.is_at_work().await?;
    for run in store.runs(limit).await? {
        let mut deliveries = store.deliveries(Some(run.id), 1_000).await?;
        deliveries.reverse();
        reports.push(RunReport {
            run: run.id.0,
            command: run.command,
            actor: run.actor,
            program_version: run.program_version,
            status: match run.status {
                // Nobody was left to write it down.
                RunStatus::Running if !is_at_work => RunStatus::Aborted.name(),
                status => status.name(),
            },
            started_at: run.started_at,
            finished_at: run.finished_at,
            summary: run.summary,
            deliveries: deliveries.into_iter().map(report).collect(),
        });
    }
    Ok(Status { runs: reports, unlisted: unlisted(store, project).await?, audit: store.audit_head().await? })
}

fn report(delivery: Delivery) -> DeliveryReport {
    let (refused_as, problem) = delivery.refusal.unzip();
    let state = match delivery.state {
        // The word that `run` has for it.
        DeliveryState::Sealed if !delivery.changed => "unchanged",
        state => state.name(),
    };
    let (source, counts) = (delivery.source, delivery.counts);
    DeliveryReport { delivery: delivery.id.0, source, state, counts, refused_as, problem }
}
