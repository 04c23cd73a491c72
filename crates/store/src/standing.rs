//! What records say now and said before: by this sealing decides, and whoever foretells what it will decide.

use crate::connection::Store;
use crate::error::{Doing, Result, StoreError};
use crate::source::{from_uuid, to_uuid};
use sqlx::types::chrono::{DateTime, Utc};
use uuid::Uuid;
use vinculo_records::{ContentHash, RecordId, SourceId};

const DOING: &str = "looking at what records say";

/// The current version of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// The record.
    pub record_id: RecordId,
    /// Hash of what it says.
    pub content_hash: ContentHash,
    /// Whether its source has it no longer.
    pub deleted: bool,
    /// When its source changed it, in microseconds since 1970-01-01 UTC.
    pub updated_at: Option<i64>,
}

impl Store {
    /// The current version of each key's record, in the order of the keys; none of one that no sealed delivery brought.
    pub async fn standing(&self, source: SourceId, keys: &[&str]) -> Result<Vec<Option<Standing>>> {
        type Row = (i64, i64, Uuid, bool, Option<DateTime<Utc>>);
        let rows: Vec<Row> = sqlx::query_as(
            "SELECT k.place, r.record_id, r.content_hash, r.deleted, v.updated_at
             FROM unnest($2::text[]) WITH ORDINALITY k (key, place)
             JOIN vinculo.source_record r ON r.source_id = $1 AND r.source_key = k.key
             JOIN vinculo.source_record_version v USING (version_id)
             WHERE r.delivery_id NOT IN (SELECT delivery_id FROM vinculo.delivery WHERE state = 'open')",
        )
        .bind(source.0)
        .bind(keys)
        .fetch_all(&self.pool)
        .await
        .doing(DOING)?;
        let mut standing = vec![None; keys.len()];
        for (place, record, content_hash, deleted, updated_at) in rows {
            let place = usize::try_from(place - 1).ok().and_then(|place| standing.get_mut(place));
            *place.ok_or(StoreError::Unexpected { doing: DOING })? = Some(Standing {
                record_id: RecordId(record),
                content_hash: from_uuid(content_hash),
                deleted,
                updated_at: updated_at.map(|at| at.timestamp_micros()),
            });
        }
        Ok(standing)
    }

    /// Whether each record ever said this content, or that it was deleted so, in their order.
    pub async fn ever_said(&self, said: &[(RecordId, ContentHash, bool)]) -> Result<Vec<bool>> {
        sqlx::query_scalar(
            "SELECT EXISTS (
                 SELECT FROM vinculo.source_record_version v
                 WHERE v.record_id = s.record_id AND v.content_hash = s.content_hash AND v.deleted = s.deleted)
             FROM unnest($1::bigint[], $2::uuid[], $3::boolean[])
                 WITH ORDINALITY s (record_id, content_hash, deleted, place)
             ORDER BY s.place",
        )
        .bind(said.iter().map(|(record, ..)| record.0).collect::<Vec<_>>())
        .bind(said.iter().map(|(_, content, _)| to_uuid(*content)).collect::<Vec<_>>())
        .bind(said.iter().map(|(.., deleted)| *deleted).collect::<Vec<_>>())
        .fetch_all(&self.pool)
        .await
        .doing(DOING)
    }
}
