//! Which user runs the server.

use std::os::unix::fs::{MetadataExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::{env, fs, io};

use crate::error::Error;

/// The users that may run root's server, in the order of preference.
const UNPRIVILEGED: [&str; 2] = ["postgres", "nobody"];

/// The user that runs the server: the user of this process, or an unprivileged one if that is root.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Account {
    uid: u32,
    gid: u32,
    is_other: bool,
}

impl Account {
    /// The account for the cluster whose data directory is, or will be, `data`.
    pub fn for_cluster(data: &Path) -> Result<Self, Error> {
        let this = Self::of_this_process();
        if this.uid != 0 {
            return Ok(this);
        }
        // A user `postgres` that was installed later must not lock out the one that made the cluster.
        if let Ok(metadata) = fs::metadata(data) {
            return Ok(Self { uid: metadata.uid(), gid: metadata.gid(), is_other: true });
        }
        let passwd = Path::new("/etc/passwd");
        let users = fs::read_to_string(passwd).map_err(Error::io("read", passwd))?;
        unprivileged(&users).ok_or(Error::NoAccount)
    }

    /// The user of this process.
    pub fn of_this_process() -> Self {
        let (uid, gid) = (rustix::process::geteuid().as_raw(), rustix::process::getegid().as_raw());
        Self { uid, gid, is_other: false }
    }

    pub fn uid(&self) -> u32 {
        self.uid
    }

    /// Whether this is another user than the one of this process.
    pub fn is_other(&self) -> bool {
        self.is_other
    }

    /// Makes this user the owner of a path that this process made.
    pub fn give(&self, path: &Path) -> Result<(), Error> {
        if self.is_other {
            chown(path, Some(self.uid), Some(self.gid)).map_err(Error::io("change the owner of", path))?;
        }
        Ok(())
    }

    /// A command that runs as this user from `directory`, in plain English and free of inherited `PG*` variables.
    pub fn command(&self, program: &Path, directory: &Path) -> Command {
        let mut command = Command::new(program);
        command
            .env_clear()
            .envs(env::vars_os().filter(|(name, _)| name == "PATH" || name == "LD_LIBRARY_PATH"))
            .env("LC_ALL", "C")
            .current_dir(directory)
            .stdin(Stdio::null());
        if self.is_other {
            command.uid(self.uid).gid(self.gid);
        }
        command
    }

    /// Names the directory that keeps this user out, when a command could not be run.
    ///
    /// The kernel is asked directory by directory, since permission bits alone do not tell the whole truth.
    pub fn explain_failure(&self, program: &Path, directory: &Path, error: io::Error) -> Error {
        if error.kind() == io::ErrorKind::PermissionDenied {
            let closed = [directory, program].into_iter().find_map(|path| self.first_unsearchable(path));
            if let Some(directory) = closed {
                return Error::Unsearchable { directory, uid: self.uid };
            }
        }
        Error::Io { action: "run", path: program.to_owned(), fault: error }
    }

    fn first_unsearchable(&self, path: &Path) -> Option<PathBuf> {
        let mut ancestors: Vec<&Path> = path.ancestors().filter(|ancestor| ancestor.is_dir()).collect();
        ancestors.reverse();
        let refused = |directory: &&Path| {
            let tried = self.command(Path::new("/bin/sh"), directory).args(["-c", ":"]).status();
            tried.is_err_and(|error| error.kind() == io::ErrorKind::PermissionDenied)
        };
        ancestors.into_iter().find(refused).map(Path::to_owned)
    }
}

/// Picks the server's user from the lines of `/etc/passwd`: `name:password:uid:gid:…`.
fn unprivileged(passwd: &str) -> Option<Account> {
    let find = |name: &str| {
        passwd.lines().find_map(|line| {
            let mut fields = line.split(':');
            (fields.next() == Some(name)).then_some(())?;
            let uid = fields.nth(1)?.parse().ok()?;
            let gid = fields.next()?.parse().ok()?;
            (uid != 0).then_some(Account { uid, gid, is_other: true })
        })
    };
    UNPRIVILEGED.into_iter().find_map(find)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROOT: &str = "root:x:0:0:root:/root:/bin/bash\n";
    const NOBODY: &str = "nobody:x:65534:65533:nobody:/nonexistent:/usr/sbin/nologin\n";
    const POSTGRES: &str = "postgres:x:101:104:PostgreSQL administrator,,,:/var/lib/postgresql:/bin/bash\n";

    #[test]
    fn root_hands_the_server_to_postgres_else_to_nobody_else_to_no_one() {
        let cases = [
            ([ROOT, NOBODY, POSTGRES].concat(), Some((101, 104))),
            ([ROOT, NOBODY].concat(), Some((65534, 65533))),
            (ROOT.to_owned(), None),
            ("postgres:x:0:0::/:/bin/sh\n".to_owned(), None),
            ("postgres:x:broken\n".to_owned(), None),
        ];
        for (passwd, expected) in cases {
            let found = unprivileged(&passwd).map(|account| (account.uid, account.gid));
            assert_eq!(found, expected, "{passwd}");
        }
    }
}
