//! Publication: one transaction that writes differences only. Readers see the state before or the state after.

mod apply;
mod first_load;
mod former;
mod members;

use crate::connection::{Store, commit};
use crate::copy::{EncodedRows, RowEncoder, copy_in_telling};
use crate::current::{next_publication, note_resolved};
use crate::decision::{self, COPY_DECISIONS, DecisionRow};
use crate::error::{Doing, Result, StoreError};
use apply::Staged;
use chrono::{DateTime, Utc};
use first_load::SetAside;
use serde::Serialize;
use sqlx::PgConnection;
use vinculo_records::{ContentHash, CustomerId, RecordId, RunId};

/// The number of the first publication.
const FIRST: i64 = 1;

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
    /// New customers (version 1), changed ones and ids that come back, from one or more encoders.
    pub customers: &'a [EncodedRows],
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

impl Publication<'_> {
    /// How many rows are sent.
    pub fn rows(&self) -> u64 {
        let customers: u64 = self.customers.iter().map(EncodedRows::count).sum();
        customers + (self.joined.len() + self.changes.len() + self.decisions.len()) as u64
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
    /// [`StoreError::Inconsistent`] when the differences do not fit what is published: nothing is written then.
    pub async fn publish(
        &self,
        publication: &Publication<'_>,
        tell: &(dyn Fn(Headway) + Send + Sync),
    ) -> Result<Published> {
        let doing = "publishing";
        let mut transaction = self.begin(doing).await?;
        let mut published = Published::default();
        if !publication.is_empty() {
            if next_publication(&mut transaction).await? != publication.number {
                return Err(StoreError::Inconsistent { what: "another publication has come in between" });
            }
            sqlx::raw_sql("SET LOCAL maintenance_work_mem = '256MB'; SET LOCAL work_mem = '64MB'")
                .execute(&mut *transaction)
                .await
                .doing(doing)?;
            published = write(&mut transaction, publication, tell).await?;
        }
        note_resolved(&mut transaction, publication.run, publication.resolved, publication.models).await?;
        commit(transaction, doing).await?;
        Ok(published)
    }
}

async fn write(connection: &mut PgConnection, publication: &Publication<'_>, tell: Tell<'_>) -> Result<Published> {
    // Before the first publication nobody reads crm: its indexes are built after the rows, which costs half.
    let set_aside = match publication.number {
        FIRST => Some(SetAside::take(connection).await?),
        _ => None,
    };
    let staged = Staged::stage(connection, publication, set_aside.is_some(), tell).await?;
    // Everything is at the server. From here to the commit nobody else can add to the feed.
    let head = lock_feed(connection).await?;
    let mut rows = staged.apply(connection, publication, head).await?;
    rows.changes = write_changes(connection, publication, head, tell).await?;
    (rows.decisions, rows.ended_decisions) = write_decisions(connection, publication, tell).await?;
    match set_aside {
        Some(set_aside) => set_aside.rebuild(connection, tell).await?,
        None => staged.check(connection).await?,
    }
    let published = Published {
        publication: Some(publication.number),
        first_change: head + 1,
        last_change: head + publication.changes.len() as i64,
        rows,
    };
    write_account(connection, publication, &published).await?;
    Ok(published)
}

/// Sends rows, telling of each encoder's when they are on their way.
async fn send(
    connection: &mut PgConnection,
    statement: &'static str,
    rows: &[EncodedRows],
    tell: Tell<'_>,
    doing: &'static str,
) -> Result<u64> {
    copy_in_telling(connection, statement, rows, &|sent| tell(Headway::Rows(sent)), doing).await
}

async fn lock_feed(connection: &mut PgConnection) -> Result<i64> {
    sqlx::query_scalar("SELECT last_change FROM vinculo.feed_head FOR UPDATE")
        .fetch_one(connection)
        .await
        .doing("locking the change feed")
}

async fn write_changes(
    connection: &mut PgConnection,
    publication: &Publication<'_>,
    head: i64,
    tell: Tell<'_>,
) -> Result<u64> {
    let doing = "writing the change feed";
    let published_at = publication.published_at.timestamp_micros();
    let mut rows = RowEncoder::new(6);
    for (number, entry) in (head + 1..).zip(publication.changes) {
        rows.row().int8(number).uuid(entry.customer.0.as_u128());
        match entry.other {
            Some(other) => rows.uuid(other.0.as_u128()),
            None => rows.null(),
        };
        rows.timestamp(Some(published_at)).int4(entry.version).text(entry.change.name());
    }
    let statement = "COPY crm.customer_change
        (change_seq, customer_id, other_customer_id, published_at, version, change) FROM STDIN BINARY";
    send(connection, statement, &[rows.finish(doing)?], tell, doing).await
}

async fn write_decisions(
    connection: &mut PgConnection,
    publication: &Publication<'_>,
    tell: Tell<'_>,
) -> Result<(u64, u64)> {
    let doing = "writing decisions";
    let ended = sqlx::query(
        "UPDATE vinculo.decision SET to_publication = $2 WHERE decision_id = ANY($1) AND to_publication IS NULL",
    )
    .bind(publication.ended_decisions)
    .bind(publication.number)
    .execute(&mut *connection)
    .await
    .doing(doing)?
    .rows_affected();
    if ended != publication.ended_decisions.len() as u64 {
        return Err(StoreError::Inconsistent { what: "a decision was to be ended that is not in force" });
    }
    let first: i64 = sqlx::query_scalar(
        "UPDATE vinculo.counter SET next_decision_id = next_decision_id + $1 RETURNING next_decision_id - $1",
    )
    .bind(publication.decisions.len() as i64)
    .fetch_one(&mut *connection)
    .await
    .doing(doing)?;
    let rows = decision::encode(first, publication.number, publication.decisions)?;
    let added = send(connection, COPY_DECISIONS, &[rows], tell, doing).await?;
    Ok((added, ended))
}

async fn write_account(
    connection: &mut PgConnection,
    publication: &Publication<'_>,
    published: &Published,
) -> Result<()> {
    let doing = "writing the account of a publication";
    sqlx::query(
        "INSERT INTO vinculo.publication
             (publication, run_id, models, first_change, last_change, counts, published_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(publication.number)
    .bind(publication.run.0)
    .bind(publication.models)
    .bind(published.first_change)
    .bind(published.last_change)
    .bind(serde_json::to_value(published.rows).expect("counts are numbers under names"))
    .bind(publication.published_at)
    .execute(&mut *connection)
    .await
    .doing(doing)?;
    sqlx::query("UPDATE vinculo.feed_head SET last_change = $1")
        .bind(published.last_change)
        .execute(connection)
        .await
        .doing(doing)?;
    Ok(())
}
