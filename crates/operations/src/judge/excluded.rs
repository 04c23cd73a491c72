//! What no judgement can join: two different valid values of an identifier of which a customer has at most one.

use super::followed::Judgements;
use crate::error::OperationError;
use crate::pair::RecordName;
use crate::session::Session;
use crate::settings;
use serde::Serialize;
use vinculo_normalization::comparable::ComparableWriter;
use vinculo_project::Project;
use vinculo_records::judgement::value_hash;
use vinculo_records::{Attributes, Comparable, NormalizedRecord, NormalizedView, RecordId, Standard};
use vinculo_resolution::explanation::exclusions;
use vinculo_resolution::{ResolutionPlan, Settings};
use vinculo_store::NamedRecord;

/// Two values of one identifier, of which one must be wrong if the records are the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Excluded {
    /// What the one record says.
    pub left: JudgedValue,
    /// What the other says.
    pub right: JudgedValue,
}

/// A value of a record, as a person judges it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct JudgedValue {
    /// The record.
    #[serde(flatten)]
    pub record: RecordName,
    /// The attribute.
    pub attribute: String,
    /// The value.
    pub value: String,
}

/// A record with its values.
pub(super) struct Member {
    pub(super) name: NamedRecord,
    pub(super) values: NormalizedRecord,
}

/// The living among these records, with what is judged wrong flagged.
pub(super) async fn members(
    session: &Session,
    followed: &Judgements,
    records: &[RecordId],
) -> Result<Vec<Member>, OperationError> {
    let attributes = &session.bench.project.attributes;
    let (names, packed) = (session.store.names(records).await?, session.store.normalized(records).await?);
    let member = |(name, packed): (NamedRecord, Option<Vec<u8>>)| {
        let values = NormalizedRecord::from_bytes(packed?)?;
        let values = followed.mark(attributes, name.hash(), values.view()).unwrap_or(values);
        Some(Member { name, values })
    };
    Ok(names.into_iter().zip(packed).filter_map(member).collect())
}

/// The first two records, one of each list, that name different valid values of an exclusive identifier, and the values.
pub(super) fn excluded(
    project: &Project,
    left: &[Member],
    right: &[Member],
) -> Result<Option<(RecordId, RecordId, Excluded)>, OperationError> {
    let Some(first) = left.first() else { return Ok(None) };
    let attributes = &project.attributes;
    let mut writer = ComparableWriter::new(first.values.view().kind(), attributes, &project.country);
    for member in left.iter().chain(right) {
        writer.push(member.name.hash(), member.values.view());
    }
    let records = writer.finish();
    // What is compared and how plays no part here; what these few records lack must not be missed in it.
    let settings =
        Settings { comparisons: None, blocking: None, ..settings::resolution(&project.resolution, attributes) };
    let plan = ResolutionPlan::new(&records, &settings, attributes)
        .map_err(|error| OperationError::Configuration(format!("resolution: {error}")))?;
    for (i, one) in (0..).zip(left) {
        for (j, other) in (left.len() as u32..).zip(right) {
            if let Some(exclusion) = exclusions(&plan, &records, i, j).into_iter().next() {
                let left = judged_value(attributes, one, exclusion.what, &exclusion.left);
                let right = judged_value(attributes, other, exclusion.what, &exclusion.right);
                return Ok(Some((one.name.record, other.name.record, Excluded { left, right })));
            }
        }
    }
    Ok(None)
}

/// The value of a record that is compared so.
fn judged_value(attributes: &Attributes, member: &Member, what: Comparable, compared: &str) -> JudgedValue {
    let (attribute, compared) = match what {
        Comparable::TaxId => (Standard::TaxId.into(), compared.split_once(':').map_or(compared, |(_, value)| value)),
        Comparable::Email => (Standard::Email.into(), compared),
        Comparable::Phone => (Standard::Phone.into(), compared),
        Comparable::BirthDate => (Standard::BirthDate.into(), compared),
        Comparable::Custom(id, _) => (id, compared),
        _ => (Standard::TaxId.into(), compared),
    };
    let (name, hash) = (attributes.name(attribute), member.name.hash());
    let view: NormalizedView<'_> = member.values.view();
    let is_it = |text: &str| value_hash(hash, name, text) == value_hash(hash, name, compared);
    let value = view.values_of(attribute).map(|value| value.text).find(|text| is_it(text)).unwrap_or(compared);
    JudgedValue { record: member.name.clone().into(), attribute: name.to_owned(), value: value.to_owned() }
}
