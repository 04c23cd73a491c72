//! Phone numbers in E.164 form.
//!
//! Numbers of Brazil and Portugal take a cheap path, all others (and what the cheap path does not know) the library
//! `phonenumber`, which knows the plans of all countries and takes a hundred times as long.

use crate::tax_id::is_scientific;
use phonenumber::country;
use std::borrow::Cow;
use unicode_normalization::UnicodeNormalization;
use vinculo_records::Flag;

mod brazil;
mod portugal;

/// E.164 allows 15 digits; in front of them there may be an international prefix and a carrier.
const DIGITS_MAX: usize = 20;
/// Fewer digits are no number of their own.
const DIGITS_MIN: usize = 7;

/// A phone number in E.164 form, without extension. `country` is the project's, two capital letters: numbers without a
/// country code are read as its own. An invalid number keeps its digits.
pub fn normalize(shown: &str, country: &str, out: &mut String) -> Option<Flag> {
    let plain: Cow<'_, str> = if shown.is_ascii() {
        Cow::Borrowed(shown)
    } else {
        // Full-width digits and the like.
        Cow::Owned(shown.nfkc().collect())
    };
    if is_scientific(plain.trim()) {
        return Some(Flag::DigitsLost);
    }
    let number = match only_number(&plain) {
        Cell::Number(number) => number,
        Cell::Several => return Some(Flag::SeveralValues),
    };
    let mut digits = Digits::default();
    if !digits.read(number) {
        return Some(Flag::TooLong);
    }
    if is_stand_in(digits.as_str()) {
        return Some(Flag::Placeholder);
    }
    if cheap(&digits, country, out) || by_library(&digits, country, out) {
        return None;
    }
    out.push_str(digits.with_plus());
    Some(Flag::InvalidPhone)
}

enum Cell<'a> {
    Number(&'a str),
    Several,
}

/// The number of a cell without its extension, where there is but one.
fn only_number(cell: &str) -> Cell<'_> {
    let count = |part: &str| part.bytes().filter(u8::is_ascii_digit).count();
    let parts =
        cell.split([';', ',', '/', '|', '\\']).flat_map(|part| part.split(" ou ")).flat_map(|part| part.split(" e "));
    let mut number = None;
    for part in parts {
        if count(part) >= DIGITS_MIN {
            if number.is_some() {
                return Cell::Several;
            }
            number = Some(part);
        }
    }
    Cell::Number(without_extension(number.unwrap_or(cell)))
}

/// Takes `ramal 12`, `r. 12`, `ext 12`, `x12`, `#12` off the end, where a whole number stands before it.
fn without_extension(number: &str) -> &str {
    let mut digits = 0;
    for (at, byte) in number.bytes().enumerate() {
        match byte {
            b'0'..=b'9' => digits += 1,
            b'#' | b'a'..=b'z' | b'A'..=b'Z' if digits >= DIGITS_MIN => return &number[..at],
            _ => {}
        }
    }
    number
}

/// The digits of a number, and whether a plus stands before them.
#[derive(Default)]
struct Digits {
    /// A plus and the digits.
    text: [u8; DIGITS_MAX + 1],
    length: usize,
    plus: bool,
}

impl Digits {
    /// False for more digits than any number has.
    fn read(&mut self, number: &str) -> bool {
        self.text[0] = b'+';
        for byte in number.bytes() {
            match byte {
                b'+' if self.length == 0 => self.plus = true,
                b'0'..=b'9' if self.length == DIGITS_MAX => return false,
                b'0'..=b'9' => {
                    self.length += 1;
                    self.text[self.length] = byte;
                }
                _ => {}
            }
        }
        true
    }

    fn as_str(&self) -> &str {
        // Only ASCII digits are ever written.
        std::str::from_utf8(&self.text[1..=self.length]).unwrap_or_default()
    }

    /// With the plus before them, where the source had one.
    fn with_plus(&self) -> &str {
        let start = usize::from(!self.plus);
        std::str::from_utf8(&self.text[start..=self.length]).unwrap_or_default()
    }
}

fn cheap(digits: &Digits, country: &str, out: &mut String) -> bool {
    let all = digits.as_str();
    // `00` is the international prefix in both countries, in Brazil with a carrier behind it.
    let international = match all.strip_prefix("00") {
        Some(rest) if !digits.plus => Some(rest),
        _ => digits.plus.then_some(all),
    };
    match (international, country) {
        (Some(rest), _) if rest.starts_with("55") => brazil::write_e164(&rest[2..], out),
        (Some(rest), _) if rest.starts_with("351") => portugal::write_e164(&rest[3..], out),
        (None, "BR") => brazil::write_national(all, out),
        (None, "PT") => portugal::write_national(all, out),
        _ => false,
    }
}

fn by_library(digits: &Digits, country: &str, out: &mut String) -> bool {
    let region: Option<country::Id> = country.parse().ok();
    let Ok(number) = phonenumber::parse(region, digits.with_plus()) else {
        return false;
    };
    if !phonenumber::is_valid(&number) {
        return false;
    }
    out.push_str(&number.format().mode(phonenumber::Mode::E164).to_string());
    true
}

/// `99999-9999`, `0000`, `12345678`: fingers on a keyboard, no number. So are eight equal digits at the end.
fn is_stand_in(digits: &str) -> bool {
    let tail = &digits[digits.len().saturating_sub(8)..];
    let first = tail.bytes().next();
    let runs = |digits: &str| "12345678901".starts_with(digits) || "01234567890".starts_with(digits);
    let run = digits.len() >= DIGITS_MIN && (runs(digits) || (digits.len() == 10 && runs(&digits[2..])));
    run || tail.bytes().all(|b| Some(b) == first)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn normalized(raw: &str, country: &str) -> (String, Option<Flag>) {
        let mut out = String::new();
        let flag = normalize(&crate::shown::shown(raw).0, country, &mut out);
        (out, flag)
    }

    #[test]
    fn numbers_come_out_as_e164() {
        let cases = [
            ("BR", "(11) 98765-4321", "+5511987654321"),
            ("BR", "11 8765-4321", "+5511987654321"),
            ("BR", "(11) 3333-4444", "+551133334444"),
            ("BR", "011 98765-4321", "+5511987654321"),
            ("BR", "0 15 11 98765-4321", "+5511987654321"),
            ("BR", "0xx11 98765-4321", "+5511987654321"),
            ("BR", "+55 11 98765-4321", "+5511987654321"),
            ("BR", "+55 (0)11 98765-4321", "+5511987654321"),
            ("BR", "+55 11 8765-4321", "+5511987654321"),
            ("BR", "55 11 98765-4321", "+5511987654321"),
            ("BR", "0055 11 98765-4321", "+5511987654321"),
            ("BR", "55 99876-5432", "+5555998765432"),
            ("BR", "(11) 3333-4444 ramal 12", "+551133334444"),
            ("BR", "(11) 3333-4444 r.12", "+551133334444"),
            ("BR", "(11) 3333-4444 x 12", "+551133334444"),
            ("BR", "(11) 3333-4444/4445", "+551133334444"),
            ("BR", "(１１) ９８７６５-４３２１", "+5511987654321"),
            ("BR", "0800 123 4567", "+558001234567"),
            ("BR", "+351 912 345 678", "+351912345678"),
            ("BR", "+1 650-253-0000", "+16502530000"),
            ("PT", "912 345 678", "+351912345678"),
            ("PT", "21 234 56 78", "+351212345678"),
            ("PT", "00351 912 345 678", "+351912345678"),
            ("PT", "351 912345678", "+351912345678"),
            ("PT", "+55 11 98765-4321", "+5511987654321"),
            ("AU", "03 9876 5432", "+61398765432"),
            ("GB", "+44 (0)20 7946 0018", "+442079460018"),
            ("US", "(650) 253-0000", "+16502530000"),
        ];
        for (country, raw, e164) in cases {
            assert_eq!(normalized(raw, country), (e164.to_owned(), None), "{country} {raw}");
        }
    }

    #[test]
    fn what_is_no_number_says_why() {
        let cases = [
            ("BR", "98765-4321", Flag::InvalidPhone),
            ("BR", "(20) 98765-4321", Flag::InvalidPhone),
            ("BR", "123", Flag::InvalidPhone),
            ("BR", "99999-9999", Flag::Placeholder),
            ("BR", "(11) 99999-9999", Flag::Placeholder),
            ("BR", "00000000", Flag::Placeholder),
            ("BR", "12345678", Flag::Placeholder),
            ("BR", "(11) 12345678", Flag::Placeholder),
            ("BR", "não tem", Flag::Placeholder),
            ("PT", "999999999", Flag::Placeholder),
            ("BR", "(11) 3333-4444 / (11) 98765-4321", Flag::SeveralValues),
            ("BR", "(11) 3333-4444 ou 98765-4321", Flag::SeveralValues),
            ("BR", "11333344441198765432111987654321", Flag::TooLong),
        ];
        for (country, raw, flag) in cases {
            assert_eq!(normalized(raw, country).1, Some(flag), "{country} {raw}");
        }
    }

    #[test]
    fn the_cheap_path_gives_what_the_library_gives() {
        let library = |raw: &str, country: &str| {
            let mut digits = Digits::default();
            digits.read(raw);
            let mut out = String::new();
            by_library(&digits, country, &mut out).then_some(out)
        };
        let cheap = |raw: &str, country: &str| {
            let mut digits = Digits::default();
            digits.read(raw);
            let mut out = String::new();
            cheap(&digits, country, &mut out).then_some(out)
        };
        for area in 10..100 {
            for start in 10..100 {
                for rest in ["0", "3417", "65010", "123456", "3456789"] {
                    let number = format!("{area}{start}{rest}");
                    for raw in [number.clone(), format!("+55{number}"), format!("0{number}")] {
                        let Some(fast) = cheap(&raw, "BR") else { continue };
                        // Old mobile numbers get a digit that the library does not add, and a domestic number of area
                        // 55 it takes for one with the country code; what comes out is valid to it.
                        let expected = if brazil::is_old_mobile(&number) || area == 55 {
                            library(&fast, "BR")
                        } else {
                            library(&raw, "BR")
                        };
                        assert_eq!(Some(fast), expected, "{raw}");
                    }
                }
            }
        }
        for start in 100..1000 {
            for rest in ["123456", "934567", "20000"] {
                for raw in [format!("{start}{rest}"), format!("+351{start}{rest}")] {
                    let Some(fast) = cheap(&raw, "PT") else { continue };
                    assert_eq!(Some(fast), library(&raw, "PT"), "{raw}");
                }
            }
        }
    }

    #[test]
    fn the_cheap_path_knows_the_common_numbers() {
        for area in brazil::area_codes() {
            for raw in [format!("{area}987654321"), format!("{area}33334444")] {
                let mut out = String::new();
                assert!(brazil::write_national(&raw, &mut out), "{raw}");
            }
        }
    }

    proptest! {
        #[test]
        fn normalizing_twice_is_normalizing_once(raw in "\\PC{0,20}|[+0]?[0-9() -]{6,20}", country in "BR|PT|US|AU|DE") {
            let (once, flag) = normalized(&raw, &country);
            if flag.is_none() {
                prop_assert_eq!(normalized(&once, &country), (once, None));
            } else if flag == Some(Flag::InvalidPhone) {
                prop_assert_eq!(normalized(&once, &country).0, once);
            }
        }
    }
}
