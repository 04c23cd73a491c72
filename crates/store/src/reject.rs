//! Rows that were kept aside with their faults.

use crate::connection::Store;
use crate::copy::{EncodedRows, RowEncoder};
use crate::error::{Doing, Result, StoreError};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sqlx::{PgConnection, Row};
use std::fmt;
use vinculo_records::{DeliveryId, RunId};

/// What is wrong with a row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    /// The column, where one is at fault.
    pub column: Option<String>,
    /// The reason's code.
    pub code: String,
}

/// A row to be kept aside.
#[derive(Clone, PartialEq, Eq)]
pub struct RejectedRow {
    /// The file of the delivery.
    pub file_no: i32,
    /// The line where it begins.
    pub line: i64,
    /// All its faults.
    pub faults: Vec<Fault>,
    /// The row as it was delivered; the caller caps its length.
    pub raw: String,
}

/// Which rejected rows to read.
#[derive(Debug, Clone, Copy, Default)]
pub struct RejectFilter<'a> {
    /// The one of this number.
    pub id: Option<i64>,
    /// Those of one run.
    pub run: Option<RunId>,
    /// Those of one source.
    pub source: Option<&'a str>,
    /// At most so many; none for all.
    pub limit: Option<u32>,
}

/// A rejected row, as `rejects` shows it.
#[derive(Clone, PartialEq, Eq)]
pub struct Reject {
    /// Its number.
    pub id: i64,
    /// The name of its source.
    pub source: String,
    /// The delivery.
    pub delivery: DeliveryId,
    /// The file.
    pub path: String,
    /// The line where it begins.
    pub line: i64,
    /// All its faults.
    pub faults: Vec<Fault>,
    /// The row as it was delivered.
    pub raw: String,
}

/// Its place and faults, never what the row says.
impl fmt::Debug for RejectedRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shape = f.debug_struct("RejectedRow");
        shape.field("file_no", &self.file_no).field("line", &self.line).field("faults", &self.faults);
        shape.finish_non_exhaustive()
    }
}

/// Its place and faults, never what the row says.
impl fmt::Debug for Reject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shape = f.debug_struct("Reject");
        shape.field("id", &self.id).field("source", &self.source).field("path", &self.path).field("line", &self.line);
        shape.field("faults", &self.faults).finish_non_exhaustive()
    }
}

/// Encodes rejected rows; a NUL, which may be why a row is here, is shown as its picture.
pub(crate) fn encode(delivery: DeliveryId, first_id: i64, rejects: &[RejectedRow]) -> Result<EncodedRows> {
    let mut rows = RowEncoder::new(6);
    for (id, reject) in (first_id..).zip(rejects) {
        let faults = reject
            .faults
            .iter()
            .map(|fault| serde_json::json!({"column": fault.column.as_deref().map(without_nul), "code": fault.code}))
            .collect();
        rows.row()
            .int8(id)
            .int8(delivery.0)
            .int8(reject.line)
            .int4(reject.file_no)
            .jsonb(&Value::Array(faults))
            .text(&without_nul(&reject.raw));
    }
    rows.finish("landing rejected rows")
}

fn without_nul(text: &str) -> String {
    text.replace('\0', "\u{2400}")
}

/// Closes the account of a delivery's rejected rows: where they are just those of the delivery before it, they are not
/// kept twice, and it names the one that holds them.
pub(crate) async fn share_repeated(connection: &mut PgConnection, delivery: DeliveryId) -> Result<()> {
    let doing = "comparing rejected rows";
    sqlx::query(
        "WITH prior AS (
             SELECT p.rejects_of FROM vinculo.delivery p JOIN vinculo.delivery d USING (source_id)
             WHERE d.delivery_id = $1 AND p.state <> 'open' AND p.delivery_id <> $1
             ORDER BY p.closed_at DESC, p.delivery_id DESC LIMIT 1
         ), told AS (
             SELECT j.delivery_id = $1 AS is_own, f.path, j.line, j.faults, j.raw
             FROM vinculo.reject j
             LEFT JOIN vinculo.delivery_file f USING (delivery_id, file_no)
             WHERE j.delivery_id = $1 OR j.delivery_id = (SELECT rejects_of FROM prior)
         ), other AS (
             SELECT FROM told GROUP BY path, line, faults, raw
             HAVING count(*) FILTER (WHERE is_own) <> count(*) FILTER (WHERE NOT is_own)
         )
         UPDATE vinculo.delivery SET rejects_of = CASE
             WHEN EXISTS (SELECT FROM told WHERE is_own) AND NOT EXISTS (SELECT FROM other)
             THEN (SELECT rejects_of FROM prior) ELSE $1 END
         WHERE delivery_id = $1",
    )
    .bind(delivery.0)
    .execute(&mut *connection)
    .await
    .doing(doing)?;
    sqlx::query(
        "DELETE FROM vinculo.reject j USING vinculo.delivery d
         WHERE j.delivery_id = $1 AND d.delivery_id = $1 AND d.rejects_of <> $1",
    )
    .bind(delivery.0)
    .execute(connection)
    .await
    .doing(doing)?;
    Ok(())
}

impl Store {
    /// Rejected rows, in the order in which they were read. Rows that several deliveries repeated are told for the run
    /// that is asked for, or once.
    pub async fn rejects(&self, filter: RejectFilter<'_>) -> Result<Vec<Reject>> {
        let doing = "reading rejected rows";
        let rows = sqlx::query(
            "SELECT j.reject_id, s.name, d.delivery_id, coalesce(f.path, '') AS path, j.line, j.faults, j.raw
             FROM vinculo.delivery d
             JOIN vinculo.source s USING (source_id)
             JOIN vinculo.reject j ON j.delivery_id = coalesce(d.rejects_of, d.delivery_id)
             LEFT JOIN vinculo.delivery_file f ON f.delivery_id = j.delivery_id AND f.file_no = j.file_no
             WHERE ($1::bigint IS NULL OR j.reject_id = $1)
                 AND CASE WHEN $2::bigint IS NULL THEN d.delivery_id = j.delivery_id ELSE d.run_id = $2 END
                 AND ($3::text IS NULL OR s.name = $3)
             ORDER BY j.reject_id LIMIT $4",
        )
        .bind(filter.id)
        .bind(filter.run.map(|run| run.0))
        .bind(filter.source)
        .bind(filter.limit.map(i64::from))
        .fetch_all(&self.pool)
        .await
        .doing(doing)?;
        rows.into_iter()
            .map(|row| {
                let faults: Value = row.try_get("faults").doing(doing)?;
                Ok(Reject {
                    id: row.try_get("reject_id").doing(doing)?,
                    source: row.try_get("name").doing(doing)?,
                    delivery: DeliveryId(row.try_get("delivery_id").doing(doing)?),
                    path: row.try_get("path").doing(doing)?,
                    line: row.try_get("line").doing(doing)?,
                    faults: serde_json::from_value(faults).map_err(|_| StoreError::Unexpected { doing })?,
                    raw: row.try_get("raw").doing(doing)?,
                })
            })
            .collect()
    }
}
