//! Precision and recall along the threshold, without labels: what the match probabilities of the candidate pairs
//! expect of themselves.
//!
//! With the match probability P of each pair, a threshold t that takes the pairs of weight W ≥ t expects
//! FDR(t) = Σ (1 − P) ∕ # over the pairs taken, and FNR(t) = Σ P over the pairs left ∕ Σ P over all (Enamorado, Fifield
//! and Imai 2019); precision is 1 − FDR, recall 1 − FNR. The pairs are known by a histogram of their weights. Inside a
//! bar they are taken to be spread evenly, where the mean of P = 2^W ∕ (1 + 2^W) has a closed form.
//!
//! The figures are as good as the probabilities are calibrated, and know only pairs that blocking proposed. Pairs of which
//! is known only that they weigh too little to matter are taken to be no matches, which makes recall a little too high.

use serde::{Deserialize, Serialize};

/// Candidate pairs by match weight, a bar for each bit. What lies beyond either end counts in the outermost bar.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Histogram {
    /// Pairs of which is known only that they weigh less than any pair that matters; they are in no bar.
    pub below: u64,
    /// The weight at which the first bar begins, in bits.
    pub from: i32,
    /// The pairs of each bar.
    pub pairs: Vec<u64>,
}

/// What a threshold is expected to give.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Expectation {
    /// The threshold: pairs of this weight or more are taken, in bits.
    pub weight: f64,
    /// Pairs taken.
    pub pairs: f64,
    /// Which share of the pairs taken are matches; none where no pair is taken.
    pub precision: Option<f64>,
    /// Which share of the matches among all candidates are taken; none where no match is expected.
    pub recall: Option<f64>,
}

/// What thresholds are expected to give.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Estimate {
    /// Candidate pairs.
    pub pairs: u64,
    /// Matches that are expected among the candidates.
    pub matches: f64,
    /// Pairs of which the probabilities are not sure: between one in ten and nine in ten.
    pub unsure_pairs: f64,
    /// At the threshold in force.
    pub in_force: Expectation,
    /// At every bar's lower end, the least weight first.
    pub along: Vec<Expectation>,
}

/// The weight of a probability of nine in ten, in bits.
const SURE: f64 = 3.169_925;

impl Histogram {
    /// All pairs.
    pub fn total(&self) -> u64 {
        self.below + self.pairs.iter().sum::<u64>()
    }

    /// The weight at which the first bar with any pair begins, in bits.
    pub fn first(&self) -> i32 {
        self.from + self.pairs.iter().position(|pairs| *pairs > 0).unwrap_or(0) as i32
    }

    /// What thresholds are expected to give; none without pairs.
    pub fn estimate(&self, threshold: f64) -> Option<Estimate> {
        if self.total() == 0 {
            return None;
        }
        let ends = (0..self.pairs.len()).map(|bar| f64::from(self.from) + bar as f64);
        // Of thresholds among pairs whose weight is not known, nothing is known.
        let ends = ends.filter(|end| self.below == 0 || *end >= f64::from(self.first()));
        Some(Estimate {
            pairs: self.total(),
            matches: self.above(f64::NEG_INFINITY).1,
            unsure_pairs: self.above(-SURE).0 - self.above(SURE).0,
            in_force: self.expectation(threshold),
            along: ends.map(|weight| self.expectation(weight)).collect(),
        })
    }

    fn expectation(&self, weight: f64) -> Expectation {
        let (pairs, matches) = self.above(weight);
        let all = self.above(f64::NEG_INFINITY).1;
        Expectation {
            weight,
            pairs,
            precision: (pairs > 0.0).then(|| matches / pairs),
            recall: (all > 0.0).then(|| matches / all),
        }
    }

    /// How many pairs weigh this much or more, and how many of them are expected to be matches.
    fn above(&self, weight: f64) -> (f64, f64) {
        let last = self.pairs.len().saturating_sub(1);
        let bars = self.pairs.iter().enumerate().map(|(at, &pairs)| {
            let begin = f64::from(self.from) + at as f64;
            let share = (begin + 1.0 - weight).clamp(0.0, 1.0);
            let mean = match at {
                // Both ends are open: so far out, a pair is a match for certain, or for certain none.
                0 => 0.0,
                at if at == last => 1.0,
                _ => mean_probability(begin + 1.0 - share, begin + 1.0),
            };
            (pairs as f64 * share, pairs as f64 * share * mean)
        });
        bars.fold((0.0, 0.0), |sum, bar| (sum.0 + bar.0, sum.1 + bar.1))
    }
}

/// The mean match probability of weights that are spread evenly from `a` to `b` bits.
fn mean_probability(a: f64, b: f64) -> f64 {
    match b - a > 1e-9 {
        true => ((1.0 + b.exp2()) / (1.0 + a.exp2())).log2() / (b - a),
        false => 1.0 / (1.0 + (-a).exp2()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 1,000 pairs that are no matches, 10 at even odds, 100 matches.
    fn histogram() -> Histogram {
        let mut pairs = vec![0; 60];
        pairs[5] = 1_000;
        pairs[19] = 5;
        pairs[20] = 5;
        pairs[45] = 100;
        Histogram { from: -20, pairs, below: 0 }
    }

    #[test]
    fn a_high_threshold_is_precise_and_a_low_one_complete() {
        let estimate = histogram().estimate(10.0).unwrap();
        assert!((estimate.matches - 105.0).abs() < 0.1, "{}", estimate.matches);
        assert!(estimate.in_force.precision.unwrap() > 0.999);
        assert!((estimate.in_force.recall.unwrap() - 100.0 / 105.0).abs() < 1e-3);
        let lowest = estimate.along[0];
        assert!((lowest.precision.unwrap() - 105.0 / 1_110.0).abs() < 1e-3);
        assert_eq!(lowest.recall, Some(1.0));
        assert!((estimate.unsure_pairs - 10.0).abs() < 1e-6);
    }

    #[test]
    fn recall_never_rises_along_the_threshold() {
        let along = histogram().estimate(0.0).unwrap().along;
        assert!(along.windows(2).all(|two| two[0].recall >= two[1].recall && two[0].pairs >= two[1].pairs));
    }

    #[test]
    fn a_threshold_inside_a_bar_takes_its_share() {
        let found = histogram().estimate(25.5).unwrap().in_force;
        assert!((found.pairs - 50.0).abs() < 1e-9);
    }

    #[test]
    fn the_mean_probability_is_that_of_many_weights() {
        for begin in [-6.0, -1.0, 0.0, 3.0] {
            let sampled: f64 =
                (0..10_000).map(|i| 1.0 / (1.0 + (-(begin + (f64::from(i) + 0.5) / 1e4)).exp2())).sum::<f64>() / 1e4;
            assert!((mean_probability(begin, begin + 1.0) - sampled).abs() < 1e-6, "{begin}");
        }
    }

    #[test]
    fn pairs_of_unknown_weight_are_counted_and_no_threshold_is_put_among_them() {
        let estimate = Histogram { from: -20, pairs: [vec![0; 17], vec![8; 20]].concat(), below: 900 }.estimate(0.0);
        let estimate = estimate.unwrap();
        assert_eq!((estimate.pairs, estimate.along[0].weight), (1_060, -3.0));
        assert_eq!(estimate.along[0].pairs, 160.0);
    }

    #[test]
    fn nothing_is_estimated_from_nothing() {
        assert_eq!(Histogram::default().estimate(0.0), None);
        let certain = Histogram { from: 0, pairs: vec![3, 0, 0], below: 0 }.estimate(2.0).unwrap();
        assert_eq!((certain.in_force.precision, certain.in_force.recall), (None, None));
    }
}
