//! What a system holds of a person.

use super::habits::Habits;
use super::place::{self, WrittenPlace};
use super::{Entry, missing};
use crate::chance::Chance;
use crate::day::{Day, Moment};
use crate::errors::{codes, names, typing};
use crate::identifiers::{is_valid_cpf, punctuated};
use crate::settings::Rates;
use crate::world::household::{Household, Person};

/// A record of this member of the household, as it was when the record was last written.
pub fn record(household: &Household, member: usize, habits: &Habits, rates: &Rates, chance: &mut Chance) -> Entry {
    let person = &household.members[member];
    let updated_at = Moment(chance.between(Moment::FIRST.0, Moment::LAST.0));
    let family = match &person.maiden {
        Some((maiden, married_at)) if updated_at < *married_at => maiden,
        _ => &person.name.family,
    };
    let maternal = person.mother.rsplit(' ').next().unwrap_or_default();
    let mut entry = Entry {
        entity: person.entity,
        name: names::written(&person.name, family, person.sex, maternal, rates, chance),
        legal_name: String::new(),
        trade_name: String::new(),
        tax_id: tax_id(household, person, habits, rates, chance),
        birth: birth(person, habits, rates, chance),
        sex: if chance.hits(habits.no_sex) { "" } else { person.sex.letter() },
        mother: mother(person, habits, rates, chance),
        emails: emails(person, habits, rates, chance),
        phones: phones(household, person, updated_at, habits, rates, chance),
        website: String::new(),
        place: place(household, updated_at, habits, rates, chance),
        updated_at,
    };
    let (mobile, _) = numbers_of(household, person, updated_at);
    keep_something(&mut entry, person, mobile);
    style(&mut entry, habits, rates, chance);
    entry
}

/// The identifier: missing, a placeholder, with a digit wrong, of somebody else in the household, or right.
fn tax_id(household: &Household, person: &Person, habits: &Habits, rates: &Rates, chance: &mut Chance) -> String {
    if missing(habits.no_tax_id, rates.missing, chance) {
        return String::new();
    }
    if chance.hits(rates.tax_id_placeholder) {
        return chance.pick(&codes::CPF_PLACEHOLDERS).to_owned();
    }
    if chance.hits(rates.tax_id_of_another) {
        let other = &household.members[chance.below(household.members.len() as u64) as usize];
        return other.tax_id.clone();
    }
    let tax_id = if chance.hits(rates.tax_id_digit) {
        codes::wrong_tax_id(&person.tax_id, chance)
    } else {
        person.tax_id.clone()
    };
    if tax_id.starts_with('0') && chance.hits(rates.zeros_lost) {
        return tax_id.trim_start_matches('0').to_owned();
    }
    if chance.hits(500) { punctuated(&tax_id) } else { tax_id }
}

fn birth(person: &Person, habits: &Habits, rates: &Rates, chance: &mut Chance) -> Option<Day> {
    if missing(habits.no_birth, rates.missing, chance) {
        None
    } else if chance.hits(rates.date_placeholder) {
        Some(Day::PLACEHOLDER)
    } else if chance.hits(rates.date_swapped) {
        Some(codes::swapped_day(person.birth))
    } else if chance.hits(rates.date_digit) {
        Some(codes::wrong_day(person.birth, chance))
    } else {
        Some(person.birth)
    }
}

fn mother(person: &Person, habits: &Habits, rates: &Rates, chance: &mut Chance) -> String {
    if missing(habits.no_mother, rates.missing, chance) {
        return String::new();
    }
    if chance.hits(25) {
        return chance.pick(&codes::TEXT_PLACEHOLDERS).to_owned();
    }
    if chance.hits(rates.name_typing * 2) {
        return typing::mistyped(&person.mother, chance);
    }
    person.mother.clone()
}

fn emails(person: &Person, habits: &Habits, rates: &Rates, chance: &mut Chance) -> Vec<String> {
    if missing(habits.no_email, rates.missing, chance) || person.emails.is_empty() {
        return if chance.hits(rates.email_placeholder) {
            vec![chance.pick(&codes::EMAIL_PLACEHOLDERS).to_owned()]
        } else {
            Vec::new()
        };
    }
    let mut emails = match chance.below(10) {
        // The other address, or both.
        0 | 1 => vec![person.emails[person.emails.len() - 1].clone()],
        2 => person.emails.clone(),
        _ => vec![person.emails[0].clone()],
    };
    for email in &mut emails {
        if chance.hits(rates.email_typing) {
            *email = codes::mistyped_email(email, chance);
        }
    }
    emails
}

/// The numbers of the time of writing: mobile, landline, both, the one at work.
fn phones(
    household: &Household,
    person: &Person,
    updated_at: Moment,
    habits: &Habits,
    rates: &Rates,
    chance: &mut Chance,
) -> Vec<String> {
    if missing(habits.no_phone, rates.missing, chance) {
        return Vec::new();
    }
    if chance.hits(rates.phone_placeholder) {
        return vec![chance.pick(&codes::PHONE_PLACEHOLDERS).to_owned()];
    }
    let (mobile, landline) = numbers_of(household, person, updated_at);
    let numbers: Vec<&str> = match (chance.below(10), landline, &person.work_phone) {
        (0..4, _, Some(work)) => vec![work],
        (4..6, _, Some(work)) => vec![mobile, work],
        (0..2, Some(landline), _) => vec![landline],
        (2..5, Some(landline), _) => vec![mobile, landline],
        _ => vec![mobile],
    };
    numbers.into_iter().map(|number| phone(number, rates, chance)).collect()
}

/// The person's mobile number and the household's landline at that time.
fn numbers_of<'a>(household: &'a Household, person: &'a Person, at: Moment) -> (&'a str, Option<&'a str>) {
    match &household.previous {
        Some((_, landline, moved_at)) if at < *moved_at => (&person.previous_mobile, landline.as_deref()),
        _ => (&person.mobile, household.landline.as_deref()),
    }
}

/// A number as somebody writes it, rightly or not.
pub(super) fn phone(number: &str, rates: &Rates, chance: &mut Chance) -> String {
    if chance.hits(rates.phone_short) {
        codes::short_phone(number, chance)
    } else if chance.hits(rates.phone_digit) {
        codes::written_phone(&typing::wrong_digit(number, chance), chance)
    } else {
        codes::written_phone(number, chance)
    }
}

fn place(
    household: &Household,
    updated_at: Moment,
    habits: &Habits,
    rates: &Rates,
    chance: &mut Chance,
) -> WrittenPlace {
    if missing(habits.no_place, rates.missing, chance) {
        return WrittenPlace::default();
    }
    match &household.previous {
        Some((address, _, moved_at)) if updated_at < *moved_at => place::written(address, rates, chance),
        _ => place::written(&household.home, rates, chance),
    }
}

/// A system keeps nobody of whom it knows hardly more than a name: with fewer than two things that point to somebody,
/// it has the birth date, and then the mobile number.
fn keep_something(entry: &mut Entry, person: &Person, mobile: &str) {
    let digits: String = entry.tax_id.chars().filter(char::is_ascii_digit).collect();
    let pointing = [
        is_valid_cpf(&digits),
        entry.birth.is_some_and(|day| day != Day::PLACEHOLDER),
        entry.emails.iter().any(|email| !codes::EMAIL_PLACEHOLDERS.contains(&email.as_str())),
        entry.phones.iter().any(|phone| !codes::PHONE_PLACEHOLDERS.contains(&phone.as_str())),
    ];
    let known = pointing.into_iter().filter(|&known| known).count();
    if known < 2 && !pointing[1] {
        entry.birth = Some(person.birth);
    }
    if known == 0 {
        entry.phones = vec![mobile.to_owned()];
    }
}

/// Accents, capitals and cut names are habits of a system, not of a person.
fn style(entry: &mut Entry, habits: &Habits, rates: &Rates, chance: &mut Chance) {
    if chance.hits(rates.truncated) {
        truncate(entry);
    }
    let capitals = chance.hits(habits.capitals);
    let plain = capitals || chance.hits(habits.no_accents);
    let change = |text: &str| match (capitals, plain) {
        (true, _) => typing::without_accents(text).to_uppercase(),
        (_, true) => typing::without_accents(text),
        _ => text.to_owned(),
    };
    entry.name.change(change);
    entry.place.change(change);
    entry.mother = change(&entry.mother);
}

/// Cuts the whole name after thirty characters.
fn truncate(entry: &mut Entry) {
    const LENGTH: usize = 30;
    let excess = entry.name.whole().chars().count().saturating_sub(LENGTH);
    if excess == 0 || entry.name.comma {
        return;
    }
    entry.name.suffix = "";
    let mut left = entry.name.whole().chars().count().saturating_sub(LENGTH);
    while let Some(last) = entry.name.family.last_mut().filter(|_| left > 0) {
        let length = last.chars().count();
        if length <= left {
            left = left.saturating_sub(length + 1);
            entry.name.family.pop();
        } else {
            *last = last.chars().take(length - left).collect::<String>().trim_end().to_owned();
            break;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recording::habits::WEBSHOP;
    use crate::settings::Settings;

    fn records(rates: Rates) -> Vec<(Household, Entry)> {
        let settings = Settings { seed: 3, records: 1_000, organizations: 0, rates };
        let record = |number| {
            let household = Household::at(&settings, number);
            let chance = &mut Chance::new(3, "test", number);
            let entry = record(&household, 0, &WEBSHOP, &rates, chance);
            (household, entry)
        };
        (0..600).map(record).collect()
    }

    #[test]
    fn a_truncated_name_has_at_most_thirty_letters_and_keeps_its_beginning() {
        let always = Rates { truncated: 1000, comma_form: 0, ..Rates::REALISTIC };
        for (_, entry) in records(always) {
            let whole = entry.name.whole();
            assert!(whole.chars().count() <= 30, "{whole}");
            assert!(!entry.name.given.is_empty());
        }
    }

    #[test]
    fn a_record_of_before_the_move_has_the_numbers_of_before() {
        let always = Rates { moved: 1000, shared_contact: 0, phone_digit: 0, phone_short: 0, ..Rates::REALISTIC };
        let mut before = 0;
        for (household, entry) in records(always) {
            let (_, _, moved_at) = household.previous.as_ref().unwrap();
            let person = &household.members[0];
            let digits = |phone: &String| phone.chars().filter(char::is_ascii_digit).collect::<String>();
            let has = |number: &str| entry.phones.iter().any(|phone| digits(phone).ends_with(&number[2..]));
            if entry.updated_at < *moved_at {
                before += usize::from(has(&person.previous_mobile));
                assert!(!has(&person.mobile), "{:?}", entry.phones);
            } else {
                assert!(!has(&person.previous_mobile));
            }
        }
        assert!(before > 100, "{before}");
    }
}
