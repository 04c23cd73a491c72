//! Spans of a chain, read ahead: many small ones that follow each other cost few statements.

use super::leaf::{Groups, Page};
use super::relation::{Growth, Relation};
use super::salt::Salts;
use super::side_by_side::Sessions;
use crate::error::{Result, StoreError};
use vinculo_records::TreeHash;

/// Ids that are read at a time, each with one row.
const AHEAD: i64 = 4_096;
/// The same where one id may have any number of rows: those that a publication ended.
const AHEAD_OF_MANY: i64 = 64;

/// The leaves of one relation, as far as they have been read.
#[derive(Debug)]
pub(super) struct Ahead {
    relation: &'static Relation,
    salts: Option<Salts>,
    first: i64,
    leaves: Vec<TreeHash>,
    /// The last id that is known to be asked for.
    pub(super) until: i64,
}

impl Ahead {
    pub(super) fn of(relation: &'static Relation) -> Self {
        Self { relation, salts: relation.salted_as.map(Salts::of), first: 0, leaves: Vec::new(), until: i64::MIN }
    }

    /// What is to be kept of a span.
    pub(super) async fn groups(&mut self, sessions: &mut Sessions<'_>, first: i64, last: i64) -> Result<Groups> {
        let most = if self.relation.growth == Growth::AsBefore { AHEAD_OF_MANY } else { AHEAD };
        if last - first >= most {
            return sessions.groups(self.relation, first, last).await;
        }
        if first < self.first || last >= self.first + self.leaves.len() as i64 {
            let to = self.until.min(first.saturating_add(most - 1)).max(last);
            let page = Page::read(sessions.own(), self.relation, self.salts.as_mut(), first, to).await?;
            let hashing = tokio::task::spawn_blocking(move || page.leaves());
            let doing = "hashing rows for the audit chain";
            (self.first, self.leaves) = (first, hashing.await.map_err(|_| StoreError::Unexpected { doing })?);
        }
        let start = (first - self.first) as usize;
        Ok(Groups::of(&self.leaves[start..=start + (last - first) as usize]))
    }
}
