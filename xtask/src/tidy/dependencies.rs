//! Licenses and origins of what others wrote.

use cargo_metadata::{Metadata, Package};

use super::license::is_satisfied;

/// Licenses that ask for no more than the notice.
const ALLOWED: [&str; 11] = [
    "0BSD",
    "Apache-2.0",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "ISC",
    "MIT",
    "MIT-0",
    "Unicode-3.0",
    "Zlib",
];

/// The one place from which dependencies come.
const CRATES_IO: &str = "registry+https://github.com/rust-lang/crates.io-index";

/// Every dependency, direct or not, whose license or origin is not allowed.
pub fn findings(metadata: &Metadata) -> Vec<String> {
    let license = metadata.packages.iter().filter_map(bad_license);
    let origin = metadata.packages.iter().filter_map(|package| bad_origin(metadata, package));
    license.chain(origin).collect()
}

fn bad_license(package: &Package) -> Option<String> {
    let license = package.license.as_deref().unwrap_or("none that is declared");
    (!is_satisfied(license, &ALLOWED)).then(|| {
        format!("{} {}: its license ({license}) is not in ALLOWED in {}", package.name, package.version, file!())
    })
}

fn bad_origin(metadata: &Metadata, package: &Package) -> Option<String> {
    let allowed = match &package.source {
        Some(source) => source.repr == CRATES_IO,
        None => metadata.workspace_members.contains(&package.id),
    };
    (!allowed).then(|| format!("{} {}: comes neither from crates.io nor from here", package.name, package.version))
}
