//! How alike pairs of words are, remembered: names repeat, so that the same two words meet again and again.

use super::Likeness;
use std::sync::atomic::{AtomicU64, Ordering};

/// The most pairs that are remembered at a time; each has one place, and the last to come stays.
const PLACES_MAX: usize = 1 << 16;
/// Word numbers from here on are not remembered: two of them and a likeness fit 64 bits.
const WORDS_MAX: u32 = 1 << 30;

/// A memory that all threads share. What it holds is a function of the two words alone, so it never changes an answer.
#[derive(Debug)]
pub struct LikenessMemo(Vec<AtomicU64>);

impl LikenessMemo {
    /// A memory for so many words; few words have few pairs.
    pub fn new(words: usize) -> Self {
        let places = words.saturating_mul(words).clamp(1, PLACES_MAX).next_power_of_two();
        Self((0..places).map(|_| AtomicU64::new(0)).collect())
    }

    /// The likeness of two words by number, found by `compute` where it is not remembered.
    #[inline]
    pub fn get(&self, a: u32, b: u32, compute: impl FnOnce() -> Likeness) -> Likeness {
        if a >= WORDS_MAX || b >= WORDS_MAX {
            return compute();
        }
        // Both words and a mark, so that an empty place is no pair.
        let pair = u64::from(a) << 34 | u64::from(b) << 4 | 8;
        let place = &self.0[(pair.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 48) as usize & (self.0.len() - 1)];
        let held = place.load(Ordering::Relaxed);
        if held & !7 == pair {
            return LIKENESSES[(held & 3) as usize];
        }
        let found = compute();
        place.store(pair | found as u64, Ordering::Relaxed);
        found
    }
}

const LIKENESSES: [Likeness; 4] = [Likeness::Equal, Likeness::Typo, Likeness::Near, Likeness::Different];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_remembered_is_what_was_computed() {
        let memo = LikenessMemo::new(400);
        let of = |a: u32, b: u32| LIKENESSES[((a * 7 + b) % 4) as usize];
        for _ in 0..2 {
            for a in 0..400 {
                for b in 0..400 {
                    assert_eq!(memo.get(a, b, || of(a, b)), of(a, b));
                }
            }
        }
        memo.get(3, 3, || of(3, 3));
        assert_eq!(memo.get(3, 3, || unreachable!("it is remembered")), of(3, 3));
    }
}
