//! Who is who: a model is trained or taken, and the current records of one kind are resolved under it.

use crate::error::OperationError;
use crate::judge::Judgements;
use crate::population::Population;
use crate::session::Session;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use vinculo_normalization::comparable::ComparableWriter;
use vinculo_project::Project;
use vinculo_records::hash::ContentHasher;
use vinculo_records::{ComparableRecords, ContentHash, Kind, RunId};
use vinculo_resolution::incremental::KeyLists;
use vinculo_resolution::pipeline::{self, Resolution, Run, TrainingReport};
use vinculo_resolution::plan::{ENGINE_VERSION, PlanError, comparison_name};
use vinculo_resolution::{Model, ResolutionPlan};
use vinculo_store::PackedModel;

/// A model that was trained on fewer records is trained anew by every run; one of more stays in force.
pub const FROZEN_FROM: u64 = 20_000;
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
    /// Who can read what is packed: a model may have another form in each version.
    pub(crate) fn reader() -> String {
        format!("{} (engine {ENGINE_VERSION})", env!("CARGO_PKG_VERSION"))
    }

    /// Plan and weights in few bytes, for this version of the program alone.
    fn pack(&self) -> Option<Vec<u8>> {
        postcard::to_stdvec(self).ok()
    }

    /// What was packed; none of bytes that say anything else.
    pub(crate) fn unpack(data: &[u8]) -> Option<Self> {
        postcard::take_from_bytes(data).ok().filter(|(_, rest)| rest.is_empty()).map(|(frozen, _)| frozen)
    }

    fn is_of_this_engine(&self) -> bool {
        self.plan.engine == ENGINE_VERSION
    }

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
    pub frozen: Arc<FrozenModel>,
    /// The model's number in the store.
    pub model_version: Option<i64>,
    /// How the training went, if this run trained.
    pub training: Option<TrainingReport>,
    /// What each record is found by, where all of the kind were resolved.
    pub keys: Option<KeyLists>,
    /// How many records of the kind there are, about.
    pub of_records: u64,
}

/// A model that the store keeps.
pub struct KeptModel {
    /// Its number.
    pub version: i64,
    /// Its name by its content.
    pub digest: ContentHash,
    /// What it is; none where another version of the program meant something else by it.
    pub frozen: Option<Arc<FrozenModel>>,
    /// Whether it is kept packed too, so that reading it costs little.
    pub is_packed: bool,
}

impl Resolved {
    /// Whether the model has been outgrown by the records that are resolved under it.
    pub fn retraining_is_due(&self) -> bool {
        self.of_records > OUTGROWN * self.frozen.model.records
    }
}

/// The newest model of a kind.
///
/// # Errors
/// When the store cannot be read.
pub async fn newest_model(session: &Session, kind: Kind) -> Result<Option<KeptModel>, OperationError> {
    let packed = session.store.packed_model(kind, &FrozenModel::reader()).await?;
    if let Some((frozen, packed)) = packed.and_then(|packed| Some((FrozenModel::unpack(&packed.data)?, packed))) {
        let PackedModel { version, digest, .. } = packed;
        return Ok(Some(KeptModel { version, digest, frozen: Some(Arc::new(frozen)), is_packed: true }));
    }
    let kept = session.store.latest_model(kind).await?;
    Ok(kept.map(|kept| KeptModel {
        version: kept.version,
        digest: kept.digest,
        frozen: serde_json::from_value(kept.body).ok().filter(FrozenModel::is_of_this_engine).map(Arc::new),
        is_packed: false,
    }))
}

/// Whether a model stays in force: one that was trained on less was never meant to last.
pub fn is_lasting(project: &Project, frozen: &FrozenModel) -> bool {
    frozen.model.records >= frozen_from(project)
}

/// From how many records of a kind on a model stays in force.
pub fn frozen_from(project: &Project) -> u64 {
    project.resolution.train_below.map_or(FROZEN_FROM, u64::from)
}

/// Resolves all records of one kind; `run` is none in a dry run, which keeps no model.
///
/// # Errors
/// Settings that the plan refuses; a failing store.
pub async fn resolve(
    session: &Session,
    population: Population,
    run: Option<RunId>,
    full: bool,
    judgements: &Judgements,
) -> Result<Resolved, OperationError> {
    let kept = newest_model(session, population.kind).await?;
    let lasting = kept.as_ref().and_then(|kept| kept.frozen.clone());
    let lasting = lasting.filter(|frozen| !full && is_lasting(&session.bench.project, frozen));
    let resolved = compute(session, population, lasting, run.is_some(), judgements)?;
    let digest = resolved.frozen.digest();
    let version = match (run, kept) {
        (_, Some(kept)) if kept.digest == digest => Some(kept.version),
        (Some(run), _) => Some(keep(session, run, resolved.population.kind, &resolved.frozen).await?),
        (None, _) => None,
    };
    Ok(Resolved { model_version: version, ..resolved })
}

/// Keeps a model; returns its number.
///
/// # Errors
/// When the store fails.
pub async fn keep(session: &Session, run: RunId, kind: Kind, frozen: &FrozenModel) -> Result<i64, OperationError> {
    let body = serde_json::to_value(frozen).map_err(|_| OperationError::Internal("a model has no JSON form".into()))?;
    let version = session.store.save_model(kind, run, &body, frozen.digest()).await?;
    pack(session, kind, version, frozen).await?;
    Ok(version)
}

/// Keeps the newest model of a kind in the form in which it is read at little cost.
///
/// # Errors
/// When the store fails.
pub async fn pack(session: &Session, kind: Kind, version: i64, frozen: &FrozenModel) -> Result<(), OperationError> {
    match frozen.pack() {
        Some(data) => Ok(session.store.pack_model(kind, version, &FrozenModel::reader(), &data).await?),
        None => Err(OperationError::Internal("a model cannot be packed".into())),
    }
}

/// Resolves records under a model, or under one that is trained on them where that is none or its plan is no longer the
/// project's; `with_keys`, also tells what each record is found by.
fn compute(
    session: &Session,
    population: Population,
    lasting: Option<Arc<FrozenModel>>,
    with_keys: bool,
    judgements: &Judgements,
) -> Result<Resolved, OperationError> {
    let project = &session.bench.project;
    session.compute(|| {
        let records = comparables(project, &population);
        let plan = plan(project, &records)?;
        let run = Run { keys: with_keys, ..following(judgements) };
        let (mut resolution, frozen, training) = match lasting.filter(|lasting| lasting.plan == plan) {
            Some(frozen) => (pipeline::resolve(&plan, &frozen.model, records, run), frozen, None),
            None => {
                let (trained, resolution) = pipeline::train_and_resolve(&plan, records, run);
                (resolution, Arc::new(FrozenModel { plan, model: trained.model }), Some(trained.report))
            }
        };
        let keys = resolution.keys.take();
        let of_records = population.len() as u64;
        Ok(Resolved { population, resolution, frozen, model_version: None, training, keys, of_records })
    })
}

/// A resolution in one part that follows these judgements.
pub(crate) fn following(judgements: &Judgements) -> Run<'_> {
    Run { judgements: judgements.pairs(), ..Run::default() }
}

/// Resolves all records of one kind under a model that stays as it is.
pub fn resolve_under(
    session: &Session,
    population: Population,
    version: i64,
    frozen: Arc<FrozenModel>,
    judgements: &Judgements,
) -> Resolved {
    session.compute(|| {
        let records = comparables(&session.bench.project, &population);
        let run = Run { keys: true, ..following(judgements) };
        let mut resolution = pipeline::resolve(&frozen.plan, &frozen.model, records, run);
        let keys = resolution.keys.take();
        let of_records = population.len() as u64;
        Resolved { population, resolution, frozen, model_version: Some(version), training: None, keys, of_records }
    })
}

/// Records that one thread turns into columns at a time.
const CHUNK_RECORDS: usize = 4_096;
/// Chunks that are made before they are put together: few, so that hardly any record is held twice.
const CHUNKS_AT_ONCE: usize = 8;

/// The comparable columns of a population.
pub fn comparables(project: &Project, population: &Population) -> ComparableRecords {
    let starts: Vec<usize> = (0..population.len()).step_by(CHUNK_RECORDS).collect();
    let new_writer = || ComparableWriter::new(population.kind, &project.attributes, &project.country);
    let chunk = |&start: &usize| {
        let mut writer = new_writer();
        for record in start..population.len().min(start + CHUNK_RECORDS) {
            writer.push(population.hashes[record], population.packed.get(record));
        }
        writer
    };
    let mut all = new_writer();
    let mut waves = starts.chunks(CHUNKS_AT_ONCE);
    let make = |wave: Option<&[usize]>| -> Vec<ComparableWriter> {
        wave.map_or(Vec::new(), |wave| wave.par_iter().map(chunk).collect())
    };
    let mut made = make(waves.next());
    let mut is_first = true;
    while !made.is_empty() {
        // The next chunks are made while these are put together.
        let next = waves.next();
        let put = || {
            made.iter().for_each(|chunk| all.append(chunk));
            if is_first && next.is_some() {
                all.expect(population.len());
            }
        };
        ((), made) = rayon::join(put, || make(next));
        is_first = false;
    }
    all.finish()
}

/// The plan that the project's settings make of these records.
///
/// # Errors
/// Settings that the engine refuses.
pub fn plan(project: &Project, records: &ComparableRecords) -> Result<ResolutionPlan, OperationError> {
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

#[cfg(test)]
mod tests {
    use super::*;
    use vinculo_records::{Attributes, NormalizedRecord, RecordHash, Standard, Value};
    use vinculo_resolution::plan::Settings;

    fn trained(kind: Kind, name: Standard) -> FrozenModel {
        let attributes = Attributes::default();
        let mut writer = ComparableWriter::new(kind, &attributes, "BR");
        for (number, text) in (0..).zip(["Ana Souza", "Anna Souza", "Padaria Souza Ltda", "Bruno Lima"]) {
            let mut record = NormalizedRecord::new(kind, None, 0);
            record.push(Value { attribute: name.into(), text, flag: None });
            writer.push(RecordHash(number), record.view());
        }
        let records = writer.finish();
        let plan = ResolutionPlan::new(&records, &Settings::default(), &attributes).unwrap();
        let model = pipeline::train(&plan, &records).model;
        FrozenModel { plan, model }
    }

    #[test]
    fn a_model_of_another_engine_is_none() {
        let mut frozen = trained(Kind::Person, Standard::FullName);
        assert!(frozen.is_of_this_engine());
        frozen.plan.engine -= 1;
        assert!(!frozen.is_of_this_engine());
    }

    #[test]
    fn a_packed_model_is_the_model_and_other_bytes_are_none() {
        for (kind, name) in [(Kind::Person, Standard::FullName), (Kind::Organization, Standard::LegalName)] {
            let frozen = trained(kind, name);
            let packed = frozen.pack().unwrap();
            assert_eq!(FrozenModel::unpack(&packed).as_ref(), Some(&frozen));
            assert_eq!(FrozenModel::unpack(&packed[..packed.len() - 1]), None, "bytes are missing");
            assert_eq!(FrozenModel::unpack(&[&packed[..], &[0]].concat()), None, "bytes are left over");
        }
    }
}
