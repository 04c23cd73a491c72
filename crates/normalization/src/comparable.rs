//! Normalized records → the columns that the engine compares: folded words, sounds, digits.
//!
//! Each value is reduced to what two spellings of the same thing share. A flag decides what is left of a value: some
//! are compared as codes, some not at all.

use crate::address::{self, AddressParts};
use crate::company::CompanyName;
use crate::email;
use crate::fold::{fold, fold_code_into, fold_into, words};
use crate::name::PersonName;
use crate::sound;
use crate::tax_id::{is_cnpj, is_cpf, is_nif};
use crate::website::registrable_part;
use vinculo_records::normalized::Usability;
use vinculo_records::{
    AttributeId, AttributeType, Attributes, Comparable, ComparableRecords, Flag, Kind, ListColumn, NormalizedView,
    RecordHash, Standard, Value,
};

/// The columns of persons and organizations both.
const COMMON: [Comparable; 13] = [
    Comparable::TaxId,
    Comparable::TaxCode,
    Comparable::Email,
    Comparable::SharedEmail,
    Comparable::Phone,
    Comparable::Street,
    Comparable::HouseNumber,
    Comparable::Complement,
    Comparable::District,
    Comparable::City,
    Comparable::Region,
    Comparable::PostalCode,
    Comparable::Country,
];

const OF_PERSONS: [Comparable; 7] = [
    Comparable::Name,
    Comparable::NameSound,
    Comparable::GivenNameCount,
    Comparable::NameGeneration,
    Comparable::MotherName,
    Comparable::BirthDate,
    Comparable::Sex,
];

const OF_ORGANIZATIONS: [Comparable; 3] = [Comparable::OrganizationName, Comparable::LegalForm, Comparable::Website];

/// Builds the comparable columns of many records of one kind, record by record.
#[derive(Debug)]
pub struct ComparableWriter {
    kind: Kind,
    country: String,
    hashes: Vec<RecordHash>,
    columns: Vec<(Comparable, ListColumn)>,
    person: PersonName,
    mother: PersonName,
    company: CompanyName,
    text: String,
}

impl ComparableWriter {
    /// A writer without records. `country` is the project's, two capital letters: lines of address are read as there.
    pub fn new(kind: Kind, attributes: &Attributes, country: &str) -> Self {
        let of_kind: &[Comparable] = match kind {
            Kind::Person => &OF_PERSONS,
            Kind::Organization => &OF_ORGANIZATIONS,
        };
        let declared = attributes.custom().iter().enumerate().filter_map(|(n, attribute)| {
            let id = AttributeId::custom(n)?;
            Some(Comparable::Custom(id, attribute.attribute_type))
        });
        let all = of_kind.iter().chain(&COMMON).copied().chain(declared);
        Self {
            kind,
            country: country.to_owned(),
            hashes: Vec::new(),
            columns: all.map(|what| (what, ListColumn::default())).collect(),
            person: PersonName::default(),
            mother: PersonName::default(),
            company: CompanyName::default(),
            text: String::new(),
        }
    }

    /// Adds a record; the caller has seen to it that it is of the writer's kind.
    pub fn push(&mut self, hash: RecordHash, record: NormalizedView<'_>) {
        let said = FirstValues::of(record);
        match self.kind {
            Kind::Person => self.push_person(&said),
            Kind::Organization => self.push_organization(&said),
        }
        self.push_contacts(record);
        self.push_address(&said);
        self.push_declared(record);
        for (_, column) in &mut self.columns {
            column.end_record();
        }
        self.hashes.push(hash);
    }

    /// Adds all records of another writer of the same kind and attributes.
    pub fn append(&mut self, other: &Self) {
        self.hashes.extend_from_slice(&other.hashes);
        for ((_, column), (_, more)) in self.columns.iter_mut().zip(&other.columns) {
            column.append(more);
        }
    }

    /// Makes room for so many records in all, as if the others were like those that were added.
    pub fn expect(&mut self, records: usize) {
        self.hashes.reserve_exact(records.saturating_sub(self.hashes.len()));
        self.columns.iter_mut().for_each(|(_, column)| column.expect(records));
    }

    /// The records that were added.
    pub fn finish(self) -> ComparableRecords {
        ComparableRecords::new(self.kind, self.hashes, self.columns)
    }

    fn push_person(&mut self, said: &FirstValues<'_>) {
        let parts = [Standard::GivenName, Standard::MiddleName, Standard::FamilyName].map(|part| said.get(part));
        if parts.iter().any(|part| !part.is_empty()) {
            self.person.read_parts(parts[0], parts[1], parts[2]);
        } else {
            let whole = [Standard::FullName, Standard::Name].map(|name| said.get(name));
            self.person.read_full(whole.into_iter().find(|name| !name.is_empty()).unwrap_or_default());
        }
        let mut person = std::mem::take(&mut self.person);
        for word in person.words() {
            self.add(Comparable::Name, word);
            self.text.clear();
            sound::key_into(word, &mut self.text);
            self.add_text(Comparable::NameSound);
        }
        if let Some(count) = person.given_names().filter(|_| person.words().next().is_some()) {
            self.add(Comparable::GivenNameCount, &count.to_string());
        }
        if let Some(generation) = person.generation() {
            self.add(Comparable::NameGeneration, generation);
        }
        std::mem::swap(&mut self.person, &mut person);
        let mut mother = std::mem::take(&mut self.mother);
        mother.read_full(said.get(Standard::MotherName));
        mother.words().for_each(|word| self.add(Comparable::MotherName, word));
        self.mother = mother;
        self.add_digits(Comparable::BirthDate, said.get(Standard::BirthDate));
        self.add(Comparable::Sex, said.get(Standard::Sex));
    }

    fn push_organization(&mut self, said: &FirstValues<'_>) {
        let mut company = std::mem::take(&mut self.company);
        for attribute in [Standard::LegalName, Standard::TradeName, Standard::Name] {
            company.read(said.get(attribute));
            self.add(Comparable::OrganizationName, company.core());
            for form in company.legal_forms() {
                self.add(Comparable::LegalForm, form);
            }
        }
        self.company = company;
        self.add(Comparable::Website, registrable_part(said.get(Standard::Website)).unwrap_or_default());
    }

    fn push_contacts(&mut self, record: NormalizedView<'_>) {
        for id in comparable_values(record, Standard::TaxId.into()) {
            self.text.clear();
            match identifier_type(id) {
                Some(name) => {
                    self.text.push_str(name);
                    self.text.push(':');
                    self.text.push_str(id.text);
                    self.add_text(Comparable::TaxId);
                }
                None => {
                    fold_code_into(id.text, &mut self.text);
                    self.add_text(Comparable::TaxCode);
                }
            }
        }
        for address in comparable_values(record, Standard::Email.into()) {
            self.text.clear();
            email::mailbox_into(address.text, &mut self.text);
            self.add_text(match address.flag {
                Some(Flag::SharedMailbox) => Comparable::SharedEmail,
                _ => Comparable::Email,
            });
        }
        for phone in comparable_values(record, Standard::Phone.into()) {
            self.add_digits(Comparable::Phone, phone.text);
        }
    }

    fn push_address(&mut self, said: &FirstValues<'_>) {
        let stated = |attribute: Standard| said.get(attribute);
        let line = address::parse(stated(Standard::Address), &self.country);
        // A street that comes without the number of the house often holds it.
        let street = match stated(Standard::HouseNumber) {
            "" => address::parse_street(stated(Standard::Street)),
            number => AddressParts {
                street: stated(Standard::Street).into(),
                house_number: number.into(),
                ..AddressParts::default()
            },
        };
        let columns = AddressParts {
            complement: stated(Standard::Complement),
            district: stated(Standard::District),
            city: stated(Standard::City),
            region: stated(Standard::Region),
            postal_code: stated(Standard::PostalCode),
            ..AddressParts::default()
        };
        let parts = columns.or(street).or(line);
        self.add_words_by(Comparable::Street, &parts.street, address::street_words_into);
        if parts.house_number != address::WITHOUT_NUMBER {
            self.add_code(Comparable::HouseNumber, &parts.house_number);
        }
        self.add_words_by(Comparable::Complement, parts.complement, address::complement_words_into);
        self.add_words_by(Comparable::District, parts.district, address::district_words_into);
        self.add_folded(Comparable::City, parts.city);
        self.add_folded(Comparable::Region, parts.region);
        self.add_code(Comparable::PostalCode, parts.postal_code);
        self.add_folded(Comparable::Country, stated(Standard::Country));
    }

    fn push_declared(&mut self, record: NormalizedView<'_>) {
        for at in 0..self.columns.len() {
            let Comparable::Custom(id, attribute_type) = self.columns[at].0 else {
                continue;
            };
            let what = self.columns[at].0;
            for value in comparable_values(record, id) {
                match attribute_type {
                    AttributeType::Text | AttributeType::Set => self.add_folded(what, value.text),
                    AttributeType::Code => self.add_code(what, value.text),
                    AttributeType::Date => self.add_digits(what, value.text),
                    AttributeType::Number => self.add(what, value.text),
                }
            }
        }
    }

    /// Adds a value, unless it is empty.
    fn add(&mut self, what: Comparable, value: &str) {
        add_to(&mut self.columns, what, [value].into_iter());
    }

    /// Adds what stands in the writer's own text, unless it is empty.
    fn add_text(&mut self, what: Comparable) {
        add_to(&mut self.columns, what, [self.text.as_str()].into_iter());
    }

    fn add_folded(&mut self, what: Comparable, value: &str) {
        self.text.clear();
        fold_into(value, &mut self.text);
        self.add_text(what);
    }

    fn add_code(&mut self, what: Comparable, value: &str) {
        self.text.clear();
        fold_code_into(value, &mut self.text);
        self.add_text(what);
    }

    fn add_digits(&mut self, what: Comparable, value: &str) {
        self.text.clear();
        self.text.extend(value.chars().filter(char::is_ascii_digit));
        self.add_text(what);
    }

    fn add_words_by(&mut self, what: Comparable, value: &str, spell: fn(&str, &mut String)) {
        self.text.clear();
        spell(value, &mut self.text);
        // Marks that no letter parts any more may stand in another order once they are folded again.
        if !self.text.is_ascii() {
            self.text = fold(&self.text).into_owned();
        }
        add_to(&mut self.columns, what, words(&self.text));
    }
}

/// Adds values that are not empty to a column, if there is one for them.
fn add_to<'v>(columns: &mut [(Comparable, ListColumn)], what: Comparable, values: impl Iterator<Item = &'v str>) {
    if let Some((_, column)) = columns.iter_mut().find(|(have, _)| *have == what) {
        values.filter(|value| !value.is_empty()).for_each(|value| column.push_value(value));
    }
}

/// The first value of each standard attribute of a record that may be compared; empty where there is none.
struct FirstValues<'a>([&'a str; Standard::ALL.len()]);

impl<'a> FirstValues<'a> {
    fn of(record: NormalizedView<'a>) -> Self {
        let mut first = [""; Standard::ALL.len()];
        for value in record.values().filter(is_comparable) {
            if let Some(first) = first.get_mut(usize::from(value.attribute.0)).filter(|first| first.is_empty()) {
                *first = value.text;
            }
        }
        Self(first)
    }

    fn get(&self, attribute: Standard) -> &'a str {
        self.0[attribute as usize]
    }
}

fn comparable_values<'a>(record: NormalizedView<'a>, attribute: AttributeId) -> impl Iterator<Item = Value<'a>> {
    record.values_of(attribute).filter(is_comparable)
}

fn is_comparable(value: &Value<'_>) -> bool {
    value.flag.is_none_or(|flag| flag.usability() != Usability::Nothing) && !value.text.is_empty()
}

/// The type of an identifier whose check digits hold; nothing for all that is compared as a code.
fn identifier_type(id: Value<'_>) -> Option<&'static str> {
    if !matches!(id.flag, None | Some(Flag::ZerosRestored)) {
        return None;
    }
    match id.text.len() {
        9 if is_nif(id.text) => Some("nif"),
        11 if is_cpf(id.text) => Some("cpf"),
        14 if is_cnpj(id.text) => Some("cnpj"),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
