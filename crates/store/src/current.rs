//! What is: the current records, as resolution reads them.

use crate::connection::{Store, commit};
use crate::copy::copy_out;
use crate::error::{Doing, Result};
use crate::source::{from_uuid, to_uuid};
use sqlx::PgConnection;
use std::collections::BTreeMap;
use uuid::Uuid;
use vinculo_records::hash::ContentHasher;
use vinculo_records::{ContentHash, DeliveryId, RecordId, SourceId, VersionId};

/// A record that counts: current, not deleted, of a sealed delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CurrentRecord<'a> {
    /// The record.
    pub record: RecordId,
    /// Its current version.
    pub version: VersionId,
    /// Its source.
    pub source: SourceId,
    /// Its key in the source.
    pub source_key: &'a str,
    /// Its packed normalized values.
    pub normalized: &'a [u8],
}

const CURRENT_RECORDS: &str = "COPY (
    SELECT r.record_id, r.version_id, r.source_id, r.source_key, n.data
    FROM vinculo.source_record r JOIN vinculo.normalized_record n USING (version_id)
    WHERE NOT r.deleted AND r.delivery_id NOT IN (SELECT delivery_id FROM vinculo.delivery WHERE state = 'open')
) TO STDOUT BINARY";

impl Store {
    /// Hands over every record that counts, in no certain order; returns how many.
    pub async fn for_each_current(&self, mut each: impl FnMut(CurrentRecord<'_>) + Send) -> Result<u64> {
        let doing = "reading current records";
        let mut transaction = self.begin_reading(doing).await?;
        // The join is by hash, over all records; with the usual 4 MB it would go through files.
        sqlx::raw_sql("SET LOCAL work_mem = '256MB'").execute(&mut *transaction).await.doing(doing)?;
        let count = copy_out(&mut transaction, CURRENT_RECORDS, doing, |row| {
            each(CurrentRecord {
                record: RecordId(row.int8()?),
                version: VersionId(row.int8()?),
                source: SourceId(row.int2()?),
                source_key: row.text()?,
                normalized: row.bytes()?,
            });
            Some(())
        })
        .await?;
        commit(transaction, doing).await?;
        Ok(count)
    }

    /// Hands over the key of every record of a source that counts, in no certain order; returns how many.
    pub async fn for_each_live_key(&self, source: SourceId, mut each: impl FnMut(&str) + Send) -> Result<u64> {
        let mut connection = self.pool.acquire().await.doing("connecting")?;
        let statement = format!(
            "COPY (
                SELECT source_key FROM vinculo.source_record
                WHERE source_id = {} AND NOT deleted
                    AND delivery_id NOT IN (SELECT delivery_id FROM vinculo.delivery WHERE state = 'open')
            ) TO STDOUT BINARY",
            source.0
        );
        copy_out(&mut connection, &statement, "reading the keys of current records", |row| {
            each(row.text()?);
            Some(())
        })
        .await
    }

    /// How many records of a source count.
    pub async fn count_live(&self, source: SourceId) -> Result<u64> {
        let count: i64 = sqlx::query_scalar(
            "SELECT count(*) FROM vinculo.source_record WHERE source_id = $1 AND NOT deleted
                 AND delivery_id NOT IN (SELECT delivery_id FROM vinculo.delivery WHERE state = 'open')",
        )
        .bind(source.0)
        .fetch_one(&self.pool)
        .await
        .doing("counting records")?;
        Ok(count.unsigned_abs())
    }

    /// The number of the next publication.
    pub async fn next_publication(&self) -> Result<i64> {
        let mut connection = self.pool.acquire().await.doing("connecting")?;
        next_publication(&mut connection).await
    }

    /// What the current records depend on.
    pub async fn state_of_data(&self) -> Result<StateOfData> {
        let sources: Vec<(i16, Option<Uuid>, i64)> = sqlx::query_as(
            "SELECT s.source_id, s.fingerprint, d.delivery_id
             FROM vinculo.source s
             -- A source that never brought anything is as good as none.
             CROSS JOIN LATERAL (
                 SELECT max(delivery_id) AS delivery_id FROM vinculo.delivery d
                 WHERE d.source_id = s.source_id AND d.state = 'sealed' AND d.changed
             ) d
             WHERE d.delivery_id IS NOT NULL",
        )
        .fetch_all(&self.pool)
        .await
        .doing("reading the state of the data")?;
        let of_source = |(source, fingerprint, delivery): (i16, Option<Uuid>, i64)| {
            (SourceId(source), (from_uuid(fingerprint.unwrap_or_default()), DeliveryId(delivery)))
        };
        Ok(StateOfData(sources.into_iter().map(of_source).collect()))
    }
}

/// What the current records depend on: of each source the mapping that their normalized values follow, and the last
/// delivery that changed any.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StateOfData(BTreeMap<SourceId, (ContentHash, DeliveryId)>);

impl StateOfData {
    /// The state after a delivery that changed records of a source.
    pub fn changed(&mut self, source: SourceId, fingerprint: ContentHash, delivery: DeliveryId) {
        self.0.insert(source, (fingerprint, delivery));
    }

    /// A hash that changes whenever any current record does.
    pub fn hash(&self) -> ContentHash {
        let mut hasher = ContentHasher::new();
        for (source, (fingerprint, delivery)) in &self.0 {
            hasher.part(&source.0.to_le_bytes());
            hasher.part(&to_uuid(*fingerprint).into_bytes());
            hasher.part(&delivery.0.to_le_bytes());
        }
        hasher.finish()
    }
}

pub(crate) async fn next_publication(connection: &mut PgConnection) -> Result<i64> {
    sqlx::query_scalar("SELECT coalesce(max(publication), 0) + 1 FROM vinculo.publication")
        .fetch_one(connection)
        .await
        .doing("reading the last publication")
}
