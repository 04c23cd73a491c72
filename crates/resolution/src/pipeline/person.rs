//! Persons: candidates by rules, weights by the trained model, then clusters.

use super::report::Scored;
use super::{Run, Worked};
use crate::blocking::{self, KeyMaker, KeyMatrix, Partition, RuleCount, RuleReport, visit_candidates};
use crate::clustering::{ClusterInput, ExclusiveColumn, Judgement, cluster};
use crate::comparison::Frequencies;
use crate::encoding::Encoded;
use crate::model::Model;
use crate::pair::ScoredPair;
use crate::plan::ResolutionPlan;
use crate::scoring::Scorer;

pub(super) fn resolve(
    plan: &ResolutionPlan,
    model: &Model,
    encoded: &Encoded,
    exclusive: &[ExclusiveColumn<'_>],
    judgements: &[Judgement],
    run: Run<'_>,
) -> Worked {
    let scorer = Scorer::new(plan, model, encoded);
    let (scored, rules) = score_candidates(plan, model, encoded, &scorer, run.partitions);
    let clustering = cluster(
        &ClusterInput {
            positions: encoded.positions(),
            pairs: &scored.pairs,
            exclusive,
            judgements,
            score: &|a, b| scorer.weight(a, b),
        },
        &plan.clustering,
    );
    let levels = |&(a, b): &(u32, u32)| scorer.compare(a, b).levels(plan.comparisons.len()).to_vec();
    let decided = clustering.decisions.iter().map(|decision| (decision.left, decision.right));
    Worked { levels: decided.map(|pair| levels(&pair)).collect(), clustering, scored, rules }
}

fn score_candidates(
    plan: &ResolutionPlan,
    model: &Model,
    encoded: &Encoded,
    scorer: &Scorer<'_>,
    partitions: u32,
) -> (Scored, Vec<RuleReport>) {
    let maker = KeyMaker::new(encoded, Frequencies(&model.frequencies));
    let matrix = KeyMatrix::new(&plan.rules, &model.blocks, &maker, encoded.len());
    let kept_from = plan.clustering.loose_weight.min(plan.clustering.review_weight);
    let mut all = Scored::default();
    let mut counts = vec![RuleCount::default(); plan.rules.len()];
    for partition in Partition::split(partitions.max(1)) {
        let score = |scored: &mut Scored, left, right| {
            let weight = scorer.weight(left, right);
            scored.weights.add(weight);
            if weight >= kept_from {
                scored.pairs.push(ScoredPair { left, right, weight });
            }
        };
        let all_wanted = |_, _| true;
        let (parts, rules) =
            visit_candidates(&matrix, &model.blocks, encoded, partition, Scored::default, all_wanted, score);
        for part in parts {
            all.pairs.extend_from_slice(&part.pairs);
            all.weights.merge(&part.weights);
        }
        for (sum, count) in counts.iter_mut().zip(rules) {
            sum.pairs += count.pairs;
            sum.cut_pairs += count.cut_pairs;
        }
    }
    all.pairs.sort_unstable();
    let report = blocking::report(&plan.rules, &model.blocks, &counts, &matrix, &maker);
    (all, report)
}
