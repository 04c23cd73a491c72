//! Calls of commands, with everything that tells later what they did and why.

use crate::audit::{self, Early};
use crate::connection::{Store, commit};
use crate::contention::Patience;
use crate::error::{Doing, Result, StoreError};
use crate::source::{from_uuid, to_uuid};
use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::Row;
use uuid::Uuid;
use vinculo_records::{AuditHead, ContentHash, RunId};

/// A run that begins.
#[derive(Debug, Clone, Copy)]
pub struct NewRun<'a> {
    /// The command: `run`.
    pub command: &'a str,
    /// Who called it.
    pub actor: &'a str,
    /// Version of the program.
    pub program_version: &'a str,
    /// Version of the normalization rules.
    pub normalizer_version: i32,
    /// The configuration, its secrets as their names.
    pub config: &'a Value,
    /// Hash of the configuration.
    pub config_hash: ContentHash,
}

/// What became of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RunStatus {
    /// It is still at work.
    Running,
    /// It did what it was asked to do.
    Done,
    /// It could not.
    Failed,
    /// Its process ended without a word.
    Aborted,
}

impl RunStatus {
    /// The status as it stands in Postgres.
    pub fn name(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Aborted => "aborted",
        }
    }

    fn from_name(name: &str) -> Option<Self> {
        [Self::Running, Self::Done, Self::Failed, Self::Aborted].into_iter().find(|status| status.name() == name)
    }
}

/// A run, as `status` shows it.
#[derive(Debug, Clone, PartialEq)]
pub struct Run {
    /// Its number.
    pub id: RunId,
    /// The command.
    pub command: String,
    /// Who called it.
    pub actor: String,
    /// Version of the program.
    pub program_version: String,
    /// What became of it.
    pub status: RunStatus,
    /// When it began.
    pub started_at: DateTime<Utc>,
    /// When it ended.
    pub finished_at: Option<DateTime<Utc>>,
    /// Its balanced counts.
    pub summary: Option<Value>,
}

impl Store {
    /// Begins a run; runs that a killed process left behind are marked as aborted. The caller holds the lease.
    pub async fn begin_run(&self, run: &NewRun<'_>) -> Result<RunId> {
        let mut patience = Patience::default();
        loop {
            match self.begin_run_once(run).await {
                Err(error) if patience.allows(&error).await => {}
                outcome => return outcome,
            }
        }
    }

    async fn begin_run_once(&self, run: &NewRun<'_>) -> Result<RunId> {
        let doing = "beginning a run";
        let mut transaction = self.begin(doing).await?;
        sqlx::query(
            "UPDATE vinculo.run SET status = 'aborted', finished_at = clock_timestamp() WHERE status = 'running'",
        )
        .execute(&mut *transaction)
        .await
        .doing(doing)?;
        let id: i64 = sqlx::query_scalar(
            "INSERT INTO vinculo.run (command, actor, program_version, normalizer_version, config, config_hash)
             VALUES ($1, $2, $3, $4, $5, $6) RETURNING run_id",
        )
        .bind(run.command)
        .bind(run.actor)
        .bind(run.program_version)
        .bind(run.normalizer_version)
        .bind(run.config)
        .bind(to_uuid(run.config_hash))
        .fetch_one(&mut *transaction)
        .await
        .doing(doing)?;
        commit(transaction, doing).await?;
        Ok(RunId(id))
    }

    /// Ends a run, and covers all that it wrote by a block of the audit chain.
    pub async fn finish_run(&self, run: RunId, status: RunStatus, summary: &Value) -> Result<AuditHead> {
        self.finish_run_with(run, status, summary, &Early::default()).await
    }

    /// The same for a run of which some rows were [hashed early](Self::hash_early).
    pub async fn finish_run_with(
        &self,
        run: RunId,
        status: RunStatus,
        summary: &Value,
        early: &Early,
    ) -> Result<AuditHead> {
        let mut patience = Patience::default();
        loop {
            match self.finish_run_once(run, status, summary, early).await {
                Err(error) if patience.allows(&error).await => {}
                outcome => return outcome,
            }
        }
    }

    async fn finish_run_once(
        &self,
        run: RunId,
        status: RunStatus,
        summary: &Value,
        early: &Early,
    ) -> Result<AuditHead> {
        let doing = "finishing a run";
        let mut transaction = self.begin(doing).await?;
        sqlx::query(
            "UPDATE vinculo.run SET status = $2, summary = $3, finished_at = clock_timestamp() WHERE run_id = $1",
        )
        .bind(run.0)
        .bind(status.name())
        .bind(summary)
        .execute(&mut *transaction)
        .await
        .doing(doing)?;
        let head = audit::cover(self, &mut transaction, run, early).await?;
        commit(transaction, doing).await?;
        Ok(head)
    }

    /// The last runs, the newest first.
    pub async fn runs(&self, limit: u32) -> Result<Vec<Run>> {
        let doing = "reading runs";
        let rows = sqlx::query(
            "SELECT run_id, command, actor, program_version, status, started_at, finished_at, summary
             FROM vinculo.run ORDER BY run_id DESC LIMIT $1",
        )
        .bind(i64::from(limit))
        .fetch_all(&self.pool)
        .await
        .doing(doing)?;
        rows.into_iter()
            .map(|row| {
                let status: String = row.try_get("status").doing(doing)?;
                Ok(Run {
                    id: RunId(row.try_get("run_id").doing(doing)?),
                    command: row.try_get("command").doing(doing)?,
                    actor: row.try_get("actor").doing(doing)?,
                    program_version: row.try_get("program_version").doing(doing)?,
                    status: RunStatus::from_name(&status).ok_or(StoreError::Unexpected { doing })?,
                    started_at: row.try_get("started_at").doing(doing)?,
                    finished_at: row.try_get("finished_at").doing(doing)?,
                    summary: row.try_get("summary").doing(doing)?,
                })
            })
            .collect()
    }

    /// What the last run that resolved depended on, as its [publication](Self::publish) gave it.
    pub async fn last_resolved(&self) -> Result<Option<ContentHash>> {
        let state: Option<Uuid> = sqlx::query_scalar(
            "SELECT resolved_state FROM vinculo.run WHERE resolved_state IS NOT NULL ORDER BY run_id DESC LIMIT 1",
        )
        .fetch_optional(&self.pool)
        .await
        .doing("reading the last resolution")?;
        Ok(state.map(from_uuid))
    }
}
