//! The newest model of each kind in the form in which programs read it.
//!
//! `vinculo.model.body` is for people and auditors: JSON, in which a model of a million records takes tens of megabytes.
//! What every run reads must cost little whatever the store holds.

use crate::connection::{Store, commit};
use crate::error::{Doing, Result};
use crate::source::from_uuid;
use uuid::Uuid;
use vinculo_records::{ContentHash, Kind};

/// The newest model of a kind, packed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackedModel {
    /// Its number.
    pub version: i64,
    /// Hash of the model, as the caller gave it.
    pub digest: ContentHash,
    /// The plan and the frozen weights, as the caller packed them.
    pub data: Vec<u8>,
}

impl Store {
    /// The newest model of a kind; none where it was not packed by this version of the program.
    pub async fn packed_model(&self, kind: Kind, program_version: &str) -> Result<Option<PackedModel>> {
        let row: Option<(i64, Uuid, Vec<u8>)> = sqlx::query_as(
            "SELECT p.model_version, m.digest, p.data
             FROM vinculo.packed_model p JOIN vinculo.model m USING (model_version)
             WHERE p.kind = $1 AND p.program_version = $2
                 AND p.model_version = (SELECT max(n.model_version) FROM vinculo.model n WHERE n.kind = $1)",
        )
        .bind(kind.name())
        .bind(program_version)
        .fetch_optional(&self.pool)
        .await
        .doing("reading a model")?;
        Ok(row.map(|(version, digest, data)| PackedModel { version, digest: from_uuid(digest), data }))
    }

    /// Keeps a model packed, in place of an older one of its kind.
    pub async fn pack_model(&self, kind: Kind, version: i64, program_version: &str, data: &[u8]) -> Result<()> {
        let doing = "keeping a model";
        let mut transaction = self.begin(doing).await?;
        sqlx::query(
            "INSERT INTO vinculo.packed_model AS kept (kind, model_version, program_version, data) VALUES ($1, $2, $3, $4)
             ON CONFLICT (kind) DO UPDATE SET model_version = excluded.model_version,
                 program_version = excluded.program_version, data = excluded.data
             WHERE kept.model_version <= excluded.model_version",
        )
        .bind(kind.name())
        .bind(version)
        .bind(program_version)
        .bind(data)
        .execute(&mut *transaction)
        .await
        .doing(doing)?;
        commit(transaction, doing).await
    }
}
