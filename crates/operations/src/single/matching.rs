//! `match`: of whom a record speaks, without writing anything.

use super::reading::{self, LineFault};
use super::{Ground, Newest};
use crate::error::OperationError;
use crate::incremental::{keys, records_of};
use crate::ingest::mapping::Mapping;
use crate::population::{Population, Sources};
use crate::resolve::{FrozenModel, comparables};
use crate::session::Session;
use chrono::Utc;
use rustc_hash::FxHashMap;
use serde::Serialize;
use vinculo_records::{CustomerId, Kind, NormalizedRecord, RecordId, SourceId, VersionId};
use vinculo_resolution::explanation::{self, Waterfall};
use vinculo_resolution::incremental::{self, Halvings, SCATTERED};
use vinculo_store::{KeyEntry, NearbyRecord, Reading};

/// Customers that are told, the likeliest.
const CANDIDATES_MAX: usize = 10;
/// The record that is asked about stands for none of the store.
const ASKED: RecordId = RecordId(0);

/// What is known of whom a record speaks.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Found {
    /// Customers, the likeliest first.
    pub candidates: Vec<Candidate>,
    /// Why the line is no record.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub faults: Vec<LineFault>,
}

/// A customer of whom a record may speak.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Candidate {
    /// The customer.
    pub customer_id: CustomerId,
    /// Whether the two records would be joined, were there no others.
    pub is_match: bool,
    /// The match weight of its likeliest record, in bits.
    pub weight: f64,
    /// The match probability that the weight stands for.
    pub probability: f64,
    /// The source of its likeliest record.
    pub source: String,
    /// The key of that record there.
    pub source_key: String,
    /// What speaks for and against it.
    pub reasons: Vec<Reason>,
}

/// What one comparison says.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Reason {
    /// What is compared.
    pub comparison: String,
    /// How well the two agree.
    pub level: String,
    /// What that adds to the weight, in bits.
    pub weight: f64,
}

/// Tells of whom records speak, one after the other.
pub struct Matcher<'g> {
    ground: &'g Ground,
    mapping: Mapping,
    sources: Sources<'g>,
    reading: Reading,
}

impl<'g> Matcher<'g> {
    /// Begins.
    ///
    /// # Errors
    /// A store that cannot be read.
    pub async fn begin(ground: &'g Ground) -> Result<Self, OperationError> {
        let Ground { session, rows, judgements, .. } = ground;
        Ok(Self {
            ground,
            mapping: Mapping::new(session.bench.project.clone(), ground.source.clone()),
            sources: Sources::read(session, rows, judgements).await?,
            reading: session.store.reading().await?,
        })
    }

    /// The customers of whom the record of a line may speak; of each its likeliest record.
    ///
    /// # Errors
    /// A run that trained another model meanwhile; a store that cannot be read.
    pub async fn find(&mut self, line: &[u8]) -> Result<Found, OperationError> {
        let today = (Utc::now().timestamp() / 86_400) as i32;
        let values = match reading::text(line).and_then(|line| reading::values(&self.mapping, line, today)) {
            Ok(values) => values,
            Err(faults) => return Ok(Found { faults, ..Found::default() }),
        };
        let Some(newest) = &self.ground.models[values.view().kind() as usize] else { return Ok(Found::default()) };
        let population = self.near(newest, &values).await?;
        let session = &self.ground.session;
        let weights = session.compute_for(population.len(), || weights(session, newest, &population));
        let records: Vec<RecordId> = weights.iter().map(|(at, _)| population.records[*at as usize]).collect();
        let members = self.reading.surroundings().membership(&records).await?;
        let customers: FxHashMap<RecordId, CustomerId> =
            members.into_iter().map(|member| (member.record, member.customer)).collect();
        let mut candidates: Vec<Candidate> = Vec::new();
        for (at, _) in weights {
            let Some(&customer) = customers.get(&population.records[at as usize]) else { continue };
            if candidates.len() < CANDIDATES_MAX && candidates.iter().all(|known| known.customer_id != customer) {
                candidates.extend(self.candidate(newest, &population, at, customer));
            }
        }
        Ok(Found { candidates, faults: Vec::new() })
    }

    /// The record that is asked about, and after it all of its kind that share a key with it.
    async fn near(&mut self, newest: &Newest, values: &NormalizedRecord) -> Result<Population, OperationError> {
        let session = &self.ground.session;
        let kind = values.view().kind();
        let mut populations = Kind::ALL.map(Population::new);
        self.sources.take(&asked(self.ground.row.id, values), &mut populations);
        let FrozenModel { plan, model } = &*newest.frozen;
        let asked = &populations[kind as usize];
        let keys = session
            .compute_for(asked.len(), || incremental::keys(plan, model, &comparables(&session.bench.project, asked)));
        let mut around = self.reading.surroundings();
        if !newest.is_among(&around.bases().await?) {
            return Err(OperationError::NotFound("all records were resolved anew meanwhile; ask again".into()));
        }
        let mut hits = around.records_of_keys(&newest.base, &keys::asked(&keys)).await?;
        let is_crowded = |block: &[KeyEntry]| incremental::halvings(model, block[0].key, block.len()) == SCATTERED;
        if hits.chunk_by(|a, b| a.key == b.key).any(is_crowded) {
            // Where nobody meets another, there is nobody to tell of.
            let halved: Halvings = around.halved_blocks(kind).await?;
            hits.retain(|entry| halved.get(&entry.key) != Some(&SCATTERED));
        }
        let records = records_of(&hits);
        for nearby in around.current(&records).await? {
            self.sources.take(&nearby, &mut populations);
        }
        let [persons, organizations] = populations;
        Ok(if kind == Kind::Person { persons } else { organizations })
    }

    /// A customer by its likeliest record, with the reasons.
    fn candidate(
        &self,
        newest: &Newest,
        population: &Population,
        at: u32,
        customer_id: CustomerId,
    ) -> Option<Candidate> {
        let project = &self.ground.session.bench.project;
        let pair = population.select(&[0, at]);
        let FrozenModel { plan, model } = &*newest.frozen;
        let records = comparables(project, &pair);
        let waterfall =
            explanation::explain(plan, model, &records, &project.attributes, pair.hashes[0], pair.hashes[1])?;
        let source = self.ground.known.iter().find(|row| row.id == pair.sources[1]);
        Some(Candidate {
            customer_id,
            is_match: waterfall.weight >= waterfall.join_weight,
            weight: bits(waterfall.weight),
            probability: waterfall.probability,
            source: source.map(|row| row.name.clone()).unwrap_or_default(),
            source_key: pair.keys.text(1).to_owned(),
            reasons: reasons(&waterfall),
        })
    }
}

/// The values as a record of the store, under a key that none has.
fn asked(source: SourceId, values: &NormalizedRecord) -> NearbyRecord {
    NearbyRecord {
        record: ASKED,
        version: VersionId(0),
        source,
        source_key: String::new(),
        normalized: values.as_bytes().to_vec(),
    }
}

/// The records that hold together with the first one, with their weights, the heaviest first.
fn weights(session: &Session, newest: &Newest, population: &Population) -> Vec<(u32, i32)> {
    let FrozenModel { plan, model } = &*newest.frozen;
    let records = comparables(&session.bench.project, population);
    // Who asks about one record is told of all that are alike, however often their blocks are halved.
    let edges = incremental::edges(plan, model, &records, &[0], &Halvings::default());
    let mut weights: Vec<(u32, i32)> = edges.into_iter().map(|(a, b, weight)| (a.max(b), weight)).collect();
    weights.sort_unstable_by_key(|&(at, weight)| (std::cmp::Reverse(weight), population.hashes[at as usize]));
    weights.dedup();
    weights
}

fn reasons(waterfall: &Waterfall) -> Vec<Reason> {
    let said = waterfall.steps.iter().filter(|step| !step.missing && step.weight != 0);
    let mut reasons: Vec<Reason> = said
        .map(|step| Reason {
            comparison: step.comparison.clone(),
            level: step.level.clone(),
            weight: bits(step.weight),
        })
        .collect();
    reasons.sort_by(|a, b| b.weight.abs().total_cmp(&a.weight.abs()));
    reasons
}

/// Thousandths of a bit as bits.
fn bits(weight: i32) -> f64 {
    f64::from(weight) / 1000.0
}
