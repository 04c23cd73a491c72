//! Persons: candidates by rules, weights by the trained model, then clusters.

use super::copies::{Copies, equal_records};
use super::report::Scored;
use super::{Among, Run, Worked};
use crate::blocking::{Blocks, KeyParts, Memberships, RuleReport, visit_candidates};
use crate::clustering::{ClusterInput, Clustering, Judgement, PairDecision, cluster};
use crate::comparison::{Comparison, Frequencies};
use crate::encoding::mix;
use crate::incremental::KeyLists;
use crate::model::Model;
use crate::plan::ResolutionPlan;
use crate::scoring::Scorer;
use crate::training::Candidates;
use rayon::prelude::*;
use vinculo_records::Comparable;

/// Pairs that are read together, before they are compared.
const AT_ONCE: usize = 32;

pub(super) fn resolve(
    plan: &ResolutionPlan,
    model: &Model,
    among: Among<'_>,
    prepared: Option<Candidates>,
    judgements: &[Judgement],
    run: Run<'_>,
) -> Worked {
    let encoded = among.encoded;
    let scorer = Scorer::new(plan, model, encoded);
    // Parts of keys take much memory, and are made in no time: they do not wait until keys are told.
    let parts = || KeyParts::new(&plan.rules, encoded, Frequencies(&model.frequencies));
    let (equal, made) = match prepared {
        Some(Candidates { equal, ranks, blocks }) => (equal, Some((ranks, blocks))),
        None => (equal_records(encoded), None),
    };
    let copies = Copies::of(encoded, equal, &scorer, plan, judgements);
    let blocks = match made.filter(|(ranks, _)| ranks == copies.originals()) {
        Some((_, blocks)) => blocks,
        None => Blocks::new(plan, &model.blocks, &parts(), encoded, copies.originals(), among.halvings),
    };
    let (scored, rules) = score_candidates(plan, &scorer, &blocks, run.partitions);
    drop(blocks);
    let born = encoded.column(Comparable::BirthDate).filter(|_| plan.comparisons.contains(&Comparison::BirthDate));
    let clustering = cluster(
        &ClusterInput {
            positions: encoded.positions(),
            pairs: &scored.pairs,
            exclusive: among.exclusive,
            judgements: &copies.judged(judgements),
            dated: &|rank| born.is_some_and(|column| !encoded.values(rank, column).is_empty()),
            score: &|a, b| scorer.weight(a, b),
        },
        &plan.clustering,
    );
    let clustering = copies.put_back(clustering, &scorer);
    let levels = levels_of(&clustering, &scorer, plan.comparisons.len());
    // Keys of all records take much memory: what is no longer needed goes first.
    drop(scorer);
    let keys = run.keys.then(|| {
        let parts = parts();
        let memberships = Memberships::new(&plan.rules, &model.blocks, &parts, encoded.len());
        KeyLists::new(encoded, |rank, blocks| memberships.of(rank, blocks))
    });
    Worked { clustering, levels, scored, rules, keys }
}

/// The levels of the pair of each decision. Pairs are compared in the order of their ranks, as they lie in memory.
fn levels_of(clustering: &Clustering, scorer: &Scorer<'_>, comparisons: usize) -> Vec<Vec<u8>> {
    let pair = |(at, decision): (usize, &PairDecision)| (decision.left, decision.right, at);
    let mut pairs: Vec<(u32, u32, usize)> = clustering.decisions.par_iter().enumerate().map(pair).collect();
    pairs.par_sort_unstable();
    let compare_some = |some: &[(u32, u32, usize)]| {
        scorer.fetch(some.iter().map(|(_, right, _)| *right));
        let levels = |(left, right)| scorer.compare(left, right).levels(comparisons).to_vec();
        some.iter().map(|&(left, right, at)| (at, levels((left, right)))).collect::<Vec<_>>()
    };
    let compared: Vec<(usize, Vec<u8>)> = pairs.par_chunks(AT_ONCE).flat_map_iter(compare_some).collect();
    let mut levels = vec![Vec::new(); compared.len()];
    compared.into_iter().for_each(|(at, of_pair)| levels[at] = of_pair);
    levels
}

fn score_candidates(
    plan: &ResolutionPlan,
    scorer: &Scorer<'_>,
    blocks: &Blocks,
    partitions: u32,
) -> (Scored, Vec<RuleReport>) {
    let kept_from = plan.clustering.loose_weight.min(plan.clustering.review_weight);
    let score = |scored: &mut Scored, left: u32, partners: &[u32]| {
        scorer.weights_from(left, partners, kept_from, |right, weight| scored.add(left, right, weight));
    };
    let mut all = Scored::default();
    let mut counts = vec![0; plan.rules.len()];
    let partitions = partitions.max(1);
    for partition in 0..partitions {
        let in_partition = |rank: u32| mix(u64::from(rank), 0) % u64::from(partitions) == u64::from(partition);
        let (parts, pairs) = visit_candidates(blocks, Scored::default, in_partition, score);
        parts.iter().for_each(|part| all.append(part));
        counts.iter_mut().zip(pairs).for_each(|(sum, pairs)| *sum += pairs);
    }
    all.pairs.par_sort_unstable();
    (all, blocks.reports(&counts))
}
