//! `review`: what a person should look at, the most consequential first.

use crate::error::OperationError;
use crate::pair::{RecordName, SideBySide, side_by_side};
use crate::session::Session;
use serde::Serialize;
use vinculo_records::{CustomerId, DecisionKind, NormalizedView, RecordId};
use vinculo_store::DecisionForReview;

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
    /// How much of it there is, by kind and reason.
    pub counts: Vec<ReviewCount>,
    /// The most consequential: those whose join would bring together the most pairs of records, then the strongest.
    pub items: Vec<ReviewItem>,
}

/// Decisions of one kind and reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ReviewCount {
    /// conflict or possible_match.
    pub decision: &'static str,
    /// Why conflicts were refused.
    pub reason: Option<String>,
    /// How many there are.
    pub count: u64,
}

/// Two customers that may be one, by the pair of records that says so.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ReviewItem {
    /// conflict or possible_match.
    pub decision: &'static str,
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
    let counts = session.store.count_decisions().await?;
    let counts = counts.into_iter().filter(|(kind, ..)| kinds.contains(kind));
    let decisions = session.store.decisions_for_review(&kinds, options.limit).await?;
    let records: Vec<RecordId> = decisions.iter().flat_map(|one| [one.decision.left.0, one.decision.right.0]).collect();
    let packed = session.store.normalized(&records).await?;
    let item = |(one, packed): (DecisionForReview, &[Option<Vec<u8>>])| {
        let view = |at: usize| packed[at].as_deref().and_then(NormalizedView::new);
        let values = view(0).zip(view(1));
        item(one, values.map_or_else(Vec::new, |(a, b)| side_by_side(&session.bench.project.attributes, a, b)))
    };
    Ok(Review {
        counts: counts.map(|(kind, reason, count)| ReviewCount { decision: kind.name(), reason, count }).collect(),
        items: decisions.into_iter().zip(packed.chunks(2)).map(item).collect(),
    })
}

fn item(one: DecisionForReview, values: Vec<SideBySide>) -> ReviewItem {
    let side = |(_, source, source_key), (customer_id, records)| ReviewSide {
        record: RecordName { source, source_key },
        customer_id,
        records,
    };
    ReviewItem {
        decision: one.decision.kind.name(),
        reason: one.decision.reason,
        weight: one.decision.weight,
        pairs: u64::from(one.left.1.unsigned_abs()) * u64::from(one.right.1.unsigned_abs()),
        left: side(one.decision.left, one.left),
        right: side(one.decision.right, one.right),
        values,
    }
}
