//! What can go wrong with the database, told without a single value.
//!
//! Postgres writes values of rows into its messages and details, so neither is ever kept: an error holds the SQLSTATE,
//! the constraint and what was being done. The messages of our own SQLSTATEs hold none.

use crate::lease::Holder;
use std::borrow::Cow;
use std::fmt::Write as _;
use std::io::ErrorKind;

/// SQLSTATE of our own functions: what was handed over contradicts itself or what stands; the message says how.
const CONTRADICTION: &str = "VC001";
/// SQLSTATE of our own functions: somebody else has published.
const OVERTAKEN: &str = "VC002";

/// The result of anything that the store does.
pub type Result<T, E = StoreError> = std::result::Result<T, E>;

/// Why the store could not do what it was asked to do.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// Another command holds the lease.
    #[error("another run is working on this database: {0}; try again when it has ended")]
    Busy(Holder),
    /// The lease was taken over while this command showed no sign of life.
    #[error(
        "another command has taken over this database, since this one showed no sign of life; it wrote nothing more \
         ({doing})"
    )]
    LeaseLost {
        /// What was being done.
        doing: &'static str,
    },
    /// The server has no room left.
    #[error("the disk of the database is full ({doing}); nothing is lost: make room, and run again")]
    Full {
        /// What was being done.
        doing: &'static str,
    },
    /// Somebody else has published in between.
    #[error("another publication came first; what was worked out no longer fits what is published")]
    Overtaken,
    /// A schema of one of our names was made by someone else.
    #[error("schema {schema} of this database was not made by Vinculo; give it a database of its own")]
    ForeignSchema {
        /// The schema's name.
        schema: &'static str,
    },
    /// The server is too old.
    #[error("the server is Postgres {found}, 15 or later is needed")]
    UnsupportedVersion {
        /// Its major version.
        found: i32,
    },
    /// A later program has migrated this database, or a migration was altered.
    #[error("the database was made by another version of Vinculo (migration {migration})")]
    OtherProgram {
        /// The migration that this program does not know.
        migration: i64,
    },
    /// The database has not been prepared.
    #[error("the database holds no Vinculo project yet")]
    NotPrepared,
    /// The connection string cannot be read.
    #[error("the database's connection string cannot be read; it looks like postgres://user@host/database")]
    InvalidUrl,
    /// The server cannot be reached, or the connection was lost.
    #[error("lost the database while {doing}: {reason}; nothing is left half done: see that it runs, and try again")]
    Connection {
        /// What was being done.
        doing: &'static str,
        /// Why, in general terms.
        reason: String,
    },
    /// Postgres refused a statement.
    #[error("the database refused {doing}: SQLSTATE {code}{}", in_constraint(.constraint))]
    Database {
        /// What was being done.
        doing: &'static str,
        /// The SQLSTATE.
        code: String,
        /// The constraint that stood in the way, if one did.
        constraint: Option<String>,
    },
    /// The server's answer could not be understood.
    #[error("the database gave an unexpected answer while {doing}")]
    Unexpected {
        /// What was being done.
        doing: &'static str,
    },
    /// A text holds NUL, which Postgres cannot store.
    #[error("a text with a NUL character cannot be stored ({doing})")]
    Nul {
        /// What was being done.
        doing: &'static str,
    },
    /// The system gives no random bytes.
    #[error("the system gives no random bytes, which the audit chain needs")]
    NoRandomness,
    /// A key or an identifier is too long to be indexed.
    #[error("{what} is longer than {limit} bytes")]
    TooLong {
        /// What is too long: never its content.
        what: &'static str,
        /// The limit.
        limit: usize,
    },
    /// The delivery is sealed or refused already.
    #[error("delivery {delivery} is not open")]
    NotOpen {
        /// The delivery.
        delivery: i64,
    },
    /// A record cannot come alone while a delivery brings it.
    #[error("a run has begun to read this source and has not ended; let `vinculo run` end it first")]
    SourceIsRead,
    /// Rows read and rows accounted for differ.
    #[error("delivery {delivery} does not add up: {read} rows read, {accounted} accounted for")]
    Unbalanced {
        /// The delivery.
        delivery: i64,
        /// Rows that the reader counted.
        read: u64,
        /// Rows that came to some end.
        accounted: u64,
    },
    /// What the caller handed over contradicts itself or the state of the database.
    #[error("refused to write a contradiction: {what}")]
    Inconsistent {
        /// What does not fit: never a value.
        what: Cow<'static, str>,
    },
}

fn in_constraint(constraint: &Option<String>) -> String {
    let mut text = String::new();
    if let Some(name) = constraint {
        let _ = write!(text, ", constraint {name}");
    }
    text
}

impl StoreError {
    /// Whether the same call may succeed later: locks, lost connections, a full disk, a server that restarts.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Busy(_) | Self::LeaseLost { .. } | Self::Overtaken => true,
            Self::Full { .. } | Self::Connection { .. } => true,
            Self::Database { code, .. } => {
                matches!(code.as_str(), "40001" | "40P01" | "55P03" | "57014")
                    || ["08", "53", "57P"].iter().any(|class| code.starts_with(class))
            }
            _ => false,
        }
    }

    /// Whether another session was in the way, so that the same transaction may succeed now.
    pub(crate) fn is_contention(&self) -> bool {
        matches!(self, Self::Database { code, .. } if matches!(code.as_str(), "40001" | "40P01" | "55P03"))
    }

    /// Whether the server is gone, or somebody else writes there now, so that there is nobody left to tell anything.
    pub fn is_lost(&self) -> bool {
        match self {
            Self::Connection { .. } | Self::LeaseLost { .. } => true,
            Self::Database { code, .. } => code.starts_with("08"),
            _ => false,
        }
    }

    /// Whether the user of the database lacks a right (SQLSTATE 42501).
    pub fn is_missing_privilege(&self) -> bool {
        matches!(self, Self::Database { code, .. } if code == "42501")
    }

    pub(crate) fn new(error: sqlx::Error, doing: &'static str) -> Self {
        let lost = |reason: &str| Self::Connection { doing, reason: reason.to_owned() };
        match error {
            sqlx::Error::Database(error) if error.code().is_some_and(|code| code.starts_with("57P")) => {
                lost("the server is shutting down or starting")
            }
            sqlx::Error::Database(error) if error.code().is_some_and(|code| code == "53100") => Self::Full { doing },
            sqlx::Error::Database(error) if error.code().is_some_and(|code| code == CONTRADICTION) => {
                Self::Inconsistent { what: error.message().to_owned().into() }
            }
            sqlx::Error::Database(error) if error.code().is_some_and(|code| code == OVERTAKEN) => Self::Overtaken,
            sqlx::Error::Database(error) => Self::Database {
                doing,
                code: error.code().map_or_else(String::new, |code| code.into_owned()),
                constraint: error.constraint().map(str::to_owned),
            },
            sqlx::Error::Io(error) => match error.kind() {
                ErrorKind::NotFound | ErrorKind::ConnectionRefused => lost("nothing answers at its address"),
                kind => lost(&kind.to_string()),
            },
            sqlx::Error::Tls(_) => lost("no secure connection"),
            sqlx::Error::PoolTimedOut => lost("the server gives no connection"),
            sqlx::Error::PoolClosed | sqlx::Error::WorkerCrashed | sqlx::Error::BeginFailed => {
                lost("connection closed")
            }
            sqlx::Error::Configuration(_) => Self::InvalidUrl,
            _ => Self::Unexpected { doing },
        }
    }
}

/// Turns an error of the driver into ours, with what was being done.
pub(crate) trait Doing<T> {
    /// Adds what was being done: a present participle with its object, "landing rows".
    fn doing(self, doing: &'static str) -> Result<T>;
}

impl<T> Doing<T> for std::result::Result<T, sqlx::Error> {
    fn doing(self, doing: &'static str) -> Result<T> {
        self.map_err(|error| StoreError::new(error, doing))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_may_pass_is_transient() {
        let refused = |code: &str| StoreError::Database { doing: "testing", code: code.into(), constraint: None };
        for code in ["40001", "40P01", "55P03", "53200", "53300", "57P01", "57P03", "08006"] {
            assert!(refused(code).is_transient(), "{code}");
        }
        for code in ["23505", "42501", "22021", "42P01"] {
            assert!(!refused(code).is_transient(), "{code}");
        }
        assert!(refused("08006").is_lost() && !refused("40001").is_lost());
        assert!(StoreError::LeaseLost { doing: "testing" }.is_lost());
        assert!(refused("40P01").is_contention() && !refused("53300").is_contention());
        assert!(StoreError::Overtaken.is_transient() && !StoreError::NotPrepared.is_transient());
    }
}
