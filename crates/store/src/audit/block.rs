//! The block that a run writes when it ends.

use super::early::Early;
use super::leaf::Groups;
use super::relation::Relation;
use super::salt;
use super::side_by_side::{SESSIONS, Sessions};
use super::uncovered::Uncovered;
use crate::connection::Store;
use crate::error::{Doing, Result, StoreError};
use sqlx::{PgConnection, Row};
use vinculo_records::audit::AUDIT_FORMAT;
use vinculo_records::merkle::{self, GROUP};
use vinculo_records::{AuditBlock, AuditHead, AuditSpan, RunId, TreeHash};

const DOING: &str = "writing a block of the audit chain";

/// The last block, from which the next one goes on.
#[derive(Debug, Clone, Copy)]
pub(super) struct Before {
    block: i64,
    hash: TreeHash,
    /// Runs, and deliveries, with lesser numbers are covered.
    pub(super) runs_from: i64,
    pub(super) deliveries_from: i64,
}

/// A span with all that is kept of it.
struct Covered {
    span: AuditSpan,
    groups: Vec<u8>,
    sums: Vec<u8>,
}

/// Covers all rows that no block covers yet by a new block, in the transaction in which a run ends: rows of runs that were
/// killed come into the block of the next one. What was hashed early is not read again.
pub(crate) async fn cover(
    store: &Store,
    connection: &mut PgConnection,
    run: RunId,
    early: &Early,
) -> Result<AuditHead> {
    // The chain has one end.
    sqlx::query("LOCK TABLE vinculo.audit_block IN SHARE ROW EXCLUSIVE MODE")
        .execute(&mut *connection)
        .await
        .doing(DOING)?;
    let before = Before::read(connection).await?;
    let uncovered = Uncovered::find(connection, &before).await?;
    let salted: Vec<_> = uncovered.salted().collect();
    let mut beside = Vec::new();
    if uncovered.is_large() {
        // Other sessions see what is committed: the salts, and all rows but that of the run.
        store.make_salts(&salted).await?;
        for _ in 0..SESSIONS {
            // A server that has none to spare is read by the one session that there is.
            beside.extend(store.begin_reading(DOING).await.ok());
        }
    } else {
        salt::make(connection, &salted).await?;
    }
    let covered = cover_spans(Sessions::with(connection, beside), &uncovered, early).await?;
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

async fn cover_spans(mut sessions: Sessions<'_>, uncovered: &Uncovered, early: &Early) -> Result<Vec<Covered>> {
    let mut covered = Vec::with_capacity(uncovered.spans.len());
    for &(relation, first, last) in &uncovered.spans {
        let mut groups = early.groups(relation, first, last);
        let from = first + (groups.roots.len() * GROUP) as i64;
        if from <= last {
            groups.extend(sessions.groups(relation, from, last).await?);
        }
        covered.push(Covered::new(relation, first, last, groups));
    }
    Ok(covered)
}

impl Covered {
    fn new(relation: &Relation, first: i64, last: i64, Groups { roots, sums }: Groups) -> Self {
        let span = AuditSpan { relation: relation.name.to_owned(), first, last, root: merkle::root(&roots) };
        Self { span, groups: roots.iter().flat_map(|root| root.0).collect(), sums }
    }
}

impl Before {
    pub(super) async fn read(connection: &mut PgConnection) -> Result<Self> {
        let row = sqlx::query(
            "SELECT block, hash, runs_from, deliveries_from FROM vinculo.audit_block ORDER BY block DESC LIMIT 1",
        )
        .fetch_optional(connection)
        .await
        .doing(DOING)?;
        let Some(row) = row else {
            return Ok(Self { block: 0, hash: TreeHash::NONE, runs_from: 1, deliveries_from: 1 });
        };
        Ok(Self {
            block: row.try_get("block").doing(DOING)?,
            hash: hash(row.try_get("hash").doing(DOING)?)?,
            runs_from: row.try_get("runs_from").doing(DOING)?,
            deliveries_from: row.try_get("deliveries_from").doing(DOING)?,
        })
    }
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
