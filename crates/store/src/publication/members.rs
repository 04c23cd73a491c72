//! Memberships: which customer each record speaks of.

use super::{Membership, Publication, Tell};
use crate::copy::{EncodedRows, RowEncoder};
use crate::error::{Doing, Result, StoreError};
use sqlx::PgConnection;

/// Memberships that are encoded and told of at a time.
const CHUNK_MEMBERS: usize = 16_384;

const COPY_FIRST: &str = "COPY crm.customer_source
    (source, source_key, customer_id, record_id, updated_at, change_seq) FROM STDIN BINARY";
const COPY_INCOMING: &str = "COPY incoming_member
    (source, source_key, customer_id, record_id, updated_at, change_seq) FROM STDIN BINARY";

/// Sends the memberships: the first ones to their table at once, others beside it.
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
    let into = if is_first { COPY_FIRST } else { COPY_INCOMING };
    super::send(connection, into, &rows, tell, doing).await
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
pub(super) async fn write(
    connection: &mut PgConnection,
    publication: &Publication<'_>,
    head: i64,
) -> Result<(u64, u64)> {
    let doing = "writing memberships";
    let left: Vec<i64> = publication.left.iter().map(|record| record.0).collect();
    check(connection, &left).await?;
    let removed = sqlx::query("DELETE FROM crm.customer_source WHERE record_id = ANY($1)")
        .bind(&left)
        .execute(&mut *connection)
        .await
        .doing(doing)?
        .rows_affected();
    // A record is named by its number and by its key; only where the two agree it is written.
    let set = sqlx::query(
        "INSERT INTO crm.customer_source AS m (source, source_key, customer_id, record_id, updated_at, change_seq)
         SELECT i.source, i.source_key, i.customer_id, i.record_id, i.updated_at, $1 + i.change_seq
         FROM incoming_member i
         JOIN vinculo.source_record r ON r.record_id = i.record_id AND r.source_key = i.source_key
         JOIN vinculo.source s ON s.source_id = r.source_id AND s.name = i.source
         ON CONFLICT (source, source_key) DO UPDATE
         SET customer_id = excluded.customer_id, updated_at = excluded.updated_at, change_seq = excluded.change_seq",
    )
    .bind(head)
    .execute(connection)
    .await
    .doing(doing)?
    .rows_affected();
    if removed != left.len() as u64 || set != publication.joined.len() as u64 {
        return Err(StoreError::Inconsistent { what: "a membership names a record that is not there" });
    }
    Ok((removed, set))
}

/// A customer that loses a record is another one afterwards, or none.
async fn check(connection: &mut PgConnection, left: &[i64]) -> Result<()> {
    let forgotten: bool = sqlx::query_scalar(
        "SELECT EXISTS (
             SELECT FROM (SELECT record_id FROM incoming_member UNION ALL SELECT unnest($1::bigint[])) moving
             JOIN crm.customer_source m USING (record_id)
             LEFT JOIN incoming_customer i ON i.customer_id = m.customer_id
             LEFT JOIN former_id f ON f.customer_id = m.customer_id
             WHERE i.customer_id IS NULL AND f.customer_id IS NULL)",
    )
    .bind(left)
    .fetch_one(connection)
    .await
    .doing("checking a publication")?;
    if forgotten {
        return Err(StoreError::Inconsistent { what: "a record left a customer whose row does not tell of it" });
    }
    Ok(())
}
