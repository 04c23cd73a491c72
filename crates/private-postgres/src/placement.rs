//! In which directory a project's cluster lives.
//!
//! An ordinary user's cluster lies in the project. Root's lies below `/var/lib/vinculo`, because the project may be
//! where the server's unprivileged user cannot go; a pointer in the project says where, and a word in the cluster's
//! directory says whose it is. So a project that was moved finds its cluster, and one that was copied is told apart.

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
    home: Home,
    /// Where the cluster still lies since the project was moved.
    moved_from: Option<Home>,
    /// The file in the project that names a home which lies elsewhere.
    pointer: Option<PathBuf>,
    /// The folder in the project that is to be kept out of version control.
    own_folder: Option<PathBuf>,
}

impl Placement {
    /// A cluster in a directory of the caller's choice.
    pub fn at(home: &Path) -> Result<Self, Error> {
        let home = std::path::absolute(home).map_err(Error::io("find", home))?;
        Ok(Self { home: Home::new(home), moved_from: None, pointer: None, own_folder: None })
    }

    /// The cluster of a project, as the user of this process.
    pub fn for_project(project: &Path) -> Result<Self, Error> {
        let project = fs::canonicalize(project).map_err(Error::io("find the project", project))?;
        let own_folder = project.join(OWN_FOLDER);
        let inside = own_folder.join("postgres");
        refuse_other_owner(&inside)?;
        if Account::of_this_process().uid() == 0 {
            return Self::below(Path::new(ROOT_CLUSTERS), &project);
        }
        if let Some(directory) = read_path(&pointer_of(&project))? {
            return Err(Error::OtherOwner { directory, owner: 0 });
        }
        Ok(Self { home: Home::new(inside), moved_from: None, pointer: None, own_folder: Some(own_folder) })
    }

    /// The cluster of a project in a directory that holds those of all projects.
    fn below(clusters: &Path, project: &Path) -> Result<Self, Error> {
        let hash = blake3::hash(project.as_os_str().as_encoded_bytes()).to_hex();
        let home = Home::new(clusters.join(&hash[..16]));
        refuse_other_owner(home.path())?;
        let pointer = pointer_of(project);
        let elsewhere = read_path(&pointer)?.map(Home::new).filter(|found| found.path() != home.path());
        let moved_from = elsewhere.filter(|found| found.data().exists());
        if let Some(found) = &moved_from {
            let maker = read_path(&found.project_file())?;
            let is_copy = match &maker {
                Some(maker) => read_path(&pointer_of(maker))?.as_deref() == Some(found.path()),
                None => true,
            };
            if is_copy {
                return Err(Error::Copied { found: found.path().to_owned(), maker, pointer });
            }
            if home.data().exists() {
                return Err(Error::Occupied { home: home.path().to_owned(), found: found.path().to_owned() });
            }
        }
        Ok(Self { home, moved_from, pointer: Some(pointer), own_folder: Some(project.join(OWN_FOLDER)) })
    }

    /// Where the cluster lies, or will lie.
    pub fn home(&self) -> &Home {
        self.moved_from().unwrap_or(&self.home)
    }

    /// Where the cluster of a project that was moved still lies.
    pub fn moved_from(&self) -> Option<&Home> {
        self.moved_from.as_ref().filter(|home| home.data().exists())
    }

    /// Brings the cluster of a project that was moved to its new place. Call it when its server is stopped.
    pub fn settle(&self) -> Result<(), Error> {
        match self.moved_from() {
            Some(old) => fs::rename(old.path(), self.home.path()).map_err(Error::io("rename", old.path())),
            None => Ok(()),
        }
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
        let (Some(pointer), Some(project)) = (&self.pointer, own_folder.parent()) else {
            return Ok(());
        };
        write_file(&self.home.project_file(), 0o644, &format!("{}\n", project.display()))?;
        write_file(pointer, 0o644, &format!("{}\n", self.home.path().display()))
    }

    /// Takes the word back.
    pub fn retract(&self) -> Result<(), Error> {
        match &self.pointer {
            Some(pointer) if pointer.exists() => fs::remove_file(pointer).map_err(Error::io("remove", pointer)),
            _ => Ok(()),
        }
    }
}

/// The file in a project that says where its cluster is.
fn pointer_of(project: &Path) -> PathBuf {
    project.join(OWN_FOLDER).join("postgres.location")
}

/// The path that stands in a file, if there is such a file.
fn read_path(file: &Path) -> Result<Option<PathBuf>, Error> {
    match fs::read_to_string(file) {
        Ok(text) => Ok(Some(PathBuf::from(text.trim_end()))),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(fault) => Err(Error::Io { action: "read", path: file.to_owned(), fault }),
    }
}

fn refuse_other_owner(directory: &Path) -> Result<(), Error> {
    let this = Account::of_this_process().uid();
    match fs::metadata(directory).map(|metadata| metadata.uid()) {
        Ok(owner) if owner != this => Err(Error::OtherOwner { directory: directory.to_owned(), owner }),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Disk {
        folder: tempfile::TempDir,
    }

    impl Disk {
        /// A project at `loja` with a cluster of its own.
        fn with_a_project() -> Self {
            let disk = Self { folder: tempfile::tempdir().expect("a folder") };
            fs::create_dir(disk.path("loja")).expect("a project");
            let placement = disk.placement("loja").expect("a place");
            fs::create_dir_all(placement.home().data()).expect("a cluster");
            placement.announce().expect("a word in the project");
            disk
        }

        fn path(&self, name: &str) -> PathBuf {
            self.folder.path().join(name)
        }

        fn placement(&self, project: &str) -> Result<Placement, Error> {
            Placement::below(&self.path("clusters"), &self.path(project))
        }

        fn copy(&self, from: &str, to: &str) {
            fs::create_dir_all(self.path(to).join(OWN_FOLDER)).expect("a folder");
            fs::copy(pointer_of(&self.path(from)), pointer_of(&self.path(to))).expect("a copy");
        }
    }

    #[test]
    fn a_project_that_was_moved_takes_its_cluster_along() {
        let disk = Disk::with_a_project();
        let old = disk.placement("loja").expect("a place").home().path().to_owned();
        fs::rename(disk.path("loja"), disk.path("quitanda")).expect("a move");
        let moved = disk.placement("quitanda").expect("its cluster is found");
        assert_eq!(moved.home().path(), old, "until it is settled");
        moved.settle().expect("it can be renamed");
        moved.announce().expect("a word in the project");
        assert!(moved.home().data().exists() && !old.exists());
        assert_eq!(disk.placement("quitanda").expect("a place").home().path(), moved.home().path());
        fs::create_dir(disk.path("loja")).expect("another project where the first one was");
        assert!(!disk.placement("loja").expect("a place of its own").home().data().exists());
    }

    #[test]
    fn a_copy_is_told_how_to_begin_with_a_cluster_of_its_own() {
        let disk = Disk::with_a_project();
        disk.copy("loja", "copy");
        let refused = disk.placement("copy").expect_err("the cluster is the original's");
        let pointer = pointer_of(&disk.path("copy"));
        assert!(refused.to_string().ends_with(&format!("rm {}", pointer.display())), "{refused}");
        fs::remove_file(pointer).expect("what the message says");
        assert!(!disk.placement("copy").expect("a place of its own").home().data().exists());
        assert!(disk.placement("loja").expect("the original's").home().data().exists());
    }

    #[test]
    fn a_cluster_is_never_moved_over_another_one() {
        let disk = Disk::with_a_project();
        fs::create_dir(disk.path("other")).expect("a project");
        let other = disk.placement("other").expect("a place");
        fs::create_dir_all(other.home().data()).expect("a cluster");
        fs::remove_dir_all(disk.path("other")).expect("a project that is no more");
        fs::rename(disk.path("loja"), disk.path("other")).expect("a move");
        let refused = disk.placement("other").expect_err("there is a cluster already");
        assert!(refused.to_string().contains("mv "), "{refused}");
    }
}
