//! The shown form of a text: what every field starts from.
//!
//! Unicode NFC, white space collapsed to single spaces, control characters and harmful invisible ones removed. What
//! looks wrong but may be right (mojibake, letters of several scripts in a word) is flagged and never repaired in
//! silence.

use crate::fold::is_invisible;
use std::borrow::Cow;
use unicode_normalization::{UnicodeNormalization, char::is_combining_mark, is_nfc};
use vinculo_records::Flag;

/// How many combining marks a letter may carry.
const MARKS_MAX: usize = 8;

/// A text in its shown form and what is suspicious about it. Borrowed where nothing had to change.
pub fn shown(raw: &str) -> (Cow<'_, str>, Option<Flag>) {
    let trimmed = raw.trim();
    if is_plain(trimmed) {
        return (Cow::Borrowed(trimmed), None);
    }
    if has_a_heap_of_marks(trimmed) {
        return (Cow::Borrowed(""), Some(Flag::Marks));
    }
    // Composed before and after: whether a joiner is needed hangs on the letter before it, and what goes may part an
    // accent from its letter.
    let (text, removed) = without_controls(&composed(Cow::Borrowed(trimmed)));
    let text = composed(Cow::Owned(text));
    let flag = if looks_like_mojibake(&text) {
        Some(Flag::Mojibake)
    } else if text.split(' ').any(mixes_scripts) {
        Some(Flag::MixedScripts)
    } else {
        removed.then_some(Flag::ControlCharacters)
    };
    (text, flag)
}

/// Printable ASCII with single spaces: most values of most files.
fn is_plain(text: &str) -> bool {
    let mut before = b'-';
    text.bytes().all(|b| {
        let doubles_a_space = b == b' ' && before == b' ';
        before = b;
        (b' '..=b'~').contains(&b) && !doubles_a_space
    })
}

fn has_a_heap_of_marks(text: &str) -> bool {
    let mut run = 0;
    text.chars().any(|c| {
        run = if is_combining_mark(c) { run + 1 } else { 0 };
        run > MARKS_MAX
    })
}

/// The text in NFC.
fn composed(text: Cow<'_, str>) -> Cow<'_, str> {
    if is_nfc(&text) { text } else { Cow::Owned(text.nfc().collect()) }
}

/// The text with single spaces, and whether anything but white space was taken out.
fn without_controls(text: &str) -> (String, bool) {
    let mut out = String::with_capacity(text.len());
    let mut removed = false;
    let mut gap = false;
    let mut before = '\0';
    for c in text.chars() {
        if c.is_whitespace() {
            gap = !out.is_empty();
            continue;
        }
        if c.is_control() || (is_invisible(c) && !is_needed_joiner(c, before)) {
            removed = true;
            continue;
        }
        if gap {
            out.push(' ');
            gap = false;
        }
        before = c;
        out.push(c);
    }
    (out, removed)
}

/// Joiners and variation selectors are part of the spelling in Arabic, in Indic scripts and in emoji, not behind letters
/// that have a case.
fn is_needed_joiner(c: char, before: char) -> bool {
    let joins = matches!(c, '\u{200c}' | '\u{200d}' | '\u{fe00}'..='\u{fe0f}');
    let has_case = before.is_lowercase() || before.is_uppercase();
    let is_joined = matches!(before, '\u{600}'..='\u{dff}') || (before >= '\u{2190}' && !has_case);
    joins && is_joined && !is_invisible(before)
}

/// UTF-8 that was once read as Windows-1252 or Latin-1: `JoÃ£o`, `Ã§`, `â€™`; or the replacement character.
fn looks_like_mojibake(text: &str) -> bool {
    let mut before = '\0';
    text.chars().any(|c| {
        let suspicious = c == '\u{fffd}'
            || (matches!(before, 'Ã' | 'Â') && is_continuation_in_latin(c))
            || (before == 'â' && c == '€');
        before = c;
        suspicious
    })
}

/// What the second byte of a two-byte UTF-8 letter (0x80 to 0xBF) looks like in Latin-1 or Windows-1252.
fn is_continuation_in_latin(c: char) -> bool {
    const WINDOWS_1252: &str = "€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ";
    matches!(c, '\u{80}'..='\u{bf}') || WINDOWS_1252.contains(c)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Script {
    Latin,
    Greek,
    Cyrillic,
    Other,
}

/// The script of a letter; only scripts whose letters look like Latin ones are told apart.
fn script(c: char) -> Option<Script> {
    match c {
        'a'..='z' | 'A'..='Z' | '\u{c0}'..='\u{24f}' | '\u{1e00}'..='\u{1eff}' if c.is_alphabetic() => {
            Some(Script::Latin)
        }
        '\u{370}'..='\u{3ff}' | '\u{1f00}'..='\u{1fff}' if c.is_alphabetic() => Some(Script::Greek),
        '\u{400}'..='\u{52f}' if c.is_alphabetic() => Some(Script::Cyrillic),
        '\u{530}'..='\u{58f}' | '\u{13a0}'..='\u{13ff}' if c.is_alphabetic() => Some(Script::Other),
        _ => None,
    }
}

fn mixes_scripts(word: &str) -> bool {
    let mut scripts = word.chars().filter_map(script);
    scripts.next().is_some_and(|first| scripts.any(|script| script != first))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_is_shown_is_tidy_and_what_is_wrong_is_flagged() {
        let cases = [
            ("  Maria   da\tSilva ", "Maria da Silva", None),
            ("Maria\u{a0}Silva\r\n", "Maria Silva", None),
            ("Joa\u{303}o", "João", None),
            ("Ma\u{200b}ria\u{feff}", "Maria", Some(Flag::ControlCharacters)),
            ("\u{202e}airaM", "airaM", Some(Flag::ControlCharacters)),
            ("Maria\u{1b}[31m", "Maria[31m", Some(Flag::ControlCharacters)),
            ("Ma\0ria", "Maria", Some(Flag::ControlCharacters)),
            ("JoÃ£o", "JoÃ£o", Some(Flag::Mojibake)),
            ("JOÃO", "JOÃO", None),
            ("Conceiã§ã£o", "Conceiã§ã£o", None),
            ("Jo\u{fffd}o", "Jo\u{fffd}o", Some(Flag::Mojibake)),
            ("M\u{430}ria", "M\u{430}ria", Some(Flag::MixedScripts)),
            ("Maria Мария", "Maria Мария", None),
            ("👩\u{200d}👧", "👩\u{200d}👧", None),
            ("\u{fb43}\u{fe00}", "\u{5e3}\u{5bc}", Some(Flag::ControlCharacters)),
            ("می\u{200c}خواهم", "می\u{200c}خواهم", None),
            ("Z\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}", "", Some(Flag::Marks)),
        ];
        for (raw, text, flag) in cases {
            let (is, why) = shown(raw);
            assert_eq!((is.as_ref(), why), (text, flag), "{raw:?}");
        }
    }

    proptest! {
        #[test]
        fn showing_twice_is_showing_once(raw in any::<String>()) {
            let once = shown(&raw).0.into_owned();
            prop_assert_eq!(shown(&once).0.into_owned(), once);
        }
    }
}
