//! The last resolution, and counts over the whole store: what `report` shows beside decisions and values.

use crate::connection::Store;
use crate::customer_state::kind_from_name;
use crate::error::{Doing, Result, StoreError};
use chrono::{DateTime, Utc};
use serde_json::Value;
use vinculo_records::{Kind, RunId};

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

impl Store {
    /// The newest run that resolved everything and came to its end: what later ones changed is little beside it.
    pub async fn resolving_run(&self) -> Result<Option<ResolvingRun>> {
        let row: Option<(i64, DateTime<Utc>, String, Value)> = sqlx::query_as(
            "SELECT run_id, started_at, program_version, summary FROM vinculo.run
             WHERE resolved_state IS NOT NULL AND command = 'run'
                 AND NOT coalesce(jsonb_path_exists(summary, '$.resolution[*] ? (@.part == true)'), true)
             ORDER BY run_id DESC LIMIT 1",
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
}
