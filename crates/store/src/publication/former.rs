//! Ids that stand for no customer: those that end, those that lead elsewhere now, those that come back.

use super::FormerId;
use crate::error::{Doing, Result};
use sqlx::PgConnection;
use uuid::Uuid;

/// Sends the ids whose answer changes.
pub(super) async fn stage(connection: &mut PgConnection, former: &[FormerId]) -> Result<()> {
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
