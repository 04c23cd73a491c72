//! The records of a source as they were delivered, with all their versions, some ten thousand at a time.

use crate::connection::{Store, commit};
use crate::delivery::{DeliveryFile, delivery_file};
use crate::error::{Doing, Result, StoreError};
use crate::source::from_uuid;
use chrono::{DateTime, NaiveDate, Utc};
use serde_json::Value;
use sqlx::{FromRow, PgConnection};
use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;
use uuid::Uuid;
use vinculo_records::{ContentHash, RecordId, SourceId, VersionId};

/// How many versions are fetched at once.
const FETCHED: usize = 10_000;

/// A source record with everything that sealed deliveries said of it.
#[derive(Clone, PartialEq)]
pub struct RawRecord {
    /// Its key in the source.
    pub source_key: String,
    /// Its versions, in the order in which they landed; at least one.
    pub versions: Vec<RawVersion>,
    pub(crate) record: RecordId,
    pub(crate) current: VersionId,
}

/// A version of a record, with all that reads it again.
#[derive(Debug, Clone, PartialEq)]
pub struct RawVersion {
    /// What was delivered; none where a snapshot no longer had the record.
    pub delivered: Option<Delivered>,
    /// What the mapping of its day read from it.
    pub statement: Statement,
    pub(crate) id: VersionId,
}

/// A row as it was delivered.
#[derive(Clone, PartialEq)]
pub struct Delivered {
    /// The file that it came from, and its format.
    pub file: Arc<DeliveryFile>,
    /// The line where it begins.
    pub line: i64,
    /// Its day of landing, in days since 1970-01-01.
    pub landed_on: i32,
    /// The row exactly as it was delivered.
    pub raw: String,
}

/// What a mapping reads from a version beside its values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Statement {
    /// When the source changed the record, in microseconds since 1970-01-01 UTC.
    pub updated_at: Option<i64>,
    /// Whether it says that the source has the record no longer.
    pub deleted: bool,
    /// Hash of what it says.
    pub content_hash: ContentHash,
}

/// Its number and its versions, never its key.
impl fmt::Debug for RawRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shape = f.debug_struct("RawRecord");
        shape.field("record", &self.record).field("versions", &self.versions).finish_non_exhaustive()
    }
}

/// Its place, never what it says.
impl fmt::Debug for Delivered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Delivered").field("file", &self.file).field("line", &self.line).finish_non_exhaustive()
    }
}

impl RawRecord {
    /// Its number.
    pub fn id(&self) -> RecordId {
        self.record
    }

    /// The place of its current version among its versions.
    pub fn current(&self) -> Option<usize> {
        self.versions.iter().position(|version| version.id == self.current)
    }

    /// A record that no store holds, its last version the current one: for tests of what reads records.
    pub fn new(source_key: &str, versions: Vec<RawVersion>) -> Self {
        let current = versions.last().map_or(VersionId(0), |version| version.id);
        Self { source_key: source_key.to_owned(), versions, record: RecordId(0), current }
    }
}

impl RawVersion {
    /// A version that no store holds.
    pub fn new(delivered: Option<Delivered>, statement: Statement) -> Self {
        Self { delivered, statement, id: VersionId(0) }
    }
}

impl Statement {
    /// Whether a version is the current one beside this one, which landed before it: the later date, else the later
    /// landing; no date is the least.
    pub fn is_overruled_by(&self, later: &Self) -> bool {
        later.updated_at >= self.updated_at
    }
}

#[derive(FromRow)]
struct RawRow {
    record_id: i64,
    current: i64,
    source_key: String,
    version_id: i64,
    delivery_id: i64,
    file_no: Option<i32>,
    line: Option<i64>,
    landed_on: NaiveDate,
    raw: Option<String>,
    updated_at: Option<DateTime<Utc>>,
    deleted: bool,
    content_hash: Uuid,
}

impl Store {
    /// Hands over all records of a source, some ten thousand versions at a time; changes nothing. The caller's own error
    /// ends the reading.
    pub async fn for_each_raw<E: From<StoreError>>(
        &self,
        source: SourceId,
        mut each: impl FnMut(&[RawRecord]) -> std::result::Result<(), E> + Send,
    ) -> std::result::Result<(), E> {
        let doing = "reading raw records";
        let mut transaction = self.begin_reading(doing).await?;
        // Files and records are read by several statements, which must see the same state.
        sqlx::raw_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            .execute(&mut *transaction)
            .await
            .doing(doing)?;
        let mut cursor = RawCursor::open(&mut transaction, source, 1).await?;
        loop {
            let batch = cursor.next(&mut transaction).await?;
            if batch.is_empty() {
                break;
            }
            each(&batch)?;
        }
        commit(transaction, doing).await?;
        Ok(())
    }
}

/// Reads raw records within a transaction, with the files that they came from.
pub(crate) struct RawCursor {
    files: HashMap<(i64, i32), Arc<DeliveryFile>>,
    /// A record whose last version may be still to come.
    unfinished: Option<RawRecord>,
}

impl RawCursor {
    /// A cursor over every `every`th record of a source, by their numbers.
    pub(crate) async fn open(connection: &mut PgConnection, source: SourceId, every: u64) -> Result<Self> {
        let doing = "reading raw records";
        let files = files(connection, source).await?;
        // All of the cursor will be fetched: what would give its first row soonest is not wanted.
        sqlx::raw_sql("SET LOCAL cursor_tuple_fraction = 1; SET LOCAL work_mem = '64MB'")
            .execute(&mut *connection)
            .await
            .doing(doing)?;
        // The statement of a cursor takes no parameters; only numbers are written into it.
        let statement = format!(
            "DECLARE raw_record NO SCROLL CURSOR FOR
             SELECT r.record_id, r.version_id AS current, r.source_key, v.version_id, v.delivery_id, v.file_no, v.line,
                 d.landed_on, v.raw, v.updated_at, v.deleted, v.content_hash
             FROM vinculo.source_record r
             JOIN vinculo.source_record_version v USING (record_id)
             JOIN vinculo.delivery d ON d.delivery_id = v.delivery_id AND d.state = 'sealed'
             WHERE r.source_id = {} AND r.record_id % {} = 0 ORDER BY v.record_id, v.version_id",
            source.0,
            every.max(1)
        );
        sqlx::raw_sql(sqlx::AssertSqlSafe(statement)).execute(connection).await.doing(doing)?;
        Ok(Self { files, unfinished: None })
    }

    /// The next records, each whole; none at the end.
    pub(crate) async fn next(&mut self, connection: &mut PgConnection) -> Result<Vec<RawRecord>> {
        let mut records = Vec::new();
        while records.is_empty() {
            let fetch = format!("FETCH FORWARD {FETCHED} FROM raw_record");
            let rows: Vec<RawRow> = sqlx::query_as(sqlx::AssertSqlSafe(fetch))
                .fetch_all(&mut *connection)
                .await
                .doing("reading raw records")?;
            if rows.is_empty() {
                records.extend(self.unfinished.take());
                break;
            }
            for row in rows {
                records.extend(self.take(row)?);
            }
        }
        Ok(records)
    }

    /// Takes a version; gives the record before it when that is whole.
    fn take(&mut self, row: RawRow) -> Result<Option<RawRecord>> {
        let version = self.version(&row)?;
        if let Some(record) = self.unfinished.as_mut().filter(|record| record.record.0 == row.record_id) {
            record.versions.push(version);
            return Ok(None);
        }
        Ok(self.unfinished.replace(RawRecord {
            source_key: row.source_key,
            versions: vec![version],
            record: RecordId(row.record_id),
            current: VersionId(row.current),
        }))
    }

    fn version(&self, row: &RawRow) -> Result<RawVersion> {
        let unexpected = || StoreError::Unexpected { doing: "reading raw records" };
        let days = row.landed_on.signed_duration_since(NaiveDate::default()).num_days();
        let landed_on = i32::try_from(days).map_err(|_| unexpected())?;
        let delivered = match (row.file_no, row.line, &row.raw) {
            (Some(file_no), Some(line), Some(raw)) => {
                let file = self.files.get(&(row.delivery_id, file_no)).ok_or_else(unexpected)?;
                Some(Delivered { file: file.clone(), line, landed_on, raw: raw.clone() })
            }
            _ => None,
        };
        let statement = Statement {
            updated_at: row.updated_at.map(|at| at.timestamp_micros()),
            deleted: row.deleted,
            content_hash: from_uuid(row.content_hash),
        };
        Ok(RawVersion { delivered, statement, id: VersionId(row.version_id) })
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
