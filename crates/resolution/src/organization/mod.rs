//! Organizations: resolved by a design of their own.
//!
//! A name is nearly all that some sources say of an organization, and in others a name is shared by hundreds. So the
//! evidence is not trained as that of persons is. Names count by how much of the weight of each is found in the other
//! ([`names`], [`own_names`]), a word's weight being its rarity among all names ([`words`], [`spelling`]). What a shared
//! name, phone, e-mail address or domain is worth, each value has to prove itself ([`telling`]). Addresses and
//! identifiers are compared as those of persons are ([`evidence`], [`streets`], [`sisters`]); domains ([`sites`]) and sets ([`sets`])
//! come on top. Records that say the same are one node ([`nodes`]), so that a name does not outvote others by its
//! number. Where a first round of clustering has taught something a second one follows, in which the sets of a whole
//! cluster speak for each of its records.

mod candidates;
mod evidence;
mod likeness;
mod look_alikes;
mod names;
mod nodes;
mod numbers;
mod own_names;
mod sets;
mod sisters;
mod sites;
mod spelling;
mod streets;
mod telling;
#[cfg(test)]
mod tests;
mod values;
mod words;

pub use candidates::OrganizationBlocking;
pub use evidence::{EvidenceKind, OrganizationEvidence};
pub use telling::TellingTable;
pub use words::WordTable;

use crate::clustering::{
    ClusterInput, ClusterSettings, Clustering, Clusters, ExclusiveColumn, Judgement, PairDecision, cluster,
    sort_decisions,
};
use crate::comparison::frequency::{Frequency, email_domain};
use crate::comparison::{Counted, Frequencies, FrequencyTable};
use crate::encoding::{Dictionary, Encoded, stable_hash};
use crate::model::log_weight;
use crate::pair::ScoredPair;
use crate::plan::{OrganizationUnit, ResolutionPlan};
use candidates::{Budget, candidates};
use evidence::Weigher;
use names::Names;
use nodes::{Nodes, is_set};
use own_names::OwnNames;
use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};
use serde::{Deserialize, Serialize};
use sets::SetProfiles;
use sites::Sites;
use vinculo_records::{Comparable, DecisionKind};

/// The mean match probability from which organizations join, in millionths: the evidence is centered on no prior.
const STOP: u32 = 500_000;
/// The weight from which a pair holds a component together, in thousandths of a bit.
const LOOSE_WEIGHT: i32 = -1_000;
/// From this many distinct names a cluster on, the spellings of one firm make its own words look common.
const NAMES_OF_CLUSTER: usize = 3;

/// Where the clustering of organizations joins, stops and cuts, when nothing is set.
pub(crate) fn cluster_settings() -> ClusterSettings {
    ClusterSettings {
        stop: STOP,
        loose_weight: LOOSE_WEIGHT,
        veto_weight: evidence::VETO,
        ..ClusterSettings::default()
    }
}

/// What is counted over all organizations, and then frozen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrganizationModel {
    /// The words of names.
    pub words: WordTable,
    /// How common the values of other columns are.
    pub frequencies: Vec<FrequencyTable>,
    /// What it means to share a value.
    pub telling: TellingTable,
}

impl OrganizationModel {
    /// Counts words and values, and learns what it means to share them.
    pub fn train(records: &Encoded, unit: OrganizationUnit) -> Self {
        let nothing = Dictionary::default();
        let names = records.column(Comparable::OrganizationName);
        let values = |what| Some(value_frequencies(what, records.dictionary(records.column(what)?), records.len()));
        let counted = [Comparable::Email, Comparable::SharedEmail, Comparable::Phone, Comparable::Website];
        let declared = records.filled().filter(|&what| matches!(what, Comparable::Custom(..)) && !is_set(what));
        let words = WordTable::train(names.map_or(&nothing, |column| records.dictionary(column)));
        let frequencies: Vec<FrequencyTable> =
            counted.into_iter().chain(declared).filter_map(values).chain([domain_frequencies(records)]).collect();
        let names = Names::of_records(records, &words);
        let own_names = OwnNames::new(records, &names);
        let sites = Sites::new(records, Frequencies(&frequencies));
        let telling = TellingTable::train(records, &names, &own_names, &sites, unit);
        Self { words, frequencies, telling }
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

/// Organizations under a model, ready to be compared.
#[derive(Debug)]
pub struct Organizations<'a> {
    records: &'a Encoded,
    plan: &'a ResolutionPlan,
    weigher: Weigher<'a>,
    words: WordTable,
    /// Sets of all records of one name; later of one cluster.
    sets: SetProfiles,
}

/// Clusters of organizations, and what was cut on the way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrganizationClustering {
    /// Clusters and decisions, over ranks.
    pub clustering: Clustering,
    /// The weights of all candidate pairs of the last round, by the ranks of their nodes' least records.
    pub pairs: Vec<ScoredPair>,
    /// Candidate pairs and cuts.
    pub blocking: OrganizationBlocking,
}

impl<'a> Organizations<'a> {
    /// Binds a model to records.
    pub fn new(records: &'a Encoded, plan: &'a ResolutionPlan, model: &OrganizationModel) -> Self {
        let by_name = Nodes::new(records, |what| what == Comparable::OrganizationName, |_| false);
        Self {
            records,
            plan,
            weigher: Weigher::new(records, model, plan.organization),
            words: model.words.clone(),
            sets: SetProfiles::new(records, by_name.of),
        }
    }

    /// The match weight of two records by rank, in thousandths of a bit.
    pub fn weight(&self, a: u32, b: u32) -> i32 {
        self.weigher.weight(a, b, &self.sets)
    }

    /// How alike the best two names of two records by rank are, in thousandths, by the words alone; `None` where one has
    /// no name.
    pub fn name_likeness(&self, a: u32, b: u32) -> Option<u32> {
        self.weigher.name_likeness(a, b)
    }

    /// The evidence for and against two records being one, kind by kind.
    pub fn explain(&self, a: u32, b: u32) -> Vec<OrganizationEvidence> {
        let mut evidence = Vec::new();
        self.weigher.weigh(a, b, &self.sets, |found| evidence.push(found));
        evidence
    }

    /// Resolves all records; pairs are weighed and explained by what the clusters taught from then on. The caller
    /// installs the rayon pool.
    pub fn resolve(&mut self, exclusive: &[ExclusiveColumn<'_>], judgements: &[Judgement]) -> OrganizationClustering {
        let judged: FxHashSet<u32> =
            judgements.iter().flat_map(|judgement| [judgement.left, judgement.right]).collect();
        let nodes = Nodes::new(self.records, |what| !is_set(what), |rank| judged.contains(&rank));
        let budget = Budget { pairs_per_record: self.plan.pairs_per_record, block_limit: self.plan.block_limit };
        let (candidates, blocking) = candidates(&self.weigher, self.records, &nodes, budget);
        let mut pairs = self.score(&nodes, &candidates);
        let mut clustering = self.cluster(&nodes, &pairs, exclusive, judgements);
        if self.learn(nodes.of.iter().map(|&node| clustering.clusters.of_records()[node as usize]).collect()) {
            pairs = self.score(&nodes, &candidates);
            clustering = self.cluster(&nodes, &pairs, exclusive, judgements);
        }
        let rank = |node: u32| nodes.first[node as usize];
        pairs.iter_mut().for_each(|pair| (pair.left, pair.right) = (rank(pair.left), rank(pair.right)));
        OrganizationClustering { clustering: self.expand(&nodes, clustering), pairs, blocking }
    }

    /// Learns from the clusters of a first round; whether there was something to learn, so that a second one pays.
    ///
    /// The sets of a cluster are united. Where clusters have many names each, words are counted over clusters.
    fn learn(&mut self, clusters: Vec<u32>) -> bool {
        let mut held: Vec<(u32, u32)> = Vec::new();
        if let Some(column) = self.records.column(Comparable::OrganizationName) {
            for (&cluster, rank) in clusters.iter().zip(0..) {
                held.extend(self.records.values(rank, column).iter().map(|&name| (cluster, name)));
            }
        }
        held.par_sort_unstable();
        held.dedup();
        let names = self.weigher.names().spelled();
        let have_many_names = names.len() > NAMES_OF_CLUSTER * held.chunk_by(|a, b| a.0 == b.0).count();
        if have_many_names {
            self.words.recount(names, &held);
            self.weigher.set_words(&self.words);
        }
        let have_sets = self.records.filled().any(is_set);
        if have_sets {
            self.sets = SetProfiles::new(self.records, clusters);
        }
        have_many_names || have_sets
    }

    /// The weights of all candidates, over nodes.
    fn score(&self, nodes: &Nodes, candidates: &[(u32, u32)]) -> Vec<ScoredPair> {
        let weight = |left: u32, right: u32| self.weight(nodes.first[left as usize], nodes.first[right as usize]);
        let scored = |&(left, right): &(u32, u32)| ScoredPair { left, right, weight: weight(left, right) };
        candidates.par_iter().map(scored).collect()
    }

    fn cluster(
        &self,
        nodes: &Nodes,
        pairs: &[ScoredPair],
        exclusive: &[ExclusiveColumn<'_>],
        judgements: &[Judgement],
    ) -> Clustering {
        let position = |&rank: &u32| self.records.positions()[rank as usize];
        let judged = |judgement: &Judgement| Judgement {
            left: nodes.of[judgement.left as usize],
            right: nodes.of[judgement.right as usize],
            ..*judgement
        };
        cluster(
            &ClusterInput {
                positions: &nodes.first.iter().map(position).collect::<Vec<u32>>(),
                pairs,
                exclusive,
                judgements: &judgements.iter().map(judged).collect::<Vec<_>>(),
                score: &|a, b| self.weight(nodes.first[a as usize], nodes.first[b as usize]),
            },
            &self.plan.clustering,
        )
    }

    /// From nodes to records: each further record of a node joins its first one.
    fn expand(&self, nodes: &Nodes, clustering: Clustering) -> Clustering {
        let least = |&node: &u32| {
            let cluster = clustering.clusters.of_records()[node as usize];
            nodes.first[clustering.clusters.members(cluster as usize)[0] as usize]
        };
        let clusters = Clusters::from_least(&nodes.of.iter().map(least).collect::<Vec<u32>>());
        let rank = |node: u32| nodes.first[node as usize];
        let of_ranks = |decision: PairDecision| PairDecision {
            left: rank(decision.left),
            right: rank(decision.right),
            ..decision
        };
        let followers = nodes.of.iter().zip(0_u32..).filter(|&(&node, record)| rank(node) != record);
        let same = followers.map(|(&node, record)| PairDecision {
            kind: DecisionKind::Join,
            left: rank(node),
            right: record,
            weight: self.weight(rank(node), record),
            reason: None,
        });
        let mut decisions: Vec<PairDecision> = same.chain(clustering.decisions.into_iter().map(of_ranks)).collect();
        sort_decisions(&mut decisions);
        Clustering { clusters, decisions, cuts: clustering.cuts }
    }
}
