//! A file that is larger than the memory allowed, read and landed.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::Stdio;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Context as _, Result, bail};

use super::markdown::{Table, count, megabytes, seconds};
use super::setting::Setting;
use super::usage::Watched;

/// How large the file is at least.
const FILE_BYTES: u64 = 2 << 30;

/// What our process must stay below while it reads it.
const BOUND_BYTES: u64 = 512_000_000;

/// Records of the sample that tells how long a line is.
const SAMPLE_RECORDS: u64 = 20_000;

/// The source in the generated project.
const SOURCE: &str = "persons";

/// Generates the file, runs the program until its delivery is sealed, and ends it there: what follows is not measured.
pub fn measure(setting: &Setting<'_>) -> Result<String> {
    let folder = setting.folder("memory")?;
    let sample = generate(setting, &folder, SAMPLE_RECORDS)?;
    // Keys grow with the number of records, so that the file becomes a little larger.
    let records = FILE_BYTES * SAMPLE_RECORDS / sample;
    let bytes = generate(setting, &folder, records)?;
    let mut command = setting.program("memory")?.command(&["run"], &folder);
    let mut watched = Watched::start(command.stdout(Stdio::null()).stderr(Stdio::piped()))?;
    let lines = BufReader::new(watched.child().stderr.take().context("stderr is a pipe")?);
    let is_read = AtomicBool::new(false);
    let (usage, _) = std::thread::scope(|scope| {
        scope.spawn(|| tell_when_read(lines, &is_read));
        watched.until(|| is_read.load(Ordering::Acquire))
    })?;
    if !is_read.into_inner() {
        bail!("`vinculo run` ended before it had read the file");
    }
    let mut table = Table::new(&["records", "file MB", "read and sealed, s", "our CPU s", "our peak MB", "bound MB"]);
    table.row([
        count(records),
        megabytes(bytes),
        seconds(usage.wall.as_secs_f64()),
        seconds(usage.cpu.as_secs_f64()),
        megabytes(usage.peak),
        megabytes(BOUND_BYTES),
    ]);
    let verdict = if usage.peak < BOUND_BYTES { "The bound is kept." } else { "**The bound is broken.**" };
    Ok(format!("{}\n{verdict}\n", table.finish()))
}

/// Writes a project with so many persons into the folder; gives the size of its file.
fn generate(setting: &Setting<'_>, folder: &Path, records: u64) -> Result<u64> {
    let (out, records) = (folder.to_str().context("the path of the folder is Unicode")?, records.to_string());
    setting.generate(&["bench", "--organizations", "0", "--records", &records, "--out", out])?;
    let file = folder.join(format!("{SOURCE}.csv"));
    Ok(fs::metadata(&file).with_context(|| file.display().to_string())?.len())
}

/// Passes on what the program says, and notes the line by which it tells that the source is read and sealed.
fn tell_when_read(lines: impl BufRead, is_read: &AtomicBool) {
    let read = format!("reading {SOURCE} ");
    for line in lines.lines().map_while(Result::ok) {
        eprintln!("{line}");
        if line.starts_with(&read) {
            is_read.store(true, Ordering::Release);
        }
    }
}
