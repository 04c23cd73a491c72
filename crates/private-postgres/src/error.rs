//! What can go wrong, in words that say what to do next.

use std::io;
use std::path::{Path, PathBuf};

use crate::binaries::Version;

/// One line that installs Postgres on Debian without making or starting Debian's own cluster.
pub const INSTALL_ON_DEBIAN: &str = "apt-get update && apt-get install -y --no-install-recommends postgresql-common \
     && sed -ri 's/#?(create_main_cluster) .*$/\\1 = false/' /etc/postgresql-common/createcluster.conf \
     && apt-get install -y --no-install-recommends postgresql";

/// Why a private cluster could not be found, made, started or stopped.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// No Postgres is installed, or none that is recent enough and no older one either.
    #[error(
        "no Postgres {oldest} or later was found; on Debian type, as root: {INSTALL_ON_DEBIAN}\n\
         (elsewhere install the PostgreSQL server with the system's package manager, \
         or name the directory of its programs in VINCULO_PG_BIN)",
        oldest = crate::binaries::OLDEST_MAJOR
    )]
    NotInstalled,

    /// Every Postgres that was found is too old.
    #[error("the Postgres in {} is version {found}; version {oldest} or later is needed",
        directory.display(), oldest = crate::binaries::OLDEST_MAJOR)]
    TooOld {
        /// Where its programs are.
        directory: PathBuf,
        /// Its version.
        found: Version,
    },

    /// The directory that the caller named holds no Postgres server.
    #[error("{} holds no usable Postgres: {reason}", directory.display())]
    Unusable {
        /// The directory named.
        directory: PathBuf,
        /// What is missing or failed.
        reason: String,
    },

    /// The cluster on disk and the installed Postgres are of different major versions.
    #[error(
        "the cluster in {} was made by Postgres {cluster}, but the Postgres in {} is {found}; \
         install Postgres {cluster} beside it, or convert the cluster with pg_upgrade",
        data.display(), binaries.display()
    )]
    OtherVersion {
        /// The data directory.
        data: PathBuf,
        /// The major version that made it.
        cluster: u32,
        /// Where the programs found are.
        binaries: PathBuf,
        /// Their version.
        found: Version,
    },

    /// The project's cluster was made by another user.
    #[error("the cluster in {} belongs to user id {owner}; run as that user, or set `database:` in vinculo.yaml",
        directory.display())]
    OtherOwner {
        /// Where the cluster is.
        directory: PathBuf,
        /// The numeric id of its owner.
        owner: u32,
    },

    /// The project is a copy of one that has a cluster.
    #[error(
        "the cluster {} is that of {}, of which this project is a copy; to begin with an empty cluster, type: rm {}",
        found.display(), maker.as_deref().unwrap_or(Path::new("another project")).display(), for_shell(pointer)
    )]
    Copied {
        /// The cluster.
        found: PathBuf,
        /// The project that it was made for, if that is known.
        maker: Option<PathBuf>,
        /// The file in the copy that names the cluster.
        pointer: PathBuf,
    },

    /// The project was moved to where another one with a cluster was before.
    #[error(
        "the project was moved, but its cluster {} cannot follow: a project that was here before left one; \
         to set that aside, type: mv {} {}",
        found.display(), for_shell(home), for_shell(&home.with_added_extension("old"))
    )]
    Occupied {
        /// Where the cluster belongs.
        home: PathBuf,
        /// Where it is.
        found: PathBuf,
    },

    /// The user that runs the server cannot enter a directory.
    #[error("user id {uid}, which runs the server, may not enter {}; allow it with: chmod a+x {}",
        directory.display(), for_shell(directory))]
    Unsearchable {
        /// The directory that cannot be entered.
        directory: PathBuf,
        /// The user that runs the server.
        uid: u32,
    },

    /// Root runs the program and there is no unprivileged user to run the server.
    #[error("Postgres refuses to run as root, and this machine has neither a user `postgres` nor `nobody`")]
    NoAccount,

    /// There is something else where the cluster should be.
    #[error("{} exists but is not a Postgres cluster; move it away", data.display())]
    NotACluster {
        /// The data directory.
        data: PathBuf,
    },

    /// The directory for the socket is not safely ours.
    #[error("{} must be a directory that only user id {uid} can enter; remove it and try again",
        directory.display())]
    SocketDirectory {
        /// The directory.
        directory: PathBuf,
        /// The user that runs the server.
        uid: u32,
    },

    /// `initdb` or the first set-up failed.
    #[error("{program} could not make the cluster: {detail}")]
    Creation {
        /// The program that failed.
        program: &'static str,
        /// The last lines that it wrote.
        detail: String,
    },

    /// The server did not start.
    #[error("the private Postgres did not start: {detail} (its log is {})", log.display())]
    Start {
        /// The last lines of the log.
        detail: String,
        /// The server's log.
        log: PathBuf,
    },

    /// The server took too long to start or to stop.
    #[error("the private Postgres (process {pid}) is still {doing} after {seconds} s; its log is {}", log.display())]
    TimedOut {
        /// The server's process.
        pid: i32,
        /// `starting` or `stopping`.
        doing: &'static str,
        /// How long was waited.
        seconds: u64,
        /// The server's log.
        log: PathBuf,
    },

    /// A running server was asked for and none runs.
    #[error("the private Postgres in {} is not running", data.display())]
    NotRunning {
        /// The data directory.
        data: PathBuf,
    },

    /// The operating system refused something.
    #[error("cannot {action} {}: {fault}", path.display())]
    Io {
        /// What was tried.
        action: &'static str,
        /// On which file or program.
        path: PathBuf,
        /// What the system said. It is part of the message, so it is no source that would be told once more.
        fault: io::Error,
    },
}

/// A path as a shell takes it for one word.
fn for_shell(path: &Path) -> String {
    let text = path.display().to_string();
    let is_plain = |c: char| c.is_alphanumeric() || "._-/@:+,".contains(c);
    if !text.is_empty() && text.chars().all(is_plain) { text } else { format!("'{}'", text.replace('\'', "'\\''")) }
}

impl Error {
    /// Names the file and the attempt behind an error of the operating system.
    pub(crate) fn io(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |fault| Self::Io { action, path, fault }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_to_type_holds_any_path() {
        let told = |path: &str| {
            let copied = Error::Copied { found: "/c".into(), maker: None, pointer: path.into() };
            copied.to_string().rsplit(": ").next().map(str::to_owned).unwrap_or_default()
        };
        assert_eq!(told("/data/loja/.vinculo/pointer"), "rm /data/loja/.vinculo/pointer");
        assert_eq!(told("/d'Ávila e filhos/p"), r"rm '/d'\''Ávila e filhos/p'");
        let occupied = Error::Occupied { home: "/a b".into(), found: "/c".into() }.to_string();
        assert!(occupied.ends_with("mv '/a b' '/a b.old'"), "{occupied}");
    }

    #[test]
    fn what_the_system_said_is_told_once_by_callers_that_tell_every_cause() {
        let error = Error::io("open", Path::new("/closed"))(io::ErrorKind::PermissionDenied.into());
        assert_eq!(error.to_string().matches("permission denied").count(), 1, "{error}");
        assert!(std::error::Error::source(&error).is_none());
    }
}
