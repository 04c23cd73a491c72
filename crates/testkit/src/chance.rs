//! Random numbers that are the same on every machine and for ever.
//!
//! Published figures hang on the generated files, so that the sequence must not change with a library's version.
//! Everything is whole numbers: no function of the platform's mathematics library can make a difference.

/// A sequence of random numbers of its own for one thing of the world: `SplitMix64`, after Steele, Lea and Flood,
/// *Fast Splittable Pseudorandom Number Generators*, 2014.
#[derive(Debug, Clone)]
pub struct Chance {
    state: u64,
}

impl Chance {
    /// The sequence for the `index`th thing of this purpose. Any of them can be had without those before it.
    pub fn new(seed: u64, purpose: &str, index: u64) -> Self {
        let purpose = purpose
            .bytes()
            .fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
        Self { state: mix(mix(seed ^ purpose).wrapping_add(index)) }
    }

    /// The next 64 random bits.
    pub fn bits(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        mix(self.state)
    }

    /// A number below `limit`, which must not be zero.
    pub fn below(&mut self, limit: u64) -> u64 {
        ((u128::from(self.bits()) * u128::from(limit)) >> 64) as u64
    }

    /// A number from `first` to `last`, both included.
    pub fn between(&mut self, first: u32, last: u32) -> u32 {
        first + self.below(u64::from(last - first) + 1) as u32
    }

    /// True in so many of a thousand cases.
    pub fn hits(&mut self, per_mille: u32) -> bool {
        self.below(1000) < u64::from(per_mille)
    }

    /// One of these, all equally likely; there must be one.
    pub fn pick<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len() as u64) as usize]
    }
}

/// Scatters the bits of a number; different numbers stay different.
pub fn mix(number: u64) -> u64 {
    let number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ (number >> 31)
}

/// Spreads `number` over `0..space`: different numbers below `space` stay different, so that what is drawn with it
/// (a CPF, a phone number) belongs to one bearer only. `space` must have no prime factor but 2 and 5.
pub fn spread(number: u64, space: u64) -> u64 {
    const STEP: u128 = 7_368_787_373_939;
    ((u128::from(number) * STEP + 271_828_182) % u128::from(space)) as u64
}

/// Picks positions by weight.
#[derive(Debug, Clone)]
pub struct Weights {
    cumulative: Vec<u64>,
}

impl Weights {
    /// The weights of the positions, in their order; at least one must be above zero.
    pub fn new(weights: impl IntoIterator<Item = u64>) -> Self {
        let mut total = 0;
        let cumulative = weights.into_iter().map(|weight| {
            total += weight;
            total
        });
        Self { cumulative: cumulative.collect() }
    }

    /// The sum of all weights.
    pub fn total(&self) -> u64 {
        self.cumulative.last().copied().unwrap_or(0)
    }

    /// A position, by weight.
    pub fn pick(&self, chance: &mut Chance) -> usize {
        let point = chance.below(self.total());
        self.cumulative.partition_point(|&end| end <= point)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn the_sequence_never_changes() {
        let mut chance = Chance::new(1, "household", 7);
        assert_eq!([chance.bits(), chance.bits()], [12_168_945_981_279_026_820, 17_132_349_915_139_566_378]);
    }

    #[test]
    fn spread_numbers_belong_to_one_bearer() {
        for space in [10_000, 40_000] {
            let spread: HashSet<u64> = (0..space).map(|number| spread(number, space)).collect();
            assert_eq!(spread.len() as u64, space);
        }
    }

    #[test]
    fn weights_are_followed() {
        let weights = Weights::new([0, 900, 100]);
        let mut chance = Chance::new(1, "test", 0);
        let mut counts = [0; 3];
        for _ in 0..10_000 {
            counts[weights.pick(&mut chance)] += 1;
        }
        assert_eq!(counts[0], 0);
        assert!((800..1200).contains(&counts[2]), "{counts:?}");
    }
}
