//! Which pairs hold a component together.

use super::exclusive::{ExclusiveColumn, Meeting, identifiers, meeting};
use super::{ClusterInput, ClusterSettings};

/// Tells of a pair whether its records belong to one component; a batch and a change ask the same question.
///
/// Two records whose own identifiers exclude each other never join. They are of one component only if their pair weighs
/// so much that somebody should see what kept them apart.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Holding<'a> {
    exclusive: &'a [ExclusiveColumn<'a>],
    loose_weight: i32,
    match_weight: i32,
}

impl<'a> Holding<'a> {
    /// By the exclusive columns of the records.
    pub(crate) fn new(exclusive: &'a [ExclusiveColumn<'a>], settings: &ClusterSettings) -> Self {
        Self { exclusive, loose_weight: settings.loose_weight, match_weight: settings.match_weight }
    }

    /// Whether the pair of the records at two positions of the columns holds them together; the weight in thousandths of
    /// a bit.
    pub(crate) fn holds(&self, left: u32, right: u32, weight: i32) -> bool {
        weight >= self.loose_weight && (weight >= self.match_weight || !self.excludes(left, right))
    }

    fn excludes(&self, left: u32, right: u32) -> bool {
        let of = |position| identifiers(self.exclusive, position);
        meeting(&of(left), &of(right)) == Meeting::Different
    }
}

impl ClusterInput<'_> {
    /// Whether the pair of two records, by rank, holds them together.
    pub(super) fn holds(&self, settings: &ClusterSettings, left: u32, right: u32, weight: i32) -> bool {
        let position = |rank: u32| self.positions[rank as usize];
        Holding::new(self.exclusive, settings).holds(position(left), position(right), weight)
    }
}
