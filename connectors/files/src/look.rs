//! A look at the files without reading them: what `check` and `discover` show.

use crate::layout::SAMPLE;
use crate::listing::SourceFile;
use crate::open::{OpenFile, open};
use crate::options::Settings;
use std::collections::BTreeSet;
use vinculo_connector::{CheckStep, ConnectorError, Finding, PartEstimate, RawFormat, Stream};

/// How many records of a file are looked at.
const RECORDS: u64 = 10_000;

/// Tries to find and open every file; stops at the first that fails.
pub(crate) fn check(files: Result<Vec<SourceFile>, ConnectorError>, settings: &Settings) -> Vec<CheckStep> {
    let files = match files {
        Ok(files) => files,
        Err(error) => return vec![step("files", Err(error))],
    };
    let bytes: u64 = files.iter().map(|file| file.identity.bytes).sum();
    let mut steps = vec![step("files", Ok(format!("{} of {bytes} bytes", counted(files.len()))))];
    for file in &files {
        let found = open(file, 0, settings, None).map(|open| {
            let findings: Vec<_> = open.origin.findings.iter().map(Finding::to_string).collect();
            findings.join(", ")
        });
        let is_failed = found.is_err();
        steps.push(step(&file.shown, found));
        if is_failed {
            break;
        }
    }
    steps
}

fn step(name: &str, outcome: Result<String, ConnectorError>) -> CheckStep {
    CheckStep { name: name.to_owned(), outcome }
}

/// One stream, with all files as its parts.
pub(crate) fn discover(files: &[SourceFile], settings: &Settings) -> Result<Vec<Stream>, ConnectorError> {
    let parts = files.iter().map(|file| estimate(file, settings)).collect::<Result<Vec<_>, _>>()?;
    let mut seen = BTreeSet::new();
    let columns = parts.iter().flat_map(|part| &part.columns).filter(|column| seen.insert(*column));
    Ok(vec![Stream { name: settings.paths.join(", "), columns: columns.cloned().collect(), parts }])
}

fn estimate(file: &SourceFile, settings: &Settings) -> Result<PartEstimate, ConnectorError> {
    let mut open = open(file, 0, settings, None)?;
    let sample = read_sample(&mut open)?;
    let columns = match &open.origin.format {
        RawFormat::Delimited(layout) => layout.columns.clone(),
        RawFormat::Json => open.decoder.cells().names().to_vec(),
    };
    let is_compressed = open.origin.findings.iter().any(|finding| finding.about == "compression");
    let rows = match open.cutter.all_records() {
        Some(all) => Some(all),
        None if sample.is_whole => Some(sample.records),
        None if is_compressed || sample.bytes == 0 => None,
        None => Some((sample.records as f64 * file.identity.bytes as f64 / sample.bytes as f64) as u64),
    };
    Ok(PartEstimate {
        path: file.shown.clone(),
        findings: open.origin.findings.clone(),
        columns,
        has_fixed_columns: open.origin.has_fixed_columns,
        bytes: file.identity.bytes,
        rows,
    })
}

/// What was read of a file's beginning.
struct Sample {
    records: u64,
    bytes: u64,
    is_whole: bool,
}

/// Reads the beginning of a file into its decoder.
fn read_sample(open: &mut OpenFile) -> Result<Sample, ConnectorError> {
    let is_enough = |open: &OpenFile| {
        let place = open.cutter.place();
        place.read >= RECORDS || place.offset >= SAMPLE as u64
    };
    let mut is_whole = false;
    while !is_whole && !is_enough(open) {
        let Some(record) = open.cutter.next()? else {
            is_whole = true;
            continue;
        };
        // A broken record tells nothing of the columns.
        let text = String::from_utf8_lossy(record.raw);
        open.decoder.push(&text).unwrap_or_default();
    }
    let place = open.cutter.place();
    Ok(Sample { records: place.read, bytes: place.offset, is_whole })
}

fn counted(files: usize) -> String {
    if files == 1 { "1 file".to_owned() } else { format!("{files} files") }
}
