//! Addresses: one line taken apart, and one spelling for the words of streets, complements and districts.

use crate::region::state_of;
use std::borrow::Cow;

mod complement;
mod house_number;
mod parts;
mod segments;
mod spelling;

use complement::{is_complement, split_complement};
pub use house_number::{WITHOUT_NUMBER, house_number};
use house_number::{is_house_number, number_length, split_number, starts_with_number};
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

    proptest! {
        #[test]
        fn any_line_is_taken_apart_without_panic(line in "\\PC{0,60}|([A-Za-zº]{1,8}|[0-9]{1,8}|[,/-]| - |, | ){0,20}", country in "BR|PT|AU|US|GB") {
            let line = crate::shown::shown(&line).0.into_owned();
            let parts = parse(&line, &country);
            prop_assert!(line.contains(parts.city) && line.contains(parts.district));
        }

    }
}
