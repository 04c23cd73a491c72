//! The whole chain, made anew from the rows: the first thing that does not hold tells where something was altered.

use super::block::hash;
use super::leaf;
use super::relation::{Relation, relations};
use super::uncovered::array;
use crate::connection::{Store, commit};
use crate::error::{Doing, Result};
use serde::Serialize;
use sqlx::{AssertSqlSafe, PgConnection, Row};
use std::collections::BTreeMap;
use std::fmt;
use vinculo_records::audit::AUDIT_FORMAT;
use vinculo_records::merkle::{self, GROUP};
use vinculo_records::{AuditBlock, AuditHead, AuditSpan, TreeHash};

const DOING: &str = "examining the audit chain";
/// More findings tell nothing more.
const FINDINGS_MAX: usize = 20;
/// Blocks that are read at a time.
const BLOCKS: i64 = 1_000;

/// What does not hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum AuditFault {
    /// A block is not there, though a later one is.
    BlockMissing,
    /// A block does not name the hash of the block before it.
    ChainBroken,
    /// A block's hash is not that of its content.
    BlockAltered,
    /// The spans of a block are not those that its root stands for.
    SpansAltered,
    /// Rows are not those that their span stands for.
    RowsAltered,
    /// Rows stand where they never were covered, though what they belong to is.
    RowsAdded,
    /// No block of the chain has the hash that was kept elsewhere.
    HashUnknown,
}

/// Something that does not hold, and where.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AuditFinding {
    /// What does not hold.
    pub fault: AuditFault,
    /// The block, where it is of one.
    pub block: Option<i64>,
    /// The relation, where rows are concerned: a table, or what happens to the rows of one.
    pub relation: Option<&'static str>,
    /// The first and the last id among which they are.
    pub ids: Option<(i64, i64)>,
}

/// What examining the chain found.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct AuditAccount {
    /// How many blocks there are.
    pub blocks: u64,
    /// How many leaves they have.
    pub leaves: u64,
    /// The last block.
    pub head: Option<AuditHead>,
    /// The block that has the hash which was kept elsewhere.
    pub kept: Option<i64>,
    /// Rows that no block covers yet: of a run that is at work or was killed, of a delivery that is open.
    pub uncovered: u64,
    /// What does not hold, in the order of the chain; at most twenty.
    pub findings: Vec<AuditFinding>,
}

impl AuditFault {
    fn in_words(self) -> &'static str {
        match self {
            Self::BlockMissing => "it is missing, though a later one is there",
            Self::ChainBroken => "it does not follow the block before it",
            Self::BlockAltered => "its hash is not that of its content",
            Self::SpansAltered => "what it covers was altered",
            Self::RowsAltered => "rows were altered, deleted or inserted",
            Self::RowsAdded => "rows were inserted beside the chain",
            Self::HashUnknown => "no block has the hash that was kept: the chain was cut or made anew",
        }
    }
}

impl fmt::Display for AuditFinding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(block) = self.block {
            write!(f, "block {block}: ")?;
        }
        f.write_str(self.fault.in_words())?;
        if let Some(relation) = self.relation {
            write!(f, ", in {relation}")?;
        }
        match self.ids {
            Some((first, last)) if first == last => write!(f, ", id {first}"),
            Some((first, last)) => write!(f, ", ids {first} to {last}"),
            None => Ok(()),
        }
    }
}

impl Store {
    /// Makes the whole chain anew from the rows, over one state of the database, and tells the progress in blocks.
    ///
    /// With a hash that was kept elsewhere, it also looks for the block that has it.
    pub async fn examine_audit(
        &self,
        kept: Option<TreeHash>,
        told: &(dyn Fn(u64) + Send + Sync),
    ) -> Result<AuditAccount> {
        let mut transaction = self.begin_reading(DOING).await?;
        sqlx::raw_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            .execute(&mut *transaction)
            .await
            .doing(DOING)?;
        let mut examination = Examination { kept, ..Examination::default() };
        loop {
            let blocks = read_blocks(&mut transaction, examination.last).await?;
            if blocks.is_empty() {
                break;
            }
            for block in &blocks {
                examination.block(&mut transaction, block).await?;
                told(1);
            }
        }
        examination.rows_beside(&mut transaction).await?;
        commit(transaction, DOING).await?;
        Ok(examination.end())
    }
}

/// A block as it stands.
struct Kept {
    block: AuditBlock,
    hash: TreeHash,
}

/// A span as it stands.
struct KeptSpan {
    span: AuditSpan,
    groups: Vec<u8>,
}

#[derive(Default)]
struct Examination {
    kept: Option<TreeHash>,
    account: AuditAccount,
    last: i64,
    previous: Option<TreeHash>,
    /// What is covered of each relation, as first and last ids.
    covered: BTreeMap<&'static str, Vec<(i64, i64)>>,
}

impl Examination {
    fn find(&mut self, fault: AuditFault, block: Option<i64>, relation: Option<&'static str>, ids: Option<(i64, i64)>) {
        if self.account.findings.len() < FINDINGS_MAX {
            self.account.findings.push(AuditFinding { fault, block, relation, ids });
        }
    }

    async fn block(&mut self, connection: &mut PgConnection, kept: &Kept) -> Result<()> {
        let number = kept.block.block;
        if number != self.last + 1 {
            self.find(AuditFault::BlockMissing, Some(self.last + 1), None, None);
        } else if kept.block.previous != self.previous.unwrap_or(TreeHash::NONE) {
            self.find(AuditFault::ChainBroken, Some(number), None, None);
        }
        let hash = kept.block.hash();
        if hash != kept.hash || kept.block.format != AUDIT_FORMAT {
            self.find(AuditFault::BlockAltered, Some(number), None, None);
        }
        if self.kept == Some(hash) {
            self.account.kept = Some(number);
        }
        let spans = read_spans(connection, number).await?;
        let leaves: Vec<TreeHash> = spans.iter().map(|kept| kept.span.leaf()).collect();
        let count = spans.iter().fold(0_u64, |count, kept| count.saturating_add(kept.span.leaves()));
        let are_its_own = merkle::root(&leaves) == kept.block.root && count == kept.block.leaves.unsigned_abs();
        if !are_its_own {
            self.find(AuditFault::SpansAltered, Some(number), None, None);
        }
        for span in &spans {
            let Some(relation) = Relation::named(&span.span.relation) else { continue };
            self.covered.entry(relation.name).or_default().push((span.span.first, span.span.last));
            // Others could name any number of rows.
            if are_its_own {
                self.span(connection, number, relation, span).await?;
            }
        }
        (self.last, self.previous) = (number, Some(hash));
        self.account.blocks += 1;
        self.account.leaves = self.account.leaves.saturating_add(count);
        self.account.head = Some(AuditHead { block: number, hash });
        Ok(())
    }

    async fn span(
        &mut self,
        connection: &mut PgConnection,
        block: i64,
        relation: &'static Relation,
        kept: &KeptSpan,
    ) -> Result<()> {
        let AuditSpan { first, last, root, .. } = kept.span;
        let groups = leaf::groups(connection, relation, first, last).await?;
        let kept_groups: Vec<&[u8]> = kept.groups.chunks(TreeHash::NONE.0.len()).collect();
        let differs = |place: usize| kept_groups.get(place).is_none_or(|kept| groups[place].0[..] != **kept);
        if merkle::root(&groups) != root {
            // Where what is kept of the groups is as it was, it tells among which ids the rows are.
            let place = (0..groups.len()).find(|&place| differs(place)).unwrap_or(0);
            let from = first + (place * GROUP) as i64;
            let ids = (from, last.min(from + GROUP as i64 - 1));
            self.find(AuditFault::RowsAltered, Some(block), Some(relation.name), Some(ids));
        } else if kept_groups.len() != groups.len() || (0..groups.len()).any(differs) {
            self.find(AuditFault::SpansAltered, Some(block), Some(relation.name), Some((first, last)));
        }
        Ok(())
    }

    /// Looks for rows that no block covers although it should.
    async fn rows_beside(&mut self, connection: &mut PgConnection) -> Result<()> {
        let mut open = Vec::new();
        for name in ["vinculo.run", "vinculo.delivery", "vinculo.publication"] {
            let mut ids = Vec::new();
            for (relation, (first, last)) in relations().filter(|r| r.name == name).flat_map(|r| self.gaps(r)) {
                let query = relation.query("{key}", first, last, "");
                let found: Vec<i64> =
                    sqlx::query_scalar(AssertSqlSafe(query)).fetch_all(&mut *connection).await.doing(DOING)?;
                ids.extend(found);
            }
            open.push(array(&ids));
        }
        for (relation, (first, last)) in relations().flat_map(|relation| self.gaps(relation)).collect::<Vec<_>>() {
            let astray = relation.astray.replace("{runs}", &open[0]);
            let astray = astray.replace("{deliveries}", &open[1]).replace("{publications}", &open[2]);
            let select = format!("count(*), min({{key}}) FILTER (WHERE {astray})");
            let query = relation.query(&select, first, last, "");
            let (uncovered, found): (i64, Option<i64>) =
                sqlx::query_as(AssertSqlSafe(query)).fetch_one(&mut *connection).await.doing(DOING)?;
            self.account.uncovered += uncovered.unsigned_abs();
            if let Some(id) = found {
                self.find(AuditFault::RowsAdded, None, Some(relation.name), Some((id, id)));
            }
        }
        for relation in states_beside(connection).await? {
            self.find(AuditFault::RowsAdded, None, Some(relation), None);
        }
        Ok(())
    }

    /// Ids that no span covers, as first and last.
    fn gaps(&self, relation: &'static Relation) -> Vec<(&'static Relation, (i64, i64))> {
        let mut covered = self.covered.get(relation.name).cloned().unwrap_or_default();
        covered.sort_unstable();
        let mut gaps = Vec::new();
        let mut from = i64::MIN;
        for (first, last) in covered {
            if from < first {
                gaps.push((relation, (from, first - 1)));
            }
            from = from.max(last.saturating_add(1));
        }
        gaps.push((relation, (from, i64::MAX)));
        gaps
    }

    fn end(mut self) -> AuditAccount {
        if self.kept.is_some() && self.account.kept.is_none() {
            // However much else was found.
            self.account.findings.truncate(FINDINGS_MAX - 1);
            self.find(AuditFault::HashUnknown, None, None, None);
        }
        self.account
    }
}

/// States of customers that no entry of the feed tells of are found by none.
async fn states_beside(connection: &mut PgConnection) -> Result<Vec<&'static str>> {
    let mut found = Vec::new();
    for (table, same_version) in [("crm.customer", ""), ("vinculo.customer_history", " AND f.version = c.version")] {
        let query = format!(
            "SELECT EXISTS (SELECT FROM {table} c WHERE NOT EXISTS (
                 SELECT FROM crm.customer_change f
                 WHERE f.change_seq = c.change_seq AND f.customer_id = c.customer_id{same_version}))"
        );
        if sqlx::query_scalar(AssertSqlSafe(query)).fetch_one(&mut *connection).await.doing(DOING)? {
            found.push(table);
        }
    }
    Ok(found)
}

async fn read_blocks(connection: &mut PgConnection, after: i64) -> Result<Vec<Kept>> {
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

/// Relation, first and last id, root, groups.
type SpanColumns = (String, i64, i64, Vec<u8>, Vec<u8>);

/// The spans of a block, in the order in which its tree has them.
async fn read_spans(connection: &mut PgConnection, block: i64) -> Result<Vec<KeptSpan>> {
    let rows: Vec<SpanColumns> =
        sqlx::query_as("SELECT relation, first_id, last_id, root, groups FROM vinculo.audit_span WHERE block = $1")
            .bind(block)
            .fetch_all(connection)
            .await
            .doing(DOING)?;
    let kept = |(relation, first, last, root, groups): SpanColumns| KeptSpan {
        span: AuditSpan { relation, first, last, root: kept_hash(&root) },
        groups,
    };
    let mut spans: Vec<KeptSpan> = rows.into_iter().map(kept).collect();
    spans.sort_by_key(|kept| in_order(&kept.span));
    Ok(spans)
}

/// Where a span stands in the tree of its block.
pub(super) fn in_order(span: &AuditSpan) -> (usize, i64) {
    let relation = relations().position(|relation| relation.name == span.relation);
    (relation.unwrap_or(usize::MAX), span.first)
}
