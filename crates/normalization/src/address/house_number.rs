//! House numbers: how they are written, and where in a line they stand.

use super::complement::is_complement;
use super::spelling::is_whole_name;
use crate::fold::fold;
use vinculo_records::Flag;

/// The number of a house: capitals, without `nº`; `S/N` where the house has none. `0` stands for a missing one.
pub fn house_number(shown: &str, out: &mut String) -> Option<Flag> {
    let start = out.len();
    if is_no_number(shown) {
        out.push_str(WITHOUT_NUMBER);
        return None;
    }
    out.extend(without_number_sign(shown).chars().map(|c| c.to_ascii_uppercase()));
    let missing = !out[start..].contains(|c: char| c.is_alphanumeric() && c != '0');
    missing.then_some(Flag::Placeholder)
}

/// How a house without a number is shown.
pub const WITHOUT_NUMBER: &str = "S/N";

fn is_no_number(text: &str) -> bool {
    may_begin_with(text, b's') && matches!(&*fold(text), "s n" | "sn" | "s no" | "sem numero" | "s numero" | "s num")
}

/// Whether a text may begin with this small letter once it is folded: a glance that spares most texts the folding.
fn may_begin_with(text: &str, letter: u8) -> bool {
    first_byte(text).is_some_and(|byte| byte.eq_ignore_ascii_case(&letter) || !byte.is_ascii())
}

/// The first byte of a text that may be left once it is folded.
fn first_byte(text: &str) -> Option<u8> {
    text.bytes().find(|byte| byte.is_ascii_alphanumeric() || !byte.is_ascii())
}

/// Takes `nº`, `n.`, `num.`, `number`, `#` off the front.
pub(super) fn without_number_sign(text: &str) -> &str {
    let sign = text.bytes().position(|byte| byte.is_ascii_digit()).unwrap_or(0);
    let is_sign = |sign: &str| {
        if first_byte(sign).is_some() && !may_begin_with(sign, b'n') {
            return false;
        }
        let folded = fold(sign);
        matches!(&*folded, "n" | "no" | "n o" | "nr" | "num" | "numero" | "number")
            || (folded.is_empty() && sign.trim() != "-")
    };
    if sign > 0 && is_sign(&text[..sign]) { &text[sign..] } else { text }
}

/// Whether a text is a house number: digits, maybe a letter or a second number behind them.
pub(super) fn is_house_number(text: &str) -> bool {
    let bare = without_number_sign(text);
    let digits = bare.bytes().take_while(u8::is_ascii_digit).count();
    let is_letter_or_range = |behind: &str| {
        behind.len() <= 6
            && behind.chars().filter(|c| c.is_alphabetic()).count() <= 1
            && behind.chars().all(|c| (c.is_alphanumeric() && !matches!(c, 'º' | 'ª')) || matches!(c, '-' | '/'))
    };
    ((1..=6).contains(&digits) && is_letter_or_range(&bare[digits..])) || is_no_number(text)
}

/// How many bytes of a segment are the number it starts with: `123 apto 4`, `nº 123`, `s/n`.
pub(super) fn number_length(segment: &str) -> usize {
    let ends = spaces(segment).chain([segment.len()]);
    ends.take(2).filter(|end| is_house_number(&segment[..*end])).last().unwrap_or(0)
}

/// Where the spaces of a text stand.
pub(super) fn spaces(text: &str) -> impl Iterator<Item = usize> {
    text.bytes().enumerate().filter(|(_, byte)| *byte == b' ').map(|(at, _)| at)
}

pub(super) fn starts_with_number(segment: &str) -> bool {
    number_length(segment) > 0
}

/// `Av. Paulista 1000`, `Rua X nº 10`, `12 High Street`, `12 Broadway`, `Hauptstr. 5`; not `Rua 10`, where the number is
/// the street's name, nor `7 de Setembro`.
pub(super) fn split_number(segment: &str) -> Option<(&str, &str)> {
    let (first, behind) = segment.split_once(' ')?;
    let is_date = behind.get(..3).is_some_and(|word| word.eq_ignore_ascii_case("de "));
    let is_street = |text: &str| if text.contains(' ') { !is_date } else { is_whole_name(text) };
    if is_house_number(first) && is_street(behind) {
        return Some((behind, first));
    }
    let words = spaces(segment).count() + 1;
    let ends_in = |count: usize| {
        let (at, _) = segment.rmatch_indices(' ').nth(count - 1)?;
        let (street, number) = (segment[..at].trim_end_matches([',', ' ']), &segment[at + 1..]);
        let is_street = || words > count + 1 || (is_whole_name(street) && !is_complement(street));
        (is_house_number(number) && !names_road(street) && is_street()).then_some((street, number))
    };
    ends_in(2).or_else(|| ends_in(1))
}

/// Whether the number behind belongs to the road's name: `Estrada Nacional`, `Rodovia BR`, `BR-101 km`.
fn names_road(street: &str) -> bool {
    let last = fold(street.rsplit(' ').next().unwrap_or_default());
    matches!(&*last, "km" | "nacional" | "municipal" | "br")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn house_numbers_are_bare() {
        let cases = [
            ("123", "123", None),
            ("nº 123-a", "123-A", None),
            ("N. 12", "12", None),
            ("n.º 17", "17", None),
            ("#7", "7", None),
            ("s/nº", "S/N", None),
            ("SN", "S/N", None),
            ("Sem número", "S/N", None),
            ("0", "0", Some(Flag::Placeholder)),
        ];
        for (raw, number, flag) in cases {
            let mut out = String::new();
            assert_eq!((house_number(raw, &mut out), out.as_str()), (flag, number), "{raw}");
        }
    }

    proptest! {
        #[test]
        fn a_glance_misses_nothing_that_folding_shows(text in "[a-zA-Z0-9 .,/ºªàéſßŚ\\-\u{301}\u{34f}\u{7f}]{0,12}|(ap|apto|bl|casa|3|n|nº|s/n) ?[a-z0-9º. ]{0,8}") {
            let folded = fold(&text).into_owned();
            for letter in [b'n', b's'] {
                prop_assert!(!folded.as_bytes().starts_with(&[letter]) || may_begin_with(&text, letter));
            }
            prop_assert_eq!(is_complement(&text), is_complement(&folded));
        }

        #[test]
        fn a_house_number_is_its_own_normal_form(raw in "\\PC{0,10}|(n[ºo.]? ?)?[0-9]{1,5}[a-z/-]{0,2}") {
            let mut once = String::new();
            house_number(&crate::shown::shown(&raw).0, &mut once);
            let mut twice = String::new();
            house_number(&once, &mut twice);
            prop_assert_eq!(twice, once);
        }
    }
}
