//! Memberships: which customer each record speaks of.

use super::{Membership, Publication, Tell};
use crate::copy::{EncodedRows, RowEncoder, Target};
use crate::error::{Doing, Result, StoreError};
use sqlx::PgConnection;

/// Memberships that are encoded and told of at a time.
const CHUNK_MEMBERS: usize = 16_384;

const COLUMNS: &str = "source, source_key, customer_id, record_id, updated_at, change_seq";
const FIRST: Target = Target { table: "crm.customer_source", columns: COLUMNS };
const INCOMING: Target = Target { table: "incoming_member", columns: COLUMNS };

/// Sends the memberships, the first ones to their table at once, others beside it, and the records that leave; returns how
/// many memberships.
pub(super) async fn stage(
    connection: &mut PgConnection,
    publication: &Publication<'_>,
    is_first: bool,
    tell: Tell<'_>,
) -> Result<u64> {
    let doing = "sending memberships";
    let published_at = publication.published_at.timestamp_micros();
    let chunks = publication.joined.chunks(CHUNK_MEMBERS).map(|members| encode(members, published_at));
    let rows: Vec<EncodedRows> = chunks.collect::<Result<_>>()?;
    let into = if is_first { FIRST } else { INCOMING };
    let sent = super::send(connection, into, &rows, tell, doing).await?;
    let leaving: Vec<i64> = publication.left.iter().map(|record| record.0).collect();
    sqlx::query("INSERT INTO leaving_record SELECT unnest($1::bigint[])")
        .bind(leaving)
        .execute(connection)
        .await
        .doing(doing)?;
    Ok(sent)
}

fn encode(members: &[Membership<'_>], published_at: i64) -> Result<EncodedRows> {
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

/// Takes away the memberships that are no more, then writes those that are new or others; returns how many of each.
pub(super) async fn write(connection: &mut PgConnection, number: i64, head: i64) -> Result<(u64, u64)> {
    let doing = "writing memberships";
    check(connection).await?;
    keep(connection, number).await?;
    let (leaving, coming): (i64, i64) =
        sqlx::query_as("SELECT (SELECT count(*) FROM leaving_record), (SELECT count(*) FROM incoming_member)")
            .fetch_one(&mut *connection)
            .await
            .doing(doing)?;
    let removed =
        sqlx::query("DELETE FROM crm.customer_source WHERE record_id IN (SELECT record_id FROM leaving_record)")
            .execute(&mut *connection)
            .await
            .doing(doing)?
            .rows_affected();
    // A record is named by its number and by its key; only where the two agree it is written.
    let set = sqlx::query(
        "INSERT INTO crm.customer_source AS m (source, source_key, customer_id, record_id, updated_at, change_seq)
         SELECT i.source, i.source_key, i.customer_id, i.record_id, i.updated_at, $1 + i.change_seq
         FROM incoming_member i
         -- By index, however many rows the server expects.
         CROSS JOIN LATERAL (
             SELECT r.source_id FROM vinculo.source_record r
             WHERE r.record_id = i.record_id AND r.source_key = i.source_key OFFSET 0
         ) r
         JOIN vinculo.source s ON s.source_id = r.source_id AND s.name = i.source
         ON CONFLICT (source, source_key) DO UPDATE
         SET customer_id = excluded.customer_id, updated_at = excluded.updated_at, change_seq = excluded.change_seq",
    )
    .bind(head)
    .execute(connection)
    .await
    .doing(doing)?
    .rows_affected();
    if removed != leaving.unsigned_abs() || set != coming.unsigned_abs() {
        return Err(StoreError::Inconsistent { what: "a membership names a record that is not there" });
    }
    Ok((removed, set))
}

/// Memberships that end go to the history. The entry of the feed that told of one tells since which publication it was.
async fn keep(connection: &mut PgConnection, number: i64) -> Result<()> {
    sqlx::query(
        "INSERT INTO vinculo.membership_history (record_id, from_publication, to_publication, customer_id)
         SELECT m.record_id, p.publication, $1, m.customer_id
         FROM (SELECT record_id FROM incoming_member UNION ALL SELECT record_id FROM leaving_record) moving
         -- By index, however many rows the server expects.
         CROSS JOIN LATERAL (
             SELECT * FROM crm.customer_source m WHERE m.record_id = moving.record_id OFFSET 0
         ) m
         CROSS JOIN LATERAL (
             SELECT publication FROM vinculo.publication WHERE last_change >= m.change_seq
             ORDER BY last_change, publication LIMIT 1
         ) p",
    )
    .bind(number)
    .execute(connection)
    .await
    .doing("writing the history of memberships")?;
    Ok(())
}

/// A customer that loses a record is another one afterwards, or none.
async fn check(connection: &mut PgConnection) -> Result<()> {
    let forgotten: bool = sqlx::query_scalar(
        "SELECT EXISTS (
             SELECT FROM (SELECT record_id FROM incoming_member UNION ALL SELECT record_id FROM leaving_record) moving
             JOIN crm.customer_source m USING (record_id)
             LEFT JOIN incoming_customer i ON i.customer_id = m.customer_id
             LEFT JOIN former_id f ON f.customer_id = m.customer_id
             WHERE i.customer_id IS NULL AND f.customer_id IS NULL)",
    )
    .fetch_one(connection)
    .await
    .doing("checking a publication")?;
    if forgotten {
        return Err(StoreError::Inconsistent { what: "a record left a customer whose row does not tell of it" });
    }
    Ok(())
}
