//! The cluster as callers see it.

use std::fs;
use std::path::{Path, PathBuf};

use crate::account::Account;
use crate::binaries::Binaries;
use crate::creation::{NAME, create};
use crate::error::Error;
use crate::home::Home;
use crate::placement::Placement;
use crate::postmaster::{Postmaster, start};

/// A Postgres cluster of Vinculo's own.
///
/// The value only names the cluster; nothing is made or started before [`PrivateCluster::ensure_started`], and
/// nothing ends when it is dropped: the server stays up, and the next run adopts it.
#[derive(Debug, Clone)]
pub struct PrivateCluster {
    placement: Placement,
    binaries: Option<PathBuf>,
    settings: Vec<(String, String)>,
}

/// How the server came to run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Started {
    /// It was started just now.
    Fresh,
    /// It was running already.
    Adopted,
}

/// What is known of a cluster at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Status {
    /// Whether the server runs.
    pub running: bool,
    /// The server's first process, if it runs.
    pub pid: Option<i32>,
    /// Where the data lie, whether or not they exist yet.
    pub data_dir: PathBuf,
    /// Where the server's socket is, if it runs.
    pub socket_dir: Option<PathBuf>,
    /// The port on the loopback interface (and in the socket's name), if it runs.
    pub port: Option<u16>,
    /// The major version of the Postgres that made the cluster; `None` if there is none yet.
    pub version: Option<u32>,
    /// The server's log.
    pub log: PathBuf,
}

impl PrivateCluster {
    /// The cluster of a project: in `.vinculo/postgres`, or, for root, in `/var/lib/vinculo`.
    ///
    /// `binaries` names the directory of the Postgres programs to use; `None` searches for them when needed.
    ///
    /// # Errors
    /// If the project does not exist or is a copy of one with a cluster, or if another user made the cluster.
    pub fn for_project(project_dir: &Path, binaries: Option<&Path>) -> Result<Self, Error> {
        Ok(Self::placed(Placement::for_project(project_dir)?, binaries))
    }

    /// A cluster in a directory of the caller's choice, which is made if needed.
    ///
    /// For root, the server's unprivileged user must be able to enter every parent of that directory.
    ///
    /// # Errors
    /// If the path is empty or the working directory is gone.
    pub fn at(directory: &Path, binaries: Option<&Path>) -> Result<Self, Error> {
        Ok(Self::placed(Placement::at(directory)?, binaries))
    }

    fn placed(placement: Placement, binaries: Option<&Path>) -> Self {
        Self { placement, binaries: binaries.map(Path::to_owned), settings: Vec::new() }
    }

    /// Adds a server setting, such as `("max_connections", "200")`, for the next start.
    #[must_use]
    pub fn with_setting(mut self, name: &str, value: &str) -> Self {
        self.settings.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Makes the cluster if there is none, starts it unless it runs, and waits until it takes connections.
    ///
    /// Processes that do this at the same moment wait for each other.
    ///
    /// # Errors
    /// If no suitable Postgres is installed, or it cannot make, open or start the cluster.
    pub fn ensure_started(&self) -> Result<Started, Error> {
        self.follow_the_project()?;
        let home = self.home();
        let account = Account::for_cluster(&home.data())?;
        let _lock = home.lock(&account)?;
        self.placement.announce()?;
        if let Some(server) = Postmaster::wait_until_ready(home)? {
            tracing::debug!(pid = server.pid.as_raw_nonzero().get(), port = server.port, "adopted private postgres");
            return Ok(Started::Adopted);
        }
        home.sweep();
        let binaries = match home.cluster_major()? {
            Some(major) => self.binaries_for(major)?,
            None => {
                let binaries = Binaries::find(self.binaries.as_deref())?;
                create(home, &binaries, &account)?;
                tracing::info!(version = %binaries.version(), "made a private postgres cluster");
                binaries
            }
        };
        let server = start(home, &binaries, &account, &self.settings)?;
        tracing::info!(pid = server.pid.as_raw_nonzero().get(), port = server.port, "started private postgres");
        Ok(Started::Fresh)
    }

    /// Brings the cluster along when the project was moved; its server has to be started anew there.
    fn follow_the_project(&self) -> Result<(), Error> {
        let Some(old) = self.placement.moved_from() else {
            return Ok(());
        };
        let _lock = old.lock(&Account::for_cluster(&old.data())?)?;
        stop_under_lock(old)?;
        self.placement.settle()
    }

    /// The programs that can open a cluster of a major version.
    fn binaries_for(&self, major: u32) -> Result<Binaries, Error> {
        let found = Binaries::find_for(self.binaries.as_deref(), major)?;
        if found.version().major == major {
            return Ok(found);
        }
        Err(Error::OtherVersion {
            data: self.home().data(),
            cluster: major,
            binaries: found.directory().to_owned(),
            found: found.version(),
        })
    }

    /// What is known of the cluster now. Nothing is made or started.
    #[must_use]
    pub fn status(&self) -> Status {
        let home = self.home();
        let server = Postmaster::running(&home.data());
        Status {
            running: server.is_some(),
            pid: server.as_ref().map(|server| server.pid.as_raw_nonzero().get()),
            data_dir: home.data(),
            socket_dir: server.as_ref().map(|server| server.socket_directory.clone()),
            port: server.as_ref().map(|server| server.port),
            version: home.cluster_major().ok().flatten(),
            log: home.log(),
        }
    }

    /// Stops the server, and tells whether it was running. What runs in it is rolled back, what is committed is kept.
    ///
    /// # Errors
    /// If the server belongs to another user or does not end.
    pub fn stop(&self) -> Result<bool, Error> {
        let home = self.home();
        if !home.data().exists() {
            return Ok(false);
        }
        let _lock = home.lock(&Account::for_cluster(&home.data())?)?;
        stop_under_lock(home)
    }

    /// Stops the server and deletes the cluster with everything in it.
    ///
    /// # Errors
    /// If the server does not end or a file cannot be deleted.
    pub fn remove(&self) -> Result<(), Error> {
        let home = self.home();
        if !home.path().exists() {
            return Ok(());
        }
        let account = Account::for_cluster(&home.data())?;
        let _lock = home.lock(&account)?;
        stop_under_lock(home)?;
        let socket = home.socket_directory(&account);
        if socket.exists() {
            fs::remove_dir_all(&socket).map_err(Error::io("remove", &socket))?;
        }
        fs::remove_dir_all(home.path()).map_err(Error::io("remove", home.path()))?;
        self.placement.retract()
    }

    /// The address of the running server over loopback TCP, for every tool:
    /// `postgres://vinculo:<password>@127.0.0.1:<port>/vinculo`. It holds the password.
    ///
    /// # Errors
    /// If the server does not run or the password file cannot be read.
    pub fn url(&self) -> Result<String, Error> {
        let (server, password) = self.running_with_password()?;
        Ok(format!("postgres://{NAME}:{password}@127.0.0.1:{}/{NAME}", server.port))
    }

    /// The address of the running server over its Unix socket, which only its user (and root) can reach. It holds
    /// the password.
    ///
    /// # Errors
    /// If the server does not run or the password file cannot be read.
    pub fn socket_url(&self) -> Result<String, Error> {
        let (server, password) = self.running_with_password()?;
        let socket = percent_encoded(server.socket_directory.as_os_str().as_encoded_bytes());
        // The host name is a stand-in for parsers that refuse an empty one; the parameter overrules it.
        Ok(format!("postgres://{NAME}:{password}@localhost:{}/{NAME}?host={socket}", server.port))
    }

    fn running_with_password(&self) -> Result<(Postmaster, String), Error> {
        let home = self.home();
        let server = Postmaster::running(&home.data()).ok_or_else(|| Error::NotRunning { data: home.data() })?;
        let file = home.password_file();
        let password = fs::read_to_string(&file).map_err(Error::io("read", &file))?;
        Ok((server, password.trim_end().to_owned()))
    }

    fn home(&self) -> &Home {
        self.placement.home()
    }
}

fn stop_under_lock(home: &Home) -> Result<bool, Error> {
    match Postmaster::running(&home.data()) {
        Some(server) => server.stop(home).map(|()| true),
        None => Ok(false),
    }
}

/// Encodes for a URL whatever is not a letter, a digit or one of `-._~`.
fn percent_encoded(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(byte) {
            text.push(char::from(*byte));
        } else {
            text.push_str(&format!("%{byte:02X}"));
        }
        text
    })
}

#[cfg(test)]
mod tests {
    use super::percent_encoded;

    #[test]
    fn a_socket_directory_is_safe_in_an_address() {
        assert_eq!(percent_encoded("/srv/a b/é-1".as_bytes()), "%2Fsrv%2Fa%20b%2F%C3%A9-1");
    }
}
