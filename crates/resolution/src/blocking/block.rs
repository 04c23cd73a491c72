//! Blocks: the records that share a key, all pairs of which are candidates.

use super::key::KeyParts;
use super::radix::sort_by_upper_half;
use super::{RuleReport, limits};
use crate::encoding::{Encoded, mix};
use crate::model::RuleLimits;
use crate::plan::{BlockingRule, KeyPart, ResolutionPlan};
use rayon::prelude::*;

/// Pairs of neighbors that a rule may always have; with more records, one for each.
const NEIGHBOR_PAIRS_MIN: usize = 50_000;
/// The fewest and the most neighbors after it that a record in a cut block is compared with.
const NEIGHBORS: (usize, usize) = (2, 100);

/// The blocks of all rules, and the blocks of each record.
#[derive(Debug)]
pub struct Blocks {
    /// The first block of each rule, and the end of the last.
    rules: Vec<u32>,
    starts: Vec<u32>,
    members: Vec<u32>,
    starts_of_record: Vec<u32>,
    of_records: Vec<u32>,
    reports: Vec<RuleReport>,
}

impl Blocks {
    /// Divides some records, by rank ascending, into blocks as large as they may be until it is known what each rule's
    /// large blocks yield.
    pub fn explore(
        plan: &ResolutionPlan,
        parts: &KeyParts,
        records: &Encoded,
        ranks: &[u32],
    ) -> (Vec<RuleLimits>, Self) {
        let limit = |keyed: &[Vec<u64>]| limits::to_explore(plan, keyed, ranks.len());
        Self::learn(plan, parts, records, ranks, limit)
    }

    /// Learns under these limits of the plan's rules which keys of some records, by rank ascending, are oversized, and
    /// divides the records into blocks.
    pub fn within(
        plan: &ResolutionPlan,
        parts: &KeyParts,
        records: &Encoded,
        ranks: &[u32],
        limits: &[u32],
    ) -> (Vec<RuleLimits>, Self) {
        Self::learn(plan, parts, records, ranks, |_| limits.to_vec())
    }

    fn learn(
        plan: &ResolutionPlan,
        parts: &KeyParts,
        records: &Encoded,
        ranks: &[u32],
        limits: impl FnOnce(&[Vec<u64>]) -> Vec<u32>,
    ) -> (Vec<RuleLimits>, Self) {
        let keyed: Vec<Vec<u64>> = plan.rules.par_iter().map(|rule| sorted_keys(parts, rule, ranks)).collect();
        let limits = limits::learn(&plan.rules, &limits(&keyed), parts, &keyed);
        let divider = |(rule, limits)| Divider { rule, limits, parts, records, window_for: ranks.len() };
        let rules = plan.rules.par_iter().zip(&limits).map(divider).zip(keyed);
        let divided = rules.map(|(divider, keyed)| divider.divide(keyed)).collect();
        let blocks = Self::assemble(divided, records.len());
        (limits, blocks)
    }

    /// Divides some records, by rank ascending, into blocks under limits that were learned before.
    pub fn new(
        rules: &[BlockingRule],
        limits: &[RuleLimits],
        parts: &KeyParts,
        records: &Encoded,
        ranks: &[u32],
    ) -> Self {
        let divide = |(rule, limits)| {
            Divider { rule, limits, parts, records, window_for: ranks.len() }.divide(sorted_keys(parts, rule, ranks))
        };
        Self::assemble(rules.par_iter().zip(limits).map(divide).collect(), records.len())
    }

    fn assemble(divided: Vec<Divided>, records: usize) -> Self {
        let mut blocks = Self {
            rules: vec![0],
            starts: vec![0],
            members: Vec::with_capacity(divided.iter().map(|rule| rule.members.len()).sum()),
            starts_of_record: Vec::new(),
            of_records: Vec::new(),
            reports: Vec::with_capacity(divided.len()),
        };
        for rule in divided {
            let base = blocks.members.len() as u32;
            blocks.starts.extend(rule.ends.iter().map(|end| base + end));
            blocks.members.extend_from_slice(&rule.members);
            blocks.rules.push(blocks.starts.len() as u32 - 1);
            blocks.reports.push(rule.report);
        }
        blocks.turn_round(records);
        blocks
    }

    /// Lists the blocks of each record, rule by rule.
    fn turn_round(&mut self, records: usize) {
        let mut starts = vec![0u32; records + 1];
        self.members.iter().for_each(|&rank| starts[rank as usize + 1] += 1);
        for rank in 0..records {
            starts[rank + 1] += starts[rank];
        }
        let mut next = starts.clone();
        self.of_records = vec![0; self.members.len()];
        for (block, ends) in self.starts.windows(2).enumerate() {
            for &rank in &self.members[ends[0] as usize..ends[1] as usize] {
                let place = &mut next[rank as usize];
                self.of_records[*place as usize] = block as u32;
                *place += 1;
            }
        }
        self.starts_of_record = starts;
    }

    /// How many records there are, those without blocks included.
    pub(super) fn records(&self) -> u32 {
        self.starts_of_record.len() as u32 - 1
    }

    /// How many rules.
    pub(super) fn rules(&self) -> usize {
        self.reports.len()
    }

    /// The blocks from which on a rule's own begin no more.
    pub fn end_of_rule(&self, rule: usize) -> u32 {
        self.rules[rule + 1]
    }

    /// The records of a block, by rank.
    #[inline]
    pub(super) fn members(&self, block: u32) -> &[u32] {
        &self.members[self.starts[block as usize] as usize..self.starts[block as usize + 1] as usize]
    }

    /// The blocks of a record, rule by rule.
    #[inline]
    pub fn of_record(&self, rank: u32) -> &[u32] {
        &self.of_records
            [self.starts_of_record[rank as usize] as usize..self.starts_of_record[rank as usize + 1] as usize]
    }

    /// The rule of a block.
    pub fn rule(&self, block: u32) -> usize {
        self.rules.partition_point(|first| *first <= block) - 1
    }

    /// How many records a block has.
    pub fn size(&self, block: u32) -> u32 {
        self.members(block).len() as u32
    }

    /// The blocks that two records share, rule by rule.
    pub fn common(&self, a: u32, b: u32) -> impl Iterator<Item = u32> {
        let (mut a, mut b) = (self.of_record(a), self.of_record(b));
        std::iter::from_fn(move || {
            while let ([first_a, rest_a @ ..], [first_b, rest_b @ ..]) = (a, b) {
                let order = first_a.cmp(first_b);
                a = if order.is_le() { rest_a } else { a };
                b = if order.is_ge() { rest_b } else { b };
                if order.is_eq() {
                    return Some(*first_a);
                }
            }
            None
        })
    }

    /// Whether two records share a block.
    pub fn has_pair(&self, a: u32, b: u32) -> bool {
        self.common(a, b).next().is_some()
    }

    /// The account of every rule, by the pairs that it proposed first.
    pub fn reports(&self, pairs: &[u64]) -> Vec<RuleReport> {
        let reports = self.reports.iter().zip(pairs);
        reports.map(|(report, &pairs)| RuleReport { pairs, ..report.clone() }).collect()
    }
}

/// All keys of some records under a rule, each over the rank of its record, by key, then by rank; keys of one record
/// alone are left out.
fn sorted_keys(parts: &KeyParts, rule: &BlockingRule, ranks: &[u32]) -> Vec<u64> {
    let mut keyed = Vec::with_capacity(ranks.len());
    for &rank in ranks {
        keyed.extend(parts.keys(rule, rank).map(|key| with_rank(key, rank)));
    }
    sort_by_upper_half(&mut keyed);
    without_singles(keyed)
}

fn with_rank(key: u32, rank: u32) -> u64 {
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

/// Gives records a further part of their keys: those that share the finer key with others, and those that lack it.
pub(super) fn refine(parts: &KeyParts, part: KeyPart, keyed: &[u64]) -> (Vec<u64>, Vec<u64>) {
    let (mut refined, mut lacking) = (Vec::with_capacity(keyed.len()), Vec::new());
    for &one in keyed {
        match parts.refined(part, one as u32, (one >> 32) as u32) {
            Some(key) => refined.push(with_rank(key, one as u32)),
            None => lacking.push(one),
        }
    }
    sort_by_upper_half(&mut refined);
    (without_singles(refined), lacking)
}

/// Divides records into the blocks of one rule.
struct Divider<'a> {
    rule: &'a BlockingRule,
    limits: &'a RuleLimits,
    parts: &'a KeyParts,
    records: &'a Encoded,
    /// How many records the neighbors of cut blocks are for.
    window_for: usize,
}

/// The blocks of one rule.
#[derive(Default)]
struct Divided {
    ends: Vec<u32>,
    members: Vec<u32>,
    report: RuleReport,
}

impl Divided {
    /// Adds a block.
    fn push(&mut self, ranks: impl Iterator<Item = u32>) {
        self.members.extend(ranks);
        self.ends.push(self.members.len() as u32);
    }

    /// Adds runs that overlap by half, so that each record meets at least the next `window` ones; says how many pairs are
    /// cut.
    fn push_overlapping(&mut self, ranks: &[u32], window: usize) {
        let mut left = block_pairs(ranks.len());
        let mut from = 0;
        loop {
            let run = &ranks[from..ranks.len().min(from + 2 * window)];
            let mut sorted = run.to_vec();
            sorted.sort_unstable();
            self.push(sorted.into_iter());
            let again = if from == 0 { 0 } else { block_pairs(window.min(run.len())) };
            left -= block_pairs(run.len()) - again;
            if from + 2 * window >= ranks.len() {
                break;
            }
            from += window;
        }
        self.report.cut_pairs += left;
    }
}

impl Divider<'_> {
    fn divide(&self, keyed: Vec<u64>) -> Divided {
        let mut divided = Divided {
            report: RuleReport {
                rule: self.rule.name(),
                block_limit: self.limits.limit,
                oversized_keys: self.limits.oversized.first().map_or(0, |keys| keys.len() as u64),
                ..RuleReport::default()
            },
            ..Divided::default()
        };
        let mut cut = Vec::new();
        let mut rest = self.take_compared(&keyed, 0, &mut divided);
        for (done, part) in (1..).zip(&self.rule.refinements) {
            if rest.is_empty() {
                break;
            }
            let (refined, lacking) = refine(self.parts, *part, &rest);
            cut.extend(lacking);
            rest = self.take_compared(&refined, done, &mut divided);
        }
        cut.append(&mut rest);
        divided.report.cut_records = self.cut_records(&cut);
        if self.rule.is_telling() {
            self.push_neighbors(cut, &mut divided);
        }
        divided
    }

    /// Takes the blocks that are small enough; returns those that need one more refinement.
    fn take_compared(&self, keyed: &[u64], refinements: usize, divided: &mut Divided) -> Vec<u64> {
        let limit = self.limits.limit as usize;
        let mut rest = Vec::new();
        for block in blocks_of(keyed) {
            let key = (block[0] >> 32) as u32;
            let ranks = block.iter().map(|keyed| *keyed as u32);
            if self.limits.is_oversized(refinements, key) {
                rest.extend_from_slice(block);
            } else if block.len() <= limit {
                divided.push(ranks);
            } else {
                // The model did not foresee this block. Each record keeps the partners next to it in an order by
                // hashes, which does not hang on what else there is.
                let shuffle = |rank: u32| mix(self.records.hashes()[rank as usize].0 as u64, u64::from(key));
                let mut shuffled: Vec<u32> = ranks.collect();
                shuffled.sort_unstable_by_key(|rank| (shuffle(*rank), *rank));
                divided.push_overlapping(&shuffled, (limit / 2).max(1));
            }
        }
        rest
    }

    /// Records that have keys, none of which is left after refinement.
    fn cut_records(&self, cut: &[u64]) -> u64 {
        let mut ranks: Vec<u32> = cut.iter().map(|cut| *cut as u32).collect();
        ranks.sort_unstable();
        let of_record = ranks.chunk_by(|a, b| a == b);
        of_record.filter(|cut| self.parts.keys(self.rule, cut[0]).count() == cut.len()).count() as u64
    }

    /// Of blocks that stay too large, compares each record with its next few neighbors, in an order that puts records
    /// with equal keys side by side.
    fn push_neighbors(&self, mut cut: Vec<u64>, divided: &mut Divided) {
        let window = (NEIGHBOR_PAIRS_MIN.max(self.window_for) / cut.len().max(1)).clamp(NEIGHBORS.0, NEIGHBORS.1);
        let by_key = |a: &u64, b: &u64| {
            let (rank_a, rank_b) = (*a as u32, *b as u32);
            (a >> 32).cmp(&(b >> 32)).then_with(|| self.parts.compare(rank_a, rank_b)).then(rank_a.cmp(&rank_b))
        };
        cut.sort_unstable_by(by_key);
        for block in blocks_of(&cut) {
            let ranks: Vec<u32> = block.iter().map(|keyed| *keyed as u32).collect();
            divided.push_overlapping(&ranks, window);
        }
    }
}
