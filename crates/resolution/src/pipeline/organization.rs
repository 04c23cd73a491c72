//! Organizations: the design of their own, told in the same words.

use super::report::Scored;
use super::{Among, Run, Worked};
use crate::clustering::{ExclusiveColumn, Judgement};
use crate::incremental::keys_by_rank;
use crate::organization::{OrganizationClustering, OrganizationModel, Organizations};
use crate::plan::ResolutionPlan;

pub(super) fn resolve(
    plan: &ResolutionPlan,
    model: &OrganizationModel,
    among: Among<'_>,
    resolved: Option<OrganizationClustering>,
    exclusive: &[ExclusiveColumn<'_>],
    judgements: &[Judgement],
    run: Run<'_>,
) -> Worked {
    let mut organizations = Organizations::new(among.encoded, plan, model);
    let found = match resolved {
        Some(found) if judgements.is_empty() => found,
        _ => organizations.resolve(exclusive, judgements, among.halvings),
    };
    let mut scored = Scored::default();
    for pair in &found.pairs {
        scored.weights.add(pair.weight);
    }
    scored.pairs = found.pairs;
    let levels = |a, b| organizations.explain(a, b).iter().map(|evidence| evidence.level).collect();
    let decided = &found.clustering.decisions;
    Worked {
        levels: decided.iter().map(|decision| levels(decision.left, decision.right)).collect(),
        clustering: found.clustering,
        scored,
        rules: vec![found.blocking],
        keys: run.keys.then(|| keys_by_rank(among.encoded, |rank| organizations.blocks(rank))),
    }
}
