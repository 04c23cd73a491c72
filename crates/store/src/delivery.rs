//! What one run reads from one source: opened, then sealed or refused as a whole.

use crate::connection::{Store, commit};
use crate::contention::Patience;
use crate::error::{Doing, Result, StoreError};
use crate::reject::share_repeated;
use crate::source::to_uuid;
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sqlx::{PgConnection, Row};
use std::collections::BTreeMap;
use uuid::Uuid;
use vinculo_records::{ContentHash, DeliveryId, RunId, SourceId};

/// What became of the rows of a delivery. While it is open, `new` and `changed` are what the reader believes; sealing it
/// finds out, and then `read = new + changed + unchanged + superseded + rejected`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct DeliveryCounts {
    /// Rows that the reader counted itself.
    pub read: u64,
    /// Records that were not known.
    pub new: u64,
    /// Records whose current version is another now.
    pub changed: u64,
    /// Rows that say what was known.
    pub unchanged: u64,
    /// Rows that another row, or an earlier delivery, overrules.
    pub superseded: u64,
    /// Rows that were kept aside with their faults.
    pub rejected: u64,
    /// Records that a snapshot no longer had; no row stands for them.
    pub deleted: u64,
    /// Values that were flagged: attribute → flag → how many.
    pub flagged: BTreeMap<String, BTreeMap<String, u64>>,
}

impl DeliveryCounts {
    /// Rows that came to some end.
    pub fn accounted(&self) -> u64 {
        self.new + self.changed + self.unchanged + self.superseded + self.rejected
    }
}

/// A file, or another stream, of a delivery.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeliveryFile {
    /// Its number in the delivery, in the order of reading.
    pub file_no: i32,
    /// Where it was read from.
    pub path: String,
    /// What reads its raw records again: columns, delimiter, encoding, how they were found.
    pub format: Value,
    /// Bytes read so far.
    pub bytes: i64,
    /// Lines read so far.
    pub lines: i64,
}

/// A delivery to be opened.
#[derive(Debug, Clone, Copy)]
pub struct NewDelivery {
    /// The run that reads.
    pub run: RunId,
    /// The source that is read.
    pub source: SourceId,
    /// What its normalized records follow.
    pub fingerprint: ContentHash,
    /// Whether it holds all records of the source, so that absence deletes.
    pub snapshot: bool,
    /// Today, in days since 1970-01-01.
    pub landed_on: i32,
}

/// A delivery that is open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenDelivery {
    /// Its number.
    pub id: DeliveryId,
    /// Where the connector goes on, when a killed run had begun this delivery.
    pub resume: Option<String>,
    /// What was counted so far.
    pub counts: DeliveryCounts,
    /// The files so far.
    pub files: Vec<DeliveryFile>,
    /// Its day of landing: for one that a killed run had begun, the day on which that was.
    pub landed_on: i32,
}

/// What became of a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeliveryState {
    /// It is still being read.
    Open,
    /// It counts.
    Sealed,
    /// Nothing of it counts.
    Refused,
}

impl DeliveryState {
    /// The state as it stands in Postgres.
    pub fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Sealed => "sealed",
            Self::Refused => "refused",
        }
    }

    fn from_name(name: &str) -> Option<Self> {
        [Self::Open, Self::Sealed, Self::Refused].into_iter().find(|state| state.name() == name)
    }
}

/// A delivery, as `status` shows it.
#[derive(Debug, Clone, PartialEq)]
pub struct Delivery {
    /// Its number.
    pub id: DeliveryId,
    /// The run that read it.
    pub run: RunId,
    /// The name of its source.
    pub source: String,
    /// What became of it.
    pub state: DeliveryState,
    /// Whether sealing it changed any current record.
    pub changed: bool,
    /// Its account.
    pub counts: DeliveryCounts,
    /// Why it was refused: code and message.
    pub refusal: Option<(String, String)>,
    /// When it was opened.
    pub opened_at: DateTime<Utc>,
    /// When it was sealed or refused.
    pub closed_at: Option<DateTime<Utc>>,
}

/// What the store needs to know of an open delivery to work on it.
#[derive(Debug)]
pub(crate) struct Handle {
    pub(crate) source: SourceId,
    pub(crate) first_version: i64,
    pub(crate) first_record: i64,
    pub(crate) landed_records: u64,
    pub(crate) landed_versions: u64,
}

/// Locks an open delivery until the end of the transaction.
pub(crate) async fn lock_open(connection: &mut PgConnection, delivery: DeliveryId) -> Result<Handle> {
    let row: Option<(i16, i64, i64, i64, i64)> = sqlx::query_as(
        "SELECT source_id, first_version_id, first_record_id, landed_records, landed_versions
         FROM vinculo.delivery WHERE delivery_id = $1 AND state = 'open' FOR UPDATE",
    )
    .bind(delivery.0)
    .fetch_optional(connection)
    .await
    .doing("looking for a delivery")?;
    let (source, first_version, first_record, landed_records, landed_versions) =
        row.ok_or(StoreError::NotOpen { delivery: delivery.0 })?;
    Ok(Handle {
        source: SourceId(source),
        first_version,
        first_record,
        landed_records: landed_records.unsigned_abs(),
        landed_versions: landed_versions.unsigned_abs(),
    })
}

impl Store {
    /// Opens a delivery, or takes over the one that a killed run left open.
    ///
    /// One of the same fingerprint goes on from its checkpoint. A snapshot cannot: which records it has shown is not
    /// kept, so its rows are removed and it is read again under its number. One of another fingerprint is refused as
    /// `abandoned`.
    pub async fn open_delivery(&self, new: &NewDelivery) -> Result<OpenDelivery> {
        let mut patience = Patience::default();
        loop {
            match self.open_delivery_once(new).await {
                Err(error) if patience.allows(&error).await => {}
                outcome => return outcome,
            }
        }
    }

    async fn open_delivery_once(&self, new: &NewDelivery) -> Result<OpenDelivery> {
        let doing = "opening a delivery";
        let mut transaction = self.begin(doing).await?;
        let left_open: Option<(i64, Uuid, bool)> = sqlx::query_as(
            "SELECT delivery_id, fingerprint, snapshot FROM vinculo.delivery
             WHERE source_id = $1 AND state = 'open' FOR UPDATE",
        )
        .bind(new.source.0)
        .fetch_optional(&mut *transaction)
        .await
        .doing(doing)?;
        let opened = match left_open {
            Some((id, fingerprint, snapshot))
                if fingerprint == to_uuid(new.fingerprint) && snapshot == new.snapshot =>
            {
                let id = DeliveryId(id);
                if snapshot {
                    empty(&mut transaction, id).await?;
                }
                take_over(&mut transaction, id, new.run).await?
            }
            other => {
                if let Some((id, ..)) = other {
                    let message = "left open by a run that was killed, and then the mapping changed";
                    refuse(&mut transaction, DeliveryId(id), "abandoned", message).await?;
                }
                insert(&mut transaction, new).await?
            }
        };
        commit(transaction, doing).await?;
        Ok(opened)
    }

    /// Refuses a delivery: its rows are removed, its account and its rejects stay. The message holds no value.
    pub async fn refuse(&self, delivery: DeliveryId, reason: &str, message: &str) -> Result<()> {
        let mut patience = Patience::default();
        loop {
            match self.refuse_once(delivery, reason, message).await {
                Err(error) if patience.allows(&error).await => {}
                outcome => return outcome,
            }
        }
    }

    async fn refuse_once(&self, delivery: DeliveryId, reason: &str, message: &str) -> Result<()> {
        let mut transaction = self.begin("refusing a delivery").await?;
        refuse(&mut transaction, delivery, reason, message).await?;
        commit(transaction, "refusing a delivery").await
    }

    /// The deliveries of a run, or the last ones of all: those of the newest run first, and of each the newest. One that a
    /// run took over counts as its own.
    pub async fn deliveries(&self, run: Option<RunId>, limit: u32) -> Result<Vec<Delivery>> {
        let doing = "reading deliveries";
        let rows = sqlx::query(
            "SELECT d.delivery_id, d.run_id, s.name, d.state, d.changed, d.counts, d.reason, d.message, d.opened_at,
                 d.closed_at
             FROM vinculo.delivery d JOIN vinculo.source s USING (source_id)
             WHERE $1::bigint IS NULL OR d.run_id = $1
             ORDER BY d.run_id DESC, d.delivery_id DESC LIMIT $2",
        )
        .bind(run.map(|run| run.0))
        .bind(i64::from(limit))
        .fetch_all(&self.pool)
        .await
        .doing(doing)?;
        rows.into_iter()
            .map(|row| {
                let state: String = row.try_get("state").doing(doing)?;
                let reason: Option<String> = row.try_get("reason").doing(doing)?;
                let message: Option<String> = row.try_get("message").doing(doing)?;
                Ok(Delivery {
                    id: DeliveryId(row.try_get("delivery_id").doing(doing)?),
                    run: RunId(row.try_get("run_id").doing(doing)?),
                    source: row.try_get("name").doing(doing)?,
                    state: DeliveryState::from_name(&state).ok_or(StoreError::Unexpected { doing })?,
                    changed: row.try_get("changed").doing(doing)?,
                    counts: counts(row.try_get("counts").doing(doing)?)?,
                    refusal: reason.zip(message),
                    opened_at: row.try_get("opened_at").doing(doing)?,
                    closed_at: row.try_get("closed_at").doing(doing)?,
                })
            })
            .collect()
    }
}

async fn insert(connection: &mut PgConnection, new: &NewDelivery) -> Result<OpenDelivery> {
    let landed_on = NaiveDate::default() + TimeDelta::days(i64::from(new.landed_on));
    let id: i64 = sqlx::query_scalar(
        "INSERT INTO vinculo.delivery
             (source_id, run_id, snapshot, fingerprint, landed_on, first_record_id, first_version_id)
         SELECT $1, $2, $3, $4, $5, next_record_id, next_version_id FROM vinculo.counter RETURNING delivery_id",
    )
    .bind(new.source.0)
    .bind(new.run.0)
    .bind(new.snapshot)
    .bind(to_uuid(new.fingerprint))
    .bind(landed_on)
    .fetch_one(connection)
    .await
    .doing("opening a delivery")?;
    Ok(OpenDelivery {
        id: DeliveryId(id),
        resume: None,
        counts: DeliveryCounts::default(),
        files: Vec::new(),
        landed_on: new.landed_on,
    })
}

async fn take_over(connection: &mut PgConnection, id: DeliveryId, run: RunId) -> Result<OpenDelivery> {
    let doing = "taking over a delivery";
    let (checkpoint, counted, landed_on): (Option<String>, Value, NaiveDate) = sqlx::query_as(
        "UPDATE vinculo.delivery SET run_id = $2 WHERE delivery_id = $1 RETURNING checkpoint, counts, landed_on",
    )
    .bind(id.0)
    .bind(run.0)
    .fetch_one(&mut *connection)
    .await
    .doing(doing)?;
    let files: Vec<(i32, String, Value, i64, i64)> = sqlx::query_as(
        "SELECT file_no, path, format, bytes, lines FROM vinculo.delivery_file WHERE delivery_id = $1 ORDER BY file_no",
    )
    .bind(id.0)
    .fetch_all(connection)
    .await
    .doing(doing)?;
    let days = landed_on.signed_duration_since(NaiveDate::default()).num_days();
    Ok(OpenDelivery {
        id,
        resume: checkpoint,
        counts: counts(counted)?,
        files: files.into_iter().map(delivery_file).collect(),
        landed_on: i32::try_from(days).map_err(|_| StoreError::Unexpected { doing })?,
    })
}

pub(crate) fn delivery_file((file_no, path, format, bytes, lines): (i32, String, Value, i64, i64)) -> DeliveryFile {
    DeliveryFile { file_no, path, format, bytes, lines }
}

fn counts(json: Value) -> Result<DeliveryCounts> {
    serde_json::from_value(json).map_err(|_| StoreError::Unexpected { doing: "reading the counts of a delivery" })
}

async fn refuse(connection: &mut PgConnection, id: DeliveryId, reason: &str, message: &str) -> Result<()> {
    remove_rows(connection, id).await?;
    share_repeated(connection, id).await?;
    sqlx::query(
        "UPDATE vinculo.delivery SET state = 'refused', reason = $2, message = $3, checkpoint = NULL,
             landed_records = 0, landed_versions = 0, closed_at = clock_timestamp()
         WHERE delivery_id = $1",
    )
    .bind(id.0)
    .bind(reason)
    .bind(message)
    .execute(connection)
    .await
    .doing("refusing a delivery")?;
    Ok(())
}

/// Takes everything out of an open delivery and gives its ids back, so that reading it again ends as if it had been read
/// once.
async fn empty(connection: &mut PgConnection, id: DeliveryId) -> Result<()> {
    let doing = "emptying a delivery";
    remove_rows(connection, id).await?;
    sqlx::query("DELETE FROM vinculo.reject WHERE delivery_id = $1")
        .bind(id.0)
        .execute(&mut *connection)
        .await
        .doing(doing)?;
    sqlx::query("DELETE FROM vinculo.delivery_file WHERE delivery_id = $1")
        .bind(id.0)
        .execute(&mut *connection)
        .await
        .doing(doing)?;
    sqlx::query(
        "UPDATE vinculo.counter SET
             next_record_id = (SELECT coalesce(max(record_id), 0) + 1 FROM vinculo.source_record),
             next_version_id = (SELECT coalesce(max(version_id), 0) + 1 FROM vinculo.source_record_version),
             next_reject_id = (SELECT coalesce(max(reject_id), 0) + 1 FROM vinculo.reject)",
    )
    .execute(&mut *connection)
    .await
    .doing(doing)?;
    sqlx::query(
        "UPDATE vinculo.delivery d SET checkpoint = NULL, counts = '{}', landed_records = 0, landed_versions = 0,
             first_record_id = c.next_record_id, first_version_id = c.next_version_id
         FROM vinculo.counter c WHERE d.delivery_id = $1",
    )
    .bind(id.0)
    .execute(connection)
    .await
    .doing(doing)?;
    Ok(())
}

/// Removes the records, versions and normalized records of an open delivery.
async fn remove_rows(connection: &mut PgConnection, id: DeliveryId) -> Result<()> {
    let doing = "removing the rows of a delivery";
    let handle = lock_open(connection, id).await?;
    sqlx::query(
        "DELETE FROM vinculo.normalized_record n USING vinculo.source_record_version v
         WHERE n.version_id = v.version_id AND v.version_id >= $2 AND v.delivery_id = $1",
    )
    .bind(id.0)
    .bind(handle.first_version)
    .execute(&mut *connection)
    .await
    .doing(doing)?;
    sqlx::query("DELETE FROM vinculo.source_record_version WHERE version_id >= $2 AND delivery_id = $1")
        .bind(id.0)
        .bind(handle.first_version)
        .execute(&mut *connection)
        .await
        .doing(doing)?;
    sqlx::query("DELETE FROM vinculo.source_record WHERE record_id >= $2 AND delivery_id = $1")
        .bind(id.0)
        .bind(handle.first_record)
        .execute(connection)
        .await
        .doing(doing)?;
    Ok(())
}
