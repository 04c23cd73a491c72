//! The plan that follows from the columns alone.

use super::rule::{BlockingRule, KeyPart};
use crate::comparison::{Comparison, address};
use vinculo_records::{AttributeType, Comparable};

/// Everything that the columns allow to be compared.
pub(super) fn comparisons(filled: &[Comparable]) -> Vec<Comparison> {
    let has = |what: Comparable| filled.contains(&what);
    let standard = [
        (Comparison::GivenName, has(Comparable::Name)),
        (Comparison::FamilyName, has(Comparable::Name)),
        (Comparison::NameGeneration, has(Comparable::NameGeneration)),
        (Comparison::BirthDate, has(Comparable::BirthDate)),
        (Comparison::Sex, has(Comparable::Sex)),
        (Comparison::MotherName, has(Comparable::MotherName)),
        (Comparison::TaxId, has(Comparable::TaxId) || has(Comparable::TaxCode)),
        (Comparison::Email, has(Comparable::Email) || has(Comparable::SharedEmail)),
        (Comparison::Phone, has(Comparable::Phone)),
        (Comparison::Address, address::COLUMNS.iter().any(|&what| has(what))),
    ];
    let declared = filled.iter().filter_map(|what| match what {
        Comparable::Custom(id, attribute_type) => Some(Comparison::Custom(*id, *attribute_type)),
        _ => None,
    });
    let mut comparisons: Vec<Comparison> =
        standard.into_iter().filter_map(|(comparison, has)| has.then_some(comparison)).chain(declared).collect();
    // Columns may come in any order; a plan has one.
    comparisons.sort_by_key(|comparison| match comparison {
        Comparison::Custom(id, _) => 1 + usize::from(id.0),
        _ => 0,
    });
    comparisons
}

/// What refines the keys of a telling rule further, where too many records share them all the same.
const FURTHER: [KeyPart; 6] = [
    KeyPart::GivenSound,
    KeyPart::BirthYear,
    KeyPart::FamilySound,
    KeyPart::City,
    KeyPart::PostalCode,
    KeyPart::HouseNumber,
];

/// The rules, the surest first: identifiers, then a word of the name with a date or a place, then rare agreements.
pub(super) fn rules(filled: &[Comparable]) -> Vec<BlockingRule> {
    use KeyPart::*;
    let rules: [(&[KeyPart], &[KeyPart]); 24] = [
        (&[TaxId], &[GivenSound]),
        (&[Email], &[GivenSound]),
        (&[Phone], &[GivenSound]),
        (&[WordSound, BirthDate], &[PostalCode]),
        (&[StreetNumber], &[City, GivenSound]),
        (&[RareWords], &[BirthYear]),
        (&[NameSounds], &[BirthYear]),
        (&[WordSound, PostalCode], &[HouseNumber]),
        (&[BirthDate], &[Initials]),
        (&[Mailbox], &[GivenSound]),
        (&[NameSounds, City], &[BirthYear]),
        (&[GivenSound, MotherName], &[BirthYear]),
        (&[WordSound, Birthday], &[City]),
        (&[WordSound, BirthMonth], &[City]),
        (&[WordSound, City], &[BirthYear]),
        (&[PostalCode, BirthYear], &[Initials]),
        (&[WordSound, HouseNumber], &[PostalCode]),
        (&[TaxHead, GivenSound], &[]),
        (&[TaxTail, GivenSound], &[]),
        (&[HouseNumber, Initials], &[Street]),
        // Nothing refines these: two values are what other rules ask for.
        (&[WordSound], &[]),
        (&[Street], &[]),
        (&[PostalCode], &[]),
        (&[City], &[]),
    ];
    let gives_keys = |part: &KeyPart| part.needs().iter().any(|what| filled.contains(what));
    let standard = rules.iter().filter(|(parts, _)| parts.iter().all(gives_keys)).map(|(parts, refinements)| {
        let refinements: Vec<KeyPart> = refinements.iter().copied().filter(gives_keys).collect();
        BlockingRule::new(parts, &refinements)
    });
    let declared = filled
        .iter()
        .filter(|what| matches!(what, Comparable::Custom(_, AttributeType::Code)))
        .map(|&what| BlockingRule::new(&[Declared(what)], &[GivenSound]));
    let further = FURTHER.into_iter().filter(gives_keys).collect::<Vec<_>>();
    standard.chain(declared).map(|rule| if rule.is_telling() { rule.refined_by(&further) } else { rule }).collect()
}
