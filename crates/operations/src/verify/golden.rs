//! The golden values that records have, worked out again as publishing does.

use crate::population::Population;
use crate::publish::GoldenRules;
use vinculo_records::{AttributeId, ContentHash, VersionId};

/// A golden value: its attribute, its text, the version that gave it, the number of the rule that chose it.
pub(super) type Golden = (AttributeId, String, VersionId, u8);

/// The hash and the golden values of the customer that these records are, by their positions in the population.
pub(super) fn golden(rules: &GoldenRules, population: &Population, positions: &[u32]) -> (ContentHash, Vec<Golden>) {
    let mut members = positions.to_vec();
    members.sort_unstable_by_key(|&member| population.hashes[member as usize]);
    rules.golden(population, &members, |row| {
        let mut values = row.values.to_vec();
        // Of an attribute with one value, the row shows the first.
        values.dedup_by(|later, first| {
            later.attribute == first.attribute && !rules.attributes.is_multi_valued(first.attribute)
        });
        let version = |place: u16| row.lineage_versions[usize::from(place)];
        let shown = values
            .iter()
            .map(|value| (value.attribute, value.text.to_owned(), version(value.version), value.rule as u8));
        (row.content_hash, shown.collect())
    })
}
