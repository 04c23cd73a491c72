//! A database of its own for every integration test.

use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, PgConnection};
use std::str::FromStr;
use uuid::Uuid;

/// The environment variable that names the cluster; any of its databases that the role may connect to.
pub const URL_VARIABLE: &str = "VINCULO_TEST_DATABASE_URL";

/// A fresh, empty database, dropped when this value is.
///
/// The role of the URL must be allowed to create databases. Names are random, so that tests may run side by side.
#[derive(Debug)]
pub struct TestDatabase {
    cluster: PgConnectOptions,
    name: String,
    url: String,
}

impl TestDatabase {
    /// Makes a database in the cluster that `VINCULO_TEST_DATABASE_URL` names.
    ///
    /// # Panics
    /// When the variable is not set or the cluster cannot be used: a test has no other way to say so.
    pub async fn create() -> Self {
        let cluster_url = std::env::var(URL_VARIABLE)
            .unwrap_or_else(|_| panic!("{URL_VARIABLE} is not set; run the tests with: cargo x test"));
        Self::create_in(&cluster_url).await
    }

    /// Makes a database in the cluster of this URL.
    ///
    /// # Panics
    /// When the cluster cannot be used.
    pub async fn create_in(cluster_url: &str) -> Self {
        let cluster = PgConnectOptions::from_str(cluster_url)
            .unwrap_or_else(|error| panic!("the cluster's address is not a Postgres URL: {error}"));
        Self::make(cluster, "").await
    }

    async fn make(cluster: PgConnectOptions, options: &str) -> Self {
        let name = format!("vinculo_test_{}", Uuid::new_v4().simple());
        run(&cluster, format!("CREATE DATABASE {name} {options}"))
            .await
            .unwrap_or_else(|error| panic!("cannot create a test database: {error}"));
        let mut url = cluster.clone().database(&name).to_url_lossy();
        // A setting of the driver, which psql refuses.
        let mut settings: Vec<(String, String)> = url.query_pairs().into_owned().collect();
        settings.retain(|(key, _)| key != "statement-cache-capacity");
        url.query_pairs_mut().clear().extend_pairs(settings);
        Self { cluster, name, url: url.to_string() }
    }

    /// A database that holds what this one holds; nobody may be connected to this one meanwhile.
    ///
    /// # Panics
    /// When it cannot be made.
    pub async fn copy(&self) -> Self {
        Self::make(self.cluster.clone(), &format!("TEMPLATE {}", self.name)).await
    }

    /// Where the database is, as a Postgres URL.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The database's name inside its cluster.
    pub fn name(&self) -> &str {
        &self.name
    }
}

impl Drop for TestDatabase {
    /// Drops the database with whoever is still connected. A failure is passed over: the cluster of a test run is
    /// thrown away as a whole, and a panic here would hide the test's own.
    fn drop(&mut self) {
        let cluster = self.cluster.clone();
        let statement = format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name);
        // A thread of its own: this may be called inside the test's runtime, which cannot be blocked on.
        let dropping = std::thread::spawn(move || {
            if let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() {
                runtime.block_on(run(&cluster, statement)).ok();
            }
        });
        dropping.join().ok();
    }
}

async fn run(cluster: &PgConnectOptions, statement: String) -> Result<(), sqlx::Error> {
    let mut connection = PgConnection::connect_with(cluster).await?;
    sqlx::raw_sql(AssertSqlSafe(statement)).execute(&mut connection).await?;
    connection.close().await
}
