//! Loose components: the records that might belong together at all, and the pairs between them.

use super::{ClusterInput, ClusterSettings};

/// One component. Its records are in the order of their ranks, so that comparing places compares ranks.
pub(super) struct Component {
    pub(super) records: Vec<u32>,
    /// Scored pairs as places in `records`, the lesser first, and their weight; each pair once.
    pub(super) pairs: Vec<(u32, u32, i32)>,
}

/// All components of two records or more, by their least record.
pub(super) struct Components<'a> {
    input: &'a ClusterInput<'a>,
    /// The place of each record among the records of its component.
    place: Vec<u32>,
    record_offsets: Vec<u32>,
    records: Vec<u32>,
    pair_offsets: Vec<u32>,
    pairs: Vec<u32>,
}

const ALONE: u32 = u32::MAX;

impl<'a> Components<'a> {
    /// The components that the pairs that hold and the judgements "same" make.
    pub(super) fn new(input: &'a ClusterInput<'a>, settings: &ClusterSettings) -> Self {
        let count = input.positions.len();
        let mut sets = DisjointSets::new(count);
        for pair in input.pairs {
            if input.holds(settings, pair.left, pair.right, pair.weight) {
                sets.unite(pair.left, pair.right);
            }
        }
        for judgement in input.judgements.iter().filter(|judgement| judgement.same) {
            sets.unite(judgement.left, judgement.right);
        }

        let component_of = number_components(&mut sets);
        let components = component_of.iter().filter(|c| **c != ALONE).max().map_or(0, |c| c + 1) as usize;
        let held = component_of.iter().copied().zip(0..).filter(|(c, _)| *c != ALONE);
        let (record_offsets, records) = group(components, held);
        let mut place = vec![0; count];
        for c in 0..components {
            let members = &records[record_offsets[c] as usize..record_offsets[c + 1] as usize];
            for (p, &record) in members.iter().enumerate() {
                place[record as usize] = p as u32;
            }
        }
        let inside = input.pairs.iter().enumerate().filter_map(|(i, pair)| {
            let c = component_of[pair.left as usize];
            let same = c != ALONE && c == component_of[pair.right as usize] && pair.left != pair.right;
            same.then_some((c, i as u32))
        });
        let (pair_offsets, pairs) = group(components, inside);
        Self { input, place, record_offsets, records, pair_offsets, pairs }
    }

    pub(super) fn len(&self) -> usize {
        self.record_offsets.len() - 1
    }

    pub(super) fn get(&self, c: usize) -> Component {
        let records = &self.records[self.record_offsets[c] as usize..self.record_offsets[c + 1] as usize];
        let pairs = &self.pairs[self.pair_offsets[c] as usize..self.pair_offsets[c + 1] as usize];
        let local = |&pair: &u32| {
            let pair = self.input.pairs[pair as usize];
            let (left, right) = (self.place[pair.left as usize], self.place[pair.right as usize]);
            (left.min(right), left.max(right), pair.weight)
        };
        Component::new(records.to_vec(), pairs.iter().map(local).collect())
    }
}

impl Component {
    fn new(records: Vec<u32>, mut pairs: Vec<(u32, u32, i32)>) -> Self {
        // A pair that came twice counts once, with its greater weight.
        pairs.sort_unstable_by_key(|&(left, right, weight)| (left, right, std::cmp::Reverse(weight)));
        pairs.dedup_by_key(|&mut (left, right, _)| (left, right));
        Self { records, pairs }
    }

    /// The components that are left when pairs below `weight` are taken away, those of one record as well; places that were
    /// judged the same stay together.
    pub(super) fn split_at(&self, weight: i32, same: &[(u32, u32)]) -> Vec<Self> {
        let strong: Vec<_> = self.pairs.iter().filter(|pair| pair.2 >= weight).collect();
        let mut sets = DisjointSets::new(self.records.len());
        strong.iter().for_each(|&&(left, right, _)| _ = sets.unite(left, right));
        same.iter().for_each(|&(left, right)| _ = sets.unite(left, right));
        let mut part_of_root = vec![ALONE; self.records.len()];
        let mut home = Vec::with_capacity(self.records.len());
        let mut parts: Vec<Self> = Vec::new();
        for (place, &record) in self.records.iter().enumerate() {
            let part = &mut part_of_root[sets.root(place as u32) as usize];
            if *part == ALONE {
                *part = parts.len() as u32;
                parts.push(Self { records: Vec::new(), pairs: Vec::new() });
            }
            let records = &mut parts[*part as usize].records;
            home.push((*part as usize, records.len() as u32));
            records.push(record);
        }
        for &&(left, right, weight) in &strong {
            let ((part, left), (_, right)) = (home[left as usize], home[right as usize]);
            parts[part].pairs.push((left, right, weight));
        }
        parts
    }
}

/// The number of each record's component, by its least record; [`ALONE`] for a record that no pair holds.
fn number_components(sets: &mut DisjointSets) -> Vec<u32> {
    let count = sets.parents.len();
    let mut number_of_root = vec![ALONE; count];
    let mut component_of = vec![ALONE; count];
    let mut next = 0;
    for (record, component) in (0..).zip(&mut component_of) {
        let root = sets.root(record) as usize;
        if sets.sizes[root] < 2 {
            continue;
        }
        if number_of_root[root] == ALONE {
            number_of_root[root] = next;
            next += 1;
        }
        *component = number_of_root[root];
    }
    component_of
}

/// Items by group, in their order: `items[offsets[g]..offsets[g + 1]]` are those of group `g`.
fn group(groups: usize, items: impl Iterator<Item = (u32, u32)> + Clone) -> (Vec<u32>, Vec<u32>) {
    let mut offsets = vec![0_u32; groups + 1];
    for (g, _) in items.clone() {
        offsets[g as usize + 1] += 1;
    }
    for g in 0..groups {
        offsets[g + 1] += offsets[g];
    }
    let mut next = offsets.clone();
    let mut grouped = vec![0; offsets[groups] as usize];
    for (g, item) in items {
        grouped[next[g as usize] as usize] = item;
        next[g as usize] += 1;
    }
    (offsets, grouped)
}

/// Disjoint sets with union by size and path halving (Tarjan 1975).
pub(super) struct DisjointSets {
    parents: Vec<u32>,
    sizes: Vec<u32>,
}

impl DisjointSets {
    pub(super) fn new(count: usize) -> Self {
        Self { parents: (0..count as u32).collect(), sizes: vec![1; count] }
    }

    fn root(&mut self, mut item: u32) -> u32 {
        while self.parents[item as usize] != item {
            let grandparent = self.parents[self.parents[item as usize] as usize];
            self.parents[item as usize] = grandparent;
            item = grandparent;
        }
        item
    }

    /// Unites the sets of two items; whether they were two.
    pub(super) fn unite(&mut self, left: u32, right: u32) -> bool {
        let (left, right) = (self.root(left), self.root(right));
        if left == right {
            return false;
        }
        let larger = if self.sizes[left as usize] < self.sizes[right as usize] { right } else { left };
        let smaller = left ^ right ^ larger;
        self.parents[smaller as usize] = larger;
        self.sizes[larger as usize] += self.sizes[smaller as usize];
        true
    }
}
