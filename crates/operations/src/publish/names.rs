//! The names of a customer: all of one record, and none missing that the record tells.
//!
//! Survivorship chooses the record that gives a name. A person's full name that it does not say is put together from its
//! parts; parts that it does not say are taken out of the full name. Lineage calls both derived.

use std::borrow::Cow;
use vinculo_normalization::name;
use vinculo_records::{Kind, Standard, SurvivorshipRule};
use vinculo_store::CustomerValue;

const PARTS: [Standard; 3] = [Standard::GivenName, Standard::MiddleName, Standard::FamilyName];

/// A name to be shown: its text, and the value whose record and rule it has.
pub(crate) struct Name<'v> {
    attribute: Standard,
    text: Cow<'v, str>,
    origin: CustomerValue<'v>,
}

/// All names of a customer from its golden values, in the order of the attributes. The first is the one that it is shown
/// under; every customer that says any name at all has it.
pub(crate) fn names<'v>(kind: Kind, values: &[CustomerValue<'v>]) -> Vec<Name<'v>> {
    let said = |attribute: Standard| values.iter().find(|value| value.attribute == attribute.into()).copied();
    match kind {
        Kind::Person => names_of_person(said),
        Kind::Organization => {
            let shown = [Standard::Name, Standard::LegalName, Standard::TradeName].into_iter().find_map(said);
            shown
                .map(|origin| Name { attribute: Standard::Name, text: origin.text.into(), origin })
                .into_iter()
                .collect()
        }
    }
}

fn names_of_person<'v>(said: impl Fn(Standard) -> Option<CustomerValue<'v>>) -> Vec<Name<'v>> {
    let derived = |value: CustomerValue<'v>| CustomerValue { rule: SurvivorshipRule::Derived, ..value };
    let parts = PARTS.map(&said);
    let full = match (said(Standard::FullName), said(Standard::Name)) {
        (Some(full), _) => (Cow::Borrowed(full.text), full),
        (None, name) => match (put_together(&parts), name) {
            (Some((text, first)), _) => (text, derived(first)),
            (None, Some(name)) => (Cow::Borrowed(name.text), derived(name)),
            (None, None) => return Vec::new(),
        },
    };
    let (text, origin) = full;
    let mut names: Vec<Name<'v>> = [Standard::Name, Standard::FullName]
        .map(|attribute| Name { attribute, text: text.clone(), origin })
        .into_iter()
        .collect();
    if parts.iter().any(Option::is_some) {
        let own = PARTS.into_iter().zip(parts).filter_map(|(attribute, part)| Some((attribute, part?)));
        names.extend(own.map(|(attribute, origin)| Name { attribute, text: origin.text.into(), origin }));
    } else {
        // Without parts, the full name is the text of a value as it was said.
        let taken = PARTS.into_iter().zip(name::parts(origin.text)).filter(|(_, text)| !text.is_empty());
        names.extend(taken.map(|(attribute, text)| Name { attribute, text: text.into(), origin: derived(origin) }));
    }
    names
}

/// The parts of a name in the order in which they are said, and the first of them.
fn put_together<'v>(parts: &[Option<CustomerValue<'v>>]) -> Option<(Cow<'v, str>, CustomerValue<'v>)> {
    let said: Vec<CustomerValue<'v>> = parts.iter().copied().flatten().collect();
    match said.as_slice() {
        [] => None,
        [only] => Some((Cow::Borrowed(only.text), *only)),
        [first, ..] => {
            let texts: Vec<&str> = said.iter().map(|part| part.text).collect();
            Some((Cow::Owned(texts.join(" ")), *first))
        }
    }
}

/// Puts the names in the place of those that survived.
pub(crate) fn put<'v>(names: &'v [Name<'v>], values: &mut Vec<CustomerValue<'v>>) {
    let survived = values.partition_point(|value| value.attribute <= Standard::FamilyName.into());
    let value =
        |name: &'v Name<'v>| CustomerValue { attribute: name.attribute.into(), text: &name.text, ..name.origin };
    values.splice(..survived, names.iter().map(value));
}

#[cfg(test)]
mod tests {
    use super::*;
    use Standard::{BirthDate, FamilyName, FullName, GivenName, LegalName, MiddleName, TradeName};
    use SurvivorshipRule::{Derived, MostComplete, OnlyValue};

    /// What a customer is called whose golden values are these, each as attribute, text and rule.
    fn called(kind: Kind, said: &[(Standard, &str, SurvivorshipRule)]) -> Vec<(Standard, String, SurvivorshipRule)> {
        let value = |&(attribute, text, rule): &(Standard, &'static str, SurvivorshipRule)| CustomerValue {
            attribute: attribute.into(),
            text,
            version: 3,
            rule,
        };
        let said: Vec<(Standard, &'static str, SurvivorshipRule)> =
            said.iter().map(|&(attribute, text, rule)| (attribute, &*text.to_owned().leak(), rule)).collect();
        let mut values: Vec<CustomerValue<'_>> = said.iter().map(value).collect();
        let names = names(kind, &values);
        put(&names, &mut values);
        assert!(values.iter().all(|value| value.version == 3), "every name is of the record that says it");
        values
            .iter()
            .filter_map(|value| Some((value.attribute.standard()?, value.text.to_owned(), value.rule)))
            .collect()
    }

    fn assert_person(said: &[(Standard, &str, SurvivorshipRule)], expected: &[(Standard, &str, SurvivorshipRule)]) {
        let expected: Vec<_> = expected.iter().map(|&(a, text, rule)| (a, text.to_owned(), rule)).collect();
        assert_eq!(called(Kind::Person, said), expected);
    }

    #[test]
    fn a_full_name_that_nobody_says_is_put_together_from_its_parts() {
        assert_person(
            &[(GivenName, "Ana", MostComplete), (FamilyName, "Souza", OnlyValue), (BirthDate, "1980-01-01", OnlyValue)],
            &[
                (Standard::Name, "Ana Souza", Derived),
                (FullName, "Ana Souza", Derived),
                (GivenName, "Ana", MostComplete),
                (FamilyName, "Souza", OnlyValue),
                (BirthDate, "1980-01-01", OnlyValue),
            ],
        );
    }

    #[test]
    fn parts_that_nobody_says_are_taken_out_of_the_full_name() {
        assert_person(
            &[(FullName, "Ana Paula de Souza", OnlyValue)],
            &[
                (Standard::Name, "Ana Paula de Souza", OnlyValue),
                (FullName, "Ana Paula de Souza", OnlyValue),
                (GivenName, "Ana", Derived),
                (MiddleName, "Paula", Derived),
                (FamilyName, "de Souza", Derived),
            ],
        );
    }

    #[test]
    fn what_is_said_stays_as_it_is() {
        let said = [(FullName, "Ana P. Souza", OnlyValue), (GivenName, "Ana Paula", MostComplete)];
        let mut expected = vec![(Standard::Name, "Ana P. Souza", OnlyValue)];
        expected.extend(said);
        assert_person(&said, &expected);
    }

    #[test]
    fn an_organization_is_shown_under_its_legal_name_and_nobody_without_a_name() {
        let said = [(LegalName, "Loja Ltda", OnlyValue), (TradeName, "Loja", OnlyValue)];
        let shown = called(Kind::Organization, &said);
        assert_eq!(shown[0], (Standard::Name, "Loja Ltda".to_owned(), OnlyValue));
        assert_eq!(shown.len(), 3);
        assert_person(&[(BirthDate, "1980-01-01", OnlyValue)], &[(BirthDate, "1980-01-01", OnlyValue)]);
    }
}
