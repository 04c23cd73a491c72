//! Makes normalized records anew from what was delivered, when the mapping or the normalizer changed.

use crate::connection::{Store, commit};
use crate::copy::{RowEncoder, copy_in};
use crate::delivery::{DeliveryFile, delivery_file};
use crate::error::{Doing, Result, StoreError};
use crate::source::to_uuid;
use chrono::{DateTime, NaiveDate, Utc};
use serde_json::Value;
use sqlx::PgConnection;
use std::collections::HashMap;
use std::sync::Arc;
use vinculo_records::{ContentHash, DeliveryId, RecordId, SourceId, VersionId};

/// The current version of a record as it was delivered, with all that reads it again.
#[derive(Debug, Clone, PartialEq)]
pub struct RawRecord {
    /// The record.
    pub record: RecordId,
    /// Its key in the source.
    pub source_key: String,
    /// Its current version.
    pub version: VersionId,
    /// The delivery that brought it.
    pub delivery: DeliveryId,
    /// The file that it came from, and its format.
    pub file: Arc<DeliveryFile>,
    /// The line where it begins.
    pub line: i64,
    /// Its day of landing, in days since 1970-01-01.
    pub landed_on: i32,
    /// When the source changed it, in microseconds since 1970-01-01 UTC.
    pub updated_at: Option<i64>,
    /// The row exactly as it was delivered.
    pub raw: String,
}

type RawRow = (i64, String, i64, i64, i32, i64, NaiveDate, Option<DateTime<Utc>>, String);

impl Store {
    /// Normalizes all current records of a source anew; the new records and their fingerprint come in one transaction.
    ///
    /// The caller is handed some ten thousand raw records at a time and gives back the packed normalized record of each,
    /// in the same order; its own error ends the transaction, and everything stays as it was. Returns how many records.
    pub async fn renormalize<E: From<StoreError>>(
        &self,
        source: SourceId,
        fingerprint: ContentHash,
        mut normalize: impl FnMut(&[RawRecord]) -> std::result::Result<Vec<Vec<u8>>, E> + Send,
    ) -> std::result::Result<u64, E> {
        let doing = "normalizing anew";
        let mut transaction = self.begin(doing).await?;
        let files = files(&mut transaction, source).await?;
        open_cursor(&mut transaction, source).await?;
        remove_normalized(&mut transaction, source).await?;
        let mut count = 0;
        loop {
            let rows: Vec<RawRow> = sqlx::query_as("FETCH FORWARD 10000 FROM raw_record")
                .fetch_all(&mut *transaction)
                .await
                .doing(doing)?;
            if rows.is_empty() {
                break;
            }
            let batch: Vec<RawRecord> = rows.into_iter().map(|row| raw_record(row, &files)).collect::<Result<_>>()?;
            let normalized = normalize(&batch)?;
            if normalized.len() != batch.len() {
                let what = "as many normalized records as raw ones are needed";
                return Err(StoreError::Inconsistent { what }.into());
            }
            let mut rows = RowEncoder::new(2);
            for (raw, packed) in batch.iter().zip(&normalized) {
                rows.row().int8(raw.version.0).bytes(packed);
            }
            let statement = "COPY vinculo.normalized_record (version_id, data) FROM STDIN BINARY";
            count += copy_in(&mut transaction, statement, &[rows.finish(doing)?], doing).await?;
        }
        sqlx::query("UPDATE vinculo.source SET fingerprint = $2 WHERE source_id = $1")
            .bind(source.0)
            .bind(to_uuid(fingerprint))
            .execute(&mut *transaction)
            .await
            .doing(doing)?;
        commit(transaction, doing).await?;
        Ok(count)
    }
}

async fn files(connection: &mut PgConnection, source: SourceId) -> Result<HashMap<(i64, i32), Arc<DeliveryFile>>> {
    let rows: Vec<(i64, i32, String, Value, i64, i64)> = sqlx::query_as(
        "SELECT f.delivery_id, f.file_no, f.path, f.format, f.bytes, f.lines
         FROM vinculo.delivery_file f JOIN vinculo.delivery d USING (delivery_id)
         WHERE d.source_id = $1 AND d.state = 'sealed'",
    )
    .bind(source.0)
    .fetch_all(connection)
    .await
    .doing("reading the files of a source")?;
    Ok(rows
        .into_iter()
        .map(|(delivery, file_no, path, format, bytes, lines)| {
            ((delivery, file_no), Arc::new(delivery_file((file_no, path, format, bytes, lines))))
        })
        .collect())
}

async fn open_cursor(connection: &mut PgConnection, source: SourceId) -> Result<()> {
    // The statement of a cursor takes no parameters; only a number is written into it.
    let statement = format!(
        "DECLARE raw_record NO SCROLL CURSOR FOR
         SELECT v.record_id, r.source_key, v.version_id, v.delivery_id, v.file_no, v.line, d.landed_on, v.updated_at, v.raw
         FROM vinculo.source_record r
         JOIN vinculo.source_record_version v USING (version_id)
         JOIN vinculo.delivery d ON d.delivery_id = v.delivery_id AND d.state = 'sealed'
         WHERE r.source_id = {} AND NOT r.deleted",
        source.0
    );
    sqlx::raw_sql(sqlx::AssertSqlSafe(statement)).execute(connection).await.doing("reading raw records")?;
    Ok(())
}

async fn remove_normalized(connection: &mut PgConnection, source: SourceId) -> Result<()> {
    sqlx::query(
        "DELETE FROM vinculo.normalized_record n USING vinculo.source_record r
         JOIN vinculo.delivery d ON d.delivery_id = r.delivery_id AND d.state = 'sealed'
         WHERE r.version_id = n.version_id AND r.source_id = $1",
    )
    .bind(source.0)
    .execute(connection)
    .await
    .doing("removing normalized records")?;
    Ok(())
}

fn raw_record(
    (record, source_key, version, delivery, file_no, line, landed_on, updated_at, raw): RawRow,
    files: &HashMap<(i64, i32), Arc<DeliveryFile>>,
) -> Result<RawRecord> {
    let doing = "reading raw records";
    let days = landed_on.signed_duration_since(NaiveDate::default()).num_days();
    Ok(RawRecord {
        record: RecordId(record),
        source_key,
        version: VersionId(version),
        delivery: DeliveryId(delivery),
        file: files.get(&(delivery, file_no)).cloned().ok_or(StoreError::Unexpected { doing })?,
        line,
        landed_on: i32::try_from(days).map_err(|_| StoreError::Unexpected { doing })?,
        updated_at: updated_at.map(|at| at.timestamp_micros()),
        raw,
    })
}
