//! What lies in the directory of a cluster.
//!
//! The directory itself and the files beside `data` belong to the user that runs Vinculo, so that root never writes
//! through a path that the server's unprivileged user could bend. Only `data` and the socket are the server's.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use crate::account::Account;
use crate::error::Error;

/// The prefix of the folder in which a cluster grows until it is whole.
const UNFINISHED: &str = "data.new-";

/// The longest path that a Unix socket may have: 103 bytes on macOS, 107 on Linux; the lesser suits both.
const SOCKET_PATH_MAX_BYTES: usize = 103;

/// What Postgres appends to the socket directory, with the longest port.
const SOCKET_NAME: &str = "/.s.PGSQL.65535";

/// The directory of one cluster.
#[derive(Debug, Clone)]
pub(crate) struct Home {
    path: PathBuf,
}

impl Home {
    pub fn new(path: PathBuf) -> Self {
        Self { path }
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    pub fn data(&self) -> PathBuf {
        self.path.join("data")
    }

    pub fn password_file(&self) -> PathBuf {
        self.path.join("password")
    }

    pub fn server_conf(&self) -> PathBuf {
        self.path.join("server.conf")
    }

    pub fn access_conf(&self) -> PathBuf {
        self.path.join("access.conf")
    }

    /// The file that says which project the cluster is for, where it does not lie in the project.
    pub fn project_file(&self) -> PathBuf {
        self.path.join("project")
    }

    pub fn log(&self) -> PathBuf {
        self.path.join("server.log")
    }

    /// A new name for the folder in which a cluster grows; unique, so that an `initdb` that outlived its parent
    /// cannot meddle with the next attempt.
    pub fn unfinished_data(&self) -> Result<PathBuf, Error> {
        Ok(self.path.join(format!("{UNFINISHED}{}", random_hex(8)?)))
    }

    /// Removes what killed attempts left behind, as far as it can be: an `initdb` that outlived its parent may still
    /// be writing there, and then the next start sweeps. Call it under the lock.
    pub fn sweep(&self) {
        let Ok(entries) = fs::read_dir(&self.path) else { return };
        for entry in entries.flatten() {
            if entry.file_name().to_string_lossy().starts_with(UNFINISHED) {
                fs::remove_dir_all(entry.path()).ok();
            }
        }
    }

    /// Where the server puts its socket: here if the path is short enough, else in a folder below `/tmp` whose name
    /// follows from this path.
    pub fn socket_directory(&self, account: &Account) -> PathBuf {
        let here = self.path.join("socket");
        if here.as_os_str().len() + SOCKET_NAME.len() <= SOCKET_PATH_MAX_BYTES {
            return here;
        }
        let hash = blake3::hash(self.path.as_os_str().as_encoded_bytes()).to_hex();
        PathBuf::from(format!("/tmp/vinculo-{}-{}", account.uid(), &hash[..16]))
    }

    /// The major version of the Postgres that made the cluster; `None` if there is no cluster yet.
    pub fn cluster_major(&self) -> Result<Option<u32>, Error> {
        let data = self.data();
        match fs::read_to_string(data.join("PG_VERSION")) {
            Ok(version) => version.trim().parse().map(Some).map_err(|_| Error::NotACluster { data }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                if data.exists() {
                    Err(Error::NotACluster { data })
                } else {
                    Ok(None)
                }
            }
            Err(fault) => Err(Error::Io { action: "read", path: data, fault }),
        }
    }

    /// Makes the directory if needed and locks it against every other process until the file is dropped.
    pub fn lock(&self, account: &Account) -> Result<File, Error> {
        let path = self.path.join("lock");
        loop {
            // Root's server runs as another user, which must pass through to reach `data`.
            let mode = if account.is_other() { 0o711 } else { 0o700 };
            DirBuilder::new().recursive(true).create(&self.path).map_err(Error::io("make", &self.path))?;
            fs::set_permissions(&self.path, fs::Permissions::from_mode(mode))
                .map_err(Error::io("set the permissions of", &self.path))?;
            let file = OpenOptions::new()
                .create(true)
                .truncate(false)
                .write(true)
                .mode(0o600)
                .open(&path)
                .map_err(Error::io("open", &path))?;
            file.lock().map_err(Error::io("lock", &path))?;
            // The holder before us may have removed the whole directory.
            let inode = |metadata: io::Result<fs::Metadata>| metadata.map(|metadata| metadata.ino()).ok();
            if inode(file.metadata()) == inode(fs::metadata(&path)) {
                return Ok(file);
            }
        }
    }
}

/// Writes a file whole, so that a reader or a crash never meets half of it.
pub(crate) fn write_file(path: &Path, mode: u32, text: &str) -> Result<(), Error> {
    let mut partial = path.as_os_str().to_owned();
    partial.push(".partial");
    let partial = PathBuf::from(partial);
    let write = || {
        let mut file = OpenOptions::new().create(true).truncate(true).write(true).mode(mode).open(&partial)?;
        file.set_permissions(fs::Permissions::from_mode(mode))?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        fs::rename(&partial, path)
    };
    write().map_err(Error::io("write", path))
}

/// Makes a directory that only the server's user can enter, or proves that an existing one is such.
pub(crate) fn make_socket_directory(path: &Path, account: &Account) -> Result<(), Error> {
    match DirBuilder::new().mode(0o700).create(path) {
        Ok(()) => account.give(path)?,
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
        Err(fault) => {
            return Err(Error::Io { action: "make", path: path.to_owned(), fault });
        }
    }
    // No following of links: below /tmp, another user may have been here first.
    let metadata = fs::symlink_metadata(path).map_err(Error::io("look at", path))?;
    if metadata.is_dir() && metadata.uid() == account.uid() && metadata.mode() & 0o777 == 0o700 {
        return Ok(());
    }
    Err(Error::SocketDirectory { directory: path.to_owned(), uid: account.uid() })
}

/// Random bytes of the operating system, as hexadecimal digits.
pub(crate) fn random_hex(bytes: usize) -> Result<String, Error> {
    let source = Path::new("/dev/urandom");
    let mut random = vec![0; bytes];
    File::open(source).and_then(|mut file| file.read_exact(&mut random)).map_err(Error::io("read", source))?;
    Ok(random.iter().map(|byte| format!("{byte:02x}")).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_home_keeps_its_socket_and_a_long_one_borrows_from_tmp() {
        let account = Account::of_this_process();
        let short = Home::new("/srv/loja/.vinculo/postgres".into());
        assert_eq!(short.socket_directory(&account), Path::new("/srv/loja/.vinculo/postgres/socket"));
        let long = Home::new(format!("/srv/{}/.vinculo/postgres", "x".repeat(90)).into());
        let borrowed = long.socket_directory(&account);
        assert!(borrowed.starts_with("/tmp"), "{borrowed:?}");
        assert!(borrowed.as_os_str().len() + SOCKET_NAME.len() <= SOCKET_PATH_MAX_BYTES);
        assert_eq!(borrowed, long.socket_directory(&account), "the next run must find it again");
    }

    #[test]
    fn random_digits_are_as_many_as_asked_and_differ() -> Result<(), Error> {
        let (one, other) = (random_hex(16)?, random_hex(16)?);
        assert_eq!(one.len(), 32);
        assert_ne!(one, other);
        Ok(())
    }
}
