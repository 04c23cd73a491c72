//! Records that are equal in every value: one from the start, where the model would join them anyway.
//!
//! A group of copies is stood for by one of them, its original. Blocks, scores and clusters see the original alone, so
//! that a customer who was delivered a thousand times costs no more than one delivered once; in the end the others
//! follow it, each by a decision like any other. That copies count once in the mean links of clusters is meant: the same
//! content again is no new evidence. Where copies say too little to be one, they say too little to be anybody else either:
//! one of them is compared with others all the same, and the rest stay alone.

use crate::clustering::{Clustering, Clusters, Judgement, PairDecision, sort_decisions, weight_reaching};
use crate::encoding::Encoded;
use crate::plan::ResolutionPlan;
use crate::scoring::Scorer;
use rayon::prelude::*;
use rustc_hash::FxHashSet;
use vinculo_records::DecisionKind;

/// Which record stands for which.
#[derive(Debug)]
pub(crate) struct Copies {
    /// By rank: the record that stands for it, itself for most.
    original: Vec<u32>,
    /// Of these records the copies do not follow: they say too little.
    left: FxHashSet<u32>,
    originals: Vec<u32>,
}

impl Copies {
    /// Stands each of these groups of equal records under its least rank; the others follow it if the model joins them. A
    /// record that a person has judged different from any other stands for itself.
    pub(crate) fn of(
        encoded: &Encoded,
        equal: Vec<Vec<u32>>,
        scorer: &Scorer<'_>,
        plan: &ResolutionPlan,
        judgements: &[Judgement],
    ) -> Self {
        let join_weight = weight_reaching(plan.clustering.stop);
        let apart = judgements.iter().filter(|judgement| !judgement.same);
        let apart: FxHashSet<u32> = apart.flat_map(|judgement| [judgement.left, judgement.right]).collect();
        let mut original: Vec<u32> = (0..encoded.len() as u32).collect();
        let mut left = FxHashSet::default();
        for group in equal {
            let free: Vec<u32> = group.into_iter().filter(|rank| !apart.contains(rank)).collect();
            let [first, second, ..] = free[..] else { continue };
            free.iter().for_each(|&rank| original[rank as usize] = first);
            if scorer.weight(first, second) < join_weight {
                left.insert(first);
            }
        }
        let originals = (0..).zip(&original).filter(|(rank, original)| rank == *original).map(|(rank, _)| rank);
        Self { originals: originals.collect(), original, left }
    }

    /// The record that one goes with in the end.
    fn followed(&self, rank: u32) -> u32 {
        let original = self.original[rank as usize];
        if self.left.contains(&original) { rank } else { original }
    }

    /// The records that are compared, by rank: those that stand for themselves or for others.
    pub(crate) fn originals(&self) -> &[u32] {
        &self.originals
    }

    /// Judgements as they concern the originals.
    pub(crate) fn judged(&self, judgements: &[Judgement]) -> Vec<Judgement> {
        let moved = judgements.iter().map(|judgement| Judgement {
            left: self.followed(judgement.left),
            right: self.followed(judgement.right),
            same: judgement.same,
        });
        moved.filter(|judgement| judgement.left != judgement.right).collect()
    }

    /// Puts the copies back: each joins its original, wherever that went, or is told to be possibly one with it.
    pub(crate) fn put_back(&self, clustering: Clustering, scorer: &Scorer<'_>) -> Clustering {
        if self.originals.len() == self.original.len() {
            return clustering;
        }
        let home = clustering.clusters;
        let least = |rank: u32| home.members(home.of_records()[self.followed(rank) as usize] as usize)[0];
        // The least member of a cluster of originals is the least of all, since an original is the least of its group.
        let least: Vec<u32> = (0..self.original.len() as u32).map(least).collect();
        let mut decisions = clustering.decisions;
        let copies = (0..).zip(&self.original).filter(|(rank, original)| rank != *original);
        decisions.extend(copies.map(|(rank, &original)| PairDecision {
            kind: if self.left.contains(&original) { DecisionKind::PossibleMatch } else { DecisionKind::Join },
            left: original,
            right: rank,
            weight: scorer.weight(original, rank),
            reason: None,
        }));
        sort_decisions(&mut decisions);
        Clustering { clusters: Clusters::from_least(&least), decisions, cuts: clustering.cuts }
    }
}

/// Groups of two records or more that are equal in all their values, and say something at all, each by rank.
pub(crate) fn equal_records(encoded: &Encoded) -> Vec<Vec<u32>> {
    let ranks = (0..encoded.len() as u32).into_par_iter();
    let mut by_content: Vec<(u64, u32)> = ranks.map(|rank| (encoded.content(rank), rank)).collect();
    by_content.par_sort_unstable();
    let mut groups = Vec::new();
    for run in by_content.chunk_by(|a, b| a.0 == b.0).filter(|run| run.len() > 1 && run[0].0 != 0) {
        let (first, rest) = (run[0].1, &run[1..]);
        // Anybody may look for two contents of one hash; whoever differs stays alone.
        let equal = rest.iter().map(|(_, rank)| *rank).filter(|rank| encoded.row(*rank) == encoded.row(first));
        groups.push(std::iter::once(first).chain(equal).collect::<Vec<u32>>());
    }
    groups.retain(|group| group.len() > 1);
    groups
}
