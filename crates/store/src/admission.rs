//! One record at once: landed, resolved and published in one transaction.

use crate::block_keys::Beside;
use crate::connection::{Session, Store, Work, commit};
use crate::delivery::{DeliveryCounts, DeliveryFile};
use crate::error::{Doing, Result, StoreError};
use crate::landing::{SOURCE_KEY_BYTES_MAX, json};
use crate::publication::{Publication, Published, publish_within};
use crate::raw_record::Statement;
use crate::source::{from_uuid, to_uuid};
use crate::surroundings::Surroundings;
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use uuid::Uuid;
use vinculo_records::{ContentHash, DeliveryId, RecordId, RunId, SourceId, VersionId};

const LANDING: &str = "landing a record";

/// A record that comes alone.
#[derive(Debug, Clone, Copy)]
pub struct SingleRecord<'a> {
    /// The call of the command that brings it.
    pub run: RunId,
    /// Its source.
    pub source: SourceId,
    /// What its normalized values follow.
    pub fingerprint: ContentHash,
    /// Today, in days since 1970-01-01.
    pub landed_on: i32,
    /// What reads its raw form again.
    pub file: &'a DeliveryFile,
    /// Its key in the source.
    pub key: &'a str,
    /// What it says beside its values.
    pub statement: Statement,
    /// Exactly as it came.
    pub raw: &'a str,
    /// Its packed normalized values.
    pub normalized: &'a [u8],
}

/// What became of a record that came alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Admitted {
    /// What it says counts from now on.
    Counts(Counted),
    /// A version that its source changed later counts; this one is kept.
    Superseded(RecordId),
    /// It says what is known; nothing was written.
    Unchanged(RecordId),
}

/// A record whose new version counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counted {
    /// The record.
    pub record: RecordId,
    /// Its version.
    pub version: VersionId,
    /// The delivery that it is.
    pub delivery: DeliveryId,
    /// Whether nothing was known of it before.
    pub is_new: bool,
    /// The version that counted before, with its packed normalized values; none where it was not there.
    pub replaced: Option<(VersionId, Vec<u8>)>,
}

/// A session that lets records in, one after the other.
pub struct Admissions(Session);

/// The transaction in which one record comes in. What is not committed has not happened.
pub struct Admission<'s> {
    work: Work<'s>,
}

/// A record as it is known before.
struct Before {
    record: i64,
    version: i64,
    content_hash: ContentHash,
    deleted: bool,
    updated_at: Option<DateTime<Utc>>,
}

type BeforeColumns = (i64, i64, Uuid, bool, Option<DateTime<Utc>>, bool);

impl Store {
    /// A session that lets records in.
    pub async fn admissions(&self) -> Result<Admissions> {
        Ok(Admissions(self.session().await?))
    }
}

impl Admissions {
    /// Begins the transaction in which one record comes in.
    pub async fn begin(&mut self) -> Result<Admission<'_>> {
        Ok(Admission { work: self.0.begin("admitting a record").await? })
    }
}

impl Admission<'_> {
    /// What surrounds records, with what has come in.
    pub fn surroundings(&mut self) -> Surroundings<'_> {
        Surroundings(&mut self.work)
    }

    /// Lands a record as a delivery of its own, sealed at once.
    ///
    /// # Errors
    /// [`StoreError::SourceIsRead`] while a delivery of the source is open that brings the same record.
    pub async fn land(&mut self, new: &SingleRecord<'_>) -> Result<Admitted> {
        if new.key.len() > SOURCE_KEY_BYTES_MAX {
            return Err(StoreError::TooLong { what: "a source key", limit: SOURCE_KEY_BYTES_MAX });
        }
        // Most are new, and one question is enough for these.
        if let Some(counted) = self.write(new, None, true).await? {
            return Ok(Admitted::Counts(counted));
        }
        let before = self.known(new).await?;
        let Statement { updated_at, deleted, content_hash } = new.statement;
        if (before.content_hash, before.deleted) == (content_hash, deleted) {
            return Ok(Admitted::Unchanged(RecordId(before.record)));
        }
        let counts = updated_at >= before.updated_at.map(|at| at.timestamp_micros());
        let counted = self.write(new, Some(&before), counts).await?;
        let counted = counted.ok_or(StoreError::Unexpected { doing: LANDING })?;
        Ok(if counts { Admitted::Counts(counted) } else { Admitted::Superseded(counted.record) })
    }

    /// What is known of a record that is.
    async fn known(&mut self, new: &SingleRecord<'_>) -> Result<Before> {
        let (record, version, content_hash, deleted, updated_at, is_open): BeforeColumns = sqlx::query_as(
            "SELECT r.record_id, r.version_id, r.content_hash, r.deleted, v.updated_at, d.state = 'open'
             FROM vinculo.source_record r
             -- By index, however many deliveries there are: a record that comes alone is one.
             CROSS JOIN LATERAL (
                 SELECT updated_at FROM vinculo.source_record_version v WHERE v.version_id = r.version_id OFFSET 0) v
             CROSS JOIN LATERAL (SELECT state FROM vinculo.delivery d WHERE d.delivery_id = r.delivery_id OFFSET 0) d
             WHERE r.source_id = $1 AND r.source_key = $2 FOR UPDATE OF r",
        )
        .bind(new.source.0)
        .bind(new.key)
        .fetch_one(&mut *self.work)
        .await
        .doing("looking up a key")?;
        if is_open {
            return Err(StoreError::SourceIsRead);
        }
        Ok(Before { record, version, content_hash: from_uuid(content_hash), deleted, updated_at })
    }

    /// Writes the delivery, the version and, where it `counts`, what the record says now; none, and nothing is written,
    /// where the record is known although nothing is told of it.
    async fn write(
        &mut self,
        new: &SingleRecord<'_>,
        before: Option<&Before>,
        counts: bool,
    ) -> Result<Option<Counted>> {
        let (is_new, one) = (before.is_none(), u64::from(counts));
        let version = before.map(|before| before.version);
        let account = DeliveryCounts {
            read: 1,
            new: u64::from(is_new),
            changed: if is_new { 0 } else { one },
            superseded: 1 - one,
            ..DeliveryCounts::default()
        };
        let landed_on = NaiveDate::default() + TimeDelta::days(i64::from(new.landed_on));
        let updated_at = new.statement.updated_at.and_then(DateTime::<Utc>::from_timestamp_micros);
        let written: Option<(i64, i64, i64, Option<Vec<u8>>)> = sqlx::query_as(ADMIT)
            .bind(before.map(|before| before.record))
            .bind(version)
            .bind(counts)
            .bind(new.source.0)
            .bind(new.run.0)
            .bind(to_uuid(new.fingerprint))
            .bind(landed_on)
            .bind(json(&account))
            .bind(&new.file.path)
            .bind(&new.file.format)
            .bind(updated_at)
            .bind(new.statement.deleted)
            .bind(to_uuid(new.statement.content_hash))
            .bind(new.raw)
            .bind(new.normalized)
            .bind(new.key)
            .fetch_optional(&mut *self.work)
            .await
            .doing(LANDING)?;
        let Some((record, replacing, delivery, replaced)) = written else { return Ok(None) };
        let replaced = version.map(VersionId).zip(replaced);
        let (record, version, delivery) = (RecordId(record), VersionId(replacing), DeliveryId(delivery));
        Ok(Some(Counted { record, version, delivery, is_new, replaced }))
    }

    /// Commits what came in, where there is nothing to publish.
    pub async fn commit(self) -> Result<()> {
        commit(self.work, "admitting a record").await
    }

    /// Publishes, and commits everything.
    pub async fn publish(mut self, publication: &Publication<'_>) -> Result<Published> {
        let published = publish_within(&mut self.work, publication, &|_| (), &mut Beside::default()).await?;
        commit(self.work, "publishing a record").await?;
        Ok(published)
    }
}

/// Record and current version of one that is known, whether this one counts, source, run, fingerprint, day, account, path, format, and what the
/// record says.
const ADMIT: &str = "
    WITH taken AS (
        UPDATE vinculo.counter
        SET next_record_id = next_record_id + ($1::bigint IS NULL)::integer, next_version_id = next_version_id + 1
        WHERE $1 IS NOT NULL
            OR NOT EXISTS (SELECT FROM vinculo.source_record WHERE source_id = $4 AND source_key = $16)
        RETURNING coalesce($1, next_record_id - 1) AS record_id, next_version_id - 1 AS version_id,
            next_record_id - ($1::bigint IS NULL)::integer AS first_record_id
    ),
    opened AS (
        INSERT INTO vinculo.delivery (source_id, run_id, state, snapshot, fingerprint, landed_on, counts, first_record_id,
            first_version_id, landed_records, landed_versions, changed, resolved, closed_at)
        SELECT $4, $5, 'sealed', false, $6, $7, $8, first_record_id, version_id, ($1::bigint IS NULL)::integer, 1, $3,
            true, clock_timestamp()
        FROM taken RETURNING delivery_id
    ),
    file AS (
        INSERT INTO vinculo.delivery_file (delivery_id, file_no, path, format, bytes, lines)
        SELECT delivery_id, 0, $9, $10, length($14), 1 FROM opened
    ),
    version AS (
        INSERT INTO vinculo.source_record_version
            (version_id, record_id, delivery_id, line, updated_at, file_no, deleted, content_hash, raw)
        SELECT version_id, record_id, delivery_id, 1, $11, 0, $12, $13, $14 FROM taken, opened
    ),
    created AS (
        INSERT INTO vinculo.source_record
            (record_id, version_id, delivery_id, source_id, deleted, content_hash, source_key)
        SELECT record_id, version_id, delivery_id, $4, $12, $13, $16 FROM taken, opened WHERE $1::bigint IS NULL
    ),
    moved AS (
        UPDATE vinculo.source_record r
        SET version_id = taken.version_id, delivery_id = opened.delivery_id, deleted = $12, content_hash = $13
        FROM taken, opened WHERE r.record_id = $1 AND $3
    ),
    replaced AS (DELETE FROM vinculo.normalized_record WHERE version_id = $2 AND $3 RETURNING data),
    normalized AS (
        INSERT INTO vinculo.normalized_record (version_id, data)
        SELECT version_id, $15 FROM taken WHERE $3 AND NOT $12
    )
    SELECT record_id, version_id, delivery_id, (SELECT data FROM replaced) FROM taken, opened";
