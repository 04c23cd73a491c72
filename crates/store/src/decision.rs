//! What was decided about pairs of records, with the evidence: levels and weights, never values.

use crate::connection::Store;
use crate::copy::{EncodedRows, RowEncoder, Target, copy_out};
use crate::error::{Doing, Result, StoreError};
use crate::record::NamedRecord;
use sqlx::Row;
use sqlx::postgres::PgRow;
use vinculo_records::{DecisionKind, RecordId};

/// A decision to be kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DecisionRow<'a> {
    /// What was decided.
    pub kind: DecisionKind,
    /// The record with the lesser hash.
    pub left: RecordId,
    /// The record with the greater hash.
    pub right: RecordId,
    /// Match weight, in thousandths of a bit.
    pub weight: i32,
    /// Level of each comparison, in the order of the model's plan.
    pub levels: &'a [u8],
    /// Why a conflict was refused, or `judged_same` for a join that a person judged; empty where weights decided.
    pub reason: &'a str,
    /// The model that weighed the pair.
    pub model: i64,
}

/// A decision that is in force, with its number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DecisionInForce<'a> {
    /// Its number, by which it is ended.
    pub id: i64,
    /// What it says.
    pub decision: DecisionRow<'a>,
}

/// A decision, as `explain` shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DecisionRecord {
    /// Its number.
    pub id: i64,
    /// What was decided.
    pub kind: DecisionKind,
    /// The record with the lesser hash.
    pub left: NamedRecord,
    /// The record with the greater hash.
    pub right: NamedRecord,
    /// Match weight, in thousandths of a bit.
    pub weight: i32,
    /// Level of each comparison, in the order of the model's plan.
    pub levels: Vec<u8>,
    /// Why a conflict was refused, or `judged_same` for a join that a person judged.
    pub reason: Option<String>,
    /// The model that weighed the pair.
    pub model: i64,
    /// The publication since which it has been in force.
    pub from_publication: i64,
    /// The publication that ended it.
    pub to_publication: Option<i64>,
}

pub(crate) fn decision_kind(code: i16) -> Option<DecisionKind> {
    [DecisionKind::Join, DecisionKind::Conflict, DecisionKind::PossibleMatch]
        .into_iter()
        .find(|kind| *kind as i16 == code)
}

pub(crate) const DECISIONS: Target = Target {
    table: "vinculo.decision",
    columns: "decision_id, left_record, right_record, model_version, from_publication, weight, kind, levels, reason",
};

pub(crate) fn encode(first_id: i64, publication: i64, decisions: &[DecisionRow<'_>]) -> Result<EncodedRows> {
    let mut rows = RowEncoder::new(9);
    for (id, decision) in (first_id..).zip(decisions) {
        rows.row()
            .int8(id)
            .int8(decision.left.0)
            .int8(decision.right.0)
            .int8(decision.model)
            .int8(publication)
            .int4(decision.weight)
            .int2(decision.kind as i16)
            .bytes(decision.levels)
            .optional_text((!decision.reason.is_empty()).then_some(decision.reason));
    }
    rows.finish("writing decisions")
}

const DECISIONS_IN_FORCE: &str = "COPY (
    SELECT decision_id, kind, left_record, right_record, weight, levels, coalesce(reason, ''), model_version
    FROM vinculo.decision WHERE to_publication IS NULL
) TO STDOUT BINARY";

impl Store {
    /// Hands over every decision in force, in no certain order; returns how many.
    pub async fn for_each_decision(&self, mut each: impl FnMut(DecisionInForce<'_>) + Send) -> Result<u64> {
        let mut connection = self.pool.acquire().await.doing("connecting")?;
        copy_out(&mut connection, DECISIONS_IN_FORCE, "reading decisions", |row| {
            let id = row.int8()?;
            let decision = DecisionRow {
                kind: decision_kind(row.int2()?)?,
                left: RecordId(row.int8()?),
                right: RecordId(row.int8()?),
                weight: row.int4()?,
                levels: row.bytes()?,
                reason: row.text()?,
                model: row.int8()?,
            };
            each(DecisionInForce { id, decision });
            Some(())
        })
        .await
    }

    /// All decisions, in force or ended, that concern any of these records; the newest first.
    pub async fn decisions_of(&self, records: &[RecordId]) -> Result<Vec<DecisionRecord>> {
        let doing = "reading decisions";
        let records: Vec<i64> = records.iter().map(|record| record.0).collect();
        let rows = sqlx::query(
            "SELECT d.decision_id, d.kind, d.left_record, ls.name AS left_source, l.source_key AS left_key,
                 d.right_record, rs.name AS right_source, r.source_key AS right_key, d.weight, d.levels, d.reason,
                 d.model_version, d.from_publication, d.to_publication
             FROM (
                 SELECT decision_id FROM vinculo.decision WHERE left_record = ANY($1)
                 UNION SELECT decision_id FROM vinculo.decision WHERE right_record = ANY($1)
             ) found
             JOIN vinculo.decision d USING (decision_id)
             JOIN vinculo.source_record l ON l.record_id = d.left_record
             JOIN vinculo.source ls ON ls.source_id = l.source_id
             JOIN vinculo.source_record r ON r.record_id = d.right_record
             JOIN vinculo.source rs ON rs.source_id = r.source_id
             ORDER BY d.decision_id DESC",
        )
        .bind(records)
        .fetch_all(&self.pool)
        .await
        .doing(doing)?;
        rows.iter().map(decision_record).collect()
    }
}

pub(crate) fn decision_record(row: &PgRow) -> Result<DecisionRecord> {
    let doing = "reading decisions";
    let side = |record: &str, source: &str, key: &str| -> Result<NamedRecord> {
        Ok(NamedRecord {
            record: RecordId(row.try_get(record).doing(doing)?),
            source: row.try_get(source).doing(doing)?,
            source_key: row.try_get(key).doing(doing)?,
        })
    };
    let kind: i16 = row.try_get("kind").doing(doing)?;
    Ok(DecisionRecord {
        id: row.try_get("decision_id").doing(doing)?,
        kind: decision_kind(kind).ok_or(StoreError::Unexpected { doing })?,
        left: side("left_record", "left_source", "left_key")?,
        right: side("right_record", "right_source", "right_key")?,
        weight: row.try_get("weight").doing(doing)?,
        levels: row.try_get("levels").doing(doing)?,
        reason: row.try_get("reason").doing(doing)?,
        model: row.try_get("model_version").doing(doing)?,
        from_publication: row.try_get("from_publication").doing(doing)?,
        to_publication: row.try_get("to_publication").doing(doing)?,
    })
}
