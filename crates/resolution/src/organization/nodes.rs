//! Nodes: records that say the same of everything but their sets are one from the start.

use crate::encoding::{Encoded, mix, tasks};
use rayon::prelude::*;
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
        let said = |rank: u32| columns.iter().map(move |&column| records.values(rank, column));
        let hash = |rank: u32| -> Option<u64> {
            let is_empty = said(rank).all(<[u32]>::is_empty);
            let of_column = |hash, values: &[u32]| {
                values.iter().fold(mix(hash, values.len() as u64), |hash, value| mix(hash, u64::from(*value)))
            };
            (!is_empty).then(|| said(rank).fold(0, of_column))
        };
        let hashes: Vec<Option<u64>> =
            tasks((0..records.len() as u32).into_par_iter(), records.len()).map(hash).collect();
        let mut known: FxHashMap<u64, u32> = FxHashMap::default();
        let mut nodes = Self { of: Vec::with_capacity(records.len()), first: Vec::new() };
        for (rank, hash) in (0..).zip(hashes) {
            let next = nodes.first.len() as u32;
            let same = hash.filter(|_| !alone(rank)).map(|hash| *known.entry(hash).or_insert(next));
            // Anybody may look for two contents of one hash; whoever differs stays alone.
            let is_same = |node: &u32| *node < next && said(rank).eq(said(nodes.first[*node as usize]));
            let node = same.filter(is_same).unwrap_or(next);
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
