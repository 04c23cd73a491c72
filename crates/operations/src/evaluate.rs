//! `evaluate`: the published customers beside a known truth.

use crate::error::OperationError;
use crate::ingest::Overlay;
use crate::judge::Judgements;
use crate::mistakes::{self, LOOKED_AT, MistakesOfKind, Wrong};
use crate::pair::newest_frozen;
use crate::population;
use crate::resolve::comparables;
use crate::session::Session;
use rustc_hash::FxHashMap;
use serde::Serialize;
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::path::Path;
use vinculo_records::{CustomerId, RecordHash, RecordId};
use vinculo_resolution::evaluation::{self, Scores};
pub use vinculo_resolution::evaluation::{Completeness, FEW_HOLDERS};
use vinculo_store::NamedRecord;

/// How well customers match the truth.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TruthReport {
    /// Records in the truth that are published.
    pub records: u64,
    /// Records in the truth that are not, because they were rejected or never delivered.
    pub not_published: u64,
    /// Published records that the truth does not name.
    pub not_in_truth: u64,
    /// Customers among the compared records.
    pub customers: u64,
    /// Entities among them.
    pub entities: u64,
    /// Pairs of records: of one entity and joined, and so on.
    pub pairwise: Scores,
    /// The same, record by record.
    pub b_cubed: Scores,
    /// Whole customers that are exactly an entity.
    pub cluster: Scores,
    /// How many of the true pairs are candidates, if that was asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub candidates: Option<Completeness>,
    /// Records that are one customer and should be several.
    pub joined_wrongly: Mistakes,
    /// Records that are several customers and should be one.
    pub missed: Mistakes,
}

/// Mistakes in one direction, by kind.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Mistakes {
    /// Pairs of records that are wrong.
    pub pairs: u64,
    /// Pairs whose kind was not looked for, since they belong to lesser mistakes than the worst thousand.
    pub not_looked_at: u64,
    /// What the others are made of, the kinds of the most pairs first.
    pub kinds: Vec<MistakesOfKind>,
}

/// Compares what is published with a truth in CSV: `source`, `source_key`, `entity`; with `candidates`, also looks how
/// many of the true pairs are candidates under the newest models.
///
/// # Errors
/// A truth that cannot be read; a store that cannot be read; with `candidates`, a model of another version.
pub async fn evaluate(session: &Session, truth: &Path, candidates: bool) -> Result<TruthReport, OperationError> {
    let mut published: FxHashMap<RecordHash, (CustomerId, RecordId)> = FxHashMap::default();
    session
        .store
        .evaluation_pairs(|pair| {
            published.insert(RecordHash::new(pair.source, pair.source_key), (pair.customer, pair.record));
        })
        .await?;
    let truth = read_truth(truth)?;
    let mut compared = Compared::default();
    let mut not_published = 0;
    for row in &truth {
        match published.remove(&RecordHash::new(&row.source, &row.source_key)) {
            Some((customer, record)) => compared.add(row, customer, record),
            None => not_published += 1,
        }
    }
    let mut report = compared.report(not_published, published.len() as u64);
    let joined = Worst::new(&compared.clusters, &compared.entities);
    report.joined_wrongly.not_looked_at = report.joined_wrongly.pairs - joined.pairs();
    report.joined_wrongly.kinds = mistakes::joined_wrongly(session, &compared.wrong(&joined)).await?;
    let missed = Worst::new(&compared.entities, &compared.clusters);
    report.missed.not_looked_at = report.missed.pairs - missed.pairs();
    report.missed.kinds = mistakes::missed(session, &compared.wrong(&missed)).await?;
    if candidates {
        report.candidates = Some(completeness(session, &compared).await?);
    }
    Ok(report)
}

/// How many of the true pairs are candidates, of all kinds together.
async fn completeness(session: &Session, compared: &Compared<'_>) -> Result<Completeness, OperationError> {
    let judgements = Judgements::read(&session.store).await?;
    let rows = session.store.sources().await?;
    let populations = population::load(session, &rows, &Overlay::default(), &judgements).await?;
    let known = compared.rows.iter().zip(&compared.entities).map(|((record, _), entity)| (*record, *entity));
    let entities: FxHashMap<RecordId, u32> = known.collect();
    let mut found = Completeness::default();
    for population in &populations {
        let of_records: Vec<Option<u32>> =
            population.records.iter().map(|record| entities.get(record).copied()).collect();
        // Of a kind that was never resolved no record is published.
        if of_records.iter().all(Option::is_none) {
            continue;
        }
        let frozen = newest_frozen(session, population.kind).await?;
        found += session.compute(|| {
            let records = comparables(&session.bench.project, population);
            evaluation::completeness(&frozen.plan, &frozen.model, &records, &of_records)
        });
    }
    Ok(found)
}

/// A row of the truth.
#[derive(Debug, serde::Deserialize)]
struct TruthRow {
    source: String,
    source_key: String,
    entity: String,
}

fn read_truth(path: &Path) -> Result<Vec<TruthRow>, OperationError> {
    let fault = |fault: String| OperationError::File { path: path.display().to_string(), fault };
    let mut reader = csv::Reader::from_path(path).map_err(|error| fault(in_words(&error)))?;
    let headers = reader.headers().map_err(|error| fault(in_words(&error)))?.clone();
    for column in ["source", "source_key", "entity"] {
        if !headers.iter().any(|header| header == column) {
            return Err(fault(format!("has no column `{column}`; it must have source, source_key and entity")));
        }
    }
    reader.deserialize().collect::<Result<_, _>>().map_err(|error| fault(in_words(&error)))
}

/// What is wrong with a CSV, without what stands in it.
fn in_words(error: &csv::Error) -> String {
    match (error.kind(), error.position()) {
        (csv::ErrorKind::Io(error), _) => format!("cannot be read: {}", error.kind()),
        (_, Some(position)) => format!("line {} is no row of a truth", position.line()),
        _ => "is no CSV in UTF-8".into(),
    }
}

/// Customers and entities of the records in the truth, both as numbers in the order of their appearance.
#[derive(Default)]
struct Compared<'t> {
    rows: Vec<(RecordId, &'t TruthRow)>,
    clusters: Vec<u32>,
    entities: Vec<u32>,
    customer_numbers: FxHashMap<CustomerId, u32>,
    entity_numbers: FxHashMap<&'t str, u32>,
}

impl<'t> Compared<'t> {
    fn add(&mut self, row: &'t TruthRow, customer: CustomerId, record: RecordId) {
        self.rows.push((record, row));
        let next = self.customer_numbers.len() as u32;
        self.clusters.push(*self.customer_numbers.entry(customer).or_insert(next));
        let next = self.entity_numbers.len() as u32;
        self.entities.push(*self.entity_numbers.entry(&row.entity).or_insert(next));
    }

    fn report(&self, not_published: u64, not_in_truth: u64) -> TruthReport {
        let evaluation = evaluation::evaluate(&self.clusters, &self.entities);
        TruthReport {
            records: evaluation.records,
            not_published,
            not_in_truth,
            customers: evaluation.clusters,
            entities: evaluation.entities,
            pairwise: evaluation.pairwise,
            b_cubed: evaluation.b_cubed,
            cluster: evaluation.cluster,
            candidates: None,
            joined_wrongly: Mistakes { pairs: evaluation.false_pairs, ..Mistakes::default() },
            missed: Mistakes { pairs: evaluation.missed_pairs, ..Mistakes::default() },
        }
    }

    /// The records of the worst mistakes.
    fn wrong(&self, worst: &Worst) -> Vec<Wrong> {
        let named = |at: &u32| {
            let (record, row) = self.rows[*at as usize];
            NamedRecord { record, source: row.source.clone(), source_key: row.source_key.clone() }
        };
        let side = |records: &Vec<u32>| records.iter().map(named).collect();
        worst.0.iter().map(|(left, right)| Wrong { left: side(left), right: side(right) }).collect()
    }
}

/// The pairs of groups that stand together on one side and apart on the other, those of the most pairs of records.
struct Worst(Vec<(Vec<u32>, Vec<u32>)>);

impl Worst {
    /// `together` and `apart` say of each record in which group it is on either side.
    fn new(together: &[u32], apart: &[u32]) -> Self {
        let mut groups: BTreeMap<u32, BTreeMap<u32, Vec<u32>>> = BTreeMap::new();
        for (record, (&together, &apart)) in (0..).zip(together.iter().zip(apart)) {
            groups.entry(together).or_default().entry(apart).or_default().push(record);
        }
        groups.retain(|_, parts| parts.len() > 1);
        let mut pairs: Vec<(&Vec<u32>, &Vec<u32>)> = Vec::new();
        for parts in groups.values() {
            let mut parts: Vec<&Vec<u32>> = parts.values().collect();
            parts.sort_by_key(|part| Reverse(part.len()));
            // A thousand pairs of the largest parts are enough of one group.
            parts.truncate(LOOKED_AT.isqrt());
            for (at, left) in parts.iter().enumerate() {
                pairs.extend(parts[at + 1..].iter().map(|right| (*left, *right)));
            }
        }
        pairs.sort_by_key(|(left, right)| Reverse(left.len() * right.len()));
        pairs.truncate(LOOKED_AT);
        Self(pairs.into_iter().map(|(left, right)| (left.clone(), right.clone())).collect())
    }

    fn pairs(&self) -> u64 {
        self.0.iter().map(|(left, right)| (left.len() * right.len()) as u64).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worst_mistakes_are_pairs_of_parts_that_stand_together() {
        let clusters = [1, 1, 1, 1, 2, 2, 3];
        let entities = [7, 7, 7, 8, 9, 5, 5];
        let joined = Worst::new(&clusters, &entities);
        assert_eq!(joined.0, [(vec![0, 1, 2], vec![3]), (vec![5], vec![4])]);
        assert_eq!(joined.pairs(), 4);
        assert_eq!(Worst::new(&entities, &clusters).0, [(vec![5], vec![6])]);
    }
}
