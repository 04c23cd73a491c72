//! The chain as it stands: blocks and their spans.

use super::block::hash;
use super::relation::relations;
use crate::error::{Doing, Result};
use sqlx::{PgConnection, Row};
use std::collections::BTreeMap;
use vinculo_records::{AuditBlock, AuditSpan, TreeHash};

const DOING: &str = "reading the audit chain";
/// Blocks that are read at a time.
const BLOCKS: i64 = 100;

/// A block as it stands.
pub(super) struct Kept {
    pub(super) block: AuditBlock,
    pub(super) hash: TreeHash,
}

/// A span as it stands.
pub(super) struct KeptSpan {
    pub(super) span: AuditSpan,
    pub(super) groups: Vec<u8>,
    pub(super) sums: Vec<u8>,
}

/// The blocks that follow one.
pub(super) async fn read_blocks(connection: &mut PgConnection, after: i64) -> Result<Vec<Kept>> {
    let rows = sqlx::query(
        "SELECT block, run_id, format, leaves, root, previous, hash FROM vinculo.audit_block
         WHERE block > $1 ORDER BY block LIMIT $2",
    )
    .bind(after)
    .bind(BLOCKS)
    .fetch_all(connection)
    .await
    .doing(DOING)?;
    let kept = |row: &sqlx::postgres::PgRow| {
        let format: i16 = row.try_get("format").doing(DOING)?;
        let block = AuditBlock {
            format: u8::try_from(format).unwrap_or_default(),
            block: row.try_get("block").doing(DOING)?,
            run: row.try_get("run_id").doing(DOING)?,
            leaves: row.try_get("leaves").doing(DOING)?,
            root: kept_hash(row.try_get("root").doing(DOING)?),
            previous: kept_hash(row.try_get("previous").doing(DOING)?),
        };
        Ok(Kept { block, hash: kept_hash(row.try_get("hash").doing(DOING)?) })
    };
    rows.iter().map(kept).collect()
}

/// A hash as it is kept; one of another length was altered, and is no hash of anything.
fn kept_hash(bytes: &[u8]) -> TreeHash {
    hash(bytes).unwrap_or(TreeHash([0xff; 32]))
}

/// Block, relation, first and last id, root, groups, sums.
type SpanColumns = (i64, String, i64, i64, Vec<u8>, Vec<u8>, Vec<u8>);

/// The spans of blocks from the first to the last, by block, in the order in which its tree has them.
pub(super) async fn read_spans(
    connection: &mut PgConnection,
    first: i64,
    last: i64,
) -> Result<BTreeMap<i64, Vec<KeptSpan>>> {
    let rows: Vec<SpanColumns> = sqlx::query_as(
        "SELECT block, relation, first_id, last_id, root, groups, sums FROM vinculo.audit_span
         WHERE block BETWEEN $1 AND $2",
    )
    .bind(first)
    .bind(last)
    .fetch_all(connection)
    .await
    .doing(DOING)?;
    let mut spans: BTreeMap<i64, Vec<KeptSpan>> = BTreeMap::new();
    for (block, relation, first, last, root, groups, sums) in rows {
        let span = AuditSpan { relation, first, last, root: kept_hash(&root) };
        spans.entry(block).or_default().push(KeptSpan { span, groups, sums });
    }
    spans.values_mut().for_each(|spans| spans.sort_by_key(|kept| in_order(&kept.span)));
    Ok(spans)
}

/// Where a span stands in the tree of its block.
pub(super) fn in_order(span: &AuditSpan) -> (usize, i64) {
    let relation = relations().position(|relation| relation.name == span.relation);
    (relation.unwrap_or(usize::MAX), span.first)
}
