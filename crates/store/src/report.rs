//! Counts over everything that is in force, and the pairs worth a look: what `report` shows of the whole store.

use crate::connection::Store;
use crate::customer_state::kind_from_name;
use crate::error::{Doing, Result, StoreError};
use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::Row;
use sqlx::postgres::PgRow;
use vinculo_records::{CustomerId, DecisionKind, Kind, RecordId, RunId};

/// The run whose resolution is in force.
#[derive(Debug, Clone, PartialEq)]
pub struct ResolvingRun {
    /// Its number.
    pub id: RunId,
    /// When it began.
    pub started_at: DateTime<Utc>,
    /// Version of the program.
    pub program_version: String,
    /// Its balanced counts.
    pub summary: Value,
}

/// How many customers have so many records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClusterSize {
    /// Person or organization.
    pub kind: Kind,
    /// Records of each of the customers.
    pub records: i32,
    /// How many customers.
    pub customers: i64,
}

/// How many joins were refused for one reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConflictCount {
    /// Kind of the records.
    pub kind: Kind,
    /// The reason.
    pub reason: String,
    /// How many.
    pub conflicts: i64,
}

/// How many rejected rows have the same fault.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FaultCount {
    /// The source.
    pub source: String,
    /// The fault's code.
    pub code: String,
    /// The column that has it, where it is one column's.
    pub column: Option<String>,
    /// How many rows.
    pub rows: i64,
}

/// A decided pair with the customers that its two records belong to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DecidedPair {
    /// The decision's number.
    pub decision: i64,
    /// Match weight, in thousandths of a bit.
    pub weight: i32,
    /// Why a conflict was refused.
    pub reason: Option<String>,
    /// The record with the lesser hash.
    pub left: PairedRecord,
    /// The record with the greater hash.
    pub right: PairedRecord,
}

/// One side of a decided pair.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PairedRecord {
    /// The record.
    pub record: RecordId,
    /// The name of its source.
    pub source: String,
    /// Its key in the source.
    pub source_key: String,
    /// The customer that it belongs to.
    pub customer: CustomerId,
    /// How many records that customer has.
    pub customer_records: i32,
}

const DECIDED_PAIRS: &str = "
    SELECT d.decision_id, d.weight, d.reason,
        d.left_record, lm.source AS left_source, lm.source_key AS left_key, lm.customer_id AS left_customer,
        lc.record_count AS left_count,
        d.right_record, rm.source AS right_source, rm.source_key AS right_key, rm.customer_id AS right_customer,
        rc.record_count AS right_count
    FROM (
        SELECT f.* FROM vinculo.decision f JOIN vinculo.model m USING (model_version)
        WHERE f.to_publication IS NULL AND f.kind = $1 AND m.kind = $2
        ORDER BY abs(f.weight - $3::bigint), f.decision_id LIMIT $4
    ) d
    JOIN crm.customer_source lm ON lm.record_id = d.left_record
    JOIN crm.customer lc ON lc.customer_id = lm.customer_id
    JOIN crm.customer_source rm ON rm.record_id = d.right_record
    JOIN crm.customer rc ON rc.customer_id = rm.customer_id
    ORDER BY abs(d.weight - $3::bigint), d.decision_id";

impl Store {
    /// The newest run that resolved and came to its end.
    pub async fn resolving_run(&self) -> Result<Option<ResolvingRun>> {
        let row: Option<(i64, DateTime<Utc>, String, Value)> = sqlx::query_as(
            "SELECT run_id, started_at, program_version, summary FROM vinculo.run
             WHERE resolved_state IS NOT NULL AND summary IS NOT NULL ORDER BY run_id DESC LIMIT 1",
        )
        .fetch_optional(&self.pool)
        .await
        .doing("reading the last resolution")?;
        Ok(row.map(|(id, started_at, program_version, summary)| ResolvingRun {
            id: RunId(id),
            started_at,
            program_version,
            summary,
        }))
    }

    /// The balanced counts of a run; none of one that did not come to its end.
    pub async fn summary_of(&self, run: RunId) -> Result<Option<Value>> {
        let summary: Option<Option<Value>> = sqlx::query_scalar("SELECT summary FROM vinculo.run WHERE run_id = $1")
            .bind(run.0)
            .fetch_optional(&self.pool)
            .await
            .doing("reading a run")?;
        Ok(summary.flatten())
    }

    /// Published customers by their number of records, smallest first.
    pub async fn cluster_sizes(&self) -> Result<Vec<ClusterSize>> {
        let doing = "counting customers by size";
        let rows: Vec<(String, i32, i64)> = sqlx::query_as(
            "SELECT kind, record_count, count(*) FROM crm.customer GROUP BY kind, record_count ORDER BY 1, 2",
        )
        .fetch_all(&self.pool)
        .await
        .doing(doing)?;
        let size = |(kind, records, customers): (String, i32, i64)| {
            Ok(ClusterSize { kind: kind_from_name(&kind).ok_or(StoreError::Unexpected { doing })?, records, customers })
        };
        rows.into_iter().map(size).collect()
    }

    /// Conflicts in force, by kind of record and reason, the most frequent first.
    pub async fn count_conflicts(&self) -> Result<Vec<ConflictCount>> {
        let doing = "counting conflicts";
        let rows: Vec<(String, String, i64)> = sqlx::query_as(
            "SELECT m.kind, coalesce(d.reason, ''), count(*)
             FROM vinculo.decision d JOIN vinculo.model m USING (model_version)
             WHERE d.to_publication IS NULL AND d.kind = $1 GROUP BY 1, 2 ORDER BY 3 DESC, 2",
        )
        .bind(DecisionKind::Conflict as i16)
        .fetch_all(&self.pool)
        .await
        .doing(doing)?;
        let count = |(kind, reason, conflicts): (String, String, i64)| {
            Ok(ConflictCount {
                kind: kind_from_name(&kind).ok_or(StoreError::Unexpected { doing })?,
                reason,
                conflicts,
            })
        };
        rows.into_iter().map(count).collect()
    }

    /// Rejected rows that are kept, by source, fault and column, the most frequent first.
    pub async fn count_faults(&self) -> Result<Vec<FaultCount>> {
        let rows: Vec<(String, String, Option<String>, i64)> = sqlx::query_as(
            "SELECT s.name, f.fault ->> 'code', f.fault ->> 'column', count(*)
             FROM vinculo.reject j
             JOIN vinculo.delivery d USING (delivery_id)
             JOIN vinculo.source s USING (source_id)
             CROSS JOIN LATERAL jsonb_array_elements(j.faults) f (fault)
             GROUP BY 1, 2, 3 ORDER BY 4 DESC, 1, 2, 3",
        )
        .fetch_all(&self.pool)
        .await
        .doing("counting rejected rows")?;
        let count = |(source, code, column, rows)| FaultCount { source, code, column, rows };
        Ok(rows.into_iter().map(count).collect())
    }

    /// Decisions in force of one kind about records of one kind, those first whose weight is nearest to `weight`
    /// (thousandths of a bit; [`i32::MAX`] for the strongest first).
    pub async fn decided_pairs(
        &self,
        decision: DecisionKind,
        kind: Kind,
        weight: i32,
        limit: u32,
    ) -> Result<Vec<DecidedPair>> {
        let rows = sqlx::query(DECIDED_PAIRS)
            .bind(decision as i16)
            .bind(kind.name())
            .bind(i64::from(weight))
            .bind(i64::from(limit))
            .fetch_all(&self.pool)
            .await
            .doing("reading decided pairs")?;
        rows.iter().map(decided_pair).collect()
    }
}

fn decided_pair(row: &PgRow) -> Result<DecidedPair> {
    let doing = "reading decided pairs";
    let side = |record: &str, source: &str, key: &str, customer: &str, count: &str| -> Result<PairedRecord> {
        Ok(PairedRecord {
            record: RecordId(row.try_get(record).doing(doing)?),
            source: row.try_get(source).doing(doing)?,
            source_key: row.try_get(key).doing(doing)?,
            customer: CustomerId(row.try_get(customer).doing(doing)?),
            customer_records: row.try_get(count).doing(doing)?,
        })
    };
    Ok(DecidedPair {
        decision: row.try_get("decision_id").doing(doing)?,
        weight: row.try_get("weight").doing(doing)?,
        reason: row.try_get("reason").doing(doing)?,
        left: side("left_record", "left_source", "left_key", "left_customer", "left_count")?,
        right: side("right_record", "right_source", "right_key", "right_customer", "right_count")?,
    })
}
