//! The models by which records were compared: never altered, numbered in the order of training.

use crate::connection::{Store, commit};
use crate::error::{Doing, Result};
use crate::source::{from_uuid, to_uuid};
use serde_json::Value;
use uuid::Uuid;
use vinculo_records::{ContentHash, Kind, RunId};

/// A model.
#[derive(Debug, Clone, PartialEq)]
pub struct Model {
    /// Its number.
    pub version: i64,
    /// The plan and the frozen weights.
    pub body: Value,
    /// Hash of the model, as the caller gave it.
    pub digest: ContentHash,
    /// The run that trained it.
    pub run: RunId,
}

impl Store {
    /// The newest model of a kind.
    pub async fn latest_model(&self, kind: Kind) -> Result<Option<Model>> {
        let row: Option<(i64, Value, Uuid, i64)> = sqlx::query_as(
            "SELECT model_version, body, digest, run_id FROM vinculo.model
             WHERE kind = $1 ORDER BY model_version DESC LIMIT 1",
        )
        .bind(kind.name())
        .fetch_optional(&self.pool)
        .await
        .doing("reading a model")?;
        Ok(row.map(|(version, body, digest, run)| Model { version, body, digest: from_uuid(digest), run: RunId(run) }))
    }

    /// By what the levels of decisions are named, a small part of what these models hold: number, plan, and of what a model
    /// of organizations has frequencies.
    pub async fn plans(&self, versions: &[i64]) -> Result<Vec<(i64, Value, Value)>> {
        sqlx::query_as(
            "SELECT model_version, plan, CASE WHEN kind = 'organization'
                 THEN jsonb_path_query_array(body, '$.model.organizations.frequencies[*].counted') ELSE '[]' END
             FROM vinculo.model WHERE model_version = ANY($1) AND plan IS NOT NULL",
        )
        .bind(versions)
        .fetch_all(&self.pool)
        .await
        .doing("reading the plans of models")
    }

    /// Keeps a model; one of the same digest as the newest of its kind is that one. Returns its number.
    pub async fn save_model(&self, kind: Kind, run: RunId, body: &Value, digest: ContentHash) -> Result<i64> {
        let doing = "keeping a model";
        let mut transaction = self.begin(doing).await?;
        sqlx::query("LOCK TABLE vinculo.model IN SHARE ROW EXCLUSIVE MODE")
            .execute(&mut *transaction)
            .await
            .doing(doing)?;
        let newest: Option<(i64, Uuid)> = sqlx::query_as(
            "SELECT model_version, digest FROM vinculo.model WHERE kind = $1 ORDER BY model_version DESC LIMIT 1",
        )
        .bind(kind.name())
        .fetch_optional(&mut *transaction)
        .await
        .doing(doing)?;
        if let Some((version, _)) = newest.filter(|(_, kept)| *kept == to_uuid(digest)) {
            return Ok(version);
        }
        let version = sqlx::query_scalar(
            "INSERT INTO vinculo.model (model_version, kind, run_id, digest, body)
             SELECT coalesce(max(model_version), 0) + 1, $1, $2, $3, $4 FROM vinculo.model RETURNING model_version",
        )
        .bind(kind.name())
        .bind(run.0)
        .bind(to_uuid(digest))
        .bind(body)
        .fetch_one(&mut *transaction)
        .await
        .doing(doing)?;
        commit(transaction, doing).await?;
        Ok(version)
    }
}
