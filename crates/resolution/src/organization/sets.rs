//! What the sets of two groups of records share: co-authors, classes.

use crate::encoding::Encoded;
use crate::model::log_weight;
use rustc_hash::FxHashMap;
use vinculo_records::Comparable;

/// The weight of two equal sets, in thousandths of a bit; sets never speak against a match.
pub(super) const EQUAL_SETS: u64 = 3_000;

/// The united sets of groups of records, member by member.
#[derive(Debug, Default)]
pub(super) struct SetProfiles {
    /// The group of each record, by rank.
    groups: Vec<u32>,
    columns: Vec<Profiles>,
}

/// One set attribute: the members of each group, sorted, with the length of the group's vector.
#[derive(Debug)]
struct Profiles {
    offsets: Vec<u32>,
    members: Vec<u32>,
    lengths: Vec<u64>,
    /// The square of each member's rarity, by number.
    weights: Vec<u64>,
}

impl SetProfiles {
    /// Unites some sets of the records of each group.
    pub(super) fn new(records: &Encoded, sets: &[Comparable], groups: Vec<u32>) -> Self {
        let count = groups.iter().max().map_or(0, |last| last + 1) as usize;
        let columns = sets.iter().filter_map(|what| records.column(*what));
        let columns = columns.map(|column| Profiles::new(records, column, &groups, count)).collect();
        Self { groups, columns }
    }

    /// The most that sets may weigh.
    pub(super) fn most(&self) -> i32 {
        if self.columns.is_empty() { 0 } else { EQUAL_SETS as i32 }
    }

    /// The weight of what the groups of two records share, in thousandths of a bit, from 0 to [`EQUAL_SETS`].
    pub(super) fn weight(&self, a: u32, b: u32) -> i32 {
        let group = |rank: u32| self.groups[rank as usize] as usize;
        let cosine = |column: &Profiles| column.cosine(group(a), group(b));
        let total: u64 = self.columns.iter().map(|column| cosine(column) * EQUAL_SETS / 1_000).sum();
        total.min(EQUAL_SETS) as i32
    }
}

impl Profiles {
    fn new(records: &Encoded, column: usize, groups: &[u32], count: usize) -> Self {
        let mut pairs: Vec<(u32, u32)> = Vec::new();
        for (rank, &group) in groups.iter().enumerate() {
            pairs.extend(records.values(rank as u32, column).iter().map(|&member| (group, member)));
        }
        pairs.sort_unstable();
        pairs.dedup();
        let mut holders: FxHashMap<u32, u32> = FxHashMap::default();
        pairs.iter().for_each(|(_, member)| *holders.entry(*member).or_default() += 1);
        let mut weights = vec![0; records.dictionary(column).len()];
        for (&member, &holders) in &holders {
            let rarity = -log_weight(f64::from(holders) / (count as f64 + 1.0));
            weights[member as usize] = (rarity as u64).pow(2) / 1_000;
        }
        let mut offsets = vec![0; count + 1];
        let mut lengths = vec![0; count];
        for &(group, member) in &pairs {
            offsets[group as usize + 1] += 1;
            lengths[group as usize] += weights[member as usize];
        }
        for group in 0..count {
            offsets[group + 1] += offsets[group];
        }
        let members = pairs.into_iter().map(|(_, member)| member).collect();
        Self { offsets, members, lengths, weights }
    }

    fn members(&self, group: usize) -> &[u32] {
        &self.members[self.offsets[group] as usize..self.offsets[group + 1] as usize]
    }

    /// The cosine of two groups' members, each weighed by its rarity, in thousandths.
    fn cosine(&self, a: usize, b: usize) -> u64 {
        if a == b && self.lengths[a] > 0 {
            return 1_000;
        }
        let (mut left, mut right) = (self.members(a), self.members(b));
        let mut common = 0;
        while let ([first, rest @ ..], [other, others @ ..]) = (left, right) {
            match first.cmp(other) {
                std::cmp::Ordering::Less => left = rest,
                std::cmp::Ordering::Greater => right = others,
                std::cmp::Ordering::Equal => {
                    common += self.weights[*first as usize];
                    (left, right) = (rest, others);
                }
            }
        }
        let length = (u128::from(self.lengths[a]) * u128::from(self.lengths[b])).isqrt() as u64;
        (common * 1_000).checked_div(length).unwrap_or(0)
    }
}
