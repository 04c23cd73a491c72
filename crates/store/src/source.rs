//! The project's sources, and the mapping that their normalized records follow.

use crate::connection::{Store, commit};
use crate::error::{Doing, Result};
use uuid::Uuid;
use vinculo_records::{ContentHash, SourceId};

/// A source as the store knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceRow {
    /// Its number, for ever.
    pub id: SourceId,
    /// Its name in `vinculo.yaml`.
    pub name: String,
    /// What its normalized records follow; none before its first delivery.
    pub fingerprint: Option<ContentHash>,
}

impl Store {
    /// Gives each name a number, if it has none yet; returns the sources in the order of the names given.
    pub async fn register_sources(&self, names: &[&str]) -> Result<Vec<SourceRow>> {
        let doing = "registering sources";
        let mut transaction = self.begin(doing).await?;
        // Numbers come from the table, not from a sequence, which would leave gaps behind killed transactions.
        sqlx::query("LOCK TABLE vinculo.source IN SHARE ROW EXCLUSIVE MODE")
            .execute(&mut *transaction)
            .await
            .doing(doing)?;
        sqlx::query(
            "INSERT INTO vinculo.source (source_id, name)
             SELECT (SELECT coalesce(max(source_id), 0) FROM vinculo.source) + row_number() OVER (ORDER BY n.place), n.name
             FROM (SELECT name, min(place) AS place FROM unnest($1::text[]) WITH ORDINALITY u (name, place) GROUP BY name) n
             WHERE NOT EXISTS (SELECT FROM vinculo.source s WHERE s.name = n.name)",
        )
        .bind(names)
        .execute(&mut *transaction)
        .await
        .doing(doing)?;
        let rows: Vec<(i16, String, Option<Uuid>)> = sqlx::query_as(
            "SELECT s.source_id, s.name, s.fingerprint
             FROM unnest($1::text[]) WITH ORDINALITY u (name, place) JOIN vinculo.source s USING (name) ORDER BY u.place",
        )
        .bind(names)
        .fetch_all(&mut *transaction)
        .await
        .doing(doing)?;
        commit(transaction, doing).await?;
        Ok(rows.into_iter().map(source_row).collect())
    }

    /// All sources that were ever registered, by number; for commands that only read.
    pub async fn sources(&self) -> Result<Vec<SourceRow>> {
        let rows = sqlx::query_as("SELECT source_id, name, fingerprint FROM vinculo.source ORDER BY source_id")
            .fetch_all(&self.pool)
            .await
            .doing("reading sources")?;
        Ok(rows.into_iter().map(source_row).collect())
    }

    /// Says what the normalized records of a source follow from now on. For a source without records; one with records
    /// is [renormalized](Self::renormalize).
    pub async fn set_fingerprint(&self, source: SourceId, fingerprint: ContentHash) -> Result<()> {
        let doing = "setting a fingerprint";
        let mut transaction = self.begin(doing).await?;
        sqlx::query("UPDATE vinculo.source SET fingerprint = $2 WHERE source_id = $1")
            .bind(source.0)
            .bind(to_uuid(fingerprint))
            .execute(&mut *transaction)
            .await
            .doing(doing)?;
        commit(transaction, doing).await
    }
}

fn source_row((id, name, fingerprint): (i16, String, Option<Uuid>)) -> SourceRow {
    SourceRow { id: SourceId(id), name, fingerprint: fingerprint.map(from_uuid) }
}

/// Postgres keeps 128-bit hashes as `uuid`: sixteen fixed bytes.
pub(crate) fn to_uuid(hash: ContentHash) -> Uuid {
    Uuid::from_u128(hash.0)
}

pub(crate) fn from_uuid(uuid: Uuid) -> ContentHash {
    ContentHash(uuid.as_u128())
}
