//! A project in a folder of its own, a database of its own, and the real program: what every scenario is played with.

mod held;

pub use held::Held;

use serde_json::Value;
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use vinculo_testkit::TestDatabase;

/// A project that `vinculo` is run on.
pub struct Stage {
    folder: tempfile::TempDir,
    database: TestDatabase,
}

/// The `vinculo.yaml` of a project whose one source, `crm`, delivers snapshots of persons in `crm.csv`, with the key `id`
/// and these fields.
pub fn snapshots_of_persons(fields: &str) -> String {
    format!(
        "project: quitanda
country: BR
sources:
  crm:
    connector: files
    path: crm.csv
    record: person
    key: id
    delivery: snapshot
    fields: {{{fields}}}
"
    )
}

/// What a command of the program left behind.
#[derive(Debug)]
pub struct Outcome {
    /// The exit code; none when a signal ended it.
    pub code: Option<i32>,
    /// What it wrote to stdout.
    pub stdout: String,
    /// What it wrote to stderr.
    pub stderr: String,
}

impl Stage {
    /// A project with this `vinculo.yaml` and these files.
    ///
    /// # Panics
    /// When the folder or the database cannot be made.
    pub async fn new(yaml: &str, files: &[(&str, &[u8])]) -> Self {
        Self::over(TestDatabase::create().await, yaml, files)
    }

    /// A project with this `vinculo.yaml` and these files, over a database that is there already.
    ///
    /// # Panics
    /// When the folder cannot be made.
    pub fn over(database: TestDatabase, yaml: &str, files: &[(&str, &[u8])]) -> Self {
        let folder = tempfile::tempdir().expect("a folder for the project");
        let stage = Self { folder, database };
        stage.write("vinculo.yaml", yaml.as_bytes());
        for (name, bytes) in files {
            stage.write(name, bytes);
        }
        stage
    }

    /// A project of its own that is as this one is. Nobody may be connected to the database of this one meanwhile.
    ///
    /// # Panics
    /// When the folder or the database cannot be copied.
    pub async fn copy(&self) -> Self {
        self.copy_over(self.database.copy().await)
    }

    /// A project of the same files, over a database that is there already.
    ///
    /// # Panics
    /// When the folder cannot be copied.
    pub fn copy_over(&self, database: TestDatabase) -> Self {
        let copy = Self { folder: tempfile::tempdir().expect("a folder for the project"), database };
        for entry in std::fs::read_dir(self.folder()).expect("the project's folder") {
            let path = entry.expect("an entry").path();
            if path.is_file() {
                std::fs::copy(&path, copy.folder().join(path.file_name().expect("a name"))).expect("a copied file");
            }
        }
        copy
    }

    /// The project's folder.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The project's database.
    pub fn database(&self) -> &TestDatabase {
        &self.database
    }

    /// Changes the database behind the program's back.
    ///
    /// # Panics
    /// When a statement fails.
    pub async fn execute(&self, statements: &str) {
        let mut connection = PgConnection::connect(self.database.url()).await.expect("the test database");
        sqlx::raw_sql(AssertSqlSafe(statements.to_owned())).execute(&mut connection).await.expect("the statements");
    }

    /// Writes a file of the project.
    ///
    /// # Panics
    /// When it cannot be written.
    pub fn write(&self, name: &str, bytes: &[u8]) {
        let path = self.folder().join(name);
        std::fs::create_dir_all(path.parent().expect("a file has a folder")).expect("a folder for the file");
        std::fs::write(path, bytes).expect("a file of the project");
    }

    /// The command `vinculo` with the project and its database set, ready for more.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(program());
        command.args(arguments).arg("--project").arg(self.folder());
        command.env("VINCULO_DATABASE", self.database.url()).env_remove("FAILPOINTS");
        command
    }

    /// Runs `vinculo` to its end.
    ///
    /// # Panics
    /// When it cannot be started.
    pub fn vinculo(&self, arguments: &[&str]) -> Outcome {
        self.command(arguments).output().expect("vinculo can be started").into()
    }

    /// Runs `vinculo run`, which must succeed, and gives its summary.
    ///
    /// # Panics
    /// When it fails.
    pub fn run(&self, arguments: &[&str]) -> Value {
        let outcome = self.vinculo(&[&["run"], arguments].concat());
        assert_eq!(outcome.code, Some(0), "{}", outcome.stderr);
        outcome.summary()
    }

    /// All rows of a query, each as one text.
    ///
    /// # Panics
    /// When the query fails.
    pub async fn rows(&self, query: &str) -> Vec<String> {
        self.rows_of(&[query]).await
    }

    /// All rows of these queries, one after the other, each as one text.
    ///
    /// # Panics
    /// When a query fails.
    pub async fn rows_of(&self, queries: &[&str]) -> Vec<String> {
        let mut connection = PgConnection::connect(self.database.url()).await.expect("the test database");
        let mut rows = Vec::new();
        for query in queries {
            let query = format!("SELECT to_json(row)::text FROM ({query}) AS row");
            let found: Vec<String> =
                sqlx::query_scalar(AssertSqlSafe(query)).fetch_all(&mut connection).await.expect("the query");
            rows.extend(found);
        }
        rows
    }

    /// The plan of a query, in JSON.
    ///
    /// # Panics
    /// When the query cannot be planned.
    pub async fn explain(&self, query: &str) -> Value {
        let mut connection = PgConnection::connect(self.database.url()).await.expect("the test database");
        let query = format!("EXPLAIN (FORMAT JSON) {query}");
        sqlx::query_scalar(AssertSqlSafe(query)).fetch_one(&mut connection).await.expect("the plan")
    }

    /// The only value of a query, as a number.
    ///
    /// # Panics
    /// When the query fails or gives something else.
    pub async fn count(&self, query: &str) -> i64 {
        let mut connection = PgConnection::connect(self.database.url()).await.expect("the test database");
        sqlx::query_scalar(AssertSqlSafe(query.to_owned())).fetch_one(&mut connection).await.expect("the query")
    }

    /// Looks at everything that must hold, and makes the audit chain anew.
    ///
    /// # Panics
    /// When something does not hold, or cannot be looked at.
    pub fn verify(&self) {
        for arguments in [&["verify"][..], &["verify", "--audit"]] {
            let outcome = self.vinculo(arguments);
            assert_eq!(outcome.code, Some(0), "{}{}", outcome.stdout, outcome.stderr);
        }
    }

    /// Everything that readers of `crm` see, less the clock: equal states are equal texts.
    pub async fn published(&self) -> Vec<String> {
        self.rows_of(&[
            "SELECT to_jsonb(c) - '{created_at,updated_at,lineage_versions}'::text[] AS c FROM crm.customer c
             ORDER BY customer_id",
            "SELECT source, source_key, customer_id, change_seq FROM crm.customer_source ORDER BY 1, 2",
            "SELECT old_customer_id, customer_id, reason FROM crm.customer_redirect ORDER BY 1",
            "SELECT change_seq, customer_id, change, other_customer_id, version FROM crm.customer_change ORDER BY 1",
        ])
        .await
    }
}

impl Outcome {
    /// The summary that `run` writes: exactly one line of JSON on stdout.
    ///
    /// # Panics
    /// When stdout holds anything else.
    pub fn summary(&self) -> Value {
        let lines: Vec<_> = self.stdout.lines().collect();
        assert_eq!(lines.len(), 1, "one line on stdout, not: {}", self.stdout);
        serde_json::from_str(lines[0]).expect("a summary in JSON")
    }
}

impl From<Output> for Outcome {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code(),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}

/// The program under test stands beside the tests, where `cargo build` put it.
fn program() -> PathBuf {
    let test = std::env::current_exe().expect("the test's own path");
    let program = test.ancestors().nth(2).expect("target folder").join("vinculo");
    assert!(program.exists(), "{} is not built; run the tests with: cargo x test", program.display());
    program
}
