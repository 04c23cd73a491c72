//! Organizations: the design of their own, told in the same words.

use super::Worked;
use super::report::Scored;
use crate::blocking::RuleReport;
use crate::clustering::{ExclusiveColumn, Judgement};
use crate::encoding::Encoded;
use crate::organization::{OrganizationModel, Organizations};
use crate::plan::ResolutionPlan;

/// The name of the one way in which candidates are found, in reports.
const RULE: &str = "organization";

pub(super) fn resolve(
    plan: &ResolutionPlan,
    model: &OrganizationModel,
    encoded: &Encoded,
    exclusive: &[ExclusiveColumn<'_>],
    judgements: &[Judgement],
) -> Worked {
    let mut organizations = Organizations::new(encoded, plan, model);
    let found = organizations.resolve(exclusive, judgements);
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
        rules: vec![RuleReport {
            rule: RULE.to_owned(),
            pairs: found.blocking.pairs,
            block_limit: plan.block_limit,
            oversized_keys: found.blocking.oversized_blocks,
            cut_keys: found.blocking.cut_blocks,
            cut_records: found.blocking.cut_records,
            ..RuleReport::default()
        }],
    }
}
