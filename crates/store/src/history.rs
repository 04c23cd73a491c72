//! What was: which state an id stood for at a time, and everything that happened to a customer and its records.

use crate::connection::Store;
use crate::customer::ValueLineage;
use crate::error::{Doing, Result};
use crate::record::NamedRecord;
use chrono::{DateTime, Utc};
use sqlx::Row;
use sqlx::postgres::PgRow;
use uuid::Uuid;
use vinculo_records::{CustomerId, RecordId, RunId};

/// What an id stood for at some time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stood {
    /// For itself, in this version.
    Living(i32),
    /// Another customer stood for it.
    For(CustomerId),
    /// Its customer had ended.
    Ended,
    /// It was not known yet.
    Unknown,
}

/// Something that happened to a customer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CustomerEvent {
    /// The publication by which it happened.
    pub publication: i64,
    /// What happened, in the words of `audit.customer_event`.
    pub change: String,
    /// The other customer of a merge or a split.
    pub other: Option<CustomerId>,
    /// The customer's version afterwards, its last one where it ended; none where the other one changed.
    pub version: Option<i32>,
}

/// A record's time with a customer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MembershipSpan {
    /// The record.
    pub record: NamedRecord,
    /// The customer.
    pub customer: CustomerId,
    /// The publication that brought it.
    pub from_publication: i64,
    /// The publication that took it away; none while it is there.
    pub to_publication: Option<i64>,
}

/// A publication, and who made it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicationRecord {
    /// Its number.
    pub number: i64,
    /// When it was published.
    pub published_at: DateTime<Utc>,
    /// The run that published.
    pub run: RunId,
    /// The command of the run.
    pub command: String,
    /// Who called it.
    pub actor: String,
    /// The models that decided.
    pub models: Vec<i64>,
    /// The publication that it took back.
    pub takes_back: Option<i64>,
}

impl Store {
    /// What an id stood for at a time, as was known then.
    pub async fn stood_for(&self, id: CustomerId, at: DateTime<Utc>) -> Result<Stood> {
        let (version, gone, led_to): (Option<i32>, bool, Option<Uuid>) = sqlx::query_as(
            "SELECT state.version, fate.change IS NOT NULL, fate.other_customer_id
             FROM (SELECT) one
             LEFT JOIN LATERAL (
                 SELECT version FROM audit.customer_history
                 WHERE customer_id = $1 AND valid_from <= $2 AND (valid_to IS NULL OR valid_to > $2)
                 ORDER BY version DESC LIMIT 1
             ) state ON true
             LEFT JOIN LATERAL (
                 SELECT change, other_customer_id FROM crm.customer_change
                 WHERE customer_id = $1 AND change IN ('merged', 'ended') AND published_at <= $2
                 ORDER BY change_seq DESC LIMIT 1
             ) fate ON true",
        )
        .bind(id.0)
        .bind(at)
        .fetch_one(&self.pool)
        .await
        .doing("looking for an earlier state")?;
        Ok(match (version, led_to, gone) {
            (Some(version), ..) => Stood::Living(version),
            (None, Some(other), _) => Stood::For(CustomerId(other)),
            (None, None, true) => Stood::Ended,
            (None, None, false) => Stood::Unknown,
        })
    }

    /// The customer that a record belonged to at a time.
    pub async fn customer_of_at(
        &self,
        source: &str,
        source_key: &str,
        at: DateTime<Utc>,
    ) -> Result<Option<CustomerId>> {
        let id: Option<Uuid> = sqlx::query_scalar(
            "SELECT customer_id FROM audit.membership_history
             WHERE source = $1 AND source_key = $2 AND valid_from <= $3 AND (valid_to IS NULL OR valid_to > $3)",
        )
        .bind(source)
        .bind(source_key)
        .bind(at)
        .fetch_optional(&self.pool)
        .await
        .doing("looking for an earlier membership")?;
        Ok(id.map(CustomerId))
    }

    /// All that happened to a customer, in the order of the feed.
    pub async fn events_of(&self, id: CustomerId) -> Result<Vec<CustomerEvent>> {
        let doing = "reading what happened to a customer";
        let rows: Vec<(i64, String, Option<Uuid>, Option<i32>)> = sqlx::query_as(
            "SELECT publication, change, other_customer_id, version FROM audit.customer_event
             WHERE customer_id = $1 ORDER BY change_seq",
        )
        .bind(id.0)
        .fetch_all(&self.pool)
        .await
        .doing(doing)?;
        let event = |(publication, change, other, version): (i64, String, Option<Uuid>, Option<i32>)| CustomerEvent {
            publication,
            change,
            other: other.map(CustomerId),
            version,
        };
        Ok(rows.into_iter().map(event).collect())
    }

    /// All memberships, with whichever customer, of all records that a customer has or had; the earliest first.
    pub async fn memberships_around(&self, id: CustomerId) -> Result<Vec<MembershipSpan>> {
        let doing = "reading the memberships of a customer";
        let rows: Vec<(i64, String, String, Uuid, i64, Option<i64>)> = sqlx::query_as(
            "SELECT record_id, source, source_key, customer_id, from_publication, to_publication
             FROM audit.membership_history
             WHERE record_id = ANY(ARRAY(
                 SELECT record_id FROM crm.customer_source WHERE customer_id = $1
                 UNION SELECT record_id FROM vinculo.membership_history WHERE customer_id = $1))
             ORDER BY from_publication, source, source_key",
        )
        .bind(id.0)
        .fetch_all(&self.pool)
        .await
        .doing(doing)?;
        let span = |(record, source, source_key, customer, from_publication, to_publication)| MembershipSpan {
            record: NamedRecord { record: RecordId(record), source, source_key },
            customer: CustomerId(customer),
            from_publication,
            to_publication,
        };
        Ok(rows.into_iter().map(span).collect())
    }

    /// Every value of every state of a customer, with the version of the state; in the order of versions and columns.
    pub async fn values_ever(&self, id: CustomerId) -> Result<Vec<(i32, ValueLineage)>> {
        let doing = "reading lineage";
        let rows = sqlx::query(
            "SELECT version, attribute, value, rule, source, source_key, file, line, updated_at, run_id
             FROM audit.value_history WHERE customer_id = $1 ORDER BY version, position",
        )
        .bind(id.0)
        .fetch_all(&self.pool)
        .await
        .doing(doing)?;
        rows.iter().map(|row| Ok((row.try_get("version").doing(doing)?, ValueLineage::from_row(row)?))).collect()
    }

    /// These publications, in the order of their numbers.
    pub async fn publications(&self, numbers: &[i64]) -> Result<Vec<PublicationRecord>> {
        let doing = "reading publications";
        let rows = sqlx::query(
            "SELECT p.publication, p.published_at, p.run_id, r.command, r.actor, p.models, p.takes_back
             FROM vinculo.publication p JOIN vinculo.run r USING (run_id)
             WHERE p.publication = ANY($1) ORDER BY p.publication",
        )
        .bind(numbers)
        .fetch_all(&self.pool)
        .await
        .doing(doing)?;
        rows.iter().map(publication).collect()
    }

    /// The last publication; none before the first. While it is one that took back another, the customers are those of
    /// before that other one, though the records are of after it.
    pub async fn last_publication(&self) -> Result<Option<PublicationRecord>> {
        let row = sqlx::query(
            "SELECT p.publication, p.published_at, p.run_id, r.command, r.actor, p.models, p.takes_back
             FROM vinculo.publication p JOIN vinculo.run r USING (run_id) ORDER BY p.publication DESC LIMIT 1",
        )
        .fetch_optional(&self.pool)
        .await
        .doing("reading the last publication")?;
        row.as_ref().map(publication).transpose()
    }
}

fn publication(row: &PgRow) -> Result<PublicationRecord> {
    let doing = "reading publications";
    Ok(PublicationRecord {
        number: row.try_get("publication").doing(doing)?,
        published_at: row.try_get("published_at").doing(doing)?,
        run: RunId(row.try_get("run_id").doing(doing)?),
        command: row.try_get("command").doing(doing)?,
        actor: row.try_get("actor").doing(doing)?,
        models: row.try_get("models").doing(doing)?,
        takes_back: row.try_get("takes_back").doing(doing)?,
    })
}
