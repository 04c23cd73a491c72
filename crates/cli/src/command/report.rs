//! `vinculo report`

use crate::arguments::ReportArguments;
use crate::exit::{Ending, Misconfigured};
use crate::output::{json, result};
use crate::report::page;
use anyhow::Context;
use std::io::Write;
use std::path::{Path, PathBuf};
use vinculo_operations::Session;
use vinculo_operations::report;

/// The page's name, where none is given.
const FILE_NAME: &str = "report.html";

pub async fn report(session: &Session, own: &ReportArguments) -> anyhow::Result<Ending> {
    let report = report::report(session, !own.no_values).await?;
    if own.json {
        json(&report)?;
        return Ok(Ending::Done);
    }
    let file = own.out.clone().unwrap_or_else(|| session.bench.project.dir.join(FILE_NAME));
    let page = page(&report).into_string();
    let written = write(&file, page.as_bytes())?;
    result(format_args!("written: {} ({} kB)", written.display(), page.len().div_ceil(1_000)))?;
    result(format_args!("open it in a browser: xdg-open '{}'", written.display()))?;
    if report.with_values {
        result("It shows values of records: keep it as you keep the data. `--no-values` leaves them out.")?;
    }
    Ok(Ending::Done)
}

/// Writes the page as a whole or not at all, for nobody but its owner to read; gives its absolute path.
fn write(file: &Path, page: &[u8]) -> anyhow::Result<PathBuf> {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let folder =
        folder.canonicalize().map_err(|error| Misconfigured(format!("{}: {}", folder.display(), error.kind())))?;
    let name = file.file_name().ok_or_else(|| Misconfigured(format!("{} is no file", file.display())))?;
    let target = folder.join(name);
    let context = || format!("writing {}", target.display());
    let mut temporary = tempfile::NamedTempFile::new_in(&folder).with_context(context)?;
    temporary.write_all(page).with_context(context)?;
    temporary.persist(&target).with_context(context)?;
    Ok(target)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_replaces_the_one_before_it() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("page.html");
        assert_eq!(write(&file, b"one").unwrap(), write(&file, b"two").unwrap());
        assert_eq!(std::fs::read(&file).unwrap(), b"two");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left beside it");
        assert!(write(&folder.path().join("nowhere/page.html"), b"").is_err());
    }
}
