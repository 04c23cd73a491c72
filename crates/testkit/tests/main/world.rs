//! Families and errors are there, about as often as the settings say; identifiers are what they claim to be.

use std::collections::{HashMap, HashSet};
use vinculo_testkit::day::Day;
use vinculo_testkit::identifiers::{is_valid_cnpj, is_valid_cpf};
use vinculo_testkit::recording::Entry;
use vinculo_testkit::recording::habits::REGISTER;
use vinculo_testkit::world::household::Household;
use vinculo_testkit::world::{Entity, Unit};
use vinculo_testkit::{Rates, Settings, stream};

fn settings(rates: Rates) -> Settings {
    Settings { seed: 7, records: 6_000, organizations: 150, rates }
}

fn households(rates: Rates) -> Vec<Household> {
    let units = (0..4000).map(|number| Unit::at(&settings(rates), number));
    let households = units.filter_map(|unit| match unit {
        Unit::Household(household) => Some(*household),
        Unit::Group(_) => None,
    });
    households.collect()
}

fn entries(rates: Rates) -> Vec<Entry> {
    let mut entries = Vec::new();
    let taken = stream::for_each(
        &settings(rates),
        &[REGISTER],
        |_, entry| entry,
        |_, entry| {
            entries.push(entry);
            Ok::<(), ()>(())
        },
    );
    assert_eq!(taken, Ok(()));
    entries
}

/// How many of a thousand of these.
fn per_mille<T>(all: &[T], is: impl Fn(&T) -> bool) -> usize {
    all.iter().filter(|one| is(one)).count() * 1000 / all.len()
}

#[test]
fn as_many_records_as_asked_for_and_the_same_ones_each_time() {
    let entries_of_one_run = entries(Rates::REALISTIC);
    assert_eq!(entries_of_one_run.len(), 6_000);
    assert_eq!(entries_of_one_run, entries(Rates::REALISTIC));
}

#[test]
fn the_number_of_threads_makes_no_difference() {
    let alone = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    assert_eq!(alone.install(|| entries(Rates::HARD)), entries(Rates::HARD));
}

#[test]
fn everybody_has_a_valid_identifier_of_his_own() {
    let mut seen = HashSet::new();
    for household in households(Rates::HARD) {
        for person in household.members {
            let portuguese = household.home.country == "PT";
            assert!(portuguese || is_valid_cpf(&person.tax_id), "{}", person.tax_id);
            assert!(seen.insert(person.tax_id), "an identifier belongs to two people");
        }
    }
}

#[test]
fn a_record_has_its_own_identifier_or_an_invalid_one_except_for_the_stated_few() {
    let mut valid: HashMap<Entity, HashSet<String>> = HashMap::new();
    let entries = entries(Rates::HARD);
    for entry in &entries {
        let characters: String = entry.tax_id.chars().filter(char::is_ascii_alphanumeric).collect();
        let padded = if entry.is_organization() { format!("{characters:0>14}") } else { format!("{characters:0>11}") };
        if is_valid_cpf(&padded) || is_valid_cnpj(&padded) {
            valid.entry(entry.entity).or_default().insert(padded);
        }
    }
    let several = valid.values().filter(|identifiers| identifiers.len() > 1).count();
    assert!(several > 0 && several * 100 < valid.len(), "{several} of {}", valid.len());
    let organization = |entity: &Entity| matches!(entity, Entity::Organization(_));
    assert!(valid.iter().filter(|(entity, _)| organization(entity)).all(|(_, identifiers)| identifiers.len() == 1));
}

#[test]
fn there_are_families_with_twins_and_juniors_and_shared_phones() {
    let households = households(Rates::HARD);
    let twins = |household: &Household| {
        let children = household.members.get(2..).unwrap_or_default();
        children.windows(2).any(|pair| pair[0].birth == pair[1].birth && pair[0].name.given != pair[1].name.given)
    };
    let junior = |household: &Household| {
        let (father, children) = household.members.split_first().unwrap();
        children.iter().any(|child| child.name.suffix.is_some() && child.name.given == father.name.given)
    };
    let shared = |household: &Household| {
        let mobiles: HashSet<_> = household.members.iter().map(|member| &member.mobile).collect();
        mobiles.len() < household.members.len()
    };
    assert!((30..90).contains(&per_mille(&households, twins)), "{}", per_mille(&households, twins));
    assert!((15..90).contains(&per_mille(&households, junior)), "{}", per_mille(&households, junior));
    assert!((250..600).contains(&per_mille(&households, shared)), "{}", per_mille(&households, shared));
    assert!(per_mille(&households, |household| household.members.len() >= 3) > 300);
}

#[test]
fn there_are_namesakes_who_do_not_live_together() {
    let mut bearers: HashMap<String, usize> = HashMap::new();
    for household in households(Rates::REALISTIC) {
        let names: HashSet<String> = household.members.iter().map(|person| person.name.whole()).collect();
        for name in names {
            *bearers.entry(name).or_default() += 1;
        }
    }
    let namesakes: usize = bearers.values().filter(|&&count| count > 1).sum();
    assert!((60..400).contains(&namesakes), "{namesakes}");
}

#[test]
fn errors_are_about_as_frequent_as_the_settings_say() {
    for rates in [Rates::REALISTIC, Rates::HARD] {
        let entries: Vec<Entry> = entries(rates).into_iter().filter(|entry| !entry.is_organization()).collect();
        let placeholder = per_mille(&entries, |entry| entry.birth == Some(Day::PLACEHOLDER));
        let missing = 1000 - (REGISTER.no_birth + rates.missing) as usize;
        let expected = rates.date_placeholder as usize * missing / 1000;
        assert!(placeholder.abs_diff(expected) <= 3 + expected / 3, "{placeholder} {expected}");
        let titled = per_mille(&entries, |entry| !entry.name.title.is_empty());
        assert!(titled.abs_diff(rates.title as usize) <= 4, "{titled}");
    }
}

#[test]
fn the_hard_setting_has_more_of_every_error() {
    let wrong = |rates| {
        let mut truth: HashMap<Entity, Day> = HashMap::new();
        for household in households(rates) {
            truth.extend(household.members.iter().map(|person| (person.entity, person.birth)));
        }
        let known: Vec<(Day, Day)> =
            entries(rates).iter().filter_map(|entry| Some((entry.birth?, *truth.get(&entry.entity)?))).collect();
        per_mille(&known, |(written, true_day)| written != true_day)
    };
    let (realistic, hard) = (wrong(Rates::REALISTIC), wrong(Rates::HARD));
    assert!((12..35).contains(&realistic) && (50..100).contains(&hard), "{realistic} {hard}");
}

#[test]
fn a_record_is_never_nothing_but_a_name() {
    for entry in entries(Rates::HARD) {
        let known =
            [!entry.tax_id.is_empty(), entry.birth.is_some(), !entry.emails.is_empty(), !entry.phones.is_empty()];
        assert!(known.contains(&true), "{entry:?}");
        assert!(!entry.whole_name().trim().is_empty());
    }
}
