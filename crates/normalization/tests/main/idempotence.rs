//! Normalizing what came out of normalization changes nothing.

use crate::{attributes, rule, values};
use proptest::prelude::*;
use vinculo_normalization::FieldRule;
use vinculo_records::{AttributeId, Kind, Standard};

/// Texts as cells hold them: words in any case, digits and punctuation, and anything that Unicode has.
fn cell() -> impl Strategy<Value = String> {
    prop_oneof![
        "[A-Za-zÀ-ü]{1,9}( [A-Za-zÀ-ü.,']{1,9}){0,4}",
        "[A-ZÀ-Ü' ]{1,20}",
        "[0-9 ().+/-]{1,20}",
        "[a-z0-9.@ _-]{1,16}@[a-z.]{1,12}",
        "[0-9]{1,4}[-/][0-9]{1,2}[-/][0-9]{1,4}",
        "\\PC{0,24}",
        any::<String>(),
    ]
}

fn attribute() -> impl Strategy<Value = String> {
    let attributes = attributes();
    let declared = (0..attributes.custom().len()).filter_map(AttributeId::custom);
    let ids = Standard::ALL.iter().map(|standard| AttributeId::from(*standard)).chain(declared);
    proptest::sample::select(ids.map(|id| attributes.name(id).to_owned()).collect::<Vec<_>>())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    #[test]
    fn a_normalized_value_normalizes_to_itself(
        attribute in attribute(),
        raw in cell(),
        kind in proptest::sample::select(Kind::ALL.to_vec()),
        country in "BR|PT|US|AU",
    ) {
        let rule = rule(&attribute);
        let one_value = FieldRule { separator: None, ..rule.clone() };
        for (text, flag) in values(&rule, &raw, kind, &country) {
            if !text.is_empty() {
                let again = values(&one_value, &text, kind, &country);
                prop_assert_eq!(again.len(), 1, "{:?} {:?} {:?}", attribute, text, flag);
                prop_assert_eq!(&again[0].0, &text, "{} {:?} {:?}", attribute, raw, flag);
            }
        }
    }
}
