//! The keys of all records, those of a record side by side.

use super::key::{KeyMaker, NO_KEY, RefinedKey};
use crate::model::RuleLimits;
use crate::plan::BlockingRule;
use rayon::prelude::*;
use std::ops::Range;

/// Keys of all records under all rules, after refinement; [`NO_KEY`] where there is none.
#[derive(Debug)]
pub struct KeyMatrix {
    width: usize,
    rules: Vec<Range<usize>>,
    keys: Vec<u32>,
    /// By rank, then by rule and key.
    cut: Vec<CutKey>,
}

/// A key whose block stays too large, of a rule that makes it worth a few partners all the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct CutKey {
    /// The record.
    pub rank: u32,
    /// The rule.
    pub rule: u32,
    /// The key as far as it was refined.
    pub key: u32,
}

impl KeyMatrix {
    /// Computes the keys of `records` records. A rule without limits has no oversized key.
    pub fn new(rules: &[BlockingRule], limits: &[RuleLimits], maker: &KeyMaker<'_>, records: usize) -> Self {
        let mut width = 0;
        let slots: Vec<Range<usize>> = rules
            .iter()
            .map(|rule| {
                let first = width;
                width += rule.keys_max();
                first..width
            })
            .collect();
        let mut keys = vec![NO_KEY; width * records];
        let rows = keys.par_chunks_mut(width.max(1)).zip(0..records as u32);
        let cut = rows.flat_map_iter(|(row, rank)| {
            let mut cut = Vec::new();
            for (at, ((rule, slots), limits)) in rules.iter().zip(&slots).zip(limits).enumerate() {
                let row = &mut row[slots.clone()];
                let count = maker.keys(rule, rank, row);
                for slot in &mut row[..count] {
                    *slot = match maker.refined(rule, limits, rank, *slot) {
                        RefinedKey::Compared(key) => key,
                        RefinedKey::Cut(key) => {
                            cut.extend(rule.is_telling().then_some(CutKey { rank, rule: at as u32, key }));
                            NO_KEY
                        }
                    };
                }
            }
            cut.sort_unstable();
            cut.dedup();
            cut
        });
        let cut = cut.collect();
        Self { width, rules: slots, keys, cut }
    }

    /// The keys of all records whose blocks stay too large, by rank.
    pub(super) fn cut_keys(&self) -> &[CutKey] {
        &self.cut
    }

    /// Whether a cut key is the first one that two records share.
    pub(super) fn is_first_cut(&self, a: u32, b: u32, rule: usize, key: u32) -> bool {
        let of = |rank| {
            let start = self.cut.partition_point(|cut| cut.rank < rank);
            self.cut[start..].iter().take_while(move |cut| cut.rank == rank).map(|cut| (cut.rule, cut.key))
        };
        of(a).find(|cut| of(b).any(|other| other == *cut)) == Some((rule as u32, key))
    }

    /// How many rules.
    pub fn rules(&self) -> usize {
        self.rules.len()
    }

    /// How many records.
    pub fn records(&self) -> usize {
        self.keys.len().checked_div(self.width).unwrap_or(0)
    }

    /// The keys of a record under a rule, [`NO_KEY`] among them.
    #[inline]
    pub fn keys(&self, rank: u32, rule: usize) -> &[u32] {
        let row = rank as usize * self.width;
        let slots = &self.rules[rule];
        &self.keys[row + slots.start..row + slots.end]
    }

    /// The first rule that proposes a pair, and the least key by which it does.
    #[inline]
    pub fn proposed_by(&self, a: u32, b: u32) -> Option<(usize, u32)> {
        let (a, b) = (self.row(a), self.row(b));
        for (rule, slots) in self.rules.iter().enumerate() {
            let key = match slots.len() {
                1 if a[slots.start] == b[slots.start] => a[slots.start],
                1 => NO_KEY,
                _ => least_common(&a[slots.clone()], &b[slots.clone()]),
            };
            if key != NO_KEY {
                return Some((rule, key));
            }
        }
        None
    }

    /// All keys of a record, rule by rule.
    #[inline]
    pub(super) fn row(&self, rank: u32) -> &[u32] {
        let start = rank as usize * self.width;
        &self.keys[start..start + self.width]
    }
}

/// The least key that two records share under a rule with several.
#[inline]
fn least_common(a: &[u32], b: &[u32]) -> u32 {
    let mut least = NO_KEY;
    for &key in a {
        if key != NO_KEY && b.contains(&key) && (least == NO_KEY || key < least) {
            least = key;
        }
    }
    least
}
