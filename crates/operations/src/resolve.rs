//! Who is who: a model is trained or taken, and the current records of one kind are resolved under it.

use crate::error::OperationError;
use crate::population::Population;
use crate::session::Session;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use vinculo_normalization::comparable::ComparableWriter;
use vinculo_records::hash::ContentHasher;
use vinculo_records::{ComparableRecords, ContentHash, RunId};
use vinculo_resolution::pipeline::{self, Resolution, Run, TrainingReport};
use vinculo_resolution::plan::{PlanError, comparison_name};
use vinculo_resolution::{Model, ResolutionPlan};

/// A model that was trained on fewer records is trained anew by every run; one of more stays in force.
pub const FROZEN_FROM: usize = 20_000;
/// A model is due to be trained anew when there are so many times the records that it was trained on.
const OUTGROWN: u64 = 2;

/// The plan and the weights under which records are resolved, as the store keeps them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FrozenModel {
    /// What is compared, and how.
    pub plan: ResolutionPlan,
    /// The trained weights.
    pub model: Model,
}

impl FrozenModel {
    /// The name of plan and weights by their content.
    pub fn digest(&self) -> ContentHash {
        let plan = serde_json::to_vec(&self.plan).unwrap_or_default();
        ContentHasher::new().part(&plan).part(&self.model.digest().0.to_be_bytes()).finish()
    }
}

/// The records of one kind, resolved.
pub struct Resolved {
    /// The records.
    pub population: Population,
    /// Who is who.
    pub resolution: Resolution,
    /// Under which model; its number is missing in a dry run that trained one.
    pub frozen: FrozenModel,
    /// The model's number in the store.
    pub model_version: Option<i64>,
    /// How the training went, if this run trained.
    pub training: Option<TrainingReport>,
}

impl Resolved {
    /// Whether the model has been outgrown by the records that are resolved under it.
    pub fn retraining_is_due(&self) -> bool {
        self.population.len() as u64 > OUTGROWN * self.frozen.model.records
    }
}

/// Resolves the records of one kind; `run` is none in a dry run, which keeps no model.
///
/// # Errors
/// Settings that the plan refuses; a failing store.
pub async fn resolve(
    session: &Session,
    population: Population,
    run: Option<RunId>,
    full: bool,
) -> Result<Resolved, OperationError> {
    let kind = population.kind;
    let stored = session.store.latest_model(kind).await?;
    let known = stored.as_ref().map(|stored| (stored.version, stored.digest));
    let kept = stored.and_then(|stored| serde_json::from_value::<FrozenModel>(stored.body).ok());
    // A model that was trained on less was never meant to last.
    let frozen = kept.filter(|kept| !full && kept.model.records >= FROZEN_FROM as u64);
    let bench = session.bench.clone();
    let (population, computed) = tokio::task::spawn_blocking(move || {
        let computed = bench.threads.install(|| compute(&bench.project, &population, frozen));
        (population, computed)
    })
    .await?;
    let (resolution, frozen, training) = computed?;
    let digest = frozen.digest();
    let model_version = match (run, known) {
        (_, Some((version, of_known))) if of_known == digest => Some(version),
        (Some(run), _) => {
            let body = serde_json::to_value(&frozen)
                .map_err(|_| OperationError::Internal("a model has no JSON form".into()))?;
            Some(session.store.save_model(kind, run, &body, digest).await?)
        }
        (None, _) => None,
    };
    Ok(Resolved { population, resolution, frozen, model_version, training })
}

type Computed = (Resolution, FrozenModel, Option<TrainingReport>);

fn compute(
    project: &vinculo_project::Project,
    population: &Population,
    frozen: Option<FrozenModel>,
) -> Result<Computed, OperationError> {
    let records = comparables(project, population);
    let plan = plan(project, &records)?;
    if let Some(frozen) = frozen.filter(|frozen| frozen.plan == plan) {
        let resolution = pipeline::resolve(&plan, &frozen.model, &records, Run::default());
        return Ok((resolution, frozen, None));
    }
    let (trained, resolution) = pipeline::train_and_resolve(&plan, &records, Run::default());
    Ok((resolution, FrozenModel { plan, model: trained.model }, Some(trained.report)))
}

/// Records that one thread turns into columns at a time.
const CHUNK_RECORDS: usize = 16_384;

/// The comparable columns of a population.
pub fn comparables(project: &vinculo_project::Project, population: &Population) -> ComparableRecords {
    let starts: Vec<usize> = (0..population.len()).step_by(CHUNK_RECORDS).collect();
    let new_writer = || ComparableWriter::new(population.kind, &project.attributes, &project.country);
    let chunks = starts.into_par_iter().map(|start| {
        let mut writer = new_writer();
        for record in start..population.len().min(start + CHUNK_RECORDS) {
            writer.push(population.hashes[record], population.packed.get(record));
        }
        writer
    });
    let mut all = new_writer();
    chunks.collect::<Vec<_>>().iter().for_each(|chunk| all.append(chunk));
    all.finish()
}

/// The plan that the project's settings make of these records.
///
/// # Errors
/// Settings that the engine refuses.
pub fn plan(project: &vinculo_project::Project, records: &ComparableRecords) -> Result<ResolutionPlan, OperationError> {
    let mut settings = crate::settings::resolution(&project.resolution, &project.attributes);
    if let Some(names) = settings.comparisons.take() {
        // A project names what is compared once, for persons and organizations together.
        let possible = ResolutionPlan::new(records, &settings, &project.attributes).map_err(refused)?;
        let possible: Vec<String> =
            possible.comparisons.iter().map(|c| comparison_name(*c, &project.attributes)).collect();
        settings.comparisons = Some(names.into_iter().filter(|name| possible.contains(name)).collect());
    }
    ResolutionPlan::new(records, &settings, &project.attributes).map_err(refused)
}

fn refused(error: PlanError) -> OperationError {
    OperationError::Configuration(format!("resolution: {error}"))
}
