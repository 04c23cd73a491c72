//! The pairs most worth a human look: where a person's answer is likely to change the result, and much hangs on it.

use crate::error::OperationError;
pub use crate::pair::SideBySide;
use crate::pair::{Weigher, side_by_side};
use crate::renumbering;
use crate::session::Session;
use rustc_hash::FxHashSet;
use serde::Serialize;
use vinculo_records::{DecisionKind, Kind, NormalizedView};
pub use vinculo_resolution::explanation::{Step, Waterfall};
use vinculo_resolution::pair::probability;
use vinculo_store::{CustomerAtStake, DecisionForReview, NamedRecord};

/// Decisions of each kind among which the pairs are chosen.
const LOOKED_AT: u32 = 200;
/// Pairs that are shown of each kind of decision.
const SHOWN: usize = 5;

/// A pair that a person should look at.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ReviewPair {
    /// The decision's number in `audit.decision`.
    pub decision: i64,
    /// What was decided.
    pub decided: DecisionKind,
    /// Why a conflict was refused.
    pub reason: Option<String>,
    /// The weight when it was decided, in thousandths of a bit.
    pub weight: i32,
    /// The match probability that this weight stands for.
    pub probability: f64,
    /// Pairs of records that are expected to be wrong as it was decided; see [`expected_wrong_pairs`].
    pub expected_wrong_pairs: f64,
    /// The record with the lesser hash.
    pub left: ReviewRecord,
    /// The record with the greater hash.
    pub right: ReviewRecord,
    /// The weight taken apart under the model in force.
    pub waterfall: Waterfall,
    /// The values of both; empty without values.
    pub values: Vec<SideBySide>,
}

/// One side of a pair.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ReviewRecord {
    /// The source.
    pub source: String,
    /// The key; none without values, since keys are personal.
    pub source_key: Option<String>,
    /// How many records its customer has.
    pub customer_records: i32,
}

/// The pairs of one kind of record: the weakest joins, then possible matches, then conflicts, each the most consequential
/// first. `join_weight`, in bits, is the weight from which pairs are joined.
pub(super) async fn pairs(
    session: &Session,
    kind: Kind,
    join_weight: f64,
    with_values: bool,
) -> Result<Vec<ReviewPair>, OperationError> {
    let join_weight = (join_weight * 1e3).round() as i32;
    let weigher = Weigher::new(session, kind).await?;
    let mut pairs = Vec::new();
    // A conflict is the more doubtful the more its evidence speaks for a match, the others the nearer the threshold.
    let near = [
        (DecisionKind::Join, join_weight),
        (DecisionKind::PossibleMatch, join_weight),
        (DecisionKind::Conflict, i32::MAX),
    ];
    for (decided, weight) in near {
        let found = session.store.decisions_near(decided, kind, weight, LOOKED_AT).await?;
        for pair in most_consequential(found) {
            pairs.extend(review_pair(session, &weigher, pair, with_values).await?);
        }
    }
    Ok(pairs)
}

/// The pairs on which most hangs, one for any two customers.
fn most_consequential(mut found: Vec<DecisionForReview>) -> Vec<DecisionForReview> {
    found.sort_by(|a, b| expected_wrong_pairs(b).total_cmp(&expected_wrong_pairs(a)));
    let mut told = FxHashSet::default();
    found.retain(|pair| {
        let (left, right) = (pair.left.id, pair.right.id);
        told.insert((left.min(right), left.max(right)))
    });
    found.truncate(SHOWN);
    found
}

/// How many pairs of records are expected to be wrong as it was decided, P being the pair's match probability.
///
/// Records of two customers that stay apart are all wrongly apart if the two are one: P · n · m. A customer of n records
/// that was wrongly joined holds at least n − 1 wrong pairs, however it should be split: (1 − P) · (n − 1).
fn expected_wrong_pairs(pair: &DecisionForReview) -> f64 {
    let p = probability(pair.decision.weight);
    let (left, right) = (f64::from(pair.left.records), f64::from(pair.right.records));
    match pair.decision.kind {
        DecisionKind::Join => (1.0 - p) * (left - 1.0),
        DecisionKind::Conflict | DecisionKind::PossibleMatch => p * left * right,
    }
}

/// The pair with its waterfall; none where a record was deleted since, or is of another kind now.
async fn review_pair(
    session: &Session,
    weigher: &Weigher<'_>,
    pair: DecisionForReview,
    with_values: bool,
) -> Result<Option<ReviewPair>, OperationError> {
    let expected_wrong_pairs = expected_wrong_pairs(&pair);
    let DecisionForReview { decision, left: left_customer, right: right_customer } = pair;
    let attributes = &session.bench.project.attributes;
    let packed = renumbering::normalized(&session.store, attributes, &[&decision.left, &decision.right]).await?;
    let views: Vec<NormalizedView<'_>> =
        packed.iter().filter_map(|packed| NormalizedView::new(packed.as_deref()?)).collect();
    let &[left, right] = views.as_slice() else { return Ok(None) };
    if left.kind() != weigher.kind() || right.kind() != weigher.kind() {
        return Ok(None);
    }
    let Some(waterfall) = weigher.weigh((decision.left.hash(), left), (decision.right.hash(), right)) else {
        return Ok(None);
    };
    Ok(Some(ReviewPair {
        decision: decision.id,
        decided: decision.kind,
        reason: decision.reason,
        weight: decision.weight,
        probability: probability(decision.weight),
        expected_wrong_pairs,
        left: review_record(decision.left, left_customer, with_values),
        right: review_record(decision.right, right_customer, with_values),
        waterfall,
        values: if with_values { side_by_side(attributes, left, right) } else { Vec::new() },
    }))
}

fn review_record(record: NamedRecord, customer: CustomerAtStake, with_values: bool) -> ReviewRecord {
    ReviewRecord {
        source: record.source,
        source_key: with_values.then_some(record.source_key),
        customer_records: customer.records,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;
    use vinculo_records::{CustomerId, RecordId};
    use vinculo_store::DecisionRecord;

    fn pair(id: i64, kind: DecisionKind, weight: i32, left: (u128, i32), right: (u128, i32)) -> DecisionForReview {
        let record = NamedRecord { record: RecordId(1), source: "crm".into(), source_key: "1".into() };
        let customer = |(id, records)| CustomerAtStake { id: CustomerId(Uuid::from_u128(id)), records };
        let decision = DecisionRecord {
            id,
            kind,
            left: record.clone(),
            right: record,
            weight,
            levels: Vec::new(),
            reason: None,
            model: 1,
            from_publication: 1,
            to_publication: None,
        };
        DecisionForReview { decision, left: customer(left), right: customer(right) }
    }

    fn order(found: Vec<DecisionForReview>) -> Vec<i64> {
        most_consequential(found).iter().map(|pair| pair.decision.id).collect()
    }

    #[test]
    fn a_doubt_between_large_customers_comes_before_one_between_small_ones() {
        let possible = |id, weight, left, right| pair(id, DecisionKind::PossibleMatch, weight, left, right);
        assert_eq!(order(vec![possible(1, 0, (1, 1), (2, 1)), possible(2, -1_000, (3, 4), (4, 5))]), [2, 1]);
    }

    #[test]
    fn two_customers_are_shown_once() {
        let conflict = |id, weight, left, right| pair(id, DecisionKind::Conflict, weight, left, right);
        assert_eq!(order(vec![conflict(1, 0, (1, 1), (2, 1)), conflict(2, 100, (2, 1), (1, 1))]), [2]);
    }

    #[test]
    fn a_sure_join_of_a_large_customer_is_less_doubtful_than_an_unsure_one_of_a_small_one() {
        let join = |id, weight, customer| pair(id, DecisionKind::Join, weight, customer, customer);
        assert_eq!(order(vec![join(1, 20_000, (1, 30)), join(2, 0, (2, 2))]), [2, 1]);
    }
}
