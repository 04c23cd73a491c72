//! Blocks: the records that share a key, all pairs of which are candidates.

use super::divide::{Divided, Divider, sorted_keys};
use super::halving::{Halving, Halvings};
use super::key::KeyParts;
use super::{RuleReport, limits};
use crate::encoding::{Encoded, FEW, tasks};
use crate::model::RuleLimits;
use crate::plan::{BlockingRule, ResolutionPlan};
use rayon::prelude::*;

/// Stands beside the number of a block in the list of the record that is the greatest of it.
const GREATEST: u32 = 1 << 31;

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
    /// large blocks yield; learns which keys are oversized.
    pub fn explore(
        plan: &ResolutionPlan,
        parts: &KeyParts,
        records: &Encoded,
        ranks: &[u32],
    ) -> (Vec<RuleLimits>, Self) {
        let keyed: Vec<Vec<u64>> = each(&plan.rules).map(|rule| sorted_keys(parts, rule, ranks)).collect();
        let limits = limits::to_explore(plan, &keyed, ranks.len());
        let rules = each(&plan.rules).enumerate().zip(&limits).zip(keyed);
        let divided = rules.map(|((rule, limit), keyed)| divide_within(*limit, rule, parts, records, keyed));
        let (limits, divided) = divided.unzip();
        (limits, Self::of(divided, records.len()))
    }

    /// The same under these limits, none greater than before. A rule whose limit stays keeps what it has.
    pub fn within(
        plan: &ResolutionPlan,
        parts: &KeyParts,
        records: &Encoded,
        ranks: &[u32],
        (explored, blocks): (Vec<RuleLimits>, Self),
        limits: &[u32],
    ) -> (Vec<RuleLimits>, Self) {
        let kept = |rule: usize| (explored[rule].limit == limits[rule]).then(|| blocks.of_rule(rule));
        let kept: Vec<Option<Divided>> = (0..limits.len()).map(kept).collect();
        drop(blocks);
        let rules = each(&plan.rules).enumerate().zip(limits).zip(explored).zip(kept);
        let divided = rules.map(|(((rule, limit), before), kept)| {
            let (limits, divided) = match kept {
                Some(kept) => (before, kept),
                None => divide_within(*limit, rule, parts, records, sorted_keys(parts, rule.1, ranks)),
            };
            (limits, divided.by_least_record())
        });
        let (limits, divided) = divided.unzip();
        (limits, Self::of(divided, records.len()))
    }

    /// Divides some records, by rank ascending, into blocks under limits that were learned before. Blocks are halved as
    /// often as is told, or as the records ask for by themselves.
    pub fn new(
        plan: &ResolutionPlan,
        limits: &[RuleLimits],
        parts: &KeyParts,
        records: &Encoded,
        ranks: &[u32],
        halvings: Option<&Halvings>,
    ) -> Self {
        let content = |rank| records.content(rank);
        let divide = |(rule, limits): ((usize, _), &RuleLimits)| {
            let halving = Halving { limit: limits.limit, known: halvings, content: &content };
            let divider = Divider { rule, limits, parts, halving, refined: Vec::new() };
            divider.divide(sorted_keys(parts, rule.1, ranks)).by_least_record()
        };
        let rules = tasks(each(&plan.rules), ranks.len()).enumerate().zip(limits);
        Self::of(rules.map(divide).collect(), records.len())
    }

    /// The blocks of all rules, over so many records.
    pub(crate) fn of(divided: Vec<Divided>, records: usize) -> Self {
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

    /// Lists the blocks of each record, rule by rule. Every thread walks all blocks and lists those of its own records.
    fn turn_round(&mut self, records: usize) {
        let threads = if records < FEW { 1 } else { rayon::current_num_threads() };
        let of_thread = records.div_ceil(threads).max(1);
        let mut starts = vec![0u32; records + 1];
        starts[1..].par_chunks_mut(of_thread).enumerate().for_each(|(part, counts)| {
            let first = (part * of_thread) as u32;
            for rank in &self.members {
                if let Some(count) = counts.get_mut(rank.wrapping_sub(first) as usize) {
                    *count += 1;
                }
            }
        });
        for rank in 0..records {
            starts[rank + 1] += starts[rank];
        }
        self.of_records = vec![0; self.members.len()];
        let mut parts = Vec::with_capacity(threads);
        let mut rest = &mut self.of_records[..];
        for starts in (0..records).step_by(of_thread).map(|first| &starts[first..=records.min(first + of_thread)]) {
            let (lists, after) = rest.split_at_mut((starts[starts.len() - 1] - starts[0]) as usize);
            parts.push((starts, lists));
            rest = after;
        }
        let (starts_of_blocks, members) = (&self.starts, &self.members);
        parts.into_par_iter().enumerate().for_each(|(part, (starts, lists))| {
            let first = (part * of_thread) as u32;
            let mut next: Vec<u32> = starts[..starts.len() - 1].iter().map(|start| start - starts[0]).collect();
            for (block, ends) in starts_of_blocks.windows(2).enumerate() {
                let members = &members[ends[0] as usize..ends[1] as usize];
                for rank in members {
                    if let Some(place) = next.get_mut(rank.wrapping_sub(first) as usize) {
                        let is_greatest = members.last() == Some(rank);
                        lists[*place as usize] = block as u32 | if is_greatest { GREATEST } else { 0 };
                        *place += 1;
                    }
                }
            }
        });
        self.starts_of_record = starts;
    }

    /// The blocks of one rule.
    fn of_rule(&self, rule: usize) -> Divided {
        let starts = &self.starts[self.rules[rule] as usize..=self.rules[rule + 1] as usize];
        let (first, end) = (starts[0], starts[starts.len() - 1]);
        Divided {
            ends: starts[1..].iter().map(|end| end - first).collect(),
            members: self.members[first as usize..end as usize].to_vec(),
            report: self.reports[rule].clone(),
        }
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
    pub(super) fn end_of_rule(&self, rule: usize) -> u32 {
        self.rules[rule + 1]
    }

    /// The records of a block, by rank.
    #[inline]
    fn members(&self, block: u32) -> &[u32] {
        &self.members[self.starts[block as usize] as usize..self.starts[block as usize + 1] as usize]
    }

    /// The members of a block above this one, by rank.
    #[inline]
    pub(super) fn above(&self, block: u32, rank: u32) -> &[u32] {
        let members = self.members(block);
        let above = members.iter().rev().take_while(|member| **member > rank).count();
        &members[members.len() - above..]
    }

    #[inline]
    fn listed(&self, rank: u32) -> &[u32] {
        &self.of_records
            [self.starts_of_record[rank as usize] as usize..self.starts_of_record[rank as usize + 1] as usize]
    }

    /// The blocks of a record that have greater members, rule by rule.
    #[inline]
    pub(super) fn with_greater(&self, rank: u32) -> impl Iterator<Item = u32> {
        self.listed(rank).iter().copied().filter(|block| block & GREATEST == 0)
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
        let (mut a, mut b) = (self.listed(a), self.listed(b));
        std::iter::from_fn(move || {
            while let ([first_a, rest_a @ ..], [first_b, rest_b @ ..]) = (a, b) {
                let block = first_a & !GREATEST;
                let order = block.cmp(&(first_b & !GREATEST));
                a = if order.is_le() { rest_a } else { a };
                b = if order.is_ge() { rest_b } else { b };
                if order.is_eq() {
                    return Some(block);
                }
            }
            None
        })
    }

    /// Reads the lists of some records, which are asked for next.
    #[inline]
    pub fn fetch(&self, ranks: impl Iterator<Item = u32>) {
        std::hint::black_box(ranks.fold(0, |read, rank| read ^ self.listed(rank).first().copied().unwrap_or(0)));
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

/// Each rule by itself: some take many times as long as others.
fn each(rules: &[BlockingRule]) -> impl IndexedParallelIterator<Item = &BlockingRule> {
    rules.par_iter().with_max_len(1)
}

/// What is to be known of the blocks of a rule, by its number, under a limit; and the blocks.
fn divide_within(
    limit: u32,
    rule: (usize, &BlockingRule),
    parts: &KeyParts,
    records: &Encoded,
    keyed: Vec<u64>,
) -> (RuleLimits, Divided) {
    let (limits, refined) = limits::learn(rule.1, limit, parts, &keyed);
    let halving = Halving { limit, known: None, content: &|rank| records.content(rank) };
    let divided = Divider { rule, limits: &limits, parts, halving, refined }.divide(keyed);
    (limits, divided)
}
