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

/// A text in title case: particles small, Roman numerals capital, a capital behind a hyphen, an apostrophe, a dot.
fn title(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for (n, word) in text.split(' ').enumerate() {
        if n > 0 {
            out.push(' ');
        }
        if is_roman_numeral(word) {
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
