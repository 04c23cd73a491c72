//! `report`: why the program decided as it did, and where it may be wrong: everything that one page needs, as data.
//!
//! | module | what it gathers |
//! |---|---|
//! | [`intake`] | what came in, by source and delivery |
//! | [`quality`] | completeness and validity, by attribute and source |
//! | [`stored`] | what the resolution in force wrote down about itself |
//! | [`resolution`] | rules, weights, thresholds, sizes, conflicts, for one kind of record |
//! | [`estimate`] | precision and recall along the threshold, without labels |
//! | [`review`] | the pairs most worth a human look, with their waterfalls |
//! | [`caution`] | what of all this should make one careful |
//!
//! Nothing is written, and memory does not grow with the store: records are counted as they stream by.

pub mod caution;
pub mod estimate;
pub mod intake;
pub mod quality;
pub mod resolution;
pub mod review;
mod stored;

use crate::error::OperationError;
use crate::session::Session;
use caution::Caution;
use chrono::{DateTime, Utc};
use intake::{DeliveryIntake, RejectReason, SourceIntake};
use quality::AttributeQuality;
use resolution::KindReport;
use serde::Serialize;
use stored::StoredResolution;
use vinculo_records::Kind;

/// What an engineer should know of a project's answer.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Report {
    /// The project.
    pub project: String,
    /// When the report was made.
    pub made_at: DateTime<Utc>,
    /// Whether it holds values and keys of records, which are personal.
    pub with_values: bool,
    /// The run whose resolution is in force; none before the first.
    pub run: Option<ReportedRun>,
    /// What should make one careful: intake first, then kind by kind.
    pub cautions: Vec<Caution>,
    /// What came in, by source.
    pub sources: Vec<SourceIntake>,
    /// The last deliveries, the newest first.
    pub deliveries: Vec<DeliveryIntake>,
    /// Why rows were rejected, the most frequent reason first.
    pub reject_reasons: Vec<RejectReason>,
    /// Completeness and validity, by source and attribute.
    pub quality: Vec<AttributeQuality>,
    /// How records were resolved, kind by kind.
    pub kinds: Vec<KindReport>,
}

/// The run whose resolution is in force.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ReportedRun {
    /// Its number.
    pub run: i64,
    /// When it began.
    pub started_at: DateTime<Utc>,
    /// Version of the program that resolved.
    pub program_version: String,
}

/// Gathers the report of a project. Values and keys of records are in it only `with_values`.
///
/// # Errors
/// A store that cannot be read.
pub async fn report(session: &Session, with_values: bool) -> Result<Report, OperationError> {
    let resolving = session.store.resolving_run().await?;
    let scanned = quality::scan(session).await?;
    let sources = intake::sources(session, &scanned).await?;
    let deliveries = intake::deliveries(session).await?;
    let mut kinds = Vec::new();
    if let Some(run) = &resolving {
        for stored in stored::resolutions(&run.summary)? {
            kinds.push(kind_report(session, stored, with_values).await?);
        }
    }
    let quality = scanned.attributes(session);
    Ok(Report {
        project: session.bench.project.name.clone(),
        made_at: Utc::now(),
        with_values,
        cautions: caution::cautions(&sources, &quality, &kinds),
        run: resolving.map(|run| ReportedRun {
            run: run.id.0,
            started_at: run.started_at,
            program_version: run.program_version,
        }),
        sources,
        deliveries,
        reject_reasons: intake::reject_reasons(session).await?,
        quality,
        kinds,
    })
}

async fn kind_report(
    session: &Session,
    stored: StoredResolution,
    with_values: bool,
) -> Result<KindReport, OperationError> {
    let kind: Kind = stored.kind;
    // The model itself is let go of at once: that of a large store is large.
    let model = stored::model(session, kind).await?;
    let model = model.map(|model| resolution::model_report(model, &session.bench.project.attributes));
    let pairs = match &model {
        Some(model) => review::pairs(session, kind, model.join_weight, with_values).await?,
        None => Vec::new(),
    };
    resolution::gather(session, stored, model, pairs).await
}
