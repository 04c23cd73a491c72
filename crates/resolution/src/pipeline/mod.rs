//! From comparable records to clusters: `train`, then `resolve`.

pub(crate) mod copies;
mod organization;
mod person;
mod report;
#[cfg(test)]
mod tests;

pub use crate::training::{Trained, TrainingReport};
pub use report::{ResolutionReport, WeightHistogram};

use crate::blocking::{Halvings, RuleReport};
use crate::clustering::{Clustering, ExclusiveColumn, Exclusivity, Judgement, PairDecision};
use crate::encoding::Encoded;
use crate::incremental::KeyLists;
use crate::model::Model;
use crate::plan::{OrganizationUnit, ResolutionPlan};
use crate::training::Prepared;
use report::Scored;
use vinculo_records::{Comparable, ComparableRecords, Decision, ListColumn, RecordHash};

/// What resolution found.
#[derive(Debug, Clone, PartialEq)]
pub struct Resolution {
    /// The cluster of each record, in the order in which the records came, named by its member with the least hash.
    pub clusters: Vec<RecordHash>,
    /// Joins, then conflicts, then possible matches, the strongest first.
    pub decisions: Vec<Decision>,
    /// Where the two records of each decision stand among the records, left and right.
    pub decided: Vec<[u32; 2]>,
    /// What to tell people.
    pub report: ResolutionReport,
    /// What each record is found by, if the run asked for it.
    pub keys: Option<KeyLists>,
}

/// How a resolution is run; nothing here changes the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Run<'a> {
    /// In how many parts the candidate pairs are scored, each record's in one part.
    pub partitions: u32,
    /// What persons have decided; hashes of records that are not among the records are ignored.
    pub judgements: &'a [(RecordHash, RecordHash, bool)],
    /// Whether to tell what each record is found by.
    pub keys: bool,
}

impl Default for Run<'_> {
    fn default() -> Self {
        Self { partitions: 1, judgements: &[], keys: false }
    }
}

/// Learns a model from records, without labels.
pub fn train(plan: &ResolutionPlan, records: &ComparableRecords) -> Trained {
    crate::training::train(plan, &Encoded::new(records), &exclusive_columns(plan, records)).0
}

/// Learns a model, and resolves the same records under it; their encoding is shared, and they are let go once they are
/// encoded.
pub fn train_and_resolve(plan: &ResolutionPlan, records: ComparableRecords, run: Run<'_>) -> (Trained, Resolution) {
    let (encoded, exclusive) = encode(plan, records);
    let exclusive = exclusive.columns();
    let (trained, prepared) = crate::training::train(plan, &encoded, &exclusive);
    let among = Among { encoded: &encoded, exclusive: &exclusive, halvings: None };
    let resolution = resolve_among(plan, &trained.model, among, Some(prepared), run);
    (trained, resolution)
}

/// Resolves records under a model; they are let go once they are encoded.
pub fn resolve(plan: &ResolutionPlan, model: &Model, records: ComparableRecords, run: Run<'_>) -> Resolution {
    let (encoded, exclusive) = encode(plan, records);
    let among = Among { encoded: &encoded, exclusive: &exclusive.columns(), halvings: None };
    resolve_among(plan, model, among, None, run)
}

/// Resolves whole components, whose blocks are halved as often as is told.
pub(crate) fn resolve_part(
    plan: &ResolutionPlan,
    model: &Model,
    records: &ComparableRecords,
    halvings: &Halvings,
    run: Run<'_>,
) -> Resolution {
    let exclusive = exclusive_columns(plan, records);
    let among = Among { encoded: &Encoded::new(records), exclusive: &exclusive, halvings: Some(halvings) };
    resolve_among(plan, model, among, None, run)
}

/// Encodes records. Of the columns themselves those of exclusive identifiers are needed again.
fn encode(plan: &ResolutionPlan, records: ComparableRecords) -> (Encoded, Exclusive) {
    let columns = exclusive_columns(plan, &records).into_iter();
    let exclusive = Exclusive(columns.map(|column| (column.values.clone(), column.exclusivity)).collect());
    (Encoded::taking(records), exclusive)
}

/// Columns of exclusive identifiers that outlive their records.
struct Exclusive(Vec<(ListColumn, Exclusivity)>);

impl Exclusive {
    fn columns(&self) -> Vec<ExclusiveColumn<'_>> {
        self.0.iter().map(|(values, exclusivity)| ExclusiveColumn { values, exclusivity: *exclusivity }).collect()
    }
}

/// The records that are resolved.
#[derive(Clone, Copy)]
struct Among<'a> {
    encoded: &'a Encoded,
    /// The identifiers of which a customer has at most one.
    exclusive: &'a [ExclusiveColumn<'a>],
    /// How often their blocks are halved; where nobody says, as the sizes of the blocks ask for.
    halvings: Option<&'a Halvings>,
}

/// What either kind's resolution gives.
struct Worked {
    clustering: Clustering,
    /// The levels of the pair of each decision.
    levels: Vec<Vec<u8>>,
    scored: Scored,
    rules: Vec<RuleReport>,
    /// What each record is found by, if the run asked for it.
    keys: Option<KeyLists>,
}

fn resolve_among(
    plan: &ResolutionPlan,
    model: &Model,
    among: Among<'_>,
    prepared: Option<Prepared<'_>>,
    run: Run<'_>,
) -> Resolution {
    let encoded = among.encoded;
    let judgements: Vec<Judgement> = run
        .judgements
        .iter()
        .filter_map(|&(left, right, same)| {
            let (left, right) = (encoded.rank(left)?, encoded.rank(right)?);
            Some(Judgement { left, right, same })
        })
        .collect();
    let worked = match &model.organizations {
        Some(organizations) => {
            let learned = match prepared {
                Some(Prepared::Organizations(learned)) => Some(learned),
                _ => None,
            };
            organization::resolve(plan, organizations, among, learned, &judgements, run)
        }
        None => {
            let candidates = match prepared {
                Some(Prepared::Persons(candidates)) => Some(candidates),
                _ => None,
            };
            person::resolve(plan, model, among, candidates, &judgements, run)
        }
    };
    let report = ResolutionReport::new(&worked.clustering, encoded, worked.scored, worked.rules);
    let (decisions, decided) = decisions(&worked.clustering.decisions, worked.levels, encoded);
    Resolution { clusters: name_clusters(&worked.clustering, encoded), decisions, decided, report, keys: worked.keys }
}

/// The identifiers of which a customer has at most one, as far as the records have them.
pub(crate) fn exclusive_columns<'a>(plan: &ResolutionPlan, records: &'a ComparableRecords) -> Vec<ExclusiveColumn<'a>> {
    plan.exclusive.iter().filter_map(|what| exclusive_column(plan, records, *what)).collect()
}

/// One of the plan's exclusive identifiers, if the records have it.
pub(crate) fn exclusive_column<'a>(
    plan: &ResolutionPlan,
    records: &'a ComparableRecords,
    what: Comparable,
) -> Option<ExclusiveColumn<'a>> {
    Some(ExclusiveColumn {
        values: records.column(what)?,
        exclusivity: match (what, plan.organization) {
            (Comparable::TaxId, OrganizationUnit::Company) => Exclusivity::CompanyRoot,
            (Comparable::TaxId, OrganizationUnit::Establishment) => Exclusivity::ByType,
            _ => Exclusivity::Whole,
        },
    })
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

/// Decisions with the levels of their pairs, and where their records stand.
fn decisions(decided: &[PairDecision], levels: Vec<Vec<u8>>, encoded: &Encoded) -> (Vec<Decision>, Vec<[u32; 2]>) {
    let record = |rank: u32| (encoded.hashes()[rank as usize], encoded.positions()[rank as usize]);
    let pairs = decided.iter().zip(levels).map(|(decision, levels)| {
        let (one, other) = (record(decision.left), record(decision.right));
        let (left, right) = (one.min(other), one.max(other));
        let decision = Decision {
            kind: decision.kind,
            left: left.0,
            right: right.0,
            weight: decision.weight,
            levels,
            reason: decision.reason.map_or("", |reason| reason.name()),
        };
        (decision, [left.1, right.1])
    });
    pairs.unzip()
}
