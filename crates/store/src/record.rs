//! Answers about source records: what a source said, and when.

use crate::connection::Store;
use crate::error::{Doing, Result};
use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::Row;
use vinculo_records::{DeliveryId, RecordId, RunId, VersionId};

/// A source record that was looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundRecord {
    /// The record.
    pub record: RecordId,
    /// Its current version.
    pub version: VersionId,
    /// The name of its source.
    pub source: String,
    /// Its key in the source.
    pub source_key: String,
    /// Whether the source has it no longer.
    pub deleted: bool,
}

/// What a source said of a record.
#[derive(Debug, Clone, PartialEq)]
pub struct RecordVersion {
    /// The version.
    pub version: VersionId,
    /// The delivery that brought it.
    pub delivery: DeliveryId,
    /// The run that read it.
    pub run: RunId,
    /// The file that it was read from, and what reads it; none where a snapshot no longer had the record.
    pub file: Option<(String, Value)>,
    /// The line where it begins.
    pub line: Option<i64>,
    /// When the source changed the record.
    pub updated_at: Option<DateTime<Utc>>,
    /// Whether it says that the source has the record no longer.
    pub deleted: bool,
    /// Whether it is the current version.
    pub is_current: bool,
    /// The row exactly as it was delivered.
    pub raw: Option<String>,
}

impl Store {
    /// The record of this key; records of open deliveries are not found.
    pub async fn find_record(&self, source: &str, source_key: &str) -> Result<Option<FoundRecord>> {
        let row: Option<(i64, i64, String, String, bool)> = sqlx::query_as(
            "SELECT r.record_id, r.version_id, s.name, r.source_key, r.deleted
             FROM vinculo.source_record r
             JOIN vinculo.source s USING (source_id)
             JOIN vinculo.delivery d ON d.delivery_id = r.delivery_id AND d.state = 'sealed'
             WHERE s.name = $1 AND r.source_key = $2",
        )
        .bind(source)
        .bind(source_key)
        .fetch_optional(&self.pool)
        .await
        .doing("looking for a record")?;
        Ok(row.map(|(record, version, source, source_key, deleted)| FoundRecord {
            record: RecordId(record),
            version: VersionId(version),
            source,
            source_key,
            deleted,
        }))
    }

    /// Everything that a source has said of a record, the newest first.
    pub async fn record_versions(&self, record: RecordId) -> Result<Vec<RecordVersion>> {
        let doing = "reading the versions of a record";
        let rows = sqlx::query(
            "SELECT version_id, delivery_id, run_id, file, format, line, updated_at, deleted, is_current, raw
             FROM audit.source_record_version WHERE record_id = $1 ORDER BY version_id DESC",
        )
        .bind(record.0)
        .fetch_all(&self.pool)
        .await
        .doing(doing)?;
        rows.into_iter()
            .map(|row| {
                let file: Option<String> = row.try_get("file").doing(doing)?;
                let format: Option<Value> = row.try_get("format").doing(doing)?;
                Ok(RecordVersion {
                    version: VersionId(row.try_get("version_id").doing(doing)?),
                    delivery: DeliveryId(row.try_get("delivery_id").doing(doing)?),
                    run: RunId(row.try_get("run_id").doing(doing)?),
                    file: file.zip(format),
                    line: row.try_get("line").doing(doing)?,
                    updated_at: row.try_get("updated_at").doing(doing)?,
                    deleted: row.try_get("deleted").doing(doing)?,
                    is_current: row.try_get("is_current").doing(doing)?,
                    raw: row.try_get("raw").doing(doing)?,
                })
            })
            .collect()
    }

    /// The packed normalized record of the current version of each, in the order asked; none where it has none.
    pub async fn normalized(&self, records: &[RecordId]) -> Result<Vec<Option<Vec<u8>>>> {
        let ids: Vec<i64> = records.iter().map(|record| record.0).collect();
        sqlx::query_scalar(
            "SELECT n.data FROM unnest($1::bigint[]) WITH ORDINALITY a (record_id, place)
             LEFT JOIN vinculo.source_record r USING (record_id)
             LEFT JOIN vinculo.normalized_record n USING (version_id)
             ORDER BY a.place",
        )
        .bind(ids)
        .fetch_all(&self.pool)
        .await
        .doing("reading normalized records")
    }
}
