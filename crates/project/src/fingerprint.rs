//! A hash over all that decides what is read from a source's rows.

use crate::field::Field;
use crate::project::Project;
use crate::source::{ColumnDate, DeletedRule, RecordKindRule, Source};
use serde::Serialize;
use vinculo_records::Attributes;
use vinculo_records::hash::{ContentHash, ContentHasher};

/// All that counts, in one fixed order. Declared attributes count as a whole: their numbers hang on each other's names.
#[derive(Serialize)]
struct Mapping<'a> {
    country: &'a str,
    time_zone: &'a str,
    attributes: &'a Attributes,
    record: &'a RecordKindRule,
    key: &'a [String],
    updated_at: &'a Option<ColumnDate>,
    deleted: &'a Option<DeletedRule>,
    ignore: &'a [String],
    fields: &'a [Field],
}

pub(crate) fn of_source(project: &Project, source: &Source) -> ContentHash {
    let mapping = Mapping {
        country: &project.country,
        time_zone: project.time_zone.name(),
        attributes: &project.attributes,
        record: &source.record,
        key: &source.key,
        updated_at: &source.updated_at,
        deleted: &source.deleted,
        ignore: &source.ignore,
        fields: &source.fields,
    };
    // Structures of texts and numbers always have a JSON form.
    let json = serde_json::to_vec(&mapping).unwrap_or_default();
    ContentHasher::new().part(&json).finish()
}
