//! What a project may set by hand under `resolution:`; everything has a sensible value when it is left out.

use serde::{Deserialize, Serialize};

/// What counts as one organization.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OrganizationUnit {
    /// A site: two branches of one company are two customers.
    #[default]
    Establishment,
    /// A company: its branches are one customer.
    Company,
}

/// Settings of resolution, as `vinculo.yaml` has them.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// What is compared, by name; all that the columns allow when left out.
    pub comparisons: Option<Vec<String>>,
    /// How candidate pairs are found; derived from the columns when left out.
    pub blocking: Option<Vec<RuleSettings>>,
    /// Attributes of which a customer has at most one value, beside valid tax identifiers.
    pub exclusive: Vec<String>,
    /// What counts as one organization.
    pub organization: OrganizationUnit,
    /// The mean match probability from which two clusters join, above 0 and below 1.
    pub join_probability: Option<f64>,
    /// The match probability from which a pair that stays apart is kept for review.
    pub review_probability: Option<f64>,
    /// How many candidate pairs a record may have on average.
    pub pairs_per_record: Option<u32>,
    /// The largest block that is compared pair by pair.
    pub block_limit: Option<u32>,
}

/// One blocking rule: records that agree on all of these are compared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RuleSettings {
    /// What must agree, by name of the key parts.
    pub on: Vec<String>,
    /// What must agree as well where too many records agree on the first, in order.
    #[serde(default)]
    pub refine: Vec<String>,
}
