//! What was decided about pairs of records, with the evidence: levels and weights, never values.

use crate::connection::Store;
use crate::copy::{EncodedRows, RowEncoder, copy_out};
use crate::error::{Doing, Result, StoreError};
use sqlx::Row;
use sqlx::postgres::PgRow;
use vinculo_records::{CustomerId, DecisionKind, RecordId};

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
    /// Why a conflict was refused; empty for other kinds.
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
    /// Record, source and key of one side.
    pub left: (RecordId, String, String),
    /// Record, source and key of the other side.
    pub right: (RecordId, String, String),
    /// Match weight, in thousandths of a bit.
    pub weight: i32,
    /// Level of each comparison, in the order of the model's plan.
    pub levels: Vec<u8>,
    /// Why a conflict was refused.
    pub reason: Option<String>,
    /// The model that weighed the pair.
    pub model: i64,
    /// The publication since which it has been in force.
    pub from_publication: i64,
    /// The publication that ended it.
    pub to_publication: Option<i64>,
}

/// A decision in force that keeps two customers apart, with what joining them would do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DecisionForReview {
    /// The decision.
    pub decision: DecisionRecord,
    /// The customer of the one side, and how many records it has.
    pub left: (CustomerId, i32),
    /// The customer of the other side, and how many records it has.
    pub right: (CustomerId, i32),
}

fn kind_from_code(code: i16) -> Option<DecisionKind> {
    [DecisionKind::Join, DecisionKind::Conflict, DecisionKind::PossibleMatch]
        .into_iter()
        .find(|kind| *kind as i16 == code)
}

pub(crate) const COPY_DECISIONS: &str = "COPY vinculo.decision
    (decision_id, left_record, right_record, model_version, from_publication, weight, kind, levels, reason)
    FROM STDIN BINARY";

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
                kind: kind_from_code(row.int2()?)?,
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

    /// Decisions of these kinds that keep two customers apart, the most consequential first: those that would bring
    /// together the most pairs of records, then the strongest.
    pub async fn decisions_for_review(&self, kinds: &[DecisionKind], limit: u32) -> Result<Vec<DecisionForReview>> {
        let doing = "reading decisions for review";
        let kinds: Vec<i16> = kinds.iter().map(|kind| *kind as i16).collect();
        let rows = sqlx::query(
            "SELECT d.*, lm.source AS left_source, lm.source_key AS left_key, rm.source AS right_source,
                 rm.source_key AS right_key, lc.customer_id AS left_customer, lc.record_count AS left_count,
                 rc.customer_id AS right_customer, rc.record_count AS right_count
             FROM vinculo.decision d
             JOIN crm.customer_source lm ON lm.record_id = d.left_record
             JOIN crm.customer_source rm ON rm.record_id = d.right_record
             JOIN crm.customer lc ON lc.customer_id = lm.customer_id
             JOIN crm.customer rc ON rc.customer_id = rm.customer_id
             WHERE d.to_publication IS NULL AND d.kind = ANY($1) AND lm.customer_id <> rm.customer_id
             ORDER BY lc.record_count::bigint * rc.record_count DESC, d.weight DESC, d.decision_id
             LIMIT $2",
        )
        .bind(kinds)
        .bind(i64::from(limit))
        .fetch_all(&self.pool)
        .await
        .doing(doing)?;
        let for_review = |row: &PgRow| {
            let side = |customer: &str, count: &str| -> Result<(CustomerId, i32)> {
                Ok((CustomerId(row.try_get(customer).doing(doing)?), row.try_get(count).doing(doing)?))
            };
            Ok(DecisionForReview {
                decision: decision_record(row)?,
                left: side("left_customer", "left_count")?,
                right: side("right_customer", "right_count")?,
            })
        };
        rows.iter().map(for_review).collect()
    }

    /// How many decisions in force there are of each kind and reason.
    pub async fn count_decisions(&self) -> Result<Vec<(DecisionKind, Option<String>, u64)>> {
        let doing = "counting decisions";
        let rows: Vec<(i16, Option<String>, i64)> = sqlx::query_as(
            "SELECT kind, reason, count(*) FROM vinculo.decision WHERE to_publication IS NULL
             GROUP BY kind, reason ORDER BY kind, count(*) DESC, reason",
        )
        .fetch_all(&self.pool)
        .await
        .doing(doing)?;
        let count = |(kind, reason, count): (i16, Option<String>, i64)| {
            Some((kind_from_code(kind)?, reason, count.unsigned_abs()))
        };
        rows.into_iter().map(count).collect::<Option<_>>().ok_or(StoreError::Unexpected { doing })
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

fn decision_record(row: &PgRow) -> Result<DecisionRecord> {
    let doing = "reading decisions";
    let side = |record: &str, source: &str, key: &str| -> Result<(RecordId, String, String)> {
        Ok((
            RecordId(row.try_get(record).doing(doing)?),
            row.try_get(source).doing(doing)?,
            row.try_get(key).doing(doing)?,
        ))
    };
    let kind: i16 = row.try_get("kind").doing(doing)?;
    Ok(DecisionRecord {
        id: row.try_get("decision_id").doing(doing)?,
        kind: kind_from_code(kind).ok_or(StoreError::Unexpected { doing })?,
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
