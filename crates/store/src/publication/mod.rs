//! Publication: one transaction that writes differences only. Readers see the state before or the state after.

mod differences;
mod first_load;
mod undo;

pub use undo::{Undo, Undone};

use crate::basis::{Basis, note_resolved};
use crate::block_keys::Beside;
use crate::connection::{Store, commit};
use crate::contention::Patience;
use crate::copy::Batches;
use crate::current::next_publication;
use crate::decision::DecisionRow;
use crate::error::{Doing, Result, StoreError};
use chrono::{DateTime, Utc};
use differences::Staged;
pub(crate) use differences::make_room;
use first_load::SetAside;
use serde::Serialize;
use sqlx::PgConnection;
use vinculo_records::{ContentHash, CustomerId, RecordId, RunId};

/// The number of the first publication.
const FIRST: i64 = 1;
/// From so many rows on the server is to plan for many.
const MANY_ROWS: u64 = 1_000;
/// Rows that are encoded and told of at a time.
const CHUNK_ROWS: usize = 16_384;

/// What happened to a customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Change {
    /// It is new.
    Created,
    /// Its values, their lineage or its records are others.
    Updated,
    /// It went into the other customer.
    Merged,
    /// It is new, and came out of the other customer.
    Split,
    /// No record speaks of it any more.
    Ended,
}

impl Change {
    pub(crate) fn from_name(name: &str) -> Option<Self> {
        let all = [Self::Created, Self::Updated, Self::Merged, Self::Split, Self::Ended];
        all.into_iter().find(|change| change.name() == name)
    }

    /// The change as it stands in the feed.
    pub fn name(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Updated => "updated",
            Self::Merged => "merged",
            Self::Split => "split",
            Self::Ended => "ended",
        }
    }
}

/// An entry of the change feed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChangeEntry {
    /// The customer.
    pub customer: CustomerId,
    /// What happened to it.
    pub change: Change,
    /// The customer that it went into, or came out of.
    pub other: Option<CustomerId>,
    /// Its version after the change; its last one when it is merged or ended.
    pub version: i32,
}

/// An id that stands for no customer itself, and where it leads from now on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FormerId {
    /// The id: of a customer that ends now, or ended before.
    pub id: CustomerId,
    /// The living customer that it leads to; none when it has ended.
    pub leads_to: Option<CustomerId>,
}

/// A record that comes to a customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Membership<'a> {
    /// The record.
    pub record: RecordId,
    /// The name of its source.
    pub source: &'a str,
    /// Its key in the source.
    pub source_key: &'a str,
    /// The customer.
    pub customer: CustomerId,
    /// The change entry of that customer: its place among the publication's, from 1.
    pub change: i64,
}

/// How far a publication is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Headway {
    /// So many more of its [`Publication::rows`] have been sent.
    Rows(u64),
    /// All are sent, and so many indexes are to be built: before the first publication there are none.
    Indexes(u64),
    /// One more index is built.
    Index,
}

/// Where a publication tells how far it is.
type Tell<'a> = &'a (dyn Fn(Headway) + Send + Sync);

/// All differences between what is published and what should be.
#[derive(Debug)]
pub struct Publication<'a> {
    /// Its number, [`Store::next_publication`].
    pub number: i64,
    /// The run that publishes.
    pub run: RunId,
    /// The models that decided.
    pub models: &'a [i64],
    /// When it is published.
    pub published_at: DateTime<Utc>,
    /// What the resolution depended on, so that the next run can tell that nothing changed.
    pub resolved: ContentHash,
    /// What later resolutions go on from.
    pub basis: Basis<'a>,
    /// New customers (version 1), changed ones and ids that come back.
    pub customers: &'a dyn Batches,
    /// Every id that stood for a customer, or led elsewhere, and now leads or ends so.
    pub former: &'a [FormerId],
    /// Records that come to a customer, from another one or from none; loaded fastest in the order of source and key.
    pub joined: &'a [Membership<'a>],
    /// Records that belong to no customer any more.
    pub left: &'a [RecordId],
    /// The entries of the feed, in order.
    pub changes: &'a [ChangeEntry],
    /// New decisions.
    pub decisions: &'a [DecisionRow<'a>],
    /// Decisions that are no longer in force.
    pub ended_decisions: &'a [i64],
}

/// Rows written, table by table.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct RowsWritten {
    /// Customers created.
    pub created: u64,
    /// Customers changed.
    pub updated: u64,
    /// Customers that ended.
    pub ended: u64,
    /// Ids that stand for a customer again.
    pub returned: u64,
    /// Memberships set.
    pub joined: u64,
    /// Memberships removed.
    pub left: u64,
    /// Redirects set or moved.
    pub redirects: u64,
    /// Entries of the feed.
    pub changes: u64,
    /// Decisions added.
    pub decisions: u64,
    /// Decisions ended.
    pub ended_decisions: u64,
}

/// What was published.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Published {
    /// Its number; none when there was no difference, and nothing was written.
    pub publication: Option<i64>,
    /// Its first entry in the feed; one more than the last where it has none.
    pub first_change: i64,
    /// Its last entry in the feed.
    pub last_change: i64,
    /// What was written.
    pub rows: RowsWritten,
}

impl Published {
    /// Whether nothing was published before.
    pub fn is_first(&self) -> bool {
        self.publication == Some(FIRST)
    }
}

/// What stands above the rows of a publication.
struct Heading<'a> {
    number: i64,
    run: RunId,
    models: &'a [i64],
    published_at: DateTime<Utc>,
    takes_back: Option<i64>,
}

impl Publication<'_> {
    fn heading(&self) -> Heading<'_> {
        let Self { number, run, models, published_at, .. } = *self;
        Heading { number, run, models, published_at, takes_back: None }
    }

    /// How many rows are sent.
    pub fn rows(&self) -> u64 {
        self.customers.rows() + (self.joined.len() + self.changes.len() + self.decisions.len()) as u64
    }

    /// Whether nothing was published before.
    pub(crate) fn is_first(&self) -> bool {
        self.number == FIRST
    }

    fn is_empty(&self) -> bool {
        self.rows() == 0 && self.former.is_empty() && self.left.is_empty() && self.ended_decisions.is_empty()
    }
}

impl Store {
    /// Publishes differences in one transaction, and tells how far it is. Without any, nothing is written but what the
    /// run's resolution depended on and the models that decided.
    ///
    /// # Errors
    /// [`StoreError::Overtaken`] when another publication came first, [`StoreError::Inconsistent`] when the differences
    /// contradict what is published: nothing is written then.
    pub async fn publish(
        &self,
        publication: &Publication<'_>,
        tell: &(dyn Fn(Headway) + Send + Sync),
    ) -> Result<Published> {
        let mut patience = Patience::default();
        loop {
            match self.publish_once(publication, tell).await {
                Err(error) if patience.allows(&error).await => {}
                outcome => return outcome,
            }
        }
    }

    async fn publish_once(&self, publication: &Publication<'_>, tell: Tell<'_>) -> Result<Published> {
        let doing = "publishing";
        let mut transaction = self.begin(doing).await?;
        if !publication.is_empty() {
            if next_publication(&mut transaction).await? != publication.number {
                return Err(StoreError::Overtaken);
            }
            make_room(&mut transaction).await?;
        }
        let mut beside = Beside::of(self, publication.basis.keys);
        let published = publish_within(&mut transaction, publication, tell, &mut beside).await?;
        commit(transaction, doing).await?;
        Ok(published)
    }
}

/// Publishes differences within a transaction, which the caller commits; its session has made room for them. Where the
/// caller gives a store for that, keys of a first publication are written beside.
pub(crate) async fn publish_within(
    connection: &mut PgConnection,
    publication: &Publication<'_>,
    tell: Tell<'_>,
    beside: &mut Beside,
) -> Result<Published> {
    let mut published = Published::default();
    if !publication.is_empty() {
        if publication.rows() >= MANY_ROWS {
            take_memory(connection).await?;
        }
        published = write(connection, publication, tell, beside).await?;
    }
    let Publication { run, resolved, models, basis, .. } = publication;
    note_resolved(connection, *run, *resolved, models, basis, beside).await?;
    Ok(published)
}

/// Statements over many rows sort and join them in memory, and build indexes there.
async fn take_memory(connection: &mut PgConnection) -> Result<()> {
    sqlx::raw_sql("SET LOCAL maintenance_work_mem = '256MB'; SET LOCAL work_mem = '64MB'")
        .execute(connection)
        .await
        .doing("publishing")?;
    Ok(())
}

async fn write(
    connection: &mut PgConnection,
    publication: &Publication<'_>,
    tell: Tell<'_>,
    beside: &mut Beside,
) -> Result<Published> {
    let (head, rows) = match publication.number {
        FIRST => (0, write_first(connection, publication, tell, beside).await?),
        _ => {
            let staged = Staged::stage(connection, publication, tell).await?;
            staged.apply(connection, &publication.heading(), publication.ended_decisions).await?
        }
    };
    let published = Published {
        publication: Some(publication.number),
        first_change: head + 1,
        last_change: head + rows.changes as i64,
        rows,
    };
    write_account(connection, &publication.heading(), &published).await?;
    Ok(published)
}

/// Before the first publication nobody reads crm: its indexes are built after the rows, which costs half.
async fn write_first(
    connection: &mut PgConnection,
    publication: &Publication<'_>,
    tell: Tell<'_>,
    beside: &mut Beside,
) -> Result<RowsWritten> {
    let first_decision = lock_feed(connection, publication.number, publication.decisions.len()).await?;
    let set_aside = SetAside::take(connection).await?;
    let rows = Staged::send_first(connection, publication, first_decision, tell).await?;
    beside.begin();
    set_aside.rebuild(connection, tell).await?;
    Ok(rows)
}

/// Keeps everybody else from adding to the feed, and takes so many numbers of decisions; returns the first of them.
async fn lock_feed(connection: &mut PgConnection, number: i64, decisions: usize) -> Result<i64> {
    sqlx::query_scalar("SELECT first_decision FROM pg_temp.lock_feed($1, $2)")
        .bind(number)
        .bind(decisions as i64)
        .fetch_one(connection)
        .await
        .doing("locking the change feed")
}

async fn write_account(connection: &mut PgConnection, heading: &Heading<'_>, published: &Published) -> Result<()> {
    let RowsWritten { created, returned, ended, .. } = published.rows;
    sqlx::query(
        "WITH account AS (
             INSERT INTO vinculo.publication
                 (publication, run_id, models, first_change, last_change, counts, published_at, takes_back)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
         )
         UPDATE vinculo.feed_head SET last_change = $5, customers = customers + $9",
    )
    .bind(heading.number)
    .bind(heading.run.0)
    .bind(heading.models)
    .bind(published.first_change)
    .bind(published.last_change)
    .bind(serde_json::to_value(published.rows).expect("counts are numbers under names"))
    .bind(heading.published_at)
    .bind(heading.takes_back)
    .bind((created + returned) as i64 - ended as i64)
    .execute(connection)
    .await
    .doing("writing the account of a publication")?;
    Ok(())
}
