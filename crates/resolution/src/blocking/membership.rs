//! A record → the blocks that it is in under the limits of a model, whoever else is there.

use super::halving::block_number;
use super::key::{KeyParts, NOTHING, PartColumn, RuleKeys, refined};
use super::sieve::Sieve;
use crate::encoding::FEW;
use crate::model::RuleLimits;
use crate::plan::BlockingRule;

/// Tells the blocks of records.
#[derive(Debug)]
pub(crate) struct Memberships<'a>(Vec<OfRule<'a>>);

/// What tells the blocks of one rule.
#[derive(Debug)]
struct OfRule<'a> {
    keys: RuleKeys<'a>,
    /// The parts that refine a key, none for one that no record has.
    refinements: Vec<Option<&'a PartColumn>>,
    limits: &'a RuleLimits,
    /// What most keys that are not oversized fall through, by the number of refinements; none for few records.
    sieves: Vec<Sieve>,
}

impl<'a> Memberships<'a> {
    /// The blocks of so many records under the rules and their limits.
    pub(crate) fn new(rules: &[BlockingRule], limits: &'a [RuleLimits], parts: &'a KeyParts, records: usize) -> Self {
        let sieves = |limits: &RuleLimits| match records < FEW {
            true => Vec::new(),
            false => limits.oversized.iter().map(|keys| Sieve::new(keys)).collect(),
        };
        let of_rule = |(rule, limits): (&BlockingRule, &'a RuleLimits)| OfRule {
            keys: parts.of_rule(rule),
            refinements: rule.refinements.iter().map(|part| parts.column(*part)).collect(),
            limits,
            sieves: sieves(limits),
        };
        Self(rules.iter().zip(limits).map(of_rule).collect())
    }

    /// Writes the blocks of a record in place of what stands there, ascending.
    pub(crate) fn of(&self, rank: u32, blocks: &mut Vec<u64>) {
        blocks.clear();
        for (number, rule) in self.0.iter().enumerate() {
            blocks.extend(rule.keys.of(rank).filter_map(|key| rule.block(number, rank, key)));
        }
        blocks.sort_unstable();
        blocks.dedup();
    }
}

impl OfRule<'_> {
    /// The block of one key of a record, refined as far as the limits ask for; none where it is oversized all the same.
    #[inline]
    fn block(&self, number: usize, rank: u32, mut key: u32) -> Option<u64> {
        let mut refinements = 0;
        let may_be = |refinements: usize, key| self.sieves.get(refinements).is_none_or(|sieve| sieve.may_hold(key));
        while may_be(refinements, key) && self.limits.is_oversized(refinements, key) {
            let part = self.refinements.get(refinements)?;
            key = refined(key, part.map_or(NOTHING, |part| part.first(rank)));
            refinements += 1;
        }
        Some(block_number(number, refinements, key))
    }
}
