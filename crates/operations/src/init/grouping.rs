//! Which of the files given to `init` are one source: those of one folder that have one format and one set of columns.

use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use vinculo_connector::Options;
use vinculo_project::recognition::SampledColumn;

/// A file that was looked at.
#[derive(Debug)]
pub(super) struct Sampled {
    pub(super) path: PathBuf,
    /// The options that it was read with, `path` left out.
    pub(super) options: Options,
    /// The line among them that was added since the file alone does not tell how it is to be read.
    pub(super) added: Option<String>,
    /// The part of the file that this is, where the file holds several sets of records.
    pub(super) part: Option<String>,
    pub(super) findings: Vec<String>,
    pub(super) format: String,
    /// Whether its columns are told once for all its records.
    pub(super) has_fixed_columns: bool,
    pub(super) columns: Vec<SampledColumn>,
    pub(super) rows: usize,
}

impl Sampled {
    fn headers(&self) -> BTreeSet<&str> {
        self.columns.iter().map(|column| column.header.as_str()).collect()
    }

    /// Whether both are deliveries of one system. Records that bring their own columns differ in some of them.
    fn is_like(&self, other: &Self) -> bool {
        let (mine, theirs) = (self.headers(), other.headers());
        let shared = mine.intersection(&theirs).count();
        let is_shape = if self.has_fixed_columns { mine == theirs } else { 2 * shared >= mine.union(&theirs).count() };
        is_shape
            && self.path.parent() == other.path.parent()
            && self.format == other.format
            && self.options == other.options
    }
}

/// Files and what lies directly in folders, in the order given; hidden files and folders within are passed over.
pub(super) fn expand(paths: &[PathBuf]) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for path in paths {
        match path.is_dir() {
            true => files.extend(files_in(path)),
            false => files.push(path.clone()),
        }
    }
    files
}

fn files_in(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let is_hidden = |path: &PathBuf| name(path).starts_with('.');
    let mut files: Vec<PathBuf> = entries.filter(|path| !path.is_dir() && !is_hidden(path)).collect();
    files.sort();
    files
}

/// The files that belong together, each group in the order given.
pub(super) fn group(files: Vec<Sampled>) -> Vec<Vec<Sampled>> {
    let mut groups: Vec<Vec<Sampled>> = Vec::new();
    for file in files {
        match groups.iter_mut().find(|group| group[0].is_like(&file)) {
            Some(group) => group.push(file),
            None => groups.push(vec![file]),
        }
    }
    groups
}

/// What `path:` says of these files of one folder: the file, the folder where they are all that is in it, a glob that
/// finds them and no other, or else their list.
pub(super) fn path_option(dir: &Path, files: &[PathBuf]) -> Value {
    let relative: Vec<String> = files.iter().map(|file| relative(dir, file)).collect();
    let (Some(folder), [first, _, ..]) = (files[0].parent(), files) else {
        return json!(relative[0]);
    };
    let beside = files_in(if folder.as_os_str().is_empty() { Path::new(".") } else { folder });
    // Numbers go on: what `2025` and `2026` share is no part of the name.
    let prefix = shared_start(files).trim_end_matches(|c: char| c.is_ascii_digit()).to_owned();
    let suffix = extension(first);
    let found: Vec<&PathBuf> =
        beside.iter().filter(|path| name(path).starts_with(&prefix) && name(path).ends_with(&suffix)).collect();
    let is_own_folder = absolute(folder) != absolute(dir) && beside.len() == files.len();
    let folder = relative[0].strip_suffix(&name(first)).unwrap_or_default();
    if is_own_folder {
        json!(folder.trim_end_matches('/'))
    } else if found.len() == files.len() && !prefix.is_empty() && !prefix.contains(['*', '?', '[']) {
        json!(format!("{folder}{prefix}*{suffix}"))
    } else {
        json!(relative)
    }
}

/// The name of a source of these files, or of this part of each: what their names begin with alike, or else that of
/// their folder.
pub(super) fn source_name(files: &[PathBuf], part: Option<&str>) -> String {
    let name = name_of_files(files);
    part.map_or(name.clone(), |part| format!("{name}_{part}"))
}

fn name_of_files(files: &[PathBuf]) -> String {
    let whole = name(&files[0]);
    let start =
        if files.len() == 1 { whole.split('.').next().unwrap_or_default().to_owned() } else { shared_start(files) };
    let start = start.trim_end_matches(|c: char| files.len() > 1 && (c.is_ascii_digit() || "_-. ".contains(c)));
    let folder = files[0].parent().map(name).unwrap_or_default();
    if start.is_empty() { folder } else { start.to_owned() }
}

fn shared_start(files: &[PathBuf]) -> String {
    let first = name(&files[0]);
    let is_shared = |start: &str| files.iter().all(|file| name(file).starts_with(start));
    let ends = (0..=first.len()).rev().filter(|end| first.is_char_boundary(*end));
    let mut starts = ends.map(|end| &first[..end]);
    starts.find(|start| is_shared(start)).unwrap_or_default().to_owned()
}

/// All endings of a name: `.csv.gz`.
fn extension(file: &Path) -> String {
    let name = name(file);
    name.find('.').map_or_else(String::new, |dot| name[dot..].to_owned())
}

fn name(path: impl AsRef<Path>) -> String {
    path.as_ref().file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

fn absolute(path: &Path) -> PathBuf {
    let path = if path.as_os_str().is_empty() { Path::new(".") } else { path };
    std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned())
}

/// The path as it should stand in the project: relative where the file is inside of it.
pub(super) fn relative(dir: &Path, file: &Path) -> String {
    let (dir, file) = (absolute(dir), absolute(file));
    file.strip_prefix(&dir).unwrap_or(&file).to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sampled(path: &str, format: &str, headers: &[&str]) -> Sampled {
        let columns = headers.iter().map(|header| SampledColumn { header: (*header).to_owned(), values: Vec::new() });
        Sampled {
            path: path.into(),
            options: Options::new(),
            added: None,
            part: None,
            findings: Vec::new(),
            format: format.to_owned(),
            has_fixed_columns: format == "csv",
            columns: columns.collect(),
            rows: 1,
        }
    }

    #[test]
    fn files_of_one_folder_format_and_shape_are_one_source() {
        let groups = group(vec![
            sampled("d/a1.csv", "csv", &["id", "nome"]),
            sampled("d/b.csv", "csv", &["id", "valor"]),
            sampled("d/a2.csv", "csv", &["nome", "id"]),
            sampled("d/a3.jsonl", "jsonl", &["id", "nome"]),
            sampled("e/a1.csv", "csv", &["id", "nome"]),
            sampled("d/a4.jsonl", "jsonl", &["id", "nome", "fone"]),
        ]);
        let paths: Vec<Vec<&str>> =
            groups.iter().map(|group| group.iter().filter_map(|file| file.path.to_str()).collect()).collect();
        let expected: [&[&str]; 4] =
            [&["d/a1.csv", "d/a2.csv"], &["d/b.csv"], &["d/a3.jsonl", "d/a4.jsonl"], &["e/a1.csv"]];
        assert_eq!(paths, expected);
    }

    #[test]
    fn a_source_is_named_after_what_its_files_share() {
        let named = |files: &[&str]| source_name(&files.iter().map(PathBuf::from).collect::<Vec<_>>(), None);
        assert_eq!(named(&["d/clientes.csv.gz"]), "clientes");
        assert_eq!(named(&["d/crm_2023-01.csv", "d/crm_2023-02.csv"]), "crm");
        assert_eq!(named(&["leads/2023.csv", "leads/2024.csv"]), "leads");
    }
}
