//! Recognizes what the columns of a file mean, from their headers and a sample of their values.
//!
//! Pure: the caller reads the sample. Nothing here shows a value; reasons speak of headers, shares and formats.

mod birth_parts;
mod date_shape;
mod dictionary;
mod draft;
mod header;
mod identifier;
mod key;
mod record_kind;
mod shape;
mod stamp;

pub use draft::{DraftSource, draft};

use birth_parts::BirthParts;
use header::{HeaderMatch, Meaning};
use serde::Serialize;
use shape::Shapes;
use std::collections::HashSet;
use std::fmt;
use vinculo_records::{Kind, Standard};

/// A column and some of its values, row by row, empty where it has none.
#[derive(Clone, PartialEq, Eq)]
pub struct SampledColumn {
    /// The name of the column.
    pub header: String,
    /// Its values in the first rows; some thousand are enough.
    pub values: Vec<String>,
}

/// Its header and how many values there are, never which.
impl fmt::Debug for SampledColumn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shape = f.debug_struct("SampledColumn");
        shape.field("header", &self.header).field("values", &self.values.len()).finish()
    }
}

/// What the columns of a source seem to mean.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Recognition {
    /// Every column, in the order of the source.
    pub columns: Vec<ColumnGuess>,
    /// The columns that name a record; none where headers and values show none.
    pub key: Option<KeyGuess>,
    /// The column that says when a record was changed last.
    pub updated_at: Option<StampGuess>,
    /// What a row speaks of.
    pub record: RecordGuess,
    /// The country of its identifiers, phones and postal codes, if they tell.
    pub country: Option<&'static str>,
}

impl Recognition {
    /// How many columns seem to mean something, be it a value, the key, the time of a change or the kind of a record.
    pub fn recognized_columns(&self) -> usize {
        let has_role = |header: &str| {
            let is_key = self.key.iter().flat_map(|key| &key.columns).any(|column| column == header);
            let is_stamp = self.updated_at.as_ref().is_some_and(|stamp| stamp.column == header);
            let rule = &self.record.rule;
            is_key || is_stamp || matches!(rule, crate::RecordKindRule::ByColumn { column, .. } if column == header)
        };
        self.columns.iter().filter(|column| !column.guesses.is_empty() || has_role(&column.header)).count()
    }
}

/// What one column seems to mean.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ColumnGuess {
    /// The name of the column.
    pub header: String,
    /// What it may mean, the best first; empty if nothing is recognized.
    pub guesses: Vec<Guess>,
}

/// A column may give this attribute.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Guess {
    /// The attribute.
    pub attribute: Standard,
    /// How sure the guess is, 0 to 1.
    pub confidence: f64,
    /// Why, in words.
    pub reason: String,
    /// Formats of its dates; empty for ISO 8601, and for what is no date.
    pub formats: Vec<String>,
    /// The format that would read the dates as well, where no value tells day and month apart.
    pub ambiguous_with: Option<String>,
    /// What separates several values in one cell.
    pub separator: Option<char>,
    /// All columns that only together give a value, in the order of the format; empty where this one is enough.
    pub joined: Vec<String>,
}

/// The columns that name a record.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct KeyGuess {
    /// The names of the columns, in the order of the source.
    pub columns: Vec<String>,
    /// How sure the guess is, 0 to 1.
    pub confidence: f64,
    /// Why, in words.
    pub reason: String,
}

/// The column that says when a record was changed.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct StampGuess {
    /// The name of the column.
    pub column: String,
    /// How sure the guess is, 0 to 1.
    pub confidence: f64,
    /// Why, in words.
    pub reason: String,
    /// Formats of its dates; empty for ISO 8601, and for what is no date.
    pub formats: Vec<String>,
}

/// What rows speak of.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RecordGuess {
    /// As it would stand behind `record:`.
    pub rule: crate::RecordKindRule,
    /// How sure the guess is, 0 to 1.
    pub confidence: f64,
    /// Why, in words.
    pub reason: String,
}

/// Guesses below this are not worth telling.
const CONFIDENCE_MIN: f64 = 0.5;

/// What is known of a column before anything is decided.
struct Column<'a> {
    header: &'a str,
    meaning: Option<HeaderMatch>,
    shapes: Shapes,
}

/// What the columns of a source seem to mean.
pub fn recognize(columns: &[SampledColumn]) -> Recognition {
    let read: Vec<Column<'_>> = columns
        .iter()
        .map(|column| Column {
            header: &column.header,
            meaning: header::meaning(&column.header),
            shapes: Shapes::of(&column.values),
        })
        .collect();
    let country = country_of(&read);
    let record = record_kind::guess(&read, columns);
    let context = Context { birth_parts: birth_parts::find(&read, columns), ..Context::new(&read, &record, country) };
    let guesses =
        read.iter().map(|column| ColumnGuess { header: column.header.to_owned(), guesses: context.guesses(column) });
    Recognition {
        columns: guesses.collect(),
        key: key::guess(&read, columns),
        updated_at: stamp::updated_at(&read),
        record,
        country,
    }
}

/// The country whose identifiers and postal codes most values are, in columns that hold nothing else.
fn country_of(columns: &[Column<'_>]) -> Option<&'static str> {
    let votes = |count: fn(&Shapes) -> usize| {
        let shapes = columns.iter().map(|column| &column.shapes);
        shapes.filter(|shapes| shapes.share(count(shapes)) > 0.6).map(count).sum::<usize>()
    };
    let brazil = votes(|shapes| shapes.cpf + shapes.cnpj) + votes(|shapes| shapes.cep);
    let portugal = votes(|shapes| shapes.nif) + votes(|shapes| shapes.portuguese_postal_code);
    match brazil.cmp(&portugal) {
        std::cmp::Ordering::Greater => Some("BR"),
        std::cmp::Ordering::Less => Some("PT"),
        std::cmp::Ordering::Equal => None,
    }
}

/// What the meaning of a column hangs on beside the column itself.
struct Context {
    kind: Option<Kind>,
    has_family_name: bool,
    has_address_parts: bool,
    has_address: bool,
    is_brazilian: bool,
    birth_parts: Option<BirthParts>,
}

impl Context {
    fn new(columns: &[Column<'_>], record: &RecordGuess, country: Option<&str>) -> Self {
        let meanings = || columns.iter().filter_map(|column| column.meaning.map(|found| found.meaning));
        let means = |attributes: &[Standard]| {
            meanings().any(|meaning| matches!(meaning, Meaning::Attribute(found) if attributes.contains(&found)))
        };
        let has_number = meanings().any(|meaning| meaning == Meaning::Number);
        let has_address = meanings().any(Meaning::is_of_address);
        Self {
            kind: match record.rule {
                crate::RecordKindRule::Person => Some(Kind::Person),
                crate::RecordKindRule::Organization => Some(Kind::Organization),
                _ => None,
            },
            has_family_name: means(&[Standard::FamilyName]),
            has_address_parts: has_number || means(&[Standard::HouseNumber, Standard::District, Standard::Street]),
            has_address,
            is_brazilian: country == Some("BR"),
            birth_parts: None,
        }
    }

    /// All guesses for a column that are worth telling, the best first.
    fn guesses(&self, column: &Column<'_>) -> Vec<Guess> {
        if let Some(parts) = self.birth_parts.as_ref().filter(|parts| parts.columns.iter().any(|c| c == column.header))
        {
            return vec![birth_part(parts)];
        }
        if column.meaning.is_some_and(|found| found.meaning == Meaning::OfAnother) {
            return Vec::new();
        }
        let by_header = column.meaning.as_ref().and_then(|found| {
            let attribute = self.attribute(found.meaning, column)?;
            Some((attribute, found.strength))
        });
        let mut guesses: Vec<Guess> = Vec::new();
        if let Some((attribute, strength)) = by_header {
            guesses.extend(with_header(column, attribute, strength));
        }
        for attribute in shape::TELLING {
            if by_header.is_none_or(|(told, _)| told != attribute) {
                guesses.extend(by_values(column, attribute));
            }
        }
        guesses.retain(|guess| guess.confidence >= CONFIDENCE_MIN && self.applies(guess.attribute));
        guesses.sort_by(|a, b| b.confidence.total_cmp(&a.confidence));
        guesses
    }

    fn applies(&self, attribute: Standard) -> bool {
        self.kind.is_none_or(|kind| attribute.applies_to(kind))
    }

    /// The attribute that a header means beside these other columns.
    fn attribute(&self, meaning: Meaning, column: &Column<'_>) -> Option<Standard> {
        match meaning {
            Meaning::Attribute(attribute) => Some(attribute),
            Meaning::Name => Some(match self.kind {
                Some(Kind::Organization) => Standard::LegalName,
                None if self.has_family_name => Standard::GivenName,
                None => Standard::Name,
                Some(Kind::Person) if self.has_family_name => Standard::GivenName,
                Some(Kind::Person) if column.shapes.is_mostly_one_word() => Standard::GivenName,
                Some(Kind::Person) => Standard::FullName,
            }),
            Meaning::Address if self.has_address_parts => Some(Standard::Street),
            Meaning::Address => Some(Standard::Address),
            // A surname in Portugal, a nickname in Brazil.
            Meaning::Apelido if self.is_brazilian || self.has_family_name => None,
            Meaning::Apelido => Some(Standard::FamilyName),
            Meaning::Number => self.has_address.then_some(Standard::HouseNumber),
            Meaning::Document => column.shapes.are_tax_ids().then_some(Standard::TaxId),
            Meaning::BirthPart(_) | Meaning::DatePart(_) | Meaning::OfAnother => None,
            Meaning::Key | Meaning::UpdatedAt | Meaning::Kind => None,
        }
    }
}

/// A guess from the header, made surer or less sure by the values.
fn with_header(column: &Column<'_>, attribute: Standard, strength: f64) -> Option<Guess> {
    let header = format!("header `{}`", header::shown(column.header));
    let Some(evidence) = column.shapes.evidence(attribute) else {
        return Some(guess(column, attribute, strength, header));
    };
    let confidence = match evidence.share {
        share if share >= 0.5 => 1.0 - (1.0 - strength) * (1.0 - share) * 0.5,
        share if share >= 0.1 => strength * (0.5 + share),
        _ => strength * 0.3,
    };
    let reason = format!("{header}; {}", evidence.text);
    Some(guess(column, attribute, confidence.min(0.99), reason))
}

/// A guess from the values alone.
fn by_values(column: &Column<'_>, attribute: Standard) -> Option<Guess> {
    let evidence = column.shapes.evidence(attribute)?;
    let confidence = shape::confidence_without_header(attribute, &column.shapes)?;
    Some(guess(column, attribute, confidence, evidence.text))
}

fn guess(column: &Column<'_>, attribute: Standard, confidence: f64, reason: String) -> Guess {
    let dates = (attribute == Standard::BirthDate).then_some(&column.shapes.dates);
    Guess {
        attribute,
        confidence: (confidence * 100.0).round() / 100.0,
        reason,
        formats: dates.map_or_else(Vec::new, |dates| dates.formats.clone()),
        ambiguous_with: dates.and_then(|dates| dates.ambiguous_with.clone()),
        separator: column.shapes.separator.filter(|_| attribute.is_multi_valued()),
        joined: Vec::new(),
    }
}

/// A guess for one of the columns that only together are a date of birth.
fn birth_part(parts: &BirthParts) -> Guess {
    Guess {
        attribute: Standard::BirthDate,
        confidence: parts.confidence,
        reason: parts.reason.clone(),
        formats: vec![parts.format.clone()],
        ambiguous_with: None,
        separator: None,
        joined: parts.columns.clone(),
    }
}

/// How many of the values that are there differ.
fn distinct(values: &[String]) -> usize {
    values.iter().map(|value| value.trim()).filter(|value| !value.is_empty()).collect::<HashSet<_>>().len()
}
