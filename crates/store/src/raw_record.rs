//! The current records of a source as they were delivered, some ten thousand at a time.

use crate::connection::{Store, commit};
use crate::delivery::{DeliveryFile, delivery_file};
use crate::error::{Doing, Result, StoreError};
use chrono::NaiveDate;
use serde_json::Value;
use sqlx::PgConnection;
use std::collections::HashMap;
use std::sync::Arc;
use vinculo_records::{SourceId, VersionId};

/// The current version of a record as it was delivered, with all that reads it again.
#[derive(Debug, Clone, PartialEq)]
pub struct RawRecord {
    /// Its key in the source.
    pub source_key: String,
    /// The file that it came from, and its format.
    pub file: Arc<DeliveryFile>,
    /// The line where it begins.
    pub line: i64,
    /// Its day of landing, in days since 1970-01-01.
    pub landed_on: i32,
    /// The row exactly as it was delivered.
    pub raw: String,
    pub(crate) version: VersionId,
}

type RawRow = (String, i64, i64, i32, i64, NaiveDate, String);

impl Store {
    /// Hands over all current records of a source that are not deleted, some ten thousand at a time and in no certain
    /// order; changes nothing. The caller's own error ends the reading. Returns how many records.
    pub async fn for_each_raw<E: From<StoreError>>(
        &self,
        source: SourceId,
        mut each: impl FnMut(&[RawRecord]) -> std::result::Result<(), E> + Send,
    ) -> std::result::Result<u64, E> {
        let doing = "reading raw records";
        let mut transaction = self.begin(doing).await?;
        // Files and records are read by several statements, which must see the same state.
        sqlx::raw_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            .execute(&mut *transaction)
            .await
            .doing(doing)?;
        let cursor = RawCursor::open(&mut transaction, source).await?;
        let mut count = 0;
        loop {
            let batch = cursor.next(&mut transaction).await?;
            if batch.is_empty() {
                break;
            }
            each(&batch)?;
            count += batch.len() as u64;
        }
        commit(transaction, doing).await?;
        Ok(count)
    }
}

/// Reads raw records within a transaction, with the files that they came from.
pub(crate) struct RawCursor {
    files: HashMap<(i64, i32), Arc<DeliveryFile>>,
}

impl RawCursor {
    pub(crate) async fn open(connection: &mut PgConnection, source: SourceId) -> Result<Self> {
        let files = files(connection, source).await?;
        // The statement of a cursor takes no parameters; only a number is written into it.
        let statement = format!(
            "DECLARE raw_record NO SCROLL CURSOR FOR
             SELECT r.source_key, v.version_id, v.delivery_id, v.file_no, v.line, d.landed_on, v.raw
             FROM vinculo.source_record r
             JOIN vinculo.source_record_version v USING (version_id)
             JOIN vinculo.delivery d ON d.delivery_id = v.delivery_id AND d.state = 'sealed'
             WHERE r.source_id = {} AND NOT r.deleted",
            source.0
        );
        sqlx::raw_sql(sqlx::AssertSqlSafe(statement)).execute(connection).await.doing("reading raw records")?;
        Ok(Self { files })
    }

    /// The next records; none at the end.
    pub(crate) async fn next(&self, connection: &mut PgConnection) -> Result<Vec<RawRecord>> {
        let rows: Vec<RawRow> = sqlx::query_as("FETCH FORWARD 10000 FROM raw_record")
            .fetch_all(connection)
            .await
            .doing("reading raw records")?;
        rows.into_iter().map(|row| self.raw_record(row)).collect()
    }

    fn raw_record(&self, (source_key, version, delivery, file_no, line, landed_on, raw): RawRow) -> Result<RawRecord> {
        let unexpected = StoreError::Unexpected { doing: "reading raw records" };
        let days = landed_on.signed_duration_since(NaiveDate::default()).num_days();
        let (Some(file), Ok(landed_on)) = (self.files.get(&(delivery, file_no)), i32::try_from(days)) else {
            return Err(unexpected);
        };
        Ok(RawRecord { source_key, file: file.clone(), line, landed_on, raw, version: VersionId(version) })
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
