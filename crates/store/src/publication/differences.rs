//! Differences on their way: sent to the server, and brought from there to the tables that tools read by set-based
//! statements. The session keeps these as functions: a publication of one record is a question and an answer then, not
//! thirty.

use super::{CHUNK_ROWS, FormerId, Heading, MANY_ROWS, Membership, Publication, RowsWritten, Tell, send};
use crate::copy::{EncodedRows, Load, RowEncoder, Target};
use crate::customer_row::copy_columns;
use crate::error::{Doing, Result, StoreError};
use sqlx::{AssertSqlSafe, PgConnection};
use uuid::Uuid;
use vinculo_records::RecordId;

const MEMBER_COLUMNS: &str = "source, source_key, customer_id, record_id, updated_at, change_seq";

const FIRST_CUSTOMERS: Target = Target { table: "crm.customer", columns: copy_columns!() };
const INCOMING_CUSTOMERS: Target = Target { table: "incoming_customer", columns: copy_columns!() };
const FIRST_MEMBERS: Target = Target { table: "crm.customer_source", columns: MEMBER_COLUMNS };
const INCOMING_MEMBERS: Target = Target { table: "incoming_member", columns: MEMBER_COLUMNS };
const MAKE_ROOM: &str = include_str!("differences.sql");

/// The differences, in temporary tables. The first customers go to their table at once: their numbers in the feed need
/// nothing added, since it is empty.
#[derive(Debug)]
pub(super) struct Staged {
    pub(super) is_first: bool,
    pub(super) customers: u64,
    pub(super) members: u64,
}

impl Staged {
    pub(super) async fn stage(
        connection: &mut PgConnection,
        publication: &Publication<'_>,
        is_first: bool,
        tell: Tell<'_>,
    ) -> Result<Self> {
        let [customers_into, members_into] = match is_first {
            true => [FIRST_CUSTOMERS, FIRST_MEMBERS],
            false => [INCOMING_CUSTOMERS, INCOMING_MEMBERS],
        };
        let published_at = publication.published_at.timestamp_micros();
        let members = publication.joined.chunks(CHUNK_ROWS).map(|members| encode_members(members, published_at));
        let loads = [Load::batches(customers_into, publication.customers), Load::encoded(members_into, members)];
        send(connection, loads, publication, tell, "sending customers and memberships").await?;
        send_leaving(connection, publication.left).await?;
        send_former(connection, publication.former).await?;
        let (customers, members) = (publication.customers.rows(), publication.joined.len() as u64);
        if is_first {
            check_first(connection, publication, members).await?;
        } else if publication.rows() >= MANY_ROWS {
            look_at_tables(connection).await?;
        }
        Ok(Self { is_first, customers, members })
    }

    /// Brings everything to the tables that tools read, and looks once more at all that was touched. The entries of the
    /// feed after `head` stand there already; these decisions are no longer in force.
    pub(super) async fn apply(
        &self,
        connection: &mut PgConnection,
        heading: &Heading<'_>,
        head: i64,
        ended_decisions: &[i64],
    ) -> Result<RowsWritten> {
        if self.is_first {
            return Ok(RowsWritten { created: self.customers, joined: self.members, ..RowsWritten::default() });
        }
        let counts: (i64, i64, i64, i64, i64, i64) = sqlx::query_as(
            "SELECT updated, ended, returned, redirects, removed, joined FROM pg_temp.apply_differences($1, $2, $3, $4)",
        )
        .bind(heading.number)
        .bind(head)
        .bind(heading.published_at)
        .bind(ended_decisions)
        .fetch_one(connection)
        .await
        .doing("writing customers")?;
        let [updated, ended, returned, redirects, left, joined] = <[i64; 6]>::from(counts).map(i64::unsigned_abs);
        let created = self.customers - updated - returned;
        Ok(RowsWritten { created, updated, ended, returned, joined, left, redirects, ..RowsWritten::default() })
    }
}

fn encode_members(members: &[Membership<'_>], published_at: i64) -> Result<EncodedRows> {
    let mut rows = RowEncoder::new(6);
    for member in members {
        rows.row()
            .text(member.source)
            .text(member.source_key)
            .uuid(member.customer.0.as_u128())
            .int8(member.record.0)
            .timestamp(Some(published_at))
            .int8(member.change);
    }
    rows.finish("sending memberships")
}

/// Sends the records that belong to no customer any more.
async fn send_leaving(connection: &mut PgConnection, left: &[RecordId]) -> Result<()> {
    if left.is_empty() {
        return Ok(());
    }
    sqlx::query("INSERT INTO leaving_record SELECT unnest($1::bigint[])")
        .bind(left.iter().map(|record| record.0).collect::<Vec<_>>())
        .execute(connection)
        .await
        .doing("sending memberships")?;
    Ok(())
}

/// Sends the ids whose answer changes.
async fn send_former(connection: &mut PgConnection, former: &[FormerId]) -> Result<()> {
    if former.is_empty() {
        return Ok(());
    }
    let (ids, lead_to): (Vec<Uuid>, Vec<Option<Uuid>>) =
        former.iter().map(|former| (former.id.0, former.leads_to.map(|id| id.0))).unzip();
    sqlx::query("INSERT INTO former_id SELECT * FROM unnest($1::uuid[], $2::uuid[])")
        .bind(ids)
        .bind(lead_to)
        .execute(connection)
        .await
        .doing("sending former ids")?;
    Ok(())
}

/// Makes the tables that differences come into, and what applies them, unless the session has them.
pub(crate) async fn make_room(connection: &mut PgConnection) -> Result<()> {
    let doing = "making room for differences";
    let has_room: bool = sqlx::query_scalar(
        "SELECT to_regprocedure('pg_temp.apply_differences(bigint, bigint, timestamptz, bigint[])') IS NOT NULL",
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
    let what = if records.unsigned_abs() != joined {
        "the customers' record counts are not how many records they have"
    } else if publication.customers.rows() != publication.changes.len() as u64 {
        "each new customer needs one entry of the feed"
    } else if !nothing_to_end {
        "nothing is published that could end"
    } else {
        return Ok(());
    };
    Err(StoreError::Inconsistent { what: what.into() })
}
