//! How alike two words of organizations' names are.

use crate::comparison::text::{edit_distance, jaro_winkler, signature};

/// Two words that are the same, in thousandths; all likeness is measured against it.
pub(super) const SAME: u32 = 1_000;
/// One word is the beginning of the other, as in `electron` and `electronics`.
const PREFIX: u32 = 800;
const PREFIX_LENGTH_MIN: usize = 3;
/// One word is short for the other, as in `irs` for `irmaos` and `sta` for `santa`.
const ABBREVIATION: u32 = 800;
/// A single letter that begins the other word.
const INITIAL: u32 = 700;
const JARO_WINKLER_MIN: f64 = 0.88;
/// From this length on two typing errors are believed.
const LONG_WORD: usize = 8;
const TYPO_LENGTH_MIN: usize = 4;
/// Another word by the look of it, and yet one or two typing errors away: `zanta` for `santa`, `pousads` for `pouzada`.
const SLIP: u32 = 800;
const TWO_SLIPS: u32 = 700;
const TWO_SLIPS_LENGTH_MIN: usize = 7;
/// The shorter word of a slip has so many letters at least, and the longer one more.
const SLIP_LENGTH_MIN: usize = 3;

/// Whether one is probably the other with typing errors.
pub(super) fn are_look_alike(a: &[u8], b: &[u8]) -> bool {
    let shorter = a.len().min(b.len());
    let errors = if shorter >= LONG_WORD { 2 } else { 1 };
    shorter >= TYPO_LENGTH_MIN
        && a.len().abs_diff(b.len()) <= errors
        && !differ_by_digits(a, b)
        && edit_distance(a, b) <= errors
        && jaro_winkler(a, b) >= JARO_WINKLER_MIN
}

/// Numbers are never typing errors of each other: `filial 12` is not `filial 13`.
fn differ_by_digits(a: &[u8], b: &[u8]) -> bool {
    let digits = |word: &[u8]| word.iter().copied().filter(u8::is_ascii_digit).collect::<Vec<u8>>();
    (a.iter().chain(b).any(u8::is_ascii_digit)) && digits(a) != digits(b)
}

/// How alike two words are, in thousandths; 0 for different words.
pub(super) fn word_likeness(a: &[u8], b: &[u8]) -> u32 {
    if a == b {
        return SAME;
    }
    let (short, long) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    if are_look_alike(a, b) {
        return (jaro_winkler(a, b) * f64::from(SAME)) as u32;
    }
    match slips(short, long) {
        Some(1) => return SLIP,
        Some(_) if short.len() >= TWO_SLIPS_LENGTH_MIN => return TWO_SLIPS,
        _ => {}
    }
    match long.starts_with(short) && short.iter().all(u8::is_ascii_alphabetic) {
        true if short.len() >= PREFIX_LENGTH_MIN => PREFIX,
        true if short.len() == 1 => INITIAL,
        _ if is_abbreviation(short, long) => ABBREVIATION,
        _ => 0,
    }
}

/// How many typing errors two words of letters are away from each other, if it is one or two.
fn slips(short: &[u8], long: &[u8]) -> Option<usize> {
    let are_compared = short.len() >= SLIP_LENGTH_MIN
        && long.len() > SLIP_LENGTH_MIN
        && long.len() - short.len() <= 2
        && !short.iter().chain(long).any(u8::is_ascii_digit);
    are_compared.then(|| edit_distance(short, long)).filter(|distance| (1..=2).contains(distance))
}

/// Whether three or four letters are the first one, some consonants and the last one of a longer word.
fn is_abbreviation(short: &[u8], long: &[u8]) -> bool {
    let [first, middle @ .., last] = short else { return false };
    let is_consonant = |letter: &u8| letter.is_ascii_lowercase() && !b"aeiou".contains(letter);
    let mut rest = long.iter();
    (1..=2).contains(&middle.len())
        && long.len() > short.len()
        && long.first() == Some(first)
        && long.last() == Some(last)
        && middle.iter().all(is_consonant)
        && short.iter().all(|letter| rest.any(|other| other == letter))
}

/// How well a word of this many letters stands for the initials of as many words, in thousandths: `ibm` does for three
/// words well, two letters are less sure.
pub(super) fn acronym_likeness(length: usize) -> u32 {
    match length {
        3.. => 900,
        2 => 700,
        _ => 0,
    }
}

/// What rules most pairs of words out at a glance.
#[derive(Debug, Clone, Copy)]
pub(super) struct Glance {
    length: u32,
    /// The first letters, the first one highest.
    head: u64,
    /// The letters that the word is made of.
    letters: u64,
}

impl Glance {
    pub(super) fn new(word: &[u8]) -> Self {
        let mut head = [0; 8];
        let length = word.len().min(8);
        head[..length].copy_from_slice(&word[..length]);
        Self { length: word.len() as u32, head: u64::from_be_bytes(head), letters: signature(word) }
    }

    /// Whether the likeness to another word is surely 0.
    #[inline]
    pub(super) fn is_far_from(&self, other: &Self) -> bool {
        let shorter = self.length.min(other.length);
        let beyond = 64 - 8 * shorter.clamp(1, 8);
        let is_beginning = (self.head ^ other.head) >> beyond == 0;
        // Each of two typing errors changes two letters at most.
        let may_be_typo = shorter as usize >= SLIP_LENGTH_MIN
            && self.length.abs_diff(other.length) <= 2
            && (self.letters ^ other.letters).count_ones() <= 4;
        let first = |glance: &Self| glance.head >> 56;
        let may_be_abbreviation = (3..=4).contains(&shorter) && first(self) == first(other);
        !is_beginning && !may_be_typo && !may_be_abbreviation
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn words_are_alike_by_typing_error_beginning_or_initial() {
        let cases: [(&str, &str, std::ops::RangeInclusive<u32>); 14] = [
            ("philips", "philips", 1_000..=1_000),
            ("koninklijke", "koninkljike", 900..=999),
            ("electron", "electronics", 800..=800),
            ("s", "schlumberger", 700..=700),
            ("in", "international", 0..=0),
            ("sol", "sal", 0..=0),
            ("12345", "12346", 0..=0),
            ("siemens", "philips", 0..=0),
            ("zanta", "santa", 800..=800),
            ("ouo", "ouro", 800..=800),
            ("pousads", "pouzada", 700..=700),
            ("irs", "irmaos", 800..=800),
            ("rio", "ribeirao", 0..=0),
            ("", "philips", 0..=0),
        ];
        for (a, b, expected) in cases {
            let (there, back) = (word_likeness(a.as_bytes(), b.as_bytes()), word_likeness(b.as_bytes(), a.as_bytes()));
            assert!(expected.contains(&there) && there == back, "{a} {b} {there}");
        }
    }

    proptest! {
        #[test]
        fn no_like_word_is_ruled_out_at_a_glance(a in "[a-e1é]{0,10}", b in "[a-e1é]{0,10}") {
            let (a, b) = (a.as_bytes(), b.as_bytes());
            if word_likeness(a, b) > 0 && !a.is_empty() {
                prop_assert!(!Glance::new(a).is_far_from(&Glance::new(b)));
            }
        }
    }
}
