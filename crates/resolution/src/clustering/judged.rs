//! The judgements that concern one component.
//!
//! "Different" is a constraint: no join may bring the two into one cluster. "Same" makes the clusters of the two *kin*: one
//! customer, in which each still grows by its own evidence. Were they one cluster for the evidence too, the many pairs that
//! a person has overruled would outvote the records that each of them brings along.

use super::{ClusterInput, Judgement};
use rustc_hash::FxHashMap;

/// The judgements that concern this component, as sorted pairs of places.
#[derive(Default)]
pub(super) struct Judged {
    pub(super) same: Vec<(u32, u32)>,
    pub(super) different: Vec<(u32, u32)>,
}

impl Judged {
    /// Those of the input's judgements, sorted by their left records, whose records are both among these.
    pub(super) fn new(input: &ClusterInput<'_>, records: &[u32]) -> Self {
        let mut judged = Self::default();
        if input.judgements.is_empty() {
            return judged;
        }
        let found: Vec<&Judgement> = records.iter().flat_map(|record| of_left(input.judgements, *record)).collect();
        if found.is_empty() {
            return judged;
        }
        let places: FxHashMap<u32, u32> = records.iter().copied().zip(0..).collect();
        for judgement in found {
            if let Some(&right) = places.get(&judgement.right) {
                let left = places[&judgement.left];
                let list = if judgement.same { &mut judged.same } else { &mut judged.different };
                list.push((left.min(right), left.max(right)));
            }
        }
        judged.same.sort_unstable();
        judged.different.sort_unstable();
        judged
    }
}

fn of_left(sorted: &[Judgement], record: u32) -> impl Iterator<Item = &Judgement> {
    let from = sorted.partition_point(|judgement| judgement.left < record);
    sorted[from..].iter().take_while(move |judgement| judgement.left == record)
}
