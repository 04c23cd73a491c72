//! Looking things up in lists that are in the order of hashes.

use std::cmp::Ordering;

/// Steps after which the place of a hash is looked for by halves.
const STEPS_MAX: usize = 64;

/// What has a hash, in a list in ascending order of hashes without repetition; `of` tells that of each.
///
/// Hashes lie evenly, so that each is near the place that its value has among all values: some steps from there read two
/// or three cells of memory, where halving a large list reads a dozen.
pub(crate) fn find<T>(list: &[T], hash: u64, of: impl Fn(&T) -> u64) -> Option<&T> {
    let place = |distance: i128| ((distance * list.len() as i128) >> u64::BITS) as i64;
    let last = list.len().checked_sub(1)?;
    let mut at = place(i128::from(hash));
    for _ in 0..3 {
        let distance = i128::from(hash) - i128::from(of(&list[at as usize]));
        at = (at + place(distance)).clamp(0, last as i64);
    }
    let mut at = at as usize;
    for _ in 0..STEPS_MAX {
        match of(&list[at]).cmp(&hash) {
            Ordering::Equal => return Some(&list[at]),
            Ordering::Less if at < last && of(&list[at + 1]) <= hash => at += 1,
            Ordering::Greater if at > 0 && of(&list[at - 1]) >= hash => at -= 1,
            _ => return None,
        }
    }
    list.binary_search_by_key(&hash, of).ok().map(|at| &list[at])
}

/// The same among hashes of half the length.
pub(crate) fn holds(list: &[u32], hash: u32) -> bool {
    let whole = |hash: &u32| u64::from(*hash) << u32::BITS;
    find(list, whole(&hash), whole).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    proptest! {
        #[test]
        fn a_hash_is_found_wherever_it_lies(
            even in prop::collection::btree_set(any::<u64>(), 0..300),
            crowded in prop::collection::btree_set(7_000_u64..7_400, 0..300),
            asked in any::<u64>(),
        ) {
            let hashes: BTreeSet<u64> = even.into_iter().chain(crowded).collect();
            let list: Vec<u64> = hashes.iter().copied().collect();
            let halves: Vec<u32> = list.iter().map(|hash| *hash as u32).collect::<BTreeSet<_>>().into_iter().collect();
            let near = hashes.iter().flat_map(|hash| [hash.saturating_sub(1), *hash, hash.saturating_add(1)]);
            for hash in near.chain([0, asked, u64::MAX]) {
                prop_assert_eq!(find(&list, hash, |hash| *hash), hashes.get(&hash));
                prop_assert_eq!(holds(&halves, hash as u32), halves.contains(&(hash as u32)));
            }
        }
    }
}
