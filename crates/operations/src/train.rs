//! `train`: a new model from all current records. It resolves nothing: the next run does, all of it, under the new model.

use crate::count::counted;
use crate::error::OperationError;
use crate::ingest::Overlay;
use crate::judge::Judgements;
use crate::population::{self, Population};
use crate::progress::Stage;
use crate::resolve::{FrozenModel, comparables, frozen_from, keep, newest_model, plan};
use crate::run::new_run;
use crate::session::Session;
use crate::turn;
use serde::Serialize;
use vinculo_records::{Kind, RunId};
use vinculo_resolution::pipeline::{self, TrainingReport};
use vinculo_store::RunStatus;

/// What was learned of the records of one kind.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct KindTraining {
    /// Person or organization.
    pub kind: Kind,
    /// How many records there are.
    pub records: u64,
    /// From how many on a model stays in force.
    pub frozen_from: u64,
    /// The model that is in force now; none where runs train by themselves.
    pub model: Option<i64>,
    /// Whether it is another than before.
    pub is_new: bool,
    /// How the training went.
    pub training: Option<TrainingReport>,
}

/// Trains a model of each kind that has records enough.
///
/// # Errors
/// Settings that the plan refuses; another command at work; a failing store.
pub async fn train(session: &Session) -> Result<Vec<KindTraining>, OperationError> {
    let lease = turn::take(session, "train").await?;
    let session = &Session { store: lease.store().clone(), ..session.clone() };
    let config = session.bench.project.config_json();
    let run = session.store.begin_run(&new_run(session, "train", &config)).await?;
    let trained = train_all(session, run).await;
    let (status, account) = match &trained {
        Ok(kinds) => (RunStatus::Done, serde_json::json!({"resolution": kinds})),
        Err(error) => (RunStatus::Failed, serde_json::json!({"problem": error.to_string()})),
    };
    let finished = session.store.finish_run(run, status, &account).await;
    lease.release().await;
    let trained = trained?;
    finished?;
    Ok(trained)
}

async fn train_all(session: &Session, run: RunId) -> Result<Vec<KindTraining>, OperationError> {
    let progress = &session.progress;
    progress.begin(&Stage::Load, None);
    let judgements = Judgements::read(&session.store).await?;
    let rows = session.store.sources().await?;
    let populations = population::load(session, &rows, &Overlay::default(), &judgements).await?;
    let records = populations.iter().map(|population| population.len() as u64).sum();
    progress.end(&Stage::Load, &counted(records, "record", "records"));
    progress.begin(&Stage::Train, Some(records));
    let mut trained = Vec::new();
    for population in populations.iter().filter(|population| !population.is_empty()) {
        trained.push(train_kind(session, run, population).await?);
        progress.advance(&Stage::Train, population.len() as u64);
    }
    progress.end(&Stage::Train, &counted(records, "record", "records"));
    Ok(trained)
}

async fn train_kind(session: &Session, run: RunId, population: &Population) -> Result<KindTraining, OperationError> {
    let project = &session.bench.project;
    let (kind, records, frozen_from) = (population.kind, population.len() as u64, frozen_from(project));
    if records < frozen_from {
        return Ok(KindTraining { kind, records, frozen_from, model: None, is_new: false, training: None });
    }
    let (frozen, report) = session.compute(|| -> Result<_, OperationError> {
        let records = comparables(project, population);
        let plan = plan(project, &records)?;
        let trained = pipeline::train(&plan, &records);
        Ok((FrozenModel { plan, model: trained.model }, trained.report))
    })?;
    let before = newest_model(session, kind).await?.map(|kept| kept.version);
    let model = keep(session, run, kind, &frozen).await?;
    let is_new = before != Some(model);
    Ok(KindTraining { kind, records, frozen_from, model: Some(model), is_new, training: Some(report) })
}
