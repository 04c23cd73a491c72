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

/// A commented `vinculo.yaml` that can be read as it is, if there is a source with a column; but where the data show no
/// key, or nothing to map, that line is left to be written, and the project's check asks for it. `country` is the one
/// that somebody named; without it, the data tell.
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
    if columns.is_empty() {
        let _ = writeln!(text, "  # {name} has no column with a name");
        return;
    }
    let _ = writeln!(text, "  {}:\n    connector: {}", quoted(name), quoted(source.connector));
    for (key, value) in source.options {
        let _ = writeln!(text, "    {}: {}", quoted(key), flow(value));
    }
    let record = &recognition.record;
    note(text, &format!("    record: {}", record_rule(&record.rule)), record.confidence, &record.reason);
    match &recognition.key {
        Some(key) => note(text, &format!("    key: {}", list(&key.columns)), key.confidence, &key.reason),
        None => text.push_str(NO_KEY),
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

/// What stands where the key should be. The rows of a file without one cannot be known again in its next delivery.
const NO_KEY: &str =
    "    # No column, and no pair of columns, looks like a code that tells each record from all others. Name yours:
    # key: [shop, code]
    # Where there is none, number the rows once in a new column of the file; a row must keep its number in later files.
    # An e-mail address is a key only where each record has one of its own that never changes.
";

fn write_fields(text: &mut String, columns: &[&ColumnGuess], recognition: &Recognition) {
    let key = recognition.key.iter().flat_map(|key| &key.columns).map(String::as_str);
    let roles = key.chain(recognition.updated_at.iter().map(|stamp| stamp.column.as_str()));
    let by_column = match &recognition.record.rule {
        RecordKindRule::ByColumn { column, .. } => Some(column.as_str()),
        _ => None,
    };
    let played: HashSet<&str> = roles.chain(by_column).collect();
    let fields = choose(columns, &recognition.record.rule);
    let mut mapped: HashSet<&str> = HashSet::new();
    text.push_str("    fields:\n");
    for (attribute, chosen) in &fields {
        let field = format!("      {}: {}", attribute.name(), field_value(chosen));
        let mut reasons: Vec<&str> = chosen.iter().map(|(_, guess)| guess.reason.as_str()).collect();
        reasons.dedup();
        let confidence = chosen.iter().map(|(_, guess)| guess.confidence).fold(1.0, f64::min);
        note(text, &field, confidence, &reasons.join(", "));
        mapped.extend(chosen.iter().map(|(column, _)| *column));
    }
    if fields.is_empty() {
        text.push_str("      # Nothing was recognized. Say what the columns are, such as  email: \"e-mail\"\n");
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
fn choose<'c>(columns: &[&'c ColumnGuess], record: &RecordKindRule) -> BTreeMap<Standard, Chosen<'c>> {
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
        let Some((best, guess)) = chosen.iter().find(|(_, guess)| guess.confidence >= surest).copied() else {
            continue;
        };
        let may_join = *attribute != Standard::BirthDate;
        chosen.retain(|(header, _)| match guess.joined.as_slice() {
            [] => *header == best || (may_join && stem(header) == stem(best)),
            joined => joined.iter().any(|column| column == header),
        });
    }
    join_names(&mut all, record);
    // The parts of an address say more than its one line.
    if all.contains_key(&Standard::Street) {
        all.remove(&Standard::Address);
    }
    all
}

/// Where organizations stand beside persons without a name of their own kind, the parts of a name are one name: an
/// organization has no family name.
fn join_names(all: &mut BTreeMap<Standard, Chosen<'_>>, record: &RecordKindRule) {
    let has_both_kinds = matches!(record, RecordKindRule::Auto | RecordKindRule::ByColumn { .. });
    let has_name = [Standard::Name, Standard::FullName, Standard::LegalName].iter().any(|name| all.contains_key(name));
    if has_both_kinds && !has_name && all.contains_key(&Standard::GivenName) {
        let parts = [Standard::GivenName, Standard::MiddleName, Standard::FamilyName];
        let joined: Chosen<'_> = parts.iter().filter_map(|part| all.remove(part)).flatten().collect();
        all.insert(Standard::Name, joined);
    }
}

/// A header without its numbers: `sobrenome1` and `sobrenome2` have one stem, and so have `Primer apellido` and
/// `Segundo apellido`.
fn stem(header: &str) -> String {
    const ORDINALS: [&str; 8] = ["first", "materno", "paterno", "primeiro", "primer", "second", "segundo", "ultimo"];
    let words = header::words(header);
    let telling = words.iter().filter(|word| !ORDINALS.contains(&word.as_str()));
    telling.flat_map(|word| word.chars()).filter(|c| !c.is_ascii_digit()).collect()
}

fn field_value(chosen: &Chosen<'_>) -> String {
    let columns: Vec<&str> = chosen.iter().map(|(column, _)| *column).collect();
    let list = list(&columns);
    let first = &chosen[0].1;
    let separator = chosen.iter().find_map(|(_, guess)| guess.separator);
    let option = match (formats(&first.formats), separator) {
        (Some(formats), _) => Some(format!("format: {formats}")),
        (None, Some(separator)) => Some(format!("separator: \"{separator}\"")),
        (None, None) => None,
    };
    match (columns.len(), option) {
        (1, None) => list,
        (1, Some(option)) => format!("{{column: {list}, {option}}}"),
        (_, None) => list,
        (_, Some(option)) => format!("{{columns: {list}, {option}}}"),
    }
}

fn formats(formats: &[String]) -> Option<String> {
    (!formats.is_empty()).then(|| list(formats))
}

/// One text, or a list of them.
fn list<T: AsRef<str>>(texts: &[T]) -> String {
    let quoted: Vec<String> = texts.iter().map(|text| quoted(text.as_ref())).collect();
    match quoted.as_slice() {
        [only] => only.clone(),
        several => format!("[{}]", several.join(", ")),
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
