//! The whole chain, made anew from the rows: the first thing that does not hold tells where something was altered.

use super::ahead::Ahead;
use super::chain::{Kept, KeptSpan, read_blocks, read_spans};
use super::finding::{AuditAccount, AuditFault, AuditFinding};
use super::leaf::Groups;
use super::location;
use super::relation::{Relation, relations};
use super::side_by_side::{SESSIONS, Sessions};
use super::uncovered::array;
use crate::connection::{Store, commit};
use crate::error::{Doing, Result};
use sqlx::{AssertSqlSafe, PgConnection};
use std::collections::BTreeMap;
use vinculo_records::audit::AUDIT_FORMAT;
use vinculo_records::merkle::{self, GROUP};
use vinculo_records::{AuditHead, AuditSpan, TreeHash};

const DOING: &str = "examining the audit chain";
/// More findings tell nothing more.
const FINDINGS_MAX: usize = 20;

impl Store {
    /// Makes the whole chain anew from the rows, over one state of the database, and tells the progress in blocks.
    ///
    /// With a hash that was kept elsewhere, it also looks for the block that has it.
    pub async fn examine_audit(
        &self,
        kept: Option<TreeHash>,
        told: &(dyn Fn(u64) + Send + Sync),
    ) -> Result<AuditAccount> {
        let mut snapshot = self.snapshot().await?;
        let mut beside = Vec::with_capacity(SESSIONS);
        for _ in 0..SESSIONS {
            beside.push(snapshot.beside(self).await?.into_work());
        }
        let mut work = snapshot.into_work();
        let mut sessions = Sessions::with(&mut work, beside);
        let mut examination = Examination { kept, ..Examination::default() };
        loop {
            let blocks = read_blocks(sessions.own(), examination.last).await?;
            let Some((first, last)) = blocks.first().zip(blocks.last()) else { break };
            let mut spans = read_spans(sessions.own(), first.block.block, last.block.block).await?;
            examination.look_ahead(spans.values().flatten());
            for block in &blocks {
                let own = spans.remove(&block.block.block).unwrap_or_default();
                examination.block(&mut sessions, block, &own).await?;
                told(1);
            }
        }
        examination.rows_beside(sessions.own()).await?;
        commit(work, DOING).await?;
        Ok(examination.end())
    }
}

#[derive(Default)]
struct Examination {
    kept: Option<TreeHash>,
    account: AuditAccount,
    last: i64,
    previous: Option<TreeHash>,
    /// What is covered of each relation, as first and last ids.
    covered: BTreeMap<&'static str, Vec<(i64, i64)>>,
    /// What was read of each relation for the blocks that are examined next.
    ahead: BTreeMap<&'static str, Ahead>,
}

impl Examination {
    fn find(&mut self, fault: AuditFault, block: Option<i64>, relation: Option<&'static str>, ids: Option<(i64, i64)>) {
        if self.account.findings.len() < FINDINGS_MAX {
            self.account.findings.push(AuditFinding { fault, block, relation, ids });
        }
    }

    /// Rows of these spans will be asked for.
    fn look_ahead<'a>(&mut self, spans: impl Iterator<Item = &'a KeptSpan>) {
        for AuditSpan { relation, last, .. } in spans.map(|kept| &kept.span) {
            let Some(relation) = Relation::named(relation) else { continue };
            let ahead = self.ahead.entry(relation.name).or_insert_with(|| Ahead::of(relation));
            ahead.until = ahead.until.max(*last);
        }
    }

    async fn block(&mut self, sessions: &mut Sessions<'_>, kept: &Kept, spans: &[KeptSpan]) -> Result<()> {
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
        let leaves: Vec<TreeHash> = spans.iter().map(|kept| kept.span.leaf()).collect();
        let count = spans.iter().fold(0_u64, |count, kept| count.saturating_add(kept.span.leaves()));
        let are_its_own = merkle::root(&leaves) == kept.block.root && count == kept.block.leaves.unsigned_abs();
        if !are_its_own {
            self.find(AuditFault::SpansAltered, Some(number), None, None);
        }
        for span in spans {
            let Some(relation) = Relation::named(&span.span.relation) else { continue };
            self.covered.entry(relation.name).or_default().push((span.span.first, span.span.last));
            // Others could name any number of rows.
            if are_its_own {
                self.span(sessions, number, relation, span).await?;
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
        sessions: &mut Sessions<'_>,
        block: i64,
        relation: &'static Relation,
        kept: &KeptSpan,
    ) -> Result<()> {
        let AuditSpan { first, last, root, .. } = kept.span;
        let ahead = self.ahead.entry(relation.name).or_insert_with(|| Ahead::of(relation));
        let Groups { roots, sums } = ahead.groups(sessions, first, last).await?;
        let kept_roots: Vec<&[u8]> = kept.groups.chunks(TreeHash::NONE.0.len()).collect();
        let differs = |group: usize| kept_roots.get(group).is_none_or(|kept| roots[group].0[..] != **kept);
        if merkle::root(&roots) != root {
            // Where what is kept of the groups is as it was, it tells where the rows are.
            let group = (0..roots.len()).find(|&group| differs(group)).unwrap_or(0);
            let from = first + (group * GROUP) as i64;
            let located = location::altered_leaf(&kept.sums, &sums, group).map(|place| from + place as i64);
            let ids = match located.filter(|id| *id <= last) {
                Some(id) => (id, id),
                None => (from, last.min(from + GROUP as i64 - 1)),
            };
            self.find(AuditFault::RowsAltered, Some(block), Some(relation.name), Some(ids));
        } else if kept_roots.len() != roots.len()
            || (0..roots.len()).any(differs)
            || (!kept.sums.is_empty() && kept.sums != sums)
        {
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
