//! Makes a database ours: schemas, migrations, roles. Touches nothing that is not ours.

use crate::connection::{Store, commit};
use crate::error::{Doing, Result, StoreError};
use crate::verify::Found;
use sqlx::migrate::{MigrateError, Migrator};
use sqlx::{Acquire, PgConnection};

const POSTGRES_MIN: i32 = 15;
const ROLES: &str = include_str!("../../../schema/roles.sql");
/// Two programs that prepare at once wait for each other. "vinculo" in ASCII, one more: advisory locks are numbers, and each
/// database has its own.
const PREPARE_LOCK: i64 = 0x76_69_6e_63_75_6c_6f + 1;

/// What preparing did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prepared {
    /// The migration that the database had reached before; 0 for none.
    pub from: i64,
    /// The migration that it has reached now.
    pub to: i64,
    /// What somebody with the right to create roles has to run, when we have not.
    pub role_script: Option<String>,
}

fn migrations() -> Migrator {
    let mut migrator = sqlx::migrate!("../../schema/migrations");
    migrator.create_schema("vinculo");
    migrator.dangerous_set_table_name("vinculo.migration");
    // One transaction holds all of it, under a lock of its own.
    migrator.set_locking(false);
    migrator
}

impl Store {
    /// Brings the schemas to this program's state; does nothing where they have it. One transaction.
    ///
    /// # Errors
    /// [`StoreError::UnsupportedVersion`], [`StoreError::ForeignSchema`], [`StoreError::OtherProgram`]; each leaves the
    /// database as it was.
    pub async fn prepare(&self) -> Result<Prepared> {
        let mut transaction = self.begin("preparing the database").await?;
        check_server(&mut transaction).await?;
        sqlx::query("SELECT pg_advisory_xact_lock($1)")
            .bind(PREPARE_LOCK)
            .execute(&mut *transaction)
            .await
            .doing("waiting to prepare the database")?;
        let from = applied(&mut transaction).await?;
        let migrations = migrations();
        migrations.run_direct(None, &mut *transaction, false).await.map_err(migration_error)?;
        let to = migrations.iter().map(|migration| migration.version).max().unwrap_or(0);
        let role_script = if from == to && roles_are_granted(&mut transaction).await? {
            None
        } else {
            create_roles(&mut transaction).await?
        };
        commit(transaction, "preparing the database").await?;
        Ok(Prepared { from, to, role_script })
    }

    /// Whether the database has this program's schemas, without changing anything: for commands that only read.
    pub async fn is_prepared(&self) -> Result<bool> {
        let mut connection = self.pool.acquire().await.doing("connecting")?;
        check_server(&mut connection).await?;
        let last = migrations().iter().map(|migration| migration.version).max();
        Ok(Some(applied(&mut connection).await?) == last)
    }
}

async fn check_server(connection: &mut PgConnection) -> Result<()> {
    let number: i32 = sqlx::query_scalar("SELECT current_setting('server_version_num')::integer")
        .fetch_one(connection)
        .await
        .doing("asking for the server's version")?;
    let found = number / 10_000;
    if found < POSTGRES_MIN {
        return Err(StoreError::UnsupportedVersion { found });
    }
    Ok(())
}

/// The last migration that the database has been through; an error when a schema of our names is not ours.
async fn applied(connection: &mut PgConnection) -> Result<i64> {
    let ours: bool = sqlx::query_scalar("SELECT to_regclass('vinculo.migration') IS NOT NULL")
        .fetch_one(&mut *connection)
        .await
        .doing("looking at the schemas")?;
    if !ours {
        let present: Vec<String> = sqlx::query_scalar("SELECT nspname::text FROM pg_namespace")
            .fetch_all(connection)
            .await
            .doing("looking at the schemas")?;
        let foreign = ["vinculo", "crm", "audit"].into_iter().find(|name| present.iter().any(|found| found == name));
        return foreign.map_or(Ok(0), |schema| Err(StoreError::ForeignSchema { schema }));
    }
    sqlx::query_scalar("SELECT coalesce(max(version), 0) FROM vinculo.migration")
        .fetch_one(connection)
        .await
        .doing("looking at the migrations")
}

/// Which migrations of this program the database did not go through as they stand here, and which it knows that this program
/// does not: their numbers.
pub(crate) async fn check_migrations(connection: &mut PgConnection) -> Result<Found> {
    let applied: Vec<(i64, Vec<u8>, bool)> =
        sqlx::query_as("SELECT version, checksum, success FROM vinculo.migration ORDER BY version")
            .fetch_all(connection)
            .await
            .doing("looking at the migrations")?;
    let migrations = migrations();
    let mut found = Found { looked_at: migrations.iter().count() as u64, ..Found::default() };
    for migration in migrations.iter() {
        let is_applied = applied.iter().any(|(version, checksum, success)| {
            *success && *version == migration.version && *checksum == *migration.checksum
        });
        if !is_applied {
            found.add(migration.version);
        }
    }
    let is_unknown = |version: &i64| migrations.iter().all(|migration| migration.version != *version);
    applied.iter().filter(|(version, ..)| is_unknown(version)).for_each(|(version, ..)| found.add(version));
    Ok(found)
}

fn migration_error(error: MigrateError) -> StoreError {
    match error {
        MigrateError::VersionMissing(migration)
        | MigrateError::VersionMismatch(migration)
        | MigrateError::Dirty(migration) => StoreError::OtherProgram { migration },
        MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => {
            StoreError::new(error, "applying a migration")
        }
        _ => StoreError::Unexpected { doing: "applying the migrations" },
    }
}

async fn roles_are_granted(connection: &mut PgConnection) -> Result<bool> {
    sqlx::query_scalar(
        "SELECT count(*) = 2 AND bool_and(has_schema_privilege(oid, 'crm', 'USAGE'))
         FROM pg_roles WHERE rolname IN ('vinculo_crm_reader', 'vinculo_auditor')",
    )
    .fetch_one(connection)
    .await
    .doing("looking at the roles")
}

/// Creates the roles of readers; returns the script when we lack the right.
async fn create_roles(connection: &mut PgConnection) -> Result<Option<String>> {
    let mut attempt = connection.begin().await.doing("creating roles")?;
    match sqlx::raw_sql(ROLES).execute(&mut *attempt).await.doing("creating roles") {
        Ok(_) => {
            // The end of a savepoint; the transaction around it is committed like every other.
            attempt.commit().await.doing("creating roles")?;
            Ok(None)
        }
        Err(error) if error.is_missing_privilege() => {
            attempt.rollback().await.doing("creating roles")?;
            Ok(Some(ROLES.to_owned()))
        }
        Err(error) => Err(error),
    }
}
