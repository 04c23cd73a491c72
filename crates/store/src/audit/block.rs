//! The block that a run writes when it ends.

use super::leaf::{self, Groups};
use super::relation::Relation;
use super::salt;
use super::uncovered::{Before, Uncovered};
use crate::connection::Store;
use crate::error::{Doing, Result, StoreError};
use sqlx::{PgConnection, Row};
use vinculo_records::audit::AUDIT_FORMAT;
use vinculo_records::{AuditBlock, AuditHead, AuditSpan, RunId, TreeHash, merkle};

const DOING: &str = "writing a block of the audit chain";

/// A span with all that is kept of it.
struct Covered {
    span: AuditSpan,
    groups: Vec<u8>,
    sums: Vec<u8>,
}

/// Covers all rows that no block covers yet by a new block, in the transaction in which a run ends: rows of runs that were
/// killed come into the block of the next one.
pub(crate) async fn cover(connection: &mut PgConnection, run: RunId) -> Result<AuditHead> {
    // The chain has one end.
    sqlx::query("LOCK TABLE vinculo.audit_block IN SHARE ROW EXCLUSIVE MODE")
        .execute(&mut *connection)
        .await
        .doing(DOING)?;
    let before = before(connection).await?;
    let uncovered = Uncovered::find(connection, &before).await?;
    for (relation, last) in uncovered.salted() {
        salt::make(connection, relation, last).await?;
    }
    let mut covered = Vec::with_capacity(uncovered.spans.len());
    for &(relation, first, last) in &uncovered.spans {
        covered.push(cover_span(connection, relation, first, last).await?);
    }
    let leaves: Vec<TreeHash> = covered.iter().map(|covered| covered.span.leaf()).collect();
    let block = AuditBlock {
        format: AUDIT_FORMAT,
        block: before.block + 1,
        run: run.0,
        leaves: covered.iter().map(|covered| covered.span.leaves()).sum::<u64>() as i64,
        root: merkle::root(&leaves),
        previous: before.hash,
    };
    write(connection, &block, &uncovered).await?;
    write_spans(connection, block.block, &covered).await?;
    Ok(AuditHead { block: block.block, hash: block.hash() })
}

async fn cover_span(
    connection: &mut PgConnection,
    relation: &'static Relation,
    first: i64,
    last: i64,
) -> Result<Covered> {
    let Groups { roots, sums } = leaf::groups(connection, relation, first, last).await?;
    let span = AuditSpan { relation: relation.name.to_owned(), first, last, root: merkle::root(&roots) };
    Ok(Covered { span, groups: roots.iter().flat_map(|root| root.0).collect(), sums })
}

async fn before(connection: &mut PgConnection) -> Result<Before> {
    let row = sqlx::query(
        "SELECT block, hash, runs_from, deliveries_from FROM vinculo.audit_block ORDER BY block DESC LIMIT 1",
    )
    .fetch_optional(connection)
    .await
    .doing(DOING)?;
    let Some(row) = row else {
        return Ok(Before { block: 0, hash: TreeHash::NONE, runs_from: 1, deliveries_from: 1 });
    };
    Ok(Before {
        block: row.try_get("block").doing(DOING)?,
        hash: hash(row.try_get("hash").doing(DOING)?)?,
        runs_from: row.try_get("runs_from").doing(DOING)?,
        deliveries_from: row.try_get("deliveries_from").doing(DOING)?,
    })
}

/// A hash as it is kept.
pub(super) fn hash(bytes: &[u8]) -> Result<TreeHash> {
    bytes.try_into().map(TreeHash).map_err(|_| StoreError::Unexpected { doing: "reading a hash of the audit chain" })
}

async fn write(connection: &mut PgConnection, block: &AuditBlock, uncovered: &Uncovered) -> Result<()> {
    sqlx::query(
        "INSERT INTO vinculo.audit_block
             (block, run_id, format, leaves, root, previous, hash, runs_from, deliveries_from)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
    )
    .bind(block.block)
    .bind(block.run)
    .bind(i16::from(block.format))
    .bind(block.leaves)
    .bind(&block.root.0[..])
    .bind(&block.previous.0[..])
    .bind(&block.hash().0[..])
    .bind(uncovered.runs_from)
    .bind(uncovered.deliveries_from)
    .execute(connection)
    .await
    .doing(DOING)?;
    Ok(())
}

async fn write_spans(connection: &mut PgConnection, block: i64, covered: &[Covered]) -> Result<()> {
    sqlx::query(
        "INSERT INTO vinculo.audit_span (relation, first_id, last_id, block, root, groups, sums)
         SELECT relation, first_id, last_id, $1, root, groups, sums
         FROM unnest($2::text[], $3::bigint[], $4::bigint[], $5::bytea[], $6::bytea[], $7::bytea[])
             span (relation, first_id, last_id, root, groups, sums)",
    )
    .bind(block)
    .bind(covered.iter().map(|covered| covered.span.relation.as_str()).collect::<Vec<_>>())
    .bind(covered.iter().map(|covered| covered.span.first).collect::<Vec<_>>())
    .bind(covered.iter().map(|covered| covered.span.last).collect::<Vec<_>>())
    .bind(covered.iter().map(|covered| &covered.span.root.0[..]).collect::<Vec<_>>())
    .bind(covered.iter().map(|covered| &covered.groups[..]).collect::<Vec<_>>())
    .bind(covered.iter().map(|covered| &covered.sums[..]).collect::<Vec<_>>())
    .execute(connection)
    .await
    .doing(DOING)?;
    Ok(())
}

impl Store {
    /// The last block of the audit chain; none before a run has ended.
    pub async fn audit_head(&self) -> Result<Option<AuditHead>> {
        let row: Option<(i64, Vec<u8>)> =
            sqlx::query_as("SELECT block, hash FROM vinculo.audit_block ORDER BY block DESC LIMIT 1")
                .fetch_optional(&self.pool)
                .await
                .doing("reading the end of the audit chain")?;
        row.map(|(block, kept)| Ok(AuditHead { block, hash: hash(&kept)? })).transpose()
    }
}
