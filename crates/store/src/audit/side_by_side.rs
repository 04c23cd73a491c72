//! Rows of large spans, read by two sessions side by side; while one page is hashed, the next ones are read.

use super::leaf::{Groups, Page};
use super::relation::{Growth, Relation};
use super::salt::Salts;
use crate::connection::Work;
use crate::error::{Result, StoreError};
use futures_util::future::try_join_all;
use sqlx::PgConnection;
use std::sync::atomic::{AtomicI64, Ordering};
use tokio::task::{JoinHandle, spawn_blocking};
use vinculo_records::merkle::GROUP;

const DOING: &str = "reading rows for the audit chain";
/// Spans of so many ids are worth further sessions.
pub(super) const LARGE: i64 = 512 * GROUP as i64;
/// Sessions beside each other. Each keeps a process of the server busy, and ours hashes meanwhile.
pub(super) const SESSIONS: usize = 2;

/// A page has about so many bytes, however wide its rows are: a few of them are in memory at a time.
const PAGE_BYTES: usize = 8 << 20;
/// Ids of a first page. Each later one has at most four times as many as the one before.
const FIRST_IDS: i64 = 16 * GROUP as i64;
const MOST_IDS: i64 = LARGE;

/// The session of a chain, and others that see what it sees.
pub(super) struct Sessions<'a> {
    own: &'a mut PgConnection,
    beside: Vec<Work<'static>>,
}

impl<'a> Sessions<'a> {
    /// One session, and others or none.
    pub(super) fn with(own: &'a mut PgConnection, beside: Vec<Work<'static>>) -> Self {
        Self { own, beside }
    }

    /// The session of the chain.
    pub(super) fn own(&mut self) -> &mut PgConnection {
        self.own
    }

    /// What is to be kept of a span.
    pub(super) async fn groups(&mut self, relation: &'static Relation, first: i64, last: i64) -> Result<Groups> {
        // The row of the run that ends is not committed yet, so that its own session alone sees it.
        let is_committed = relation.growth != Growth::Ended;
        if last - first < LARGE || !is_committed || self.beside.is_empty() {
            return groups(vec![&mut *self.own], relation, first, last).await;
        }
        groups(self.beside.iter_mut().map(|work| &mut **work).collect(), relation, first, last).await
    }
}

/// What is to be kept of a span, read by these sessions.
pub(super) async fn groups(
    sessions: Vec<&mut PgConnection>,
    relation: &'static Relation,
    first: i64,
    last: i64,
) -> Result<Groups> {
    let next = AtomicI64::new(first);
    let readers = sessions.into_iter().map(|session| read(session, relation, &next, last));
    let mut pages: Vec<Hashed> = try_join_all(readers).await?.into_iter().flatten().collect();
    pages.sort_unstable_by_key(|page| page.first);
    let mut groups = Groups::default();
    pages.into_iter().for_each(|page| groups.extend(page.groups));
    Ok(groups)
}

/// What is kept of a page of whole groups; the last of a span may end within one.
struct Hashed {
    first: i64,
    groups: Groups,
}

/// Reads page after page of what nobody has taken yet.
async fn read(
    session: &mut PgConnection,
    relation: &'static Relation,
    next: &AtomicI64,
    last: i64,
) -> Result<Vec<Hashed>> {
    let mut salts = relation.salted_as.map(Salts::of);
    let (mut ids, mut hashed, mut hashing) = (FIRST_IDS, Vec::new(), None);
    loop {
        let first = next.fetch_add(ids, Ordering::Relaxed);
        if first > last {
            break;
        }
        let page =
            Page::read(session, relation, salts.as_mut(), first, last.min(first.saturating_add(ids - 1))).await?;
        ids = ids_of_next(ids, page.bytes());
        finish(&mut hashing, &mut hashed).await?;
        hashing = Some(spawn_blocking(move || Hashed { first, groups: Groups::of(&page.leaves()) }));
    }
    finish(&mut hashing, &mut hashed).await?;
    Ok(hashed)
}

async fn finish(hashing: &mut Option<JoinHandle<Hashed>>, hashed: &mut Vec<Hashed>) -> Result<()> {
    if let Some(hashing) = hashing.take() {
        hashed.push(hashing.await.map_err(|_| StoreError::Unexpected { doing: DOING })?);
    }
    Ok(())
}

/// Whole groups that have as many bytes as a page should, if they are like those of the page before.
fn ids_of_next(ids: i64, bytes: usize) -> i64 {
    let fitting = ids.saturating_mul(PAGE_BYTES as i64) / (bytes as i64).max(1);
    let group = GROUP as i64;
    fitting.min(4 * ids).clamp(group, MOST_IDS) / group * group
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::connection::Store;
    use sqlx::Connection;
    use vinculo_testkit::TestDatabase;

    #[test]
    fn pages_are_of_whole_groups_and_follow_the_width_of_rows() {
        let cases = [
            (FIRST_IDS, 0, 4 * FIRST_IDS),
            (FIRST_IDS, PAGE_BYTES, FIRST_IDS),
            (FIRST_IDS, 3 * PAGE_BYTES, 320),
            (FIRST_IDS, 1000 * PAGE_BYTES, 64),
            (MOST_IDS, 1, MOST_IDS),
        ];
        for (ids, bytes, expected) in cases {
            assert_eq!(ids_of_next(ids, bytes), expected, "{ids} ids of {bytes} bytes");
        }
    }

    #[tokio::test]
    async fn however_many_sessions_read_the_groups_are_the_same() {
        let database = TestDatabase::create().await;
        let store = Store::connect(database.url()).await.unwrap();
        store.prepare().await.unwrap();
        let mut connection = PgConnection::connect(database.url()).await.unwrap();
        let (first, last) = (7, 12 * FIRST_IDS + 5);
        let fill = format!(
            "INSERT INTO crm.customer_change (change_seq, customer_id, published_at, version, change)
             SELECT n, gen_random_uuid(), now(), 1, 'created' FROM generate_series(1, {last}) n WHERE n % 1000 <> 0"
        );
        sqlx::raw_sql(sqlx::AssertSqlSafe(fill)).execute(&mut connection).await.unwrap();
        let relation = Relation::named("crm.customer_change").unwrap();
        let alone = groups(vec![&mut connection], relation, first, last).await.unwrap();
        let page = Page::read(&mut connection, relation, None, first, last).await.unwrap();
        assert_eq!(alone, Groups::of(&page.leaves()));
        let mut others = [store.begin("testing").await.unwrap(), store.begin("testing").await.unwrap()];
        let sessions = others.iter_mut().map(|work| &mut **work).chain([&mut connection]).collect();
        assert_eq!(groups(sessions, relation, first, last).await.unwrap(), alone);
    }
}
