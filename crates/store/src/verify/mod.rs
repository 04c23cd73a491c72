//! What must always hold, as queries: each gives the ids of what breaks it, and none where it holds.
//!
//! | module | about |
//! |---|---|
//! | `landing` | deliveries, versions, current records, rejected rows |
//! | `customers` | who belongs to whom, and where values came from |
//! | `ids` | ids that last, and their history |
//! | `feed` | the change feed and its publications |
//! | `decisions` | what joined records, and what people judged |
//! | `keys` | by which records are found |
//! | `work` | runs, counters, the schema itself |
//! | `snapshot`, `stored` | the one state that all of them look at, and customers taken apart |
//!
//! A query never gives a value: ids are numbers of the store or ids of customers.

mod customers;
mod decisions;
mod feed;
mod ids;
mod keys;
mod landing;
mod snapshot;
mod stored;
mod work;

pub use snapshot::{LastResolution, SampledRecord, Snapshot, StoredMember};
pub use stored::{StoredCustomer, StoredValue};

/// How many examples of what breaks a check are named.
pub const EXAMPLES_MAX: usize = 5;

/// Something that must always hold, and that queries can look at.
#[derive(Debug, Clone, Copy)]
pub struct Check {
    /// Its name, for scripts.
    pub name: &'static str,
    /// What must hold, in a sentence.
    pub rule: &'static str,
    /// What is looked at, in the plural.
    pub of: &'static str,
    /// What an example names: `record` for the number of a record.
    pub names: &'static str,
    /// Counts what is looked at.
    count: &'static str,
    /// Gives one row, with its id alone, for each that breaks the rule.
    broken: &'static str,
}

/// What a check found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Found {
    /// How many were looked at.
    pub looked_at: u64,
    /// How many break the rule.
    pub broken: u64,
    /// Ids of a few that do.
    pub examples: Vec<String>,
}

impl Found {
    /// Counts one that breaks the rule.
    pub fn add(&mut self, id: impl ToString) {
        self.broken += 1;
        if self.examples.len() < EXAMPLES_MAX {
            self.examples.push(id.to_string());
        }
    }
}

/// All checks that are queries, in the order in which they are shown.
pub fn checks() -> impl Iterator<Item = &'static Check> {
    [work::CHECKS, landing::CHECKS, customers::CHECKS, ids::CHECKS, feed::CHECKS, decisions::CHECKS, keys::CHECKS]
        .into_iter()
        .flatten()
}

/// Deliveries that a published resolution has taken in, of sources whose records follow the mapping of that day: what is
/// published can be held against their records alone. Others wait for the next run.
/// None while a publication stands taken back: customers are then those of before it, and records, judgements and settings
/// those of after it, until the next one.
macro_rules! published_deliveries {
    () => {
        "(SELECT d.delivery_id FROM vinculo.delivery d JOIN vinculo.source s USING (source_id)
          WHERE d.state = 'sealed' AND d.resolved AND s.fingerprint = (
              SELECT n.fingerprint FROM vinculo.delivery n WHERE n.source_id = s.source_id AND n.resolved
              ORDER BY n.delivery_id DESC LIMIT 1)
          AND NOT EXISTS (SELECT FROM (
              SELECT takes_back FROM vinculo.publication ORDER BY publication DESC LIMIT 1) last
              WHERE last.takes_back IS NOT NULL))"
    };
}
use published_deliveries;

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn every_check_has_a_name_of_its_own_and_says_what_must_hold() {
        let names: HashSet<&str> = checks().map(|check| check.name).collect();
        assert_eq!(names.len(), checks().count());
        for check in checks() {
            assert!(check.name.chars().all(|c| c.is_ascii_lowercase() || c == '_'), "{}", check.name);
            assert!(check.rule.ends_with('.'), "{}", check.name);
        }
    }
}
