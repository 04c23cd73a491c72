//! The right to write: a lease with a heartbeat, and a token that fences off whoever lost it.
//!
//! The token is checked in the transaction of every commit, so a holder that was taken for dead writes nothing more,
//! however late it wakes up. `docs/decisions/0019-lease.md` tells what was weighed.

use crate::connection::{Store, commit};
use crate::error::{Doing, Result, StoreError};
use chrono::{DateTime, Utc};
use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions, Connection, PgConnection, Row};
use std::fmt;
use std::time::Duration;
use tokio::task::JoinHandle;

/// There is one lease today: the right to write.
const NAME: &str = "write";
/// How often a holder shows that it lives.
const HEARTBEAT: Duration = Duration::from_secs(5);
/// A holder that has shown no life for so long is taken for dead, although its session stands: its machine sleeps or is
/// cut off. Twelve heartbeats, so that a server that is busy for a while costs nobody the lease.
const SILENCE_MAX: &str = "60 s";

/// How often somebody who finds a holder looks, and how soon again.
const LOOKS: u32 = 5;
const LOOK_AGAIN: Duration = Duration::from_millis(50);

/// The right to write, until it is released or dropped, its process ends, or somebody takes it for dead.
#[derive(Debug)]
pub struct Lease {
    store: Store,
    heart: JoinHandle<()>,
}

/// What a commit is checked against.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Fence {
    token: i64,
}

/// Who holds the lease.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    /// The command: `run`.
    pub command: String,
    /// Who called it.
    pub actor: String,
    /// Its process, on its machine.
    pub process: i64,
    /// Since when it holds the lease.
    pub since: DateTime<Utc>,
    /// When it last showed that it lives.
    pub seen: DateTime<Utc>,
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { command, actor, process, since, seen } = self;
        let (since, seen) = (since.format("%Y-%m-%d %H:%M:%S"), seen.format("%H:%M:%S"));
        write!(f, "`vinculo {command}` by {actor} (process {process}) since {since} UTC, last sign of life {seen}")
    }
}

impl Store {
    /// Whether a command that lives holds the right to write.
    pub async fn is_at_work(&self) -> Result<bool> {
        sqlx::query_scalar(
            "SELECT EXISTS (SELECT FROM vinculo.lease l JOIN pg_stat_activity a ON a.pid = l.backend_pid
                 AND coalesce(a.backend_start = l.backend_start, true)
             WHERE l.command IS NOT NULL)",
        )
        .fetch_one(&self.pool)
        .await
        .doing("looking at the lease")
    }

    /// Takes the right to write for a command; [`StoreError::Busy`] when another one has it.
    ///
    /// Whoever holds it loses it when its session is gone, or when it has shown no life for a minute.
    pub async fn take_lease(&self, command: &str, actor: &str) -> Result<Lease> {
        let doing = "taking the lease";
        // A session of its own shows the server that this process lives, and vanishes with it.
        let heart = self.options.connect().await.doing("connecting")?;
        let mut connection = Heart { connection: Some(heart), options: self.options.clone() };
        let beating = connection.beating().await?;
        let mut looks = 1;
        let fence = loop {
            match take(self, beating, command, actor).await {
                // The server may take a moment to see that a process is gone.
                Err(StoreError::Busy(_)) if looks < LOOKS => tokio::time::sleep(LOOK_AGAIN).await,
                taken => break taken?,
            }
            looks += 1;
        };
        let store = Self { fence: Some(fence), ..self.clone() };
        connection.beat(fence).await.doing(doing)?;
        Ok(Lease { store, heart: tokio::spawn(connection.go_on(fence)) })
    }
}

impl Lease {
    /// The store that writes under this lease.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// Why a command of this holder really failed: whoever takes over ends the transactions and the deliveries of a silent
    /// holder, which then only sees its connections break, or a delivery that is open no more.
    pub async fn explain(&self, error: StoreError) -> StoreError {
        let doing = match error {
            StoreError::Connection { doing, .. } => doing,
            _ => "writing",
        };
        match self.tell("SELECT FROM vinculo.lease WHERE name = $1 AND token = $2").await {
            Ok(0) => StoreError::LeaseLost { doing },
            _ => error,
        }
    }

    /// Gives the right back. Where the server cannot be told, it finds out by itself that the session is gone.
    pub async fn release(self) {
        let _ = self.tell("UPDATE vinculo.lease SET command = NULL WHERE name = $1 AND token = $2").await;
    }

    /// Executes a statement about this holder; gives how many rows it concerned. By a connection of its own, since the pool
    /// waits long for a server that is gone.
    async fn tell(&self, statement: &'static str) -> sqlx::Result<u64> {
        let mut connection = self.store.options.connect().await?;
        let told = sqlx::query(statement)
            .bind(NAME)
            .bind(self.store.fence.map_or(0, |fence| fence.token))
            .execute(&mut connection)
            .await?;
        connection.close().await?;
        Ok(told.rows_affected())
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        self.heart.abort();
    }
}

impl Fence {
    /// Refuses to commit for a holder that lost the lease, and keeps anybody from taking it until the commit is done.
    pub(crate) async fn check(self, connection: &mut PgConnection, doing: &'static str) -> Result<()> {
        let held = sqlx::query("SELECT FROM vinculo.lease WHERE name = $1 AND token = $2 FOR KEY SHARE")
            .bind(NAME)
            .bind(self.token)
            .fetch_optional(connection)
            .await
            .doing(doing)?;
        if held.is_some() { Ok(()) } else { Err(StoreError::LeaseLost { doing }) }
    }
}

/// What the lease says of its holder.
struct Held {
    holder: Holder,
    sessions: String,
    is_silent: bool,
    has_session: bool,
}

/// Takes the lease for the session `beating`, if nobody who lives has it.
async fn take(store: &Store, beating: i32, command: &str, actor: &str) -> Result<Fence> {
    let doing = "taking the lease";
    let mut work = store.begin(doing).await?;
    // Whoever asks at the same moment waits here, and then finds a holder.
    let held = sqlx::query("SELECT command IS NOT NULL AS held FROM vinculo.lease WHERE name = $1 FOR UPDATE")
        .bind(NAME)
        .fetch_one(&mut *work)
        .await
        .doing(doing)?;
    let dead = match held.try_get("held").doing(doing)? {
        false => None,
        true => {
            let held = look_at(&mut work).await?;
            if held.has_session && !held.is_silent {
                return Err(StoreError::Busy(held.holder));
            }
            Some(held)
        }
    };
    let token = sqlx::query_scalar(
        "UPDATE vinculo.lease SET token = token + 1, command = $2, actor = $3, process = $4, sessions = $5,
             backend_pid = $6, backend_start = NULL, taken_at = clock_timestamp(), heartbeat_at = clock_timestamp()
         WHERE name = $1 RETURNING token",
    )
    .bind(NAME)
    .bind(command)
    .bind(actor)
    .bind(i64::from(std::process::id()))
    .bind(store.options.get_application_name())
    .bind(beating)
    .fetch_one(&mut *work)
    .await
    .doing(doing)?;
    commit(work, doing).await?;
    if let Some(dead) = dead {
        end_transactions(store, &dead.sessions).await;
    }
    Ok(Fence { token })
}

async fn look_at(connection: &mut PgConnection) -> Result<Held> {
    let doing = "looking at the lease";
    // Other roles' sessions show their number, but not when they began.
    let row = sqlx::query(
        "SELECT l.command, l.actor, l.process, l.sessions, l.taken_at, l.heartbeat_at,
             l.heartbeat_at < clock_timestamp() - $2::text::interval AS is_silent,
             EXISTS (SELECT FROM pg_stat_activity a WHERE a.pid = l.backend_pid
                 AND coalesce(a.backend_start = l.backend_start, true)) AS has_session
         FROM vinculo.lease l WHERE name = $1",
    )
    .bind(NAME)
    .bind(SILENCE_MAX)
    .fetch_one(connection)
    .await
    .doing(doing)?;
    Ok(Held {
        holder: Holder {
            command: row.try_get("command").doing(doing)?,
            actor: row.try_get("actor").doing(doing)?,
            process: row.try_get("process").doing(doing)?,
            since: row.try_get("taken_at").doing(doing)?,
            seen: row.try_get("heartbeat_at").doing(doing)?,
        },
        sessions: row.try_get("sessions").doing(doing)?,
        is_silent: row.try_get("is_silent").doing(doing)?,
        has_session: row.try_get("has_session").doing(doing)?,
    })
}

/// Ends what a dead holder left open, so that its locks are in nobody's way: the server finds out that a process was killed
/// only after the statement that it is at. Without the right to do so, the server ends them by its own limit.
async fn end_transactions(store: &Store, sessions: &str) {
    let _ = sqlx::query(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
         WHERE datname = current_database() AND application_name = $1 AND xact_start IS NOT NULL",
    )
    .bind(sessions)
    .execute(&store.pool)
    .await;
}

/// The session that shows that this process lives.
struct Heart {
    connection: Option<PgConnection>,
    options: PgConnectOptions,
}

impl Heart {
    /// The number of the session.
    async fn beating(&mut self) -> Result<i32> {
        let doing = "taking the lease";
        let connection = self.connection.as_mut().ok_or(StoreError::Unexpected { doing })?;
        sqlx::query_scalar("SELECT pg_backend_pid()").fetch_one(connection).await.doing(doing)
    }

    /// Shows life once; tells whether the lease is still ours.
    async fn beat(&mut self, fence: Fence) -> sqlx::Result<bool> {
        let mut connection = match self.connection.take() {
            Some(connection) => connection,
            None => self.options.connect().await?,
        };
        let beaten = sqlx::query(
            "UPDATE vinculo.lease SET heartbeat_at = clock_timestamp(), backend_pid = a.pid, backend_start = a.backend_start
             FROM pg_stat_activity a WHERE a.pid = pg_backend_pid() AND name = $1 AND token = $2",
        )
        .bind(NAME)
        .bind(fence.token)
        .execute(&mut connection)
        .await?;
        self.connection = Some(connection);
        Ok(beaten.rows_affected() == 1)
    }

    /// Shows life until the lease is somebody else's. A session that broke is followed by another one.
    async fn go_on(mut self, fence: Fence) {
        loop {
            tokio::time::sleep(HEARTBEAT).await;
            if let Ok(false) = self.beat(fence).await {
                break;
            }
        }
        if let Some(connection) = self.connection {
            let _ = connection.close().await;
        }
    }
}
