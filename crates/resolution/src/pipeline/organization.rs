//! Organizations: the design of their own, told in the same words.

use super::report::Scored;
use super::{Among, Run, Worked};
use crate::clustering::{Judgement, PairDecision};
use crate::encoding::tasks;
use crate::organization::{Learned, OrganizationModel, Organizations};
use crate::plan::ResolutionPlan;
use rayon::prelude::*;

pub(super) fn resolve(
    plan: &ResolutionPlan,
    model: &OrganizationModel,
    among: Among<'_>,
    learned: Option<Learned<'_>>,
    judgements: &[Judgement],
    run: Run<'_>,
) -> Worked {
    let (resolved, mut organizations) = match learned {
        Some(mut learned) => (learned.found.take(), Organizations::trained(learned, among.encoded, plan, model)),
        None => (None, Organizations::new(among.encoded, plan, model)),
    };
    let found = match resolved {
        Some(found) if judgements.is_empty() => found,
        _ => organizations.resolve(among.exclusive, judgements, among.halvings),
    };
    let mut scored = Scored::default();
    scored.weights.below = found.below;
    for pair in &found.pairs {
        scored.weights.add(pair.weight);
    }
    scored.pairs = found.pairs;
    let levels = |decision: &PairDecision| -> Vec<u8> {
        let evidence = organizations.explain(decision.left, decision.right);
        evidence.iter().map(|evidence| evidence.level).collect()
    };
    let decided = &found.clustering.decisions;
    Worked {
        levels: tasks(decided.par_iter(), decided.len()).map(levels).collect(),
        clustering: found.clustering,
        scored,
        rules: vec![found.blocking],
        keys: run.keys.then(|| organizations.key_lists()),
    }
}
