//! How large the tables are.

use crate::connection::Store;
use crate::error::{Doing, Result};

/// The size of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableSize {
    /// Schema and name.
    pub table: String,
    /// Rows, as the planner last estimated them; -1 when it never did.
    pub rows: i64,
    /// Bytes of the rows, long values included.
    pub heap_bytes: i64,
    /// Bytes of all indexes.
    pub index_bytes: i64,
}

impl Store {
    /// The size of every table, the largest first.
    pub async fn table_sizes(&self) -> Result<Vec<TableSize>> {
        let rows: Vec<(String, i64, i64, i64)> = sqlx::query_as(
            "SELECT relnamespace::regnamespace || '.' || relname, reltuples::bigint, pg_table_size(oid), pg_indexes_size(oid)
             FROM pg_class
             WHERE relkind = 'r' AND relnamespace IN ('crm'::regnamespace, 'vinculo'::regnamespace)
             ORDER BY pg_total_relation_size(oid) DESC, 1",
        )
        .fetch_all(&self.pool)
        .await
        .doing("measuring tables")?;
        Ok(rows
            .into_iter()
            .map(|(table, rows, heap_bytes, index_bytes)| TableSize { table, rows, heap_bytes, index_bytes })
            .collect())
    }
}
