//! Completeness and validity: how many records of each source have a value of each attribute, and how many a sound one.

use crate::error::OperationError;
use crate::session::Session;
use rustc_hash::FxHashMap;
use serde::Serialize;
use std::collections::BTreeMap;
use vinculo_records::{AttributeId, Flag, Kind, NormalizedView, SourceId};

/// The values of one attribute in the current records of one source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AttributeQuality {
    /// The source.
    pub source: String,
    /// The attribute.
    pub attribute: String,
    /// Records that may have it: those of a kind that it applies to.
    pub records: u64,
    /// Records with at least one sound value.
    pub sound: u64,
    /// Records that have values, all of them flagged.
    pub flagged: u64,
    /// Values by flag.
    pub flags: BTreeMap<&'static str, u64>,
}

impl AttributeQuality {
    /// The share of the records that say anything; none where no record could.
    pub fn completeness(&self) -> Option<f64> {
        (self.records > 0).then(|| (self.sound + self.flagged) as f64 / self.records as f64)
    }

    /// The share of those with a sound value; none where no record says anything.
    pub fn validity(&self) -> Option<f64> {
        let filled = self.sound + self.flagged;
        (filled > 0).then(|| self.sound as f64 / filled as f64)
    }
}

/// Counts of the current records, by source.
#[derive(Debug, Default)]
pub(super) struct Scanned {
    by_source: BTreeMap<String, SourceCounts>,
}

/// Counts of one source.
#[derive(Debug, Default)]
struct SourceCounts {
    by_kind: [u64; Kind::ALL.len()],
    attributes: BTreeMap<AttributeId, ValueCounts>,
}

#[derive(Debug, Default)]
struct ValueCounts {
    sound: u64,
    flagged: u64,
    flags: BTreeMap<&'static str, u64>,
}

/// Counts the values of all current records as they stream by.
pub(super) async fn scan(session: &Session) -> Result<Scanned, OperationError> {
    let mut counts: FxHashMap<SourceId, SourceCounts> = FxHashMap::default();
    let mut damaged = 0_u64;
    let current = session.store.for_each_current(|current| match NormalizedView::new(current.normalized) {
        Some(view) => counts.entry(current.source).or_default().add(view),
        None => damaged += 1,
    });
    current.await?;
    if damaged > 0 {
        return Err(OperationError::Internal(format!("{damaged} normalized records cannot be read")));
    }
    let names = session.store.sources().await?;
    let named = names.into_iter().filter_map(|row| Some((row.name, counts.remove(&row.id)?)));
    Ok(Scanned { by_source: named.collect() })
}

impl SourceCounts {
    fn add(&mut self, view: NormalizedView<'_>) {
        self.by_kind[view.kind() as usize] += 1;
        let mut seen: Vec<(AttributeId, bool)> = Vec::with_capacity(16);
        for value in view.values() {
            let is_sound = value.flag.is_none();
            if let Some(flag) = value.flag {
                self.flag(value.attribute, flag);
            }
            match seen.iter_mut().find(|(attribute, _)| *attribute == value.attribute) {
                Some((_, any_sound)) => *any_sound |= is_sound,
                None => seen.push((value.attribute, is_sound)),
            }
        }
        for (attribute, any_sound) in seen {
            let counts = self.attributes.entry(attribute).or_default();
            *(if any_sound { &mut counts.sound } else { &mut counts.flagged }) += 1;
        }
    }

    fn flag(&mut self, attribute: AttributeId, flag: Flag) {
        *self.attributes.entry(attribute).or_default().flags.entry(flag.name()).or_default() += 1;
    }

    /// Records of the kinds that an attribute applies to.
    fn records_with(&self, attribute: AttributeId) -> u64 {
        let applies = |kind: &Kind| attribute.standard().is_none_or(|standard| standard.applies_to(*kind));
        Kind::ALL.into_iter().filter(applies).map(|kind| self.by_kind[kind as usize]).sum()
    }
}

impl Scanned {
    /// The sources that have current records.
    pub(super) fn sources(&self) -> impl Iterator<Item = &str> {
        self.by_source.keys().map(String::as_str)
    }

    /// How many records of a source count.
    pub(super) fn records_of(&self, source: &str) -> u64 {
        self.by_source.get(source).map_or(0, |counts| counts.by_kind.iter().sum())
    }

    /// Every attribute that a source's records have, or that the project maps there, in the project's order of sources.
    pub(super) fn attributes(&self, session: &Session) -> Vec<AttributeQuality> {
        let project = &session.bench.project;
        let position = |name: &str| project.sources.iter().position(|source| source.name == name);
        let mut sources: Vec<(&String, &SourceCounts)> = self.by_source.iter().collect();
        sources.sort_by_key(|(name, _)| position(name).unwrap_or(usize::MAX));
        let mut all = Vec::new();
        for (source, counts) in sources {
            let mapped = project.source(source).into_iter().flat_map(|source| &source.fields);
            let mut attributes: Vec<AttributeId> = mapped.map(|field| field.attribute).collect();
            attributes.extend(counts.attributes.keys());
            attributes.sort_unstable();
            attributes.dedup();
            for attribute in attributes {
                let empty = ValueCounts::default();
                let values = counts.attributes.get(&attribute).unwrap_or(&empty);
                all.push(AttributeQuality {
                    source: source.clone(),
                    attribute: project.attributes.name(attribute).to_owned(),
                    records: counts.records_with(attribute),
                    sound: values.sound,
                    flagged: values.flagged,
                    flags: values.flags.clone(),
                });
            }
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use vinculo_records::{NormalizedRecord, Standard, Value};

    #[test]
    fn a_record_with_a_sound_value_beside_a_flagged_one_is_sound() {
        let mut counts = SourceCounts::default();
        let email = |text, flag| Value { attribute: Standard::Email.into(), text, flag };
        let records = [
            vec![email("a@b.org", None), email("info@b.org", Some(Flag::SharedMailbox))],
            vec![email("", Some(Flag::Placeholder))],
            vec![],
        ];
        for values in records {
            let mut record = NormalizedRecord::new(Kind::Person, None, 0);
            values.into_iter().for_each(|value| record.push(value));
            counts.add(record.view());
        }
        let found = &counts.attributes[&Standard::Email.into()];
        assert_eq!((found.sound, found.flagged, found.flags.len()), (1, 1, 2));
        assert_eq!(counts.records_with(Standard::Email.into()), 3);
        assert_eq!(counts.records_with(Standard::LegalName.into()), 0, "no organization is among them");
    }

    #[test]
    fn completeness_and_validity_are_shares_of_what_could_be() {
        let quality = AttributeQuality {
            source: "crm".into(),
            attribute: "email".into(),
            records: 200,
            sound: 90,
            flagged: 10,
            flags: BTreeMap::new(),
        };
        assert_eq!((quality.completeness(), quality.validity()), (Some(0.5), Some(0.9)));
        let none = AttributeQuality { records: 0, sound: 0, flagged: 0, ..quality };
        assert_eq!((none.completeness(), none.validity()), (None, None));
    }
}
