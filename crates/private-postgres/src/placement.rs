//! In which directory a project's cluster lives.
//!
//! An ordinary user's cluster lies in the project. Root's lies below `/var/lib/vinculo`, because the project may be
//! where the server's unprivileged user cannot go; a pointer in the project says where.

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use crate::account::Account;
use crate::error::Error;
use crate::home::{Home, write_file};

/// Where root's clusters live, one directory a project.
const ROOT_CLUSTERS: &str = "/var/lib/vinculo";

/// The folder of Vinculo's own things in a project.
const OWN_FOLDER: &str = ".vinculo";

/// The place of a cluster.
#[derive(Debug, Clone)]
pub(crate) struct Placement {
    pub home: Home,
    /// The file in the project that names a home which lies elsewhere.
    pointer: Option<PathBuf>,
    /// The folder in the project that is to be kept out of version control.
    own_folder: Option<PathBuf>,
}

impl Placement {
    /// A cluster in a directory of the caller's choice.
    pub fn at(home: &Path) -> Result<Self, Error> {
        let home = std::path::absolute(home).map_err(Error::io("find", home))?;
        Ok(Self { home: Home::new(home), pointer: None, own_folder: None })
    }

    /// The cluster of a project, as the user of this process.
    pub fn for_project(project: &Path) -> Result<Self, Error> {
        let project = fs::canonicalize(project).map_err(Error::io("find the project", project))?;
        let own_folder = project.join(OWN_FOLDER);
        let inside = own_folder.join("postgres");
        let pointer = own_folder.join("postgres.location");
        let pointed = read_pointer(&pointer)?;
        let placement = if Account::of_this_process().uid() == 0 {
            let hash = blake3::hash(project.as_os_str().as_encoded_bytes()).to_hex();
            let expected = Path::new(ROOT_CLUSTERS).join(&hash[..16]);
            if let Some(found) = pointed.filter(|found| *found != expected && found.exists()) {
                return Err(Error::Moved { pointer, found, expected });
            }
            refuse_other_owner(&inside)?;
            Self { home: Home::new(expected), pointer: Some(pointer), own_folder: Some(own_folder) }
        } else {
            if let Some(directory) = pointed {
                return Err(Error::OtherOwner { directory, owner: 0 });
            }
            Self { home: Home::new(inside), pointer: None, own_folder: Some(own_folder) }
        };
        refuse_other_owner(placement.home.path())?;
        Ok(placement)
    }

    /// Leaves word of the cluster in the project. Call it once the home exists.
    pub fn announce(&self) -> Result<(), Error> {
        let Some(own_folder) = &self.own_folder else {
            return Ok(());
        };
        fs::create_dir_all(own_folder).map_err(Error::io("make", own_folder))?;
        let ignore = own_folder.join(".gitignore");
        if !ignore.exists() {
            // The folder holds a password and a database: neither belongs into version control.
            write_file(&ignore, 0o644, "*\n")?;
        }
        match &self.pointer {
            Some(pointer) => write_file(pointer, 0o644, &format!("{}\n", self.home.path().display())),
            None => Ok(()),
        }
    }

    /// Takes the word back.
    pub fn retract(&self) -> Result<(), Error> {
        match &self.pointer {
            Some(pointer) if pointer.exists() => fs::remove_file(pointer).map_err(Error::io("remove", pointer)),
            _ => Ok(()),
        }
    }
}

fn read_pointer(pointer: &Path) -> Result<Option<PathBuf>, Error> {
    match fs::read_to_string(pointer) {
        Ok(text) => Ok(Some(PathBuf::from(text.trim_end()))),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(Error::Io { action: "read", path: pointer.to_owned(), source }),
    }
}

fn refuse_other_owner(directory: &Path) -> Result<(), Error> {
    let this = Account::of_this_process().uid();
    match fs::metadata(directory).map(|metadata| metadata.uid()) {
        Ok(owner) if owner != this => Err(Error::OtherOwner { directory: directory.to_owned(), owner }),
        _ => Ok(()),
    }
}
