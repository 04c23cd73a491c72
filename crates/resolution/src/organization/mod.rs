//! Organizations: resolved by a design of their own.
//!
//! A name is nearly all that some sources say of an organization, and in others a name is shared by hundreds. So the
//! evidence is not trained as that of persons is. Names count by how much of the weight of each is found in the other
//! ([`names`], [`own_names`]), a word's weight being its rarity among all names ([`words`], [`spelling`]). What a shared
//! name, phone, e-mail address or domain is worth, each value has to prove itself ([`telling`]), and so has what two
//! records of one name differ in ([`contrasts`]). Addresses and identifiers are compared as those of persons are
//! ([`evidence`], [`streets`]); domains ([`sites`]) and sets ([`sets`]) come on top. What the likeness of two names means
//! beside all that agrees, or where nothing does, stands by itself ([`kinship`], [`names_alone`]). What records say of names
//! and domains is read once ([`said`]). Records that say the same are one node ([`nodes`]), so that a name does not outvote
//! others by its number. Candidates share a key ([`keys`]) that not too many others share ([`candidates`]). All that is
//! counted is frozen in a model ([`model`]), which a round of clustering helps to learn. Where there are sets a second round
//! follows the first one, in which the sets of a whole cluster speak for each of its records.

mod candidates;
mod contrasts;
mod evidence;
mod keys;
mod kinship;
mod likeness;
mod look_alikes;
mod model;
mod names;
mod names_alone;
mod nodes;
mod numbers;
mod own_names;
mod said;
mod sets;
mod sites;
mod spelling;
mod streets;
mod telling;
#[cfg(test)]
mod tests;
mod values;
mod words;

pub use candidates::OrganizationBlocks;
pub use evidence::{EvidenceKind, OrganizationEvidence, evidence_kinds};
pub use model::OrganizationModel;
pub use names_alone::NamesAlone;
pub use telling::TellingTable;
pub use words::WordTable;

use crate::blocking::{Blocks, Halving, Halvings, RuleReport, visit_candidates};
use crate::clustering::{
    ClusterInput, ClusterSettings, Clustering, Clusters, ExclusiveColumn, Judgement, PairDecision, cluster,
    sort_decisions,
};
use crate::encoding::Encoded;
use crate::incremental::{KeyLists, RecordKeys, keys_by_rank};
use crate::pair::ScoredPair;
use crate::plan::ResolutionPlan;
use candidates::Keyed;
use evidence::Weigher;
use nodes::Nodes;
use rayon::prelude::*;
use rustc_hash::FxHashSet;
use sets::SetProfiles;
use vinculo_records::{Comparable, DecisionKind};

/// The mean match probability from which organizations join, in millionths: the evidence is centered on no prior.
const STOP: u32 = 500_000;
/// The weight from which a pair holds a component together, in thousandths of a bit.
const LOOSE_WEIGHT: i32 = -1_000;
/// Pairs that are read together, before they are weighed.
const AT_ONCE: usize = 32;
/// Of so many pairs at most is asked whether names are all that agrees.
const ALONE_MAX: usize = 100_000;
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

/// Organizations under a model, ready to be compared.
#[derive(Debug)]
pub struct Organizations<'r, 'm> {
    records: &'r Encoded,
    plan: &'m ResolutionPlan,
    model: &'m OrganizationModel,
    weigher: Weigher<'r>,
    /// Sets of all records of one name; later of one cluster.
    sets: SetProfiles,
}

/// Clusters of organizations, and what was cut on the way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrganizationClustering {
    /// Clusters and decisions, over ranks.
    pub clustering: Clustering,
    /// The weights of those candidate pairs of the last round that may matter, by the ranks of their nodes' least
    /// records.
    pub pairs: Vec<ScoredPair>,
    /// How many of them weigh too little to matter.
    pub below: u64,
    /// Candidate pairs and cuts.
    pub blocking: RuleReport,
}

/// What training has made on the way.
#[derive(Debug)]
pub struct Learned<'a> {
    weigher: Box<Weigher<'a>>,
    /// Clusters of records that nobody has judged, where the round that made them taught nothing.
    pub(crate) found: Option<OrganizationClustering>,
}

/// Learns a model. That takes a round of clustering, whose result is the answer where the round taught nothing.
pub fn train<'a>(
    records: &'a Encoded,
    plan: &ResolutionPlan,
    exclusive: &[ExclusiveColumn<'_>],
) -> (OrganizationModel, Learned<'a>) {
    let (counted, said) = OrganizationModel::count(records, plan.organization);
    let weigher = Weigher::of(said, records, &counted, plan.organization);
    let mut organizations = Organizations::with(weigher, records, plan, &counted);
    let nodes = organizations.nodes(&[]);
    let keyed = Keyed::new(&organizations.weigher, records, &nodes);
    let blocks = keyed.learn(plan, records.len());
    let divided = organizations.divide(&keyed, &blocks, &nodes, None);
    let mut round = organizations.round(&nodes, &divided, exclusive, &[]);
    let alone = NamesAlone::learn(organizations.alone(&nodes, &round.pairs).into_iter());
    if alone != counted.alone {
        organizations.weigher.weigh_alone_by(alone);
        round = organizations.round(&nodes, &divided, exclusive, &[]);
    }
    let recounted = organizations.recount(&organizations.clusters_of_records(&nodes, &round.clustering));
    let found = (recounted.is_none() && counted.is_local()).then(|| organizations.expand(&nodes, round));
    let Organizations { weigher, .. } = organizations;
    (OrganizationModel { recounted, alone, blocks, ..counted }, Learned { weigher: Box::new(weigher), found })
}

impl<'r, 'm> Organizations<'r, 'm> {
    /// Binds a model to records.
    pub fn new(records: &'r Encoded, plan: &'m ResolutionPlan, model: &'m OrganizationModel) -> Self {
        Self::with(Weigher::new(records, model, plan.organization), records, plan, model)
    }

    /// Binds the model that training has just made.
    pub(crate) fn trained(
        learned: Learned<'r>,
        records: &'r Encoded,
        plan: &'m ResolutionPlan,
        model: &'m OrganizationModel,
    ) -> Self {
        Self::with(*learned.weigher, records, plan, model)
    }

    fn with(
        mut weigher: Weigher<'r>,
        records: &'r Encoded,
        plan: &'m ResolutionPlan,
        model: &'m OrganizationModel,
    ) -> Self {
        let mut sets = SetProfiles::default();
        if model.is_local() {
            weigher.compare_by(model.recounted.as_ref());
        } else {
            let by_name = Nodes::new(records, |what| what == Comparable::OrganizationName, |_| false);
            sets = SetProfiles::new(records, &model.sets, by_name.of);
        }
        Self { records, plan, model, weigher, sets }
    }

    /// What each record is found by, by rank.
    pub(crate) fn keys(&self) -> Vec<RecordKeys> {
        keys_by_rank(self.records, |rank, blocks| self.blocks_of(rank, blocks))
    }

    /// The same for all records of a resolution.
    pub(crate) fn key_lists(&self) -> KeyLists {
        KeyLists::new(self.records, |rank, blocks| self.blocks_of(rank, blocks))
    }

    fn blocks_of(&self, rank: u32, blocks: &mut Vec<u64>) {
        keys::of_record(&self.weigher, self.records, rank, blocks);
        blocks.retain(|&key| self.model.blocks.has(key));
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
        let _alone = self.weigher.weigh(a, b, &self.sets, |found| evidence.push(found));
        evidence
    }

    /// Resolves all records; pairs are weighed and explained by what the clusters taught from then on. Blocks are halved as
    /// often as is told, or as the records ask for by themselves. The caller installs the rayon pool.
    pub fn resolve(
        &mut self,
        exclusive: &[ExclusiveColumn<'_>],
        judgements: &[Judgement],
        halvings: Option<&Halvings>,
    ) -> OrganizationClustering {
        let nodes = self.nodes(judgements);
        let keyed = Keyed::new(&self.weigher, self.records, &nodes);
        let blocks = self.divide(&keyed, &self.model.blocks, &nodes, halvings);
        drop(keyed);
        let mut round = self.round(&nodes, &blocks, exclusive, judgements);
        if !self.model.is_local() {
            self.weigher.compare_by(self.model.recounted.as_ref());
            let clusters = self.clusters_of_records(&nodes, &round.clustering);
            self.sets = SetProfiles::new(self.records, &self.model.sets, clusters);
            round = self.round(&nodes, &blocks, exclusive, judgements);
        }
        self.expand(&nodes, round)
    }

    /// Records that say the same are one node; a judged one stands for itself.
    fn nodes(&self, judgements: &[Judgement]) -> Nodes {
        let judged: FxHashSet<u32> =
            judgements.iter().flat_map(|judgement| [judgement.left, judgement.right]).collect();
        Nodes::new(self.records, |what| !self.model.sets.contains(&what), |rank| judged.contains(&rank))
    }

    fn divide(&self, keyed: &Keyed, blocks: &OrganizationBlocks, nodes: &Nodes, halvings: Option<&Halvings>) -> Blocks {
        let content = |node: u32| self.records.content(nodes.first[node as usize]);
        let halving = Halving { limit: blocks.limit, known: halvings, content: &content };
        Blocks::of(vec![keyed.divide(blocks, nodes, &halving)], nodes.len())
    }

    /// Weighs all candidates and clusters them, over nodes.
    fn round(
        &self,
        nodes: &Nodes,
        blocks: &Blocks,
        exclusive: &[ExclusiveColumn<'_>],
        judgements: &[Judgement],
    ) -> Round {
        let settings = &self.plan.clustering;
        let least = settings.loose_weight.min(settings.review_weight);
        let first = |node: u32| nodes.first[node as usize];
        let weigh = |scored: &mut Vec<ScoredPair>, left: u32, partners: &[u32]| {
            for some in partners.chunks(AT_ONCE) {
                self.records.fetch(some.iter().map(|node| first(*node)));
                let weight = |right| self.weigher.weight_within(first(left), first(right), &self.sets, least);
                let pair = |&right: &u32| Some(ScoredPair { left, right, weight: weight(right)? });
                scored.extend(some.iter().filter_map(pair));
            }
        };
        let (scored, counts) = visit_candidates(blocks, Vec::new, |_| true, weigh);
        let mut pairs = scored.concat();
        pairs.par_sort_unstable();
        let clustering = self.cluster(nodes, &pairs, exclusive, judgements);
        let below = counts.iter().sum::<u64>() - pairs.len() as u64;
        Round { pairs, below, clustering, blocking: blocks.reports(&counts).remove(0) }
    }

    /// The likenesses of the names of those pairs of nodes that agree in nothing else; of many pairs those of a part.
    fn alone(&self, nodes: &Nodes, pairs: &[ScoredPair]) -> Vec<u32> {
        let first = |node: u32| nodes.first[node as usize];
        let likeness = |pair: &ScoredPair| self.weigher.weigh(first(pair.left), first(pair.right), &self.sets, |_| ());
        pairs.par_iter().step_by(pairs.len().div_ceil(ALONE_MAX).max(1)).filter_map(likeness).collect()
    }

    /// The cluster of each record, from those of nodes.
    fn clusters_of_records(&self, nodes: &Nodes, clustering: &Clustering) -> Vec<u32> {
        nodes.of.iter().map(|&node| clustering.clusters.of_records()[node as usize]).collect()
    }

    /// Counts words over clusters, where these have many names each: the spellings of one firm make its own words look
    /// common.
    fn recount(&self, clusters: &[u32]) -> Option<WordTable> {
        let column = self.records.column(Comparable::OrganizationName)?;
        let mut held: Vec<(u32, u32)> = Vec::new();
        for (&cluster, rank) in clusters.iter().zip(0..) {
            held.extend(self.records.values(rank, column).iter().map(|&name| (cluster, name)));
        }
        held.par_sort_unstable();
        held.dedup();
        let names = self.weigher.names().spelled();
        let holders = held.chunk_by(|a, b| a.0 == b.0).count();
        (names.len() > NAMES_OF_CLUSTER * holders).then(|| {
            let mut words = self.model.words.clone();
            words.recount(names, &held);
            words
        })
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
                dated: &|_| false,
                score: &|a, b| self.weight(nodes.first[a as usize], nodes.first[b as usize]),
            },
            &self.plan.clustering,
        )
    }

    /// From nodes to records: each further record of a node joins its first one.
    fn expand(&self, nodes: &Nodes, round: Round) -> OrganizationClustering {
        let Round { mut pairs, below, clustering, blocking } = round;
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
        pairs.iter_mut().for_each(|pair| (pair.left, pair.right) = (rank(pair.left), rank(pair.right)));
        OrganizationClustering {
            clustering: Clustering { clusters, decisions, cuts: clustering.cuts },
            pairs,
            below,
            blocking,
        }
    }
}

/// What one round finds, over nodes.
struct Round {
    /// Pairs that may matter, and how many do not.
    pairs: Vec<ScoredPair>,
    below: u64,
    clustering: Clustering,
    blocking: RuleReport,
}
