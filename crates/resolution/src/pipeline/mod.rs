//! From comparable records to clusters: `train`, then `resolve`.

pub(crate) mod copies;
mod organization;
mod person;
mod report;
#[cfg(test)]
mod tests;

pub use crate::training::{Trained, TrainingReport};
pub use report::{ResolutionReport, WeightHistogram};

use crate::blocking::RuleReport;
use crate::clustering::{Clustering, ExclusiveColumn, Exclusivity, Judgement};
use crate::encoding::Encoded;
use crate::model::Model;
use crate::plan::{OrganizationUnit, ResolutionPlan};
use crate::training::Prepared;
use report::Scored;
use vinculo_records::{Comparable, ComparableRecords, Decision, RecordHash};

/// What resolution found.
#[derive(Debug, Clone, PartialEq)]
pub struct Resolution {
    /// The cluster of each record, in the order in which the records came, named by its member with the least hash.
    pub clusters: Vec<RecordHash>,
    /// Joins, then conflicts, then possible matches, the strongest first.
    pub decisions: Vec<Decision>,
    /// What to tell people.
    pub report: ResolutionReport,
}

/// How a resolution is run; nothing here changes the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Run<'a> {
    /// In how many parts the candidate pairs are scored, each record's in one part.
    pub partitions: u32,
    /// What persons have decided; hashes of records that are not among the records are ignored.
    pub judgements: &'a [(RecordHash, RecordHash, bool)],
}

impl Default for Run<'_> {
    fn default() -> Self {
        Self { partitions: 1, judgements: &[] }
    }
}

/// Learns a model from records, without labels.
pub fn train(plan: &ResolutionPlan, records: &ComparableRecords) -> Trained {
    crate::training::train(plan, &Encoded::new(records))
}

/// Learns a model, and resolves the same records under it; their encoding is shared.
pub fn train_and_resolve(plan: &ResolutionPlan, records: &ComparableRecords, run: Run<'_>) -> (Trained, Resolution) {
    let encoded = Encoded::new(records);
    let (trained, prepared) = crate::training::train_prepared(plan, &encoded);
    let resolution = resolve_encoded(plan, &trained.model, records, &encoded, prepared, run);
    (trained, resolution)
}

/// Resolves records under a model.
pub fn resolve(plan: &ResolutionPlan, model: &Model, records: &ComparableRecords, run: Run<'_>) -> Resolution {
    resolve_encoded(plan, model, records, &Encoded::new(records), None, run)
}

/// What either kind's resolution gives.
struct Worked {
    clustering: Clustering,
    /// The levels of the pair of each decision.
    levels: Vec<Vec<u8>>,
    scored: Scored,
    rules: Vec<RuleReport>,
}

fn resolve_encoded(
    plan: &ResolutionPlan,
    model: &Model,
    records: &ComparableRecords,
    encoded: &Encoded,
    prepared: Option<Prepared>,
    run: Run<'_>,
) -> Resolution {
    let judgements: Vec<Judgement> = run
        .judgements
        .iter()
        .filter_map(|&(left, right, same)| {
            let (left, right) = (encoded.rank(left)?, encoded.rank(right)?);
            Some(Judgement { left, right, same })
        })
        .collect();
    let exclusive = exclusive_columns(plan, records);
    let worked = match &model.organizations {
        Some(organizations) => organization::resolve(plan, organizations, encoded, &exclusive, &judgements),
        None => person::resolve(plan, model, encoded, prepared, &exclusive, &judgements, run),
    };
    Resolution {
        clusters: name_clusters(&worked.clustering, encoded),
        decisions: decisions(&worked, encoded),
        report: ResolutionReport::new(&worked.clustering, encoded, worked.scored, worked.rules),
    }
}

/// The identifiers of which a customer has at most one, as far as the records have them.
fn exclusive_columns<'a>(plan: &ResolutionPlan, records: &'a ComparableRecords) -> Vec<ExclusiveColumn<'a>> {
    let column = |what: &Comparable| {
        Some(ExclusiveColumn {
            values: records.column(*what)?,
            exclusivity: match (what, plan.organization) {
                (Comparable::TaxId, OrganizationUnit::Company) => Exclusivity::CompanyRoot,
                (Comparable::TaxId, OrganizationUnit::Establishment) => Exclusivity::ByType,
                _ => Exclusivity::Whole,
            },
        })
    };
    plan.exclusive.iter().filter_map(column).collect()
}

fn name_clusters(clustering: &Clustering, encoded: &Encoded) -> Vec<RecordHash> {
    let mut names = vec![RecordHash(0); encoded.len()];
    for cluster in 0..clustering.clusters.len() {
        let members = clustering.clusters.members(cluster);
        let least = members.iter().map(|&rank| encoded.hashes()[rank as usize]).min();
        for &rank in members {
            names[encoded.positions()[rank as usize] as usize] = least.unwrap_or(RecordHash(0));
        }
    }
    names
}

fn decisions(worked: &Worked, encoded: &Encoded) -> Vec<Decision> {
    let hash = |rank: u32| encoded.hashes()[rank as usize];
    let pairs = worked.clustering.decisions.iter().zip(&worked.levels);
    pairs
        .map(|(decision, levels)| Decision {
            kind: decision.kind,
            left: hash(decision.left).min(hash(decision.right)),
            right: hash(decision.left).max(hash(decision.right)),
            weight: decision.weight,
            levels: levels.clone(),
            reason: decision.reason.map_or("", |reason| reason.name()),
        })
        .collect()
}
