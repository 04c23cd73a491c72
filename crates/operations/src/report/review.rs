//! The pairs most worth a human look: where a person's answer is likely to change the result, and much hangs on it.

use crate::error::OperationError;
pub use crate::pair::SideBySide;
use crate::pair::{Weigher, side_by_side};
use crate::session::Session;
use rustc_hash::FxHashSet;
use serde::Serialize;
use vinculo_records::{DecisionKind, Kind, NormalizedView, RecordHash};
pub use vinculo_resolution::explanation::{Step, Waterfall};
use vinculo_resolution::pair::probability;
use vinculo_store::{DecidedPair, PairedRecord};

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

/// The pairs of one kind of record, with the weight from which pairs are joined, in bits: weakest joins, then possible matches, then conflicts, each the most consequential
/// first.
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
        let found = session.store.decided_pairs(decided, kind, weight, LOOKED_AT).await?;
        for pair in most_consequential(decided, found) {
            pairs.extend(review_pair(session, kind, &weigher, decided, pair, with_values).await?);
        }
    }
    Ok(pairs)
}

/// The pairs on which most hangs, one for any two customers.
fn most_consequential(decided: DecisionKind, mut found: Vec<DecidedPair>) -> Vec<DecidedPair> {
    found.sort_by(|a, b| expected_wrong_pairs(decided, b).total_cmp(&expected_wrong_pairs(decided, a)));
    let mut told = FxHashSet::default();
    found.retain(|pair| {
        let (left, right) = (pair.left.customer, pair.right.customer);
        told.insert((left.min(right), left.max(right)))
    });
    found.truncate(SHOWN);
    found
}

/// How many pairs of records are expected to be wrong as it was decided, P being the pair's match probability.
///
/// Records of two customers that stay apart are all wrongly apart if the two are one: P · n · m. A customer of n records
/// that was wrongly joined holds at least n − 1 wrong pairs, however it should be split: (1 − P) · (n − 1).
fn expected_wrong_pairs(decided: DecisionKind, pair: &DecidedPair) -> f64 {
    let p = probability(pair.weight);
    let (left, right) = (f64::from(pair.left.customer_records), f64::from(pair.right.customer_records));
    match decided {
        DecisionKind::Join => (1.0 - p) * (left - 1.0),
        DecisionKind::Conflict | DecisionKind::PossibleMatch => p * left * right,
    }
}

/// The pair with its waterfall; none where a record was deleted since, or is of another kind now.
async fn review_pair(
    session: &Session,
    kind: Kind,
    weigher: &Weigher<'_>,
    decided: DecisionKind,
    pair: DecidedPair,
    with_values: bool,
) -> Result<Option<ReviewPair>, OperationError> {
    let packed = session.store.normalized(&[pair.left.record, pair.right.record]).await?;
    let views: Vec<NormalizedView<'_>> =
        packed.iter().filter_map(|packed| NormalizedView::new(packed.as_deref()?)).collect();
    let [left, right] = views.as_slice() else { return Ok(None) };
    if left.kind() != kind || right.kind() != kind {
        return Ok(None);
    }
    let hash = |record: &PairedRecord| RecordHash::new(&record.source, &record.source_key);
    let Some(waterfall) = weigher.weigh((hash(&pair.left), *left), (hash(&pair.right), *right)) else {
        return Ok(None);
    };
    Ok(Some(ReviewPair {
        decision: pair.decision,
        decided,
        weight: pair.weight,
        probability: probability(pair.weight),
        expected_wrong_pairs: expected_wrong_pairs(decided, &pair),
        waterfall,
        values: if with_values { side_by_side(&session.bench.project.attributes, *left, *right) } else { Vec::new() },
        reason: pair.reason,
        left: review_record(pair.left, with_values),
        right: review_record(pair.right, with_values),
    }))
}

fn review_record(record: PairedRecord, with_values: bool) -> ReviewRecord {
    ReviewRecord {
        source: record.source,
        source_key: with_values.then_some(record.source_key),
        customer_records: record.customer_records,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;
    use vinculo_records::{CustomerId, RecordId};

    fn pair(decision: i64, weight: i32, left: (u128, i32), right: (u128, i32)) -> DecidedPair {
        let side = |(customer, customer_records): (u128, i32)| PairedRecord {
            record: RecordId(1),
            source: "crm".into(),
            source_key: "1".into(),
            customer: CustomerId(Uuid::from_u128(customer)),
            customer_records,
        };
        DecidedPair { decision, weight, reason: None, left: side(left), right: side(right) }
    }

    #[test]
    fn a_doubt_between_large_customers_comes_before_one_between_small_ones() {
        let found = vec![pair(1, 0, (1, 1), (2, 1)), pair(2, -1_000, (3, 4), (4, 5))];
        let order: Vec<i64> =
            most_consequential(DecisionKind::PossibleMatch, found).iter().map(|pair| pair.decision).collect();
        assert_eq!(order, [2, 1]);
    }

    #[test]
    fn two_customers_are_shown_once() {
        let found = vec![pair(1, 0, (1, 1), (2, 1)), pair(2, 100, (2, 1), (1, 1))];
        let shown = most_consequential(DecisionKind::Conflict, found);
        assert_eq!(shown.iter().map(|pair| pair.decision).collect::<Vec<_>>(), [2]);
    }

    #[test]
    fn a_sure_join_of_a_large_customer_is_less_doubtful_than_an_unsure_one_of_a_small_one() {
        let sure = pair(1, 20_000, (1, 30), (1, 30));
        let unsure = pair(2, 0, (2, 2), (2, 2));
        assert!(expected_wrong_pairs(DecisionKind::Join, &sure) < expected_wrong_pairs(DecisionKind::Join, &unsure));
    }
}
