//! One writer at a time.

use crate::connection::Store;
use crate::error::{Doing, Result, StoreError};
use sqlx::{ConnectOptions, Connection, PgConnection};

/// "vinculo" in ASCII; advisory locks are numbers, and each database has its own.
pub(crate) const RUN_LOCK: i64 = 0x76_69_6e_63_75_6c_6f;

/// The right to write, held until it is released or dropped, or its process ends.
#[derive(Debug)]
pub struct RunLock {
    connection: PgConnection,
}

impl Store {
    /// Takes the right to write; [`StoreError::Busy`] when another run has it.
    ///
    /// It is a lock of a session of its own, which vanishes with the session: a killed run never blocks the next one.
    pub async fn lock_run(&self) -> Result<RunLock> {
        let mut connection = self.options.connect().await.doing("connecting")?;
        let taken: bool = sqlx::query_scalar("SELECT pg_try_advisory_lock($1)")
            .bind(RUN_LOCK)
            .fetch_one(&mut connection)
            .await
            .doing("taking the run lock")?;
        if taken { Ok(RunLock { connection }) } else { Err(StoreError::Busy) }
    }
}

impl RunLock {
    /// Gives the right back, and waits until the server knows. Dropping the lock gives it back soon after.
    pub async fn release(self) -> Result<()> {
        self.connection.close().await.doing("releasing the run lock")
    }
}
