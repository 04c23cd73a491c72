//! What agglomeration knows of two clusters: their link, and the join that it offers.

use super::probability;
use std::cmp::Reverse;

/// Weights count up to this many thousandths of a bit in a mean, so that one extreme pair does not outvote the others.
const WEIGHT_CLAMP: i32 = 60_000;

/// All cross pairs of two clusters, summed up.
#[derive(Debug, Clone, Copy)]
pub(super) struct Link {
    /// Sum of match probabilities, in millionths.
    pub(super) probability: i64,
    /// Sum of clamped weights, in thousandths of a bit.
    pub(super) weight: i64,
    pub(super) strongest: Pair,
    /// The least weight of all cross pairs, in thousandths of a bit.
    pub(super) weakest: i32,
    /// The cross pairs of which both records state a day of birth.
    pub(super) dated: Dated,
}

/// Some of the cross pairs of two clusters: how many, and the sum of their match probabilities, in millionths.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Dated {
    pub(super) pairs: i64,
    pub(super) probability: i64,
}

/// A pair of records by place; the greater one is the stronger: by weight, then by the lesser places.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Pair {
    pub(super) weight: i32,
    pub(super) left: Reverse<u32>,
    pub(super) right: Reverse<u32>,
}

impl Link {
    pub(super) fn of_pair(left: u32, right: u32, weight: i32, dated: bool) -> Self {
        let probability = i64::from(probability(weight));
        Self {
            probability,
            dated: if dated { Dated { pairs: 1, probability } } else { Dated::default() },
            weight: i64::from(weight.clamp(-WEIGHT_CLAMP, WEIGHT_CLAMP)),
            strongest: Pair { weight, left: Reverse(left.min(right)), right: Reverse(left.max(right)) },
            weakest: weight,
        }
    }

    pub(super) fn add(&mut self, other: Self) {
        self.probability += other.probability;
        self.weight += other.weight;
        self.strongest = self.strongest.max(other.strongest);
        self.weakest = self.weakest.min(other.weakest);
        self.dated.pairs += other.dated.pairs;
        self.dated.probability += other.dated.probability;
    }
}

/// A join that waits for its turn. The greater one goes first: by mean probability, mean weight, then least records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Offer {
    pub(super) mean_probability: i64,
    pub(super) mean_weight: i64,
    pub(super) left: Reverse<u32>,
    pub(super) right: Reverse<u32>,
    pub(super) ages: (u32, u32),
}
