//! A pair of records and the weight of the evidence that they are one.

/// Two records and their match weight.
///
/// `left` and `right` are **ranks**: positions of the records in an order that follows from the records alone, by the
/// sounds of their names, then by their hashes. The engine works on ranks from beginning to end, so that no step can see
/// the order in which records came; `left < right` always.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ScoredPair {
    /// The lesser rank.
    pub left: u32,
    /// The greater rank.
    pub right: u32,
    /// Base-2 logarithm of the odds that the two are one, prior included, in thousandths of a bit.
    pub weight: i32,
}

/// The match probability that a weight stands for.
pub fn probability(weight: i32) -> f64 {
    1.0 / (1.0 + (-f64::from(weight) / 1000.0).exp2())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_weight_of_zero_is_an_even_chance() {
        assert_eq!(probability(0), 0.5);
        assert!(probability(10_000) > 0.999 && probability(-10_000) < 0.001);
    }
}
