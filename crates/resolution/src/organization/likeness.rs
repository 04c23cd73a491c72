//! How alike two words of organizations' names are.

use crate::comparison::text::{edit_distance, jaro_winkler};

/// Two words that are the same, in thousandths; all likeness is measured against it.
pub(super) const SAME: u32 = 1_000;
/// One word is the beginning of the other, as in `electron` and `electronics`.
const PREFIX: u32 = 800;
const PREFIX_LENGTH_MIN: usize = 3;
/// A single letter that begins the other word.
const INITIAL: u32 = 700;
const JARO_WINKLER_MIN: f64 = 0.88;
/// From this length on two typing errors are believed.
const LONG_WORD: usize = 8;
const TYPO_LENGTH_MIN: usize = 4;

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
    match long.starts_with(short) && short.iter().all(u8::is_ascii_alphabetic) {
        true if short.len() >= PREFIX_LENGTH_MIN => PREFIX,
        true if short.len() == 1 => INITIAL,
        _ => 0,
    }
}

/// How well a word stands for the initials of a run of other words, in thousandths: `ibm` does for three words well,
/// two letters are less sure.
pub(super) fn acronym_likeness(word: &[u8], run: &[&[u8]]) -> u32 {
    let stands = word.len() == run.len() && word.iter().zip(run).all(|(letter, word)| word.first() == Some(letter));
    match run.len() {
        3.. if stands => 900,
        2 if stands => 700,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_alike_by_typing_error_beginning_or_initial() {
        let cases: [(&str, &str, std::ops::RangeInclusive<u32>); 9] = [
            ("philips", "philips", 1_000..=1_000),
            ("koninklijke", "koninkljike", 900..=999),
            ("electron", "electronics", 800..=800),
            ("s", "schlumberger", 700..=700),
            ("in", "international", 0..=0),
            ("sol", "sal", 0..=0),
            ("12345", "12346", 0..=0),
            ("siemens", "philips", 0..=0),
            ("", "philips", 0..=0),
        ];
        for (a, b, expected) in cases {
            let (there, back) = (word_likeness(a.as_bytes(), b.as_bytes()), word_likeness(b.as_bytes(), a.as_bytes()));
            assert!(expected.contains(&there) && there == back, "{a} {b} {there}");
        }
    }

    #[test]
    fn an_acronym_is_made_of_initials() {
        let run: [&[u8]; 3] = [b"international", b"business", b"machines"];
        assert_eq!(acronym_likeness(b"ibm", &run), 900);
        assert_eq!(acronym_likeness(b"ib", &run[..2]), 700);
        assert_eq!(acronym_likeness(b"ibx", &run), 0);
        assert_eq!(acronym_likeness(b"i", &run[..1]), 0);
    }
}
