//! Whether rows speak of persons, of organizations, or of both.

use super::header::{Meaning, shown, without_accent, words};
use super::{Column, RecordGuess, SampledColumn};
use crate::RecordKindRule;
use std::collections::BTreeSet;
use vinculo_records::{Kind, Standard};

/// What a row speaks of: told by a column of its own, by the identifiers, by the headers, or by the names.
pub(super) fn guess(columns: &[Column<'_>], sampled: &[SampledColumn]) -> RecordGuess {
    by_column(columns, sampled)
        .or_else(|| by_identifiers(columns))
        .or_else(|| by_headers(columns))
        .or_else(|| by_names(columns, sampled))
        .unwrap_or_else(|| RecordGuess {
            rule: RecordKindRule::Auto,
            confidence: 0.5,
            reason: "nothing tells persons from organizations".into(),
        })
}

/// Words for a person, each with its counterpart for an organization.
const PAIRS: [(&str, &str); 13] = [
    ("F", "J"),
    ("PF", "PJ"),
    ("Física", "Jurídica"),
    ("Pessoa Física", "Pessoa Jurídica"),
    ("CPF", "CNPJ"),
    ("P", "E"),
    ("P", "O"),
    ("Person", "Organization"),
    ("Individual", "Company"),
    ("Pessoa", "Empresa"),
    ("Persona", "Empresa"),
    ("Consumidor", "Business"),
    ("B2C", "B2B"),
];
/// Further words for an organization.
const ORGANIZATIONS: [&str; 3] = ["organisation", "org", "juridico"];

/// A column of few values, each of which is a word for a person or for an organization. Where the sample has only one
/// of the two, the other is written as its counterpart, since it may come later. Rows that say neither would be
/// rejected, so a column with many gaps tells nothing.
fn by_column(columns: &[Column<'_>], sampled: &[SampledColumn]) -> Option<RecordGuess> {
    columns.iter().zip(sampled).find_map(|(column, sample)| {
        let has_gaps = column.shapes.filled * 100 < sample.values.len() * 99;
        if column.meaning?.meaning != Meaning::Kind || has_gaps || column.shapes.filled == 0 {
            return None;
        }
        let values: BTreeSet<&str> = sample.values.iter().map(|v| v.trim()).filter(|v| !v.is_empty()).collect();
        let kinds: Vec<(&str, Kind)> = values.iter().map(|v| Some((*v, kind_of(v)?))).collect::<Option<_>>()?;
        let of = |kind: Kind| -> Vec<String> {
            kinds.iter().filter(|(_, k)| *k == kind).map(|(value, _)| (*value).to_owned()).collect()
        };
        let (mut person, mut organization) = (of(Kind::Person), of(Kind::Organization));
        if person.is_empty() {
            person = organization.iter().map(|value| counterpart(value)).collect::<Option<_>>()?;
        } else if organization.is_empty() {
            organization = person.iter().map(|value| counterpart(value)).collect::<Option<_>>()?;
        }
        let column = column.header.to_owned();
        let reason = format!("header `{}`, and its values are words for persons and organizations", shown(&column));
        Some(RecordGuess { rule: RecordKindRule::ByColumn { column, person, organization }, confidence: 0.95, reason })
    })
}

fn folded(word: &str) -> String {
    words(&word.to_lowercase()).concat()
}

fn kind_of(value: &str) -> Option<Kind> {
    let value = folded(value);
    if PAIRS.iter().any(|(person, _)| folded(person) == value) {
        return Some(Kind::Person);
    }
    let is_organization = PAIRS.iter().any(|(_, organization)| folded(organization) == value);
    (is_organization || ORGANIZATIONS.contains(&value.as_str())).then_some(Kind::Organization)
}

/// The word for the other kind, written as this one is.
fn counterpart(value: &str) -> Option<String> {
    let of_other = |(person, organization): &(&str, &str)| {
        let value = folded(value);
        match (folded(person) == value, folded(organization) == value) {
            (true, _) => Some((*organization).to_owned()),
            (_, true) => Some((*person).to_owned()),
            _ => None,
        }
    };
    let other = PAIRS.iter().find_map(of_other)?;
    let other = if value.is_ascii() { other.chars().map(without_accent).collect() } else { other };
    Some(match value {
        value if value.chars().all(|c| !c.is_lowercase()) => other.to_uppercase(),
        value if value.chars().all(|c| !c.is_uppercase()) => other.to_lowercase(),
        _ => other,
    })
}

/// By the column with the most CPFs and CNPJs.
fn by_identifiers(columns: &[Column<'_>]) -> Option<RecordGuess> {
    let shapes = columns.iter().map(|column| &column.shapes).max_by_key(|shapes| shapes.cpf + shapes.cnpj)?;
    let known = shapes.cpf + shapes.cnpj;
    if shapes.share(known) < 0.5 {
        return None;
    }
    let persons = shapes.cpf as f64 / known as f64;
    let (rule, reason) = match persons {
        share if share > 0.99 => (RecordKindRule::Person, "the tax identifiers are CPFs"),
        share if share < 0.01 => (RecordKindRule::Organization, "the tax identifiers are CNPJs"),
        _ => (RecordKindRule::Auto, "CPFs and CNPJs stand in one column"),
    };
    Some(RecordGuess { rule, confidence: 0.95, reason: reason.into() })
}

/// By headers that only persons, or only organizations, have.
fn by_headers(columns: &[Column<'_>]) -> Option<RecordGuess> {
    let means = |kind: Kind| {
        let only = move |attribute: Standard| {
            attribute.applies_to(kind) && Kind::ALL.iter().any(|k| !attribute.applies_to(*k))
        };
        columns.iter().find(move |column| match column.meaning.map(|found| found.meaning) {
            Some(Meaning::Attribute(attribute)) => only(attribute),
            _ => false,
        })
    };
    let told = |column: &Column<'_>, what: &str| format!("header `{}` is of {what}", shown(column.header));
    // Where every row has the name of a person, the company beside it is where that person works.
    let works_there = means(Kind::Organization).and_then(|_| family_name_of_all(columns));
    if let Some(name) = works_there {
        let reason = format!("{}, and is filled in every row", told(name, "persons"));
        return Some(RecordGuess { rule: RecordKindRule::Person, confidence: 0.85, reason });
    }
    let (rule, confidence, reason) = match (means(Kind::Person), means(Kind::Organization)) {
        (Some(column), None) => (RecordKindRule::Person, 0.9, told(column, "persons")),
        (None, Some(column)) => (RecordKindRule::Organization, 0.85, told(column, "organizations")),
        (Some(person), Some(organization)) => {
            let reason = format!("{}, and {}", told(person, "persons"), told(organization, "organizations"));
            (RecordKindRule::Auto, 0.7, reason)
        }
        (None, None) => return None,
    };
    Some(RecordGuess { rule, confidence, reason })
}

/// A column of family names without gaps.
fn family_name_of_all<'c, 'a>(columns: &'c [Column<'a>]) -> Option<&'c Column<'a>> {
    let rows = columns.iter().map(|column| column.shapes.filled).max()?;
    columns.iter().find(|column| {
        let meaning = column.meaning.map(|found| found.meaning);
        meaning == Some(Meaning::Attribute(Standard::FamilyName)) && column.shapes.filled * 100 >= rows * 98
    })
}

/// Words that stand in the names of organizations, and hardly ever in those of persons.
const LEGAL_FORMS: [&str; 24] = [
    "ltda",
    "eireli",
    "epp",
    "mei",
    "lda",
    "unipessoal",
    "sgps",
    "inc",
    "corp",
    "corporation",
    "llc",
    "llp",
    "ltd",
    "limited",
    "plc",
    "company",
    "gmbh",
    "srl",
    "sarl",
    "university",
    "universidade",
    "associacao",
    "instituto",
    "s_a",
];

/// By the share of names that have a legal form.
fn by_names(columns: &[Column<'_>], sampled: &[SampledColumn]) -> Option<RecordGuess> {
    let named = |column: &Column<'_>| column.meaning.is_some_and(|found| found.meaning == Meaning::Name);
    let (column, sample) = columns.iter().zip(sampled).find(|(column, _)| named(column))?;
    let names = sample.values.iter().filter(|value| !value.trim().is_empty());
    let with_form = names.clone().filter(|value| has_legal_form(value)).count();
    let share = column.shapes.share(with_form);
    if names.count() == 0 {
        return None;
    }
    let (rule, confidence, reason) = match share {
        share if share >= 0.4 => (RecordKindRule::Organization, 0.75, "many names have a legal form, such as Ltda"),
        share if share <= 0.02 => (RecordKindRule::Person, 0.7, "hardly a name has a legal form, such as Ltda"),
        _ => (RecordKindRule::Auto, 0.6, "some names have a legal form, such as Ltda"),
    };
    Some(RecordGuess { rule, confidence, reason: reason.into() })
}

fn has_legal_form(name: &str) -> bool {
    // `S.A.` and `S/A` are kept apart from the surname `Sá`.
    let folded: String = name.to_lowercase().chars().map(without_accent).collect();
    let folded = folded.replace("s/a", "s_a").replace("s.a", "s_a");
    folded.split(|c: char| !c.is_alphanumeric() && c != '_').any(|word| LEGAL_FORMS.contains(&word))
}
