//! The golden values of a customer, from the records that it is.

use super::names;
use crate::error::OperationError;
use crate::population::Population;
use crate::session::Session;
use crate::settings;
use rustc_hash::FxHashMap;
use uuid::Uuid;
use vinculo_project::{Project, Source};
use vinculo_records::{Attributes, CustomerId, RecordId, SourceId, VersionId};
use vinculo_resolution::survivorship::{Member, SurvivorshipPlan, golden_record};
use vinculo_store::{CustomerRow, CustomerValue, LINEAGE_VERSIONS_MAX, SourceRow, customer_hash};

/// By what golden records are made of clusters.
pub(crate) struct GoldenRules {
    pub(crate) attributes: Attributes,
    survivorship: SurvivorshipPlan,
    /// What survivorship makes of each source.
    trusts: FxHashMap<SourceId, u8>,
    pub(super) source_names: FxHashMap<SourceId, String>,
}

impl GoldenRules {
    /// The rules of the project for all sources that were ever read; `rows` are its own, also those that are only foreseen.
    ///
    /// # Errors
    /// As [`GoldenRules::new`]; a store that cannot be read.
    pub(crate) async fn read(session: &Session, rows: &[SourceRow]) -> Result<Self, OperationError> {
        let mut sources = session.store.sources().await?;
        sources.extend_from_slice(rows);
        Self::new(&session.bench.project, &sources)
    }

    /// The rules of a project for records of these sources; those that it no longer has are trusted as any.
    ///
    /// # Errors
    /// Rules by which an attribute cannot be chosen.
    pub(crate) fn new(project: &Project, sources: &[SourceRow]) -> Result<Self, OperationError> {
        let trust = |row: &SourceRow| Some((row.id, project.source(&row.name)?.trust));
        Ok(Self {
            attributes: project.attributes.clone(),
            survivorship: settings::survivorship(project)?,
            trusts: sources.iter().filter_map(trust).collect(),
            source_names: sources.iter().map(|row| (row.id, row.name.clone())).collect(),
        })
    }

    /// Gives the state of the customer that these records are to `then`; its id, version and change are the caller's to
    /// set. `members` are positions in the population, in the order of their hashes.
    pub(crate) fn golden<T>(
        &self,
        population: &Population,
        members: &[u32],
        then: impl FnOnce(CustomerRow<'_>) -> T,
    ) -> T {
        // Lineage names at most so many versions; values are chosen among these, so that none is without its source.
        let giving = &members[..members.len().min(LINEAGE_VERSIONS_MAX)];
        let views: Vec<Member<'_>> = giving
            .iter()
            .map(|&member| Member {
                view: population.packed.get(member as usize),
                trust: self.trusts.get(&population.sources[member as usize]).copied().unwrap_or(Source::TRUST),
            })
            .collect();
        let golden = golden_record(&self.survivorship, &views);
        let mut versions: Vec<VersionId> = Vec::new();
        let mut places: FxHashMap<u32, u16> = FxHashMap::default();
        let mut values = Vec::with_capacity(golden.len());
        for value in &golden {
            let version = *places.entry(value.member).or_insert_with(|| {
                versions.push(population.versions[giving[value.member as usize] as usize]);
                // At most LINEAGE_VERSIONS_MAX members take part.
                (versions.len() - 1) as u16
            });
            values.push(CustomerValue { attribute: value.attribute, text: value.text, version, rule: value.rule });
        }
        let names = names::names(population.kind, &values);
        names::put(&names, &mut values);
        let mut records: Vec<RecordId> = members.iter().map(|&member| population.records[member as usize]).collect();
        records.sort_unstable();
        then(CustomerRow {
            id: CustomerId(Uuid::nil()),
            kind: population.kind,
            version: 1,
            change: 0,
            content_hash: customer_hash(population.kind, &records, &versions, &values),
            record_count: i32::try_from(records.len()).unwrap_or(i32::MAX),
            lineage_versions: &versions,
            values: &values,
        })
    }
}
