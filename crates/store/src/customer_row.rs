//! Customers on their way into `crm.customer`: golden values become columns, their lineage a packed array beside them.
//!
//! The order of the lineage's elements is that of the view `audit.value_lineage`, which takes them apart again: one for
//! each golden column; one for each element of `tax_ids`, `emails` and `phones`; one for each value of the declared
//! attributes in the order of their names.

use crate::copy::{EncodedRows, RowEncoder};
use crate::error::{Result, StoreError};
use chrono::{DateTime, NaiveDate, Utc};
use serde_json::Value;
use vinculo_records::hash::ContentHasher;
use vinculo_records::{AttributeId, Attributes, ContentHash, CustomerId, Kind, RecordId, Standard};
use vinculo_records::{SurvivorshipRule, VersionId};

/// A customer shows lineage to at most so many versions: position × 16 + rule fits into a `smallint`.
pub const LINEAGE_VERSIONS_MAX: usize = 2_048;
/// A longer value does not fit into an index.
const INDEXED_BYTES_MAX: usize = 2_000;
const NO_VALUE: i16 = -1;
const MULTI_VALUED: [Standard; 3] = [Standard::TaxId, Standard::Email, Standard::Phone];
/// How many columns [`copy_columns`] names.
const COLUMNS: i16 = 38;

/// The columns that a [`CustomerEncoder`] writes, in its order.
macro_rules! copy_columns {
    () => {
        "customer_id, kind, name, full_name, given_name, middle_name, family_name, birth_date, sex, mother_name,
         legal_name, trade_name, website, tax_id, email, phone, address, street, house_number, complement, district,
         city, region, postal_code, country, tax_ids, emails, phones, attributes, record_count, version, created_at,
         updated_at, change_seq, publication, content_hash, lineage_versions, lineage"
    };
}
pub(crate) use copy_columns;

/// A golden value and where it came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CustomerValue<'a> {
    /// What it is a value of.
    pub attribute: AttributeId,
    /// The value; a date as `YYYY-MM-DD`.
    pub text: &'a str,
    /// Which version gave it: its place in the row's `lineage_versions`, from 0.
    pub version: u16,
    /// Why this value and no other.
    pub rule: SurvivorshipRule,
}

/// A customer to be written.
#[derive(Debug, Clone, Copy)]
pub struct CustomerRow<'a> {
    /// Its id.
    pub id: CustomerId,
    /// Person or organization.
    pub kind: Kind,
    /// The version of this state: 1 for a new customer, else one more than the published one.
    pub version: i32,
    /// Which of the publication's change entries tells of this state: its place among them, from 1.
    pub change: i64,
    /// What [`customer_hash`] says of it.
    pub content_hash: ContentHash,
    /// How many records speak of it.
    pub record_count: i32,
    /// The versions that gave any value, at most [`LINEAGE_VERSIONS_MAX`].
    pub lineage_versions: &'a [VersionId],
    /// Its values by attribute, the best first where an attribute has several.
    pub values: &'a [CustomerValue<'a>],
}

/// The hash of all that a customer is: equal hashes mean that nothing is to be written. `records` are all its records, in
/// the order of their ids.
pub fn customer_hash(
    kind: Kind,
    records: &[RecordId],
    lineage_versions: &[VersionId],
    values: &[CustomerValue<'_>],
) -> ContentHash {
    let mut hasher = ContentHasher::new();
    hasher.part(kind.name().as_bytes());
    for record in records {
        hasher.part(&record.0.to_le_bytes());
    }
    hasher.part(b"versions");
    for version in lineage_versions {
        hasher.part(&version.0.to_le_bytes());
    }
    hasher.part(b"values");
    for value in values {
        let [low, high] = value.version.to_le_bytes();
        hasher.part(&[value.attribute.0, value.rule as u8, low, high]);
        hasher.part(value.text.as_bytes());
    }
    hasher.finish()
}

/// Encodes customers for one publication. Pure: several can work side by side, and the publication takes them all.
#[derive(Debug)]
pub struct CustomerEncoder<'a> {
    attributes: &'a Attributes,
    publication: i64,
    published_at: i64,
    rows: RowEncoder,
    lineage: Vec<i16>,
}

impl<'a> CustomerEncoder<'a> {
    /// An encoder for the publication of this number.
    pub fn new(attributes: &'a Attributes, publication: i64, published_at: DateTime<Utc>) -> Self {
        Self {
            attributes,
            publication,
            published_at: published_at.timestamp_micros(),
            rows: RowEncoder::new(COLUMNS),
            lineage: Vec::new(),
        }
    }

    /// Adds a customer.
    pub fn push(&mut self, row: &CustomerRow<'_>) -> Result<()> {
        check(row)?;
        self.lineage.clear();
        self.rows.row().uuid(row.id.0.as_u128()).text(row.kind.name());
        for standard in Standard::ALL {
            self.column(*standard, row.values)?;
        }
        for standard in MULTI_VALUED {
            let values = values_of(row.values, standard.into());
            self.lineage.extend(values.iter().map(packed));
            self.rows.text_array(values.iter().map(|value| value.text));
        }
        let attributes = self.declared(row.values);
        self.rows
            .jsonb(&attributes)
            .int4(row.record_count)
            .int4(row.version)
            .timestamp(Some(self.published_at))
            .timestamp(Some(self.published_at))
            .int8(row.change)
            .int8(self.publication)
            .uuid(row.content_hash.0)
            .int8_array(row.lineage_versions.iter().map(|version| version.0))
            .int2_array(&self.lineage);
        Ok(())
    }

    /// The encoded customers.
    pub fn finish(self) -> Result<EncodedRows> {
        self.rows.finish("encoding customers")
    }

    fn column(&mut self, standard: Standard, values: &[CustomerValue<'_>]) -> Result<()> {
        let best = values_of(values, standard.into()).first();
        self.lineage.push(best.map_or(NO_VALUE, packed));
        match best {
            None => self.rows.null(),
            Some(value) if standard == Standard::BirthDate => {
                let day: NaiveDate = value
                    .text
                    .parse()
                    .map_err(|_| StoreError::Inconsistent { what: "a birth date that is no date".into() })?;
                self.rows.date(day.signed_duration_since(NaiveDate::default()).num_days() as i32)
            }
            Some(value) => self.rows.text(value.text),
        };
        Ok(())
    }

    /// The declared attributes as JSON; their lineage in the order of their names, which is that of their ids.
    fn declared(&mut self, values: &[CustomerValue<'_>]) -> Value {
        let text = |value: &CustomerValue<'_>| Value::String(value.text.to_owned());
        let declared = &values[values.partition_point(|value| value.attribute.custom_position().is_none())..];
        let mut object = serde_json::Map::new();
        for several in declared.chunk_by(|a, b| a.attribute == b.attribute) {
            let attribute = several[0].attribute;
            let kept = if self.attributes.is_multi_valued(attribute) { several } else { &several[..1] };
            self.lineage.extend(kept.iter().map(packed));
            let json = if self.attributes.is_multi_valued(attribute) {
                Value::Array(kept.iter().map(text).collect())
            } else {
                text(&kept[0])
            };
            object.insert(self.attributes.name(attribute).to_owned(), json);
        }
        Value::Object(object)
    }
}

fn packed(value: &CustomerValue<'_>) -> i16 {
    value.version as i16 * 16 + value.rule as i16
}

/// The values of one attribute among values that are sorted by attribute.
fn values_of<'v, 'a>(values: &'v [CustomerValue<'a>], attribute: AttributeId) -> &'v [CustomerValue<'a>] {
    let start = values.partition_point(|value| value.attribute < attribute);
    let length = values[start..].partition_point(|value| value.attribute == attribute);
    &values[start..start + length]
}

fn check(row: &CustomerRow<'_>) -> Result<()> {
    let contradiction = |what: &'static str| Err(StoreError::Inconsistent { what: what.into() });
    if !row.values.is_sorted_by_key(|value| value.attribute) {
        return contradiction("the values of a customer are not in the order of attributes");
    }
    if row.lineage_versions.len() > LINEAGE_VERSIONS_MAX {
        return contradiction("a customer's values come from too many versions");
    }
    if row.values.iter().any(|value| usize::from(value.version) >= row.lineage_versions.len()) {
        return contradiction("a value comes from a version that is not listed");
    }
    let is_indexed = |value: &&CustomerValue<'_>| MULTI_VALUED.iter().any(|s| value.attribute == (*s).into());
    if row.values.iter().filter(is_indexed).any(|value| value.text.len() > INDEXED_BYTES_MAX) {
        return Err(StoreError::TooLong {
            what: "an identifier, e-mail address or phone number",
            limit: INDEXED_BYTES_MAX,
        });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn value(attribute: Standard, text: &str, version: u16) -> CustomerValue<'_> {
        CustomerValue { attribute: attribute.into(), text, version, rule: SurvivorshipRule::OnlyValue }
    }

    fn push(values: &[CustomerValue<'_>]) -> Result<()> {
        let attributes = Attributes::default();
        let mut encoder = CustomerEncoder::new(&attributes, 1, DateTime::UNIX_EPOCH);
        encoder.push(&CustomerRow {
            id: CustomerId(Uuid::nil()),
            kind: Kind::Person,
            version: 1,
            change: 1,
            content_hash: ContentHash(0),
            record_count: 1,
            lineage_versions: &[VersionId(7)],
            values,
        })?;
        encoder.finish().map(drop)
    }

    #[test]
    fn the_columns_are_as_many_as_their_names() {
        assert_eq!(copy_columns!().split(',').count(), COLUMNS as usize);
        let names: Vec<&str> = copy_columns!().split(',').map(str::trim).collect();
        let standard: Vec<&str> = Standard::ALL.iter().map(|standard| standard.name()).collect();
        assert_eq!(names[2..2 + standard.len()], standard[..]);
    }

    #[test]
    fn a_customer_that_contradicts_itself_is_refused() {
        assert!(push(&[value(Standard::GivenName, "Ana", 0)]).is_ok());
        assert!(push(&[value(Standard::GivenName, "Ana", 1)]).is_err(), "a version that is not listed");
        let unsorted = [value(Standard::City, "Olinda", 0), value(Standard::GivenName, "Ana", 0)];
        assert!(push(&unsorted).is_err(), "values out of order");
        assert!(push(&[value(Standard::BirthDate, "2001-02-30", 0)]).is_err(), "no such day");
        let long = "1".repeat(INDEXED_BYTES_MAX + 1);
        assert!(push(&[value(Standard::TaxId, &long, 0)]).is_err(), "an identifier too long to be indexed");
        assert!(push(&[value(Standard::GivenName, "A\0na", 0)]).is_err(), "a text with NUL");
    }

    #[test]
    fn the_greatest_lineage_fits_its_column() {
        let last = LINEAGE_VERSIONS_MAX - 1;
        for rule in SurvivorshipRule::ALL {
            let greatest = CustomerValue { rule, ..value(Standard::City, "Olinda", last as u16) };
            assert!((rule as u8) < 16, "{rule:?}");
            assert_eq!(i32::from(packed(&greatest)), last as i32 * 16 + rule as i32);
        }
    }

    #[test]
    fn the_hash_tells_values_records_and_lineage_apart() {
        let value = value(Standard::City, "Olinda", 0);
        let hash = |records: &[i64], versions: &[i64], values: &[CustomerValue<'_>]| {
            let records: Vec<RecordId> = records.iter().copied().map(RecordId).collect();
            let versions: Vec<VersionId> = versions.iter().copied().map(VersionId).collect();
            customer_hash(Kind::Person, &records, &versions, values)
        };
        let base = hash(&[1, 2], &[3], &[value]);
        assert_eq!(base, hash(&[1, 2], &[3], &[value]));
        assert_ne!(base, hash(&[1], &[2, 3], &[value]));
        assert_ne!(base, hash(&[1, 4], &[3], &[value]));
        assert_ne!(base, hash(&[1, 2], &[4], &[value]));
        assert_ne!(base, hash(&[1, 2], &[3], &[]));
    }
}
