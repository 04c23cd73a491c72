//! The name that a customer is shown under: tools want one column that is always there.

use std::borrow::Cow;
use vinculo_records::Standard;
use vinculo_store::CustomerValue;

/// What names a customer, the best first. Parts stand together, in the order in which they are said.
const NAMES: [&[Standard]; 5] = [
    &[Standard::FullName],
    &[Standard::GivenName, Standard::MiddleName, Standard::FamilyName],
    &[Standard::Name],
    &[Standard::LegalName],
    &[Standard::TradeName],
];

/// The name to show, from the golden values of a customer: the text, and the value whose lineage it has. Of a name in
/// parts that is the first part, since a name survives as a whole.
pub fn shown_name<'v>(values: &[CustomerValue<'v>]) -> Option<(Cow<'v, str>, CustomerValue<'v>)> {
    NAMES.iter().find_map(|parts| {
        let found: Vec<CustomerValue<'v>> = parts
            .iter()
            .filter_map(|part| values.iter().find(|value| value.attribute == (*part).into()))
            .copied()
            .collect();
        match found.as_slice() {
            [] => None,
            [only] => Some((Cow::Borrowed(only.text), *only)),
            [first, ..] => {
                let texts: Vec<&str> = found.iter().map(|value| value.text).collect();
                Some((Cow::Owned(texts.join(" ")), *first))
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use vinculo_records::SurvivorshipRule;

    fn name_of(values: &[(Standard, &str)]) -> Option<String> {
        let values: Vec<CustomerValue<'_>> = values
            .iter()
            .map(|(attribute, text)| CustomerValue {
                attribute: (*attribute).into(),
                text,
                version: 0,
                rule: SurvivorshipRule::OnlyValue,
            })
            .collect();
        shown_name(&values).map(|(name, _)| name.into_owned())
    }

    #[test]
    fn a_customer_is_shown_under_its_best_name() {
        use Standard::*;
        assert_eq!(name_of(&[(Name, "ANA"), (FullName, "Ana Souza")]).as_deref(), Some("Ana Souza"));
        assert_eq!(name_of(&[(GivenName, "Ana"), (FamilyName, "Souza")]).as_deref(), Some("Ana Souza"));
        assert_eq!(name_of(&[(FamilyName, "Souza")]).as_deref(), Some("Souza"));
        assert_eq!(name_of(&[(TradeName, "Estrela"), (LegalName, "Estrela Ltda")]).as_deref(), Some("Estrela Ltda"));
        assert_eq!(name_of(&[(Email, "ana@x.org")]), None);
    }
}
