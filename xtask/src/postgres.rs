//! Finds or installs Postgres; the clusters of `test`, `bench` and `db`.

use std::env;
use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};
use vinculo_private_postgres::{Binaries, Error, INSTALL_ON_DEBIAN, PrivateCluster};

use crate::steps::Steps;
use crate::workspace::{Workspace, run};

/// The variable that names the directory of Postgres' programs.
const NAMED_BINARIES: &str = "VINCULO_PG_BIN";

/// The directory of Postgres' programs that the user named, if any.
pub fn named_binaries() -> Option<PathBuf> {
    env::var_os(NAMED_BINARIES).filter(|name| !name.is_empty()).map(PathBuf::from)
}

/// Finds a Postgres; root on Debian installs it if there is none. Anyone else is told the line to type.
pub fn find_or_install() -> Result<Binaries> {
    match Binaries::find(named_binaries().as_deref()) {
        Err(Error::NotInstalled) if may_install() => {
            eprintln!("there is no Postgres yet; installing Debian's, without its own cluster");
            run(Command::new("sh").args(["-c", INSTALL_ON_DEBIAN]).env("DEBIAN_FRONTEND", "noninteractive"))?;
            Ok(Binaries::find(None)?)
        }
        outcome => Ok(outcome?),
    }
}

/// The first step of whatever needs Postgres: finds or installs it, and says which it is.
pub fn set_up(steps: &mut Steps) -> Result<()> {
    steps.run("Postgres", || {
        let found = find_or_install()?;
        eprintln!("Postgres {} in {}", found.version(), found.directory().display());
        Ok(())
    })
}

/// Whether this is root on Debian or a child of it.
fn may_install() -> bool {
    let is_root = rustix::process::geteuid().is_root();
    is_root && Path::new("/etc/debian_version").exists()
}

/// A database for development, kept until `cargo x db stop`.
pub fn development_cluster(workspace: &Workspace) -> Result<PrivateCluster> {
    Ok(PrivateCluster::for_project(workspace.root(), named_binaries().as_deref())?)
}

/// An empty cluster for one command; it is removed when the value is dropped, whatever was done with it.
#[derive(Debug)]
pub struct ThrowawayCluster {
    cluster: PrivateCluster,
    /// Held so that a second run waits instead of taking this cluster for the remains of a killed one.
    _lock: File,
}

impl ThrowawayCluster {
    /// Removes what a killed run left behind, then makes and starts a new cluster in this folder of the target folder,
    /// with these settings of the server.
    pub fn start(workspace: &Workspace, folder: &str, settings: &[(&str, &str)]) -> Result<Self> {
        let place = workspace.target().join(folder);
        fs::create_dir_all(&place).with_context(|| format!("cannot make {}", place.display()))?;
        let lock = File::create(place.join("lock"))?;
        if let Err(TryLockError::WouldBlock) = lock.try_lock() {
            eprintln!("the same command is running here already; waiting for it");
            lock.lock()?;
        }
        let new = PrivateCluster::for_project(&place, named_binaries().as_deref())?;
        let cluster = settings.iter().fold(new, |cluster, (name, value)| cluster.with_setting(name, value));
        cluster.remove()?;
        let throwaway = Self { cluster, _lock: lock };
        throwaway.cluster.ensure_started()?;
        Ok(throwaway)
    }

    /// The address of the server.
    pub fn url(&self) -> Result<String> {
        Ok(self.cluster.url()?)
    }

    /// The first process of the server; none when it does not run.
    pub fn pid(&self) -> Option<i32> {
        self.cluster.status().pid
    }
}

impl Drop for ThrowawayCluster {
    fn drop(&mut self) {
        if let Err(error) = self.cluster.remove() {
            eprintln!("the cluster of this command could not be removed: {error}");
        }
    }
}
