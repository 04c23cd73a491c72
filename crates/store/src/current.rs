//! What is: the current records, as resolution reads them.

use crate::connection::{Store, commit};
use crate::copy::copy_out;
use crate::error::{Doing, Result};
use sqlx::PgConnection;
use uuid::Uuid;
use vinculo_records::hash::ContentHasher;
use vinculo_records::{ContentHash, RecordId, SourceId, VersionId};

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

    /// A hash that changes whenever any current record does, or the mapping that its normalized values follow.
    pub async fn state_of_data(&self) -> Result<ContentHash> {
        let mut connection = self.pool.acquire().await.doing("connecting")?;
        state_of_data(&mut connection).await
    }
}

pub(crate) async fn state_of_data(connection: &mut PgConnection) -> Result<ContentHash> {
    let sources: Vec<(i16, Option<Uuid>, Option<i64>)> = sqlx::query_as(
        "SELECT s.source_id, s.fingerprint, (
             SELECT max(d.delivery_id) FROM vinculo.delivery d
             WHERE d.source_id = s.source_id AND d.state = 'sealed' AND d.changed)
         FROM vinculo.source s ORDER BY s.source_id",
    )
    .fetch_all(connection)
    .await
    .doing("reading the state of the data")?;
    let mut hasher = ContentHasher::new();
    // A source that never brought anything is as good as none.
    for (source, fingerprint, delivery) in sources.into_iter().filter(|(_, _, delivery)| delivery.is_some()) {
        hasher.part(&source.to_le_bytes());
        hasher.part(&fingerprint.unwrap_or_default().into_bytes());
        hasher.part(&delivery.unwrap_or_default().to_le_bytes());
    }
    Ok(hasher.finish())
}

pub(crate) async fn next_publication(connection: &mut PgConnection) -> Result<i64> {
    sqlx::query_scalar("SELECT coalesce(max(publication), 0) + 1 FROM vinculo.publication")
        .fetch_one(connection)
        .await
        .doing("reading the last publication")
}
