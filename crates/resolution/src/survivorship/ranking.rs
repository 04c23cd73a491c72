//! Ranking candidates by rules tried in turn.

use super::Member;
use std::cmp::{Ordering, Reverse};
use vinculo_records::SurvivorshipRule;

/// How many rules can be tried in turn.
pub(super) const RULES_MAX: usize = 7;

/// What a rule may ask of a candidate beside its record.
#[derive(Debug, Clone, Copy)]
pub(super) struct Facts {
    /// How much of a whole it fills.
    pub(super) complete: i64,
    /// How many of its values are unflagged.
    pub(super) unflagged: i64,
    /// How many records say the same.
    pub(super) frequency: i64,
    /// How many characters it has.
    pub(super) length: i64,
}

/// Something that may survive: a value, or a whole. The greater one is the better.
#[derive(Debug, Clone, Copy)]
pub(super) struct Candidate<T> {
    pub(super) content: T,
    scores: [i64; RULES_MAX],
    member: Reverse<u32>,
}

impl<T> Candidate<T> {
    pub(super) fn new(
        content: T,
        rules: &[SurvivorshipRule],
        member: u32,
        members: &[Member<'_>],
        facts: Facts,
    ) -> Self {
        let record = &members[member as usize];
        let mut scores = [0; RULES_MAX];
        for (score, rule) in scores.iter_mut().zip(rules) {
            *score = match rule {
                SurvivorshipRule::MostComplete => facts.complete,
                SurvivorshipRule::Unflagged => facts.unflagged,
                SurvivorshipRule::MostTrusted => i64::from(record.trust),
                SurvivorshipRule::MostRecent => record.view.updated_at().unwrap_or(i64::MIN),
                SurvivorshipRule::MostFrequent => facts.frequency,
                SurvivorshipRule::Longest => facts.length,
                SurvivorshipRule::LeastRecord => -i64::from(member),
                // Reasons, not choices; a plan holds none of them.
                SurvivorshipRule::OnlyValue | SurvivorshipRule::AllValues | SurvivorshipRule::Derived => 0,
            };
        }
        Self { content, scores, member: Reverse(member) }
    }
}

impl<T> PartialEq for Candidate<T> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl<T> Eq for Candidate<T> {}

impl<T> PartialOrd for Candidate<T> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<T> Ord for Candidate<T> {
    fn cmp(&self, other: &Self) -> Ordering {
        (self.scores, self.member).cmp(&(other.scores, other.member))
    }
}

/// Sorts candidates, the best first; equal ones keep their order.
pub(super) fn best_first<T>(candidates: &mut [Candidate<T>]) {
    if candidates.len() > 1 {
        candidates.sort_by(|a, b| b.cmp(a));
    }
}

/// The rule by which the first candidate won over the second.
pub(super) fn deciding_rule<T>(rules: &[SurvivorshipRule], ranked: &[Candidate<T>]) -> SurvivorshipRule {
    let [first, second, ..] = ranked else {
        return SurvivorshipRule::OnlyValue;
    };
    let mut scores = first.scores.iter().zip(&second.scores).zip(rules);
    let decided = scores.find(|((first, second), _)| first != second);
    decided.map_or(SurvivorshipRule::LeastRecord, |(_, rule)| *rule)
}
