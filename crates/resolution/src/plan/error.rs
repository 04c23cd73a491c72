//! Why a plan is refused.

use thiserror::Error;

/// A setting that no plan can be built from.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum PlanError {
    /// A comparison that does not exist, or whose attributes no source has.
    #[error("no source has what the comparison `{name}` compares")]
    UnknownComparison {
        /// The name in the settings.
        name: String,
    },
    /// The same thing twice.
    #[error("`{name}` is listed twice")]
    Twice {
        /// The name in the settings.
        name: String,
    },
    /// One half of a name.
    #[error("`given_name` and `family_name` are compared together or not at all")]
    HalfName,
    /// An empty list of comparisons.
    #[error("there is nothing to compare")]
    NothingToCompare,
    /// More comparisons than a vector holds.
    #[error("{found} comparisons are more than the {most} that a plan can have")]
    TooManyComparisons {
        /// How many there are.
        found: usize,
        /// How many there may be.
        most: usize,
    },
    /// A part of a blocking key that does not exist.
    #[error("`{name}` is no part of a blocking key")]
    UnknownKeyPart {
        /// The name in the settings.
        name: String,
    },
    /// A blocking rule of nothing.
    #[error("a blocking rule needs at least one part under `on`")]
    EmptyRule,
    /// An attribute that does not exist.
    #[error("there is no attribute `{name}`")]
    UnknownAttribute {
        /// The name in the settings.
        name: String,
    },
    /// An attribute that many customers share by its nature.
    #[error("`{name}` cannot be an exclusive identifier")]
    NotAnIdentifier {
        /// The name in the settings.
        name: String,
    },
    /// A number that is no probability.
    #[error("`{setting}` must be greater than 0 and less than 1")]
    NotAProbability {
        /// The setting.
        setting: &'static str,
    },
    /// A limit of nothing.
    #[error("`{setting}` must be at least 1")]
    Zero {
        /// The setting.
        setting: &'static str,
    },
}
