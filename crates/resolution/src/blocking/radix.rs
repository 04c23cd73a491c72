//! Sorting by a number's upper half, the lower half left as it came.

/// Bits of the key that one pass sorts by; so many passes cover 32.
const BITS: u32 = 11;
const PASSES: usize = 3;

/// Up to so many numbers are compared instead: to count digits has a price of its own.
const FEW: usize = 1 << BITS;

/// Sorts by the upper 32 bits; numbers that agree on them keep their order.
pub(crate) fn sort_by_upper_half(numbers: &mut Vec<u64>) {
    if numbers.len() <= FEW {
        return numbers.sort_by_key(|number| number >> u32::BITS);
    }
    let mut sorted = vec![0; numbers.len()];
    let digit = |number: u64, pass: usize| (number >> (32 + pass as u32 * BITS)) as usize & ((1 << BITS) - 1);
    let mut next = [[0u32; 1 << BITS]; PASSES];
    for &number in numbers.iter() {
        next.iter_mut().enumerate().for_each(|(pass, next)| next[digit(number, pass)] += 1);
    }
    for (pass, next) in next.iter_mut().enumerate() {
        let mut from = 0;
        for count in next.iter_mut() {
            from += std::mem::replace(count, from);
        }
        for &number in numbers.iter() {
            let place = &mut next[digit(number, pass)];
            sorted[*place as usize] = number;
            *place += 1;
        }
        std::mem::swap(numbers, &mut sorted);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_order_is_that_of_a_stable_sort(
            mut numbers in prop::collection::vec(any::<u64>(), 0..300),
            more in prop::sample::select(vec![0, FEW]),
            few in 1u64..9,
        ) {
            numbers.extend(numbers.clone().into_iter().cycle().take(more));
            numbers.iter_mut().step_by(2).for_each(|number| *number %= few << 32);
            let mut expected = numbers.clone();
            expected.sort_by_key(|number| number >> 32);
            sort_by_upper_half(&mut numbers);
            prop_assert_eq!(numbers, expected);
        }
    }
}
