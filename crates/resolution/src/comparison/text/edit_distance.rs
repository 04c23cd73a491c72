//! Optimal string alignment: insertions, deletions, substitutions and transpositions of neighbors, each letter touched
//! once. Bit-parallel after Hyyrö, "A bit-vector algorithm for computing Levenshtein and Damerau edit distances" (2003).

use super::{Places, is_short_ascii};

/// The optimal string alignment distance, as `strsim::osa_distance` gives it. Texts must be UTF-8.
#[inline]
pub fn edit_distance(a: &[u8], b: &[u8]) -> usize {
    match is_short_ascii(a, b) {
        true => bit_parallel(&Places::of(a), a.len(), b),
        false => strsim::osa_distance(&String::from_utf8_lossy(a), &String::from_utf8_lossy(b)),
    }
}

/// Whether the distance is 1: one edit, or two neighbors exchanged, between a common beginning and a common end. Texts must
/// be UTF-8.
#[inline]
pub fn is_one_edit(a: &[u8], b: &[u8]) -> bool {
    if !is_short_ascii(a, b) {
        return edit_distance(a, b) == 1;
    }
    if a.len().abs_diff(b.len()) > 1 {
        return false;
    }
    let begun = a.iter().zip(b).take_while(|(x, y)| x == y).count();
    let (a, b) = (&a[begun..], &b[begun..]);
    let ended = a.iter().rev().zip(b.iter().rev()).take_while(|(x, y)| x == y).count();
    match (&a[..a.len() - ended], &b[..b.len() - ended]) {
        ([_], [_]) | ([_], []) | ([], [_]) => true,
        ([first, second], [other_first, other_second]) => first == other_second && second == other_first,
        _ => false,
    }
}

/// The distance of a text of this length, whose letters stand in these places, from `b`; both short ASCII.
#[inline]
pub(super) fn bit_parallel(places: &Places, length: usize, b: &[u8]) -> usize {
    if length == 0 {
        return b.len();
    }
    let last = 1u64 << (length - 1);
    let mut distance = length;
    // Where the distance rises or falls by one from row to row, and where it stays along the diagonal.
    let (mut rises, mut falls, mut diagonal, mut previous) = (!0u64, 0u64, 0u64, 0u64);
    for &byte in b {
        let equal = places.get(byte);
        let transposed = ((!diagonal & equal) << 1) & previous;
        diagonal = (((equal & rises).wrapping_add(rises)) ^ rises) | equal | falls | transposed;
        let right_rises = falls | !(diagonal | rises);
        let right_falls = diagonal & rises;
        distance += usize::from(right_rises & last != 0);
        distance -= usize::from(right_falls & last != 0);
        let right_rises = (right_rises << 1) | 1;
        rises = (right_falls << 1) | !(diagonal | right_rises);
        falls = right_rises & diagonal;
        previous = equal;
    }
    distance
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(3000))]
        #[test]
        fn the_distance_is_that_of_strsim(a in "[abcé]{0,12}|[a-z]{0,80}", b in "[abcé]{0,12}|[a-z]{0,80}") {
            prop_assert_eq!(edit_distance(a.as_bytes(), b.as_bytes()), strsim::osa_distance(&a, &b));
        }

        #[test]
        fn one_edit_is_a_distance_of_one(a in "[01]{0,6}|[abé]{0,4}", b in "[01]{0,6}|[abé]{0,4}") {
            prop_assert_eq!(is_one_edit(a.as_bytes(), b.as_bytes()), strsim::osa_distance(&a, &b) == 1);
        }
    }
}
