//! How the records of one kind were resolved: rules, weights, thresholds, sizes, conflicts.

use super::estimate::{Estimate, Histogram};
use super::review::ReviewPair;
use super::stored::{ModelInForce, StoredResolution};
use crate::error::OperationError;
use crate::resolve::FrozenModel;
use crate::session::Session;
use serde::Serialize;
use vinculo_records::{Attributes, DecisionKind, Kind};
use vinculo_resolution::blocking::RuleReport;
use vinculo_resolution::comparison::Comparison;
use vinculo_resolution::explanation;
use vinculo_resolution::model::LevelWeights;
use vinculo_resolution::pipeline::TrainingReport;
use vinculo_resolution::plan::comparison_name;

/// How the records of one kind were resolved.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct KindReport {
    /// Person or organization.
    pub kind: Kind,
    /// Records that were resolved.
    pub records: u64,
    /// Customers that they are.
    pub customers: u64,
    /// Joins that were made.
    pub joins: u64,
    /// Joins that a constraint refused.
    pub conflicts: u64,
    /// Pairs for review.
    pub possible_matches: u64,
    /// Values that were not compared because their record has too many.
    pub cut_values: u64,
    /// Pairs between groups that were counted as no match, because too many were to be scored.
    pub unscored_pairs: u64,
    /// Records of the largest group that any pairs hold together.
    pub largest_component: u64,
    /// Candidate pairs and cuts, by blocking rule.
    pub rules: Vec<RuleReport>,
    /// The weights in force; none where their form is another version's.
    pub model: Option<ModelReport>,
    /// Candidate pairs by match weight.
    pub weights: Histogram,
    /// Precision and recall along the threshold; none without candidate pairs, or where the weights are not known.
    pub estimate: Option<Estimate>,
    /// The share of all expected matches that blocking proposed; none where no training has estimated them.
    pub blocking_completeness: Option<f64>,
    /// Customers by their number of records, smallest first.
    pub sizes: Vec<SizeCount>,
    /// Conflicts by reason, the most frequent first.
    pub conflict_reasons: Vec<ReasonCount>,
    /// The pairs most worth a human look.
    pub review: Vec<ReviewPair>,
    /// Whether there are far more records than the model was trained on.
    pub retraining_due: bool,
}

impl KindReport {
    /// Whether training has fitted the weights to the records; those of organizations are fixed.
    pub fn is_trained(&self) -> bool {
        self.model.as_ref().is_some_and(|model| !model.comparisons.is_empty())
    }
}

/// The weights in force. Weights are in bits, base-2 logarithms of odds.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ModelReport {
    /// The model's number.
    pub version: i64,
    /// Records that it was trained on.
    pub trained_on: u64,
    /// The weight of any two records before a look at them.
    pub prior: f64,
    /// The weight from which two single records are joined.
    pub join_weight: f64,
    /// The weight from which a pair that stays apart is kept for review.
    pub review_weight: f64,
    /// The weights of each comparison; empty where evidence is fixed instead of trained, as for organizations.
    pub comparisons: Vec<ComparisonReport>,
    /// How the training went.
    pub training: Option<TrainingReport>,
}

/// The weights of one comparison.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ComparisonReport {
    /// What is compared.
    pub comparison: String,
    /// Its levels, the best agreement first.
    pub levels: Vec<LevelReport>,
}

/// The weight of one level.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LevelReport {
    /// Its name.
    pub level: &'static str,
    /// Probability among matches.
    pub m: f64,
    /// Probability among strangers.
    pub u: f64,
    /// What it adds to a match weight, in bits: log₂(m ∕ u).
    pub weight: f64,
    /// Whether the frequency of the agreeing value stands in for u, so that rare values weigh more and common ones less.
    pub by_frequency: bool,
}

/// How many customers have so many records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct SizeCount {
    /// Records of each of them.
    pub records: u64,
    /// Customers.
    pub customers: u64,
}

/// How many joins were refused for one reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ReasonCount {
    /// The reason.
    pub reason: String,
    /// Conflicts.
    pub conflicts: u64,
}

pub(super) async fn gather(
    session: &Session,
    stored: StoredResolution,
    model: Option<ModelReport>,
    review: Vec<ReviewPair>,
) -> Result<KindReport, OperationError> {
    let kind = stored.kind;
    let sizes = session.store.cluster_sizes().await?.into_iter().filter(|size| size.kind == kind);
    let decisions = session.store.count_decisions().await?;
    let estimate = model.as_ref().and_then(|model| stored.weights.estimate(model.join_weight));
    let training = stored.training.as_ref().or(model.as_ref().and_then(|model| model.training.as_ref()));
    Ok(KindReport {
        kind,
        records: stored.records,
        customers: stored.clusters,
        joins: stored.joins,
        conflicts: stored.conflicts,
        possible_matches: stored.possible_matches,
        cut_values: stored.cut_values,
        unscored_pairs: stored.cuts.unscored_pairs,
        largest_component: stored.cuts.largest_component,
        blocking_completeness: completeness(stored.records, training, estimate.as_ref()),
        rules: stored.rules,
        weights: stored.weights,
        estimate,
        model,
        sizes: sizes
            .map(|size| SizeCount {
                records: u64::from(size.records.unsigned_abs()),
                customers: size.customers.unsigned_abs(),
            })
            .collect(),
        conflict_reasons: decisions
            .into_iter()
            .filter(|count| count.kind == kind && count.decision == DecisionKind::Conflict)
            .map(|count| ReasonCount { reason: count.reason.unwrap_or_default(), conflicts: count.count })
            .collect(),
        review,
        retraining_due: stored.retraining_due,
    })
}

/// A random pair of the training stands for many; it may stand for this share of the matches at most, or a single one of
/// them would decide how many matches there are.
const RESOLUTION: f64 = 0.01;

/// Matches expected among the candidates, of those that the training expected among all pairs of the same records; none
/// where it looked at too few of these to know.
fn completeness(records: u64, training: Option<&TrainingReport>, estimate: Option<&Estimate>) -> Option<f64> {
    let proposed = estimate?.matches;
    let training = training.filter(|training| training.records == records && training.random_pairs > 0)?;
    let all_pairs = records as f64 * (records as f64 - 1.0) / 2.0;
    let stands_for = all_pairs / training.random_pairs as f64;
    (stands_for <= RESOLUTION * proposed).then(|| (proposed / training.expected_matches).min(1.0))
}

/// What is told of a model.
pub(super) fn model_report(model: ModelInForce, attributes: &Attributes) -> ModelReport {
    let FrozenModel { plan, model: weights } = &model.frozen;
    let comparison = |of: &vinculo_resolution::model::ComparisonWeights| ComparisonReport {
        comparison: comparison_name(of.comparison, attributes),
        levels: (1..).zip(&of.levels).map(|(level, weights)| level_report(of.comparison, level, *weights)).collect(),
    };
    ModelReport {
        version: model.version,
        trained_on: weights.records,
        prior: bits(weights.prior.against_chance),
        join_weight: bits(explanation::join_weight(plan)),
        review_weight: bits(plan.clustering.review_weight),
        comparisons: weights.weights.iter().map(comparison).collect(),
        training: model.training,
    }
}

fn level_report(comparison: Comparison, level: u8, weights: LevelWeights) -> LevelReport {
    LevelReport {
        level: comparison.level_name(level),
        m: bits(weights.m).exp2(),
        u: bits(weights.u).exp2(),
        weight: bits(weights.m - weights.u),
        by_frequency: comparison.levels().get(usize::from(level) - 1).is_some_and(|level| level.by_frequency),
    }
}

/// Thousandths of a bit in bits.
fn bits(thousandths: i32) -> f64 {
    f64::from(thousandths) / vinculo_resolution::model::BIT
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_level_shows_the_probabilities_that_its_weight_is_made_of() {
        let found = level_report(Comparison::Sex, 1, LevelWeights { m: 0, u: -1_000, household: 0 });
        assert_eq!((found.m, found.u, found.weight), (1.0, 0.5, 1.0));
        assert_eq!((found.level, found.by_frequency), ("equal", false));
    }

    #[test]
    fn completeness_is_known_only_where_enough_of_the_same_records_was_looked_at() {
        let training =
            TrainingReport { records: 10, random_pairs: 1_000, expected_matches: 8.0, ..TrainingReport::default() };
        let estimate = Histogram { from: 0, pairs: vec![0, 0, 6], below: 0 }.estimate(0.0);
        assert_eq!(completeness(10, Some(&training), estimate.as_ref()), Some(0.75));
        assert_eq!(completeness(11, Some(&training), estimate.as_ref()), None);
        let too_few = TrainingReport { random_pairs: 45, ..training };
        assert_eq!(completeness(10, Some(&too_few), estimate.as_ref()), None);
        assert_eq!(completeness(10, None, estimate.as_ref()), None);
    }
}
