//! The one state that all checks look at, however long they take and whoever writes meanwhile.

use super::stored::StoredCustomer;
use super::{Check, EXAMPLES_MAX, Found, published_deliveries};
use crate::connection::{Store, Work};
use crate::customer_state::kind_from_name;
use crate::error::{Doing, Result, StoreError};
use crate::model::Model;
use crate::prepare;
use crate::raw_record::{RawCursor, RawRecord};
use crate::source::{SourceColumns, SourceRow, from_uuid, source_row};
use crate::surroundings::Surroundings;
use serde_json::Value;
use sqlx::AssertSqlSafe;
use std::collections::{HashMap, HashSet};
use uuid::Uuid;
use vinculo_records::{CustomerId, Kind, RecordId, RunId, SourceId, VersionId};

/// A session that sees one state of the database and writes nothing.
pub struct Snapshot {
    work: Work<'static>,
}

/// A record of a customer.
#[derive(Clone, PartialEq, Eq)]
pub struct StoredMember {
    /// The customer.
    pub customer: CustomerId,
    /// The record.
    pub record: RecordId,
    /// Its current version.
    pub version: VersionId,
    /// Its source.
    pub source: SourceId,
    /// Its key there.
    pub source_key: String,
    /// Its packed normalized values; none where it has none.
    pub normalized: Option<Vec<u8>>,
    /// Whether the customer was made of this very version, read by the present mapping.
    pub is_published: bool,
}

/// A record as it was delivered, beside what the store made of it.
#[derive(Clone, PartialEq)]
pub struct SampledRecord {
    /// The record with all its versions.
    pub raw: RawRecord,
    /// The packed normalized values of its current version.
    pub normalized: Option<Vec<u8>>,
}

/// Under which settings the last resolution was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LastResolution {
    /// The configuration, as the run that made it kept it.
    pub config: Value,
    /// Version of the program.
    pub program_version: String,
    /// The last judgement that it followed.
    pub judgement: Option<i64>,
}

impl Store {
    /// The present state, for as long as it is looked at.
    pub async fn snapshot(&self) -> Result<Snapshot> {
        self.snapshot_of(None).await
    }

    async fn snapshot_of(&self, exported: Option<&str>) -> Result<Snapshot> {
        let doing = "taking a snapshot";
        let mut work = self.begin_reading(doing).await?;
        let mut statement = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY".to_owned();
        if let Some(name) = exported {
            // The server's own name of the snapshot: digits and hyphens.
            statement.push_str(&format!("; SET TRANSACTION SNAPSHOT '{name}'"));
        }
        statement.push_str("; SET LOCAL work_mem = '64MB'; SET LOCAL idle_in_transaction_session_timeout = 0");
        sqlx::raw_sql(AssertSqlSafe(statement)).execute(&mut *work).await.doing(doing)?;
        Ok(Snapshot { work })
    }
}

impl Snapshot {
    /// Another session that sees the same state, so that two can look at once.
    pub async fn beside(&mut self, store: &Store) -> Result<Self> {
        let name: String = sqlx::query_scalar("SELECT pg_export_snapshot()")
            .fetch_one(&mut *self.work)
            .await
            .doing("sharing a snapshot")?;
        store.snapshot_of(Some(&name)).await
    }

    /// Its transaction.
    pub(crate) fn into_work(self) -> Work<'static> {
        self.work
    }

    /// Looks for whatever breaks a rule.
    pub async fn check(&mut self, check: &Check) -> Result<Found> {
        let doing = "verifying";
        let count = format!("SELECT ({})::bigint", check.count);
        let looked_at: i64 = sqlx::query_scalar(AssertSqlSafe(count)).fetch_one(&mut *self.work).await.doing(doing)?;
        let examples = format!(
            "SELECT b.id::text, count(*) OVER () FROM ({}) b (id) ORDER BY b.id LIMIT {EXAMPLES_MAX}",
            check.broken
        );
        let rows: Vec<(Option<String>, i64)> =
            sqlx::query_as(AssertSqlSafe(examples)).fetch_all(&mut *self.work).await.doing(doing)?;
        Ok(Found {
            looked_at: looked_at.unsigned_abs(),
            broken: rows.first().map_or(0, |(_, broken)| broken.unsigned_abs()),
            examples: rows.into_iter().filter_map(|(id, _)| id).collect(),
        })
    }

    /// Whether the database went through just the migrations of this program.
    pub async fn check_schema(&mut self) -> Result<Found> {
        prepare::check_migrations(&mut self.work).await
    }

    /// What surrounds records, as it is in this state.
    pub fn surroundings(&mut self) -> Surroundings<'_> {
        Surroundings(&mut self.work)
    }

    /// The next customers after this id, in the order of their ids.
    pub async fn customers(&mut self, after: CustomerId, limit: u32) -> Result<Vec<StoredCustomer>> {
        StoredCustomer::read(&mut self.work, after, limit).await
    }

    /// The records of these customers, in no certain order.
    pub async fn members(&mut self, customers: &[CustomerId]) -> Result<Vec<StoredMember>> {
        type Row = (Uuid, i64, i64, i16, String, Option<Vec<u8>>, bool);
        let rows: Vec<Row> = sqlx::query_as(concat!(
            "SELECT m.customer_id, m.record_id, r.version_id, r.source_id, r.source_key, n.data, r.delivery_id IN ",
            published_deliveries!(),
            " FROM crm.customer_source m JOIN vinculo.source_record r USING (record_id)
              LEFT JOIN vinculo.normalized_record n USING (version_id)
              WHERE m.customer_id = ANY($1)"
        ))
        .bind(customers.iter().map(|customer| customer.0).collect::<Vec<_>>())
        .fetch_all(&mut *self.work)
        .await
        .doing("reading the records of customers")?;
        let member = |(customer, record, version, source, source_key, normalized, is_published): Row| StoredMember {
            customer: CustomerId(customer),
            record: RecordId(record),
            version: VersionId(version),
            source: SourceId(source),
            source_key,
            normalized,
            is_published,
        };
        Ok(rows.into_iter().map(member).collect())
    }

    /// The joins in force whose left record is one of these, as left and right.
    pub async fn joins(&mut self, left: &[RecordId]) -> Result<Vec<(RecordId, RecordId)>> {
        let rows: Vec<(i64, i64)> = sqlx::query_as(
            "SELECT left_record, right_record FROM vinculo.decision
             WHERE left_record = ANY($1) AND kind = 1 AND to_publication IS NULL",
        )
        .bind(left.iter().map(|record| record.0).collect::<Vec<_>>())
        .fetch_all(&mut *self.work)
        .await
        .doing("reading joins")?;
        Ok(rows.into_iter().map(|(left, right)| (RecordId(left), RecordId(right))).collect())
    }

    /// How many joins are in force.
    pub async fn count_joins(&mut self) -> Result<u64> {
        let count: i64 =
            sqlx::query_scalar("SELECT count(*) FROM vinculo.decision WHERE kind = 1 AND to_publication IS NULL")
                .fetch_one(&mut *self.work)
                .await
                .doing("counting joins")?;
        Ok(count.unsigned_abs())
    }

    /// All sources that were ever registered, by number.
    pub async fn sources(&mut self) -> Result<Vec<SourceRow>> {
        let rows: Vec<SourceColumns> =
            sqlx::query_as("SELECT source_id, name, fingerprint, attributes FROM vinculo.source ORDER BY source_id")
                .fetch_all(&mut *self.work)
                .await
                .doing("reading sources")?;
        rows.into_iter().map(source_row).collect()
    }

    /// All models with their kinds, by number.
    pub async fn models(&mut self) -> Result<Vec<(Kind, Model)>> {
        let doing = "reading models";
        let rows: Vec<(i64, String, Uuid, Value, i64)> = sqlx::query_as(
            "SELECT model_version, kind, digest, body, run_id FROM vinculo.model ORDER BY model_version",
        )
        .fetch_all(&mut *self.work)
        .await
        .doing(doing)?;
        let models = rows.into_iter().map(|(version, kind, digest, body, run)| {
            let model = Model { version, digest: from_uuid(digest), body, run: RunId(run) };
            Some((kind_from_name(&kind)?, model))
        });
        models.collect::<Option<_>>().ok_or(StoreError::Unexpected { doing })
    }

    /// Under which settings the last resolution was made; none before the first.
    pub async fn last_resolution(&mut self) -> Result<Option<LastResolution>> {
        let row: Option<(Value, String, Option<i64>)> = sqlx::query_as(
            "SELECT config, program_version, last_judgement FROM vinculo.run
             WHERE resolved_state IS NOT NULL ORDER BY run_id DESC LIMIT 1",
        )
        .fetch_optional(&mut *self.work)
        .await
        .doing("reading the last resolution")?;
        Ok(row.map(|(config, program_version, judgement)| LastResolution { config, program_version, judgement }))
    }

    /// How many records of a source are known, deleted ones included.
    pub async fn count_records(&mut self, source: SourceId) -> Result<u64> {
        let count: i64 = sqlx::query_scalar("SELECT count(*) FROM vinculo.source_record WHERE source_id = $1")
            .bind(source.0)
            .fetch_one(&mut *self.work)
            .await
            .doing("counting records")?;
        Ok(count.unsigned_abs())
    }

    /// Hands over every `every`th record of a source with what the store made of it, some thousands at a time. The
    /// caller's own error ends the reading.
    pub async fn for_each_sampled<E: From<StoreError>>(
        &mut self,
        source: SourceId,
        every: u64,
        mut each: impl FnMut(&[SampledRecord]) -> std::result::Result<(), E> + Send,
    ) -> std::result::Result<(), E> {
        let doing = "reading a sample of records";
        let mut cursor = RawCursor::open(&mut self.work, source, every).await?;
        loop {
            let batch = cursor.next(&mut self.work).await?;
            if batch.is_empty() {
                break;
            }
            let versions: Vec<i64> = batch.iter().map(|raw| raw.current.0).collect();
            let rows: Vec<(i64, Vec<u8>)> =
                sqlx::query_as("SELECT version_id, data FROM vinculo.normalized_record WHERE version_id = ANY($1)")
                    .bind(versions)
                    .fetch_all(&mut *self.work)
                    .await
                    .doing(doing)?;
            let mut normalized: HashMap<i64, Vec<u8>> = rows.into_iter().collect();
            let sampled: Vec<SampledRecord> = batch
                .into_iter()
                .map(|raw| SampledRecord { normalized: normalized.remove(&raw.current.0), raw })
                .collect();
            each(&sampled)?;
        }
        sqlx::raw_sql("CLOSE raw_record").execute(&mut *self.work).await.doing(doing)?;
        Ok(())
    }
}

impl Store {
    /// Runs that are said to be at work although nobody who lives holds the lease, and others have gone on since.
    ///
    /// Sessions are not part of any snapshot. So this looks twice: a run that ends in between is not at work in the
    /// second look.
    pub async fn check_runs(&self) -> Result<Found> {
        let mut abandoned = self.abandoned_runs().await?;
        if !abandoned.is_empty() {
            let again: HashSet<i64> = self.abandoned_runs().await?.into_iter().collect();
            abandoned.retain(|run| again.contains(run));
        }
        let looked_at: i64 = sqlx::query_scalar("SELECT count(*) FROM vinculo.run")
            .fetch_one(&self.pool)
            .await
            .doing("counting runs")?;
        let mut found = Found { looked_at: looked_at.unsigned_abs(), ..Found::default() };
        abandoned.into_iter().for_each(|run| found.add(run));
        Ok(found)
    }

    async fn abandoned_runs(&self) -> Result<Vec<i64>> {
        sqlx::query_scalar(
            "SELECT r.run_id FROM vinculo.run r
             WHERE r.status = 'running' AND (
                 r.run_id <> (SELECT max(run_id) FROM vinculo.run WHERE status = 'running')
                 OR NOT $1 AND EXISTS (
                     SELECT FROM vinculo.run n WHERE n.run_id > r.run_id AND n.command <> 'judge'))
             ORDER BY r.run_id",
        )
        .bind(self.is_at_work().await?)
        .fetch_all(&self.pool)
        .await
        .doing("looking for abandoned runs")
    }
}
