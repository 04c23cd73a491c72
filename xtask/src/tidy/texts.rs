//! Length, names and words of our files.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

/// The longest Rust file.
const LINES_MAX: usize = 600;

/// Names that say nothing of what a file holds.
const EMPTY_NAMES: [&str; 9] = ["base", "common", "helper", "helpers", "manager", "misc", "types", "util", "utils"];

/// Words that our files do not hold, and why. They are written in two parts so that this file keeps its own rule.
const FORBIDDEN: [(&str, &str); 9] = [
    (concat!("TO", "DO"), "finish it, or leave it out"),
    (concat!("FIX", "ME"), "fix it"),
    (concat!("#[ign", "ore"), "a test runs or does not exist"),
    (concat!("allow(dead", "_code"), "delete what is not used"),
    (concat!("allow(unu", "sed"), "delete what is not used"),
    (concat!("/ho", "me/"), "the place is on one machine only"),
    (concat!("/Us", "ers/"), "the place is on one machine only"),
    (concat!("/wo", "rk/"), "the place is on one machine only"),
    (concat!("../sha", "red"), "the place is outside of the project"),
];

/// Endings of the files that people write. Data have no rules.
const WRITTEN: [&str; 8] = ["", "md", "rs", "sh", "sql", "toml", "yaml", "yml"];

/// Folders that are not ours to judge.
const SKIPPED: [&str; 4] = [".git", ".vinculo", "target", "data"];

/// Everything that is wrong with the files below `root`.
pub fn findings(root: &Path) -> Result<Vec<String>> {
    let mut files = Vec::new();
    collect(root, &mut files)?;
    files.sort();
    let mut findings = Vec::new();
    for path in files {
        let text = fs::read_to_string(&path).with_context(|| path.display().to_string())?;
        let shown = path.strip_prefix(root).unwrap_or(&path);
        findings.extend(in_file(shown, &text).into_iter().map(|finding| format!("{}{finding}", shown.display())));
        if extension(&path) == "md" {
            findings.extend(broken_links(&path, &text).map(|link| format!("{}: broken link {link}", shown.display())));
        }
    }
    Ok(findings)
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    for entry in fs::read_dir(folder).with_context(|| folder.display().to_string())? {
        let entry = entry?;
        let (path, kind) = (entry.path(), entry.file_type()?);
        if kind.is_dir() && !SKIPPED.iter().any(|skipped| entry.file_name() == *skipped) {
            collect(&path, files)?;
        } else if kind.is_file() && WRITTEN.contains(&extension(&path)) {
            files.push(path);
        }
    }
    Ok(())
}

fn extension(path: &Path) -> &str {
    path.extension().and_then(OsStr::to_str).unwrap_or("")
}

/// What is wrong with one file, each with its line where it has one.
fn in_file(path: &Path, text: &str) -> Vec<String> {
    let mut findings = Vec::new();
    if extension(path) == "rs" {
        let lines = text.lines().count();
        if lines > LINES_MAX {
            findings.push(format!(": {lines} lines; split it by ideas, {LINES_MAX} are the most"));
        }
        let names = path.iter().filter_map(|part| Path::new(part).file_stem()?.to_str());
        findings.extend(
            names
                .filter(|name| EMPTY_NAMES.contains(name))
                .map(|name| format!(": the name {name} says nothing of what it holds")),
        );
    }
    if path.ends_with("Cargo.toml") && !path.ends_with(WITH_UNSAFE) && !inherits_lints(text) {
        findings.push(": the lints of the workspace, which forbid unsafe code, are not inherited".to_owned());
    }
    for (index, line) in text.lines().enumerate() {
        for (word, why) in FORBIDDEN.iter().filter(|(word, _)| line.contains(word)) {
            findings.push(format!(":{}: {word}: {why}", index + 1));
        }
        if names_an_issue(line) {
            findings.push(format!(":{}: a number of an issue; say what it is about", index + 1));
        }
    }
    findings
}

/// The one crate that may hold `unsafe`, marked line by line.
const WITH_UNSAFE: &str = "crates/allocator/Cargo.toml";

/// Whether a manifest takes over the workspace's lints, or is the one that sets them.
fn inherits_lints(manifest: &str) -> bool {
    manifest.contains("[lints]\nworkspace = true") || manifest.contains("unsafe_code = \"forbid\"")
}

/// Whether a line points to an issue by number, which a reader of the files alone cannot follow.
fn names_an_issue(line: &str) -> bool {
    let lower = line.to_lowercase();
    let is_number = |rest: &str| rest.trim_start_matches('#').starts_with(|c: char| c.is_ascii_digit());
    lower.match_indices("issue ").any(|(at, found)| is_number(&lower[at + found.len()..]))
}

/// The relative links in a Markdown text that lead to nothing.
fn broken_links<'a>(path: &Path, text: &'a str) -> impl Iterator<Item = &'a str> {
    let folder = path.parent().unwrap_or(path).to_owned();
    text.split("](")
        .skip(1)
        .filter_map(|rest| rest.split_once(')'))
        .map(|(link, _)| link.split('#').next().unwrap_or(link))
        .filter(|link| !link.is_empty() && !link.contains(':') && !link.contains(char::is_whitespace))
        .filter(move |link| !folder.join(link).exists())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_rule_finds_its_breach_and_names_the_line() {
        let cases = [
            ("src/utils.rs", String::new(), ": the name utils says nothing"),
            ("src/types/money.rs", String::new(), ": the name types says nothing"),
            ("src/long.rs", "\n".repeat(LINES_MAX + 1), ": 601 lines"),
            ("src/a.rs", format!("\n// {}: later", concat!("TO", "DO")), ":2: "),
            ("docs/a.md", format!("see {}notes", concat!("/wo", "rk/")), ":1: "),
            ("docs/a.md", format!("see iss{} 12", "ue"), ":1: a number of an issue"),
            ("Cargo.toml", "[package]".to_owned(), ": the lints of the workspace"),
            ("crates/a/Cargo.toml", "unsafe_code = \"deny\"".to_owned(), ": the lints of the workspace"),
        ];
        for (path, text, expected) in cases {
            let findings = in_file(Path::new(path), &text);
            assert!(findings.len() == 1 && findings[0].starts_with(expected), "{path}: {findings:?}");
        }
    }

    #[test]
    fn a_proper_file_has_no_findings() {
        let cases = [
            ("src/money.rs", "fn all() {}\n".repeat(LINES_MAX)),
            ("docs/a.md", "the issue is settled; a network/ folder".to_owned()),
            ("crates/a/Cargo.toml", "[lints]\nworkspace = true\n".to_owned()),
            (WITH_UNSAFE, "unsafe_code = \"deny\"".to_owned()),
        ];
        for (path, text) in cases {
            assert_eq!(in_file(Path::new(path), &text), Vec::<String>::new(), "{path}");
        }
    }

    #[test]
    fn links_of_a_text_must_lead_somewhere_in_the_project() {
        let here = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
        let text = "[a](src/main.rs#top) [b](nowhere.md) [c](https://example.org/x) [d](#below) f[0](x, y)";
        assert_eq!(broken_links(&here, text).collect::<Vec<_>>(), ["nowhere.md"]);
    }
}
