//! Answers about customers: what they are, from which records, and where each value came from.

use crate::connection::Store;
use crate::copy::copy_out;
use crate::customer_state::kind_from_name;
use crate::error::{Doing, Result, StoreError};
use crate::record::NamedRecord;
use chrono::{DateTime, Utc};
use serde::Serialize;
use sqlx::Row;
use sqlx::postgres::PgRow;
use uuid::Uuid;
use vinculo_records::{CustomerId, Kind, RecordId, RunId};

/// A value of a customer, and where it came from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ValueLineage {
    /// A column of `crm.customer`, or a declared attribute.
    pub attribute: String,
    /// The value.
    pub value: String,
    /// Why this value and no other: the name of a survivorship rule.
    pub rule: String,
    /// The source that gave it.
    pub source: String,
    /// The key of the record in its source.
    pub source_key: String,
    /// The file that it was read from.
    pub file: Option<String>,
    /// The line where the record begins.
    pub line: Option<i64>,
    /// When the source changed the record.
    pub updated_at: Option<DateTime<Utc>>,
    /// The run that read it.
    pub run: RunId,
}

/// A customer with everything about it.
#[derive(Debug, Clone, PartialEq)]
pub struct Customer {
    /// Its id.
    pub id: CustomerId,
    /// Person or organization.
    pub kind: Kind,
    /// Its version.
    pub version: i32,
    /// When it was first published.
    pub created_at: DateTime<Utc>,
    /// When this state was published.
    pub updated_at: DateTime<Utc>,
    /// When another state took its place, or the customer ended; none while it stands.
    pub valid_to: Option<DateTime<Utc>>,
    /// The publication that wrote this state.
    pub publication: i64,
    /// The records that speak of it.
    pub sources: Vec<NamedRecord>,
    /// Its values, in the order of the columns.
    pub values: Vec<ValueLineage>,
}

/// What became of an id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Redirect {
    /// It stands for a customer.
    Living,
    /// Another customer stands for it now.
    To(CustomerId),
    /// The customer has ended, and none stands for it.
    Ended,
    /// There was never a customer of this id.
    Unknown,
}

/// A record with its customer, for comparison with a known truth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EvaluationPair<'a> {
    /// The record.
    pub record: RecordId,
    /// The name of the source.
    pub source: &'a str,
    /// The key of the record.
    pub source_key: &'a str,
    /// The customer.
    pub customer: CustomerId,
}

/// Kind, creation, last change, end, publication.
type CustomerHead = (String, DateTime<Utc>, DateTime<Utc>, Option<DateTime<Utc>>, i64);

impl Store {
    /// A customer with its records and values; none when no living customer has this id.
    pub async fn customer(&self, id: CustomerId) -> Result<Option<Customer>> {
        let version: Option<i32> = sqlx::query_scalar("SELECT version FROM crm.customer WHERE customer_id = $1")
            .bind(id.0)
            .fetch_optional(&self.pool)
            .await
            .doing("reading a customer")?;
        match version {
            Some(version) => self.customer_at(id, version).await,
            None => Ok(None),
        }
    }

    /// A state of a customer, present or past, with the records and values that it had; none when there was no such state.
    pub async fn customer_at(&self, id: CustomerId, version: i32) -> Result<Option<Customer>> {
        let doing = "reading a customer";
        let row: Option<CustomerHead> = sqlx::query_as(
            "SELECT kind, created_at, valid_from, valid_to, publication FROM audit.customer_history
             WHERE customer_id = $1 AND version = $2",
        )
        .bind(id.0)
        .bind(version)
        .fetch_optional(&self.pool)
        .await
        .doing(doing)?;
        let Some((kind, created_at, updated_at, valid_to, publication)) = row else {
            return Ok(None);
        };
        Ok(Some(Customer {
            id,
            kind: kind_from_name(&kind).ok_or(StoreError::Unexpected { doing })?,
            version,
            created_at,
            updated_at,
            valid_to,
            publication,
            sources: self.sources_at(id, publication).await?,
            values: self.lineage_at(id, version).await?,
        }))
    }

    /// The records of a customer.
    pub async fn sources_of(&self, id: CustomerId) -> Result<Vec<NamedRecord>> {
        let rows: Vec<(i64, String, String)> = sqlx::query_as(
            "SELECT record_id, source, source_key FROM crm.customer_source
             WHERE customer_id = $1 ORDER BY source, source_key",
        )
        .bind(id.0)
        .fetch_all(&self.pool)
        .await
        .doing("reading the records of a customer")?;
        Ok(rows.into_iter().map(named).collect())
    }

    /// The records that a customer had after a publication.
    async fn sources_at(&self, id: CustomerId, publication: i64) -> Result<Vec<NamedRecord>> {
        let rows: Vec<(i64, String, String)> = sqlx::query_as(
            "SELECT record_id, source, source_key FROM audit.membership_history
             WHERE customer_id = $1 AND from_publication <= $2 AND (to_publication IS NULL OR to_publication > $2)
             ORDER BY source, source_key",
        )
        .bind(id.0)
        .bind(publication)
        .fetch_all(&self.pool)
        .await
        .doing("reading the records of a customer")?;
        Ok(rows.into_iter().map(named).collect())
    }

    /// Where each value of a state of a customer came from.
    async fn lineage_at(&self, id: CustomerId, version: i32) -> Result<Vec<ValueLineage>> {
        let rows = sqlx::query(
            "SELECT attribute, value, rule, source, source_key, file, line, updated_at, run_id
             FROM audit.value_history WHERE customer_id = $1 AND version = $2 ORDER BY position",
        )
        .bind(id.0)
        .bind(version)
        .fetch_all(&self.pool)
        .await
        .doing("reading lineage")?;
        rows.iter().map(ValueLineage::from_row).collect()
    }

    /// The customer that a record belongs to.
    pub async fn customer_of(&self, source: &str, source_key: &str) -> Result<Option<CustomerId>> {
        let id: Option<Uuid> =
            sqlx::query_scalar("SELECT customer_id FROM crm.customer_source WHERE source = $1 AND source_key = $2")
                .bind(source)
                .bind(source_key)
                .fetch_optional(&self.pool)
                .await
                .doing("looking for a customer")?;
        Ok(id.map(CustomerId))
    }

    /// What an id stands for today.
    pub async fn resolve_redirect(&self, id: CustomerId) -> Result<Redirect> {
        let (lives, to, was): (bool, Option<Uuid>, bool) = sqlx::query_as(
            "SELECT EXISTS (SELECT FROM crm.customer WHERE customer_id = $1),
                 (SELECT customer_id FROM crm.customer_redirect WHERE old_customer_id = $1),
                 EXISTS (SELECT FROM vinculo.former_customer WHERE customer_id = $1)",
        )
        .bind(id.0)
        .fetch_one(&self.pool)
        .await
        .doing("looking for a redirect")?;
        Ok(match (lives, to, was) {
            (true, ..) => Redirect::Living,
            (_, Some(to), _) => Redirect::To(CustomerId(to)),
            (.., true) => Redirect::Ended,
            _ => Redirect::Unknown,
        })
    }

    /// Hands over every published record with its customer, in no certain order; returns how many.
    pub async fn evaluation_pairs(&self, mut each: impl FnMut(EvaluationPair<'_>) + Send) -> Result<u64> {
        let mut connection = self.pool.acquire().await.doing("connecting")?;
        let statement =
            "COPY (SELECT record_id, source, source_key, customer_id FROM crm.customer_source) TO STDOUT BINARY";
        copy_out(&mut connection, statement, "reading memberships", |row| {
            each(EvaluationPair {
                record: RecordId(row.int8()?),
                source: row.text()?,
                source_key: row.text()?,
                customer: CustomerId(Uuid::from_u128(row.uuid()?)),
            });
            Some(())
        })
        .await
    }
}

fn named((record, source, source_key): (i64, String, String)) -> NamedRecord {
    NamedRecord { record: RecordId(record), source, source_key }
}

impl ValueLineage {
    pub(crate) fn from_row(row: &PgRow) -> Result<Self> {
        let doing = "reading lineage";
        Ok(Self {
            attribute: row.try_get("attribute").doing(doing)?,
            value: row.try_get("value").doing(doing)?,
            rule: row.try_get("rule").doing(doing)?,
            source: row.try_get("source").doing(doing)?,
            source_key: row.try_get("source_key").doing(doing)?,
            file: row.try_get("file").doing(doing)?,
            line: row.try_get("line").doing(doing)?,
            updated_at: row.try_get("updated_at").doing(doing)?,
            run: RunId(row.try_get("run_id").doing(doing)?),
        })
    }
}
