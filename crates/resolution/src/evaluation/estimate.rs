//! Error rates without labels, from the match weights alone.
//!
//! For a threshold t and match probabilities P (Enamorado, Fifield and Imai 2019):
//! the false discovery rate is Σ(1 − P) over pairs at or above t, divided by their number; the false negative rate is ΣP
//! over pairs below t, divided by ΣP over all pairs. Both are as true as the weights are calibrated, and know only of
//! pairs that were candidates.

use crate::pair::probability;
use serde::Serialize;

/// What would be wrong if every pair from a weight on were taken for a match.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct ErrorRates {
    /// The threshold, in thousandths of a bit.
    pub weight: i32,
    /// The share of the taken pairs that are no match.
    pub false_discovery: f64,
    /// The share of the matches that are not taken.
    pub false_negative: f64,
}

/// Error rates at every weight of a histogram, which holds (weight, number of pairs) in the order of the weights.
pub fn estimate_errors(histogram: &[(i32, u64)]) -> Vec<ErrorRates> {
    let matches = |&(weight, pairs): &(i32, u64)| probability(weight) * pairs as f64;
    let all_matches: f64 = histogram.iter().map(matches).sum();
    let mut rates = Vec::with_capacity(histogram.len());
    let (mut taken, mut taken_matches) = (0_u64, 0.0);
    for bin in histogram.iter().rev() {
        taken += bin.1;
        taken_matches += matches(bin);
        let wrong = taken as f64 - taken_matches;
        rates.push(ErrorRates {
            weight: bin.0,
            false_discovery: if taken == 0 { 0.0 } else { (wrong / taken as f64).max(0.0) },
            false_negative: if all_matches > 0.0 { (1.0 - taken_matches / all_matches).max(0.0) } else { 0.0 },
        });
    }
    rates.reverse();
    rates
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rates_follow_the_formula() {
        let rates = estimate_errors(&[(-20_000, 100), (0, 10), (20_000, 10)]);
        assert_eq!(rates.len(), 3);
        let close = |have: f64, want: f64| assert!((have - want).abs() < 1e-3, "{have} is not {want}");
        close(rates[2].false_discovery, 0.0);
        close(rates[2].false_negative, 5.0 / 15.0);
        close(rates[1].false_discovery, 5.0 / 20.0);
        close(rates[1].false_negative, 0.0);
        close(rates[0].false_discovery, 105.0 / 120.0);
    }

    #[test]
    fn a_higher_threshold_trades_one_error_for_the_other() {
        let histogram: Vec<_> = (-10..10).map(|bits| (bits * 1_000, 50)).collect();
        let rates = estimate_errors(&histogram);
        assert!(rates.is_sorted_by(|a, b| a.false_discovery >= b.false_discovery));
        assert!(rates.is_sorted_by(|a, b| a.false_negative <= b.false_negative));
    }

    #[test]
    fn no_pairs_make_no_errors() {
        assert!(estimate_errors(&[]).is_empty());
    }
}
