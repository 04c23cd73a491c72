//! What is counted over all organizations, and then frozen.

use super::candidates::OrganizationBlocks;
use super::names::Names;
use super::names_alone::NamesAlone;
use super::nodes::is_set;
use super::said::Said;
use super::telling::TellingTable;
use super::words::WordTable;
use crate::comparison::frequency::{Frequency, email_domain};
use crate::comparison::{Counted, Frequencies, FrequencyTable};
use crate::encoding::{Dictionary, Encoded, stable_hash};
use crate::model::log_weight;
use crate::plan::OrganizationUnit;
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};
use vinculo_records::Comparable;

/// All that organizations are found and weighed by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrganizationModel {
    /// The words of names, counted over names.
    pub words: WordTable,
    /// The same words counted over clusters, where these have many names each: by these names are then compared.
    pub recounted: Option<WordTable>,
    /// How common the values of other columns are.
    pub frequencies: Vec<FrequencyTable>,
    /// What it means to share a value.
    pub telling: TellingTable,
    /// What names say where nothing else agrees.
    pub alone: NamesAlone,
    /// The columns of sets, which speak for whole clusters.
    pub sets: Vec<Comparable>,
    /// Which blocks are compared.
    pub blocks: OrganizationBlocks,
}

impl OrganizationModel {
    /// Whether a part of the records can be resolved by itself: no set speaks for a whole cluster.
    pub fn is_local(&self) -> bool {
        self.sets.is_empty()
    }

    /// Counts words and values, and learns what it means to share them; nothing is known yet of blocks and clusters. With
    /// what the records say in these words.
    pub(super) fn count(records: &Encoded, unit: OrganizationUnit) -> (Self, Said) {
        let nothing = Dictionary::default();
        let names = records.column(Comparable::OrganizationName);
        let values = |what| Some(value_frequencies(what, records.dictionary(records.column(what)?), records.len()));
        let counted =
            [Comparable::Email, Comparable::SharedEmail, Comparable::Phone, Comparable::Website, Comparable::Street];
        let declared = records.filled().filter(|&what| matches!(what, Comparable::Custom(..)) && !is_set(what));
        let (words, spelled) = WordTable::train(names.map_or(&nothing, |column| records.dictionary(column)));
        let frequencies: Vec<FrequencyTable> =
            counted.into_iter().chain(declared).filter_map(values).chain([domain_frequencies(records)]).collect();
        let said = Said::new(records, Names::new(spelled, &words), Frequencies(&frequencies));
        let telling = TellingTable::train(records, &said, unit);
        let sets = records.filled().filter(|&what| is_set(what)).collect();
        let blocks = OrganizationBlocks::default();
        let alone = NamesAlone::default();
        (Self { words, recounted: None, frequencies, telling, alone, sets, blocks }, said)
    }
}

fn value_frequencies(what: Comparable, values: &Dictionary, records: usize) -> FrequencyTable {
    let counts = (0..values.len() as u32).map(|value| (values.hash(value), values.records(value)));
    frequency_table(Counted::Value(what), counts, records)
}

fn domain_frequencies(records: &Encoded) -> FrequencyTable {
    let mut counts: FxHashMap<u64, u32> = FxHashMap::default();
    let columns = [Comparable::Email, Comparable::SharedEmail].into_iter().filter_map(|what| records.column(what));
    for values in columns.map(|column| records.dictionary(column)) {
        for value in 0..values.len() as u32 {
            *counts.entry(stable_hash(email_domain(values.bytes(value)))).or_default() += values.records(value);
        }
    }
    frequency_table(Counted::EmailDomain, counts.into_iter(), records.len())
}

/// A table of the values that more than one record holds.
fn frequency_table(counted: Counted, counts: impl Iterator<Item = (u64, u32)>, records: usize) -> FrequencyTable {
    let log = |count: u32| log_weight(f64::from(count) / records.max(1) as f64);
    let entry = |(hash, records)| Frequency { hash, records, log: log(records) };
    let mut above_floor: Vec<Frequency> = counts.filter(|(_, count)| *count > 1).map(entry).collect();
    above_floor.sort_unstable_by_key(|frequency| frequency.hash);
    FrequencyTable { counted, floor: log(1), above_floor }
}
