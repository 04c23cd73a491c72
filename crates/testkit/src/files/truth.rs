//! `truth.csv`: which entity each record truly speaks of.

use super::GenerateError;
use crate::world::Entity;
use std::fs::File;
use std::io::BufWriter;
use std::path::{Path, PathBuf};

/// Writes `source,source_key,entity`, a line for every record that can be read.
#[derive(Debug)]
pub struct TruthFile {
    path: PathBuf,
    lines: csv::Writer<BufWriter<File>>,
}

impl TruthFile {
    /// Makes `truth.csv` in this folder.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn create(folder: &Path) -> Result<Self, GenerateError> {
        let path = folder.join("truth.csv");
        let file = File::create(&path).map_err(GenerateError::file(&path))?;
        let mut lines = csv::Writer::from_writer(BufWriter::new(file));
        lines.write_record(["source", "source_key", "entity"]).map_err(GenerateError::csv(&path))?;
        Ok(Self { path, lines })
    }

    /// Adds a record.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn add(&mut self, source: &str, key: &str, entity: Entity) -> Result<(), GenerateError> {
        let line = [source, key, &entity.to_string()];
        self.lines.write_record(line).map_err(GenerateError::csv(&self.path))
    }

    /// Writes what is still in memory.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn finish(mut self) -> Result<(), GenerateError> {
        self.lines.flush().map_err(GenerateError::file(&self.path))
    }
}
