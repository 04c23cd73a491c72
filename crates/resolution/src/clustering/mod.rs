//! Scored pairs to clusters: constrained agglomeration by average link inside loose components.
//!
//! 1. Pairs above a loose weight make components ([`components`], [`holding`]); nothing joins across them.
//! 2. Inside a component the two clusters with the highest mean match probability over all their cross pairs join
//!    first ([`agglomeration`]), until no mean reaches the stop. A chain of doubtful pairs therefore falls apart, which
//!    connected components would keep.
//! 3. Exclusive identifiers ([`exclusive`]) and judgements ([`judged`]) live on the cluster: a record without an identifier
//!    cannot bridge two records with different ones. Neither can one without a day of birth: the mean must reach the stop
//!    among the dated records by themselves, too.
//! 4. Two clusters that share a valid identifier join by one sure pair, whatever their mean over all pairs.
//!
//! What was decided spans every component ([`spanning`]): whoever reads the decisions finds whom a change of one record may
//! touch.
//!
//! Records are ranks, positions in an order that follows from each record alone. Sums are integers and ties break by rank, so that
//! the answer is the same for any order of the input, any partition by component and any number of threads.

mod agglomeration;
mod components;
mod exclusive;
mod holding;
mod judged;
mod links;
mod probability;
mod spanning;
#[cfg(test)]
mod tests;

pub(crate) use exclusive::excluding;
pub use exclusive::{ExclusiveColumn, Exclusivity};
pub(crate) use holding::Holding;
use probability::CERTAIN;
pub(crate) use probability::{probability, weight_reaching};

use crate::pair::ScoredPair;
use agglomeration::agglomerate;
use components::{Component, Components};
use judged::Judged;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use spanning::span;
use std::cmp::Reverse;
use vinculo_records::DecisionKind;

/// What clusters are made from. A record is known by its rank.
#[derive(Clone, Copy)]
pub struct ClusterInput<'a> {
    /// Where each record stands in the exclusive columns, by rank.
    pub positions: &'a [u32],
    /// Candidate pairs with the weights that `score` gives them, in any order.
    pub pairs: &'a [ScoredPair],
    /// Identifiers of which a customer has at most one.
    pub exclusive: &'a [ExclusiveColumn<'a>],
    /// What persons have decided.
    pub judgements: &'a [Judgement],
    /// Whether a record states a day of birth: clusters whose dated records contradict each other are not joined by records
    /// that state none.
    pub dated: &'a (dyn Fn(u32) -> bool + Sync),
    /// The weight of any pair, in thousandths of a bit; asked for pairs of a component that nobody proposed.
    pub score: &'a (dyn Fn(u32, u32) -> i32 + Sync),
}

/// A person's decision about two records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Judgement {
    /// The rank of one record.
    pub left: u32,
    /// The rank of the other record.
    pub right: u32,
    /// Whether they are the same customer.
    pub same: bool,
}

/// Where clustering joins, stops and cuts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ClusterSettings {
    /// The weight from which a pair holds a component together, in thousandths of a bit.
    pub loose_weight: i32,
    /// The mean match probability from which two clusters join, in millionths; the pairs of dated records
    /// must reach it, too.
    pub stop: u32,
    /// A pair of this weight or less keeps two clusters apart, whatever the others say, in thousandths of a bit.
    pub veto_weight: i32,
    /// The weight from which a pair that stays apart is a conflict, in thousandths of a bit.
    pub match_weight: i32,
    /// The weight from which a pair that stays apart is a possible match, in thousandths of a bit.
    pub review_weight: i32,
    /// The greatest component in which every pair is scored.
    pub all_pairs_limit: u32,
    /// How many unproposed pairs a record may be scored against, on average, inside a greater component.
    pub scored_per_record: u32,
}

impl Default for ClusterSettings {
    fn default() -> Self {
        Self {
            loose_weight: -3_000,
            stop: 300_000,
            veto_weight: i32::MIN,
            match_weight: 0,
            review_weight: -3_000,
            all_pairs_limit: 100,
            scored_per_record: 200,
        }
    }
}

/// Why two groups were joined or kept apart, where more than their weights decided: a closed list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DecisionReason {
    /// Two different valid values of one exclusive identifier would meet in one customer.
    DifferentIdentifiers,
    /// The two share a valid identifier, and too little else supports that they are one.
    SharedIdentifier,
    /// A person has judged two of their records different.
    JudgedDifferent,
    /// A person has judged two of their records the same: the one reason of a join.
    JudgedSame,
    /// Two of their records contradict each other so strongly that nothing outweighs it.
    Contradiction,
    /// One pair is strong, and the other pairs between the two clusters, or those of their dated records, do not support it.
    WeakSupport,
}

impl DecisionReason {
    /// The word for it in decisions and in Postgres.
    pub fn name(self) -> &'static str {
        match self {
            Self::DifferentIdentifiers => "different_identifiers",
            Self::SharedIdentifier => "shared_identifier",
            Self::JudgedDifferent => "judged_different",
            Self::JudgedSame => "judged_same",
            Self::Contradiction => "contradiction",
            Self::WeakSupport => "weak_support",
        }
    }
}

/// A decision about two clusters, told by their strongest pair.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PairDecision {
    /// What was decided.
    pub kind: DecisionKind,
    /// The rank of the record with the lesser hash.
    pub left: u32,
    /// The rank of the record with the greater hash.
    pub right: u32,
    /// The weight of the pair, in thousandths of a bit.
    pub weight: i32,
    /// Why a conflict was refused, or that a person judged a join, or what a possible match would run into; nothing where
    /// weights decided.
    pub reason: Option<DecisionReason>,
}

/// What the bounds of clustering cut.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct ClusterCuts {
    /// How many records the greatest component has.
    pub largest_component: usize,
    /// Components too large to score every pair in them.
    pub large_components: usize,
    /// Unproposed pairs between clusters that were counted as no match, because too many were to be scored.
    pub unscored_pairs: u64,
}

/// Which records are one customer: every record is in exactly one cluster.
///
/// Clusters are in the order of their least record, and the records in each by rank.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clusters {
    of: Vec<u32>,
    offsets: Vec<u32>,
    members: Vec<u32>,
}

impl Clusters {
    /// How many clusters.
    pub fn len(&self) -> usize {
        self.offsets.len() - 1
    }

    /// Whether there is no cluster at all.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The records of cluster `c` by rank.
    pub fn members(&self, c: usize) -> &[u32] {
        &self.members[self.offsets[c] as usize..self.offsets[c + 1] as usize]
    }

    /// The cluster of each record.
    pub fn of_records(&self) -> &[u32] {
        &self.of
    }

    /// Clusters from the least record of each record's cluster.
    pub(crate) fn from_least(least: &[u32]) -> Self {
        let mut of = vec![0; least.len()];
        let mut offsets = vec![0];
        for (record, &first) in least.iter().enumerate() {
            if first as usize == record {
                of[record] = offsets.len() as u32 - 1;
                offsets.push(0);
            } else {
                of[record] = of[first as usize];
            }
            offsets[of[record] as usize + 1] += 1;
        }
        for c in 1..offsets.len() {
            offsets[c] += offsets[c - 1];
        }
        let mut next = offsets.clone();
        let mut members = vec![0; least.len()];
        for (record, &c) in of.iter().enumerate() {
            let place = &mut next[c as usize];
            members[*place as usize] = record as u32;
            *place += 1;
        }
        Self { of, offsets, members }
    }
}

/// Clusters, and how they came to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clustering {
    /// Which records are one customer.
    pub clusters: Clusters,
    /// Joins, then conflicts, then possible matches, the strongest first.
    pub decisions: Vec<PairDecision>,
    /// What the bounds cut.
    pub cuts: ClusterCuts,
}

/// What one thread has found so far.
#[derive(Default)]
struct Found {
    /// Each record that is not its cluster's least one, with the least one.
    followers: Vec<(u32, u32)>,
    decisions: Vec<PairDecision>,
    /// What a constraint refused and weights would not have joined: possible matches of their records, not of their clusters.
    faint: Vec<PairDecision>,
    cuts: ClusterCuts,
}

impl Found {
    fn append(mut self, mut other: Self) -> Self {
        self.followers.append(&mut other.followers);
        self.decisions.append(&mut other.decisions);
        self.faint.append(&mut other.faint);
        self.cuts.largest_component = self.cuts.largest_component.max(other.cuts.largest_component);
        self.cuts.large_components += other.cuts.large_components;
        self.cuts.unscored_pairs += other.cuts.unscored_pairs;
        self
    }
}

/// Groups records into clusters. The caller installs the rayon pool.
pub fn cluster(input: &ClusterInput<'_>, settings: &ClusterSettings) -> Clustering {
    let mut judgements = input.judgements.to_vec();
    judgements.sort_unstable_by_key(|judgement| judgement.left);
    let input = &ClusterInput { judgements: &judgements, ..*input };
    let components = Components::new(input, settings);
    let each = (0..components.len()).into_par_iter().map(|c| components.get(c));
    let found = in_parallel(each, |component, found| cluster_component(input, settings, &component, found));
    let mut least: Vec<u32> = (0..input.positions.len() as u32).collect();
    for &(record, first) in &found.followers {
        least[record as usize] = first;
    }
    let mut decisions = found.decisions;
    sort_decisions(&mut decisions);
    Clustering { clusters: Clusters::from_least(&least), decisions, cuts: found.cuts }
}

/// What the work on all components finds; its order is put right at the end.
fn in_parallel(
    components: impl ParallelIterator<Item = Component>,
    work: impl Fn(Component, &mut Found) + Sync + Send,
) -> Found {
    let add = |mut found: Found, component| {
        work(component, &mut found);
        found
    };
    components.fold(Found::default, add).reduce(Found::default, Found::append)
}

fn cluster_component(input: &ClusterInput<'_>, settings: &ClusterSettings, component: &Component, found: &mut Found) {
    let size = component.records.len();
    let mut inside = Found::default();
    if size <= settings.all_pairs_limit as usize {
        agglomerate(input, settings, component, &mut inside);
    } else {
        // Pairs below the stop cannot start a join; without them most large components fall into small ones. A cross pair
        // that is missing later is scored anew.
        let judged = Judged::new(input, &component.records);
        let parts = component.split_at(weight_reaching(settings.stop), &judged.same);
        inside = in_parallel(parts.into_par_iter(), |part, found| agglomerate(input, settings, &part, found));
        inside.cuts.large_components = 1;
    }
    inside.cuts.largest_component = size;
    span(component, &|left, right, weight| input.holds(settings, left, right, weight), &mut inside);
    *found = std::mem::take(found).append(inside);
}

/// Sorts decisions by kind, strength and ranks.
pub(crate) fn sort_decisions(decisions: &mut [PairDecision]) {
    decisions
        .par_sort_unstable_by_key(|decision| (decision.kind, Reverse(decision.weight), decision.left, decision.right));
}
