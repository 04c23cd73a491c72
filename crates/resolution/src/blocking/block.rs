//! Blocks: the records that share a key, all pairs of which are candidates.

use super::divide::{Divided, Divider, sorted_keys};
use super::halving::{Halving, Halvings};
use super::key::KeyParts;
use super::{RuleReport, limits};
use crate::encoding::{Encoded, tasks};
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
        let limits = limits(&keyed);
        let content = |rank| records.content(rank);
        let divide = |((rule, limit), keyed): (((_, &BlockingRule), &u32), Vec<u64>)| {
            let (limits, refined) = limits::learn(rule.1, *limit, parts, &keyed);
            let halving = Halving { limit: *limit, known: None, content: &content };
            let divided = Divider { rule, limits: &limits, parts, halving, refined }.divide(keyed);
            (limits, divided.by_least_record())
        };
        let rules = plan.rules.par_iter().enumerate().zip(&limits).zip(keyed);
        let (limits, divided) = rules.map(divide).unzip();
        let blocks = Self::of(divided, records.len());
        (limits, blocks)
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
        let rules = tasks(plan.rules.par_iter(), ranks.len()).enumerate().zip(limits);
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
            let members = &self.members[ends[0] as usize..ends[1] as usize];
            for &rank in members {
                let place = &mut next[rank as usize];
                let is_greatest = members.last() == Some(&rank);
                self.of_records[*place as usize] = block as u32 | if is_greatest { GREATEST } else { 0 };
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
