//! How alike two texts are: the fast comparators, each proved equal to `strsim`.

mod edit_distance;
mod jaro_winkler;
mod memo;

pub use edit_distance::{edit_distance, is_one_edit};
pub use jaro_winkler::jaro_winkler;
pub use memo::LikenessMemo;

/// The longest text that fits the machine word of a bit-parallel comparator.
const WORD_BITS: usize = 64;

/// Whether both texts can be compared byte by byte in one machine word.
fn is_short_ascii(a: &[u8], b: &[u8]) -> bool {
    a.len() <= WORD_BITS && b.len() <= WORD_BITS && a.is_ascii() && b.is_ascii()
}

/// Where each byte stands in a text of ASCII: bit `i` of `places[byte]`.
struct Places([u64; 128]);

impl Places {
    fn of(text: &[u8]) -> Self {
        let mut places = [0; 128];
        for (at, &byte) in text.iter().enumerate() {
            places[usize::from(byte & 0x7f)] |= 1 << at;
        }
        Self(places)
    }

    #[inline]
    fn get(&self, byte: u8) -> u64 {
        self.0[usize::from(byte & 0x7f)]
    }
}

/// The letters and digits that a text is made of, one bit each: two texts without common bits are far apart.
pub fn signature(text: &[u8]) -> u64 {
    text.iter().fold(0, |bits, &byte| {
        bits | 1
            << match byte {
                b'a'..=b'z' => byte - b'a',
                b'0'..=b'9' => 26 + byte - b'0',
                _ => 36 + byte % 28,
            }
    })
}

/// How often each digit occurs in a code, four bits a digit; anything else is not counted.
pub fn digit_counts(text: &[u8]) -> u64 {
    text.iter().filter(|byte| byte.is_ascii_digit()).fold(0u64, |counts, byte| {
        let shift = 4 * (byte - b'0');
        // A count that is full stays: too few are never counted as too many.
        counts + (u64::from(counts >> shift & 0xf < 0xf) << shift)
    })
}

/// Whether two codes may be at most `slips` edits apart, by their digit counts: an edit moves at most two of them.
#[inline]
pub fn may_be_slips(a: u64, b: u64, slips: u32) -> bool {
    let mut moved = 0;
    for digit in 0..10 {
        moved += ((a >> (4 * digit) & 0xf) as u32).abs_diff((b >> (4 * digit) & 0xf) as u32);
    }
    moved <= 2 * slips
}

/// How alike two words are, the most alike first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Likeness {
    /// The same word.
    Equal,
    /// One typing error, or two in a long word.
    Typo,
    /// Alike to the eye: Jaro–Winkler of at least 0.88, or two typing errors.
    Near,
    /// Another word.
    Different,
}

/// The Jaro–Winkler similarity from which words are alike to the eye.
const NEAR_FROM: f64 = 0.88;

/// Whether two words are of so different letters that they are no more alike than any two.
#[inline]
pub fn are_far_apart(signatures: (u64, u64)) -> bool {
    let common = (signatures.0 & signatures.1).count_ones();
    let either = (signatures.0 | signatures.1).count_ones();
    common * 5 < either * 2
}

/// How alike two words are; `signatures` are those of the words.
#[inline]
pub fn likeness(a: &[u8], b: &[u8], signatures: (u64, u64)) -> Likeness {
    if are_far_apart(signatures) {
        return Likeness::Different;
    }
    let shorter = a.len().min(b.len());
    if shorter < 2 || a.len().abs_diff(b.len()) > shorter {
        return if a == b { Likeness::Equal } else { Likeness::Different };
    }
    if !is_short_ascii(a, b) {
        return judge(shorter, edit_distance(a, b), || jaro_winkler(a, b));
    }
    let places = Places::of(b);
    let distance = edit_distance::bit_parallel(&places, b.len(), a);
    judge(shorter, distance, || jaro_winkler::bit_parallel(&places, a, b))
}

#[inline]
fn judge(shorter: usize, distance: usize, jaro_winkler: impl Fn() -> f64) -> Likeness {
    match distance {
        0 => Likeness::Equal,
        1 if shorter >= 3 => Likeness::Typo,
        2 if shorter >= 8 => Likeness::Typo,
        2 if shorter >= 5 => Likeness::Near,
        // A text that must be changed in most places has too few common letters.
        _ if distance > shorter => Likeness::Different,
        _ if shorter >= 4 && jaro_winkler() >= NEAR_FROM => Likeness::Near,
        _ => Likeness::Different,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn codes_a_few_slips_apart_are_never_ruled_out(a in "[0-9]{0,14}", b in "[0-9]{0,14}") {
            let distance = edit_distance(a.as_bytes(), b.as_bytes()) as u32;
            prop_assert!(may_be_slips(digit_counts(a.as_bytes()), digit_counts(b.as_bytes()), distance));
        }
    }

    #[test]
    fn typing_errors_are_told_from_other_words() {
        for (a, b, expected) in [
            ("silva", "silva", Likeness::Equal),
            ("silva", "sivla", Likeness::Typo),
            ("silva", "silvva", Likeness::Typo),
            ("theodore", "etheodroe", Likeness::Typo),
            ("birmingham", "birgmhniam", Likeness::Near),
            ("silva", "souza", Likeness::Different),
            ("jo", "j", Likeness::Different),
            ("ana", "anastacia", Likeness::Different),
        ] {
            let signatures = (signature(a.as_bytes()), signature(b.as_bytes()));
            assert_eq!(likeness(a.as_bytes(), b.as_bytes(), signatures), expected, "{a} {b}");
        }
    }
}
