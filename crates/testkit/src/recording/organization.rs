//! What a system holds of an establishment of a company.

use super::habits::Habits;
use super::person::phone;
use super::place::{self, WrittenPlace};
use super::{Entry, missing};
use crate::chance::Chance;
use crate::day::Moment;
use crate::errors::names::WrittenName;
use crate::errors::{codes, typing};
use crate::identifiers::punctuated;
use crate::settings::Rates;
use crate::world::company::Establishment;

/// A record of this establishment.
pub fn record(establishment: &Establishment, habits: &Habits, rates: &Rates, chance: &mut Chance) -> Entry {
    let mut entry = Entry {
        entity: establishment.entity,
        name: WrittenName::default(),
        legal_name: company_name(&establishment.legal_name, rates, chance),
        trade_name: if chance.hits(350) {
            String::new()
        } else {
            company_name(&establishment.trade_name, rates, chance)
        },
        tax_id: tax_id(establishment, habits, rates, chance),
        birth: None,
        sex: "",
        mother: String::new(),
        emails: emails(establishment, habits, rates, chance),
        phones: phones(establishment, habits, rates, chance),
        website: establishment.website.clone().filter(|_| chance.hits(700)).unwrap_or_default(),
        place: if missing(habits.no_place, rates.missing, chance) {
            WrittenPlace::default()
        } else {
            place::written(&establishment.address, rates, chance)
        },
        updated_at: Moment(chance.between(Moment::FIRST.0, Moment::LAST.0)),
    };
    if entry.tax_id.is_empty() && entry.emails.is_empty() && entry.phones.is_empty() {
        entry.phones = vec![establishment.phones[0].clone()];
    }
    style(&mut entry, habits, chance);
    entry
}

/// A company's name as somebody writes it: legal form left out or written otherwise, words shortened, mistyped.
fn company_name(name: &str, rates: &Rates, chance: &mut Chance) -> String {
    const SHORTENED: [(&str, &str); 9] = [
        ("Comércio de", "Com."),
        ("Comércio de", "Com. de"),
        ("Indústria de", "Ind."),
        ("Distribuidora de", "Dist."),
        ("Serviços", "Serv."),
        ("Materiais de Construção", "Mat. Const."),
        ("Importação e Exportação", "Imp. Exp."),
        ("&", "e"),
        ("Irmãos", "Irs."),
    ];
    const FORMS: [(&str, &str); 8] = [
        (" Ltda", " LTDA."),
        (" Ltda", " Limitada"),
        (" Ltda", ""),
        (" S.A.", " SA"),
        (" S/A", ""),
        (" EIRELI", ""),
        (" - ME", " ME"),
        (" EPP", ""),
    ];
    let mut written = name.to_owned();
    for (rules, rate) in [(&SHORTENED[..], rates.surname_dropped + 60), (&FORMS[..], rates.suffix_dropped + 150)] {
        let fitting: Vec<(&str, &str)> = rules.iter().copied().filter(|(from, _)| written.contains(from)).collect();
        if !fitting.is_empty() && chance.hits(rate) {
            let (from, to) = chance.pick(&fitting);
            written = written.replacen(from, to, 1);
        }
    }
    if chance.hits(rates.name_typing * 2) {
        written = typing::mistyped(&written, chance);
    }
    written
}

fn tax_id(establishment: &Establishment, habits: &Habits, rates: &Rates, chance: &mut Chance) -> String {
    if missing(habits.no_tax_id, rates.missing, chance) {
        return String::new();
    }
    if chance.hits(rates.tax_id_placeholder) {
        return chance.pick(&codes::CNPJ_PLACEHOLDERS).to_owned();
    }
    let tax_id = if chance.hits(rates.tax_id_digit) {
        codes::wrong_tax_id(&establishment.tax_id, chance)
    } else {
        establishment.tax_id.clone()
    };
    if tax_id.starts_with('0') && chance.hits(rates.zeros_lost) {
        return tax_id.trim_start_matches('0').to_owned();
    }
    if chance.hits(600) { punctuated(&tax_id) } else { tax_id }
}

fn emails(establishment: &Establishment, habits: &Habits, rates: &Rates, chance: &mut Chance) -> Vec<String> {
    if missing(habits.no_email, rates.missing, chance) {
        return Vec::new();
    }
    if chance.hits(rates.email_placeholder) {
        return vec![chance.pick(&codes::EMAIL_PLACEHOLDERS).to_owned()];
    }
    let email = &establishment.emails[chance.below(establishment.emails.len() as u64) as usize];
    match chance.hits(rates.email_typing) {
        true => vec![codes::mistyped_email(email, chance)],
        false => vec![email.clone()],
    }
}

fn phones(establishment: &Establishment, habits: &Habits, rates: &Rates, chance: &mut Chance) -> Vec<String> {
    if missing(habits.no_phone, rates.missing, chance) {
        return Vec::new();
    }
    let count = if chance.hits(400) { 2 } else { 1 };
    let given = establishment.phones.iter().take(count);
    given.map(|number| phone(number, rates, chance)).collect()
}

fn style(entry: &mut Entry, habits: &Habits, chance: &mut Chance) {
    let capitals = chance.hits(habits.capitals);
    let plain = capitals || chance.hits(habits.no_accents);
    let change = |text: &str| match (capitals, plain) {
        (true, _) => typing::without_accents(text).to_uppercase(),
        (_, true) => typing::without_accents(text),
        _ => text.to_owned(),
    };
    entry.legal_name = change(&entry.legal_name);
    entry.trade_name = change(&entry.trade_name);
    entry.place.change(change);
}
