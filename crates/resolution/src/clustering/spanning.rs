//! Decisions that span their component.
//!
//! A component is one whole: when one of its records changes, all of it is clustered anew. It is found again through what
//! was decided, so that joins, conflicts and possible matches must lead from each of its records to all others. Where the
//! notable ones do not, the strongest pairs that hold it together are noted as well, between the pieces that these leave:
//! by itself each is a possible match, whatever the rest of its cluster says.

use super::components::{Component, DisjointSets};
use super::{Found, PairDecision};
use std::cmp::Reverse;
use vinculo_records::DecisionKind;

/// Adds the decisions that lead from piece to piece of a component; `holds` tells of two records and their weight whether
/// the pair holds it together.
pub(super) fn span(component: &Component, holds: &dyn Fn(u32, u32, i32) -> bool, found: &mut Found) {
    let faint = std::mem::take(&mut found.faint);
    if found.followers.len() + 1 == component.records.len() {
        return;
    }
    // Places are in the order of the ranks.
    let place = |record: u32| component.records.partition_point(|other| *other < record) as u32;
    let mut pieces = DisjointSets::new(component.records.len());
    let decided = found.decisions.iter().map(|decision| (decision.left, decision.right));
    found.followers.iter().copied().chain(decided).for_each(|(a, b)| _ = pieces.unite(place(a), place(b)));
    let possible = |&(left, right, weight): &(u32, u32, i32)| PairDecision {
        kind: DecisionKind::PossibleMatch,
        left: component.records[left as usize],
        right: component.records[right as usize],
        weight,
        reason: None,
    };
    let mut further: Vec<PairDecision> = faint.into_iter().chain(component.pairs.iter().map(possible)).collect();
    // Of two about one pair the one that knows what it would run into tells more.
    further.sort_unstable_by_key(|further| {
        (Reverse(further.weight), further.left, further.right, further.reason.is_none())
    });
    further.retain(|further| holds(further.left, further.right, further.weight));
    further.retain(|further| pieces.unite(place(further.left), place(further.right)));
    found.decisions.append(&mut further);
}
