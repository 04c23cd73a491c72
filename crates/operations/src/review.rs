//! `review`: what a person should look at, the most consequential first.

use crate::error::OperationError;
use crate::judge::Judgements;
use crate::pair::{RecordName, SideBySide, side_by_side};
use crate::renumbering;
use crate::session::Session;
use serde::Serialize;
use std::cmp::Reverse;
use vinculo_records::{CustomerId, DecisionKind, NormalizedView};
use vinculo_store::{CustomerAtStake, DecisionCount, DecisionForReview, NamedRecord};

/// What to list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReviewOptions {
    /// Joins that a constraint refused.
    pub conflicts: bool,
    /// Pairs that are too likely to drop and not likely enough to join.
    pub possible_matches: bool,
    /// How many to list at most.
    pub limit: u32,
}

/// What waits for a person.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Review {
    /// How much of it there is, by kind and reason; what was judged is left out.
    pub counts: Vec<ReviewCount>,
    /// Pairs of records that persons have judged, the same or different, and that are in force.
    pub judged: u64,
    /// Judgements that customers do not follow yet.
    pub waiting: u64,
    /// The most consequential: those whose join would bring together the most pairs of records, then the strongest.
    pub items: Vec<ReviewItem>,
}

/// Decisions of one kind and reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ReviewCount {
    /// Conflict or possible match.
    pub decision: DecisionKind,
    /// Why conflicts were refused.
    pub reason: Option<String>,
    /// How many there are.
    pub count: u64,
}

/// Two customers that may be one, by the pair of records that says so.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ReviewItem {
    /// Conflict or possible match.
    pub decision: DecisionKind,
    /// Why the conflict was refused.
    pub reason: Option<String>,
    /// The weight of the pair, in thousandths of a bit.
    pub weight: i32,
    /// The one customer, by the record that stands for it.
    pub left: ReviewSide,
    /// The other.
    pub right: ReviewSide,
    /// How many pairs of records would come together.
    pub pairs: u64,
    /// The two records, attribute by attribute, side by side.
    pub values: Vec<SideBySide>,
}

/// A customer in a doubtful pair.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ReviewSide {
    /// The record that is compared.
    #[serde(flatten)]
    pub record: RecordName,
    /// Its customer.
    pub customer_id: CustomerId,
    /// How many records the customer has.
    pub records: i32,
}

/// Lists what waits for a person.
///
/// # Errors
/// A store that cannot be read.
pub async fn review(session: &Session, options: ReviewOptions) -> Result<Review, OperationError> {
    let mut kinds = Vec::new();
    if options.conflicts {
        kinds.push(DecisionKind::Conflict);
    }
    if options.possible_matches {
        kinds.push(DecisionKind::PossibleMatch);
    }
    let counts = session.store.count_waiting(&kinds).await?;
    let judgements = Judgements::read(&session.store).await?;
    let followed = session.store.last_judgement_followed().await?;
    let decisions = session.store.decisions_by_consequence(&kinds, options.limit).await?;
    let records: Vec<&NamedRecord> =
        decisions.iter().flat_map(|one| [&one.decision.left, &one.decision.right]).collect();
    let attributes = &session.bench.project.attributes;
    let packed = renumbering::normalized(&session.store, attributes, &records).await?;
    let item = |(one, packed): (DecisionForReview, &[Option<Vec<u8>>])| {
        let view = |at: usize| packed[at].as_deref().and_then(NormalizedView::new);
        let values = view(0).zip(view(1));
        item(one, values.map_or_else(Vec::new, |(a, b)| side_by_side(attributes, a, b)))
    };
    Ok(Review {
        counts: by_reason(counts.into_iter()),
        judged: judgements.pairs().len() as u64,
        // Their numbers are dense.
        waiting: (judgements.last().unwrap_or_default() - followed).unsigned_abs(),
        items: decisions.into_iter().zip(packed.chunks(2)).map(item).collect(),
    })
}

/// Adds up what is counted by kind of record: who reviews sees one list of both.
fn by_reason(counts: impl Iterator<Item = DecisionCount>) -> Vec<ReviewCount> {
    let mut sums: Vec<ReviewCount> = Vec::new();
    for DecisionCount { decision, reason, count, .. } in counts {
        match sums.iter_mut().find(|sum| sum.decision == decision && sum.reason == reason) {
            Some(sum) => sum.count += count,
            None => sums.push(ReviewCount { decision, reason, count }),
        }
    }
    sums.sort_by_key(|sum| (sum.decision, Reverse(sum.count)));
    sums
}

fn item(one: DecisionForReview, values: Vec<SideBySide>) -> ReviewItem {
    let side = |record: NamedRecord, customer: CustomerAtStake| ReviewSide {
        record: record.into(),
        customer_id: customer.id,
        records: customer.records,
    };
    ReviewItem {
        decision: one.decision.kind,
        reason: one.decision.reason,
        weight: one.decision.weight,
        pairs: u64::from(one.left.records.unsigned_abs()) * u64::from(one.right.records.unsigned_abs()),
        left: side(one.decision.left, one.left),
        right: side(one.decision.right, one.right),
        values,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use vinculo_records::Kind;

    #[test]
    fn persons_and_organizations_are_counted_together_the_most_frequent_reason_first() {
        let conflict = |kind, reason: &str, count| DecisionCount {
            decision: DecisionKind::Conflict,
            kind,
            reason: Some(reason.into()),
            count,
        };
        let counts = [
            conflict(Kind::Person, "weak_support", 5),
            conflict(Kind::Person, "contradiction", 4),
            conflict(Kind::Organization, "contradiction", 3),
        ];
        let told: Vec<_> =
            by_reason(counts.into_iter()).into_iter().map(|sum| (sum.reason.unwrap(), sum.count)).collect();
        assert_eq!(told, [("contradiction".into(), 7), ("weak_support".to_owned(), 5)]);
    }
}
