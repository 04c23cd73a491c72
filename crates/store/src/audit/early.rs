//! Leaves that are made before the run ends: while the server writes a publication and builds indexes, ours is idle.
//!
//! Only what cannot change any more is hashed early: rows that landed with closed deliveries, and the customers of a first
//! publication as they are sent, which is of use only if that is committed. What they cost the server to read is spared.

use super::block::Before;
use super::leaf::{Groups, Page};
use super::relation::Relation;
use super::salt::{self, Salts};
use super::side_by_side;
use super::uncovered::Uncovered;
use crate::connection::{Store, commit};
use crate::copy::Relay;
use crate::error::{Result, StoreError};
use crate::publication::Publication;
use sqlx::PgConnection;
use tokio::task::spawn_blocking;
use vinculo_records::TreeHash;
use vinculo_records::merkle::GROUP;

const DOING: &str = "hashing rows for the audit chain";
const CUSTOMERS: &str = "crm.customer";
/// Customers whose salts are made at a time, so that the first ones are hashed as soon as they are sent.
const SALTED_AHEAD: i64 = 1 << 16;

/// What is known of the leaves of rows before the run ends.
#[derive(Debug, Default)]
pub struct Early {
    spans: Vec<EarlySpan>,
}

/// The groups from an id on, all of them whole.
#[derive(Debug)]
struct EarlySpan {
    relation: &'static Relation,
    first: i64,
    groups: Groups,
}

impl Early {
    /// What is known of a span: the groups of its first ids.
    pub(super) fn groups(&self, relation: &Relation, first: i64, last: i64) -> Groups {
        let whole = ((last - first + 1) / GROUP as i64) as usize;
        let known = self.spans.iter().find(|known| known.relation.name == relation.name && known.first == first);
        known.map_or_else(Groups::default, |known| known.groups.beginning(whole))
    }
}

impl Store {
    /// Hashes the rows that landed and that no block covers yet, and the customers that a first publication sends. What
    /// this gives may be used only once the publication is committed. `customers` are those of the publication, as they are
    /// sent: whoever publishes waits until they are hashed.
    ///
    /// # Errors
    /// When the store cannot be read, or the salts not be written.
    pub async fn hash_early(&self, publication: &Publication<'_>, customers: Relay) -> Result<Early> {
        let mut spans = Vec::new();
        let mut session = self.begin_reading(DOING).await?;
        if publication.is_first() {
            spans.push(self.hash_customers(&mut session, customers, publication.customers.rows() as i64).await?);
        } else {
            // Nobody is to wait for this.
            drop(customers);
        }
        let before = Before::read(&mut session).await?;
        let uncovered = Uncovered::find_landed(&mut session, &before).await?;
        self.make_salts(&uncovered.salted().collect::<Vec<_>>()).await?;
        for (relation, first, last) in uncovered.spans {
            let last = first + (last - first + 1) / GROUP as i64 * GROUP as i64 - 1;
            let groups = side_by_side::groups(vec![&mut *session], relation, first, last).await?;
            spans.push(EarlySpan { relation, first, groups });
        }
        Ok(Early { spans })
    }

    /// Hashes customers as they are sent; the first entry of the feed tells of the first one.
    async fn hash_customers(&self, connection: &mut PgConnection, mut sent: Relay, count: i64) -> Result<EarlySpan> {
        let relation = Relation::named(CUSTOMERS).ok_or(StoreError::Unexpected { doing: DOING })?;
        let mut salts = Salts::of(CUSTOMERS);
        let mut groups = Groups::default();
        let (mut first, mut rest) = (1, Vec::<TreeHash>::new());
        let mut salted = 0;
        // Of the end nobody hears before the publication is committed.
        while first <= count
            && let Some(rows) = sent.next().await
        {
            let next = first + rows.count() as i64;
            if next - 1 > salted {
                salted = (next - 1 + SALTED_AHEAD).min(count);
                self.make_salts(&[(CUSTOMERS, salted)]).await?;
            }
            let page = Page::of_sent(connection, relation, &rows, &mut salts, first).await?;
            first = next;
            let leaves =
                spawn_blocking(move || page.leaves()).await.map_err(|_| StoreError::Unexpected { doing: DOING })?;
            rest.extend(leaves);
            let further = rest.split_off(rest.len() / GROUP * GROUP);
            groups.extend(Groups::of(&rest));
            rest = further;
        }
        Ok(EarlySpan { relation, first: 1, groups })
    }

    /// Makes salts in a transaction of their own. Those of ids that no block covers yet prove nothing, so they may stand
    /// before it: other sessions see only what is committed.
    pub(super) async fn make_salts(&self, salted: &[(&'static str, i64)]) -> Result<()> {
        let mut work = self.begin(DOING).await?;
        salt::make(&mut work, salted).await?;
        commit(work, DOING).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_span_the_whole_groups_are_known_that_begin_with_it() {
        let leaves: Vec<TreeHash> = (0..200_u8).map(|n| TreeHash::leaf(&[n])).collect();
        let [relation, other] = [CUSTOMERS, "vinculo.decision"].map(|name| Relation::named(name).unwrap());
        let early = Early { spans: vec![EarlySpan { relation, first: 7, groups: Groups::of(&leaves[..192]) }] };
        let cases = [(relation, 7, 206, 192), (relation, 7, 1_000, 192), (relation, 7, 134, 128), (relation, 7, 69, 0)];
        for (relation, first, last, known) in cases.into_iter().chain([(relation, 8, 207, 0), (other, 7, 206, 0)]) {
            assert_eq!(early.groups(relation, first, last), Groups::of(&leaves[..known]), "{first} to {last}");
        }
    }
}
