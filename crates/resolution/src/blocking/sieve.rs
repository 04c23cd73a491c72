//! Telling at a glance that a key is not among some: for most keys one bit of memory that is near answers.

/// Bits for each key that is held: so many times rarer than not does a strange key pass.
const BITS_A_KEY: usize = 16;

/// Some keys, about.
#[derive(Debug)]
pub(super) struct Sieve {
    /// By how much a key is shifted to be the number of a bit.
    shift: u32,
    bits: Vec<u64>,
}

impl Sieve {
    /// The sieve of keys that are as good as random.
    pub(super) fn new(keys: &[u32]) -> Self {
        let wanted = (keys.len() * BITS_A_KEY).clamp(u64::BITS as usize, 1 << 31).next_power_of_two();
        let mut sieve = Self { shift: u32::BITS - wanted.ilog2(), bits: vec![0; wanted / u64::BITS as usize] };
        for &key in keys {
            let (cell, bit) = sieve.place(key);
            sieve.bits[cell] |= bit;
        }
        sieve
    }

    /// Whether it may hold a key; true for each that it holds.
    #[inline]
    pub(super) fn may_hold(&self, key: u32) -> bool {
        let (cell, bit) = self.place(key);
        self.bits[cell] & bit != 0
    }

    #[inline]
    fn place(&self, key: u32) -> (usize, u64) {
        let at = key >> self.shift;
        ((at / u64::BITS) as usize, 1 << (at % u64::BITS))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_sieve_lets_every_key_pass_that_it_holds(keys in prop::collection::vec(any::<u32>(), 0..500)) {
            let sieve = Sieve::new(&keys);
            prop_assert!(keys.iter().all(|key| sieve.may_hold(*key)));
        }
    }

    #[test]
    fn few_others_pass() {
        let key = |n: u32| n.wrapping_mul(0x9E37_79B9);
        let keys: Vec<u32> = (0..10_000).map(key).collect();
        let sieve = Sieve::new(&keys);
        let passed = (10_000..110_000).filter(|n| sieve.may_hold(key(*n))).count();
        assert!(passed < 10_000, "{passed} of 100,000 pass");
    }
}
