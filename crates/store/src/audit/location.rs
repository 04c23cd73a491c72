//! Where in a group the altered leaf is. Two sums over the leaves tell it as long as one of them only is another: their sum,
//! and the sum of each times its place. That is a Reed–Solomon code with two check symbols, at 8 bytes for 64 rows.

use vinculo_records::TreeHash;
use vinculo_records::merkle::GROUP;

/// Sums are counted modulo this prime, 2^31 - 1. One alteration in so many is located wrongly or not at all.
const PRIME: u64 = (1 << 31) - 1;
/// Bytes that the two sums of a group take.
pub(super) const BYTES: usize = 8;

/// The sums of each group of [`GROUP`] leaves.
pub(super) fn sums(leaves: &[TreeHash]) -> Vec<u8> {
    leaves.chunks(GROUP).flat_map(sums_of_group).collect()
}

fn sums_of_group(leaves: &[TreeHash]) -> [u8; BYTES] {
    let (mut plain, mut placed) = (0, 0);
    for (place, leaf) in (1..).zip(leaves) {
        let TreeHash([a, b, c, d, ..]) = *leaf;
        let symbol = u64::from(u32::from_be_bytes([a, b, c, d])) % PRIME;
        // 64 times 64 symbols of 31 bits stay far below 64 bits.
        plain += symbol;
        placed += place * symbol;
    }
    (((plain % PRIME) << 32) | (placed % PRIME)).to_be_bytes()
}

/// The place, from 0, of the altered leaf among the leaves of a group, by all sums that were kept and all that are found;
/// `None` where several leaves are others, or nothing was kept.
pub(super) fn altered_leaf(kept: &[u8], found: &[u8], group: usize) -> Option<usize> {
    let (kept, found) = (read(kept, group)?, read(found, group)?);
    let difference = |found: u64, kept: u64| (found + PRIME - kept) % PRIME;
    let (plain, placed) = (difference(found.0, kept.0), difference(found.1, kept.1));
    (1..=GROUP as u64).position(|place| plain != 0 && place * plain % PRIME == placed)
}

fn read(sums: &[u8], group: usize) -> Option<(u64, u64)> {
    let both = u64::from_be_bytes(sums.chunks_exact(BYTES).nth(group)?.try_into().ok()?);
    Some(((both >> 32) % PRIME, (both & 0xffff_ffff) % PRIME))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn leaves(count: usize) -> Vec<TreeHash> {
        (0..count).map(|place| TreeHash::leaf(&place.to_be_bytes())).collect()
    }

    proptest! {
        #[test]
        fn the_only_altered_leaf_is_located(count in 1..200_usize, at in any::<prop::sample::Index>(), as_what: u64) {
            let mut leaves = leaves(count);
            let kept = sums(&leaves);
            let at = at.index(count);
            leaves[at] = TreeHash::leaf(&[b"altered", &as_what.to_be_bytes()[..]].concat());
            let found = sums(&leaves);
            for group in 0..count.div_ceil(GROUP) {
                let expected = (group == at / GROUP).then_some(at % GROUP);
                prop_assert_eq!(altered_leaf(&kept, &found, group), expected);
            }
        }

        #[test]
        fn of_several_altered_leaves_none_is_named_instead(at in prop::collection::btree_set(0..GROUP, 2..GROUP)) {
            let mut leaves = leaves(GROUP);
            let kept = sums(&leaves);
            for place in at {
                leaves[place] = TreeHash::leaf(&[7, place as u8]);
            }
            prop_assert_eq!(altered_leaf(&kept, &sums(&leaves), 0), None);
        }
    }

    #[test]
    fn where_nothing_was_kept_nothing_is_located() {
        assert_eq!(altered_leaf(&[], &sums(&leaves(3)), 0), None);
    }
}
