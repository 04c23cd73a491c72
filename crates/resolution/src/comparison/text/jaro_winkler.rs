//! Jaro–Winkler: the share of common letters near their places, raised by a common beginning.

use super::{Places, is_short_ascii};

/// The Jaro–Winkler similarity, 0 to 1, bit for bit as `strsim::jaro_winkler` gives it. Texts must be UTF-8.
#[inline]
pub fn jaro_winkler(a: &[u8], b: &[u8]) -> f64 {
    if !is_short_ascii(a, b) {
        return strsim::jaro_winkler(&String::from_utf8_lossy(a), &String::from_utf8_lossy(b));
    }
    bit_parallel(&Places::of(b), a, b)
}

/// The similarity of two short ASCII texts; `places` are those of `b`.
#[inline]
pub(super) fn bit_parallel(places: &Places, a: &[u8], b: &[u8]) -> f64 {
    let jaro = jaro(places, a, b);
    if jaro <= 0.7 {
        return jaro;
    }
    let prefix = a.iter().zip(b).take(4).take_while(|(x, y)| x == y).count();
    jaro + 0.1 * prefix as f64 * (1.0 - jaro)
}

fn jaro(places: &Places, a: &[u8], b: &[u8]) -> f64 {
    if a.is_empty() || b.is_empty() {
        return if a.is_empty() && b.is_empty() { 1.0 } else { 0.0 };
    }
    let reach = (a.len().max(b.len()) / 2).saturating_sub(1);
    let (mut taken_a, mut taken_b) = (0u64, 0u64);
    for (at, &byte) in a.iter().enumerate() {
        let window = up_to(at + reach + 1) & !up_to(at.saturating_sub(reach));
        let free = places.get(byte) & window & !taken_b;
        taken_a |= u64::from(free != 0) << at;
        taken_b |= free & free.wrapping_neg();
    }
    let matches = taken_a.count_ones() as usize;
    if matches == 0 {
        return 0.0;
    }
    let mut crossed = 0;
    while taken_a != 0 {
        crossed += usize::from(a[taken_a.trailing_zeros() as usize] != b[taken_b.trailing_zeros() as usize]);
        taken_a &= taken_a - 1;
        taken_b &= taken_b - 1;
    }
    let common = matches as f64;
    (common / a.len() as f64 + common / b.len() as f64 + (matches - crossed / 2) as f64 / common) / 3.0
}

/// The lowest `count` bits.
fn up_to(count: usize) -> u64 {
    1u64.checked_shl(count as u32).map_or(!0, |bit| bit - 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(3000))]
        #[test]
        fn the_similarity_is_that_of_strsim(a in "[abcé]{0,12}|[a-e]{0,70}", b in "[abcé]{0,12}|[a-e]{0,70}") {
            prop_assert_eq!(jaro_winkler(a.as_bytes(), b.as_bytes()), strsim::jaro_winkler(&a, &b));
        }
    }
}
