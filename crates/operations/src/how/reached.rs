//! The levels of a decision, named by the model under which it was made.

use super::Reached;
use serde_json::Value;
use vinculo_records::{Attributes, Kind};
use vinculo_resolution::ResolutionPlan;
use vinculo_resolution::comparison::Counted;
use vinculo_resolution::explanation::organization_levels;
use vinculo_resolution::plan::comparison_name;

/// What a model compares, in its order.
#[derive(Debug)]
pub(super) struct Compared {
    plan: ResolutionPlan,
    /// Of what a model of organizations has frequencies.
    counted: Vec<Counted>,
}

impl Compared {
    /// As the store tells it; none for a plan of another form, which cannot be read any more.
    pub(super) fn read(plan: Value, counted: Value) -> Option<Self> {
        Some(Self { plan: serde_json::from_value(plan).ok()?, counted: serde_json::from_value(counted).ok()? })
    }

    /// What each level is of, and its name; empty for levels that the model does not give.
    pub(super) fn name(&self, levels: &[u8], attributes: &Attributes) -> Vec<Reached> {
        let named = match self.plan.kind {
            Kind::Organization => organization_levels(&self.counted, levels, attributes),
            Kind::Person if self.plan.comparisons.len() != levels.len() => Vec::new(),
            Kind::Person => {
                let reached = self.plan.comparisons.iter().zip(levels);
                let named = reached.map(|(comparison, level)| {
                    (comparison_name(*comparison, attributes), comparison.level_name(*level).to_owned())
                });
                named.collect()
            }
        };
        named.into_iter().map(|(comparison, level)| Reached { comparison, level }).collect()
    }
}
