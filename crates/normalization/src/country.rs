//! Countries by their ISO 3166 code of two letters.

use crate::fold::fold;
use std::collections::HashMap;
use std::sync::LazyLock;
use table::COUNTRIES;
use vinculo_records::Flag;

mod table;

/// The code of two letters, from itself, from the code of three letters, or from the country's name in Portuguese,
/// English or Spanish. What is not known keeps its text.
pub fn normalize(shown: &str, out: &mut String) -> Option<Flag> {
    match code_of(shown) {
        Some(code) => {
            out.push_str(code);
            None
        }
        None => {
            out.push_str(shown);
            Some(Flag::UnknownCode)
        }
    }
}

/// The code of two letters for a code or a name, if it is known.
pub fn code_of(text: &str) -> Option<&'static str> {
    BY_NAME.get(&*fold(text)).copied()
}

/// The table by folded name and code.
static BY_NAME: LazyLock<HashMap<String, &'static str>> = LazyLock::new(|| {
    let mut by_name = HashMap::new();
    for (two, three, names) in COUNTRIES {
        let codes = [*two, *three].map(str::to_lowercase);
        by_name.extend(codes.map(|code| (code, *two)));
        by_name.extend(names.split('|').map(|name| (name.to_owned(), *two)));
    }
    by_name
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn countries_are_known_by_code_and_by_name() {
        let cases = [
            ("Brasil", Some("BR")),
            ("BRAZIL", Some("BR")),
            ("bra", Some("BR")),
            ("br", Some("BR")),
            ("Estados Unidos", Some("US")),
            ("EUA", Some("US")),
            ("U.S.A.", Some("US")),
            ("Países Baixos", Some("NL")),
            ("Holanda", Some("NL")),
            ("España", Some("ES")),
            ("Côte d'Ivoire", Some("CI")),
            ("UK", Some("GB")),
            ("Brasilândia", None),
        ];
        for (text, code) in cases {
            assert_eq!(code_of(text), code, "{text}");
        }
    }

    #[test]
    fn no_name_stands_for_two_countries() {
        let mut names: Vec<&str> = COUNTRIES.iter().flat_map(|(_, _, names)| names.split('|')).collect();
        names.sort_unstable();
        let all = names.len();
        names.dedup();
        assert_eq!((names.len(), COUNTRIES.len()), (all, 249));
        for (two, three, names) in COUNTRIES {
            assert_eq!((code_of(two), code_of(three)), (Some(*two), Some(*two)));
            assert!(names.split('|').all(|name| fold(name) == name), "{names}");
        }
    }
}
