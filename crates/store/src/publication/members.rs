//! Memberships: which customer each record speaks of.

use super::{Membership, Publication, Tell};
use crate::copy::{EncodedRows, RowEncoder, Target};
use crate::error::{Doing, Result};
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
    if publication.left.is_empty() {
        return Ok(sent);
    }
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
