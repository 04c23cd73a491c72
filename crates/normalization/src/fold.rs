//! Folding: the one spelling under which texts are compared.
//!
//! Folded text is lower case without accents, punctuation or invisible characters, its words separated by single
//! spaces. Latin letters end as `a` to `z`; letters of other scripts stay letters. No locale takes part: `I` is always
//! `i`, whatever the language.

use std::borrow::Cow;
use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// The folded form of a text; borrowed where the text is folded already.
pub fn fold(text: &str) -> Cow<'_, str> {
    if is_folded_ascii(text) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    fold_into(text, &mut out);
    Cow::Owned(out)
}

/// Writes the folded form of a text behind what `out` already holds, without a space between the two.
pub fn fold_into(text: &str, out: &mut String) {
    let start = out.len();
    let mut folder = Folder { out, start, gap: false };
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let plain = rest.bytes().take_while(u8::is_ascii_alphanumeric).count();
        if plain > 0 {
            folder.plain(&rest[..plain]);
        } else if !folder.push_simple(c) {
            // A mark may belong to the letter before it, so the whole text is decomposed.
            out.truncate(start);
            return fold_decomposed(text, out);
        }
        rest = &rest[plain.max(c.len_utf8())..];
    }
}

/// The words of a folded text.
pub fn words(folded: &str) -> impl Iterator<Item = &str> + Clone {
    folded.split(' ').filter(|word| !word.is_empty())
}

/// Writes the letters and digits of a text, folded, without any space: how codes are compared.
pub fn fold_code_into(text: &str, out: &mut String) {
    if text.is_ascii() {
        out.extend(text.bytes().filter(u8::is_ascii_alphanumeric).map(|b| b.to_ascii_lowercase() as char));
    } else {
        let folded = fold(text);
        out.extend(folded.chars().filter(|c| c.is_alphanumeric() && !is_combining_mark(*c)));
    }
}

/// Whether a character is neither seen nor part of a letter: zero-width, direction-changing, variation selectors.
pub fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
        | '\u{e0000}'..='\u{e0fff}')
}

fn is_folded_ascii(text: &str) -> bool {
    let bytes = text.as_bytes();
    let edge = |byte: Option<&u8>| byte == Some(&b' ');
    !edge(bytes.first())
        && !edge(bytes.last())
        && bytes.iter().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || *b == b' ')
        && !text.contains("  ")
}

/// Collects folded letters; a run of anything else becomes one space between two of them.
struct Folder<'a> {
    out: &'a mut String,
    start: usize,
    gap: bool,
}

impl Folder<'_> {
    fn part(&mut self) {
        if self.gap && self.out.len() > self.start {
            self.out.push(' ');
        }
        self.gap = false;
    }

    fn letter(&mut self, c: char) {
        self.part();
        self.out.push(c);
    }

    /// Takes letters and digits of ASCII at once.
    fn plain(&mut self, letters: &str) {
        self.part();
        let at = self.out.len();
        self.out.push_str(letters);
        self.out[at..].make_ascii_lowercase();
    }

    fn letters(&mut self, letters: &str) {
        for c in letters.chars() {
            self.letter(c);
        }
    }

    /// Takes a character that needs no table of Unicode; false for all others.
    fn push_simple(&mut self, c: char) -> bool {
        match c {
            'a'..='z' | '0'..='9' => self.letter(c),
            'A'..='Z' => self.letter(c.to_ascii_lowercase()),
            // Control characters of ASCII vanish, white space separates.
            '\0'..='\u{8}' | '\u{e}'..='\u{1f}' | '\u{7f}' => {}
            '\0'..='\u{7f}' => self.gap = true,
            _ => match simple_latin(c) {
                Some(letters) => self.letters(letters),
                None => return false,
            },
        }
        true
    }
}

/// Precomposed letters that Portuguese, Spanish, French and German text is full of.
fn simple_latin(c: char) -> Option<&'static str> {
    Some(match c {
        'à'..='å' | 'À'..='Å' | 'ª' => "a",
        'ç' | 'Ç' => "c",
        'è'..='ë' | 'È'..='Ë' => "e",
        'ì'..='ï' | 'Ì'..='Ï' => "i",
        'ñ' | 'Ñ' => "n",
        'ò'..='ö' | 'Ò'..='Ö' | 'º' => "o",
        'ù'..='ü' | 'Ù'..='Ü' => "u",
        'ý' | 'ÿ' | 'Ý' => "y",
        _ => return undecomposed_latin(c),
    })
}

/// Latin letters that no Unicode decomposition takes apart.
fn undecomposed_latin(c: char) -> Option<&'static str> {
    Some(match c {
        'ß' | 'ẞ' => "ss",
        'æ' | 'Æ' => "ae",
        'œ' | 'Œ' => "oe",
        'ø' | 'Ø' => "o",
        'đ' | 'Đ' | 'ð' | 'Ð' | 'ɖ' | 'Ɖ' => "d",
        'þ' | 'Þ' => "th",
        'ł' | 'Ł' => "l",
        'ħ' | 'Ħ' => "h",
        'ı' => "i",
        'ŋ' | 'Ŋ' => "n",
        'ŧ' | 'Ŧ' => "t",
        'ĸ' => "k",
        'ƒ' | 'Ƒ' => "f",
        'ə' | 'Ə' => "e",
        _ => return None,
    })
}

fn fold_decomposed(text: &str, out: &mut String) {
    let start = out.len();
    let mut folder = Folder { out, start, gap: false };
    for c in text.chars().filter(|c| !is_invisible(*c)).nfkd() {
        if is_accent(c) || is_invisible(c) || folder.push_simple(c) {
            continue;
        }
        for lower in c.to_lowercase() {
            // The lower case of a letter may be one with a decomposition of its own.
            for plain in lower.nfkd().filter(|c| !is_accent(*c)) {
                if let Some(letters) = undecomposed_latin(plain) {
                    folder.letters(letters);
                } else if plain == 'ς' {
                    folder.letter('σ');
                } else if is_letter(plain) {
                    folder.letter(plain);
                } else if !plain.is_control() {
                    folder.gap = true;
                }
            }
        }
    }
}

fn is_letter(c: char) -> bool {
    let modifies_another = matches!(c, '\u{2b9}'..='\u{2df}');
    (c.is_alphanumeric() && !modifies_another) || is_combining_mark(c)
}

/// Marks that folding takes off: those of Latin, Greek and Cyrillic, Hebrew points, Arabic vowel signs.
/// The marks of other scripts are letters in their own right.
fn is_accent(c: char) -> bool {
    matches!(c,
        '\u{300}'..='\u{36f}' | '\u{483}'..='\u{489}' | '\u{591}'..='\u{5bd}' | '\u{5bf}' | '\u{5c1}' | '\u{5c2}'
        | '\u{610}'..='\u{61a}' | '\u{640}' | '\u{64b}'..='\u{65f}' | '\u{670}' | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}'
        | '\u{20d0}'..='\u{20ff}' | '\u{fe20}'..='\u{fe2f}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn texts_that_mean_the_same_fold_alike() {
        let cases = [
            ("João", "joao"),
            ("Joa\u{303}o", "joao"),
            ("  JOÃO \t da\u{a0}Silva ", "joao da silva"),
            ("D'Ávila-Gonçalves", "d avila goncalves"),
            ("Straße", "strasse"),
            ("STRASSE", "strasse"),
            ("Łódź Øresund Æsop Œuvre", "lodz oresund aesop oeuvre"),
            ("Diyarbakır İzmir", "diyarbakir izmir"),
            ("ΟΔΥΣΣΕΥΣ", "οδυσσευσ"),
            ("Οδυσσεύς", "οδυσσευσ"),
            ("Мария", "мария"),
            ("Ма\u{440}и\u{306}я", "мария"),
            ("Ｊｏãｏ １２", "joao 12"),
            ("Mar\u{200d}ia\u{200b} \u{202e}Silva\u{202c}\u{feff}", "maria silva"),
            ("Ma\u{0}ria", "maria"),
            ("n\u{ba} 5\u{aa}", "no 5a"),
            ("O.K. & Cia.", "o k cia"),
            ("😀", ""),
            ("田中", "田中"),
            ("...", ""),
        ];
        for (text, folded) in cases {
            assert_eq!(fold(text), folded, "{text:?}");
        }
    }

    #[test]
    fn folding_writes_behind_what_is_there() {
        let mut out = String::from("rua ");
        fold_into("Á B", &mut out);
        assert_eq!(out, "rua a b");
    }

    #[test]
    fn codes_lose_everything_but_letters_and_digits() {
        let mut out = String::new();
        fold_code_into("12.ABC-345/É 9", &mut out);
        assert_eq!(out, "12abc345e9");
    }

    proptest! {
        #[test]
        fn folding_twice_is_folding_once(text in "\\PC{0,40}") {
            let once = fold(&text).into_owned();
            prop_assert_eq!(fold(&once).into_owned(), once);
        }

        #[test]
        fn a_folded_text_has_single_spaces_between_words(text in any::<String>()) {
            let folded = fold(&text).into_owned();
            prop_assert_eq!(words(&folded).collect::<Vec<_>>().join(" "), folded);
        }

        #[test]
        fn latin_text_folds_to_plain_letters(text in "[ -~À-ž]{0,40}") {
            let folded = fold(&text).into_owned();
            prop_assert!(folded.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b' '), "{}", folded);
        }
    }
}
