//! Survivorship: which values of a cluster's records become the golden record, and why.
//!
//! A single value survives by rules tried in turn ([`plan`]): the first rule that tells the candidates apart decides,
//! and is kept as the reason. A name or an address survives as a whole, from one record, so that no address is made that
//! nobody has ([`whole`]). Of an attribute with several values all usable ones survive, the best first.

mod identifier;
mod plan;
mod ranking;
#[cfg(test)]
mod tests;
mod whole;

pub use identifier::identifiers_exclude;
pub use plan::{SurvivorshipError, SurvivorshipPlan, SurvivorshipSettings};

use plan::Unit;
use ranking::{Candidate, Facts, best_first, deciding_rule};
use vinculo_records::normalized::Usability;
use vinculo_records::{AttributeId, GoldenValue, NormalizedView, SurvivorshipRule};

/// How many values of one attribute a golden record holds at most.
pub const VALUES_MAX: usize = 32;

/// One record of a cluster.
#[derive(Debug, Clone, Copy)]
pub struct Member<'a> {
    /// Its values.
    pub view: NormalizedView<'a>,
    /// The trust of its source, 0 to 100.
    pub trust: u8,
}

/// A usable value and the record that says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Said<'a> {
    attribute: AttributeId,
    text: &'a str,
    member: u32,
    unflagged: bool,
    /// The value's check digits hold, where its attribute has any.
    valid: bool,
}

/// The golden record of a cluster, in the order of the attributes, the best of several values first.
///
/// `members` are the cluster's records in the order of their hashes; the last tie goes to the first of them.
pub fn golden_record<'a>(plan: &SurvivorshipPlan, members: &[Member<'a>]) -> Vec<GoldenValue<'a>> {
    let mut said = usable_values(members);
    identifier::drop_contradicting(&mut said, plan.tax_ids());
    said.sort_unstable();
    let mut golden = Vec::with_capacity(said.len().min(32));
    for said in said.chunk_by(|a, b| plan.same_unit(a.attribute, b.attribute)) {
        match plan.unit(said[0].attribute) {
            Unit::Whole(whole) => whole::survive(whole, members, said, &mut golden),
            Unit::Single(rules) => {
                let candidates = ranked(rules, members, said);
                golden.extend(values(&candidates, rules).take(1));
            }
            Unit::Several(rules) => {
                let mut candidates = ranked(rules, members, said);
                identifier::keep_consistent(&mut candidates, plan.tax_ids());
                golden.extend(values(&candidates, rules).take(VALUES_MAX));
            }
        }
    }
    golden
}

/// The values that may be shown.
fn usable_values<'a>(members: &[Member<'a>]) -> Vec<Said<'a>> {
    let mut said = Vec::with_capacity(members.len() * 12);
    for (member, record) in members.iter().enumerate() {
        for value in record.view.values() {
            let usability = value.flag.map(|flag| flag.usability());
            if !value.text.is_empty() && matches!(usability, None | Some(Usability::Demoted)) {
                said.push(Said {
                    attribute: value.attribute,
                    text: value.text,
                    member: member as u32,
                    unflagged: usability.is_none(),
                    valid: identifier::is_valid(value),
                });
            }
        }
    }
    said
}

/// The distinct values of one attribute, the best first; `said` is sorted.
fn ranked<'a, 'b>(
    rules: &[SurvivorshipRule],
    members: &[Member<'a>],
    said: &'b [Said<'a>],
) -> Vec<Candidate<&'b Said<'a>>> {
    let mut candidates = Vec::with_capacity(said.len());
    for same in said.chunk_by(|a, b| a.text == b.text) {
        let frequency = same.chunk_by(|a, b| a.member == b.member).count() as i64;
        let candidate = |said: &'b Said<'a>| {
            let facts = Facts {
                complete: 0,
                unflagged: i64::from(said.unflagged),
                frequency,
                length: said.text.chars().count() as i64,
            };
            Candidate::new(said, rules, said.member, members, facts)
        };
        candidates.extend(same.iter().map(candidate).max());
    }
    best_first(&mut candidates);
    candidates
}

/// Golden values of ranked candidates: the first with the rule that decided for it, the others as further values.
fn values<'a>(ranked: &[Candidate<&Said<'a>>], rules: &[SurvivorshipRule]) -> impl Iterator<Item = GoldenValue<'a>> {
    let decided = deciding_rule(rules, ranked);
    ranked.iter().enumerate().map(move |(i, candidate)| GoldenValue {
        attribute: candidate.content.attribute,
        text: candidate.content.text,
        member: candidate.content.member,
        rule: if i == 0 { decided } else { SurvivorshipRule::AllValues },
    })
}
