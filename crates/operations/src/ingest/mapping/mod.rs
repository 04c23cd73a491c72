//! Rows of a source → records: key, content, date, kind and normalized values.
//!
//! The same code maps a row when it is first read and when it is normalized again from its raw form.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use vinculo_connector::Cells;
use vinculo_connector::decoder::{ELEMENT_SEPARATOR, OF_EACH_OBJECT};
use vinculo_normalization::date::DateFormat;
use vinculo_normalization::number::Decimal;
use vinculo_normalization::{FieldRule, Normalizer, timestamp};
use vinculo_project::{DecimalMark, Field, Project, RecordKindRule, Source};
use vinculo_records::hash::ContentHasher;
use vinculo_records::{Attributes, ContentHash, Flag, Kind, NormalizedRecord, Standard};
use vinculo_store::{SOURCE_KEY_BYTES_MAX, Statement};

/// Why a row that its connector could read is rejected all the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum RowFault {
    /// A column of the key is missing or empty.
    KeyMissing,
    /// A column of the key holds a list.
    KeyIsList,
    /// The key is longer than [`SOURCE_KEY_BYTES_MAX`].
    KeyTooLong,
    /// The column that tells the kind holds neither a declared person's nor an organization's value.
    KindUnknown,
}

impl RowFault {
    /// All faults.
    pub const ALL: [Self; 4] = [Self::KeyMissing, Self::KeyIsList, Self::KeyTooLong, Self::KindUnknown];

    /// What it means, in a sentence.
    pub fn meaning(self) -> &'static str {
        match self {
            Self::KeyMissing => "A column of the key is missing or empty.",
            Self::KeyIsList => "A column of the key holds a list.",
            Self::KeyTooLong => "The key is longer than 2,000 bytes.",
            Self::KindUnknown => {
                "The column that tells the kind holds neither a declared person's nor an organization's value."
            }
        }
    }

    /// The code in counts, messages and Postgres.
    pub fn name(self) -> &'static str {
        match self {
            Self::KeyMissing => "key_missing",
            Self::KeyIsList => "key_is_list",
            Self::KeyTooLong => "key_too_long",
            Self::KindUnknown => "kind_unknown",
        }
    }
}

/// One row as a record.
pub struct MappedRow {
    /// The source key; a JSON array where it has several columns.
    pub key: String,
    /// What the row says beside its values.
    pub statement: Statement,
    /// The normalized values.
    pub normalized: NormalizedRecord,
}

/// A row that is no record.
#[derive(Clone, PartialEq, Eq)]
pub struct FaultyRow {
    /// All its faults, each with the column at fault.
    pub faults: Vec<(RowFault, String)>,
    /// Its source key, where that can be read all the same.
    pub key: Option<String>,
}

/// What it says beside its key and values.
impl fmt::Debug for MappedRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shape = f.debug_struct("MappedRow");
        shape.field("statement", &self.statement).field("normalized", &self.normalized).finish_non_exhaustive()
    }
}

/// Its faults, never its key.
impl fmt::Debug for FaultyRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FaultyRow").field("faults", &self.faults).finish_non_exhaustive()
    }
}

/// How many values were flagged: attribute → reason → how many.
pub type FlagCounts = BTreeMap<String, BTreeMap<String, u64>>;

/// The mapping of one source, ready to be bound to the columns of a file.
pub struct Mapping {
    project: Arc<Project>,
    source: Source,
    normalizer: Normalizer,
    rules: Vec<FieldRule>,
    stamp_formats: Vec<DateFormat>,
}

impl Mapping {
    /// The mapping that a project declares for one of its sources.
    pub fn new(project: Arc<Project>, source: Source) -> Self {
        let normalizer = Normalizer::new(&project.country);
        let rules = source.fields.iter().map(|field| field_rule(field, &project.attributes)).collect();
        let stamp_formats = source.updated_at.iter().flat_map(|date| date_formats(&date.formats)).collect();
        Self { project, source, normalizer, rules, stamp_formats }
    }

    /// Columns that the mapping names and that are not among these.
    pub fn missing_columns(&self, names: &[String]) -> Vec<String> {
        let mut missing: Vec<String> = mapped_columns(&self.source)
            .filter(|column| !names.iter().any(|name| name == column))
            .map(Into::into)
            .collect();
        missing.sort();
        missing.dedup();
        missing
    }

    /// Whether any of these columns has a field.
    pub fn has_field_among(&self, names: &[String]) -> bool {
        let mut columns = self.source.fields.iter().flat_map(|field| &field.columns);
        columns.any(|column| names.contains(column))
    }

    /// Binds the mapping to the columns of a table of cells.
    pub fn bind<'c>(&'c self, cells: &'c Cells) -> BoundMapping<'c> {
        let mut hashed: Vec<(&str, usize)> = cells.names().iter().map(String::as_str).zip(0..).collect();
        hashed.retain(|(name, _)| !self.source.ignore.iter().any(|ignored| ignored == name));
        hashed.sort_unstable();
        let position = |name: &String| cells.position(name);
        BoundMapping {
            mapping: self,
            cells,
            hashed,
            key: self.source.key.iter().map(position).collect(),
            updated_at: self.source.updated_at.as_ref().and_then(|date| position(&date.column)),
            deleted: self.source.deleted.as_ref().and_then(|rule| position(&rule.column)),
            kind: match &self.source.record {
                RecordKindRule::ByColumn { column, .. } => position(column),
                _ => None,
            },
            fields: self.source.fields.iter().map(|field| field.columns.iter().map(position).collect()).collect(),
        }
    }
}

/// All columns that the mapping of a source names.
fn mapped_columns(source: &Source) -> impl Iterator<Item = &str> {
    let kind = match &source.record {
        RecordKindRule::ByColumn { column, .. } => Some(column),
        _ => None,
    };
    let single = source.updated_at.iter().map(|date| &date.column);
    let single = single.chain(source.deleted.iter().map(|rule| &rule.column)).chain(kind);
    let fields = source.fields.iter().flat_map(|field| &field.columns);
    source.key.iter().chain(single).chain(fields).map(String::as_str)
}

/// The project's check has refused formats that nobody knows.
fn date_formats(patterns: &[String]) -> Vec<DateFormat> {
    patterns.iter().filter_map(|pattern| DateFormat::new(pattern).ok()).collect()
}

fn field_rule(field: &Field, attributes: &Attributes) -> FieldRule {
    FieldRule {
        attribute: field.attribute,
        attribute_type: attributes.declaration(field.attribute).map(|declared| declared.attribute_type),
        formats: date_formats(&field.formats),
        separator: field.separator.clone(),
        decimal: match field.decimal {
            DecimalMark::Point => Decimal::Point,
            DecimalMark::Comma => Decimal::Comma,
        },
    }
}

/// A mapping bound to the columns of one table of cells.
pub struct BoundMapping<'c> {
    mapping: &'c Mapping,
    cells: &'c Cells,
    hashed: Vec<(&'c str, usize)>,
    key: Vec<Option<usize>>,
    updated_at: Option<usize>,
    deleted: Option<usize>,
    kind: Option<usize>,
    fields: Vec<Vec<Option<usize>>>,
}

impl BoundMapping<'_> {
    /// The record that a row says, landing on this day (days since 1970-01-01); or all its faults.
    ///
    /// # Errors
    /// The faults with the columns at fault; the row is then rejected.
    pub fn map(
        &self,
        row: usize,
        landed_on: i32,
        hasher: &mut ContentHasher,
        flags: &mut FlagCounts,
    ) -> Result<MappedRow, FaultyRow> {
        let (key, kind) = (self.key(row), self.kind(row));
        match (key, kind) {
            (Ok(key), Ok(kind)) => {
                let statement = self.statement(row, hasher, flags);
                let normalized = self.normalize(row, kind, statement.updated_at, landed_on, flags);
                Ok(MappedRow { key, statement, normalized })
            }
            (Ok(key), Err(fault)) => Err(FaultyRow { faults: vec![fault], key: Some(key) }),
            (Err(mut faults), kind) => {
                faults.extend(kind.err());
                Err(FaultyRow { faults, key: None })
            }
        }
    }

    /// The values that a row says, whether or not it has a key.
    ///
    /// # Errors
    /// The fault that keeps its kind from being told.
    pub fn values(&self, row: usize, landed_on: i32) -> Result<NormalizedRecord, FaultyRow> {
        let flags = &mut FlagCounts::new();
        let kind = self.kind(row).map_err(|fault| FaultyRow { faults: vec![fault], key: None })?;
        Ok(self.normalize(row, kind, self.updated_at(row, flags), landed_on, flags))
    }

    /// What a row says beside its values.
    pub fn statement(&self, row: usize, hasher: &mut ContentHasher, flags: &mut FlagCounts) -> Statement {
        Statement {
            updated_at: self.updated_at(row, flags),
            deleted: self.is_deleted(row),
            content_hash: self.content_hash(row, hasher),
        }
    }

    /// The source key of a row.
    ///
    /// # Errors
    /// The columns that keep it from being read.
    pub fn key(&self, row: usize) -> Result<String, Vec<(RowFault, String)>> {
        let names = &self.mapping.source.key;
        let mut faults = Vec::new();
        let mut parts = Vec::with_capacity(names.len());
        for (name, column) in names.iter().zip(&self.key) {
            match self.cell(row, *column) {
                Some(part) if part.contains(ELEMENT_SEPARATOR) => faults.push((RowFault::KeyIsList, name.clone())),
                Some(part) if !part.trim().is_empty() => parts.push(part),
                _ => faults.push((RowFault::KeyMissing, name.clone())),
            }
        }
        let key = match parts.as_slice() {
            _ if !faults.is_empty() => return Err(faults),
            [part] => (*part).to_owned(),
            parts => serde_json::json!(parts).to_string(),
        };
        if key.len() > SOURCE_KEY_BYTES_MAX {
            return Err(names.iter().map(|name| (RowFault::KeyTooLong, name.clone())).collect());
        }
        Ok(key)
    }

    fn cell(&self, row: usize, column: Option<usize>) -> Option<&str> {
        self.cells.columns()[column?].get(row)
    }

    fn kind(&self, row: usize) -> Result<Kind, (RowFault, String)> {
        match &self.mapping.source.record {
            RecordKindRule::Person => Ok(Kind::Person),
            RecordKindRule::Organization => Ok(Kind::Organization),
            RecordKindRule::Auto => Ok(self.kind_of_values(row)),
            RecordKindRule::ByColumn { column, person, organization } => {
                let told = self.cell(row, self.kind).unwrap_or_default().trim();
                let is_one_of = |values: &[String]| values.iter().any(|value| value == told);
                match (is_one_of(person), is_one_of(organization)) {
                    (true, _) => Ok(Kind::Person),
                    (false, true) => Ok(Kind::Organization),
                    (false, false) => Err((RowFault::KindUnknown, column.clone())),
                }
            }
        }
    }

    /// Person or organization, as the names and identifiers of the row tell.
    fn kind_of_values(&self, row: usize) -> Kind {
        let texts = |attribute: Standard| {
            let fields = self.mapping.source.fields.iter().zip(&self.fields);
            fields
                .filter(move |(field, _)| field.attribute == attribute.into())
                .flat_map(|(_, columns)| columns)
                .filter_map(move |column| self.cell(row, *column))
        };
        self.mapping.normalizer.kind_of(texts(Standard::Name).next(), texts(Standard::TaxId))
    }

    fn updated_at(&self, row: usize, flags: &mut FlagCounts) -> Option<i64> {
        let text = self.cell(row, self.updated_at)?.trim();
        if text.is_empty() {
            return None;
        }
        let mapping = self.mapping;
        let micros = timestamp::parse(text, &mapping.stamp_formats, mapping.project.time_zone);
        if micros.is_none() {
            count(flags, "updated_at", Flag::DateFormat);
        }
        micros
    }

    fn is_deleted(&self, row: usize) -> bool {
        let Some(rule) = &self.mapping.source.deleted else { return false };
        let told = self.cell(row, self.deleted).unwrap_or_default().trim();
        rule.values.iter().any(|value| value == told)
    }

    /// Over the named values that are not empty, by name, so that the order of columns does not matter.
    fn content_hash(&self, row: usize, hasher: &mut ContentHasher) -> ContentHash {
        for (name, column) in &self.hashed {
            let bytes = self.cells.columns()[*column].bytes(row);
            if !bytes.is_empty() {
                hasher.part(name.as_bytes()).part(bytes);
            }
        }
        hasher.finish()
    }

    fn normalize(
        &self,
        row: usize,
        kind: Kind,
        updated_at: Option<i64>,
        landed_on: i32,
        flags: &mut FlagCounts,
    ) -> NormalizedRecord {
        let mapping = self.mapping;
        let mut record = NormalizedRecord::new(kind, updated_at, landed_on);
        for ((field, rule), columns) in mapping.source.fields.iter().zip(&mapping.rules).zip(&self.fields) {
            let is_multi_valued = mapping.project.attributes.is_multi_valued(field.attribute);
            let cells = field.columns.iter().zip(columns).filter_map(|(name, at)| Some((name, self.cell(row, *at)?)));
            // A list in the source comes as one cell. Of a list of objects a single value is taken from the first, so
            // that an address is not put together from parts of two.
            let mut texts = cells.flat_map(|(name, cell)| {
                let is_first_only = !is_multi_valued && name.contains(OF_EACH_OBJECT);
                cell.split(ELEMENT_SEPARATOR).take(if is_first_only { 1 } else { usize::MAX })
            });
            if is_multi_valued {
                texts.for_each(|text| mapping.normalizer.value(rule, text, &mut record));
            } else if let Some(first) = texts.next() {
                let joined = join(first, texts);
                mapping.normalizer.value(rule, &joined, &mut record);
            }
        }
        for value in record.view().values() {
            if let Some(flag) = value.flag {
                count(flags, mapping.project.attributes.name(value.attribute), flag);
            }
        }
        record
    }
}

/// The texts of several columns as one, with a space between them.
fn join<'t>(first: &'t str, others: impl Iterator<Item = &'t str>) -> Cow<'t, str> {
    let mut joined = Cow::Borrowed(first);
    for other in others.map(str::trim).filter(|other| !other.is_empty()) {
        let text = joined.to_mut();
        if !text.trim().is_empty() {
            text.push(' ');
        }
        text.push_str(other);
    }
    joined
}

/// Counts a flagged value; most are of few kinds, so that the names are seldom copied.
fn count(flags: &mut FlagCounts, attribute: &str, flag: Flag) {
    if !flags.contains_key(attribute) {
        flags.insert(attribute.to_owned(), BTreeMap::new());
    }
    let Some(reasons) = flags.get_mut(attribute) else { return };
    match reasons.get_mut(flag.name()) {
        Some(count) => *count += 1,
        None => _ = reasons.insert(flag.name().to_owned(), 1),
    }
}

#[cfg(test)]
pub(super) mod tests;
