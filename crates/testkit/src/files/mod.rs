//! Entries written into files, in the formats of the systems that hold them, with the truth beside them.

pub mod loja;
pub mod register;
pub mod scatter;
pub mod truth;

use std::path::PathBuf;

/// Why files could not be written.
#[derive(Debug, thiserror::Error)]
pub enum GenerateError {
    /// A file could not be made or written.
    #[error("cannot write {path}")]
    File {
        /// Which file.
        path: PathBuf,
        /// What the operating system says.
        source: std::io::Error,
    },
    /// A temporary file could not be used.
    #[error("cannot use a temporary file")]
    Temporary(#[from] std::io::Error),
    /// The workbook could not be made.
    #[error("cannot write the workbook {path}")]
    Workbook {
        /// Which file.
        path: PathBuf,
        /// What the library says.
        source: rust_xlsxwriter::XlsxError,
    },
    /// The shop is asked for more than fits one workbook and memory.
    #[error("the shop has at most {limit} records; use the benchmark's files for more")]
    TooMany {
        /// The limit.
        limit: u64,
    },
}

impl GenerateError {
    /// Turns an error of the operating system into one that names the file.
    fn file(path: &std::path::Path) -> impl Fn(std::io::Error) -> Self + '_ {
        |source| Self::File { path: path.to_owned(), source }
    }

    /// The same for the CSV writer.
    fn csv(path: &std::path::Path) -> impl Fn(csv::Error) -> Self + '_ {
        |error| Self::File { path: path.to_owned(), source: error.into() }
    }
}
