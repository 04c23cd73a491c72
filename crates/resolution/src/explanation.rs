//! Why two records are, or are not, one: the weights that add up to the decision.

use crate::clustering::excluding;
use crate::comparison::{Counted, MISSING};
use crate::encoding::Encoded;
use crate::model::Model;
use crate::organization::{EvidenceKind, OrganizationEvidence, Organizations, evidence_kinds};
use crate::pair::probability;
use crate::pipeline::exclusive_column;
use crate::plan::{ResolutionPlan, comparison_name};
use crate::scoring::{Scorer, against_both};
use serde::{Deserialize, Serialize};
use vinculo_records::{Attributes, Comparable, ComparableRecords, RecordHash};

/// A match weight taken apart. All weights are base-2 logarithms of odds in thousandths of a bit; no values.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Waterfall {
    /// The weight of any two records before a look at them.
    pub prior: i32,
    /// What each comparison adds, in the plan's order.
    pub steps: Vec<Step>,
    /// What is taken away since two people of one household might agree as much.
    pub household: i32,
    /// The match weight.
    pub weight: i32,
    /// The match probability that the weight stands for.
    pub probability: f64,
    /// The weight from which two single records are joined.
    pub join_weight: i32,
    /// The weight from which a pair that stays apart is kept for review.
    pub review_weight: i32,
}

/// What one comparison adds to a weight.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// What is compared.
    pub comparison: String,
    /// The level that the two reach.
    pub level: String,
    /// What it adds, the frequency of the value included.
    pub weight: i32,
    /// The part of it that is due to how rare or common the agreeing value is.
    pub by_frequency: i32,
    /// Whether a value is missing, or another comparison has already counted what it says.
    pub missing: bool,
}

/// Two values of one exclusive identifier, of which no customer can have both.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exclusion {
    /// The identifier.
    pub what: Comparable,
    /// The value of the one record, as it is compared.
    pub left: String,
    /// The value of the other.
    pub right: String,
}

/// What keeps the records at these positions from ever being one customer, by the identifiers that the plan calls exclusive.
pub fn exclusions(plan: &ResolutionPlan, records: &ComparableRecords, left: u32, right: u32) -> Vec<Exclusion> {
    let of_column = |&what: &Comparable| {
        let column = exclusive_column(plan, records, what);
        let found = column.map_or_else(Vec::new, |column| excluding(column, left, right));
        found.into_iter().map(move |(left, right)| Exclusion { what, left: left.to_owned(), right: right.to_owned() })
    };
    plan.exclusive.iter().flat_map(of_column).collect()
}

/// Explains the weight of two records; `None` when one of them is not among the records.
pub fn explain(
    plan: &ResolutionPlan,
    model: &Model,
    records: &ComparableRecords,
    attributes: &Attributes,
    a: RecordHash,
    b: RecordHash,
) -> Option<Waterfall> {
    let encoded = Encoded::new(records);
    let (a, b) = (encoded.rank(a)?, encoded.rank(b)?);
    Some(match &model.organizations {
        None => of_persons(plan, model, attributes, &Scorer::new(plan, model, &encoded), a, b),
        Some(model) => {
            let mut organizations = Organizations::new(&encoded, plan, model);
            // Weights are those of the last round, in which clusters have taught what their sets share.
            organizations.resolve(&[], &[], None);
            of_organizations(plan, attributes, &organizations, a, b)
        }
    })
}

fn of_organizations(
    plan: &ResolutionPlan,
    attributes: &Attributes,
    organizations: &Organizations<'_, '_>,
    a: u32,
    b: u32,
) -> Waterfall {
    let step = |evidence: OrganizationEvidence| Step {
        comparison: evidence_name(evidence.kind, attributes),
        level: evidence_level(evidence.kind, evidence.level),
        weight: evidence.weight,
        by_frequency: 0,
        missing: evidence.level == MISSING,
    };
    let weight = organizations.weight(a, b);
    Waterfall {
        prior: 0,
        steps: organizations.explain(a, b).into_iter().map(step).collect(),
        household: 0,
        weight,
        probability: probability(weight),
        join_weight: join_weight(plan),
        review_weight: plan.clustering.review_weight,
    }
}

/// The levels of two organizations, as a decision keeps them under a model that counted these values: what each is of, and
/// its name. Empty for a model of another form.
pub fn organization_levels(counted: &[Counted], levels: &[u8], attributes: &Attributes) -> Vec<(String, String)> {
    let kinds = evidence_kinds(counted.iter().copied(), levels.len()).unwrap_or_default();
    let named = |(kind, level): (EvidenceKind, &u8)| (evidence_name(kind, attributes), evidence_level(kind, *level));
    kinds.into_iter().zip(levels).map(named).collect()
}

fn evidence_name(kind: EvidenceKind, attributes: &Attributes) -> String {
    match kind {
        EvidenceKind::Name => "name".to_owned(),
        EvidenceKind::Website => "website".to_owned(),
        EvidenceKind::Sets => "sets".to_owned(),
        EvidenceKind::Numbers => "numbers".to_owned(),
        EvidenceKind::Kinship => "kinship".to_owned(),
        EvidenceKind::Compared(comparison) => comparison_name(comparison, attributes),
    }
}

fn evidence_level(kind: EvidenceKind, level: u8) -> String {
    match kind {
        EvidenceKind::Compared(comparison) => comparison.level_name(level).to_owned(),
        _ if level == MISSING => "missing".to_owned(),
        EvidenceKind::Name | EvidenceKind::Sets => format!("alike in {} of 10", level - 1),
        EvidenceKind::Website | EvidenceKind::Numbers | EvidenceKind::Kinship => kind.level_name(level).to_owned(),
    }
}

fn of_persons(
    plan: &ResolutionPlan,
    model: &Model,
    attributes: &Attributes,
    scorer: &Scorer<'_>,
    a: u32,
    b: u32,
) -> Waterfall {
    let levels = scorer.compare(a, b);
    let (mut chance, mut household) = (model.prior.against_chance, model.prior.against_household);
    let mut steps = Vec::with_capacity(plan.comparisons.len());
    for (place, comparison) in plan.comparisons.iter().enumerate() {
        let evidence = scorer.evidence(&levels, place);
        chance += evidence.against_chance;
        household += evidence.against_household;
        steps.push(Step {
            comparison: comparison_name(*comparison, attributes),
            level: comparison.level_name(levels.level(place)).to_owned(),
            weight: evidence.against_chance,
            by_frequency: evidence.by_frequency,
            missing: levels.level(place) == MISSING,
        });
    }
    let weight = against_both(chance, household);
    Waterfall {
        prior: model.prior.against_chance,
        steps,
        household: weight - chance,
        weight,
        probability: probability(weight),
        join_weight: join_weight(plan),
        review_weight: plan.clustering.review_weight,
    }
}

/// The weight whose match probability is the one from which clusters join, in thousandths of a bit.
pub fn join_weight(plan: &ResolutionPlan) -> i32 {
    let stop = f64::from(plan.clustering.stop) / 1e6;
    ((stop / (1.0 - stop)).log2() * 1000.0).round() as i32
}
