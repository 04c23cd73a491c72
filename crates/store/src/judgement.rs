//! What persons have judged: appended, never altered; in force until superseded or withdrawn.

use crate::connection::{Store, Work, commit};
use crate::error::{Doing, Result, StoreError};
use crate::record::NamedRecord;
use crate::run::{NewRun, RunStatus};
use crate::source::{from_uuid, to_uuid};
use chrono::{DateTime, Utc};
use serde_json::json;
use sqlx::postgres::PgRow;
use sqlx::{AssertSqlSafe, PgConnection, Row};
use uuid::Uuid;
use vinculo_records::{ContentHash, JudgementKind, RecordId, RunId};

/// What is judged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum JudgementSubject {
    /// Two records.
    Pair {
        /// The one with the lesser number.
        left: NamedRecord,
        /// The other.
        right: NamedRecord,
    },
    /// A value of a record.
    Value {
        /// The record.
        record: NamedRecord,
        /// The attribute that it is a value of.
        attribute: String,
        /// The value, see [`value_hash`](vinculo_records::judgement::value_hash).
        value: ContentHash,
    },
}

/// A judgement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judgement {
    /// Its number.
    pub id: i64,
    /// What it says.
    pub kind: JudgementKind,
    /// Of what.
    pub subject: JudgementSubject,
    /// The judgement that it took the place of, or withdrew.
    pub supersedes: Option<i64>,
    /// The judgement that took its place, or withdrew it.
    pub superseded_by: Option<i64>,
    /// The call of the command that judged.
    pub run: RunId,
    /// Who judged.
    pub actor: String,
    /// Why.
    pub reason: String,
    /// When.
    pub judged_at: DateTime<Utc>,
}

/// A judgement to be kept.
#[derive(Debug, Clone, Copy)]
pub struct NewJudgement<'a> {
    /// What it says.
    pub kind: JudgementKind,
    /// Of what.
    pub subject: &'a JudgementSubject,
    /// The judgement that it takes the place of, or withdraws.
    pub supersedes: Option<i64>,
    /// Why.
    pub reason: &'a str,
}

/// A moment in which nobody else judges, so that what was checked still holds when it is kept.
pub struct Judging {
    work: Work<'static>,
    in_force: Vec<Judgement>,
}

impl JudgementSubject {
    /// A pair, in the order in which pairs are kept.
    pub fn pair(one: NamedRecord, other: NamedRecord) -> Self {
        let (left, right) = if one.record <= other.record { (one, other) } else { (other, one) };
        Self::Pair { left, right }
    }

    /// The records that it concerns.
    pub fn records(&self) -> impl Iterator<Item = &NamedRecord> {
        let (first, second) = match self {
            Self::Pair { left, right } => (left, Some(right)),
            Self::Value { record, .. } => (record, None),
        };
        std::iter::once(first).chain(second)
    }
}

const JUDGEMENTS: &str =
    "SELECT j.judgement_id, j.kind, j.left_record, ls.name AS left_source, l.source_key AS left_key,
        j.right_record, rs.name AS right_source, r.source_key AS right_key, j.attribute, j.value_hash, j.supersedes,
        s.judgement_id AS superseded_by, j.run_id, j.actor, j.reason, j.judged_at
    FROM vinculo.judgement j
    LEFT JOIN vinculo.judgement s ON s.supersedes = j.judgement_id
    JOIN vinculo.source_record l ON l.record_id = j.left_record
    JOIN vinculo.source ls ON ls.source_id = l.source_id
    LEFT JOIN vinculo.source_record r ON r.record_id = j.right_record
    LEFT JOIN vinculo.source rs ON rs.source_id = r.source_id";

const IN_FORCE: &str = "WHERE j.kind <> 'withdrawn' AND s.judgement_id IS NULL ORDER BY j.judgement_id";

impl Store {
    /// All judgements in force, in the order in which they were made.
    pub async fn judgements_in_force(&self) -> Result<Vec<Judgement>> {
        let mut connection = self.pool.acquire().await.doing("connecting")?;
        in_force(&mut connection).await
    }

    /// All judgements that there ever were, the newest first; those of certain records where some are named.
    pub async fn judgements(&self, records: Option<&[RecordId]>) -> Result<Vec<Judgement>> {
        let doing = "reading judgements";
        let records = records.map(|records| records.iter().map(|record| record.0).collect::<Vec<i64>>());
        let statement = format!(
            "{JUDGEMENTS} WHERE $1::bigint[] IS NULL OR j.left_record = ANY($1) OR j.right_record = ANY($1)
             ORDER BY j.judgement_id DESC"
        );
        let rows = sqlx::query(AssertSqlSafe(statement)).bind(records).fetch_all(&self.pool).await.doing(doing)?;
        rows.iter().map(judgement).collect()
    }

    /// The number of the last judgement, in force or not; none where there never was one.
    pub async fn last_judgement(&self) -> Result<Option<i64>> {
        sqlx::query_scalar("SELECT max(judgement_id) FROM vinculo.judgement")
            .fetch_one(&self.pool)
            .await
            .doing("reading judgements")
    }

    /// The number of the last judgement that a resolution has followed; 0 for none. All judgements with greater numbers,
    /// and those that they supersede, wait for the next one.
    pub async fn last_judgement_followed(&self) -> Result<i64> {
        sqlx::query_scalar("SELECT coalesce(max(last_judgement), 0) FROM vinculo.run")
            .fetch_one(&self.pool)
            .await
            .doing("reading the last resolution")
    }

    /// The records of the judgements that no resolution has followed yet, those that were withdrawn among them; in ascending
    /// order.
    pub async fn records_judged_since_followed(&self) -> Result<Vec<RecordId>> {
        let records: Vec<i64> = sqlx::query_scalar(
            "WITH since AS (
                 SELECT left_record, right_record FROM vinculo.judgement
                 WHERE judgement_id > (SELECT coalesce(max(last_judgement), 0) FROM vinculo.run)
             )
             SELECT left_record FROM since UNION SELECT right_record FROM since WHERE right_record IS NOT NULL
             ORDER BY 1",
        )
        .fetch_all(&self.pool)
        .await
        .doing("reading judgements")?;
        Ok(records.into_iter().map(RecordId).collect())
    }

    /// Begins to judge; others that judge wait until it ends.
    pub async fn begin_judging(&self) -> Result<Judging> {
        let doing = "beginning to judge";
        let mut work = self.begin(doing).await?;
        sqlx::query("LOCK TABLE vinculo.judgement IN SHARE ROW EXCLUSIVE MODE")
            .execute(&mut *work)
            .await
            .doing(doing)?;
        let in_force = in_force(&mut work).await?;
        Ok(Judging { work, in_force })
    }
}

impl Judging {
    /// The judgements in force, in the order in which they were made.
    pub fn in_force(&self) -> &[Judgement] {
        &self.in_force
    }

    /// Keeps a judgement, and the call that made it; returns its number. Where it is not called, nothing was written.
    pub async fn keep(mut self, run: &NewRun<'_>, new: &NewJudgement<'_>) -> Result<i64> {
        let doing = "keeping a judgement";
        let connection = &mut *self.work;
        let id: i64 = sqlx::query_scalar("SELECT coalesce(max(judgement_id), 0) + 1 FROM vinculo.judgement")
            .fetch_one(&mut *connection)
            .await
            .doing(doing)?;
        // It begins and ends with this transaction, so that no other call finds it at work.
        let run_id: i64 = sqlx::query_scalar(
            "INSERT INTO vinculo.run (command, actor, program_version, normalizer_version, config, config_hash, status,
                 finished_at, summary)
             VALUES ($1, $2, $3, $4, $5, $6, $7, clock_timestamp(), $8) RETURNING run_id",
        )
        .bind(run.command)
        .bind(run.actor)
        .bind(run.program_version)
        .bind(run.normalizer_version)
        .bind(run.config)
        .bind(to_uuid(run.config_hash))
        .bind(RunStatus::Done.name())
        .bind(json!({"judgement": id, "kind": new.kind}))
        .fetch_one(&mut *connection)
        .await
        .doing(doing)?;
        let (left, right, attribute, value) = match new.subject {
            JudgementSubject::Pair { left, right } => (left.record.0, Some(right.record.0), None, None),
            JudgementSubject::Value { record, attribute, value } => {
                (record.record.0, None, Some(attribute.as_str()), Some(to_uuid(*value)))
            }
        };
        sqlx::query(
            "INSERT INTO vinculo.judgement (judgement_id, kind, left_record, right_record, attribute, value_hash,
                 supersedes, run_id, actor, reason)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        )
        .bind(id)
        .bind(new.kind.name())
        .bind(left)
        .bind(right)
        .bind(attribute)
        .bind(value)
        .bind(new.supersedes)
        .bind(run_id)
        .bind(run.actor)
        .bind(new.reason)
        .execute(connection)
        .await
        .doing(doing)?;
        commit(self.work, doing).await?;
        Ok(id)
    }
}

async fn in_force(connection: &mut PgConnection) -> Result<Vec<Judgement>> {
    let statement = format!("{JUDGEMENTS} {IN_FORCE}");
    let rows = sqlx::query(AssertSqlSafe(statement)).fetch_all(connection).await.doing("reading judgements")?;
    rows.iter().map(judgement).collect()
}

fn judgement(row: &PgRow) -> Result<Judgement> {
    let doing = "reading judgements";
    let kind: String = row.try_get("kind").doing(doing)?;
    Ok(Judgement {
        id: row.try_get("judgement_id").doing(doing)?,
        kind: JudgementKind::from_name(&kind).ok_or(StoreError::Unexpected { doing })?,
        subject: subject(row)?,
        supersedes: row.try_get("supersedes").doing(doing)?,
        superseded_by: row.try_get("superseded_by").doing(doing)?,
        run: RunId(row.try_get("run_id").doing(doing)?),
        actor: row.try_get("actor").doing(doing)?,
        reason: row.try_get("reason").doing(doing)?,
        judged_at: row.try_get("judged_at").doing(doing)?,
    })
}

fn subject(row: &PgRow) -> Result<JudgementSubject> {
    let doing = "reading judgements";
    let left = NamedRecord {
        record: RecordId(row.try_get("left_record").doing(doing)?),
        source: row.try_get("left_source").doing(doing)?,
        source_key: row.try_get("left_key").doing(doing)?,
    };
    let right: Option<i64> = row.try_get("right_record").doing(doing)?;
    if let Some(right) = right {
        let right = NamedRecord {
            record: RecordId(right),
            source: row.try_get("right_source").doing(doing)?,
            source_key: row.try_get("right_key").doing(doing)?,
        };
        return Ok(JudgementSubject::Pair { left, right });
    }
    let value: Uuid = row.try_get("value_hash").doing(doing)?;
    let attribute = row.try_get("attribute").doing(doing)?;
    Ok(JudgementSubject::Value { record: left, attribute, value: from_uuid(value) })
}
