//! Where an installed Postgres is, and which version.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fmt, fs};

use crate::error::Error;

/// The oldest major version that Vinculo supports.
pub const OLDEST_MAJOR: u32 = 15;

/// Folders below which package managers keep one folder a version: where to look, prefix of the folder's name, what
/// follows it.
const INSTALL_FOLDERS: [(&str, &str, &str); 4] = [
    ("/usr/lib/postgresql", "", "bin"),
    ("/usr", "pgsql-", "bin"),
    ("/opt/homebrew/opt", "postgresql", "bin"),
    ("/usr/local/opt", "postgresql", "bin"),
];

/// The version of a Postgres server, such as 15.18.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version {
    /// The part that decides whether a cluster can be opened.
    pub major: u32,
    /// The part that brings fixes only; 0 for a beta.
    pub minor: u32,
}

impl Version {
    /// Reads what `postgres --version` prints: `postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)`.
    fn parse(printed: &str) -> Option<Self> {
        let number = printed.split_once("(PostgreSQL)")?.1.trim_start();
        let digits = |text: &str| {
            let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
            (text[..end].parse().ok(), text[end..].to_owned())
        };
        let (major, rest) = digits(number);
        let minor = rest.strip_prefix('.').and_then(|rest| digits(rest).0);
        Some(Self { major: major?, minor: minor.unwrap_or(0) })
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

/// The programs of one installed Postgres server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Binaries {
    directory: PathBuf,
    version: Version,
}

impl Binaries {
    /// Finds the Postgres to use: the directory that the caller names, else the one on `PATH`, else the newest
    /// installed one.
    ///
    /// # Errors
    /// [`Error::Unusable`] or [`Error::TooOld`] if the named directory does not serve, [`Error::NotInstalled`] or
    /// [`Error::TooOld`] if the machine has none that does.
    pub fn find(named: Option<&Path>) -> Result<Self, Error> {
        choose(candidates(named)?, None)
    }

    /// As [`Binaries::find`], but prefers the version that made an existing cluster.
    pub(crate) fn find_for(named: Option<&Path>, cluster_major: u32) -> Result<Self, Error> {
        choose(candidates(named)?, Some(cluster_major))
    }

    /// The directory of the programs, free of symbolic links.
    #[must_use]
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// The version of the server.
    #[must_use]
    pub fn version(&self) -> Version {
        self.version
    }

    /// The path of one of the programs, such as `initdb`.
    #[must_use]
    pub fn program(&self, name: &str) -> PathBuf {
        self.directory.join(name)
    }

    /// Follows symbolic links, because a link such as `/usr/local/bin/postgres` has no libraries beside it.
    fn in_directory(directory: &Path) -> Result<Self, Error> {
        let unusable = |reason: String| Error::Unusable { directory: directory.to_owned(), reason };
        let server = fs::canonicalize(directory.join("postgres"))
            .map_err(|error| unusable(format!("its program postgres: {error}")))?;
        let directory = server.parent().unwrap_or(directory).to_owned();
        if !directory.join("initdb").is_file() {
            return Err(unusable("its program initdb is missing".to_owned()));
        }
        let output = Command::new(&server)
            .arg("--version")
            .output()
            .map_err(|error| unusable(format!("its program postgres: {error}")))?;
        let printed = String::from_utf8_lossy(&output.stdout);
        let version = Version::parse(&printed)
            .ok_or_else(|| unusable("its program postgres does not tell its version".to_owned()))?;
        Ok(Self { directory, version })
    }
}

/// Every Postgres on the machine, in the order of preference; or the named one alone.
fn candidates(named: Option<&Path>) -> Result<Vec<Binaries>, Error> {
    if let Some(directory) = named {
        return Ok(vec![Binaries::in_directory(directory)?]);
    }
    let path = env::var_os("PATH").unwrap_or_default();
    let on_path = env::split_paths(&path).filter_map(|directory| Binaries::in_directory(&directory).ok());
    let mut installed: Vec<Binaries> = INSTALL_FOLDERS
        .iter()
        .flat_map(|(parent, prefix, tail)| version_folders(Path::new(parent), prefix, tail))
        .filter_map(|directory| Binaries::in_directory(&directory).ok())
        .collect();
    installed.sort_by_key(|binaries| std::cmp::Reverse(binaries.version));
    let mut found: Vec<Binaries> = Vec::new();
    for binaries in on_path.chain(installed) {
        if !found.contains(&binaries) {
            found.push(binaries);
        }
    }
    Ok(found)
}

/// The folders `<parent>/<prefix>*/<tail>` that exist.
fn version_folders(parent: &Path, prefix: &str, tail: &str) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(parent) else {
        return Vec::new();
    };
    entries
        .flatten()
        .filter(|entry| entry.file_name().to_string_lossy().starts_with(prefix))
        .map(|entry| entry.path().join(tail))
        .filter(|directory| directory.join("postgres").exists())
        .collect()
}

/// The first candidate that is recent enough; with a cluster, the first of its major version, or else the first.
fn choose(candidates: Vec<Binaries>, cluster_major: Option<u32>) -> Result<Binaries, Error> {
    let recent = || candidates.iter().filter(|candidate| candidate.version.major >= OLDEST_MAJOR);
    let of_cluster = recent().find(|candidate| Some(candidate.version.major) == cluster_major);
    if let Some(binaries) = of_cluster.or_else(|| recent().next()) {
        return Ok(binaries.clone());
    }
    match candidates.into_iter().next() {
        Some(old) => Err(Error::TooOld { directory: old.directory, found: old.version }),
        None => Err(Error::NotInstalled),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn installed(major: u32, minor: u32) -> Binaries {
        Binaries { directory: format!("/opt/postgres-{major}").into(), version: Version { major, minor } }
    }

    #[test]
    fn versions_are_read_as_every_packager_prints_them() {
        let cases = [
            ("postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)\n", Some((15, 18))),
            ("postgres (PostgreSQL) 18.6\n", Some((18, 6))),
            ("postgres (PostgreSQL) 19beta2\n", Some((19, 0))),
            ("postgres (PostgreSQL) 9.6.24\n", Some((9, 6))),
            ("postgres (PostgreSQL) devel", None),
            ("", None),
        ];
        for (printed, expected) in cases {
            let version = expected.map(|(major, minor)| Version { major, minor });
            assert_eq!(Version::parse(printed), version, "{printed:?}");
        }
    }

    #[test]
    fn the_first_recent_candidate_is_chosen() {
        let chosen = choose(vec![installed(14, 9), installed(16, 1), installed(18, 4)], None);
        assert_eq!(chosen.ok(), Some(installed(16, 1)));
    }

    #[test]
    fn an_existing_cluster_is_opened_by_the_version_that_made_it() {
        let chosen = choose(vec![installed(18, 4), installed(15, 2)], Some(15));
        assert_eq!(chosen.ok(), Some(installed(15, 2)));
    }

    #[test]
    fn only_an_old_postgres_is_named_with_its_version() {
        let error = choose(vec![installed(13, 9)], None).expect_err("13 is too old");
        assert!(error.to_string().contains("version 13.9; version 15 or later"), "{error}");
    }

    #[test]
    fn a_missing_postgres_gives_the_line_to_type() {
        let error = choose(Vec::new(), None).expect_err("there is none");
        assert!(error.to_string().contains("apt-get install -y --no-install-recommends postgresql"), "{error}");
        assert!(error.to_string().contains("create_main_cluster"), "{error}");
    }

    #[test]
    fn a_named_directory_without_a_server_is_refused_by_name() {
        let error = Binaries::find(Some(Path::new("/nowhere/bin"))).expect_err("it does not exist");
        assert!(error.to_string().starts_with("/nowhere/bin holds no usable Postgres"), "{error}");
    }

    #[test]
    fn the_program_directory_is_free_of_symbolic_links() {
        let found = Binaries::find(None).expect("the tests need an installed Postgres");
        let canonical = fs::canonicalize(found.program("postgres")).expect("it exists");
        assert_eq!(canonical, found.program("postgres"));
    }
}
