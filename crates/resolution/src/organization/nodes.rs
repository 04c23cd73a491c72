//! Nodes: records that say the same of everything but their sets are one from the start.

use crate::encoding::Encoded;
use rustc_hash::FxHashMap;
use vinculo_records::{AttributeType, Comparable};

/// Records grouped into nodes. Nodes are in the order of their least record.
#[derive(Debug)]
pub(super) struct Nodes {
    /// The node of each record, by rank.
    pub(super) of: Vec<u32>,
    /// The least record of each node.
    pub(super) first: Vec<u32>,
}

impl Nodes {
    /// Groups records by all their values in the columns that `counts` says; a record for which `alone` holds is a node
    /// of its own, and so is one without a value.
    pub(super) fn new(records: &Encoded, counts: impl Fn(Comparable) -> bool, alone: impl Fn(u32) -> bool) -> Self {
        let columns: Vec<usize> =
            records.filled().filter(|&what| counts(what)).filter_map(|what| records.column(what)).collect();
        let mut known: FxHashMap<Vec<u32>, u32> = FxHashMap::default();
        let mut nodes = Self { of: Vec::with_capacity(records.len()), first: Vec::new() };
        let mut says = Vec::new();
        for rank in 0..records.len() as u32 {
            says.clear();
            for &column in &columns {
                says.extend_from_slice(records.values(rank, column));
                says.push(u32::MAX);
            }
            let next = nodes.first.len() as u32;
            let empty = says.iter().all(|&value| value == u32::MAX);
            let node = match empty || alone(rank) {
                true => next,
                false => *known.entry(says.clone()).or_insert(next),
            };
            if node == next {
                nodes.first.push(rank);
            }
            nodes.of.push(node);
        }
        nodes
    }

    /// How many nodes.
    pub(super) fn len(&self) -> usize {
        self.first.len()
    }
}

/// Whether a column is a set.
pub(super) fn is_set(what: Comparable) -> bool {
    matches!(what, Comparable::Custom(_, AttributeType::Set))
}
