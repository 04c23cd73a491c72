//! A sign that somebody waits for the lease: it vanishes with the session that gives it.

use crate::connection::Store;
use crate::error::{Doing, Result};
use sqlx::{ConnectOptions, PgConnection};

/// The advisory lock that all share who wait: "lease".
const LOCK: i64 = 0x006c_6561_7365;

/// Tells the holder of the lease that somebody waits, until it is dropped.
#[derive(Debug)]
pub struct Knock {
    _session: PgConnection,
}

impl Store {
    /// Tells whoever holds the lease that somebody waits for it.
    pub async fn knock(&self) -> Result<Knock> {
        let mut session = self.options.connect().await.doing("connecting")?;
        sqlx::query("SELECT pg_advisory_lock_shared($1)")
            .bind(LOCK)
            .execute(&mut session)
            .await
            .doing("waiting for the lease")?;
        Ok(Knock { _session: session })
    }

    /// Whether somebody waits for the lease.
    pub async fn is_awaited(&self) -> Result<bool> {
        let nobody: bool = sqlx::query_scalar("SELECT pg_try_advisory_xact_lock($1)")
            .bind(LOCK)
            .fetch_one(&self.pool)
            .await
            .doing("looking who waits for the lease")?;
        Ok(!nobody)
    }
}
