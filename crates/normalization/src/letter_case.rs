//! Title case for names that were written in capitals or in small letters throughout.

use crate::name::is_particle;
use std::borrow::Cow;
use unicode_normalization::{UnicodeNormalization, char::is_combining_mark, is_nfc};

/// Whether the letters of a text are all capitals or all small, so that its case says nothing.
pub(crate) fn says_nothing(text: &str) -> bool {
    let upper = text.chars().any(char::is_uppercase);
    let lower = text.chars().any(char::is_lowercase);
    upper != lower
}

/// A text in title case where its own case says nothing.
pub(crate) fn told(text: &str) -> Cow<'_, str> {
    if says_nothing(text) { Cow::Owned(title(text)) } else { Cow::Borrowed(text) }
}

/// A text in title case: particles small, Roman numerals and letters that are no word (`BH`, `JK`) capital, a capital
/// behind a hyphen, an apostrophe, a dot.
fn title(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for (n, word) in text.split(' ').enumerate() {
        if n > 0 {
            out.push(' ');
        }
        if is_roman_numeral(word) || is_letters_only(word) {
            out.push_str(&word.to_ascii_uppercase());
        } else if n > 0 && is_particle(word) {
            out.push_str(&word.to_ascii_lowercase());
        } else {
            title_word(word, &mut out);
        }
    }
    if is_nfc(&out) { out } else { out.nfc().collect() }
}

fn is_roman_numeral(word: &str) -> bool {
    ["ii", "iii", "iv", "vii", "viii", "ix", "xii", "xiii", "xv", "xx", "xxi", "xxiii"]
        .iter()
        .any(|numeral| word.eq_ignore_ascii_case(numeral))
}

/// Two to four letters without a vowel: nobody says them as a word, so they are initials or the short name of a city,
/// unless they shorten a word.
fn is_letters_only(word: &str) -> bool {
    const SHORTENED: [&str; 33] = [
        "bl", "bld", "blvd", "cj", "dr", "drs", "gd", "hwy", "jd", "jnr", "jr", "ln", "lt", "mc", "mr", "mrs", "ms",
        "mt", "ng", "pc", "pct", "prf", "pq", "qd", "rd", "snr", "sr", "srs", "st", "str", "tr", "tv", "vl",
    ];
    let is_vowel = |c: char| matches!(c.to_ascii_lowercase(), 'a' | 'e' | 'i' | 'o' | 'u' | 'y');
    (2..=4).contains(&word.len())
        && word.chars().all(|c| c.is_ascii_alphabetic() && !is_vowel(c))
        && !SHORTENED.iter().any(|shortened| word.eq_ignore_ascii_case(shortened))
}

fn title_word(word: &str, out: &mut String) {
    let mut starts = true;
    for c in word.chars() {
        if starts {
            push_one(c, c.to_uppercase(), out);
        } else {
            push_one(c, c.to_lowercase(), out);
        }
        starts = !c.is_alphanumeric() && !is_combining_mark(c);
    }
}

/// Pushes the changed letter where it is one letter, else the letter as it was: ß has no capital of its own.
fn push_one(c: char, mut changed: impl Iterator<Item = char>, out: &mut String) {
    match (changed.next(), changed.next()) {
        (Some(changed), None) if !is_combining_mark(c) => out.push(changed),
        _ => out.push(c),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_that_are_no_word_stay_capital_and_words_do_not() {
        for (text, expected) in [
            ("BH", "BH"),
            ("bh", "BH"),
            ("RIO DE JANEIRO", "Rio de Janeiro"),
            ("ITU", "Itu"),
            ("JK DA SILVA JR", "JK da Silva Jr"),
            ("JOSE DE SA", "Jose de Sa"),
            ("DR MC NG", "Dr Mc Ng"),
            ("RODOVIA SP 332", "Rodovia SP 332"),
            ("JD DAS FLORES QD 7", "Jd das Flores Qd 7"),
            ("J.P. MORAIS", "J.P. Morais"),
            ("Bh", "Bh"),
        ] {
            assert_eq!(told(text), expected, "{text}");
            assert_eq!(told(&told(text)), expected, "{text} again");
        }
    }
}
