//! Match weights to match probabilities, in integers that are the same on every machine.

use std::sync::LazyLock;

/// The probability of a certain match, in millionths.
pub(super) const CERTAIN: u32 = 1_000_000;
/// Beyond this many thousandths of a bit a probability is certain to a millionth.
const WEIGHT_MAX: i32 = 22_000;

/// The match probability of a weight: `2^W / (1 + 2^W)`, in millionths; the weight in thousandths of a bit.
///
/// The weight holds the prior, so this is the posterior probability of Fellegi and Sunter.
pub(crate) fn probability(weight: i32) -> u32 {
    let distance = weight.unsigned_abs().min(WEIGHT_MAX as u32) as usize;
    let of_positive = OF_POSITIVE[distance];
    if weight >= 0 { of_positive } else { CERTAIN - of_positive }
}

/// The least weight whose probability reaches `stop` millionths.
pub(crate) fn weight_reaching(stop: u32) -> i32 {
    let (mut low, mut high) = (-WEIGHT_MAX - 1, WEIGHT_MAX);
    while low + 1 < high {
        let middle = i32::midpoint(low, high);
        if probability(middle) >= stop {
            high = middle;
        } else {
            low = middle;
        }
    }
    high
}

/// The probabilities of the weights from 0 on. Made by multiplication and division alone, which IEEE 754 fixes to the
/// last bit; the `exp2` of a system's library is not fixed so.
static OF_POSITIVE: LazyLock<Vec<u32>> = LazyLock::new(|| {
    const THOUSANDTH_OF_A_BIT: f64 = 1.000_693_387_462_580_6;
    let mut odds = 1.0_f64;
    (0..=WEIGHT_MAX)
        .map(|weight| {
            if weight % 1_000 == 0 {
                // Exact at whole bits, so that errors do not grow.
                odds = (1_u64 << (weight / 1_000)) as f64;
            }
            let probability = odds / (1.0 + odds) * f64::from(CERTAIN);
            odds *= THOUSANDTH_OF_A_BIT;
            (probability + 0.5) as u32
        })
        .collect()
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn probabilities_follow_the_formula() {
        for weight in -30_000..30_000 {
            let odds = (f64::from(weight) / 1_000.0).exp2();
            let expected = odds / (1.0 + odds) * f64::from(CERTAIN);
            assert!((f64::from(probability(weight)) - expected).abs() <= 1.0, "weight {weight}");
        }
    }

    #[test]
    fn the_weight_of_a_stop_is_the_least_that_reaches_it() {
        assert_eq!(weight_reaching(500_000), 0);
        let weight = weight_reaching(300_000);
        assert!(probability(weight) >= 300_000 && probability(weight - 1) < 300_000);
    }
}
