//! The one table of the keys of `vinculo.yaml`: it checks unknown and missing keys, finds what was meant, and the
//! configuration reference is printed from it.

/// Mappings of the file that have keys of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Group {
    Project,
    Source,
    RecordColumn,
    UpdatedAt,
    Deleted,
    Field,
    Attribute,
    Resolution,
    Thresholds,
    Blocking,
}

/// What holds where a key is left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LeftOut {
    /// It cannot be left out.
    Required,
    /// Nothing.
    Nothing,
    /// This value, as it would be written.
    Is(&'static str),
    /// What this sentence says.
    Chosen(&'static str),
}

/// A key: what may stand there and what it does.
#[derive(Debug)]
pub(crate) struct Key {
    pub(crate) name: &'static str,
    pub(crate) value: &'static str,
    pub(crate) default: LeftOut,
    pub(crate) meaning: &'static str,
    pub(crate) example: &'static str,
}

use LeftOut::{Chosen, Is, Nothing, Required};

impl Group {
    /// All groups, in the order of the reference.
    pub(crate) const ALL: [Self; 10] = [
        Self::Project,
        Self::Source,
        Self::RecordColumn,
        Self::UpdatedAt,
        Self::Deleted,
        Self::Field,
        Self::Attribute,
        Self::Resolution,
        Self::Thresholds,
        Self::Blocking,
    ];

    /// What the mapping is called in messages.
    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::Project => "the project",
            Self::Source => "a source",
            Self::RecordColumn => "`record`",
            Self::UpdatedAt => "`updated_at`",
            Self::Deleted => "`deleted`",
            Self::Field => "a field",
            Self::Attribute => "an attribute",
            Self::Resolution => "`resolution`",
            Self::Thresholds => "`thresholds`",
            Self::Blocking => "a blocking rule",
        }
    }

    /// Its heading in the reference, and what it is for.
    pub(crate) fn heading(self) -> (&'static str, &'static str) {
        match self {
            Self::Project => ("The project", "The keys at the top of the file."),
            Self::Source => (
                "A source",
                "Each entry of `sources`. Its name is lower case letters, digits and `_`, a letter first; the name is \
                 part of every record's identity, so a renamed source is a new one. The options of the connector \
                 stand beside these keys.",
            ),
            Self::RecordColumn => (
                "`record` by a column",
                "For a source that holds persons and organizations and tells them apart by a column.",
            ),
            Self::UpdatedAt => ("`updated_at` with a format", "For stamps that are not in ISO form."),
            Self::Deleted => ("`deleted`", "Rows that say of themselves that their record is no more."),
            Self::Field => (
                "A field",
                "Each entry of `fields` names an attribute and says which columns give it: a column, a list of \
                 columns, or these keys. A list joins with a space into a single-valued attribute, and gives several \
                 values to a multi-valued one.",
            ),
            Self::Attribute => (
                "An attribute of your own",
                "Each entry of `attributes` declares an attribute that the standard ones do not cover.",
            ),
            Self::Resolution => (
                "`resolution`",
                "How records are matched. Everything here may be left out: a sensible plan is made from the \
                 attributes that are mapped.",
            ),
            Self::Thresholds => ("`thresholds`", "From which match probability on what happens."),
            Self::Blocking => (
                "A blocking rule",
                "Each entry of `blocking`: a list of parts, or these keys. Records that agree on all parts are compared.",
            ),
        }
    }

    /// The keys of the mapping, in the order of the reference.
    pub(crate) fn keys(self) -> &'static [Key] {
        match self {
            Self::Project => PROJECT,
            Self::Source => SOURCE,
            Self::RecordColumn => RECORD_COLUMN,
            Self::UpdatedAt => UPDATED_AT,
            Self::Deleted => DELETED,
            Self::Field => FIELD,
            Self::Attribute => ATTRIBUTE,
            Self::Resolution => RESOLUTION,
            Self::Thresholds => THRESHOLDS,
            Self::Blocking => BLOCKING,
        }
    }
}

const fn key(
    name: &'static str,
    value: &'static str,
    default: LeftOut,
    meaning: &'static str,
    example: &'static str,
) -> Key {
    Key { name, value, default, meaning, example }
}

const PROJECT: &[Key] = &[
    key("project", "text", Required, "The name of the project.", "project: loja"),
    key(
        "country",
        "two letters",
        Required,
        "The country, as its ISO 3166 code, that phones, identifiers and postal codes without one belong to.",
        "country: BR",
    ),
    key(
        "time_zone",
        "IANA name",
        Chosen("the zone of the country's greatest city"),
        "The time zone of stamps that do not name theirs.",
        "time_zone: America/Manaus",
    ),
    key(
        "database",
        "URL",
        Chosen("a private Postgres of the project"),
        "The Postgres database of the project; left out or empty, Vinculo starts a private one.",
        "database: ${DATABASE_URL:-}",
    ),
    key(
        "sources",
        "mapping: name → source",
        Required,
        "Where records come from.",
        "sources: {crm: {connector: files, path: crm.csv, record: person, key: id, fields: {full_name: nome}}}",
    ),
    key(
        "attributes",
        "mapping: name → attribute",
        Nothing,
        "Attributes beside the standard ones.",
        "attributes: {occupation: {type: text}}",
    ),
    key("resolution", "mapping", Nothing, "How records are matched.", "resolution: {organization: company}"),
    key(
        "survivorship",
        "mapping: attribute or `default` → rules",
        Nothing,
        "Which of several values a customer gets: per attribute the rules, in the order in which they are asked.",
        "survivorship: {phone: [most_recent, most_trusted]}",
    ),
];

const SOURCE: &[Key] = &[
    key("connector", "text", Required, "The kind of source.", "connector: files"),
    key(
        "record",
        "`person`, `organization`, `auto` or a mapping",
        Required,
        "What a row speaks of; `auto` tells by the values, a mapping by a column.",
        "record: person",
    ),
    key("key", "column or list", Required, "The columns that name a record for ever.", "key: [loja, codigo]"),
    key(
        "fields",
        "mapping: attribute → columns",
        Required,
        "Which columns give which attributes.",
        "fields: {full_name: nome, email: [email1, email2]}",
    ),
    key(
        "updated_at",
        "column or mapping",
        Nothing,
        "When the source changed the row last; tells the newer of two versions.",
        "updated_at: atualizado_em",
    ),
    key(
        "delivery",
        "`changes` or `snapshot`",
        Is("changes"),
        "What absence means: nothing (`changes`), or that the record is no more (`snapshot`).",
        "delivery: snapshot",
    ),
    key(
        "deleted",
        "mapping",
        Nothing,
        "The column that says that a record is no more.",
        "deleted: {column: ativo, values: [\"N\"]}",
    ),
    key(
        "ignore",
        "column or list",
        Nothing,
        "Columns whose change alone does not make a new version of a record.",
        "ignore: [exported_at]",
    ),
    key("trust", "0 to 100", Is("50"), "How far the source is trusted, for survivorship.", "trust: 80"),
    key(
        "max_reject_ratio",
        "0 to 1",
        Is("0.05"),
        "The greatest share of rejected rows; a delivery with more is refused as a whole.",
        "max_reject_ratio: 0.01",
    ),
];

const RECORD_COLUMN: &[Key] = &[
    key("column", "column", Required, "The column that tells.", "column: tipo"),
    key("person", "text or list", Required, "Its values for a person.", "person: [F]"),
    key("organization", "text or list", Required, "Its values for an organization.", "organization: [J]"),
];

const UPDATED_AT: &[Key] = &[
    key("column", "column", Required, "The column with the stamp.", "column: alterado"),
    key(
        "format",
        "format or list",
        Chosen("ISO 8601"),
        "How the stamp is written; several are tried in order.",
        "format: \"%d/%m/%Y %H:%M\"",
    ),
];

const DELETED: &[Key] = &[
    key("column", "column", Required, "The column that tells.", "column: ativo"),
    key("values", "text or list", Required, "Its values in a row whose record is no more.", "values: [\"N\"]"),
];

const FIELD: &[Key] = &[
    key("column", "column", Chosen("`columns`"), "The one column of the attribute.", "column: nascimento"),
    key("columns", "list of columns", Chosen("`column`"), "Its columns, if it has several.", "columns: [by, bm, bd]"),
    key(
        "format",
        "format or list",
        Chosen("ISO 8601"),
        "How a date is written; several are tried in order. Columns are joined with a space first.",
        "format: [\"%d/%m/%Y\", \"%Y-%m-%d\"]",
    ),
    key(
        "separator",
        "text",
        Nothing,
        "What separates several values in one cell of a multi-valued attribute.",
        "separator: \";\"",
    ),
    key("decimal", "`.` or `,`", Is("."), "The decimal mark of a number.", "decimal: \",\""),
];

const ATTRIBUTE: &[Key] = &[
    key(
        "type",
        "`text`, `code`, `date`, `number` or `set`",
        Required,
        "How its values are read and compared: by words, character by character, as days, as numbers, or by what two \
         sets share.",
        "type: code",
    ),
    key("separator", "text", Nothing, "What separates the values of a set in one cell.", "separator: \"**\""),
];

const RESOLUTION: &[Key] = &[
    key(
        "organization",
        "`establishment` or `company`",
        Is("establishment"),
        "What one organization is: each establishment (all 14 characters of the CNPJ), or the company (its root).",
        "organization: company",
    ),
    key(
        "exclusive",
        "attribute or list",
        Nothing,
        "Identifiers of which a customer never has two: `tax_id`, or attributes of your own of type `code`. Tax \
         identifiers whose check digits hold are exclusive without being named.",
        "exclusive: [loyalty_number]",
    ),
    key(
        "thresholds",
        "mapping",
        Chosen("by the engine"),
        "From which match probability on what happens.",
        "thresholds: {match: 0.5}",
    ),
    key(
        "comparisons",
        "list",
        Chosen("all that the mapped attributes allow"),
        "What is compared, of persons. Organizations have evidence of their own.",
        "comparisons: [given_name, family_name, birth_date, email]",
    ),
    key(
        "blocking",
        "list of rules",
        Chosen("rules made from the mapped attributes"),
        "Blocking rules in place of the automatic ones: how candidate pairs of persons are found. Organizations have \
         rules of their own.",
        "blocking: [[email], [birth_date, initials]]",
    ),
    key(
        "pairs_per_record",
        "1 to 10000",
        Chosen("by the engine"),
        "The greatest number of candidate pairs a record, on average; what is cut is reported. The engine takes 8 for \
         persons and 16 for organizations, and up to 30 where records are few.",
        "pairs_per_record: 40",
    ),
    key(
        "block_limit",
        "2 to 1000000",
        Chosen("by the engine"),
        "The greatest number of records in a block that are compared pair by pair; a larger one is refined or cut, and \
         reported.",
        "block_limit: 200",
    ),
    key(
        "train_below",
        "1 to 1000000000",
        Is("20000"),
        "Below so many records of a kind every run trains its model anew and resolves everything. From then on the model \
         stays in force and runs resolve only what changed, until `vinculo train` or `run --full` trains another.",
        "train_below: 5000",
    ),
];

const THRESHOLDS: &[Key] = &[
    key(
        "match",
        "above 0, below 1",
        Chosen("by the engine"),
        "From this match probability on, clusters of records are joined.",
        "match: 0.5",
    ),
    key(
        "review",
        "above 0, below 1",
        Chosen("by the engine"),
        "From this match probability on, a pair that stays apart is kept for a person to settle.",
        "review: 0.1",
    ),
];

const BLOCKING: &[Key] = &[
    key("on", "part or list", Required, "What records must agree on.", "on: [word_sound, city]"),
    key(
        "refine",
        "part or list",
        Nothing,
        "What they must agree on as well where too many agree on `on`; one after the other until few enough do.",
        "refine: [birth_year]",
    ),
];
