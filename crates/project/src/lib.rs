//! `vinculo.yaml`: its types, its checking, and messages that say where and what.
//!
//! | module | what it does |
//! |---|---|
//! | `project` | a project as a whole: reading, checking, fingerprint, redacted form |
//! | `source`, `field` | sources, and which columns give which attributes |
//! | `attributes` | attributes that the project declares |
//! | `resolution`, `survivorship` | settings of matching, and of choosing values |
//! | `problem` | problems with their places, all at once |
//! | `recognition` | what the columns of a file mean, and a first draft of a project |
//! | `keys`, `reference` | the table of keys, and the reference printed from it |
//! | `yaml`, `variable`, `section` | the tree with places, variables in it, reading values out of it |
//! | `country`, `date_format`, `secret`, `fingerprint` | what the checks and records need to know |

mod attributes;
mod country;
mod date_format;
mod field;
mod fingerprint;
mod keys;
mod problem;
mod project;
pub mod recognition;
mod reference;
mod resolution;
mod secret;
mod section;
mod source;
mod survivorship;
mod variable;
mod yaml;

pub use field::{DecimalMark, Field};
pub use problem::{Place, Problem, ProjectErrors};
pub use project::Project;
pub use reference::{CONNECTOR_HEADING, ConnectorReference, reference};
pub use resolution::{BlockingSettings, COMPARISONS, KEY_PARTS, OrganizationUnit, ResolutionSettings};
pub use source::{ColumnDate, ConnectorKeys, DeletedRule, Delivery, RecordKindRule, Source};
pub use survivorship::SurvivorshipSettings;
pub use variable::Variables;
