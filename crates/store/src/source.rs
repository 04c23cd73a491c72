//! The project's sources, and the mapping that their records follow.

use crate::connection::{Store, commit};
use crate::error::{Doing, Result, StoreError};
use serde_json::Value;
use sqlx::PgConnection;
use uuid::Uuid;
use vinculo_records::{Attributes, ContentHash, SourceId};

/// A source as the store knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceRow {
    /// Its number, for ever.
    pub id: SourceId,
    /// Its name in `vinculo.yaml`.
    pub name: String,
    /// What its records follow; nothing before its first delivery.
    pub followed: Option<Followed>,
}

/// What the records of a source follow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Followed {
    /// Hash of the mapping and the normalization rules.
    pub fingerprint: ContentHash,
    /// The attributes that the project declared: normalized records number them in this order.
    pub attributes: Attributes,
}

pub(crate) type SourceColumns = (i16, String, Option<Uuid>, Option<Value>);

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
        let rows: Vec<SourceColumns> = sqlx::query_as(
            "SELECT s.source_id, s.name, s.fingerprint, s.attributes
             FROM unnest($1::text[]) WITH ORDINALITY u (name, place) JOIN vinculo.source s USING (name) ORDER BY u.place",
        )
        .bind(names)
        .fetch_all(&mut *transaction)
        .await
        .doing(doing)?;
        commit(transaction, doing).await?;
        rows.into_iter().map(source_row).collect()
    }

    /// What [`Self::register_sources`] would give, without writing anything.
    pub async fn foresee_sources(&self, names: &[&str]) -> Result<Vec<SourceRow>> {
        let known = self.sources().await?;
        let mut last = known.iter().map(|source| source.id.0).max().unwrap_or(0);
        let foresee = |name: &&str| {
            known.iter().find(|source| source.name == *name).cloned().unwrap_or_else(|| {
                last += 1;
                SourceRow { id: SourceId(last), name: (*name).to_owned(), followed: None }
            })
        };
        Ok(names.iter().map(foresee).collect())
    }

    /// All sources that were ever registered, by number; for commands that only read.
    pub async fn sources(&self) -> Result<Vec<SourceRow>> {
        let rows: Vec<SourceColumns> =
            sqlx::query_as("SELECT source_id, name, fingerprint, attributes FROM vinculo.source ORDER BY source_id")
                .fetch_all(&self.pool)
                .await
                .doing("reading sources")?;
        rows.into_iter().map(source_row).collect()
    }

    /// Says what the records of a source follow from now on. For a source without records; one with records is
    /// [renormalized](Self::renormalize).
    pub async fn follow(&self, source: SourceId, followed: &Followed) -> Result<()> {
        let doing = "setting a fingerprint";
        let mut transaction = self.begin(doing).await?;
        set_followed(&mut transaction, source, followed).await?;
        commit(transaction, doing).await
    }
}

pub(crate) async fn set_followed(connection: &mut PgConnection, source: SourceId, followed: &Followed) -> Result<()> {
    let attributes = serde_json::to_value(&followed.attributes).expect("attributes are names and words");
    sqlx::query("UPDATE vinculo.source SET fingerprint = $2, attributes = $3 WHERE source_id = $1")
        .bind(source.0)
        .bind(to_uuid(followed.fingerprint))
        .bind(attributes)
        .execute(connection)
        .await
        .doing("setting a fingerprint")?;
    Ok(())
}

pub(crate) fn source_row((id, name, fingerprint, attributes): SourceColumns) -> Result<SourceRow> {
    let unexpected = |_| StoreError::Unexpected { doing: "reading sources" };
    let attributes = attributes.map(serde_json::from_value).transpose().map_err(unexpected)?.unwrap_or_default();
    let followed = fingerprint.map(|fingerprint| Followed { fingerprint: from_uuid(fingerprint), attributes });
    Ok(SourceRow { id: SourceId(id), name, followed })
}

/// Postgres keeps 128-bit hashes as `uuid`: sixteen fixed bytes.
pub(crate) fn to_uuid(hash: ContentHash) -> Uuid {
    Uuid::from_u128(hash.0)
}

pub(crate) fn from_uuid(uuid: Uuid) -> ContentHash {
    ContentHash(uuid.as_u128())
}
