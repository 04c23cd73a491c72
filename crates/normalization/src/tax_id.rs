//! Tax identifiers: CPF and CNPJ of Brazil, NIF of Portugal; anything else is a code.
//!
//! The type of a valid identifier follows from its shape: 11 digits are a CPF, 14 characters a CNPJ, 9 digits a NIF. A
//! CNPJ issued since July 2026 may hold letters (Instrução Normativa RFB 2.229/2024).

use crate::fold::fold_code_into;
use crate::placeholder::is_placeholder;
use std::borrow::Cow;
use unicode_normalization::UnicodeNormalization;
use vinculo_records::Flag;

mod check_digits;

pub use check_digits::{is_cnpj, is_cpf, is_nif};

/// A tax identifier as letters and digits. `country` is the project's, two capital letters: CPF and CNPJ are expected
/// in Brazil and Portugal, a NIF in Portugal; elsewhere only where the value itself says so.
pub fn normalize(shown: &str, country: &str, out: &mut String) -> Option<Flag> {
    let plain: Cow<'_, str> = if shown.is_ascii() {
        Cow::Borrowed(shown)
    } else {
        // Full-width digits and the like.
        Cow::Owned(shown.nfkc().collect())
    };
    if is_scientific(&plain) {
        return Some(Flag::DigitsLost);
    }
    if is_placeholder(&plain) {
        return Some(Flag::Placeholder);
    }
    let (label, body) = split_label(&plain);
    if holds_several(body) {
        return Some(Flag::SeveralValues);
    }
    fold_code_into(body.strip_suffix(".0").unwrap_or(body), out);
    out.make_ascii_uppercase();
    let is_word = out.bytes().any(|b| b.is_ascii_alphabetic());
    if out.is_empty() || all_equal(out) || (is_word && is_placeholder(out)) {
        return Some(Flag::Placeholder);
    }
    let expected = Expected::new(country, label, body);
    match expected.judge(out) {
        // Whoever counts, `123.456.789-00`, has no identifier at hand.
        Some(Flag::CheckDigit) if is_counted(out) => Some(Flag::Placeholder),
        judged => judged,
    }
}

/// The NIF that stands on the invoices of all customers of Portugal who state none; its check digit holds.
const FINAL_CONSUMER: &str = "999999990";

/// Which identifiers a value may be.
struct Expected {
    brazilian: bool,
    portuguese: bool,
}

impl Expected {
    fn new(country: &str, label: Label, body: &str) -> Self {
        Self {
            brazilian: matches!(country, "BR" | "PT") && label != Label::Nif
                || label == Label::Brazilian
                || is_masked(body),
            portuguese: country == "PT" || label == Label::Nif,
        }
    }

    fn judge(&self, id: &mut String) -> Option<Flag> {
        let digits = id.bytes().all(|b| b.is_ascii_digit());
        match id.len() {
            9 if digits && self.portuguese && id == FINAL_CONSUMER => Some(Flag::Placeholder),
            9 if digits && self.portuguese => flag_unless(is_nif(id)),
            11 if digits && self.brazilian => flag_unless(is_cpf(id)),
            14 if self.brazilian && check_digits::has_cnpj_shape(id) => flag_unless(is_cnpj(id)),
            // A spreadsheet drops leading zeros. By chance the rest may be a NIF, which nobody in Brazil writes unsaid.
            9 | 10 if digits && self.brazilian => restore_zeros(id, 11, is_cpf),
            12 | 13 if digits && self.brazilian => restore_zeros(id, 14, is_cnpj),
            _ => Some(Flag::UnknownIdentifier),
        }
    }
}

fn flag_unless(valid: bool) -> Option<Flag> {
    (!valid).then_some(Flag::CheckDigit)
}

fn restore_zeros(id: &mut String, length: usize, is_valid: fn(&str) -> bool) -> Option<Flag> {
    let restored = format!("{id:0>length$}");
    if !is_valid(&restored) {
        return Some(Flag::UnknownIdentifier);
    }
    *id = restored;
    Some(Flag::ZerosRestored)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Label {
    None,
    Brazilian,
    Nif,
}

/// Takes `CPF:`, `CNPJ`, `NIF`, `PT` and the like off the front.
fn split_label(text: &str) -> (Label, &str) {
    const LABELS: [(&str, Label); 6] = [
        ("cpf/cnpj", Label::Brazilian),
        ("cnpj", Label::Brazilian),
        ("cpf", Label::Brazilian),
        ("nif", Label::Nif),
        ("nipc", Label::Nif),
        ("pt", Label::Nif),
    ];
    for (spelling, label) in LABELS {
        if let Some(head) = text.get(..spelling.len())
            && head.eq_ignore_ascii_case(spelling)
        {
            let body = text[spelling.len()..].trim_start_matches([' ', ':', '.', '-', '#']);
            let right_length = label != Label::Nif || body.bytes().filter(u8::is_ascii_digit).count() == 9;
            if right_length && body.starts_with(|c: char| c.is_ascii_digit()) {
                return (label, body);
            }
        }
    }
    (Label::None, text)
}

/// `123.456.789-09` or `12.345.678/0001-95`: only Brazil writes identifiers like that.
fn is_masked(body: &str) -> bool {
    let shape = |b: u8| if b.is_ascii_alphanumeric() { b'9' } else { b };
    let is_like = |mask: &[u8]| body.len() == mask.len() && body.bytes().zip(mask).all(|(b, m)| shape(b) == *m);
    is_like(b"999.999.999-99") || is_like(b"99.999.999/9999-99")
}

/// `1.11445E+10`: a spreadsheet has thrown digits away.
pub(crate) fn is_scientific(text: &str) -> bool {
    let Some((mantissa, exponent)) = text.split_once(['e', 'E']) else {
        return false;
    };
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let (whole, fraction) = mantissa.split_once(['.', ',']).unwrap_or((mantissa, ""));
    let marked = exponent.starts_with('+') || !fraction.is_empty();
    let exponent = exponent.strip_prefix('+').unwrap_or(exponent);
    marked && digits(whole) && (fraction.is_empty() || digits(fraction)) && digits(exponent) && exponent.len() <= 2
}

fn holds_several(body: &str) -> bool {
    let digits = |part: &str| part.bytes().filter(u8::is_ascii_digit).count();
    digits(body) > 14 && body.split([';', ',', '/', '|', ' ']).filter(|part| digits(part) >= 9).count() > 1
}

/// Whether the digits before the check digits follow each other, up or down.
fn is_counted(id: &str) -> bool {
    let steps =
        |by: u8| id.as_bytes()[..id.len() - 2].windows(2).all(|pair| pair[1] == (pair[0] - b'0' + by) % 10 + b'0');
    id.bytes().all(|b| b.is_ascii_digit()) && (steps(1) || steps(9))
}

fn all_equal(id: &str) -> bool {
    let bytes = id.as_bytes();
    bytes.iter().all(|b| *b == bytes[0])
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn normalized(raw: &str, country: &str) -> (String, Option<Flag>) {
        let mut out = String::new();
        let flag = normalize(raw, country, &mut out);
        (out, flag)
    }

    /// The CPF whose first nine digits are `00` and these seven.
    fn with_check_digits(short: u32) -> String {
        let candidates = (0..100).map(|check| format!("00{short:07}{check:02}"));
        candidates.into_iter().find(|cpf| is_cpf(cpf)).expect("every nine digits have check digits")
    }

    #[test]
    fn identifiers_are_known_by_their_shape_and_check_digits() {
        let cases = [
            ("BR", "529.982.247-25", "52998224725", None),
            ("BR", "52998224725", "52998224725", None),
            ("BR", "CPF: 529.982.247-25", "52998224725", None),
            ("BR", "529.982.247-26", "52998224726", Some(Flag::CheckDigit)),
            ("BR", "11.222.333/0001-81", "11222333000181", None),
            ("BR", "12.ABC.345/01DE-35", "12ABC34501DE35", None),
            ("BR", "12.abc.345/01de-35", "12ABC34501DE35", None),
            ("BR", "12.ABC.345/01DE-36", "12ABC34501DE36", Some(Flag::CheckDigit)),
            ("BR", "5299822472５", "52998224725", None),
            ("BR", "000.000.000-00", "00000000000", Some(Flag::Placeholder)),
            ("BR", "11111111111", "11111111111", Some(Flag::Placeholder)),
            ("BR", "99999999999999", "99999999999999", Some(Flag::Placeholder)),
            ("BR", "123.456.789-00", "", Some(Flag::Placeholder)),
            ("BR", "12345678910", "", Some(Flag::Placeholder)),
            ("BR", "987.654.321-01", "", Some(Flag::Placeholder)),
            ("PT", "123456780", "", Some(Flag::Placeholder)),
            ("PT", "999 999 990", "999999990", Some(Flag::Placeholder)),
            ("BR", "123.456.789-09", "12345678909", None),
            ("BR", "não informado", "", Some(Flag::Placeholder)),
            ("BR", "ISENTO", "", Some(Flag::Placeholder)),
            ("BR", "1.11445E+10", "", Some(Flag::DigitsLost)),
            ("BR", "1,11445E+10", "", Some(Flag::DigitsLost)),
            ("BR", "5E+10", "", Some(Flag::DigitsLost)),
            ("BR", "1234567890", "01234567890", Some(Flag::ZerosRestored)),
            ("BR", "191000000000", "191000000000", Some(Flag::UnknownIdentifier)),
            ("BR", "1234567", "1234567", Some(Flag::UnknownIdentifier)),
            ("BR", "PT501964843", "501964843", None),
            ("BR", "501964843", "501964843", Some(Flag::UnknownIdentifier)),
            ("BR", "171308671", "171308671", Some(Flag::UnknownIdentifier)),
            ("BR", "00171308670", "00171308670", None),
            ("BR", "171308670", "00171308670", Some(Flag::ZerosRestored)),
            ("BR", "NIF 171308670", "171308670", None),
            ("PT", "171308670", "171308670", None),
            ("US", "171308670", "171308670", Some(Flag::UnknownIdentifier)),
            ("BR", "52998224725.0", "52998224725", None),
            ("BR", "529.982.247-25 / 111.444.777-35", "", Some(Flag::SeveralValues)),
            ("PT", "501 964 843", "501964843", None),
            ("PT", "501964844", "501964844", Some(Flag::CheckDigit)),
            ("PT", "52998224725", "52998224725", None),
            ("AU", "52998224725", "52998224725", Some(Flag::UnknownIdentifier)),
            ("AU", "529.982.247-25", "52998224725", None),
            ("AU", "5304218", "5304218", Some(Flag::UnknownIdentifier)),
            ("US", "12-3456789", "123456789", Some(Flag::UnknownIdentifier)),
        ];
        for (country, raw, text, flag) in cases {
            let (is, why) = normalized(raw, country);
            assert_eq!(why, flag, "{country} {raw}");
            if why != Some(Flag::Placeholder) {
                assert_eq!(is, text, "{country} {raw}");
            }
        }
    }

    #[test]
    fn zeros_come_back_only_where_the_check_digits_then_hold() {
        // 00.000.000/0001-91 is a real one; its 14 characters begin with eleven zeros.
        assert_eq!(normalized("00000000000191", "BR"), ("00000000000191".into(), None));
        assert_eq!(normalized("2558157000162", "BR"), ("02558157000162".into(), Some(Flag::ZerosRestored)));
        assert_eq!(normalized("2558157000163", "BR").1, Some(Flag::UnknownIdentifier));
    }

    proptest! {
        #[test]
        fn normalizing_twice_is_normalizing_once(
            raw in "\\PC{0,20}|[0-9./-]{8,19}|[0-9]{8,14}|(PT|NIF |CPF )?[0-9]{9}|00[0-9]{9}",
            country in "BR|PT|US",
        ) {
            let shown = crate::shown::shown(&raw).0;
            let (once, _) = normalized(&shown, &country);
            let (again, _) = normalized(&once, &country);
            // The label is gone from the normalized form; without that of a NIF, Brazil may read a CPF of two lost zeros.
            let was_labeled = split_label(&shown).1.len() < shown.len() && country != "PT";
            if was_labeled {
                prop_assert!(again == once || again == format!("00{once}") && is_cpf(&again), "{again}");
            } else {
                prop_assert_eq!(again, once);
            }
        }

        #[test]
        fn a_cpf_is_one_identifier_with_and_without_its_zeros(short in 1_000_000_u32..10_000_000) {
            let cpf = with_check_digits(short);
            prop_assert_eq!(normalized(cpf.trim_start_matches('0'), "BR").0, cpf);
        }

        #[test]
        fn brazil_takes_no_bare_nine_digits_for_an_identifier(id in "[0-9]{9}") {
            let (text, flag) = normalized(&id, "BR");
            prop_assert!(text.len() == 11 && is_cpf(&text) || flag.is_some(), "{id}");
        }
    }
}
