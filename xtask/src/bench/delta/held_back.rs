//! Records that a store is not filled with, so that they can come later.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};
use csv::StringRecord;

/// The sources of the generated project.
const SOURCES: [&str; 2] = ["persons", "organizations"];
/// The column that says when a record changed, and the column that deltas change.
const UPDATED_AT: &str = "updated_at";
const CHANGED: &str = "city";
/// When the changed records of deltas changed: later than any generated one.
const CHANGED_AT: &str = "2030-01-01T00:00:00";

/// Some records of one source.
pub struct HeldBack {
    source: &'static str,
    headers: StringRecord,
    /// Of all records that there were, the share that this source had.
    share: f64,
    /// Records that the store does not know.
    new: Vec<StringRecord>,
    /// Records that it does know.
    known: Vec<StringRecord>,
}

impl HeldBack {
    /// Takes one of so many records out of the files of all sources, and remembers as many of the others.
    pub fn from_each_source(folder: &Path, one_of: usize) -> Result<Vec<Self>> {
        let taken: Result<Vec<(Self, usize)>> =
            SOURCES.iter().map(|source| Self::take(folder, source, one_of)).collect();
        let taken = taken?;
        let all: usize = taken.iter().map(|(_, records)| records).sum();
        let with_share = |(held, records): (Self, usize)| Self { share: records as f64 / all.max(1) as f64, ..held };
        Ok(taken.into_iter().map(with_share).collect())
    }

    fn take(folder: &Path, source: &'static str, one_of: usize) -> Result<(Self, usize)> {
        let (path, rest) = (folder.join(format!("{source}.csv")), folder.join("rest"));
        let mut reader = csv::Reader::from_path(&path).with_context(|| path.display().to_string())?;
        let mut held =
            Self { source, headers: reader.headers()?.clone(), share: 0.0, new: Vec::new(), known: Vec::new() };
        let mut writer = csv::Writer::from_path(&rest)?;
        writer.write_record(&held.headers)?;
        let mut records = 0;
        for row in reader.records() {
            let row = row?;
            match records % one_of {
                0 => held.new.push(row),
                at => {
                    writer.write_record(&row)?;
                    if at == 1 {
                        held.known.push(row);
                    }
                }
            }
            records += 1;
        }
        writer.flush()?;
        fs::rename(rest, path)?;
        Ok((held, records))
    }

    /// Whether these are records of this source.
    pub fn is(&self, source: &str) -> bool {
        self.source == source
    }

    /// Writes files that hold nothing but a delta: half of it new, half of it known and changed.
    pub fn write_delta(sources: &mut [Self], folder: &Path, records: usize) -> Result<()> {
        for source in sources {
            let half = (records as f64 * source.share / 2.0).round() as usize;
            let mut writer = csv::Writer::from_path(folder.join(format!("{}.csv", source.source)))?;
            writer.write_record(&source.headers)?;
            for row in source.take_new(half) {
                writer.write_record(&row)?;
            }
            for row in source.take_changed(half) {
                writer.write_record(&row)?;
            }
            writer.flush()?;
        }
        Ok(())
    }

    /// New records as lines of JSON, with the columns of their source.
    pub fn new_lines(&mut self, records: usize) -> Result<Vec<String>> {
        let rows = self.take_new(records);
        self.lines(&rows)
    }

    /// Known records that changed, in the same way.
    pub fn changed_lines(&mut self, records: usize) -> Result<Vec<String>> {
        let rows = self.take_changed(records);
        self.lines(&rows)
    }

    fn lines(&self, rows: &[StringRecord]) -> Result<Vec<String>> {
        let line = |row: &StringRecord| {
            let cells: serde_json::Map<String, serde_json::Value> =
                self.headers.iter().zip(row).map(|(header, cell)| (header.to_owned(), cell.into())).collect();
            Ok(format!("{}\n", serde_json::to_string(&cells)?))
        };
        rows.iter().map(line).collect()
    }

    fn take_new(&mut self, records: usize) -> Vec<StringRecord> {
        self.new.split_off(self.new.len().saturating_sub(records))
    }

    /// Known records as they are after they changed: of a later day, and without one of their values.
    fn take_changed(&mut self, records: usize) -> Vec<StringRecord> {
        let known = self.known.split_off(self.known.len().saturating_sub(records));
        let changed = |row: &StringRecord| {
            let cells = self.headers.iter().zip(row).map(|(header, cell)| match header {
                UPDATED_AT => CHANGED_AT,
                CHANGED => "",
                _ => cell,
            });
            cells.collect()
        };
        known.iter().map(changed).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_held_back_is_in_no_file_until_it_comes() -> Result<()> {
        let folder = tempfile::tempdir()?;
        let rows = |from: usize, to: usize| -> String {
            (from..to).map(|id| format!("{id},Recife,2024-01-01T00:00:00\n")).collect()
        };
        for source in SOURCES {
            fs::write(folder.path().join(format!("{source}.csv")), format!("id,city,updated_at\n{}", rows(0, 8)))?;
        }
        let mut sources = HeldBack::from_each_source(folder.path(), 4)?;
        let read = |source: &str| fs::read_to_string(folder.path().join(format!("{source}.csv")));
        assert_eq!(read("persons")?, format!("id,city,updated_at\n{}{}", rows(1, 4), rows(5, 8)));
        HeldBack::write_delta(&mut sources, folder.path(), 4)?;
        let delta = "id,city,updated_at\n4,Recife,2024-01-01T00:00:00\n5,,2030-01-01T00:00:00\n";
        assert_eq!(read("organizations")?, delta);
        let lines = sources[0].new_lines(5)?;
        assert_eq!(lines, ["{\"city\":\"Recife\",\"id\":\"0\",\"updated_at\":\"2024-01-01T00:00:00\"}\n"]);
        let lines = sources[0].changed_lines(5)?;
        assert_eq!(lines, ["{\"city\":\"\",\"id\":\"1\",\"updated_at\":\"2030-01-01T00:00:00\"}\n"]);
        Ok(())
    }
}
