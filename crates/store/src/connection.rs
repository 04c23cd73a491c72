//! Connections, the guards on every session, and the one way to commit.

use crate::error::{Doing, Result, StoreError};
use crate::lease::Fence;
use crate::publication::make_room;
use sqlx::pool::PoolConnection;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{ConnectOptions, Connection, Executor, PgConnection, PgPool, Postgres, Transaction};
use std::hash::{BuildHasher, RandomState};
use std::ops::{Deref, DerefMut};
use std::str::FromStr;
use std::time::Duration;

/// A run reads while it writes, and a first load takes all of these; more bring nothing on the machines that this is made
/// for.
const CONNECTIONS_MAX: u32 = 4;

/// How long a connection is waited for. The pool tries again and again to reach a server that is gone; since a run needs
/// few connections at once, waiting longer would only hide for longer that it is gone.
const PATIENCE: Duration = Duration::from_secs(5);

/// Building an index writes all its pages to the log, and so does the first look at a page of a cluster with checksums.
/// Where the server compresses them by pglz, that is a third of the CPU that a first load costs it; lz4 spares most of
/// it. Takes effect only where the server knows lz4 and lets us choose.
const COMPRESS_BY_LZ4: &str = "SELECT set_config(name, 'lz4', false) FROM pg_settings
    WHERE name = 'wal_compression' AND setting = 'pglz' AND 'lz4' = ANY (enumvals)
        AND has_parameter_privilege(name, 'SET')";

/// The database of one project. Cheap to clone; all clones share their connections.
#[derive(Debug, Clone)]
pub struct Store {
    pub(crate) pool: PgPool,
    pub(crate) options: PgConnectOptions,
    /// What its commits are checked against, where it writes under a lease.
    pub(crate) fence: Option<Fence>,
}

/// A transaction, and what its commit is checked against.
pub(crate) struct Work<'c> {
    transaction: Transaction<'c, Postgres>,
    fence: Option<Fence>,
}

impl Deref for Work<'_> {
    type Target = PgConnection;

    fn deref(&self) -> &PgConnection {
        &self.transaction
    }
}

impl DerefMut for Work<'_> {
    fn deref_mut(&mut self) -> &mut PgConnection {
        &mut self.transaction
    }
}

/// A session for one transaction of few rows after the other: it is not given back in between.
pub(crate) struct Session {
    connection: PoolConnection<Postgres>,
    fence: Option<Fence>,
}

impl Session {
    /// Begins a transaction. Each asks the same of a few rows: to plan that anew would take longer than to do it.
    pub(crate) async fn begin(&mut self, doing: &'static str) -> Result<Work<'_>> {
        let begin = "BEGIN; SET LOCAL plan_cache_mode = force_generic_plan";
        Ok(Work { transaction: self.connection.begin_with(begin).await.doing(doing)?, fence: self.fence })
    }
}

impl Store {
    /// Connects to the database of this URL: `postgres://user:password@host:port/database`.
    pub async fn connect(url: &str) -> Result<Self> {
        if !["postgres://", "postgresql://"].iter().any(|scheme| url.starts_with(scheme)) {
            return Err(StoreError::InvalidUrl);
        }
        let options = PgConnectOptions::from_str(url)
            .map_err(|_| StoreError::InvalidUrl)?
            .application_name(&format!("vinculo {:016x}", chance()))
            .options([
                ("TimeZone", "UTC"),
                // A lock that does not come is reported. Statements have no limit: how long a bulk load takes depends
                // on the data alone.
                ("lock_timeout", "30s"),
                ("idle_in_transaction_session_timeout", "120s"),
                ("jit", "off"),
                ("client_min_messages", "warning"),
            ])
            .disable_statement_logging();
        let pool = PgPoolOptions::new()
            .max_connections(CONNECTIONS_MAX)
            .acquire_timeout(PATIENCE)
            .after_connect(|connection, _| {
                Box::pin(async move {
                    connection.execute(sqlx::raw_sql(COMPRESS_BY_LZ4)).await?;
                    Ok(())
                })
            })
            .after_release(|connection, _| {
                Box::pin(async move {
                    // sqlx 0.9.0 can hand back a session inside a transaction, when the future that waited for BEGIN
                    // was dropped. A second BEGIN does no harm, and ROLLBACK ends either of them. After a COPY that was
                    // dropped an answer may be left over, and each question would get the one before it: such a session
                    // gives no row here, and is thrown away.
                    let rows = connection.fetch_all(sqlx::raw_sql("BEGIN; ROLLBACK; SELECT 1")).await?;
                    Ok(rows.len() == 1)
                })
            })
            .connect_lazy_with(options.clone());
        // A pool tries again and again; one connection tells at once what is wrong.
        options.connect().await.doing("connecting")?.close().await.doing("connecting")?;
        Ok(Self { pool, options, fence: None })
    }

    pub(crate) async fn begin(&self, doing: &'static str) -> Result<Work<'static>> {
        Ok(Work { transaction: self.pool.begin().await.doing(doing)?, fence: self.fence })
    }

    /// A session that has room for the differences of publications.
    pub(crate) async fn session(&self) -> Result<Session> {
        let mut connection = self.pool.acquire().await.doing("connecting")?;
        make_room(&mut connection).await?;
        Ok(Session { connection, fence: self.fence })
    }

    /// A transaction that only reads, so that nobody needs the right to write for it.
    pub(crate) async fn begin_reading(&self, doing: &'static str) -> Result<Work<'static>> {
        Ok(Work { fence: None, ..self.begin(doing).await? })
    }
}

/// A number that no other process is likely to have: it tells the sessions of this one, and keeps those who wait for each
/// other from waiting equally long.
pub(crate) fn chance() -> u64 {
    RandomState::new().hash_one(std::process::id())
}

/// Every commit of the store goes through here: nothing is committed by a holder that lost its lease, and a test can
/// interrupt the process on either side of each.
pub(crate) async fn commit(mut work: Work<'_>, doing: &'static str) -> Result<()> {
    #[cfg(feature = "failpoints")]
    interrupt("commit-before");
    if let Some(fence) = work.fence {
        fence.check(&mut work, doing).await?;
    }
    work.transaction.commit().await.doing(doing)?;
    #[cfg(feature = "failpoints")]
    interrupt("commit-after");
    Ok(())
}

/// What a test asks for here: `return` ends the process as it stands, `return(stop)` stops it until a signal lets it go on.
#[cfg(feature = "failpoints")]
fn interrupt(fail_point: &str) {
    fail::fail_point!(fail_point, |how| match how.as_deref() {
        Some("stop") => {
            let _ = std::process::Command::new("kill").args(["-STOP", &std::process::id().to_string()]).status();
        }
        _ => std::process::abort(),
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use vinculo_testkit::TestDatabase;

    #[tokio::test]
    async fn where_the_server_compresses_its_log_it_does_so_by_lz4_for_us() {
        let database = TestDatabase::create().await;
        let mut connection = PgConnection::connect(database.url()).await.unwrap();
        let knows_lz4: bool =
            sqlx::query_scalar("SELECT 'lz4' = ANY (enumvals) FROM pg_settings WHERE name = 'wal_compression'")
                .fetch_one(&mut connection)
                .await
                .unwrap();
        let by_lz4 = if knows_lz4 { "lz4" } else { "pglz" };
        for (configured, expected) in [("pglz", by_lz4), ("off", "off")] {
            let configure = format!(
                "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET wal_compression = {configured}', current_database()); END $$"
            );
            sqlx::raw_sql(sqlx::AssertSqlSafe(configure)).execute(&mut connection).await.unwrap();
            let store = Store::connect(database.url()).await.unwrap();
            let found: String = sqlx::query_scalar("SHOW wal_compression").fetch_one(&store.pool).await.unwrap();
            assert_eq!(found, expected, "configured: {configured}");
        }
    }
}
