//! Addresses: one line taken apart, and one spelling for the words of streets, complements and districts.

use crate::fold::fold;
use crate::region::state_of;
use std::borrow::Cow;
use vinculo_records::Flag;

mod parts;
mod segments;
mod spelling;

pub use parts::AddressParts;
use segments::Segments;
pub use spelling::{complement_words_into, district_words_into, street_words_into};

/// Takes an address in one line apart: street, number, complement, district, city, region, postal code, in the order
/// in which Brazil and Portugal write them, or number before street as in English. `country` is two capital letters.
pub fn parse<'a>(line: &'a str, country: &str) -> AddressParts<'a> {
    let mut parts = AddressParts::default();
    let mut segments = Segments::split(line);
    parts.postal_code = segments.take_postal_code(country);
    parts.region = take_region(&mut segments, country);
    take_street_and_number(&mut segments, &mut parts);
    parts.complement = segments.take_run(is_complement);
    let located = !parts.region.is_empty() || !parts.postal_code.is_empty() || country != "BR";
    if located || segments.len() > 1 {
        parts.city = segments.take_last();
    }
    parts.district = segments.take_last();
    join_rest(&segments, &mut parts);
    parts
}

/// Adds to the street what was not understood.
fn join_rest(segments: &Segments<'_>, parts: &mut AddressParts<'_>) {
    let rest = segments.join();
    if !rest.is_empty() {
        parts.street = Cow::Owned(format!("{}, {rest}", parts.street));
    }
}

/// Takes the text of a column for streets apart, which often holds the number of the house and the complement too:
/// street, number, complement.
pub fn parse_street(street: &str) -> AddressParts<'_> {
    let mut parts = AddressParts::default();
    let mut segments = Segments::split(street);
    take_street_and_number(&mut segments, &mut parts);
    parts.complement = segments.take_run(is_complement);
    join_rest(&segments, &mut parts);
    parts
}

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
fn without_number_sign(text: &str) -> &str {
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
fn is_house_number(text: &str) -> bool {
    let bare = without_number_sign(text);
    let digits = bare.bytes().take_while(u8::is_ascii_digit).count();
    let is_letter_or_range = |behind: &str| {
        behind.len() <= 6
            && behind.chars().filter(|c| c.is_alphabetic()).count() <= 1
            && behind.chars().all(|c| (c.is_alphanumeric() && !matches!(c, 'º' | 'ª')) || matches!(c, '-' | '/'))
    };
    ((1..=6).contains(&digits) && is_letter_or_range(&bare[digits..])) || is_no_number(text)
}

fn take_street_and_number<'a>(segments: &mut Segments<'a>, parts: &mut AddressParts<'a>) {
    // `Flat 3, 12 High Street`: a complement may come first.
    let may_be_street = |segment: &str| !is_house_number(segment) && !is_complement(segment);
    if segments.len() > 1 && is_complement(segments.get(0)) && may_be_street(segments.get(1)) {
        let complement = segments.take(0);
        segments.push(complement);
    }
    if segments.len() == 0 {
        return;
    }
    let (first, complement) = split_complement(segments.take(0));
    let in_first = split_number(first);
    // `3 Esq` is a number only where the street has none.
    let is_number = |segment: &str| starts_with_number(segment) && (in_first.is_none() || !is_complement(segment));
    let second_is_number = segments.len() > 0 && is_number(segments.get(0));
    let (street, number) = match in_first {
        Some((street, number)) if !second_is_number => (street, number),
        _ if second_is_number => {
            let second = segments.take(0);
            let (number, behind) = segments::split_at_word(second, number_length(second));
            if !behind.is_empty() {
                segments.insert(0, behind);
            }
            (first, number)
        }
        _ => (first, ""),
    };
    if !complement.is_empty() {
        segments.insert(0, complement);
    }
    parts.street = Cow::Borrowed(street);
    if !number.is_empty() {
        let mut shown = String::new();
        house_number(number, &mut shown);
        parts.house_number = Cow::Owned(shown);
    }
}

/// How many bytes of a segment are the number it starts with: `123 apto 4`, `nº 123`, `s/n`.
fn number_length(segment: &str) -> usize {
    let ends = spaces(segment).chain([segment.len()]);
    ends.take(2).filter(|end| is_house_number(&segment[..*end])).last().unwrap_or(0)
}

/// Where the spaces of a text stand.
fn spaces(text: &str) -> impl Iterator<Item = usize> {
    text.bytes().enumerate().filter(|(_, byte)| *byte == b' ').map(|(at, _)| at)
}

fn starts_with_number(segment: &str) -> bool {
    number_length(segment) > 0
}

/// Splits `Rua X 12 ap 142` before its complement, whose number is no house number. A word such as `ap` begins one
/// behind a house number, or before a number or letter of its own; not in `Rua da Torre 100`, where it names the street.
fn split_complement(segment: &str) -> (&str, &str) {
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

/// `Av. Paulista 1000`, `Rua X nº 10`, `12 High Street`, `12 Broadway`, `Hauptstr. 5`; not `Rua 10`, where the number is
/// the street's name, nor `7 de Setembro`.
fn split_number(segment: &str) -> Option<(&str, &str)> {
    let (first, behind) = segment.split_once(' ')?;
    let is_date = behind.get(..3).is_some_and(|word| word.eq_ignore_ascii_case("de "));
    let is_street = |text: &str| if text.contains(' ') { !is_date } else { spelling::is_whole_name(text) };
    if is_house_number(first) && is_street(behind) {
        return Some((behind, first));
    }
    let words = spaces(segment).count() + 1;
    let ends_in = |count: usize| {
        let (at, _) = segment.rmatch_indices(' ').nth(count - 1)?;
        let (street, number) = (segment[..at].trim_end_matches([',', ' ']), &segment[at + 1..]);
        let is_street = || words > count + 1 || (spelling::is_whole_name(street) && !is_complement(street));
        (is_house_number(number) && !names_road(street) && is_street()).then_some((street, number))
    };
    ends_in(2).or_else(|| ends_in(1))
}

/// Whether the number behind belongs to the road's name: `Estrada Nacional`, `Rodovia BR`, `BR-101 km`.
fn names_road(street: &str) -> bool {
    let last = fold(street.rsplit(' ').next().unwrap_or_default());
    matches!(&*last, "km" | "nacional" | "municipal" | "br")
}

/// Whether a segment begins like a complement: `apto 12`, `Bloco B`, `fundos`, `Flat 3`, `3º Dto`.
fn is_complement(segment: &str) -> bool {
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

fn take_region<'a>(segments: &mut Segments<'a>, country: &str) -> &'a str {
    if country == "PT" || segments.len() == 0 {
        return "";
    }
    let at = segments.len() - 1;
    let last = segments.get(at);
    let is_code = |text: &str| match country {
        // `35` is the number of a state as well, and in a line it is one of a house or flat.
        "BR" => text.len() == 2 && text.bytes().all(|b| b.is_ascii_alphabetic()) && state_of(text).is_some(),
        _ => matches!(text.len(), 2 | 3) && text.bytes().all(|b| b.is_ascii_uppercase()),
    };
    if at > 0 && is_code(last) {
        return segments.take(at);
    }
    // `Campinas SP`, `Campinas/SP`, `Sydney NSW`.
    let Some((city, code)) = last.rsplit_once([' ', '/']) else {
        return "";
    };
    if at == 0 || !is_code(code) {
        return "";
    }
    segments.replace(at, city.trim_end_matches([' ', '-', '/']));
    code
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_line_is_taken_apart() {
        // country, line → street, number, complement, district, city, region, postal code
        let cases = [
            (
                "BR",
                "Rua das Flores, 123, apto 45, Centro, São Paulo - SP, 01310-100",
                ["Rua das Flores", "123", "apto 45", "Centro", "São Paulo", "SP", "01310-100"],
            ),
            (
                "BR",
                "Av. Paulista 1000 - Bela Vista - São Paulo/SP - CEP 01310-100",
                ["Av. Paulista", "1000", "", "Bela Vista", "São Paulo", "SP", "01310-100"],
            ),
            (
                "BR",
                "R. Sete de Setembro, nº 10 - Centro, Campinas - SP",
                ["R. Sete de Setembro", "10", "", "Centro", "Campinas", "SP", ""],
            ),
            ("BR", "Rua 25 de Março, s/n", ["Rua 25 de Março", "S/N", "", "", "", "", ""]),
            ("BR", "Rua 10, 55", ["Rua 10", "55", "", "", "", "", ""]),
            ("BR", "Rua das Flores, 35", ["Rua das Flores", "35", "", "", "", "", ""]),
            ("BR", "Rua 10", ["Rua 10", "", "", "", "", "", ""]),
            ("BR", "Rua X, 10 apto 5 bloco B, Centro", ["Rua X", "10", "apto 5 bloco B", "Centro", "", "", ""]),
            (
                "BR",
                "Rua X, 10, bloco B, ap 5, Centro, Natal/RN",
                ["Rua X", "10", "bloco B, ap 5", "Centro", "Natal", "RN", ""],
            ),
            ("BR", "Rodovia BR 101, km 5, Itajaí, SC", ["Rodovia BR 101", "", "km 5", "", "Itajaí", "SC", ""]),
            ("BR", "Fazenda Boa Vista", ["Fazenda Boa Vista", "", "", "", "", "", ""]),
            (
                "PT",
                "Rua do Ouro, 10, 3º Dto, 1100-063 Lisboa",
                ["Rua do Ouro", "10", "3º Dto", "", "Lisboa", "", "1100-063"],
            ),
            (
                "AU",
                "12 High Street, Unit 3, Sydney NSW 2000",
                ["High Street", "12", "Unit 3", "", "Sydney", "NSW", "2000"],
            ),
            (
                "AU",
                "Flat 3, 12 High Street, Sydney NSW 2000",
                ["High Street", "12", "Flat 3", "", "Sydney", "NSW", "2000"],
            ),
            (
                "US",
                "1600 Amphitheatre Pkwy, Mountain View, CA 94043",
                ["Amphitheatre Pkwy", "1600", "", "", "Mountain View", "CA", "94043"],
            ),
            ("BR", "", ["", "", "", "", "", "", ""]),
        ];
        for (country, line, expected) in cases {
            let is = parse(line, country);
            let is = [&*is.street, &*is.house_number, is.complement, is.district, is.city, is.region, is.postal_code];
            assert_eq!(is, expected, "{line}");
        }
    }

    #[test]
    fn the_number_of_a_complement_is_no_house_number() {
        // line → street, number, complement
        let cases = [
            ("Rua X ap 142", ["Rua X", "", "ap 142"]),
            ("Rua das Flores 10 ap 142", ["Rua das Flores", "10", "ap 142"]),
            ("Rua das Flores nº 10 apto. 142", ["Rua das Flores", "10", "apto. 142"]),
            ("Rua das Flores n. 10 ap142", ["Rua das Flores", "10", "ap142"]),
            ("Rua das Flores ap 142, 10", ["Rua das Flores", "10", "ap 142"]),
            ("Rua das Flores, 10 sala 3", ["Rua das Flores", "10", "sala 3"]),
            ("Rua das Flores sala nº 3", ["Rua das Flores", "", "sala nº 3"]),
            ("RUA DAS FLORES LJ 2", ["RUA DAS FLORES", "", "LJ 2"]),
            ("Rua das Flores 10 bloco B apto 5", ["Rua das Flores", "10", "bloco B apto 5"]),
            ("Rua das Flores bl. B", ["Rua das Flores", "", "bl. B"]),
            ("Rua das Flores 10 fundos", ["Rua das Flores", "10", "fundos"]),
            ("Rua das Flores 10 fundos 2", ["Rua das Flores", "10", "fundos 2"]),
            ("Rua das Flores s/n casa 4", ["Rua das Flores", "S/N", "casa 4"]),
            ("Rua 7 casa 3", ["Rua 7", "", "casa 3"]),
            ("Rua 7 de Setembro 100", ["Rua 7 de Setembro", "100", ""]),
            ("7 de Setembro 100 cj 5", ["7 de Setembro", "100", "cj 5"]),
            ("Av. 9 de Julho, 3000 cj 12", ["Av. 9 de Julho", "3000", "cj 12"]),
            ("Rua Augusta 12 3º Esq", ["Rua Augusta", "12", "3º Esq"]),
            ("Rua Augusta, 12 3º Esq", ["Rua Augusta", "12", "3º Esq"]),
            ("Rua Da Torre 100", ["Rua Da Torre", "100", ""]),
            ("Rua da Torre 100", ["Rua da Torre", "100", ""]),
            ("Rua Casa Verde 100", ["Rua Casa Verde", "100", ""]),
            ("12 High Street Flat 3", ["High Street", "12", "Flat 3"]),
            ("4914 BASSWOOD", ["BASSWOOD", "4914", ""]),
            ("410 72nd", ["72nd", "410", ""]),
            ("Hauptstr. 5", ["Hauptstr.", "5", ""]),
            ("Broadway 12a", ["Broadway", "12A", ""]),
            ("Rua 10", ["Rua 10", "", ""]),
            ("Travessa 3", ["Travessa 3", "", ""]),
            ("Av. 7", ["Av. 7", "", ""]),
            ("7 Setembro", ["7 Setembro", "", ""]),
            ("Rodovia 101", ["Rodovia 101", "", ""]),
            ("14245 22", ["14245 22", "", ""]),
        ];
        for (line, expected) in cases {
            let is = parse(line, "BR");
            assert_eq!([&*is.street, &*is.house_number, is.complement], expected, "{line}");
        }
    }

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
        fn any_line_is_taken_apart_without_panic(line in "\\PC{0,60}|([A-Za-zº]{1,8}|[0-9]{1,8}|[,/-]| - |, | ){0,20}", country in "BR|PT|AU|US|GB") {
            let line = crate::shown::shown(&line).0.into_owned();
            let parts = parse(&line, &country);
            prop_assert!(line.contains(parts.city) && line.contains(parts.district));
        }

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
