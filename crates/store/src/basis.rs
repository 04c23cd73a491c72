//! What later resolutions go on from: the deliveries that one has taken in, and the keys by which its records are found.

use crate::block_keys::{self, Added, Beside, KeyChange};
use crate::connection::Store;
use crate::error::{Doing, Result};
use crate::source::to_uuid;
use sqlx::PgConnection;
use vinculo_records::{ContentHash, DeliveryId, RecordId, RunId};

/// What later resolutions go on from.
#[derive(Debug, Clone, Copy, Default)]
pub struct Basis<'a> {
    /// Deliveries that are taken in for the first time.
    pub deliveries: &'a [DeliveryId],
    /// What becomes of the keys of records.
    pub keys: &'a [KeyChange],
    /// The last judgement that was followed, if there is any.
    pub last_judgement: Option<i64>,
}

/// What no published resolution has taken in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Unresolved {
    /// Sealed deliveries, in the order of their numbers.
    pub deliveries: Vec<DeliveryId>,
    /// How many records they have, about: as many as they have versions.
    pub versions: u64,
    /// Records that were judged, or judged otherwise, since the last resolution.
    pub judged: Vec<RecordId>,
}

impl Store {
    /// Whether the last resolution that was published depended on just this, and on the newest models.
    pub async fn stands(&self, state: ContentHash) -> Result<bool> {
        let stands: Option<bool> = sqlx::query_scalar(
            "SELECT resolved_state = $1 AND NOT EXISTS (
                 SELECT FROM vinculo.key_base b WHERE b.model_version <>
                     (SELECT max(m.model_version) FROM vinculo.model m WHERE m.kind = b.kind))
             FROM vinculo.run WHERE resolved_state IS NOT NULL ORDER BY run_id DESC LIMIT 1",
        )
        .bind(to_uuid(state))
        .fetch_optional(&self.pool)
        .await
        .doing("reading the last resolution")?;
        Ok(stands.unwrap_or(false))
    }

    /// What no published resolution has taken in.
    pub async fn unresolved(&self) -> Result<Unresolved> {
        let rows: Vec<(i64, i64)> = sqlx::query_as(
            "SELECT delivery_id, landed_versions + coalesce((counts ->> 'deleted')::bigint, 0)
             FROM vinculo.delivery WHERE state = 'sealed' AND NOT resolved ORDER BY delivery_id",
        )
        .fetch_all(&self.pool)
        .await
        .doing("looking for what is new")?;
        let (deliveries, versions): (Vec<_>, Vec<_>) =
            rows.into_iter().map(|(delivery, versions)| (DeliveryId(delivery), versions.unsigned_abs())).unzip();
        let judged: Vec<i64> = sqlx::query_scalar(
            "SELECT DISTINCT r.record_id FROM vinculo.judgement j
             CROSS JOIN LATERAL (VALUES (j.left_record), (j.right_record)) r (record_id)
             WHERE j.judgement_id > (SELECT coalesce(max(last_judgement), 0) FROM vinculo.run)
                 AND r.record_id IS NOT NULL
             ORDER BY r.record_id",
        )
        .fetch_all(&self.pool)
        .await
        .doing("looking for new judgements")?;
        let judged = judged.into_iter().map(RecordId).collect();
        Ok(Unresolved { deliveries, versions: versions.into_iter().sum(), judged })
    }

    /// The records of which these deliveries have a version, in ascending order: none other has another current version
    /// because of them.
    pub async fn records_in(&self, deliveries: &[DeliveryId]) -> Result<Vec<RecordId>> {
        let deliveries: Vec<i64> = deliveries.iter().map(|delivery| delivery.0).collect();
        // The versions of a delivery begin at its first one; a key of their own would cost every load more than this.
        let records: Vec<i64> = sqlx::query_scalar(
            "SELECT DISTINCT record_id FROM vinculo.source_record_version
             WHERE delivery_id = ANY($1)
                 AND version_id >= (SELECT min(first_version_id) FROM vinculo.delivery WHERE delivery_id = ANY($1))
             ORDER BY record_id",
        )
        .bind(deliveries)
        .fetch_all(&self.pool)
        .await
        .doing("reading what is new")?;
        Ok(records.into_iter().map(RecordId).collect())
    }
}

/// Run, what its resolution depended on, models, last judgement, deliveries; the keys that come, and the blocks that are
/// halved otherwise. One statement, since a record that comes alone waits for each.
const NOTE: &str = "
    WITH resolved AS (UPDATE vinculo.delivery SET resolved = true WHERE delivery_id = ANY($5)),
    noted AS (UPDATE vinculo.run SET resolved_state = $2, models = $3, last_judgement = $4 WHERE run_id = $1),
    halved AS (SELECT * FROM unnest($9::text[], $10::bigint[], $11::smallint[]) h (kind, block, halvings)),
    whole AS (
        DELETE FROM vinculo.halved_block b USING halved h
        WHERE b.kind = h.kind AND b.block = h.block AND h.halvings = 0
    ),
    part AS (
        INSERT INTO vinculo.halved_block (kind, block, halvings) SELECT * FROM halved WHERE halvings > 0
        ON CONFLICT (kind, block) DO UPDATE SET halvings = excluded.halvings
    ),
    added AS (
        INSERT INTO vinculo.key_delta (kind, key, record_id)
        SELECT * FROM unnest($6::text[], $7::bigint[], $8::bigint[]) ON CONFLICT DO NOTHING RETURNING kind
    )
    UPDATE vinculo.key_base b SET added = added + new.count
    FROM (SELECT kind, count(*) AS count FROM added GROUP BY kind) new WHERE b.kind = new.kind";

/// Notes what a run's resolution depended on, the models that decided, and what later ones go on from; keys may have been
/// written beside.
pub(crate) async fn note_resolved(
    connection: &mut PgConnection,
    run: RunId,
    state: ContentHash,
    models: &[i64],
    basis: &Basis<'_>,
    beside: &mut Beside,
) -> Result<()> {
    let Added { entries, halved } = block_keys::write_anew(connection, basis.keys, beside).await?;
    sqlx::query(NOTE)
        .bind(run.0)
        .bind(to_uuid(state))
        .bind(models)
        .bind(basis.last_judgement)
        .bind(basis.deliveries.iter().map(|delivery| delivery.0).collect::<Vec<_>>())
        .bind(entries.iter().map(|(kind, _)| kind.name()).collect::<Vec<_>>())
        .bind(entries.iter().map(|(_, entry)| entry.key.cast_signed()).collect::<Vec<_>>())
        .bind(entries.iter().map(|(_, entry)| entry.record.0).collect::<Vec<_>>())
        .bind(halved.iter().map(|(kind, ..)| kind.name()).collect::<Vec<_>>())
        .bind(halved.iter().map(|(_, block, _)| block.cast_signed()).collect::<Vec<_>>())
        .bind(halved.iter().map(|(.., halvings)| i16::from(*halvings)).collect::<Vec<_>>())
        .execute(connection)
        .await
        .doing("noting what was resolved")?;
    Ok(())
}
