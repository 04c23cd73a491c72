//! Postal codes without punctuation.

use crate::fold::fold_code_into;
use vinculo_records::Flag;

/// Letters and digits of a postal code, capitals. `country` is the project's, two capital letters: a Brazilian CEP has
/// eight digits, of which a spreadsheet may have lost a leading zero.
pub fn normalize(shown: &str, country: &str, out: &mut String) -> Option<Flag> {
    let start = out.len();
    let bare = shown.strip_suffix(".0").unwrap_or(shown);
    fold_code_into(bare, out);
    out[start..].make_ascii_uppercase();
    if let Some(digits) = out[start..].strip_prefix("CEP").map(str::to_owned) {
        out.truncate(start);
        out.push_str(&digits);
    }
    let code = &out[start..];
    let digits = !code.is_empty() && code.bytes().all(|b| b.is_ascii_digit());
    let equal = code.bytes().all(|b| b == code.as_bytes()[0]);
    if equal && (code.len() < 4 || matches!(country, "BR" | "PT") || code.starts_with('0')) {
        return Some(Flag::Placeholder);
    }
    match (country, code.len()) {
        ("BR", 8) if digits => None,
        // The codes of Greater São Paulo begin with 0.
        ("BR", 7) if digits => {
            out.insert(start, '0');
            None
        }
        ("BR", _) => Some(Flag::UnknownCode),
        _ => None,
    }
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

    #[test]
    fn postal_codes_are_letters_and_digits() {
        let cases = [
            ("BR", "01310-100", "01310100", None),
            ("BR", "CEP 13.083-852", "13083852", None),
            ("BR", "1310100", "01310100", None),
            ("BR", "1310100.0", "01310100", None),
            ("BR", "12345", "12345", Some(Flag::UnknownCode)),
            ("BR", "00000-000", "00000000", Some(Flag::Placeholder)),
            ("PT", "1000-100", "1000100", None),
            ("GB", "sw1a 1aa", "SW1A1AA", None),
            ("AU", "2000", "2000", None),
            ("BR", "-", "", Some(Flag::Placeholder)),
        ];
        for (country, raw, code, flag) in cases {
            assert_eq!(normalized(raw, country), (code.to_owned(), flag), "{raw}");
        }
    }

    proptest! {
        #[test]
        fn normalizing_twice_is_normalizing_once(raw in "\\PC{0,12}|(CEP )?[0-9.-]{4,10}", country in "BR|PT|US") {
            let once = normalized(&crate::shown::shown(&raw).0, &country).0;
            prop_assert_eq!(normalized(&once, &country).0, once);
        }
    }
}
