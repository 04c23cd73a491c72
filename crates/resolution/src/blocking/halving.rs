//! Blocks that outgrew their limit are halved, again and again until the parts are small enough.
//!
//! A record's part follows from what the record says and from the block alone, so that whoever comes or goes changes
//! nothing for the others, unless the block's size crosses a power of two of its limit. What so many share that the parts
//! would be a small sample of it (a city that was unknown when the model was trained) says nothing: it makes no pairs, and
//! whoever looks for candidates need not read its members.

use crate::encoding::mix;
use rustc_hash::FxHashMap;

/// How often blocks are halved; those that are not named are whole.
pub type Halvings = FxHashMap<u64, u8>;

/// A block that would have to be halved so often is scattered instead: each content is a part of its own.
pub const SCATTERED: u8 = 6;

const RULE_FROM: u32 = 8;
const KEY_FROM: u32 = 32;

/// The number of a block: its key, the rule that it belongs to, and how often the key was refined.
pub(super) fn block_number(rule: usize, refinements: usize, key: u32) -> u64 {
    u64::from(key) << KEY_FROM | (rule as u64) << RULE_FROM | refinements as u64
}

/// The rule of a block.
pub fn rule_of(block: u64) -> usize {
    (block as u32 >> RULE_FROM) as usize
}

/// How often a block of so many different contents is halved under a limit; at most [`SCATTERED`].
pub fn times_halved(limit: u32, contents: usize) -> u8 {
    SCATTERED.min(contents.div_ceil(limit.max(1) as usize).max(1).next_power_of_two().ilog2() as u8)
}

/// The part of a block, halved so many times, that holds the records of this content.
pub fn part_of(block: u64, content: u64, times: u8) -> u64 {
    if times >= SCATTERED {
        return content;
    }
    mix(content, block).checked_shr(u64::BITS - u32::from(times)).unwrap_or(0)
}

/// Halves blocks.
pub(crate) struct Halving<'a> {
    /// The most different contents that a block may have.
    pub(crate) limit: u32,
    /// How often blocks are halved; where nobody says, as their own sizes ask for.
    pub(crate) known: Option<&'a Halvings>,
    /// What a member says.
    pub(crate) content: &'a (dyn Fn(u32) -> u64 + Sync),
}

impl Halving<'_> {
    fn times(&self, block: u64, members: &[u32]) -> u8 {
        match self.known {
            Some(known) => known.get(&block).copied().unwrap_or(0),
            None if members.len() <= self.limit as usize => 0,
            None => {
                let mut contents: Vec<u64> = members.iter().map(|&member| (self.content)(member)).collect();
                contents.sort_unstable();
                contents.dedup();
                times_halved(self.limit, contents.len())
            }
        }
    }

    /// The members of a block part by part, each part in their order; none where the block is whole.
    pub(super) fn parts(&self, block: u64, members: &[u32]) -> Option<Vec<(u64, u32)>> {
        let times = self.times(block, members);
        if times == 0 {
            return None;
        }
        let part = |&member: &u32| (part_of(block, (self.content)(member), times), member);
        let mut parts: Vec<(u64, u32)> = members.iter().map(part).collect();
        parts.sort_by_key(|(part, _)| *part);
        Some(parts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_is_halved_until_its_parts_keep_the_limit() {
        let cases = [
            (0, 0),
            (1, 0),
            (10, 0),
            (11, 1),
            (20, 1),
            (21, 2),
            (40, 2),
            (41, 3),
            (160, 4),
            (320, 5),
            (321, SCATTERED),
        ];
        for (contents, times) in cases {
            assert_eq!(times_halved(10, contents), times, "{contents}");
        }
        assert_eq!(times_halved(10, 1_000_000), SCATTERED);
    }

    #[test]
    fn in_a_scattered_block_nobody_meets_another() {
        let parts: std::collections::BTreeSet<u64> = (0..1_000).map(|content| part_of(7, content, SCATTERED)).collect();
        assert_eq!(parts.len(), 1_000);
    }

    #[test]
    fn a_further_halving_parts_only_what_was_together() {
        let parts = |times| (0..1_000_u64).map(move |content| part_of(7, mix(content, 1), times));
        for times in 0..SCATTERED - 1 {
            assert!(parts(times).zip(parts(times + 1)).all(|(before, after)| after >> 1 == before));
            assert_eq!(parts(times).max(), Some((1 << times) - 1));
        }
    }

    #[test]
    fn a_number_tells_the_rule() {
        assert_eq!(rule_of(block_number(300, 3, u32::MAX)), 300);
    }
}
