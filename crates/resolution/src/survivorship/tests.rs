//! Survivorship rules, each as a table of what records say and what survives.

use super::*;
use crate::clustering::Exclusivity;
use proptest::prelude::*;
use vinculo_records::{Attributes, Flag, Kind, NormalizedRecord, Standard, SurvivorshipRule as Rule, Value};

/// A record: the trust of its source, when it was last changed, what it says.
struct Record(u8, Option<i64>, &'static [(Standard, &'static str, Option<Flag>)]);

fn pack(records: &[Record]) -> Vec<(NormalizedRecord, u8)> {
    let packed = |Record(trust, updated_at, values): &Record| {
        let mut record = NormalizedRecord::new(Kind::Person, *updated_at, 20_000);
        for &(attribute, text, flag) in *values {
            record.push(Value { attribute: attribute.into(), text, flag });
        }
        (record, *trust)
    };
    records.iter().map(packed).collect()
}

fn plan(settings: &[(&str, &[Rule])]) -> Result<SurvivorshipPlan, SurvivorshipError> {
    let settings = settings.iter().map(|(name, rules)| ((*name).into(), rules.to_vec())).collect();
    SurvivorshipPlan::new(&SurvivorshipSettings(settings), &Attributes::default(), Exclusivity::ByType)
}

/// What survives, as attribute, text, member and rule.
fn survivors(plan: &SurvivorshipPlan, records: &[Record]) -> Vec<(Standard, String, u32, Rule)> {
    let packed = pack(records);
    let members: Vec<_> = packed.iter().map(|(record, trust)| Member { view: record.view(), trust: *trust }).collect();
    let golden = golden_record(plan, &members);
    let seen = |value: &GoldenValue<'_>| {
        (value.attribute.standard().unwrap(), value.text.to_owned(), value.member, value.rule)
    };
    golden.iter().map(seen).collect()
}

fn assert_survive(records: &[Record], expected: &[(Standard, &str, u32, Rule)]) {
    let expected: Vec<_> = expected.iter().map(|&(a, text, member, rule)| (a, text.to_owned(), member, rule)).collect();
    assert_eq!(survivors(&plan(&[]).unwrap(), records), expected);
}

use Standard::{
    BirthDate, City, Complement, Email, FamilyName, FullName, GivenName, HouseNumber, MiddleName, PostalCode, Sex,
    Street, TaxId,
};

#[test]
fn the_first_rule_that_tells_values_apart_decides() {
    let (f, m) = (&[(Sex, "F", None)], &[(Sex, "M", None)]);
    let cases: [(&str, &[Record], u32, Rule); 7] = [
        ("one", &[Record(50, None, f)], 0, Rule::OnlyValue),
        ("agreed", &[Record(50, None, f), Record(60, None, f)], 1, Rule::OnlyValue),
        ("trust before time", &[Record(50, Some(9), f), Record(60, Some(1), m)], 1, Rule::MostTrusted),
        ("time", &[Record(50, Some(1), f), Record(50, Some(9), m)], 1, Rule::MostRecent),
        ("known time before none", &[Record(50, None, f), Record(50, Some(-9), m)], 1, Rule::MostRecent),
        ("count", &[Record(50, None, f), Record(50, None, m), Record(50, None, m)], 1, Rule::MostFrequent),
        ("least record", &[Record(50, None, m), Record(50, None, f)], 0, Rule::LeastRecord),
    ];
    for (case, records, member, rule) in cases {
        let survivors = survivors(&plan(&[]).unwrap(), records);
        assert_eq!((survivors[0].2, survivors[0].3), (member, rule), "{case}");
    }
}

#[test]
fn an_unflagged_value_goes_before_a_flagged_one_and_an_unusable_one_never_survives() {
    let demoted = Record(99, Some(9), &[(City, "SÃ£o Paulo", Some(Flag::Mojibake))]);
    let clean = Record(1, None, &[(City, "São Paulo", None)]);
    assert_survive(&[demoted, clean], &[(City, "São Paulo", 1, Rule::Unflagged)]);
    let impossible = Record(50, None, &[(BirthDate, "1980-02-31", Some(Flag::ImpossibleDate))]);
    assert_survive(&[impossible], &[]);
}

#[test]
fn an_address_comes_from_one_record() {
    let old = Record(
        90,
        Some(1),
        &[(Street, "Rua A", None), (HouseNumber, "1", None), (City, "Recife", None), (PostalCode, "50000000", None)],
    );
    let moved = Record(
        90,
        Some(9),
        &[(Street, "Rua B", None), (HouseNumber, "22", None), (City, "Recife", None), (PostalCode, "51000000", None)],
    );
    let part = Record(99, Some(9), &[(HouseNumber, "333", None), (Complement, "ap 4", None), (City, "Olinda", None)]);
    assert_survive(
        &[old, moved, part],
        &[
            (Street, "Rua B", 1, Rule::MostRecent),
            (HouseNumber, "22", 1, Rule::MostRecent),
            (City, "Recife", 1, Rule::MostRecent),
            (PostalCode, "51000000", 1, Rule::MostRecent),
        ],
    );
}

#[test]
fn a_name_comes_from_one_record() {
    let parts = Record(50, Some(9), &[(GivenName, "Ana", None), (FamilyName, "Silva", None)]);
    let other = Record(50, Some(5), &[(GivenName, "Ana", None), (MiddleName, "Paula", None)]);
    let married = Record(50, Some(1), &[(FullName, "Ana Paula Souza", None)]);
    assert_survive(
        &[other, married, parts],
        &[(GivenName, "Ana", 2, Rule::OnlyValue), (FamilyName, "Silva", 2, Rule::OnlyValue)],
    );
}

#[test]
fn a_full_name_is_as_complete_as_its_parts() {
    let alone = Record(90, Some(9), &[(GivenName, "Ana", None)]);
    let full = Record(10, Some(1), &[(FullName, "Ana Paula Souza", None)]);
    assert_survive(&[alone, full], &[(FullName, "Ana Paula Souza", 1, Rule::OnlyValue)]);
}

#[test]
fn all_usable_values_of_a_multi_valued_attribute_survive_the_best_first() {
    let shop = Record(90, None, &[(Email, "contato@loja.com", Some(Flag::SharedMailbox)), (Email, "a@x.com", None)]);
    let crm = Record(
        50,
        Some(3),
        &[(Email, "b@x.com", None), (Email, "a@x.com", None), (Email, "?", Some(Flag::InvalidEmail))],
    );
    assert_survive(
        &[shop, crm],
        &[
            (Email, "a@x.com", 0, Rule::MostTrusted),
            (Email, "b@x.com", 1, Rule::AllValues),
            (Email, "contato@loja.com", 0, Rule::AllValues),
        ],
    );
}

#[test]
fn a_golden_record_never_has_two_cpfs() {
    let both = Record(99, None, &[(TaxId, "52998224725", None), (TaxId, "11144477735", None)]);
    assert_survive(&[both], &[]);
    let first = Record(10, None, &[(TaxId, "52998224725", None)]);
    let second = Record(20, None, &[(TaxId, "11144477735", None), (TaxId, "501442600", None)]);
    assert_survive(
        &[first, second],
        &[(TaxId, "11144477735", 1, Rule::Longest), (TaxId, "501442600", 1, Rule::AllValues)],
    );
}

#[test]
fn a_company_keeps_the_identifiers_of_all_its_branches() {
    let branches =
        [Record(50, None, &[(TaxId, "12345678000195", None)]), Record(50, None, &[(TaxId, "12345678000276", None)])];
    let settings = SurvivorshipSettings::default();
    let count = |exclusivity| {
        let plan = SurvivorshipPlan::new(&settings, &Attributes::default(), exclusivity).unwrap();
        survivors(&plan, &branches).len()
    };
    assert_eq!((count(Exclusivity::CompanyRoot), count(Exclusivity::ByType)), (2, 1));
}

#[test]
fn settings_change_the_rules_of_one_attribute() {
    let records = [Record(90, Some(1), &[(Sex, "F", None)]), Record(10, Some(9), &[(Sex, "M", None)])];
    let plan = plan(&[("sex", &[Rule::MostRecent])]).unwrap();
    assert_eq!(survivors(&plan, &records)[0], (Sex, "M".into(), 1, Rule::MostRecent));
}

#[test]
fn settings_that_make_no_sense_are_refused() {
    let part = |attribute: &str, whole| SurvivorshipError::PartOfWhole { attribute: attribute.into(), whole };
    let no_choice = |attribute: &str, rule| SurvivorshipError::NotAChoice { attribute: attribute.into(), rule };
    let cases: [(&str, &[Rule], SurvivorshipError); 5] = [
        ("shoe_size", &[Rule::Longest], SurvivorshipError::UnknownAttribute("shoe_size".into())),
        ("sex", &[], SurvivorshipError::NoRules("sex".into())),
        ("street", &[Rule::MostRecent], part("street", "address")),
        ("sex", &[Rule::MostComplete], no_choice("sex", "most_complete")),
        ("email", &[Rule::AllValues], no_choice("email", "all_values")),
    ];
    for (name, rules, expected) in cases {
        assert_eq!(plan(&[(name, rules)]).unwrap_err(), expected);
    }
    assert!(plan(&[("address", &[Rule::MostRecent]), ("full_name", &[Rule::MostComplete, Rule::Longest])]).is_ok());
}

fn values() -> impl Strategy<Value = Vec<(usize, u8, bool)>> {
    prop::collection::vec((0..Standard::ALL.len(), 0_u8..4, prop::bool::weighted(0.2)), 0..8)
}

proptest! {
    #[test]
    fn every_golden_value_is_said_by_the_record_it_names(
        records in prop::collection::vec((0_u8..3, prop::option::of(0_i64..3), values()), 1..6),
    ) {
        let packed: Vec<_> = records.iter().map(|(trust, updated_at, values)| {
            let mut record = NormalizedRecord::new(Kind::Person, *updated_at, 0);
            for &(attribute, text, flagged) in values {
                let attribute = Standard::ALL[attribute].into();
                let flag = flagged.then_some(Flag::Mojibake);
                record.push(Value { attribute, text: &format!("value {text}"), flag });
            }
            (record, *trust)
        }).collect();
        let members: Vec<_> = packed.iter().map(|(record, trust)| Member { view: record.view(), trust: *trust }).collect();
        let golden = golden_record(&plan(&[]).unwrap(), &members);
        prop_assert!(golden.is_sorted_by_key(|value| value.attribute));
        for (i, value) in golden.iter().enumerate() {
            let mut said = members[value.member as usize].view.values_of(value.attribute);
            prop_assert!(said.any(|said| said.text == value.text));
            let twice = golden[..i].iter().any(|other| other.attribute == value.attribute);
            let several = value.attribute.standard().unwrap().is_multi_valued();
            prop_assert!(several || !twice);
        }
        let address = golden.iter().filter(|value| (Street.into()..=Standard::Country.into()).contains(&value.attribute));
        let givers: std::collections::BTreeSet<u32> = address.map(|value| value.member).collect();
        prop_assert!(givers.len() <= 1);
        let name = golden.iter().filter(|value| value.attribute <= FamilyName.into());
        let givers: std::collections::BTreeSet<u32> = name.map(|value| value.member).collect();
        prop_assert!(givers.len() <= 1);
    }
}
