//! Resolving only what changed, under a frozen model: the same answer as among all records.
//!
//! Under a model everything about a candidate pair follows from its two records, and from how often the blocks that they
//! share are halved. So a change can be followed by itself:
//!
//! 1. The records of a change are those that are new, changed, judged or gone, and the members of blocks whose
//!    [`halvings`] the change moved.
//! 2. They touch whoever weighs enough with them now ([`edges`]), looked for among those that share a block or the content
//!    with them ([`keys`]), and all touch everything that the last decisions and customers lead to, in turn, until nothing
//!    new comes. Judgements between two records count as edges; where one of the two is changed, so is the other.
//! 3. What was found are whole components, which are resolved by themselves ([`resolve_part`]).

#[cfg(test)]
mod definition;
#[cfg(test)]
mod driver;
mod lists;
#[cfg(test)]
mod tests;

pub use crate::blocking::{Halvings, SCATTERED};
use crate::blocking::{KeyParts, Memberships, part_of, times_halved};
use crate::clustering::Holding;
use crate::comparison::Frequencies;
use crate::encoding::{Encoded, tasks};
use crate::model::Model;
use crate::organization::{OrganizationModel, Organizations};
use crate::pipeline::{self, Resolution, Run};
use crate::plan::ResolutionPlan;
use crate::scoring::Scorer;
pub use lists::{KeyLists, Listed, ListedPart};
use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};
use vinculo_records::{ComparableRecords, Kind};

/// What a record is found by under a model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordKeys {
    /// Equal for records that are equal in all their values, which are copies; 0 for one that says nothing and is no
    /// copy of any other.
    pub content: u64,
    /// The blocks that it is in, ascending; the upper bits are as good as random.
    pub blocks: Vec<u64>,
}

/// What records are found by, in the order of the records. All records that share a block are candidates, once the block
/// is halved as often as it must be.
pub fn keys(plan: &ResolutionPlan, model: &Model, records: &ComparableRecords) -> Vec<RecordKeys> {
    let encoded = Encoded::new(records);
    let by_rank = Bound::new(plan, model, &encoded).keys();
    let mut keys = vec![RecordKeys { content: 0, blocks: Vec::new() }; records.len()];
    for (&position, found) in encoded.positions().iter().zip(by_rank) {
        keys[position as usize] = found;
    }
    keys
}

/// The keys of all records by rank; `blocks` writes those of one in place of what stands there.
pub(crate) fn keys_by_rank(records: &Encoded, blocks: impl Fn(u32, &mut Vec<u64>) + Sync) -> Vec<RecordKeys> {
    let of_rank = |found: &mut Vec<u64>, rank| {
        blocks(rank, found);
        RecordKeys { content: records.content(rank), blocks: found.clone() }
    };
    tasks((0..records.len() as u32).into_par_iter(), records.len()).map_init(Vec::new, of_rank).collect()
}

/// How often a block is halved that holds so many different contents.
pub fn halvings(model: &Model, block: u64, originals: usize) -> u8 {
    times_halved(model.block_limit(block), originals)
}

/// The pairs that hold components together, of which at least one is among the `asked` ones, with their weights in
/// thousandths of a bit. Records are told by position, the lesser first. Copies are tied to one of them, whatever their
/// weight, and ask and are asked together.
pub fn edges(
    plan: &ResolutionPlan,
    model: &Model,
    records: &ComparableRecords,
    asked: &[u32],
    halvings: &Halvings,
) -> Vec<(u32, u32, i32)> {
    let encoded = Encoded::new(records);
    let bound = Bound::new(plan, model, &encoded);
    let weight = bound.weight();
    let keys = bound.keys();
    let exclusive = pipeline::exclusive_columns(plan, records);
    let holding = Holding::new(&exclusive, &plan.clustering);
    let position = |rank: u32| encoded.positions()[rank as usize];
    let is_asked: FxHashSet<u32> = asked.iter().copied().collect();
    let originals = originals(&keys);
    let asking: FxHashSet<u32> = (0..)
        .zip(&originals)
        .filter(|(rank, _)| is_asked.contains(&position(*rank)))
        .map(|(_, first)| *first)
        .collect();
    let mut members: FxHashMap<(u64, u64), Vec<u32>> = FxHashMap::default();
    let mut found: Vec<(u32, u32, i32)> = Vec::new();
    for ((rank, &first), keys) in (0..).zip(&originals).zip(&keys) {
        if first == rank {
            let parts = keys.parts(halvings);
            parts.for_each(|part| members.entry(part).or_default().push(rank));
        } else if asking.contains(&first) {
            found.push((first, rank, weight(first, rank)));
        }
    }
    let mut met: FxHashSet<(u32, u32)> = FxHashSet::default();
    for &rank in &asking {
        for &other in keys[rank as usize].parts(halvings).flat_map(|part| &members[&part]) {
            let pair = (rank.min(other), rank.max(other));
            if other != rank && met.insert(pair) {
                let weight = weight(pair.0, pair.1);
                let holds = holding.holds(position(pair.0), position(pair.1), weight);
                found.extend(holds.then_some((pair.0, pair.1, weight)));
            }
        }
    }
    for edge in &mut found {
        let (left, right) = (position(edge.0), position(edge.1));
        (edge.0, edge.1) = (left.min(right), left.max(right));
    }
    found.sort_unstable();
    found
}

/// Resolves records that are whole components, all copies of each record among them; the same answer as among all records.
pub fn resolve_part(
    plan: &ResolutionPlan,
    model: &Model,
    records: &ComparableRecords,
    halvings: &Halvings,
    run: Run<'_>,
) -> Resolution {
    pipeline::resolve_part(plan, model, records, halvings, run)
}

/// Whether a part of the records can be resolved by itself. Where organizations have sets, the sets of a whole cluster
/// speak for each of its records, and what a member of a set is worth hangs on all clusters: those are resolved whole.
pub fn is_local(plan: &ResolutionPlan, model: &Model) -> bool {
    match plan.kind {
        Kind::Person => true,
        Kind::Organization => model.organizations.as_ref().is_some_and(OrganizationModel::is_local),
    }
}

impl RecordKeys {
    /// Whether the record and one of these keys are candidates, or copies; `halvings` names at least the halved blocks
    /// that both are in.
    pub(crate) fn are_candidates(&self, other: &Self, halvings: &Halvings) -> bool {
        let are_copies = self.content != 0 && self.content == other.content;
        let meet = |block: &u64| {
            let times = halvings.get(block).copied().unwrap_or(0);
            other.blocks.binary_search(block).is_ok()
                && part_of(*block, self.content, times) == part_of(*block, other.content, times)
        };
        are_copies || self.blocks.iter().any(meet)
    }

    /// The parts of blocks that the record is in.
    fn parts(&self, halvings: &Halvings) -> impl Iterator<Item = (u64, u64)> {
        let times = |block| halvings.get(&block).copied().unwrap_or(0);
        self.blocks.iter().map(move |&block| (block, part_of(block, self.content, times(block))))
    }
}

/// Of each record the first of its copies, by rank.
fn originals(keys: &[RecordKeys]) -> Vec<u32> {
    let mut first_of: FxHashMap<u64, u32> = FxHashMap::default();
    let of_content = |(rank, keys): (u32, &RecordKeys)| match keys.content {
        0 => rank,
        content => *first_of.entry(content).or_insert(rank),
    };
    (0..).zip(keys).map(of_content).collect()
}

/// A model bound to records of its kind.
enum Bound<'a> {
    Persons { plan: &'a ResolutionPlan, model: &'a Model, records: &'a Encoded, parts: KeyParts },
    Organizations(Box<Organizations<'a, 'a>>),
}

impl<'a> Bound<'a> {
    fn new(plan: &'a ResolutionPlan, model: &'a Model, records: &'a Encoded) -> Self {
        match &model.organizations {
            None => {
                let parts = KeyParts::new(&plan.rules, records, Frequencies(&model.frequencies));
                Self::Persons { plan, model, records, parts }
            }
            Some(model) => Self::Organizations(Box::new(Organizations::new(records, plan, model))),
        }
    }

    /// By rank.
    fn keys(&self) -> Vec<RecordKeys> {
        match self {
            Self::Persons { plan, model, records, parts } => {
                let memberships = Memberships::new(&plan.rules, &model.blocks, parts, records.len());
                keys_by_rank(records, |rank, blocks| memberships.of(rank, blocks))
            }
            Self::Organizations(organizations) => organizations.keys(),
        }
    }

    /// The weight of two records by rank, in thousandths of a bit.
    fn weight(&self) -> Box<dyn Fn(u32, u32) -> i32 + '_> {
        match self {
            Self::Persons { plan, model, records, .. } => {
                let scorer = Scorer::new(plan, model, records);
                Box::new(move |a, b| scorer.weight(a, b))
            }
            Self::Organizations(organizations) => Box::new(|a, b| organizations.weight(a, b)),
        }
    }
}
