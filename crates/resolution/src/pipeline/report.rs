//! What a resolution tells people: counts, never values.

use crate::blocking::RuleReport;
use crate::clustering::{ClusterCuts, Clustering};
use crate::encoding::Encoded;
use crate::pair::ScoredPair;
use serde::Serialize;
use vinculo_records::DecisionKind;

/// Bounds of the histogram of weights: whole bits from here …
const HISTOGRAM_FROM: i32 = -20;
/// … to here; what lies outside counts in the outermost bars.
const HISTOGRAM_TO: i32 = 40;

/// How a resolution went.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ResolutionReport {
    /// Records that were resolved.
    pub records: u64,
    /// Clusters that they form.
    pub clusters: u64,
    /// Values that were not compared because their record has too many.
    pub cut_values: u64,
    /// Candidate pairs and cuts by blocking rule.
    pub rules: Vec<RuleReport>,
    /// Candidate pairs by match weight, as far as they may matter.
    pub weights: WeightHistogram,
    /// Candidate pairs that hold components together.
    pub kept_pairs: u64,
    /// Joins that were made.
    pub joins: u64,
    /// Joins that a constraint refused.
    pub conflicts: u64,
    /// Pairs for review.
    pub possible_matches: u64,
    /// What the bounds of clustering cut.
    pub cuts: ClusterCuts,
}

/// Pairs by weight, a bar for each bit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct WeightHistogram {
    /// Pairs that cannot reach the weight from which a pair matters; how far below it they are is not computed.
    pub below: u64,
    /// The weight at which the first bar begins, in bits.
    pub from: i32,
    /// The pairs of each bar.
    pub pairs: Vec<u64>,
}

impl Default for WeightHistogram {
    fn default() -> Self {
        Self { below: 0, from: HISTOGRAM_FROM, pairs: vec![0; (HISTOGRAM_TO - HISTOGRAM_FROM) as usize] }
    }
}

impl WeightHistogram {
    pub(super) fn add(&mut self, weight: i32) {
        let bar = weight.div_euclid(1000).clamp(HISTOGRAM_FROM, HISTOGRAM_TO - 1) - HISTOGRAM_FROM;
        self.pairs[bar as usize] += 1;
    }

    pub(super) fn merge(&mut self, other: &Self) {
        self.below += other.below;
        for (sum, pairs) in self.pairs.iter_mut().zip(&other.pairs) {
            *sum += pairs;
        }
    }
}

/// Candidates that may matter, and what all of them weigh.
#[derive(Debug, Default)]
pub(super) struct Scored {
    pub(super) pairs: Vec<ScoredPair>,
    pub(super) weights: WeightHistogram,
}

impl Scored {
    /// Counts a pair, and keeps it where it may matter.
    pub(super) fn add(&mut self, left: u32, right: u32, weight: Option<i32>) {
        match weight {
            None => self.weights.below += 1,
            Some(weight) => {
                self.weights.add(weight);
                self.pairs.push(ScoredPair { left, right, weight });
            }
        }
    }

    pub(super) fn append(&mut self, part: &Self) {
        self.pairs.extend_from_slice(&part.pairs);
        self.weights.merge(&part.weights);
    }
}

impl ResolutionReport {
    pub(super) fn new(clustering: &Clustering, encoded: &Encoded, scored: Scored, rules: Vec<RuleReport>) -> Self {
        let of_kind = |kind| clustering.decisions.iter().filter(move |decision| decision.kind == kind);
        let count = |kind| of_kind(kind).count() as u64;
        Self {
            records: encoded.len() as u64,
            clusters: clustering.clusters.len() as u64,
            cut_values: encoded.cut_values(),
            rules,
            weights: scored.weights,
            kept_pairs: scored.pairs.len() as u64,
            joins: count(DecisionKind::Join),
            conflicts: count(DecisionKind::Conflict),
            possible_matches: count(DecisionKind::PossibleMatch),
            cuts: clustering.cuts,
        }
    }
}
