//! Landing: rows, rejects and the checkpoint that covers them, batch by batch, one transaction each.

use crate::connection::{Store, commit};
use crate::contention::Patience;
use crate::copy::{RowEncoder, Target, copy_in, copy_out};
use crate::delivery::{DeliveryCounts, DeliveryFile, Handle, lock_open};
use crate::error::{Doing, Result, StoreError};
use crate::reject::{self, RejectedRow};
use crate::source::from_uuid;
use serde_json::Value;
use sqlx::PgConnection;
use uuid::Uuid;
use vinculo_records::{ContentHash, DeliveryId, RecordId, SourceId};

/// A longer key does not fit into an index.
pub const SOURCE_KEY_BYTES_MAX: usize = 2_000;

const RECORDS: Target = Target {
    table: "vinculo.source_record",
    columns: "record_id, version_id, delivery_id, source_id, deleted, content_hash, source_key",
};
const VERSIONS: Target = Target {
    table: "vinculo.source_record_version",
    columns: "version_id, record_id, delivery_id, line, updated_at, file_no, deleted, content_hash, raw",
};
pub(crate) const NORMALIZED_RECORDS: Target =
    Target { table: "vinculo.normalized_record", columns: "version_id, data" };
const REJECTS: Target =
    Target { table: "vinculo.reject", columns: "reject_id, delivery_id, line, file_no, faults, raw" };

/// What the store knows of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Known {
    /// The record.
    pub record_id: RecordId,
    /// Hash of what it said last: in this delivery, else in its current version.
    pub content_hash: ContentHash,
    /// Whether it said that the source has the record no longer.
    pub deleted: bool,
}

/// A row that says something new.
#[derive(Debug, Clone, Copy)]
pub struct LandedRow<'a> {
    /// The key of the record in its source.
    pub key: &'a str,
    /// The record, where the key is known; the same new key may stand in several rows.
    pub known: Option<RecordId>,
    /// Hash of what the row says.
    pub content_hash: ContentHash,
    /// The file of the delivery.
    pub file_no: i32,
    /// The line where it begins.
    pub line: i64,
    /// When the source changed the record, in microseconds since 1970-01-01 UTC.
    pub updated_at: Option<i64>,
    /// Whether it says that the source has the record no longer.
    pub deleted: bool,
    /// The row exactly as it was delivered.
    pub raw: &'a str,
    /// The packed normalized record; not kept for a deleted one.
    pub normalized: &'a [u8],
}

/// What lands together. Rows stand in the order in which they were read.
#[derive(Debug, Default)]
pub struct Landing<'a> {
    /// New and changed rows.
    pub rows: Vec<LandedRow<'a>>,
    /// Rejected rows.
    pub rejects: Vec<RejectedRow>,
    /// The files that were begun or read on, each once, with what was read of it so far.
    pub files: Vec<DeliveryFile>,
    /// Where the connector goes on after these rows.
    pub checkpoint: Option<String>,
    /// The account of the delivery so far, these rows included.
    pub counts: DeliveryCounts,
}

impl Store {
    /// Hands over every key of a source: all that Bloom filters need.
    pub async fn for_each_known_key(&self, source: SourceId, mut each: impl FnMut(&str) + Send) -> Result<u64> {
        let mut connection = self.pool.acquire().await.doing("connecting")?;
        let statement = format!(
            "COPY (SELECT source_key FROM vinculo.source_record WHERE source_id = {}) TO STDOUT BINARY",
            source.0
        );
        copy_out(&mut connection, &statement, "reading known keys", |row| {
            each(row.text()?);
            Some(())
        })
        .await
    }

    /// How many records a source has, deleted ones included.
    pub async fn count_records(&self, source: SourceId) -> Result<u64> {
        let count: i64 = sqlx::query_scalar("SELECT count(*) FROM vinculo.source_record WHERE source_id = $1")
            .bind(source.0)
            .fetch_one(&self.pool)
            .await
            .doing("counting records")?;
        Ok(count.unsigned_abs())
    }

    /// What is known of each key, in the order of the keys: by the open delivery that is given, else by sealed ones.
    pub async fn latest(
        &self,
        source: SourceId,
        delivery: Option<DeliveryId>,
        keys: &[&str],
    ) -> Result<Vec<Option<Known>>> {
        let rows: Vec<(i64, i64, Uuid, bool)> = sqlx::query_as(
            "SELECT k.place, r.record_id, coalesce(p.content_hash, r.content_hash), coalesce(p.deleted, r.deleted)
             FROM unnest($3::text[]) WITH ORDINALITY k (key, place)
             JOIN vinculo.source_record r ON r.source_id = $1 AND r.source_key = k.key
             LEFT JOIN vinculo.delivery d ON d.delivery_id = $2
             LEFT JOIN LATERAL (
                 SELECT v.content_hash, v.deleted FROM vinculo.source_record_version v
                 WHERE d.landed_versions > 0 AND v.record_id = r.record_id
                     AND v.version_id >= d.first_version_id AND v.delivery_id = d.delivery_id
                 ORDER BY v.version_id DESC LIMIT 1
             ) p ON true
             WHERE r.delivery_id NOT IN (
                 SELECT delivery_id FROM vinculo.delivery WHERE state = 'open' AND delivery_id IS DISTINCT FROM $2)",
        )
        .bind(source.0)
        .bind(delivery.map(|delivery| delivery.0))
        .bind(keys)
        .fetch_all(&self.pool)
        .await
        .doing("looking up keys")?;
        let mut known = vec![None; keys.len()];
        for (place, record, content_hash, deleted) in rows {
            let place = usize::try_from(place - 1).ok().and_then(|place| known.get_mut(place));
            *place.ok_or(StoreError::Unexpected { doing: "looking up keys" })? =
                Some(Known { record_id: RecordId(record), content_hash: from_uuid(content_hash), deleted });
        }
        Ok(known)
    }

    /// Lands a batch in one transaction; returns the record of each row.
    pub async fn land(&self, delivery: DeliveryId, landing: &Landing<'_>) -> Result<Vec<RecordId>> {
        if landing.rows.iter().any(|row| row.key.len() > SOURCE_KEY_BYTES_MAX) {
            return Err(StoreError::TooLong { what: "a source key", limit: SOURCE_KEY_BYTES_MAX });
        }
        let mut patience = Patience::default();
        loop {
            match self.land_once(delivery, landing).await {
                Err(error) if patience.allows(&error).await => {}
                outcome => return outcome,
            }
        }
    }

    async fn land_once(&self, delivery: DeliveryId, landing: &Landing<'_>) -> Result<Vec<RecordId>> {
        let doing = "landing rows";
        let mut transaction = self.begin(doing).await?;
        let handle = lock_open(&mut transaction, delivery).await?;
        let batch = Batch::new(&landing.rows);
        let ids = take_ids(&mut transaction, batch.new_records, landing).await?;
        let records = batch.records(&landing.rows, ids.first_record);
        write_records(&mut transaction, delivery, &handle, landing, &batch, &records, &ids).await?;
        write_versions(&mut transaction, delivery, landing, &records, &ids).await?;
        let rejects = reject::encode(delivery, ids.first_reject, &landing.rejects)?;
        copy_in(&mut transaction, REJECTS, &[rejects], "landing rejected rows").await?;
        write_files(&mut transaction, delivery, &landing.files).await?;
        write_account(&mut transaction, delivery, landing, batch.new_records).await?;
        commit(transaction, doing).await?;
        Ok(records)
    }
}

/// Which rows of a batch bring new records.
struct Batch {
    /// Rows of unknown keys, by key and then as they were read.
    unknown: Vec<usize>,
    /// How many different keys those have.
    new_records: usize,
}

impl Batch {
    fn new(rows: &[LandedRow<'_>]) -> Self {
        let mut unknown: Vec<usize> = (0..rows.len()).filter(|&row| rows[row].known.is_none()).collect();
        // Sorted keys cost the unique index a fifth of what keys in any order cost.
        unknown.sort_unstable_by_key(|&row| (rows[row].key, row));
        let new_records = unknown.chunk_by(|&a, &b| rows[a].key == rows[b].key).count();
        Self { unknown, new_records }
    }

    /// The rows of each new record, in the order in which they were read.
    fn groups<'b>(&'b self, rows: &'b [LandedRow<'_>]) -> impl Iterator<Item = &'b [usize]> {
        self.unknown.chunk_by(|&a, &b| rows[a].key == rows[b].key)
    }

    fn records(&self, rows: &[LandedRow<'_>], first_record: i64) -> Vec<RecordId> {
        let mut records: Vec<RecordId> = rows.iter().map(|row| row.known.unwrap_or(RecordId(0))).collect();
        for (id, group) in (first_record..).zip(self.groups(rows)) {
            for &row in group {
                records[row] = RecordId(id);
            }
        }
        records
    }
}

struct Ids {
    first_record: i64,
    first_version: i64,
    first_reject: i64,
}

async fn take_ids(connection: &mut PgConnection, new_records: usize, landing: &Landing<'_>) -> Result<Ids> {
    let (first_record, first_version, first_reject) = sqlx::query_as(
        "UPDATE vinculo.counter SET next_record_id = next_record_id + $1, next_version_id = next_version_id + $2,
             next_reject_id = next_reject_id + $3
         RETURNING next_record_id - $1, next_version_id - $2, next_reject_id - $3",
    )
    .bind(new_records as i64)
    .bind(landing.rows.len() as i64)
    .bind(landing.rejects.len() as i64)
    .fetch_one(connection)
    .await
    .doing("taking ids")?;
    Ok(Ids { first_record, first_version, first_reject })
}

/// New records point at their first version; it counts once the delivery is sealed.
async fn write_records(
    connection: &mut PgConnection,
    delivery: DeliveryId,
    handle: &Handle,
    landing: &Landing<'_>,
    batch: &Batch,
    records: &[RecordId],
    ids: &Ids,
) -> Result<()> {
    let doing = "landing records";
    let mut encoder = RowEncoder::new(7);
    for group in batch.groups(&landing.rows) {
        let first = group[0];
        let row = &landing.rows[first];
        encoder
            .row()
            .int8(records[first].0)
            .int8(ids.first_version + first as i64)
            .int8(delivery.0)
            .int2(handle.source.0)
            .boolean(row.deleted)
            .uuid(row.content_hash.0)
            .text(row.key);
    }
    copy_in(connection, RECORDS, &[encoder.finish(doing)?], doing).await?;
    Ok(())
}

async fn write_versions(
    connection: &mut PgConnection,
    delivery: DeliveryId,
    landing: &Landing<'_>,
    records: &[RecordId],
    ids: &Ids,
) -> Result<()> {
    let doing = "landing versions";
    let mut versions = RowEncoder::new(9);
    let mut normalized = RowEncoder::new(2);
    for ((id, row), record) in (ids.first_version..).zip(&landing.rows).zip(records) {
        versions
            .row()
            .int8(id)
            .int8(record.0)
            .int8(delivery.0)
            .int8(row.line)
            .timestamp(row.updated_at)
            .int4(row.file_no)
            .boolean(row.deleted)
            .uuid(row.content_hash.0)
            .text(row.raw);
        if !row.deleted {
            normalized.row().int8(id).bytes(row.normalized);
        }
    }
    copy_in(connection, VERSIONS, &[versions.finish(doing)?], doing).await?;
    copy_in(connection, NORMALIZED_RECORDS, &[normalized.finish(doing)?], "landing normalized records").await?;
    Ok(())
}

async fn write_files(connection: &mut PgConnection, delivery: DeliveryId, files: &[DeliveryFile]) -> Result<()> {
    if files.is_empty() {
        return Ok(());
    }
    // The caller may give all files of a delivery with every batch: those that are as they were stay untouched.
    sqlx::query(
        "INSERT INTO vinculo.delivery_file AS kept (delivery_id, file_no, path, format, bytes, lines)
         SELECT $1, given.* FROM unnest($2::integer[], $3::text[], $4::jsonb[], $5::bigint[], $6::bigint[]) given
         ON CONFLICT (delivery_id, file_no) DO UPDATE
         SET path = excluded.path, format = excluded.format, bytes = excluded.bytes, lines = excluded.lines
         WHERE (kept.path, kept.format, kept.bytes, kept.lines)
             IS DISTINCT FROM (excluded.path, excluded.format, excluded.bytes, excluded.lines)",
    )
    .bind(delivery.0)
    .bind(files.iter().map(|file| file.file_no).collect::<Vec<_>>())
    .bind(files.iter().map(|file| file.path.as_str()).collect::<Vec<_>>())
    .bind(files.iter().map(|file| &file.format).collect::<Vec<_>>())
    .bind(files.iter().map(|file| file.bytes).collect::<Vec<_>>())
    .bind(files.iter().map(|file| file.lines).collect::<Vec<_>>())
    .execute(connection)
    .await
    .doing("landing files")?;
    Ok(())
}

async fn write_account(
    connection: &mut PgConnection,
    delivery: DeliveryId,
    landing: &Landing<'_>,
    new_records: usize,
) -> Result<()> {
    sqlx::query(
        "UPDATE vinculo.delivery SET checkpoint = coalesce($2, checkpoint), counts = $3,
             landed_records = landed_records + $4, landed_versions = landed_versions + $5
         WHERE delivery_id = $1",
    )
    .bind(delivery.0)
    .bind(&landing.checkpoint)
    .bind(json(&landing.counts))
    .bind(new_records as i64)
    .bind(landing.rows.len() as i64)
    .execute(connection)
    .await
    .doing("landing the checkpoint")?;
    Ok(())
}

pub(crate) fn json(counts: &DeliveryCounts) -> Value {
    serde_json::to_value(counts).expect("counts are numbers under texts")
}
