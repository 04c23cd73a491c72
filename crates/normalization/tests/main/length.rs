//! Whatever goes in, what comes out is short enough to be kept and looked up.

use crate::{rule, values};
use proptest::prelude::*;
use vinculo_records::{Flag, Kind};

/// Characters that become longer by normalization: ligatures of whole sentences, squared words, letters whose lower
/// case is longer.
const GROWING: [char; 7] = ['\u{fdfa}', '\u{fdfb}', '\u{3316}', '\u{32cc}', '\u{1d15e}', '\u{130}', '\u{23a}'];

/// The most characters and bytes of a value that an attribute shows.
const LIMITS: [(&str, usize, usize); 9] = [
    ("tax_id", 40, 1_000),
    ("email", 300, 1_000),
    ("phone", 21, 1_000),
    ("postal_code", 40, 160),
    ("website", 1_000, 4_000),
    ("house_number", 100, 400),
    ("full_name", 300, 1_200),
    ("code", 300, 1_200),
    ("set", 300, 1_200),
];

fn hostile() -> impl Strategy<Value = String> {
    let heap = (proptest::sample::select(GROWING.to_vec()), 1_usize..400).prop_map(|(c, n)| String::from(c).repeat(n));
    let mixed = prop::collection::vec(proptest::sample::select(GROWING.to_vec()), 0..300).prop_map(String::from_iter);
    let text = prop_oneof![heap, mixed, any::<String>(), "[0-9A-Za-z]{0,400}"];
    (text, prop::sample::select(vec!["", "a@", "https://", "1 "]), prop::sample::select(vec!["", ".com", "@loja.com"]))
        .prop_map(|(text, before, after)| format!("{before}{text}{after}"))
}

#[test]
fn letters_that_stand_for_sentences_make_no_identifier() {
    let sentences = "\u{fdfa}".repeat(100);
    for attribute in ["tax_id", "postal_code"] {
        let is = values(&rule(attribute), &sentences, Kind::Person, "BR");
        assert_eq!(is, [(String::new(), Some(Flag::TooLong))], "{attribute}");
    }
}

#[test]
fn an_email_address_is_short_in_bytes_too() {
    let is = values(&rule("email"), &format!("{}@loja", "\u{1d4d0}".repeat(290)), Kind::Person, "BR");
    assert_eq!(is, [(String::new(), Some(Flag::TooLong))]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn any_text_gives_a_short_value(
        (attribute, characters, bytes) in proptest::sample::select(LIMITS.to_vec()),
        raw in hostile(),
        country in "BR|PT|US",
    ) {
        for kind in Kind::ALL {
            for (text, flag) in values(&rule(attribute), &raw, kind, &country) {
                prop_assert!(text.chars().count() <= characters, "{} {:?} {:?}", attribute, raw, flag);
                prop_assert!(text.len() <= bytes, "{} {:?} {:?}", attribute, raw, flag);
            }
        }
    }
}
