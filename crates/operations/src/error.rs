//! Why a use case fails, by what the caller may do about it.

use vinculo_connector::ConnectorError;
use vinculo_project::ProjectErrors;
use vinculo_store::StoreError;

/// Why a use case fails.
#[derive(Debug, thiserror::Error)]
pub enum OperationError {
    /// `vinculo.yaml` is wrong.
    #[error(transparent)]
    Project(#[from] ProjectErrors),
    /// The configuration or the command is wrong.
    #[error("{0}")]
    Configuration(String),
    /// A source could not be read.
    #[error(transparent)]
    Connector(#[from] ConnectorError),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A file of the user could not be read or written.
    #[error("{path}: {fault}")]
    File {
        /// The file.
        path: String,
        /// What is wrong with it, with a line where there is one.
        fault: String,
    },
    /// What was asked about does not exist.
    #[error("{0}")]
    NotFound(String),
    /// A part of the program broke: a panic in a worker.
    #[error("internal error: {0}")]
    Internal(String),
}

/// What the caller may do about a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Remedy {
    /// Correct the configuration or the command.
    Correct,
    /// Try again later.
    Retry,
    /// Look into it.
    Investigate,
}

impl Remedy {
    /// What the caller may do about a failure of the database.
    pub fn of_store(error: &StoreError) -> Self {
        match error {
            StoreError::InvalidUrl
            | StoreError::ForeignSchema { .. }
            | StoreError::UnsupportedVersion { .. }
            | StoreError::OtherProgram { .. } => Self::Correct,
            error if error.is_transient() => Self::Retry,
            _ => Self::Investigate,
        }
    }
}

impl OperationError {
    /// What the caller may do about it.
    pub fn remedy(&self) -> Remedy {
        match self {
            Self::Project(_) | Self::Configuration(_) | Self::Connector(ConnectorError::Config { .. }) => {
                Remedy::Correct
            }
            Self::Connector(ConnectorError::Transient { .. }) => Remedy::Retry,
            Self::Store(error) => Remedy::of_store(error),
            _ => Remedy::Investigate,
        }
    }
}

impl From<tokio::task::JoinError> for OperationError {
    fn from(error: tokio::task::JoinError) -> Self {
        // The panic's own message may hold a value, so it is not repeated.
        Self::Internal(if error.is_panic() { "a worker panicked".into() } else { "a worker was stopped".into() })
    }
}
