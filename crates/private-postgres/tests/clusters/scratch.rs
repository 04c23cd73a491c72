//! A folder for one cluster, and what the tests ask of the server in it.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;
use vinculo_private_postgres::{Binaries, PrivateCluster};

/// A cluster in a temporary folder; both are gone when it is dropped.
pub struct Scratch {
    pub cluster: PrivateCluster,
    pub home: PathBuf,
    _folder: TempDir,
}

impl Scratch {
    pub fn new() -> Self {
        Self::below("cluster")
    }

    /// A cluster at a path below the temporary folder.
    pub fn below(path: &str) -> Self {
        let folder = open_folder();
        let home = folder.path().join(path);
        fs::create_dir_all(home.parent().expect("it has one")).expect("the temporary folder is ours");
        Self { cluster: cluster_at(&home), home, _folder: folder }
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let removed = self.cluster.remove();
        if !std::thread::panicking() {
            removed.expect("the cluster can be removed");
        }
    }
}

/// A temporary folder that every user may enter, as the server's user must when root runs the tests.
pub fn open_folder() -> TempDir {
    let folder = tempfile::tempdir().expect("the temporary folder can be written");
    fs::set_permissions(folder.path(), Permissions::from_mode(0o755)).expect("it is ours");
    folder
}

/// A cluster without the wait for the disk, which has nothing to do with what is tested.
pub fn cluster_at(home: &Path) -> PrivateCluster {
    PrivateCluster::at(home, None).expect("an absolute path").with_setting("fsync", "off")
}

pub fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

/// Says that a test has nothing to show for an ordinary user.
#[expect(clippy::print_stderr, reason = "a test that shows nothing must say so")]
pub fn needs_root(test: &str) -> bool {
    if !is_root() {
        eprintln!("skipped {test}: only root's clusters have the property that it tests");
    }
    is_root()
}

/// What `psql` answers to one statement.
pub fn ask(url: &str, statement: &str) -> String {
    let Output { status, stdout, stderr } = psql(url, statement);
    assert!(status.success(), "{statement}: {}", String::from_utf8_lossy(&stderr));
    String::from_utf8(stdout).expect("psql prints UTF-8").trim_end().to_owned()
}

pub fn psql(url: &str, statement: &str) -> Output {
    let psql = Binaries::find(None).expect("the tests need an installed Postgres").program("psql");
    Command::new(psql).args([url, "--no-psqlrc", "-Atc", statement]).output().expect("psql is beside the server")
}
