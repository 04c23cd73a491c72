//! What a connector says of itself.

use crate::{ConnectorError, Options};

/// A connector's name, options and capabilities; `vinculo.yaml` is checked and documented from it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spec {
    /// The value of `connector:` in `vinculo.yaml`.
    pub kind: &'static str,
    /// What it reads, in a sentence.
    pub meaning: &'static str,
    /// Its own keys.
    pub options: &'static [OptionSpec],
    /// What it is capable of.
    pub capabilities: Capabilities,
}

impl Spec {
    /// The option of this name.
    pub fn option(&self, key: &str) -> Option<&'static OptionSpec> {
        self.options.iter().find(|option| option.key == key)
    }

    /// Refuses keys that the connector does not have, and misses those that it must have.
    ///
    /// # Errors
    /// [`ConnectorError::Config`] with the key.
    pub fn check_keys(&self, options: &Options) -> Result<(), ConnectorError> {
        if let Some(key) = options.keys().find(|key| self.option(key).is_none()) {
            let known: Vec<_> = self.options.iter().map(|option| option.key).collect();
            let fault = format!("is no option of the {} connector, which has {}", self.kind, known.join(", "));
            return Err(ConnectorError::config(key, fault));
        }
        match self.options.iter().find(|o| o.required && !options.contains_key(o.key)) {
            Some(missing) => Err(ConnectorError::config(missing.key, format!("is missing: {}", missing.meaning))),
            None => Ok(()),
        }
    }
}

/// One key of a connector in `vinculo.yaml`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OptionSpec {
    /// The key.
    pub key: &'static str,
    /// What it means, in a sentence; also what is assumed when it is left out.
    pub meaning: &'static str,
    /// A value as it would stand in `vinculo.yaml`.
    pub example: &'static str,
    /// Whether it must be there.
    pub required: bool,
}

/// What a connector is capable of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Capabilities {
    /// Whether a read may give only what changed since an earlier one.
    pub incremental: bool,
    /// How the source tells of deleted records.
    pub deletes: Deletes,
    /// Whether a read goes on from a checkpoint.
    pub resumable: bool,
    /// Whether the source wants to be told what is durable.
    pub acknowledges: bool,
}

/// How a source tells of deleted records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deletes {
    /// Not at all.
    Never,
    /// By absence from a full snapshot.
    Absence,
    /// By records that say so.
    Tombstones,
}
