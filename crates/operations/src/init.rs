//! `init`: a first `vinculo.yaml`, from a look at the files.

mod grouping;

use crate::error::OperationError;
use grouping::Sampled;
use serde_json::json;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use vinculo_connector::decoder::{ELEMENT_SEPARATOR, OF_EACH_OBJECT};
use vinculo_connector::{Batch, Budget, Connector, ConnectorError, Event, Hint, Options};
use vinculo_project::Project;
use vinculo_project::recognition::{DraftSource, Recognition, SampledColumn, draft, recognize};

/// How much of a file is looked at.
const SAMPLE: Budget = Budget { bytes: 4 << 20, rows: 5_000 };

/// A source of the draft, and what it rests on.
#[derive(Debug)]
pub struct DraftedSource {
    /// Its name.
    pub name: String,
    /// Its files, of which the first was looked at.
    pub files: Vec<PathBuf>,
    /// What was found out about the layout.
    pub findings: Vec<String>,
    /// The line that was put into the draft since the file does not tell by itself how it is to be read.
    pub added: Option<String>,
    /// What the columns seem to mean.
    pub recognition: Recognition,
    /// How many rows that rests on.
    pub rows: usize,
}

/// A file, or a part of one, that became no source.
#[derive(Debug)]
pub struct LeftOut {
    /// The file.
    pub path: PathBuf,
    /// Why, and what would help.
    pub problem: String,
}

/// A draft of a project, and what it rests on.
#[derive(Debug)]
pub struct Draft {
    /// The text of `vinculo.yaml`.
    pub yaml: String,
    /// Its sources, in the order of their first files.
    pub sources: Vec<DraftedSource>,
    /// Files that cannot be read, or hold no records.
    pub left_out: Vec<LeftOut>,
}

/// Looks at files, and at what lies in folders, and drafts a project in `dir` that reads them through `connector`; files
/// of one folder, format and set of columns become one source. Without a country the data tell.
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
    let (mut sampled, mut left_out) = (Vec::new(), Vec::new());
    for path in grouping::expand(files) {
        for part in look_at(connector, dir, &path).await {
            match part {
                Ok(part) => sampled.push(part),
                Err(problem) => left_out.push(LeftOut { path: path.clone(), problem }),
            }
        }
    }
    if sampled.is_empty() {
        let why: Vec<&str> = left_out.iter().map(|left| left.problem.as_str()).collect();
        let why = if why.is_empty() { "there are none".to_owned() } else { why.join("; ") };
        return Err(OperationError::NotFound(format!("no file to draft a project from: {why}; nothing was written")));
    }
    let (mut sources, mut options) = (Vec::new(), Vec::new());
    for mut group in grouping::group(sampled) {
        let files: Vec<PathBuf> = group.iter().map(|file| file.path.clone()).collect();
        let first = group.swap_remove(0);
        let mut used = Options::from_iter([("path".to_owned(), grouping::path_option(dir, &files))]);
        used.extend(first.options);
        options.push(used);
        sources.push(DraftedSource {
            name: grouping::source_name(&files, first.part.as_deref()),
            files,
            findings: first.findings,
            added: first.added,
            recognition: recognize(&first.columns),
            rows: first.rows,
        });
    }
    let drafted: Vec<DraftSource<'_>> = sources
        .iter()
        .zip(&options)
        .map(|(source, options)| DraftSource {
            name: &source.name,
            connector: kind,
            options,
            recognition: &source.recognition,
        })
        .collect();
    let name = std::path::absolute(dir).ok().and_then(|dir| Some(dir.file_name()?.to_string_lossy().into_owned()));
    let yaml = draft(name.as_deref().unwrap_or("project"), country, &drafted);
    Ok(Draft { yaml, sources, left_out })
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

/// Looks at a file. Where the connector refuses it with lines to add, they are tried: of one that could be this or that
/// the likeliest that can be read, of one that holds several sets of records each.
async fn look_at(connector: &dyn Connector, dir: &Path, path: &Path) -> Vec<Result<Sampled, String>> {
    let options = Options::from_iter([("path".to_owned(), json!(grouping::relative(dir, path)))]);
    let refusal = match read_sample(connector, dir, &options).await {
        Err(ConnectorError::Refused(refusal)) => refusal,
        outcome => return vec![sampled(path, options, outcome)],
    };
    let is_several = matches!(refusal.hint, Some(Hint::EachOf(_)));
    let mut parts = Vec::new();
    for line in refusal.hint.iter().flat_map(Hint::lines) {
        let mut tried = options.clone();
        tried.insert(line.key.to_owned(), line.value.clone());
        let outcome = read_sample(connector, dir, &tried).await;
        let part = sampled(path, tried, outcome).map(|part| Sampled {
            added: Some(line.to_string()),
            part: line.value.as_str().filter(|_| is_several).map(str::to_owned),
            ..part
        });
        match part {
            Ok(part) if !is_several => return vec![Ok(part)],
            Err(_) if !is_several => {}
            part => parts.push(part.map_err(|problem| format!("{line}: {problem}"))),
        }
    }
    if parts.iter().any(Result::is_ok) { parts } else { vec![Err(refusal.without_hint().to_string())] }
}

/// What a look at a file showed; `options` are those it was read with.
fn sampled(
    path: &Path,
    mut options: Options,
    outcome: Result<Option<Batch>, ConnectorError>,
) -> Result<Sampled, String> {
    let batch = match outcome {
        Ok(Some(batch)) if !batch.is_empty() => batch,
        Ok(Some(batch)) => return Err(all_rejected(&batch)),
        Ok(None) => return Err(format!("{} holds no records", path.display())),
        Err(ConnectorError::Refused(refusal)) => return Err(refusal.without_hint().to_string()),
        Err(error) => return Err(error.to_string()),
    };
    let findings = &batch.origin.findings;
    // An empty delivery of such a file shows nothing, so what this one shows is written down.
    if let Some(found) = findings.iter().find(|finding| finding.about == "records_at") {
        options.insert(found.about.clone(), json!(found.value));
    }
    options.remove("path");
    let format = findings.iter().find(|finding| finding.about == "format");
    Ok(Sampled {
        path: path.to_owned(),
        options,
        added: None,
        part: None,
        findings: findings.iter().map(ToString::to_string).collect(),
        format: format.map_or_else(String::new, |finding| finding.value.clone()),
        has_fixed_columns: batch.origin.has_fixed_columns,
        columns: columns(&batch),
        rows: batch.len(),
    })
}

fn all_rejected(batch: &Batch) -> String {
    let codes: BTreeSet<&str> = batch.rejects.iter().flat_map(|reject| &reject.codes).map(|code| code.name()).collect();
    let codes: Vec<&str> = codes.into_iter().collect();
    format!("{}: every record would be rejected ({})", batch.origin.path, codes.join(", "))
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
    // A list of objects is told by their keys, not by its own text.
    let is_of_objects = |header: &str| {
        let is_key = |name: &String| name.strip_prefix(header).is_some_and(|key| key.starts_with(OF_EACH_OBJECT));
        batch.cells.names().iter().any(is_key)
    };
    let named = batch.cells.names().iter().zip(batch.cells.columns());
    named
        .filter(|(header, _)| !is_of_objects(header))
        .map(|(header, column)| SampledColumn {
            header: header.clone(),
            // Of a list the first element that says anything tells what all of them are.
            values: (0..batch.len())
                .map(|row| column.get(row).unwrap_or_default())
                .map(|cell| cell.split(ELEMENT_SEPARATOR).find(|text| !text.is_empty()).unwrap_or_default().to_owned())
                .collect(),
        })
        .collect()
}
