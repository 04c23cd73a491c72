//! Sources: where records come from and what their columns mean.

use crate::field::{self, Field, FieldContext};
use crate::keys::Group;
use crate::problem::{Place, Problems, did_you_mean};
use crate::section::{self, Section};
use crate::yaml::{Content, Entry, Node};
use serde::Serialize;
use std::collections::BTreeMap;
use vinculo_records::Attributes;

/// The option keys that a kind of connector knows; given by the caller, since a project knows no connector.
#[derive(Debug, Clone, Copy)]
pub struct ConnectorKeys<'a> {
    /// What stands behind `connector:`.
    pub kind: &'a str,
    /// The keys that may stand beside the keys of a source.
    pub keys: &'a [&'a str],
}

/// A source of the project.
#[derive(Clone, PartialEq)]
pub struct Source {
    /// Its name: lower case letters, digits and `_`.
    pub name: String,
    /// The kind of its connector.
    pub connector: String,
    /// The connector's own keys, variables put in; a value made from a variable is always a text.
    pub options: serde_json::Map<String, serde_json::Value>,
    /// What a row speaks of.
    pub record: RecordKindRule,
    /// The columns that name a record, at least one.
    pub key: Vec<String>,
    /// When the source changed a row last.
    pub updated_at: Option<ColumnDate>,
    /// What the absence of a record means.
    pub delivery: Delivery,
    /// Which rows say that their record is no more.
    pub deleted: Option<DeletedRule>,
    /// Columns whose change alone makes no new version.
    pub ignore: Vec<String>,
    /// How far the source is trusted, 0 to 100.
    pub trust: u8,
    /// The greatest share of rejected rows, 0 to 1; a delivery with more is refused.
    pub max_reject_ratio: f64,
    /// The attributes and their columns, in the order of attributes.
    pub fields: Vec<Field>,
    /// Where the source's name and its options stand.
    pub(crate) places: BTreeMap<String, Place>,
}

impl std::fmt::Debug for Source {
    // The values of options may be secrets.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Source").field("name", &self.name).field("connector", &self.connector).finish_non_exhaustive()
    }
}

/// How the kind of a record is known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RecordKindRule {
    /// All are persons.
    Person,
    /// All are organizations.
    Organization,
    /// Told from the values of each record.
    Auto,
    /// Told by a column.
    ByColumn {
        /// The column that tells.
        column: String,
        /// Its values for a person.
        person: Vec<String>,
        /// Its values for an organization.
        organization: Vec<String>,
    },
}

/// A column that holds a point in time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ColumnDate {
    /// The column.
    pub column: String,
    /// Its formats, tried in order; none means ISO 8601.
    pub formats: Vec<String>,
}

impl Source {
    /// How far a source is trusted when nobody says.
    pub const TRUST: u8 = 50;
}

/// What the absence of a record from a delivery means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Delivery {
    /// Nothing.
    #[default]
    Changes,
    /// That the record is no more.
    Snapshot,
}

/// Rows that say of themselves that their record is no more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DeletedRule {
    /// The column that tells.
    pub column: String,
    /// Its values in such rows.
    pub values: Vec<String>,
}

const MAX_REJECT_RATIO: f64 = 0.05;

/// What the name of a source or a declared attribute must look like.
pub(crate) fn is_name(name: &str) -> bool {
    name.len() <= 63
        && name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
}

pub(crate) const NAME_RULE: &str = "must be lower case letters, digits and `_`, a letter first, at most 63";

/// All sources, in the order of the file.
pub(crate) fn read_sources(
    node: &Node,
    connectors: &[ConnectorKeys<'_>],
    attributes: &Attributes,
    problems: &mut Problems,
) -> Vec<Source> {
    let Some(entries) = node.entries().filter(|entries| !entries.is_empty()) else {
        problems.add(node.place, "`sources` must name at least one source");
        return Vec::new();
    };
    entries.iter().filter_map(|entry| read_source(entry, connectors, attributes, problems)).collect()
}

fn read_source(
    entry: &Entry,
    connectors: &[ConnectorKeys<'_>],
    attributes: &Attributes,
    problems: &mut Problems,
) -> Option<Source> {
    if !is_name(&entry.key) {
        problems.add(entry.place, format!("the name of a source {NAME_RULE}"));
    }
    let kind = entry.value.entries().unwrap_or_default().iter().find(|entry| entry.key == "connector");
    let kind = kind.and_then(|kind| find_connector(&kind.value, connectors, problems));
    let option_keys = match kind {
        Some(connector) => connector.keys.to_vec(),
        // Without its connector nobody can tell which options it knows.
        None => connectors.iter().flat_map(|connector| connector.keys.iter().copied()).collect(),
    };
    let section = Section::read(Group::Source, &entry.value, entry.place, &option_keys, problems);
    let mut places = BTreeMap::from([(String::new(), entry.place)]);
    let mut options = serde_json::Map::new();
    for option in section.other_entries() {
        places.insert(option.key.clone(), option.value.place);
        options.insert(option.key.clone(), json(&option.value, |scalar| scalar.text.clone()));
    }
    let record = section.value("record").and_then(|node| read_record(node, problems));
    let context = FieldContext { attributes, record: record.as_ref() };
    let fields = section.value("fields").map(|node| field::read_fields(node, &context, problems));
    let key = section.value("key").and_then(|node| section::texts(node, "`key`", problems));
    let source = Source {
        name: entry.key.clone(),
        options,
        updated_at: section.entry("updated_at").and_then(|entry| read_updated_at(entry, problems)),
        delivery: section.value("delivery").and_then(|node| read_delivery(node, problems)).unwrap_or_default(),
        deleted: section.entry("deleted").and_then(|entry| read_deleted(entry, problems)),
        ignore: section.value("ignore").map_or_else(Vec::new, |node| read_ignore(node, problems)),
        trust: section
            .value("trust")
            .and_then(|n| section::number(n, "`trust`", 0..=100, problems))
            .unwrap_or(Source::TRUST),
        max_reject_ratio: section
            .value("max_reject_ratio")
            .and_then(|node| section::number(node, "`max_reject_ratio`", 0.0..=1.0, problems))
            .unwrap_or(MAX_REJECT_RATIO),
        connector: kind?.kind.to_owned(),
        record: record?,
        key: key?,
        fields: fields?,
        places,
    };
    if let Some(ignore) = section.value("ignore") {
        check_ignored(&source, ignore, attributes, problems);
    }
    Some(source)
}

fn find_connector<'c>(
    node: &Node,
    connectors: &'c [ConnectorKeys<'c>],
    problems: &mut Problems,
) -> Option<&'c ConnectorKeys<'c>> {
    let kind = section::text(node, "`connector`", problems)?;
    let found = connectors.iter().find(|connector| connector.kind == kind);
    if found.is_none() {
        let hint = did_you_mean(&kind, connectors.iter().map(|connector| connector.kind));
        let known: Vec<String> = connectors.iter().map(|connector| format!("`{}`", connector.kind)).collect();
        let hint = if hint.is_empty() { format!("; known are {}", known.join(", ")) } else { hint };
        problems.add(node.place, format!("unknown connector `{}`{hint}", section::shown(node)));
    }
    found
}

fn read_record(node: &Node, problems: &mut Problems) -> Option<RecordKindRule> {
    #[derive(Clone, Copy)]
    enum Word {
        Person,
        Organization,
        Auto,
    }
    if !matches!(node.content, Content::Map(_)) {
        let words = [("person", Word::Person), ("organization", Word::Organization), ("auto", Word::Auto)];
        return section::choice(node, "`record`", &words, problems).map(|word| match word {
            Word::Person => RecordKindRule::Person,
            Word::Organization => RecordKindRule::Organization,
            Word::Auto => RecordKindRule::Auto,
        });
    }
    let section = Section::read(Group::RecordColumn, node, node.place, &[], problems);
    let column = section.value("column").and_then(|node| section::text(node, "`column`", problems));
    let person = section.value("person").and_then(|node| section::texts(node, "`person`", problems));
    let organization = section.value("organization").and_then(|node| section::texts(node, "`organization`", problems));
    let (column, person, organization) = (column?, person?, organization?);
    if person.iter().any(|value| organization.contains(value)) {
        problems.add(node.place, "a value stands for both a person and an organization");
    }
    Some(RecordKindRule::ByColumn { column, person, organization })
}

fn read_updated_at(entry: &Entry, problems: &mut Problems) -> Option<ColumnDate> {
    if !matches!(entry.value.content, Content::Map(_)) {
        let column = section::text(&entry.value, "`updated_at`", problems)?;
        return Some(ColumnDate { column, formats: Vec::new() });
    }
    let section = Section::read(Group::UpdatedAt, &entry.value, entry.place, &[], problems);
    let formats = section.value("format").map_or_else(Vec::new, |node| field::read_formats(node, problems));
    let column = section::text(section.value("column")?, "`column`", problems)?;
    Some(ColumnDate { column, formats })
}

fn read_delivery(node: &Node, problems: &mut Problems) -> Option<Delivery> {
    let words = [("changes", Delivery::Changes), ("snapshot", Delivery::Snapshot)];
    section::choice(node, "`delivery`", &words, problems)
}

fn read_deleted(entry: &Entry, problems: &mut Problems) -> Option<DeletedRule> {
    let section = Section::read(Group::Deleted, &entry.value, entry.place, &[], problems);
    let column = section.value("column").and_then(|node| section::text(node, "`column`", problems));
    let values = section.value("values").and_then(|node| section::texts(node, "`values`", problems));
    Some(DeletedRule { column: column?, values: values? })
}

fn read_ignore(node: &Node, problems: &mut Problems) -> Vec<String> {
    match &node.content {
        Content::List(items) if items.is_empty() => Vec::new(),
        _ => section::texts(node, "`ignore`", problems).unwrap_or_default(),
    }
}

/// A column that is used cannot be ignored: its change would go unseen. The stamp of a row can.
fn check_ignored(source: &Source, node: &Node, attributes: &Attributes, problems: &mut Problems) {
    for (column, item) in source.ignore.iter().zip(section::items(node)) {
        let field = source.fields.iter().find(|field| field.columns.contains(column));
        let use_of_it = match (field, &source.deleted, &source.record) {
            _ if source.key.contains(column) => Some("key".to_owned()),
            (Some(field), ..) => Some(attributes.name(field.attribute).to_owned()),
            (_, Some(rule), _) if rule.column == *column => Some("deleted".to_owned()),
            (_, _, RecordKindRule::ByColumn { column: by, .. }) if by == column => Some("record".to_owned()),
            _ => None,
        };
        if let Some(use_of_it) = use_of_it {
            let column = section::shown(item);
            problems.add(item.place, format!("`{column}` gives `{use_of_it}`, so it cannot be ignored"));
        }
    }
}

/// A value as JSON; `show` gives the text of a scalar.
pub(crate) fn json(node: &Node, show: fn(&crate::yaml::Scalar) -> String) -> serde_json::Value {
    use serde_json::Value;
    match &node.content {
        Content::Null => Value::Null,
        Content::List(items) => items.iter().map(|item| json(item, show)).collect(),
        Content::Map(entries) => entries.iter().map(|entry| (entry.key.clone(), json(&entry.value, show))).collect(),
        Content::Scalar(scalar) => {
            let text = show(scalar);
            // What is written plainly and reads as a boolean or a number is one, as in JSON.
            match serde_json::from_str(&text) {
                Ok(value @ (Value::Bool(_) | Value::Number(_))) if !scalar.is_text => value,
                _ => Value::String(text),
            }
        }
    }
}
