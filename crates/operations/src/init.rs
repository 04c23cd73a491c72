//! `init`: a first `vinculo.yaml`, from a look at the files.

use crate::error::OperationError;
use serde_json::{Map, Value, json};
use std::path::{Path, PathBuf};
use vinculo_connector::{Batch, Budget, Connector, ConnectorError, Event, Options, Refusal};
use vinculo_project::Project;
use vinculo_project::recognition::{DraftSource, Recognition, SampledColumn, draft, recognize};

/// How much of a file is looked at.
const SAMPLE: Budget = Budget { bytes: 4 << 20, rows: 5_000 };

/// What was found out about one of the files.
#[derive(Debug)]
pub struct LookedAt {
    /// The source that it becomes.
    pub source: String,
    /// Its file or folder.
    pub path: PathBuf,
    /// What was found out about its layout.
    pub findings: Vec<String>,
    /// What its columns seem to mean, and how many rows that rests on; or why it cannot be read.
    pub outcome: Result<(Recognition, usize), String>,
}

/// A draft of a project, and what it rests on.
#[derive(Debug)]
pub struct Draft {
    /// The text of `vinculo.yaml`.
    pub yaml: String,
    /// What was found out about each file, in the order given.
    pub files: Vec<LookedAt>,
}

/// Looks at files and drafts a project in `dir` that reads them through `connector`; without a country the data tell.
///
/// # Errors
/// None of the files can be read.
pub async fn look(
    connector: &dyn Connector,
    dir: &Path,
    country: Option<&str>,
    files: &[PathBuf],
) -> Result<Draft, OperationError> {
    let kind = connector.spec().kind;
    let mut options = Vec::with_capacity(files.len());
    let mut looked_at = Vec::with_capacity(files.len());
    for file in files {
        let (used, found) = look_at(connector, dir, file).await;
        options.push(used);
        looked_at.push(found);
    }
    let sources: Vec<DraftSource<'_>> = looked_at
        .iter()
        .zip(&options)
        .filter_map(|(found, options)| {
            let (recognition, _) = found.outcome.as_ref().ok()?;
            Some(DraftSource { name: &found.source, connector: kind, options, recognition })
        })
        .collect();
    if sources.is_empty() {
        let why: Vec<&str> =
            looked_at.iter().filter_map(|found| found.outcome.as_ref().err()).map(String::as_str).collect();
        return Err(OperationError::NotFound(format!("none of the files can be read: {}", why.join("; "))));
    }
    let name = std::path::absolute(dir).ok().and_then(|dir| Some(dir.file_name()?.to_string_lossy().into_owned()));
    Ok(Draft { yaml: draft(name.as_deref().unwrap_or("project"), country, &sources), files: looked_at })
}

/// Writes the draft, unless a project is there already.
///
/// # Errors
/// A file that is there, unless `force`; a folder that cannot be written.
pub fn write(dir: &Path, draft: &Draft, force: bool) -> Result<PathBuf, OperationError> {
    let path = dir.join(Project::FILE_NAME);
    let fault = |fault: String| OperationError::File { path: path.display().to_string(), fault };
    if path.exists() && !force {
        let message = format!("{} is there already; --force writes over it", path.display());
        return Err(OperationError::Configuration(message));
    }
    std::fs::create_dir_all(dir).map_err(|error| fault(format!("cannot be written: {}", error.kind())))?;
    std::fs::write(&path, &draft.yaml).map_err(|error| fault(format!("cannot be written: {}", error.kind())))?;
    Ok(path)
}

/// Looks at a file; where the connector refuses it with the line to add, that line is tried.
async fn look_at(connector: &dyn Connector, dir: &Path, file: &Path) -> (Map<String, Value>, LookedAt) {
    let mut options = Options::new();
    options.insert("path".into(), json!(relative(dir, file)));
    let mut sample = read_sample(connector, dir, &options).await;
    if let Err(ConnectorError::Refused(Refusal { hint: Some(hint), .. })) = &sample
        && let Some((key, value)) = hint.split_once(": ")
    {
        let mut tried = options.clone();
        tried.insert(key.to_owned(), json!(value));
        // A hint may be a choice for people; then the refusal itself says more.
        if let Ok(read) = read_sample(connector, dir, &tried).await {
            (options, sample) = (tried, Ok(read));
        }
    }
    let source = file.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    let findings = sample.as_ref().ok().into_iter().flatten().flat_map(|batch| &batch.origin.findings);
    let findings = findings.map(ToString::to_string).collect();
    let outcome = match sample {
        Ok(Some(batch)) if !batch.is_empty() => Ok((recognize(&columns(&batch)), batch.len())),
        Ok(_) => Err(format!("{} holds no records", file.display())),
        Err(error) => Err(error.to_string()),
    };
    (options, LookedAt { source, path: file.to_owned(), findings, outcome })
}

/// The path as it should stand in the project: relative where the file is inside of it.
fn relative(dir: &Path, file: &Path) -> String {
    let absolute = |path: &Path| std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let (dir, file) = (absolute(dir), absolute(file));
    file.strip_prefix(&dir).unwrap_or(&file).to_string_lossy().into_owned()
}

async fn read_sample(
    connector: &dyn Connector,
    dir: &Path,
    options: &Options,
) -> Result<Option<Batch>, ConnectorError> {
    let mut reader = connector.open(options, dir)?.read(None).await?;
    loop {
        match reader.next(SAMPLE).await? {
            Event::Batch(batch) => return Ok(Some(batch)),
            Event::Checkpoint(_) => {}
            Event::Done(_) => return Ok(None),
        }
    }
}

fn columns(batch: &Batch) -> Vec<SampledColumn> {
    let named = batch.cells.names().iter().zip(batch.cells.columns());
    named
        .map(|(header, column)| SampledColumn {
            header: header.clone(),
            values: (0..batch.len()).map(|row| column.get(row).unwrap_or_default().to_owned()).collect(),
        })
        .collect()
}
