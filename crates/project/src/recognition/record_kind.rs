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

const PERSON_WORDS: [&str; 12] =
    ["f", "pf", "fisica", "pessoafisica", "cpf", "p", "person", "individual", "pessoa", "consumidor", "persona", "b2c"];
const ORGANIZATION_WORDS: [&str; 14] = [
    "j",
    "pj",
    "juridica",
    "pessoajuridica",
    "cnpj",
    "o",
    "organization",
    "organisation",
    "company",
    "empresa",
    "business",
    "b2b",
    "org",
    "e",
];

/// A column of few values, each of which is a word for a person or for an organization.
fn by_column(columns: &[Column<'_>], sampled: &[SampledColumn]) -> Option<RecordGuess> {
    columns.iter().zip(sampled).find_map(|(column, sample)| {
        if column.meaning?.meaning != Meaning::Kind {
            return None;
        }
        let values: BTreeSet<&str> = sample.values.iter().map(|v| v.trim()).filter(|v| !v.is_empty()).collect();
        let kinds: Vec<(&str, Kind)> = values.iter().map(|v| Some((*v, kind_of(v)?))).collect::<Option<_>>()?;
        let of = |kind: Kind| -> Vec<String> {
            kinds.iter().filter(|(_, k)| *k == kind).map(|(value, _)| (*value).to_owned()).collect()
        };
        let (person, organization) = (of(Kind::Person), of(Kind::Organization));
        let column = column.header.to_owned();
        let reason = format!("header `{}`, and its values are words for persons and organizations", shown(&column));
        let both = !person.is_empty() && !organization.is_empty();
        both.then_some(RecordGuess {
            rule: RecordKindRule::ByColumn { column, person, organization },
            confidence: 0.95,
            reason,
        })
    })
}

fn kind_of(value: &str) -> Option<Kind> {
    let folded = words(value).concat();
    match folded.as_str() {
        word if PERSON_WORDS.contains(&word) => Some(Kind::Person),
        word if ORGANIZATION_WORDS.contains(&word) => Some(Kind::Organization),
        _ => None,
    }
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
