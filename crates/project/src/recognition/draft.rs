//! Writes a first `vinculo.yaml` from what was recognized, each guess with how sure it is.

use super::{ColumnGuess, Guess, Recognition, header};
use crate::RecordKindRule;
use crate::source::is_name;
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::fmt::Write;
use vinculo_records::Standard;

/// A source of the draft.
#[derive(Debug, Clone, Copy)]
pub struct DraftSource<'a> {
    /// Its name; made to fit the rules for names of sources, and made unlike the others.
    pub name: &'a str,
    /// The kind of its connector.
    pub connector: &'a str,
    /// The options of the connector.
    pub options: &'a Map<String, Value>,
    /// What its columns mean; a source without a single named column is left out.
    pub recognition: &'a Recognition,
}

/// A commented `vinculo.yaml` that can be read as it is, if there is a source with a column. `country` is the one that
/// somebody named; without it, the data tell.
pub fn draft(project: &str, country: Option<&str>, sources: &[DraftSource<'_>]) -> String {
    let guessed = sources.iter().find_map(|source| source.recognition.country);
    let mut text = String::from(
        "# A first draft, made from a look at the data. A percentage says how sure a guess is.\n\
         # Correct what is wrong, then see what becomes of the records: vinculo check\n",
    );
    let name = if project.trim().is_empty() { "project" } else { project };
    let why = match (country, guessed) {
        (Some(_), _) => "as it was asked for",
        (None, Some(_)) => "guessed from identifiers and postal codes",
        (None, None) => "not found out: put in yours",
    };
    let _ = writeln!(text, "project: {}", quoted(name));
    let country = country.or(guessed).unwrap_or("BR");
    let _ = writeln!(text, "country: {}  # {why}", quoted(country));
    text.push_str("# database: ${DATABASE_URL}  # left out: a private Postgres of this project\n\nsources:\n");
    let mut names = BTreeSet::new();
    for source in sources {
        let name = source_name(source.name, &mut names);
        write_source(&mut text, &name, source);
    }
    text
}

fn write_source(text: &mut String, name: &str, source: &DraftSource<'_>) {
    let recognition = source.recognition;
    let mut seen: HashSet<&str> = HashSet::new();
    let named = recognition.columns.iter().filter(|column| !column.header.trim().is_empty());
    let columns: Vec<&ColumnGuess> = named.filter(|column| seen.insert(&column.header)).collect();
    let Some(first) = columns.first() else {
        let _ = writeln!(text, "  # {name} has no column with a name");
        return;
    };
    let _ = writeln!(text, "  {}:\n    connector: {}", quoted(name), quoted(source.connector));
    for (key, value) in source.options {
        let _ = writeln!(text, "    {}: {}", quoted(key), flow(value));
    }
    let record = &recognition.record;
    note(text, &format!("    record: {}", record_rule(&record.rule)), record.confidence, &record.reason);
    match &recognition.key {
        Some(key) => note(text, &format!("    key: {}", quoted(&key.column)), key.confidence, &key.reason),
        None => {
            let _ = writeln!(text, "    key: {}  # no column looks like a key: put in yours", quoted(&first.header));
        }
    }
    if let Some(updated_at) = &recognition.updated_at {
        let column = quoted(&updated_at.column);
        let value = match formats(&updated_at.formats) {
            Some(formats) => format!("{{column: {column}, format: {formats}}}"),
            None => column,
        };
        note(text, &format!("    updated_at: {value}"), updated_at.confidence, &updated_at.reason);
    }
    text.push_str("    delivery: changes  # snapshot, if a record that is missing is no more\n");
    write_fields(text, &columns, recognition);
}

fn write_fields(text: &mut String, columns: &[&ColumnGuess], recognition: &Recognition) {
    let roles = [&recognition.key, &recognition.updated_at].into_iter().flatten().map(|role| role.column.as_str());
    let by_column = match &recognition.record.rule {
        RecordKindRule::ByColumn { column, .. } => Some(column.as_str()),
        _ => None,
    };
    let played: HashSet<&str> = roles.chain(by_column).collect();
    let fields = choose(columns);
    let mut mapped: HashSet<&str> = HashSet::new();
    text.push_str("    fields:\n");
    for (attribute, chosen) in &fields {
        let field = format!("      {}: {}", attribute.name(), field_value(chosen));
        let reasons: Vec<&str> = chosen.iter().map(|(_, guess)| guess.reason.as_str()).collect();
        let confidence = chosen.iter().map(|(_, guess)| guess.confidence).fold(1.0, f64::min);
        note(text, &field, confidence, &reasons.join(", "));
        mapped.extend(chosen.iter().map(|(column, _)| *column));
    }
    if fields.is_empty() {
        let attribute = match recognition.record.rule {
            RecordKindRule::Person => Standard::FullName,
            RecordKindRule::Organization => Standard::LegalName,
            _ => Standard::Name,
        };
        let free = columns.iter().find(|column| !played.contains(column.header.as_str())).or(columns.first());
        if let Some(column) = free {
            let name = attribute.name();
            let _ = writeln!(text, "      {name}: {}  # nothing was recognized: map yours", quoted(&column.header));
            mapped.insert(&column.header);
        }
    }
    write_rest(
        text,
        columns.iter().filter(|c| !mapped.contains(c.header.as_str()) && !played.contains(c.header.as_str())),
    );
}

/// The columns that are not mapped, as comments: what they might be, if there is a guess.
fn write_rest<'c>(text: &mut String, columns: impl Iterator<Item = &'c &'c ColumnGuess>) {
    let mut heading = "      # Not mapped:\n";
    for column in columns {
        text.push_str(heading);
        heading = "";
        let header = quoted(&column.header);
        let Some(guess) = column.guesses.first() else {
            let _ = writeln!(text, "      #   {header}");
            continue;
        };
        let name = guess.attribute.name();
        match &guess.ambiguous_with {
            Some(other) => {
                for format in guess.formats.iter().take(1).chain([other]) {
                    let format = quoted(format);
                    let _ = writeln!(text, "      # {name}: {{column: {header}, format: {format}}}");
                }
                let _ = writeln!(text, "      #   one of the two: {}", guess.reason);
            }
            None => note(text, &format!("      # {name}: {header}"), guess.confidence, &guess.reason),
        }
    }
}

/// The columns of an attribute with their guesses.
type Chosen<'c> = Vec<(&'c str, &'c Guess)>;

/// Which columns give which attribute: all of a multi-valued one; of a single-valued one the surest, and those whose
/// headers differ from it by a number only. A date whose day and month cannot be told apart is left open.
fn choose<'c>(columns: &[&'c ColumnGuess]) -> BTreeMap<Standard, Chosen<'c>> {
    let mut all: BTreeMap<Standard, Chosen<'c>> = BTreeMap::new();
    for column in columns {
        if let Some(guess) = column.guesses.first().filter(|guess| guess.ambiguous_with.is_none()) {
            all.entry(guess.attribute).or_default().push((&column.header, guess));
        }
    }
    for (attribute, chosen) in &mut all {
        if attribute.is_multi_valued() {
            continue;
        }
        let surest = chosen.iter().map(|(_, guess)| guess.confidence).fold(0.0, f64::max);
        let Some(best) = chosen.iter().find(|(_, guess)| guess.confidence >= surest).map(|(header, _)| *header) else {
            continue;
        };
        let may_join = *attribute != Standard::BirthDate;
        chosen.retain(|(header, _)| *header == best || (may_join && stem(header) == stem(best)));
    }
    // The parts of an address say more than its one line.
    if all.contains_key(&Standard::Street) {
        all.remove(&Standard::Address);
    }
    all
}

/// A header without its numbers: `sobrenome1` and `sobrenome2` have one stem.
fn stem(header: &str) -> String {
    header::words(header).concat().chars().filter(|c| !c.is_ascii_digit()).collect()
}

fn field_value(chosen: &Chosen<'_>) -> String {
    let columns: Vec<String> = chosen.iter().map(|(column, _)| quoted(column)).collect();
    let list = format!("[{}]", columns.join(", "));
    let first = &chosen[0].1;
    let separator = chosen.iter().find_map(|(_, guess)| guess.separator);
    let option = match (formats(&first.formats), separator) {
        (Some(formats), _) => Some(format!("format: {formats}")),
        (None, Some(separator)) => Some(format!("separator: \"{separator}\"")),
        (None, None) => None,
    };
    match (&columns[..], option) {
        ([column], None) => column.clone(),
        ([column], Some(option)) => format!("{{column: {column}, {option}}}"),
        (_, None) => list,
        (_, Some(option)) => format!("{{columns: {list}, {option}}}"),
    }
}

fn formats(formats: &[String]) -> Option<String> {
    match formats {
        [] => None,
        [format] => Some(quoted(format)),
        several => Some(format!("[{}]", several.iter().map(|format| quoted(format)).collect::<Vec<_>>().join(", "))),
    }
}

fn record_rule(rule: &RecordKindRule) -> String {
    match rule {
        RecordKindRule::Person => "person".into(),
        RecordKindRule::Organization => "organization".into(),
        RecordKindRule::Auto => "auto".into(),
        RecordKindRule::ByColumn { column, person, organization } => {
            let list = |values: &[String]| values.iter().map(|value| quoted(value)).collect::<Vec<_>>().join(", ");
            let (column, person, organization) = (quoted(column), list(person), list(organization));
            format!("{{column: {column}, person: [{person}], organization: [{organization}]}}")
        }
    }
}

/// A line with its guess behind it.
fn note(text: &mut String, line: &str, confidence: f64, reason: &str) {
    let _ = writeln!(text, "{line}  # {:.0} %: {reason}", confidence * 100.0);
}

/// A name of a source made of this text: lower case letters, digits and `_`, and unlike those before it.
fn source_name(wanted: &str, taken: &mut BTreeSet<String>) -> String {
    let words: Vec<String> = header::words(wanted)
        .into_iter()
        .map(|word| word.chars().filter(char::is_ascii_alphanumeric).collect::<String>())
        .filter(|word| !word.is_empty())
        .collect();
    let mut base = words.join("_");
    if !is_name(&base) {
        base = format!("source_{base}").trim_end_matches('_').chars().take(50).collect();
    }
    let numbered = (2..).map(|n| format!("{base}_{n}"));
    let name = std::iter::once(base.clone()).chain(numbered).find(|name| !taken.contains(name)).unwrap_or(base.clone());
    taken.insert(name.clone());
    name
}

/// A value in YAML on one line.
fn flow(value: &Value) -> String {
    match value {
        Value::String(text) => quoted(text),
        Value::Array(items) => format!("[{}]", items.iter().map(flow).collect::<Vec<_>>().join(", ")),
        Value::Object(entries) => {
            let entries = entries.iter().map(|(key, value)| format!("{}: {}", quoted(key), flow(value)));
            format!("{{{}}}", entries.collect::<Vec<_>>().join(", "))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => value.to_string(),
    }
}

/// A text in YAML: plain where that is safe, else in double quotes with everything escaped that could be misread.
fn quoted(text: &str) -> String {
    let is_word = text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        && !["true", "false", "null", "yes", "no", "on", "off", "y", "n"].contains(&text.to_lowercase().as_str());
    if is_word {
        return text.to_owned();
    }
    let mut quoted = String::from('"');
    for c in text.replace("${", "$${").chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            '\n' => quoted.push_str("\\n"),
            '\t' => quoted.push_str("\\t"),
            ' ' => quoted.push(c),
            c if c.is_alphanumeric() || c.is_ascii_punctuation() => quoted.push(c),
            c => {
                let _ = write!(quoted, "\\U{:08X}", u32::from(c));
            }
        }
    }
    quoted.push('"');
    quoted
}
