//! Complements: which dwelling or room of a house is meant.

use super::house_number::{is_house_number, spaces, without_number_sign};
use crate::fold::fold;

/// Whether a segment begins like a complement: `apto 12`, `Bloco B`, `fundos`, `Flat 3`, `3º Dto`.
pub(super) fn is_complement(segment: &str) -> bool {
    const WORDS: [&str; 44] = [
        "apto",
        "ap",
        "apt",
        "apartamento",
        "bloco",
        "bl",
        "casa",
        "cs",
        "sala",
        "sl",
        "andar",
        "fundos",
        "fds",
        "km",
        "unit",
        "flat",
        "suite",
        "ste",
        "floor",
        "loja",
        "lj",
        "lote",
        "lt",
        "quadra",
        "qd",
        "conjunto",
        "conj",
        "cj",
        "torre",
        "tr",
        "edificio",
        "edif",
        "ed",
        "sobrado",
        "galpao",
        "box",
        "cobertura",
        "cob",
        "frente",
        "terreo",
        "predio",
        "room",
        "level",
        "apartment",
    ];
    // Nearly every segment tells by its first word, as it stands.
    let first = segment.trim_start_matches(|c: char| c.is_ascii_punctuation() || c == ' ');
    let length = first.bytes().take_while(u8::is_ascii_alphanumeric).count();
    let is_whole = first.as_bytes().get(length).is_none_or(|byte| byte.is_ascii_punctuation() || *byte == b' ');
    if is_whole && first.starts_with(|c: char| c.is_ascii_alphabetic()) {
        let letters = first[..length].trim_end_matches(|c: char| c.is_ascii_digit());
        return WORDS.iter().any(|word| word.eq_ignore_ascii_case(letters));
    }
    if length == first.len() {
        // One word, which begins with a digit.
        return false;
    }
    let folded = fold(segment);
    let mut words = folded.split(' ');
    let first = words.next().unwrap_or_default();
    let letters = first.trim_end_matches(|c: char| c.is_ascii_digit());
    let floor =
        matches!(words.next(), Some("andar" | "dto" | "esq" | "direito" | "esquerdo" | "frente" | "floor" | "d" | "e"));
    WORDS.contains(&letters) || (floor && first.starts_with(|c: char| c.is_ascii_digit()))
}

/// Splits `Rua X 12 ap 142` before its complement, whose number is no house number. A word such as `ap` begins one
/// behind a house number, or before a number or letter of its own; not in `Rua da Torre 100`, where it names the street.
pub(super) fn split_complement(segment: &str) -> (&str, &str) {
    let starts = spaces(segment).map(|at| at + 1).skip(1);
    let mut borders = starts.map(|start| (segment[..start].trim_end(), &segment[start..]));
    let begins = |&(before, behind): &(&str, &str)| {
        if !is_complement(behind) {
            return false;
        }
        let previous = before.rsplit(' ').next().unwrap_or_default();
        let says_house = previous.starts_with(|c: char| c.is_ascii_digit()) || previous.eq_ignore_ascii_case("s/n");
        // `Rua 10` is a street without a number.
        let is_numbered = says_house && is_house_number(previous) && spaces(before).count() > 1;
        let is_street_name = ["de", "da", "do", "das", "dos"].iter().any(|of| previous.eq_ignore_ascii_case(of));
        is_numbered || (!is_street_name && has_designation(behind))
    };
    borders.find(begins).unwrap_or((segment, ""))
}

/// Whether a number or a letter belongs to the first word of a text: `ap 142`, `ap142`, `sala nº 3`, `bloco B`.
fn has_designation(text: &str) -> bool {
    let begins_with_digit = |text: &str| text.starts_with(|c: char| c.is_ascii_digit());
    let (first, behind) = text.split_once(' ').unwrap_or((text, ""));
    let is_letter = |word: &str| word.trim_end_matches('.').len() == 1;
    let glued = !begins_with_digit(first) && first.ends_with(|c: char| c.is_ascii_digit());
    glued || begins_with_digit(without_number_sign(behind)) || behind.split(' ').next().is_some_and(is_letter)
}
