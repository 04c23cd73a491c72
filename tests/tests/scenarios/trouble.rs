//! The database fails in the middle of a run: the next run ends as if nothing had happened.

use crate::interruption::{club, end_state, shop_with_news};
use crate::proxy::{Fate, Proxy};
use crate::random_kills::say;
use crate::shop::shop;
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use std::path::{Path, PathBuf};
use std::process::Command;
use vinculo_private_postgres::PrivateCluster;
use vinculo_testkit::TestDatabase;
use vinculo_tests::{Outcome, Stage};

/// Runs statements from a thread that has no runtime of its own.
fn execute(url: &str, statements: &str) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let statements = AssertSqlSafe(statements.to_owned());
    runtime.block_on(async {
        let mut connection = PgConnection::connect(url).await.expect("the database");
        sqlx::raw_sql(statements).execute(&mut connection).await.expect("the statements");
    });
}

/// A run through a proxy.
fn run_through(stage: &Stage, proxy: &Proxy) -> Outcome {
    stage.command(&["run"]).env("VINCULO_DATABASE", proxy.url()).output().expect("vinculo can be started").into()
}

async fn assert_ends_like(stage: &Stage, expected: &[String], what: &str) {
    let again = stage.vinculo(&["run"]);
    assert_eq!(again.code, Some(0), "{what}: {}", again.stderr);
    let found = end_state(stage).await;
    for (found, expected) in found.iter().zip(expected) {
        assert_eq!(found, expected, "{what}");
    }
    assert_eq!(found.len(), expected.len(), "{what}");
    stage.verify();
}

/// Does something at every `step`th commit of a run in turn, and runs again each time; tells how many of the runs failed.
async fn at_commits(prepared: Stage, step: usize, trouble: fn(&str) -> Fate) -> usize {
    let undisturbed = prepared.copy().await;
    undisturbed.run(&[]);
    let expected = end_state(&undisturbed).await;
    let mut failed = 0;
    for n in (1..).step_by(step) {
        let stage = prepared.copy().await;
        let url = stage.database().url().to_owned();
        let proxy = Proxy::before(&url.clone(), move |number| if number == n { trouble(&url) } else { Fate::Passes });
        let outcome = run_through(&stage, &proxy);
        if proxy.commits() < n {
            break;
        }
        if outcome.code != Some(0) {
            assert_eq!(outcome.code, Some(75), "commit {n}: {}", outcome.stderr);
            assert!(outcome.stderr.contains("lost the database while"), "commit {n}: {}", outcome.stderr);
            failed += 1;
        }
        assert_ends_like(&stage, &expected, &format!("commit {n}")).await;
    }
    failed
}

#[tokio::test]
async fn a_connection_that_breaks_before_the_answer_to_a_commit_loses_and_doubles_nothing() {
    let failed = at_commits(shop().await, 1, |_| Fate::AnswerIsLost).await;
    assert!(failed >= 8, "only {failed} runs failed: does the proxy see the commits?");
}

#[tokio::test]
async fn sessions_that_the_server_ends_before_a_commit_lose_and_double_nothing() {
    let terminate = |url: &str| {
        execute(
            url,
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
             WHERE datname = current_database() AND pid <> pg_backend_pid()",
        );
        Fate::Passes
    };
    let failed = at_commits(shop_with_news().await, 2, terminate).await;
    assert!(failed >= 4, "only {failed} runs failed: does the proxy see the commits?");
}

/// A server of its own, removed when this is dropped.
struct OwnServer {
    cluster: PrivateCluster,
    _folder: tempfile::TempDir,
}

impl OwnServer {
    fn start() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let cluster = PrivateCluster::for_project(folder.path(), None).expect("an installed Postgres");
        let server = Self { cluster, _folder: folder };
        server.cluster.ensure_started().expect("a server");
        server
    }

    fn url(&self) -> String {
        self.cluster.url().expect("its address")
    }
}

impl Drop for OwnServer {
    fn drop(&mut self) {
        // A panic here would hide the test's own.
        let _ = self.cluster.remove();
    }
}

#[tokio::test]
async fn a_server_that_stops_at_once_in_the_middle_of_a_run_and_starts_again_loses_nothing_that_was_committed() {
    let undisturbed = club("changes").await;
    undisturbed.run(&[]);
    let expected = end_state(&undisturbed).await;
    let server = OwnServer::start();
    for n in [5, 9, 12] {
        let stage = undisturbed.copy_over(TestDatabase::create_in(&server.url()).await);
        let pid = server.cluster.status().pid.expect("the server runs").to_string();
        // What `pg_ctl stop -m immediate` does: every process of the server ends as it stands.
        let stop = move |number: usize| {
            if number == n {
                let stopped = Command::new("kill").args(["-QUIT", &pid]).status();
                assert!(stopped.expect("kill").success());
            }
            Fate::Passes
        };
        let proxy = Proxy::before(stage.database().url(), stop);
        let outcome = run_through(&stage, &proxy);
        assert_eq!(outcome.code, Some(75), "commit {n}: {}", outcome.stderr);
        server.cluster.ensure_started().expect("the server starts again");
        assert_ends_like(&stage, &expected, &format!("stopped at commit {n}")).await;
    }
}

/// A small disk, gone when this is dropped.
struct SmallDisk {
    folder: tempfile::TempDir,
}

impl SmallDisk {
    /// A disk of this size for the account that owns `of`; why not, where that cannot be.
    fn mount(megabytes: u32, of: &Path) -> Result<Self, String> {
        use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
        let owner = std::fs::metadata(of).map_err(|_| "the server's files are not on this machine")?;
        let folder = tempfile::tempdir().map_err(|_| "no folder")?;
        // The server's account must be able to come here.
        std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o755)).map_err(|_| "no rights")?;
        let disk = folder.path().join("disk");
        std::fs::create_dir(&disk).map_err(|_| "no folder")?;
        let size = format!("size={megabytes}m");
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", &size, "tmpfs"]).arg(&disk).output();
        if !mounted.is_ok_and(|output| output.status.success()) {
            return Err("no small disk can be mounted here; root may".to_owned());
        }
        let mounted = Self { folder };
        chown(mounted.path(), Some(owner.uid()), Some(owner.gid())).map_err(|_| "the disk cannot be given away")?;
        Ok(mounted)
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("disk")
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(self.path()).status();
    }
}

#[tokio::test]
async fn a_full_disk_is_told_and_once_there_is_room_the_next_run_ends_as_if_nothing_had_happened() {
    let server = OwnServer::start();
    let disk = match SmallDisk::mount(64, &server.cluster.status().data_dir) {
        Ok(disk) => disk,
        Err(why) => {
            say(&format!("a full disk was not tried: {why}"));
            return;
        }
    };
    let yaml = "project: clube\ncountry: BR\nsources:\n  members:\n    connector: files\n    path: members.csv\n    \
                record: person\n    key: id\n    fields: {full_name: name, email: email}\n";
    let row = |n: usize| format!("{n},Ana {} Souza,member{n}@clube.com.br\n", "de ".repeat(n % 7));
    let members = |count: usize| format!("id,name,email\n{}", (0..count).map(row).collect::<String>());
    let undisturbed = Stage::new(yaml, &[("members.csv", members(4_000).as_bytes())]).await;
    undisturbed.run(&[]);
    let expected = end_state(&undisturbed).await;

    let database = TestDatabase::create_in(&server.url()).await;
    execute_in(&server.url(), &format!("CREATE TABLESPACE small LOCATION '{}'", disk.path().display())).await;
    execute_in(&server.url(), &format!("ALTER DATABASE {} SET TABLESPACE small", database.name())).await;
    let stage = Stage::over(database, yaml, &[("members.csv", b"id,name,email\n")]);
    assert!(stage.vinculo(&["run"]).code.is_some(), "the tables are made while there is room");
    stage.write("members.csv", members(4_000).as_bytes());
    let ballast = disk.path().join("ballast");
    fill(&ballast);
    let full = stage.vinculo(&["run"]);
    assert_eq!(full.code, Some(75), "{}", full.stderr);
    assert!(full.stderr.contains("the disk of the database is full"), "{}", full.stderr);
    std::fs::remove_file(&ballast).expect("room again");
    assert_ends_like(&stage, &expected, "once there was room").await;
    drop(stage);
    execute_in(&server.url(), "DROP TABLESPACE small").await;
}

async fn execute_in(url: &str, statement: &str) {
    let mut connection = PgConnection::connect(url).await.expect("the server");
    sqlx::raw_sql(AssertSqlSafe(statement.to_owned())).execute(&mut connection).await.expect("the statement");
}

/// Writes until nothing more fits.
fn fill(ballast: &Path) {
    use std::io::Write;
    let mut file = std::fs::File::create(ballast).expect("a file on the small disk");
    while file.write_all(&[0; 4096]).is_ok() {}
}
