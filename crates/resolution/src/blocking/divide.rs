//! Records → the blocks of one rule: by key, refined where the model calls a key oversized, halved where a block is too
//! large in spite of that.

use super::RuleReport;
use super::halving::{Halving, block_number};
use super::key::{KeyParts, refined};
use super::radix::sort_by_upper_half;
use crate::model::RuleLimits;
use crate::plan::{BlockingRule, KeyPart};

/// All keys of some records under a rule, each over the rank of its record, by key, then by rank; keys of one record
/// alone are left out.
pub(super) fn sorted_keys(parts: &KeyParts, rule: &BlockingRule, ranks: &[u32]) -> Vec<u64> {
    let keys = parts.of_rule(rule);
    let mut keyed = Vec::with_capacity(ranks.len());
    for &rank in ranks {
        keys.of(rank).for_each(|key| keyed.push(with_rank(key, rank)));
    }
    sort_by_upper_half(&mut keyed);
    without_singles(keyed)
}

/// A key over the rank of its record.
pub(crate) fn with_rank(key: u32, rank: u32) -> u64 {
    u64::from(key) << 32 | u64::from(rank)
}

fn without_singles(mut keyed: Vec<u64>) -> Vec<u64> {
    let (mut kept, mut from) = (0, 0);
    while from < keyed.len() {
        let key = keyed[from] >> 32;
        let mut to = from + 1;
        while to < keyed.len() && keyed[to] >> 32 == key {
            to += 1;
        }
        if to - from > 1 {
            keyed.copy_within(from..to, kept);
            kept += to - from;
        }
        from = to;
    }
    keyed.truncate(kept);
    keyed.shrink_to_fit();
    keyed
}

/// Runs of one key.
pub(super) fn blocks_of(keyed: &[u64]) -> impl Iterator<Item = &[u64]> {
    keyed.chunk_by(|a, b| a >> 32 == b >> 32)
}

/// Pairs in a block.
pub(super) fn block_pairs(size: usize) -> u64 {
    size as u64 * (size as u64).saturating_sub(1) / 2
}

/// Gives records a further part of their keys.
pub(super) fn refine(parts: &KeyParts, part: KeyPart, mut keyed: Vec<u64>) -> Vec<u64> {
    let part = parts.first(part);
    for one in &mut keyed {
        *one = with_rank(refined((*one >> 32) as u32, part(*one as u32)), *one as u32);
    }
    sort_by_upper_half(&mut keyed);
    without_singles(keyed)
}

/// The blocks of one rule.
#[derive(Debug, Default)]
pub(crate) struct Divided {
    pub(super) ends: Vec<u32>,
    pub(super) members: Vec<u32>,
    pub(crate) report: RuleReport,
}

impl Divided {
    /// Adds a block, whole or in parts.
    pub(crate) fn push(&mut self, block: u64, members: &[u32], halving: &Halving<'_>) {
        let Some(parts) = halving.parts(block, members) else {
            self.members.extend_from_slice(members);
            return self.ends.push(self.members.len() as u32);
        };
        self.report.cut_pairs += block_pairs(members.len());
        for part in parts.chunk_by(|a, b| a.0 == b.0).filter(|part| part.len() > 1) {
            self.report.cut_pairs -= block_pairs(part.len());
            self.members.extend(part.iter().map(|(_, member)| *member));
            self.ends.push(self.members.len() as u32);
        }
    }
}

impl Divided {
    /// The same blocks by their least records: those that a run of records begins are then read as they lie in memory.
    pub(super) fn by_least_record(self) -> Self {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        let mut order: Vec<u64> = (0..)
            .zip(starts.clone())
            .take(self.ends.len())
            .map(|(at, start)| with_rank(self.members[start as usize], at))
            .collect();
        sort_by_upper_half(&mut order);
        let starts: Vec<u32> = starts.collect();
        let (mut ends, mut members) = (Vec::with_capacity(self.ends.len()), Vec::with_capacity(self.members.len()));
        for block in order {
            let at = block as u32 as usize;
            members.extend_from_slice(&self.members[starts[at] as usize..starts[at + 1] as usize]);
            ends.push(members.len() as u32);
        }
        Self { ends, members, report: self.report }
    }
}

/// Divides records into the blocks of one rule.
pub(super) struct Divider<'a> {
    /// The rule, and its number in the plan.
    pub(super) rule: (usize, &'a BlockingRule),
    pub(super) limits: &'a RuleLimits,
    pub(super) parts: &'a KeyParts,
    pub(super) halving: Halving<'a>,
    /// The keys that are refined once, twice …, as far as they are known already.
    pub(super) refined: Vec<Vec<u64>>,
}

impl Divider<'_> {
    /// The blocks of the records with these keys.
    pub(super) fn divide(mut self, keyed: Vec<u64>) -> Divided {
        let rule = self.rule.1;
        let mut divided = Divided {
            report: RuleReport {
                rule: rule.name(),
                block_limit: self.limits.limit,
                oversized_keys: self.limits.oversized.first().map_or(0, |keys| keys.len() as u64),
                ..RuleReport::default()
            },
            ..Divided::default()
        };
        let mut rest = self.take_compared(&keyed, 0, &mut divided);
        drop(keyed);
        let mut known = std::mem::take(&mut self.refined).into_iter();
        for (done, part) in (1..).zip(&rule.refinements) {
            if rest.is_empty() {
                break;
            }
            let refined = known.next().unwrap_or_else(|| refine(self.parts, *part, rest));
            rest = self.take_compared(&refined, done, &mut divided);
        }
        if !rule.is_incidental() {
            divided.report.cut_records = self.cut_records(&rest);
        }
        divided
    }

    /// Takes the blocks of keys that are not oversized; returns the others.
    fn take_compared(&self, keyed: &[u64], refinements: usize, divided: &mut Divided) -> Vec<u64> {
        let (mut rest, mut ranks) = (Vec::new(), Vec::new());
        for block in blocks_of(keyed) {
            let key = (block[0] >> 32) as u32;
            if self.limits.is_oversized(refinements, key) {
                rest.extend_from_slice(block);
                continue;
            }
            ranks.clear();
            ranks.extend(block.iter().map(|keyed| *keyed as u32));
            divided.push(block_number(self.rule.0, refinements, key), &ranks, &self.halving);
        }
        rest
    }

    /// Records that have keys, none of which is left after refinement.
    fn cut_records(&self, cut: &[u64]) -> u64 {
        let mut ranks: Vec<u32> = cut.iter().map(|cut| *cut as u32).collect();
        ranks.sort_unstable();
        let keys = self.parts.of_rule(self.rule.1);
        let of_record = ranks.chunk_by(|a, b| a == b);
        of_record.filter(|cut| keys.of(cut[0]).count() == cut.len()).count() as u64
    }
}
