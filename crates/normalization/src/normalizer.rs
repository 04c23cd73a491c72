//! The way in: a raw cell and the rule of its field become values of a normalized record.

use crate::date::{self, DateFormat};
use crate::number::{self, Decimal};
use crate::placeholder::{is_name_placeholder, is_null, is_placeholder};
use crate::shown::shown;
use crate::{address, country, email, kind, letter_case, name, phone, postal_code, region, sex, tax_id, website};
use std::borrow::Cow;
use vinculo_records::normalized::Usability;
use vinculo_records::{AttributeId, AttributeType, Attributes, Flag, Kind, NormalizedRecord, Standard, Value};

/// How the cells of a field are read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldRule {
    /// What they are values of.
    pub attribute: AttributeId,
    /// The type of an attribute that the project declares; none for a standard one.
    pub attribute_type: Option<AttributeType>,
    /// The formats of a date, tried in order; ISO 8601 where there is none.
    pub formats: Vec<DateFormat>,
    /// What separates several values in one cell, where that is declared.
    pub separator: Option<String>,
    /// What separates the fraction of a number.
    pub decimal: Decimal,
}

impl FieldRule {
    /// The rule of an attribute for which a source declares nothing further.
    pub fn new(attribute: AttributeId, attributes: &Attributes) -> Self {
        let declaration = attributes.declaration(attribute);
        Self {
            attribute,
            attribute_type: declaration.map(|declared| declared.attribute_type),
            formats: Vec::new(),
            separator: declaration.and_then(|declared| declared.separator.clone()),
            decimal: Decimal::default(),
        }
    }
}

/// Normalizes the cells of one project.
#[derive(Debug, Clone)]
pub struct Normalizer {
    country: String,
}

impl Normalizer {
    /// `country`: the project's, two letters; phones without a country code, identifiers and postal codes are read as
    /// its own.
    pub fn new(country: &str) -> Self {
        Self { country: country.to_ascii_uppercase() }
    }

    /// Adds what a raw cell says to a record: nothing for an empty cell, one value, or several where a separator is
    /// declared. A value of which nothing is left is added empty, with its flag.
    pub fn value(&self, rule: &FieldRule, raw: &str, record: &mut NormalizedRecord) {
        match rule.separator.as_deref().filter(|separator| !separator.is_empty()) {
            Some(separator) => raw.split(separator).for_each(|part| self.single(rule, part, record)),
            None => self.single(rule, raw, record),
        }
    }

    /// Person or organization, from the raw name and tax identifiers of a record whose source does not tell.
    pub fn kind_of<'a>(&self, name: Option<&str>, tax_ids: impl IntoIterator<Item = &'a str>) -> Kind {
        kind::kind_of(name, tax_ids, &self.country)
    }

    fn single(&self, rule: &FieldRule, raw: &str, record: &mut NormalizedRecord) {
        let trimmed = raw.trim();
        if is_null(trimmed) {
            return;
        }
        let mut text = String::new();
        let mut flag = if is_longer_than(trimmed, longest(rule)) {
            Some(Flag::TooLong)
        } else {
            let (shown, suspicion) = shown(trimmed);
            if shown.is_empty() && suspicion != Some(Flag::Marks) {
                // Nothing but invisible characters.
                return;
            }
            match suspicion {
                Some(Flag::Marks) => suspicion,
                _ => self.read(rule, &shown, record, &mut text).or(suspicion),
            }
        };
        if flag.is_some_and(|flag| flag.usability() == Usability::Nothing) {
            text.clear();
        }
        if has_outgrown(&text, rule) {
            text.clear();
            flag = Some(Flag::TooLong);
        }
        record.push(Value { attribute: rule.attribute, text: &text, flag });
    }

    /// Writes the normalized form of a shown text and says what is wrong with it.
    fn read(&self, rule: &FieldRule, shown: &str, record: &NormalizedRecord, out: &mut String) -> Option<Flag> {
        let Some(standard) = rule.attribute.standard() else {
            return self.read_declared(rule, shown, out);
        };
        let (kind, landed_on) = (record.view().kind(), record.view().landed_on());
        match standard {
            Standard::Name if kind == Kind::Organization => company_name(shown, out),
            Standard::LegalName | Standard::TradeName => company_name(shown, out),
            Standard::FullName | Standard::MotherName | Standard::Name => {
                person_name(shown, false, name::display(shown), out)
            }
            Standard::GivenName => person_name(shown, false, letter_case::told(shown), out),
            Standard::MiddleName | Standard::FamilyName => person_name(shown, true, letter_case::told(shown), out),
            Standard::BirthDate => date::normalize_birth_date(shown, &rule.formats, landed_on, out),
            Standard::Sex => sex::normalize(shown, out),
            Standard::Website => website::normalize(shown, out),
            Standard::TaxId => {
                let flag = tax_id::normalize(shown, &self.country, out);
                let misplaced = flag.is_none() && kind::is_of_other_kind(out, kind);
                flag.or(misplaced.then_some(Flag::WrongKind))
            }
            Standard::Email => email::normalize(shown, out),
            Standard::Phone => phone::normalize(shown, &self.country, out),
            Standard::Street | Standard::District | Standard::City => text(&letter_case::told(shown), out),
            Standard::Address | Standard::Complement => text(shown, out),
            Standard::HouseNumber => address::house_number(shown, out),
            Standard::PostalCode => postal_code::normalize(shown, &self.country, out),
            Standard::Region if is_placeholder(shown) => Some(Flag::Placeholder),
            Standard::Region => region::normalize(shown, &self.country, out),
            Standard::Country if is_placeholder(shown) => Some(Flag::Placeholder),
            Standard::Country => country::normalize(shown, out),
        }
    }

    fn read_declared(&self, rule: &FieldRule, shown: &str, out: &mut String) -> Option<Flag> {
        match rule.attribute_type {
            Some(AttributeType::Date) => date::normalize(shown, &rule.formats, out),
            Some(AttributeType::Number) => number::normalize(shown, rule.decimal, out),
            _ => text(shown, out),
        }
    }
}

fn person_name(shown: &str, is_family_name: bool, displayed: Cow<'_, str>, out: &mut String) -> Option<Flag> {
    let is_turned_round = shown.contains(',');
    if is_name_placeholder(shown, is_family_name)
        || (is_turned_round && is_name_placeholder(&displayed, is_family_name))
    {
        return Some(Flag::Placeholder);
    }
    if !shown.contains(char::is_alphabetic) {
        return Some(Flag::NoLetters);
    }
    out.push_str(&displayed);
    None
}

fn company_name(shown: &str, out: &mut String) -> Option<Flag> {
    out.push_str(shown);
    is_name_placeholder(shown, false).then_some(Flag::Placeholder)
}

fn text(shown: &str, out: &mut String) -> Option<Flag> {
    out.push_str(shown);
    is_placeholder(shown).then_some(Flag::Placeholder)
}

/// The most characters that a value of a field may have; no real one comes near it.
fn longest(rule: &FieldRule) -> usize {
    const NAME: usize = 300;
    match (rule.attribute.standard(), rule.attribute_type) {
        (Some(Standard::Address | Standard::Website), _) => 1_000,
        (Some(Standard::BirthDate | Standard::Sex | Standard::TaxId | Standard::Phone | Standard::HouseNumber), _) => {
            100
        }
        (None, Some(AttributeType::Text)) => 4_000,
        (None, Some(AttributeType::Date | AttributeType::Number)) => 100,
        _ => NAME,
    }
}

/// Whether normalization has made of a short text a value that is none: some single characters stand for eighteen
/// letters, and a domain of many scripts becomes long in ASCII.
fn has_outgrown(text: &str, rule: &FieldRule) -> bool {
    const CODE: usize = 40;
    /// Values that are looked up by an index are short.
    const INDEXED_BYTES: usize = 1_000;
    match rule.attribute.standard() {
        Some(Standard::TaxId | Standard::PostalCode) => is_longer_than(text, CODE),
        Some(Standard::Email | Standard::Phone) if text.len() > INDEXED_BYTES => true,
        _ => is_longer_than(text, longest(rule)),
    }
}

fn is_longer_than(text: &str, most: usize) -> bool {
    text.len() > most && (text.len() > 4 * most || text.chars().count() > most)
}
