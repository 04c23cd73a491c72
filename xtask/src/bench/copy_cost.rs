//! Loads the tables of a run once more, with nothing but COPY and CREATE INDEX: what Postgres alone needs.

use std::process::Stdio;

use anyhow::{Context as _, Result, bail};
use serde::Deserialize;

use super::setting::Setting;

/// Asks for one line of CSV a table.
const SCRIPT: &str = include_str!("copy_cost.sql");

/// What loading one table costs.
#[derive(Debug, Deserialize)]
pub struct TableCost {
    /// Schema and name.
    pub name: String,
    /// Rows.
    pub rows: u64,
    /// Bytes of heap and indexes.
    pub bytes: u64,
    copy_seconds: f64,
    index_seconds: f64,
    commit_seconds: f64,
}

impl TableCost {
    /// Seconds for the rows, with their commit.
    pub fn copy(&self) -> f64 {
        self.copy_seconds + self.commit_seconds
    }

    /// Seconds for all indexes.
    pub fn index(&self) -> f64 {
        self.index_seconds
    }

    /// Seconds in all.
    pub fn seconds(&self) -> f64 {
        self.copy() + self.index()
    }
}

/// Loads the tables of this database that hold a thousand rows or more, and gives each one's cost, the dearest first.
pub fn measure(setting: &Setting<'_>, database: &str) -> Result<Vec<TableCost>> {
    // As a file: a script given as one argument would be one transaction, and could not commit each table.
    let script = setting.folder("copy_cost")?.join("copy_cost.sql");
    std::fs::write(&script, SCRIPT)?;
    let mut psql = setting.psql(database, &["--csv", "--file"])?;
    let output = psql.arg(&script).stderr(Stdio::inherit()).output().context("psql cannot be started")?;
    if !output.status.success() {
        bail!("psql ended with {}", output.status);
    }
    let mut rows = csv::Reader::from_reader(&output.stdout[..]);
    Ok(rows.deserialize().collect::<Result<_, _>>()?)
}
