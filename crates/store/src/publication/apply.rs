//! From rows that the server has received to the tables that tools read, by set-based statements, which the session keeps as
//! functions: a publication of one record is a question and an answer then, not thirty.

use super::{Heading, MANY_ROWS, Publication, RowsWritten, Tell, former, members};
use crate::copy::{EncodedRows, Target};
use crate::customer_row::copy_columns;
use crate::error::{Doing, Result, StoreError};
use sqlx::{AssertSqlSafe, PgConnection};

/// The differences, in temporary tables. The first customers go to their table at once: their numbers in the feed need
/// nothing added, since it is empty.
#[derive(Debug)]
pub(super) struct Staged {
    pub(super) is_first: bool,
    pub(super) customers: u64,
    pub(super) members: u64,
}

const FIRST: Target = Target { table: "crm.customer", columns: copy_columns!() };
const INCOMING: Target = Target { table: "incoming_customer", columns: copy_columns!() };
const MAKE_ROOM: &str = include_str!("differences.sql");

impl Staged {
    pub(super) async fn stage(
        connection: &mut PgConnection,
        publication: &Publication<'_>,
        is_first: bool,
        tell: Tell<'_>,
    ) -> Result<Self> {
        let doing = "sending customers";
        let into = if is_first { FIRST } else { INCOMING };
        let customers = super::send(connection, into, publication.customers, tell, doing).await?;
        let members = members::stage(connection, publication, is_first, tell).await?;
        former::stage(connection, publication.former).await?;
        if is_first {
            check_first(connection, publication, members).await?;
        } else if publication.rows() >= MANY_ROWS {
            look_at_tables(connection).await?;
        }
        Ok(Self { is_first, customers, members })
    }

    /// Brings everything to the tables that tools read, and looks once more at all that was touched. The entries of the
    /// feed after `head` stand there already.
    pub(super) async fn apply(
        &self,
        connection: &mut PgConnection,
        heading: &Heading<'_>,
        head: i64,
    ) -> Result<RowsWritten> {
        if self.is_first {
            return Ok(RowsWritten { created: self.customers, joined: self.members, ..RowsWritten::default() });
        }
        let counts: (i64, i64, i64, i64, i64, i64) = sqlx::query_as(
            "SELECT updated, ended, returned, redirects, removed, joined FROM pg_temp.apply_differences($1, $2, $3)",
        )
        .bind(heading.number)
        .bind(head)
        .bind(heading.published_at)
        .fetch_one(connection)
        .await
        .doing("writing customers")?;
        let [updated, ended, returned, redirects, left, joined] = <[i64; 6]>::from(counts).map(i64::unsigned_abs);
        let created = self.customers - updated - returned;
        Ok(RowsWritten { created, updated, ended, returned, joined, left, redirects, ..RowsWritten::default() })
    }
}

/// Makes the tables that differences come into, and what applies them, unless the session has them.
pub(crate) async fn make_room(connection: &mut PgConnection) -> Result<()> {
    let doing = "making room for differences";
    let has_room: bool = sqlx::query_scalar(
        "SELECT to_regprocedure('pg_temp.apply_differences(bigint, bigint, timestamptz)') IS NOT NULL",
    )
    .fetch_one(&mut *connection)
    .await
    .doing(doing)?;
    if !has_room {
        let statements = MAKE_ROOM.replace("{columns}", copy_columns!());
        sqlx::raw_sql(AssertSqlSafe(statements)).execute(connection).await.doing(doing)?;
    }
    Ok(())
}

/// Tells the planner how many differences there are: without statistics the tables would be taken for small ones by the
/// statements that join them.
pub(super) async fn look_at_tables(connection: &mut PgConnection) -> Result<()> {
    sqlx::raw_sql("ANALYZE incoming_customer, incoming_member, leaving_record, former_id")
        .execute(connection)
        .await
        .doing("looking at the differences")?;
    Ok(())
}

async fn check_first(connection: &mut PgConnection, publication: &Publication<'_>, joined: u64) -> Result<()> {
    let records: i64 = sqlx::query_scalar("SELECT coalesce(sum(record_count), 0)::bigint FROM crm.customer")
        .fetch_one(connection)
        .await
        .doing("checking a publication")?;
    let nothing_to_end =
        publication.former.is_empty() && publication.left.is_empty() && publication.ended_decisions.is_empty();
    let created: u64 = publication.customers.iter().map(EncodedRows::count).sum();
    let what = if records.unsigned_abs() != joined {
        "the customers' record counts are not how many records they have"
    } else if created != publication.changes.len() as u64 {
        "each new customer needs one entry of the feed"
    } else if !nothing_to_end {
        "nothing is published that could end"
    } else {
        return Ok(());
    };
    Err(StoreError::Inconsistent { what: what.into() })
}
