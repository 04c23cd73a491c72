//! The golden values that records have, worked out again as publishing does.

use crate::population::Population;
use crate::publish::{Trusts, names};
use vinculo_project::Source;
use vinculo_records::{AttributeId, Attributes, ContentHash, RecordId, VersionId};
use vinculo_resolution::survivorship::{Member, SurvivorshipPlan, golden_record};
use vinculo_store::{CustomerValue, LINEAGE_VERSIONS_MAX, customer_hash};

/// A golden value: its attribute, its text, the version that gave it, the number of the rule that chose it.
pub(super) type Golden = (AttributeId, String, VersionId, u8);

/// What golden values hang on beside the records.
pub(super) struct Survivorship<'a> {
    pub(super) plan: &'a SurvivorshipPlan,
    pub(super) trusts: &'a Trusts,
    pub(super) attributes: &'a Attributes,
}

impl Survivorship<'_> {
    /// The hash and the golden values of the customer that these records are, by their positions in the population.
    pub(super) fn golden(&self, population: &Population, positions: &[u32]) -> (ContentHash, Vec<Golden>) {
        let mut members: Vec<usize> = positions.iter().map(|&position| position as usize).collect();
        members.sort_unstable_by_key(|&member| population.hashes[member]);
        let mut records: Vec<RecordId> = members.iter().map(|&member| population.records[member]).collect();
        records.sort_unstable();
        members.truncate(LINEAGE_VERSIONS_MAX);
        let trust = |member: usize| self.trusts.get(&population.sources[member]).copied().unwrap_or(Source::TRUST);
        let said: Vec<Member<'_>> = members
            .iter()
            .map(|&member| Member { view: population.packed.get(member), trust: trust(member) })
            .collect();
        let mut versions: Vec<VersionId> = Vec::new();
        let mut values = Vec::new();
        let golden = golden_record(self.plan, &said);
        for value in &golden {
            let version = population.versions[members[value.member as usize]];
            let place = versions.iter().position(|known| *known == version).unwrap_or_else(|| {
                versions.push(version);
                versions.len() - 1
            });
            let (attribute, text, rule) = (value.attribute, value.text, value.rule);
            values.push(CustomerValue { attribute, text, version: place as u16, rule });
        }
        let called = names::names(population.kind, &values);
        names::put(&called, &mut values);
        let hash = customer_hash(population.kind, &records, &versions, &values);
        // Of an attribute with one value, the row shows the first.
        values.dedup_by(|later, first| {
            later.attribute == first.attribute && !self.attributes.is_multi_valued(first.attribute)
        });
        let shown = values.iter().map(|value| {
            (value.attribute, value.text.to_owned(), versions[usize::from(value.version)], value.rule as u8)
        });
        (hash, shown.collect())
    }
}
