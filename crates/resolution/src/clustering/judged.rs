//! The judgements that concern one component.

use super::ClusterInput;
use rustc_hash::FxHashMap;

/// The judgements that concern this component, as sorted pairs of places.
#[derive(Default)]
pub(super) struct Judged {
    pub(super) same: Vec<(u32, u32)>,
    pub(super) different: Vec<(u32, u32)>,
}

impl Judged {
    pub(super) fn new(input: &ClusterInput<'_>, records: &[u32]) -> Self {
        let mut judged = Self::default();
        if input.judgements.is_empty() {
            return judged;
        }
        let places: FxHashMap<u32, u32> = records.iter().copied().zip(0..).collect();
        for judgement in input.judgements {
            if let (Some(&left), Some(&right)) = (places.get(&judgement.left), places.get(&judgement.right)) {
                let list = if judgement.same { &mut judged.same } else { &mut judged.different };
                list.push((left.min(right), left.max(right)));
            }
        }
        judged.same.sort_unstable();
        judged.different.sort_unstable();
        judged
    }
}
