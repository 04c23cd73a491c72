//! Ids that stand for no customer: those that end, those that lead elsewhere now, those that come back.

use super::FormerId;
use crate::error::{Doing, Result, StoreError};
use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use uuid::Uuid;

/// Sends the ids whose answer changes.
pub(super) async fn stage(connection: &mut PgConnection, former: &[FormerId]) -> Result<()> {
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

/// Keeps what the customers that end had, before their rows and memberships are gone; returns how many end.
pub(super) async fn keep_records(connection: &mut PgConnection) -> Result<u64> {
    let ended = sqlx::query(
        "INSERT INTO vinculo.former_customer (customer_id, kind, version, records)
         SELECT c.customer_id, c.kind, c.version, array_agg(m.record_id ORDER BY m.change_seq, m.record_id)
         FROM former_id f
         JOIN crm.customer c USING (customer_id)
         JOIN crm.customer_source m USING (customer_id)
         GROUP BY c.customer_id",
    )
    .execute(connection)
    .await
    .doing("writing former customers")?;
    Ok(ended.rows_affected())
}

/// Takes the ids that stand for a customer again out of the former ones; returns how many.
pub(super) async fn take_back(connection: &mut PgConnection) -> Result<u64> {
    let returned = sqlx::query(
        "DELETE FROM vinculo.former_customer f USING incoming_customer i
         WHERE f.customer_id = i.customer_id AND f.version = i.version - 1 AND f.kind = i.kind",
    )
    .execute(connection)
    .await
    .doing("writing former customers")?;
    Ok(returned.rows_affected())
}

/// Each id leads where the publication says, and nowhere else; returns how many redirects were set.
pub(super) async fn redirect(connection: &mut PgConnection, published_at: DateTime<Utc>) -> Result<u64> {
    let doing = "writing redirects";
    sqlx::query(
        "DELETE FROM crm.customer_redirect WHERE old_customer_id IN (
             SELECT customer_id FROM former_id UNION ALL SELECT customer_id FROM incoming_customer WHERE version > 1)",
    )
    .execute(&mut *connection)
    .await
    .doing(doing)?;
    let is_unknown: bool = sqlx::query_scalar(
        "SELECT EXISTS (SELECT FROM former_id i LEFT JOIN vinculo.former_customer f USING (customer_id)
             WHERE f.customer_id IS NULL)",
    )
    .fetch_one(&mut *connection)
    .await
    .doing(doing)?;
    if is_unknown {
        return Err(StoreError::Inconsistent { what: "an id is to lead elsewhere that never was a customer" });
    }
    let set = sqlx::query(
        "INSERT INTO crm.customer_redirect (old_customer_id, customer_id, reason, redirected_at)
         SELECT customer_id, leads_to, 'merged', $1 FROM former_id WHERE leads_to IS NOT NULL",
    )
    .bind(published_at)
    .execute(connection)
    .await
    .doing(doing)?;
    Ok(set.rows_affected())
}
