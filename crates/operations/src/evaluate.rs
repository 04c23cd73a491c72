//! `evaluate`: the published customers beside a known truth.

use crate::error::OperationError;
use rustc_hash::FxHashMap;
use serde::Serialize;
use std::path::Path;
use vinculo_records::{CustomerId, RecordHash};
use vinculo_resolution::evaluation::{self, Scores};
use vinculo_store::Store;

/// Mistakes to name of each kind.
const WORST: usize = 5;
/// Customers to name of one mistake.
const CUSTOMERS: usize = 3;

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
    /// Customers that join most of what does not belong together.
    pub worst_joined: Vec<WorstMistake>,
    /// Entities that are apart most.
    pub worst_split: Vec<WorstMistake>,
}

/// A mistake, by the customers that it made.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct WorstMistake {
    /// The customer that is several entities, or some of the customers that are one.
    pub customers: Vec<CustomerId>,
    /// Records concerned.
    pub records: u64,
    /// Entities in one customer, or customers of one entity.
    pub parts: u64,
}

/// Compares what is published with a truth in CSV: `source`, `source_key`, `entity`.
///
/// # Errors
/// A truth that cannot be read; a store that cannot be read.
pub async fn evaluate(store: &Store, truth: &Path) -> Result<TruthReport, OperationError> {
    let mut published: FxHashMap<RecordHash, CustomerId> = FxHashMap::default();
    store
        .evaluation_pairs(|pair| _ = published.insert(RecordHash::new(pair.source, pair.source_key), pair.customer))
        .await?;
    let truth = read_truth(truth)?;
    let mut compared = Compared::default();
    let mut not_published = 0;
    for row in &truth {
        match published.remove(&RecordHash::new(&row.source, &row.source_key)) {
            Some(customer) => compared.add(row, customer),
            None => not_published += 1,
        }
    }
    Ok(compared.report(not_published, published.len() as u64))
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
    clusters: Vec<u32>,
    entities: Vec<u32>,
    customers: Vec<CustomerId>,
    customer_numbers: FxHashMap<CustomerId, u32>,
    entity_numbers: FxHashMap<&'t str, u32>,
}

impl<'t> Compared<'t> {
    fn add(&mut self, row: &'t TruthRow, customer: CustomerId) {
        let next = self.customers.len() as u32;
        let number = *self.customer_numbers.entry(customer).or_insert(next);
        if number == next {
            self.customers.push(customer);
        }
        self.clusters.push(number);
        let next = self.entity_numbers.len() as u32;
        self.entities.push(*self.entity_numbers.entry(&row.entity).or_insert(next));
    }

    fn report(&self, not_published: u64, not_in_truth: u64) -> TruthReport {
        let evaluation = evaluation::evaluate(&self.clusters, &self.entities);
        let joined = evaluation.wrong_clusters.iter().take(WORST).map(|wrong| WorstMistake {
            customers: vec![self.customers[wrong.cluster as usize]],
            records: wrong.records,
            parts: wrong.entities,
        });
        let split = evaluation.split_entities.iter().take(WORST).map(|split| WorstMistake {
            customers: self.customers_of(split.entity),
            records: split.records,
            parts: split.clusters,
        });
        TruthReport {
            records: evaluation.records,
            not_published,
            not_in_truth,
            customers: evaluation.clusters,
            entities: evaluation.entities,
            pairwise: evaluation.pairwise,
            b_cubed: evaluation.b_cubed,
            cluster: evaluation.cluster,
            worst_joined: joined.collect(),
            worst_split: split.collect(),
        }
    }

    /// The first customers of an entity.
    fn customers_of(&self, entity: u32) -> Vec<CustomerId> {
        let mut customers: Vec<CustomerId> = Vec::new();
        for (cluster, _) in self.clusters.iter().zip(&self.entities).filter(|(_, of)| **of == entity) {
            let customer = self.customers[*cluster as usize];
            if customers.len() < CUSTOMERS && !customers.contains(&customer) {
                customers.push(customer);
            }
        }
        customers
    }
}
