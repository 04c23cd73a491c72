//! Fields: which columns of a source give which attribute.

use crate::date_format;
use crate::keys::Group;
use crate::problem::{Place, Problems, did_you_mean};
use crate::section::{self, Section};
use crate::source::RecordKindRule;
use crate::yaml::{Content, Entry, Node};
use serde::Serialize;
use vinculo_records::{AttributeId, AttributeType, Attributes, Kind, Standard};

/// The decimal mark of a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DecimalMark {
    /// `1234.5`
    #[default]
    Point,
    /// `1234,5`
    Comma,
}

/// An attribute of a source and the columns that give it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Field {
    /// What the columns speak of.
    pub attribute: AttributeId,
    /// The columns, at least one: joined with a space into a single-valued attribute, each a value of a multi-valued one.
    pub columns: Vec<String>,
    /// Formats of a date, tried in order; none means ISO 8601.
    pub formats: Vec<String>,
    /// What separates several values in one cell; the declaration's where the field has none of its own.
    pub separator: Option<String>,
    /// The decimal mark of a number.
    pub decimal: DecimalMark,
}

/// What reading a field hangs on beside its own text.
pub(crate) struct FieldContext<'a> {
    pub(crate) attributes: &'a Attributes,
    pub(crate) record: Option<&'a RecordKindRule>,
}

/// The fields of a source, in the order of their attributes.
pub(crate) fn read_fields(node: &Node, context: &FieldContext<'_>, problems: &mut Problems) -> Vec<Field> {
    let Some(entries) = node.entries().filter(|entries| !entries.is_empty()) else {
        problems.add(node.place, "`fields` must name at least one attribute (`attribute: column`)");
        return Vec::new();
    };
    let mut fields: Vec<Field> = entries.iter().filter_map(|entry| read_field(entry, context, problems)).collect();
    fields.sort_by_key(|field| field.attribute);
    fields
}

fn read_field(entry: &Entry, context: &FieldContext<'_>, problems: &mut Problems) -> Option<Field> {
    let attribute = find_attribute(&entry.key, entry.place, context.attributes, problems);
    let mut field = read_columns(entry, problems)?;
    field.attribute = attribute?;
    check_kind(field.attribute, entry, context.record?, problems);
    check_options(&mut field, entry, context.attributes, problems);
    Some(field)
}

/// The attribute of this name, or a problem that says what may have been meant.
pub(crate) fn find_attribute(
    name: &str,
    place: Place,
    attributes: &Attributes,
    problems: &mut Problems,
) -> Option<AttributeId> {
    let found = attributes.find(name);
    if found.is_none() {
        let declared = attributes.custom().iter().map(|attribute| attribute.name.as_str());
        let hint = did_you_mean(name, Standard::ALL.iter().map(|standard| standard.name()).chain(declared));
        let hint = if hint.is_empty() { "; declare it under `attributes`".into() } else { hint };
        problems.add(place, format!("unknown attribute `{name}`{hint}"));
    }
    found
}

/// Reads the columns and options; the attribute is put in afterwards.
fn read_columns(entry: &Entry, problems: &mut Problems) -> Option<Field> {
    let mut field = Field {
        attribute: Standard::Name.into(),
        columns: Vec::new(),
        formats: Vec::new(),
        separator: None,
        decimal: DecimalMark::default(),
    };
    let what = format!("`{}`", entry.key);
    if !matches!(entry.value.content, Content::Map(_)) {
        field.columns = section::texts(&entry.value, &what, problems)?;
        return Some(field);
    }
    let section = Section::read(Group::Field, &entry.value, entry.place, &[], problems);
    field.columns = match (section.value("column"), section.value("columns")) {
        (Some(column), None) => vec![section::text(column, "`column`", problems)?],
        (None, Some(columns)) => section::texts(columns, "`columns`", problems)?,
        (None, None) => {
            problems.add(entry.place, format!("{what} has no `column`"));
            return None;
        }
        (Some(column), Some(_)) => {
            problems.add(column.place, format!("{what} has both `column` and `columns`"));
            return None;
        }
    };
    if let Some(format) = section.value("format") {
        field.formats = read_formats(format, problems);
    }
    if let Some(separator) = section.value("separator") {
        field.separator = read_separator(separator, problems);
    }
    if let Some(decimal) = section.value("decimal") {
        let words = [(".", DecimalMark::Point), (",", DecimalMark::Comma)];
        field.decimal = section::choice(decimal, "`decimal`", &words, problems).unwrap_or_default();
    }
    Some(field)
}

/// What separates values in a cell: any text that is not empty, blanks included.
pub(crate) fn read_separator(node: &Node, problems: &mut Problems) -> Option<String> {
    match &node.content {
        Content::Scalar(scalar) if !scalar.text.is_empty() => Some(scalar.text.clone()),
        _ => section::text(node, "`separator`", problems),
    }
}

/// Date formats, each checked.
pub(crate) fn read_formats(node: &Node, problems: &mut Problems) -> Vec<String> {
    let formats = section::texts(node, "`format`", problems).unwrap_or_default();
    for (format, item) in formats.iter().zip(section::items(node)) {
        if let Some(fault) = date_format::fault(format) {
            problems.add(item.place, fault);
        }
    }
    formats
}

fn check_kind(attribute: AttributeId, entry: &Entry, record: &RecordKindRule, problems: &mut Problems) {
    let Some(standard) = attribute.standard() else {
        return;
    };
    let place = entry.place;
    match record {
        RecordKindRule::Person if standard == Standard::Name => {
            problems.add(place, "`name` is for `record: auto` or by a column; a person has a `full_name`");
        }
        RecordKindRule::Organization if standard == Standard::Name => {
            problems.add(place, "`name` is for `record: auto` or by a column; an organization has a `legal_name`");
        }
        RecordKindRule::Person if !standard.applies_to(Kind::Person) => {
            problems.add(
                place,
                format!("`{standard}` is of organizations, and the records are persons", standard = standard.name()),
            );
        }
        RecordKindRule::Organization if !standard.applies_to(Kind::Organization) => {
            problems.add(
                place,
                format!("`{standard}` is of persons, and the records are organizations", standard = standard.name()),
            );
        }
        _ => {}
    }
}

/// Refuses options that the attribute cannot use, and takes the separator of its declaration.
fn check_options(field: &mut Field, entry: &Entry, attributes: &Attributes, problems: &mut Problems) {
    let declaration = attributes.declaration(field.attribute);
    let attribute_type = declaration.map(|attribute| attribute.attribute_type);
    let is_date = field.attribute == Standard::BirthDate.into() || attribute_type == Some(AttributeType::Date);
    let name = &entry.key;
    let place = |key: &str| {
        let entries = entry.value.entries().unwrap_or_default();
        entries.iter().find(|entry| entry.key == key).map_or(entry.place, |entry| entry.place)
    };
    if !field.formats.is_empty() && !is_date {
        problems.add(place("format"), format!("`format` is for dates, and `{name}` is none"));
    }
    if is_date && field.columns.len() > 1 && field.formats.is_empty() {
        problems.add(entry.place, format!("`{name}` of several columns needs a `format`, such as `%Y %m %d`"));
    }
    if field.separator.is_some() && !attributes.is_multi_valued(field.attribute) {
        problems.add(place("separator"), format!("`separator` is for several values, and `{name}` has one"));
    }
    if field.decimal != DecimalMark::Point && attribute_type != Some(AttributeType::Number) {
        problems.add(place("decimal"), format!("`decimal` is for numbers, and `{name}` is none"));
    }
    if field.separator.is_none() {
        field.separator = declaration.and_then(|attribute| attribute.separator.clone());
    }
    let is_set = attribute_type == Some(AttributeType::Set);
    if is_set && field.separator.is_none() && field.columns.len() == 1 {
        problems.add(entry.place, format!("the set `{name}` needs a `separator`, or a list of columns"));
    }
}
