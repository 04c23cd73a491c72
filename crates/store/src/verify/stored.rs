//! Customers as they stand, taken apart again: each value with the version that gave it and the rule that chose it.

use crate::customer_state::kind_from_name;
use crate::error::{Doing, Result, StoreError};
use serde_json::Value;
use sqlx::PgConnection;
use uuid::Uuid;
use vinculo_records::{AttributeId, Attributes, ContentHash, CustomerId, Kind, Standard, VersionId};

/// A customer, as its row says.
#[derive(Clone, PartialEq)]
pub struct StoredCustomer {
    /// Its id.
    pub id: CustomerId,
    /// Person or organization.
    pub kind: Kind,
    /// Hash of all that it is.
    pub content_hash: ContentHash,
    golden: Vec<Option<String>>,
    several: [Vec<String>; 3],
    attributes: Value,
    lineage_versions: Vec<i64>,
    lineage: Vec<i16>,
}

/// A value of a customer, and where its lineage says that it came from.
#[derive(Clone, PartialEq, Eq)]
pub struct StoredValue {
    /// What it is a value of.
    pub attribute: AttributeId,
    /// The value.
    pub text: String,
    /// The version that gave it.
    pub version: VersionId,
    /// The number of the rule that chose it.
    pub rule: u8,
}

/// The attributes whose values stand in a list of their own, in the order of [`StoredCustomer::several`].
const SEVERAL: [Standard; 3] = [Standard::TaxId, Standard::Email, Standard::Phone];

type Row = (Uuid, String, Uuid, Vec<Option<String>>, Vec<String>, Vec<String>, Vec<String>, Value, Vec<i64>, Vec<i16>);

impl StoredCustomer {
    pub(super) async fn read(connection: &mut PgConnection, after: CustomerId, limit: u32) -> Result<Vec<Self>> {
        let doing = "reading customers";
        let rows: Vec<Row> = sqlx::query_as(
            "SELECT customer_id, kind, content_hash,
                 ARRAY[name, full_name, given_name, middle_name, family_name, birth_date::text, sex, mother_name,
                     legal_name, trade_name, website, tax_id, email, phone, address, street, house_number, complement,
                     district, city, region, postal_code, country],
                 tax_ids, emails, phones, attributes, lineage_versions, lineage
             FROM crm.customer WHERE customer_id > $1 ORDER BY customer_id LIMIT $2",
        )
        .bind(after.0)
        .bind(i64::from(limit))
        .fetch_all(connection)
        .await
        .doing(doing)?;
        rows.into_iter().map(|row| Self::new(row).ok_or(StoreError::Unexpected { doing })).collect()
    }

    fn new(row: Row) -> Option<Self> {
        let (id, kind, content_hash, golden, tax_ids, emails, phones, attributes, lineage_versions, lineage) = row;
        Some(Self {
            id: CustomerId(id),
            kind: kind_from_name(&kind)?,
            content_hash: ContentHash(content_hash.as_u128()),
            golden,
            several: [tax_ids, emails, phones],
            attributes,
            lineage_versions,
            lineage,
        })
    }

    /// Its values with their lineage, in the order of the attributes; none where the two do not fit together.
    pub fn values(&self, attributes: &Attributes) -> Option<Vec<StoredValue>> {
        let mut lineage = self.lineage.iter().copied();
        let mut values = Vec::with_capacity(self.lineage.len());
        for (standard, text) in Standard::ALL.iter().zip(&self.golden) {
            let packed = lineage.next()?;
            let Some(text) = text else { continue };
            // Those with several values stand in their lists.
            if !SEVERAL.contains(standard) {
                values.push(self.value((*standard).into(), text, packed)?);
            }
        }
        for (standard, texts) in SEVERAL.into_iter().zip(&self.several) {
            for text in texts {
                values.push(self.value(standard.into(), text, lineage.next()?)?);
            }
        }
        // JSON objects come in the order of the server; lineage is in the order of the names.
        let mut declared: Vec<(&String, &Value)> = self.attributes.as_object()?.iter().collect();
        declared.sort_unstable_by_key(|(name, _)| *name);
        for (name, value) in declared {
            let texts = value.as_array().map_or_else(|| vec![value], |several| several.iter().collect());
            for text in texts {
                values.push(self.value(attributes.find(name)?, text.as_str()?, lineage.next()?)?);
            }
        }
        values.sort_by_key(|value| value.attribute);
        lineage.next().is_none().then_some(values)
    }

    fn value(&self, attribute: AttributeId, text: &str, packed: i16) -> Option<StoredValue> {
        let packed = u16::try_from(packed).ok()?;
        let version = VersionId(*self.lineage_versions.get(usize::from(packed / 16))?);
        Some(StoredValue { attribute, text: text.to_owned(), version, rule: (packed % 16) as u8 })
    }
}
