//! How a new cluster is made, whole or not at all.
//!
//! It grows in a folder of another name and gets its own by a rename at the end. Whatever kills us before, the next
//! attempt starts afresh.

use std::fs::{self, DirBuilder};
use std::io::Write as _;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::Path;
use std::process::{Output, Stdio};

use crate::account::Account;
use crate::binaries::Binaries;
use crate::error::Error;
use crate::home::{Home, random_hex, write_file};
use crate::postmaster::last_lines;

/// The role that owns the cluster and the database in it: both have the program's name.
pub(crate) const NAME: &str = "vinculo";

/// The locales to try: one that knows UTF-8, and the one that every machine has.
const LOCALES: [&str; 2] = ["C.UTF-8", "C"];

/// Bytes of randomness in the password.
const PASSWORD_BYTES: usize = 24;

/// Makes the cluster of a home that has none. Call it under the lock.
pub(crate) fn create(home: &Home, binaries: &Binaries, account: &Account) -> Result<(), Error> {
    let growing = home.unfinished_data()?;
    DirBuilder::new().mode(0o700).create(&growing).map_err(Error::io("make", &growing))?;
    account.give(&growing)?;
    initialize(&growing, binaries, account)?;
    let password = random_hex(PASSWORD_BYTES)?;
    create_role_and_database(&growing, &password, binaries, account)?;
    write_file(&home.password_file(), 0o600, &format!("{password}\n"))?;
    fs::rename(&growing, home.data()).map_err(Error::io("rename", &growing))
}

/// Runs `initdb`. Its own access file lets nobody in: only a start with our settings opens the cluster.
fn initialize(data: &Path, binaries: &Binaries, account: &Account) -> Result<(), Error> {
    let mut complaint = String::new();
    for locale in LOCALES {
        let program = binaries.program("initdb");
        let output = account
            .command(&program, data)
            .arg("--pgdata")
            .arg(data)
            .args(["--username", NAME, "--auth", "reject", "--encoding", "UTF8", "--locale", locale])
            .args(["--data-checksums", "--no-instructions"])
            .output()
            .map_err(|error| account.explain_failure(&program, data, error))?;
        if output.status.success() {
            return Ok(());
        }
        complaint = String::from_utf8_lossy(&output.stderr).into_owned();
        if !complaint.contains("locale") {
            break;
        }
    }
    Err(Error::Creation { program: "initdb", detail: last_lines(&complaint) })
}

/// Sets the password and makes the database before anyone can connect, through Postgres' single-user mode.
///
/// The password goes through a pipe: neither a command line nor another file ever holds it.
fn create_role_and_database(data: &Path, password: &str, binaries: &Binaries, account: &Account) -> Result<(), Error> {
    let statements = format!("ALTER ROLE {NAME} PASSWORD '{password}'\nCREATE DATABASE {NAME}\n");
    let program = binaries.program("postgres");
    let mut child = account
        .command(&program, data)
        .arg("--single")
        .arg("-D")
        .arg(data)
        .args(["-c", "exit_on_error=on", "-c", "password_encryption=scram-sha-256"])
        .args(["-c", "log_min_error_statement=panic", "postgres"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| account.explain_failure(&program, data, error))?;
    if let Some(mut stdin) = child.stdin.take() {
        // A server that ended early closes the pipe; its exit status and its words tell more than this error.
        let _ = stdin.write_all(statements.as_bytes());
    }
    let Output { status, stderr, .. } = child.wait_with_output().map_err(Error::io("wait for", &program))?;
    if status.success() {
        return Ok(());
    }
    Err(Error::Creation { program: "postgres --single", detail: last_lines(&String::from_utf8_lossy(&stderr)) })
}
