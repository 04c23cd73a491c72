//! Which files there are to read, and what tells that one of them is still the same.

use serde::{Deserialize, Serialize};
use std::cmp::Ordering;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;
use std::{fs, io};
use vinculo_connector::{ConnectorError, Refusal, RefusalCode};

/// A regular file that is to be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SourceFile {
    pub(crate) path: PathBuf,
    /// The path as people see it: relative to the project where it is inside, else absolute.
    pub(crate) shown: String,
    pub(crate) identity: Identity,
}

impl SourceFile {
    pub(crate) fn refused(&self, code: RefusalCode) -> Refusal {
        Refusal::of(&self.shown, code)
    }

    /// Refuses a file that is no longer what it was when it was listed.
    pub(crate) fn check_unchanged(&self) -> Result<(), ConnectorError> {
        match fs::metadata(&self.path) {
            Ok(metadata) if Identity::of(&metadata) == self.identity => Ok(()),
            _ => Err(self.refused(RefusalCode::ChangedWhileRead).into()),
        }
    }

    pub(crate) fn open(&self) -> Result<fs::File, ConnectorError> {
        fs::File::open(&self.path).map_err(|error| self.unreadable(error))
    }

    pub(crate) fn unreadable(&self, error: io::Error) -> ConnectorError {
        unreadable(&self.shown, error)
    }
}

/// What a file's content is taken to hang on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Identity {
    pub(crate) bytes: u64,
    modified_ns: i128,
}

impl Identity {
    fn of(metadata: &fs::Metadata) -> Self {
        let modified = metadata.modified().unwrap_or(UNIX_EPOCH);
        let modified_ns = match modified.duration_since(UNIX_EPOCH) {
            Ok(after) => after.as_nanos() as i128,
            Err(before) => -(before.duration().as_nanos() as i128),
        };
        Self { bytes: metadata.len(), modified_ns }
    }
}

/// The files behind `patterns`, each pattern's in natural order, every file once.
///
/// # Errors
/// Refused when there is none, or when one is not a regular file; nothing is opened, so that a pipe cannot block.
pub(crate) fn list(patterns: &[String], base: &Path) -> Result<Vec<SourceFile>, ConnectorError> {
    let base = fs::canonicalize(base).map_err(|error| unreadable(&base.display().to_string(), error))?;
    let mut seen = BTreeSet::new();
    let mut files = Vec::new();
    for pattern in patterns {
        let paths = expand(pattern, &base)?;
        if paths.is_empty() {
            return Err(Refusal::of(pattern, RefusalCode::NoFile).into());
        }
        for path in paths {
            let file = source_file(&path, &base)?;
            if seen.insert(file.path.clone()) {
                files.push(file);
            }
        }
    }
    Ok(files)
}

fn expand(pattern: &str, base: &Path) -> Result<Vec<PathBuf>, ConnectorError> {
    let path = base.join(pattern);
    let mut paths = if path.is_dir() {
        folder(&path).map_err(|error| unreadable(pattern, error))?
    } else if fs::symlink_metadata(&path).is_err() && pattern.contains(['*', '?', '[']) {
        globbed(pattern, base)?
    } else {
        vec![path]
    };
    paths.sort_by(|a, b| natural_order(&a.to_string_lossy(), &b.to_string_lossy()));
    Ok(paths)
}

/// What lies directly in a folder; hidden files and folders within are passed over.
fn folder(path: &Path) -> io::Result<Vec<PathBuf>> {
    let mut paths = Vec::new();
    for entry in fs::read_dir(path)? {
        let entry = entry?;
        let is_hidden = entry.file_name().to_string_lossy().starts_with('.');
        if !is_hidden && !entry.path().is_dir() {
            paths.push(entry.path());
        }
    }
    Ok(paths)
}

fn globbed(pattern: &str, base: &Path) -> Result<Vec<PathBuf>, ConnectorError> {
    let options =
        glob::MatchOptions { case_sensitive: true, require_literal_separator: true, require_literal_leading_dot: true };
    let whole = if Path::new(pattern).is_absolute() {
        pattern.to_owned()
    } else {
        format!("{}/{pattern}", glob::Pattern::escape(&base.to_string_lossy()))
    };
    let found = glob::glob_with(&whole, options)
        .map_err(|error| ConnectorError::config("path", format!("is no glob: {}", error.msg)))?;
    let mut paths = Vec::new();
    for path in found {
        let path = path.map_err(|error| unreadable(pattern, error.into()))?;
        if !path.is_dir() {
            paths.push(path);
        }
    }
    Ok(paths)
}

fn source_file(path: &Path, base: &Path) -> Result<SourceFile, ConnectorError> {
    let shown = path.strip_prefix(base).unwrap_or(path).to_string_lossy().into_owned();
    let not_a_file = || Refusal::of(&shown, RefusalCode::NotAFile);
    let metadata = match fs::metadata(path) {
        Ok(metadata) => metadata,
        // The name is there and leads nowhere, or in a circle.
        Err(_) if path.is_symlink() => return Err(not_a_file().into()),
        Err(error) => return Err(unreadable(&shown, error)),
    };
    if !metadata.is_file() {
        return Err(not_a_file().into());
    }
    Ok(SourceFile {
        path: fs::canonicalize(path).map_err(|error| unreadable(&shown, error))?,
        identity: Identity::of(&metadata),
        shown,
    })
}

fn unreadable(shown: &str, error: io::Error) -> ConnectorError {
    match error.kind() {
        io::ErrorKind::NotFound => Refusal::of(shown, RefusalCode::NoFile).into(),
        _ => ConnectorError::system(format!("cannot read {shown}"), error),
    }
}

/// Digits count as numbers: `crm2` comes before `crm10`.
fn natural_order(a: &str, b: &str) -> Ordering {
    let (mut left, mut right) = (a, b);
    while let (Some(x), Some(y)) = (left.chars().next(), right.chars().next()) {
        let order = if x.is_ascii_digit() && y.is_ascii_digit() {
            let (number_x, number_y) = (leading_digits(left), leading_digits(right));
            left = &left[number_x.len()..];
            right = &right[number_y.len()..];
            let (x, y) = (number_x.trim_start_matches('0'), number_y.trim_start_matches('0'));
            x.len().cmp(&y.len()).then(x.cmp(y))
        } else {
            left = &left[x.len_utf8()..];
            right = &right[y.len_utf8()..];
            x.cmp(&y)
        };
        if order != Ordering::Equal {
            return order;
        }
    }
    left.len().cmp(&right.len()).then(a.cmp(b))
}

fn leading_digits(text: &str) -> &str {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    &text[..end]
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn digits_in_names_count_as_numbers() {
        let mut names = ["crm10.csv", "crm2.csv", "crm02b.csv", "crm.csv", "crm1.csv", "a"];
        names.sort_by(|a, b| natural_order(a, b));
        assert_eq!(names, ["a", "crm.csv", "crm1.csv", "crm2.csv", "crm02b.csv", "crm10.csv"]);
    }

    proptest! {
        #[test]
        fn natural_order_is_an_order(a in "[ab012]{0,5}", b in "[ab012]{0,5}", c in "[ab012]{0,5}") {
            prop_assert_eq!(natural_order(&a, &b), natural_order(&b, &a).reverse());
            prop_assert_eq!(natural_order(&a, &b) == Ordering::Equal, a == b);
            if natural_order(&a, &b).is_le() && natural_order(&b, &c).is_le() {
                prop_assert!(natural_order(&a, &c).is_le());
            }
        }
    }
}
