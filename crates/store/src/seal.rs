//! Sealing: a delivery begins to count, in one transaction.

use crate::connection::{Store, commit};
use crate::contention::Patience;
use crate::copy::copy_out;
use crate::delivery::{DeliveryCounts, Handle, lock_open};
use crate::error::{Doing, Result, StoreError};
use crate::landing::json;
use crate::reject::share_repeated;
use sqlx::PgConnection;
use vinculo_records::{DeliveryId, RecordId};

/// How a delivery is sealed.
pub struct Seal<'a> {
    /// The account of the reader; what became of the rows is found out by sealing.
    pub counts: DeliveryCounts,
    /// For a snapshot: whether a record was seen in it. Records that were not are deleted.
    pub seen: Option<&'a (dyn Fn(RecordId) -> bool + Sync)>,
}

/// What sealing did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sealed {
    /// The final account.
    pub counts: DeliveryCounts,
    /// Whether any current record is another now.
    pub changed: bool,
}

/// How much of a source a snapshot no longer has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Absent {
    /// Records that it would delete.
    pub absent: u64,
    /// Records that the source had before.
    pub of: u64,
}

/// What became of the versions of a delivery that met other versions of their records.
#[derive(Debug, Default)]
struct Reconciled {
    /// Versions that were taken out again, since they say nothing new.
    taken_out: u64,
    /// Known records that have another current version now.
    moved: u64,
}

impl Store {
    /// How many records a snapshot would delete, before it is sealed: a snapshot that lacks too many is refused.
    pub async fn count_absent(&self, delivery: DeliveryId, seen: impl Fn(RecordId) -> bool + Sync) -> Result<Absent> {
        let mut transaction = self.begin("comparing a snapshot").await?;
        let handle = lock_open(&mut transaction, delivery).await?;
        let (absent, of) = absent_records(&mut transaction, delivery, &handle, &seen).await?;
        Ok(Absent { absent: absent.len() as u64, of })
    }

    /// Seals a delivery: from now on it counts.
    ///
    /// The current version of a record becomes the greatest by (`updated_at`, none being least; order of landing).
    /// Versions that say only what the record had said before are taken out again, where they leave its content as it
    /// was: the same file delivered twice changes nothing.
    pub async fn seal(&self, delivery: DeliveryId, seal: Seal<'_>) -> Result<Sealed> {
        let mut patience = Patience::default();
        loop {
            match self.seal_once(delivery, &seal).await {
                Err(error) if patience.allows(&error).await => {}
                outcome => return outcome,
            }
        }
    }

    async fn seal_once(&self, delivery: DeliveryId, seal: &Seal<'_>) -> Result<Sealed> {
        let mut transaction = self.begin("sealing a delivery").await?;
        let handle = lock_open(&mut transaction, delivery).await?;
        check_balance(delivery, &handle, &seal.counts)?;
        let mut deleted = 0;
        if let Some(seen) = seal.seen {
            let (absent, _) = absent_records(&mut transaction, delivery, &handle, seen).await?;
            deleted = absent.len() as u64;
            delete_absent(&mut transaction, delivery, &absent).await?;
        }
        // Where every landed version made a new record, all of them are current already.
        let reconciled = if handle.landed_versions > handle.landed_records || deleted > 0 {
            reconcile(&mut transaction, delivery, &handle).await?
        } else {
            Reconciled::default()
        };
        let changed = reconciled.moved - deleted;
        let counts = DeliveryCounts {
            new: handle.landed_records,
            changed,
            unchanged: seal.counts.unchanged + reconciled.taken_out,
            superseded: handle.landed_versions - handle.landed_records - changed - reconciled.taken_out,
            deleted,
            ..seal.counts.clone()
        };
        let sealed = Sealed { changed: counts.new + counts.changed + counts.deleted > 0, counts };
        close(&mut transaction, delivery, &sealed).await?;
        commit(transaction, "sealing a delivery").await?;
        Ok(sealed)
    }
}

/// The reader counts rows as it reads them, the store counts versions as they land; both must tell the same.
fn check_balance(delivery: DeliveryId, handle: &Handle, counts: &DeliveryCounts) -> Result<()> {
    let accounted = handle.landed_versions + counts.unchanged + counts.rejected;
    if counts.read == accounted && counts.accounted() == accounted {
        return Ok(());
    }
    Err(StoreError::Unbalanced { delivery: delivery.0, read: counts.read, accounted })
}

/// The current records of the delivery's source that it did not show, and how many there were before it.
async fn absent_records(
    connection: &mut PgConnection,
    delivery: DeliveryId,
    handle: &Handle,
    seen: &(dyn Fn(RecordId) -> bool + Sync),
) -> Result<(Vec<i64>, u64)> {
    let statement = format!(
        "COPY (SELECT record_id FROM vinculo.source_record
               WHERE source_id = {} AND NOT deleted AND delivery_id <> {}) TO STDOUT BINARY",
        handle.source.0, delivery.0
    );
    let mut absent = Vec::new();
    let of = copy_out(connection, &statement, "comparing a snapshot", |row| {
        let record = row.int8()?;
        if !seen(RecordId(record)) {
            absent.push(record);
        }
        Some(())
    })
    .await?;
    absent.sort_unstable();
    Ok((absent, of))
}

/// A record that is gone gets a version that says so. It carries the `updated_at` of the version that it ends, so that
/// only a later delivery overrules it.
async fn delete_absent(connection: &mut PgConnection, delivery: DeliveryId, records: &[i64]) -> Result<()> {
    let doing = "deleting absent records";
    let first: i64 = sqlx::query_scalar(
        "UPDATE vinculo.counter SET next_version_id = next_version_id + $1 RETURNING next_version_id - $1",
    )
    .bind(records.len() as i64)
    .fetch_one(&mut *connection)
    .await
    .doing(doing)?;
    sqlx::query(
        "INSERT INTO vinculo.source_record_version
             (version_id, record_id, delivery_id, updated_at, deleted, content_hash)
         SELECT $2 + a.place - 1, r.record_id, $3, v.updated_at, true, v.content_hash
         FROM unnest($1::bigint[]) WITH ORDINALITY a (record_id, place)
         JOIN vinculo.source_record r USING (record_id)
         JOIN vinculo.source_record_version v ON v.version_id = r.version_id",
    )
    .bind(records)
    .bind(first)
    .bind(delivery.0)
    .execute(connection)
    .await
    .doing(doing)?;
    Ok(())
}

/// Finds the current version of every record that the delivery touched.
async fn reconcile(connection: &mut PgConnection, delivery: DeliveryId, handle: &Handle) -> Result<Reconciled> {
    gather_landed(connection, delivery, handle).await?;
    choose_current(connection).await?;
    let taken_out = take_out_repetitions(connection).await?;
    let moved = move_pointers(connection, delivery).await?;
    Ok(Reconciled { taken_out, moved })
}

/// What landed, each version with the one that was current before, and whether the record had said the same before.
async fn gather_landed(connection: &mut PgConnection, delivery: DeliveryId, handle: &Handle) -> Result<()> {
    let doing = "gathering what landed";
    sqlx::raw_sql(
        "CREATE TEMPORARY TABLE landed (
             record_id bigint, version_id bigint, updated_at timestamptz, content_hash uuid, deleted boolean,
             prior_version bigint, said_before boolean
         ) ON COMMIT DROP",
    )
    .execute(&mut *connection)
    .await
    .doing(doing)?;
    sqlx::query(
        "INSERT INTO landed
         SELECT v.record_id, v.version_id, v.updated_at, v.content_hash, v.deleted,
             CASE WHEN r.delivery_id <> $2 THEN r.version_id END,
             r.delivery_id <> $2 AND EXISTS (
                 SELECT FROM vinculo.source_record_version e
                 WHERE e.record_id = v.record_id AND e.version_id < $1
                     AND e.content_hash = v.content_hash AND e.deleted = v.deleted)
         FROM vinculo.source_record_version v JOIN vinculo.source_record r USING (record_id)
         WHERE v.version_id >= $1 AND v.delivery_id = $2",
    )
    .bind(handle.first_version)
    .bind(delivery.0)
    .execute(&mut *connection)
    .await
    .doing(doing)?;
    sqlx::raw_sql("ANALYZE landed").execute(connection).await.doing(doing)?;
    Ok(())
}

/// The winner of each touched record, and whether the delivery only repeated what the record had said.
async fn choose_current(connection: &mut PgConnection) -> Result<()> {
    let doing = "choosing current versions";
    sqlx::raw_sql(
        "CREATE TEMPORARY TABLE chosen (
             record_id bigint PRIMARY KEY, prior_version bigint, version_id bigint, content_hash uuid, deleted boolean,
             repeated boolean
         ) ON COMMIT DROP;
         INSERT INTO chosen
         SELECT w.record_id, w.prior_version, w.version_id, w.content_hash, w.deleted,
             w.prior_version IS NOT NULL AND w.said_before AND w.content_hash = r.content_hash AND w.deleted = r.deleted
         FROM (
             SELECT DISTINCT ON (record_id) record_id, prior_version, version_id, content_hash, deleted,
                 bool_and(said_before) OVER (PARTITION BY record_id) AS said_before
             FROM (
                 SELECT record_id, prior_version, version_id, updated_at, content_hash, deleted, said_before FROM landed
                 UNION ALL
                 SELECT DISTINCT l.record_id, l.prior_version, p.version_id, p.updated_at, p.content_hash, p.deleted, true
                 FROM landed l JOIN vinculo.source_record_version p ON p.version_id = l.prior_version
             ) candidate
             ORDER BY record_id, updated_at DESC NULLS LAST, version_id DESC
         ) w
         JOIN vinculo.source_record r USING (record_id);
         ANALYZE chosen",
    )
    .execute(connection)
    .await
    .doing(doing)?;
    Ok(())
}

async fn take_out_repetitions(connection: &mut PgConnection) -> Result<u64> {
    let doing = "taking out repetitions";
    sqlx::query(
        "DELETE FROM vinculo.normalized_record n USING landed l JOIN chosen c USING (record_id)
         WHERE n.version_id = l.version_id AND c.repeated",
    )
    .execute(&mut *connection)
    .await
    .doing(doing)?;
    let taken_out = sqlx::query(
        "DELETE FROM vinculo.source_record_version v USING landed l JOIN chosen c USING (record_id)
         WHERE v.version_id = l.version_id AND c.repeated",
    )
    .execute(connection)
    .await
    .doing(doing)?;
    Ok(taken_out.rows_affected())
}

/// Returns how many records that were known before have another current version now.
async fn move_pointers(connection: &mut PgConnection, delivery: DeliveryId) -> Result<u64> {
    let doing = "moving to current versions";
    sqlx::query(
        "UPDATE vinculo.source_record r
         SET version_id = c.version_id, content_hash = c.content_hash, deleted = c.deleted, delivery_id = $1
         FROM chosen c WHERE r.record_id = c.record_id AND r.version_id <> c.version_id AND NOT c.repeated",
    )
    .bind(delivery.0)
    .execute(&mut *connection)
    .await
    .doing(doing)?;
    sqlx::query(
        "DELETE FROM vinculo.normalized_record n
         USING (SELECT record_id, version_id FROM landed UNION SELECT record_id, prior_version FROM landed) t
         JOIN chosen c USING (record_id)
         WHERE n.version_id = t.version_id AND NOT c.repeated AND (t.version_id <> c.version_id OR c.deleted)",
    )
    .execute(&mut *connection)
    .await
    .doing(doing)?;
    let moved: i64 =
        sqlx::query_scalar("SELECT count(*) FROM chosen WHERE prior_version <> version_id AND NOT repeated")
            .fetch_one(connection)
            .await
            .doing(doing)?;
    Ok(moved.unsigned_abs())
}

async fn close(connection: &mut PgConnection, delivery: DeliveryId, sealed: &Sealed) -> Result<()> {
    share_repeated(connection, delivery).await?;
    sqlx::query(
        "UPDATE vinculo.delivery SET state = 'sealed', counts = $2, changed = $3, checkpoint = NULL,
             closed_at = clock_timestamp()
         WHERE delivery_id = $1",
    )
    .bind(delivery.0)
    .bind(json(&sealed.counts))
    .bind(sealed.changed)
    .execute(connection)
    .await
    .doing("sealing a delivery")?;
    Ok(())
}
