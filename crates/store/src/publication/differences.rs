//! Differences on their way: sent to the server, and brought from there to the tables that tools read by set-based
//! statements. The session keeps these as functions: a publication of one record is a question and an answer then, not
//! thirty.

use super::{
    CHUNK_ROWS, ChangeEntry, FormerId, Heading, Headway, MANY_ROWS, Membership, Publication, RowsWritten, Tell,
};
use crate::copy::{EncodedRows, Load, RowEncoder, Target, copy_in_telling};
use crate::customer_row::copy_columns;
use crate::decision::{self, DECISIONS};
use crate::error::{Doing, Result, StoreError};
use sqlx::{AssertSqlSafe, PgConnection};
use uuid::Uuid;
use vinculo_records::RecordId;

const MEMBER_COLUMNS: &str = "source, source_key, customer_id, record_id, updated_at, change_seq";
const CHANGE_COLUMNS: &str = "change_seq, customer_id, other_customer_id, published_at, version, change";
const MAKE_ROOM: &str = include_str!("differences.sql");

/// The tables that customers, memberships, entries of the feed and decisions go to.
struct Tables {
    customers: &'static str,
    members: &'static str,
    changes: &'static str,
    decisions: &'static str,
}

/// Where the first publication goes at once: there is nothing that it differs from.
const PUBLISHED: Tables = Tables {
    customers: "crm.customer",
    members: "crm.customer_source",
    changes: "crm.customer_change",
    decisions: DECISIONS.table,
};
/// Where differences wait until they are applied.
const INCOMING: Tables = Tables {
    customers: "incoming_customer",
    members: "incoming_member",
    changes: "incoming_change",
    decisions: "incoming_decision",
};

/// How many differences of each sort wait in the temporary tables.
#[derive(Debug)]
pub(super) struct Staged {
    pub(super) customers: u64,
    pub(super) members: u64,
    pub(super) changes: u64,
    pub(super) decisions: u64,
    pub(super) leaving: u64,
    pub(super) former: u64,
}

impl Staged {
    /// Sends all differences. Entries of the feed and decisions are numbered from 1 and 0: the numbers that they get are
    /// known once nobody else can take them.
    pub(super) async fn stage(
        connection: &mut PgConnection,
        publication: &Publication<'_>,
        tell: Tell<'_>,
    ) -> Result<Self> {
        send(connection, publication, &INCOMING, 0, tell).await?;
        send_leaving(connection, publication.left).await?;
        send_former(connection, publication.former).await?;
        if publication.rows() >= MANY_ROWS {
            look_at_tables(connection).await?;
        }
        Ok(Self::of(publication))
    }

    /// Sends the first customers and all that belongs to them, decisions numbered from this one on.
    pub(super) async fn send_first(
        connection: &mut PgConnection,
        publication: &Publication<'_>,
        first_decision: i64,
        tell: Tell<'_>,
    ) -> Result<RowsWritten> {
        send(connection, publication, &PUBLISHED, first_decision, tell).await?;
        check_first(connection, publication).await?;
        let Self { customers, members, changes, decisions, .. } = Self::of(publication);
        Ok(RowsWritten { created: customers, joined: members, changes, decisions, ..RowsWritten::default() })
    }

    fn of(publication: &Publication<'_>) -> Self {
        Self {
            customers: publication.customers.rows(),
            members: publication.joined.len() as u64,
            changes: publication.changes.len() as u64,
            decisions: publication.decisions.len() as u64,
            leaving: publication.left.len() as u64,
            former: publication.former.len() as u64,
        }
    }

    /// Brings everything to the tables that tools read, and looks once more at all that was touched; these decisions are
    /// no longer in force. Returns the last entry of the feed before, and what was written.
    pub(super) async fn apply(
        &self,
        connection: &mut PgConnection,
        heading: &Heading<'_>,
        ended_decisions: &[i64],
    ) -> Result<(i64, RowsWritten)> {
        let Self { customers, members, changes, decisions, leaving, former } = *self;
        let are_many = customers.max(members).max(changes).max(decisions) >= MANY_ROWS;
        let (head, updated, ended, returned, redirects, left, joined): (i64, i64, i64, i64, i64, i64, i64) =
            sqlx::query_as(
                "SELECT head, updated, ended, returned, redirects, removed, joined
                 FROM pg_temp.apply_differences($1, $2, $3, $4, $5, $6, $7, $8)",
            )
            .bind(heading.number)
            .bind(heading.published_at)
            .bind(ended_decisions)
            .bind(members as i64)
            .bind(leaving as i64)
            .bind(former as i64)
            .bind(decisions as i64)
            .bind(are_many)
            .fetch_one(connection)
            .await
            .doing("writing customers")?;
        let [updated, ended, returned, redirects, left, joined] =
            [updated, ended, returned, redirects, left, joined].map(i64::unsigned_abs);
        let created = customers - updated - returned;
        let ended_decisions = ended_decisions.len() as u64;
        let rows = RowsWritten {
            created,
            updated,
            ended,
            returned,
            joined,
            left,
            redirects,
            changes,
            decisions,
            ended_decisions,
        };
        Ok((head, rows))
    }
}

/// Sends rows of a publication, telling of each batch when it is on its way.
async fn send(
    connection: &mut PgConnection,
    publication: &Publication<'_>,
    into: &Tables,
    first_decision: i64,
    tell: Tell<'_>,
) -> Result<()> {
    let Publication { number, customers, joined, changes, decisions, .. } = *publication;
    let published_at = publication.published_at.timestamp_micros();
    let members = joined.chunks(CHUNK_ROWS).map(|members| encode_members(members, published_at));
    let changes = (1..).step_by(CHUNK_ROWS).zip(changes.chunks(CHUNK_ROWS));
    let changes = changes.map(|(first, entries)| encode_changes(first, entries, published_at));
    let decisions = (first_decision..).step_by(CHUNK_ROWS).zip(decisions.chunks(CHUNK_ROWS));
    let decisions = decisions.map(|(first, decisions)| decision::encode(first, number, decisions));
    let loads = [
        Load::batches(Target { table: into.customers, columns: copy_columns!() }, customers),
        Load::encoded(Target { table: into.members, columns: MEMBER_COLUMNS }, members),
        Load::encoded(Target { table: into.changes, columns: CHANGE_COLUMNS }, changes),
        Load::encoded(Target { table: into.decisions, columns: DECISIONS.columns }, decisions),
    ];
    let are_few = publication.rows() < MANY_ROWS;
    let sent = |rows| tell(Headway::Rows(rows));
    copy_in_telling(connection, loads, are_few, &sent, "sending customers, changes and decisions").await
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

fn encode_changes(first: i64, entries: &[ChangeEntry], published_at: i64) -> Result<EncodedRows> {
    let mut rows = RowEncoder::new(6);
    for (number, entry) in (first..).zip(entries) {
        rows.row().int8(number).uuid(entry.customer.0.as_u128());
        match entry.other {
            Some(other) => rows.uuid(other.0.as_u128()),
            None => rows.null(),
        };
        rows.timestamp(Some(published_at)).int4(entry.version).text(entry.change.name());
    }
    rows.finish("sending the change feed")
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
        "SELECT EXISTS (
             SELECT FROM pg_proc WHERE proname = 'apply_differences' AND pronamespace = pg_my_temp_schema())",
    )
    .fetch_one(&mut *connection)
    .await
    .doing(doing)?;
    if !has_room {
        let columns = copy_columns!();
        let from_head = columns.replace("change_seq", "head + change_seq");
        let statements = MAKE_ROOM.replace("{columns}", columns).replace("{columns from head}", &from_head);
        sqlx::raw_sql(AssertSqlSafe(statements)).execute(connection).await.doing(doing)?;
    }
    Ok(())
}

/// Tells the planner how many differences there are: without statistics the tables would be taken for small ones by the
/// statements that join them.
pub(super) async fn look_at_tables(connection: &mut PgConnection) -> Result<()> {
    sqlx::raw_sql("ANALYZE incoming_customer, incoming_member, incoming_change, leaving_record, former_id")
        .execute(connection)
        .await
        .doing("looking at the differences")?;
    Ok(())
}

async fn check_first(connection: &mut PgConnection, publication: &Publication<'_>) -> Result<()> {
    let records: i64 = sqlx::query_scalar("SELECT coalesce(sum(record_count), 0)::bigint FROM crm.customer")
        .fetch_one(connection)
        .await
        .doing("checking a publication")?;
    let nothing_to_end =
        publication.former.is_empty() && publication.left.is_empty() && publication.ended_decisions.is_empty();
    let what = if records.unsigned_abs() != publication.joined.len() as u64 {
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
