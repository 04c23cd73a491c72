//! `explain`: why two records are, or are not, one customer.

use crate::error::OperationError;
use crate::judge::{ToldJudgement, judgements_of};
use crate::lineage::Subject;
use crate::pair::{RecordName, SideBySide, Weigher, side_by_side};
use crate::renumbering;
use crate::session::Session;
use crate::settings;
use rustc_hash::FxHashMap;
use serde::Serialize;
use std::collections::VecDeque;
use vinculo_records::{CustomerId, DecisionKind, Kind, NormalizedView, RecordId};
pub use vinculo_resolution::explanation::Waterfall;
use vinculo_resolution::survivorship::identifiers_exclude;
use vinculo_store::{DecisionRecord, NamedRecord};

/// Records of a customer that are looked at for what joined it, or keeps it apart from another.
const MEMBERS: usize = 20;
/// Decisions between two customers that are told, the strongest.
const BETWEEN: usize = 3;

/// The weights of two records, what was decided about them, and whether they are one customer now.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Explanation {
    /// Person or organization; none where one record is of each kind, so that they are never compared.
    pub kind: Option<Kind>,
    /// Whether both belong to one customer now.
    pub same_customer: bool,
    /// The weights under the latest model.
    pub waterfall: Option<Waterfall>,
    /// What persons have judged of either record, and is in force.
    pub judgements: Vec<ToldJudgement>,
    /// What is on record about this very pair, the newest first.
    pub decisions: Vec<KeptDecision>,
    /// Where both are one customer: the joins that lead from the one to the other, through other records or directly.
    pub joined_through: Vec<KeptDecision>,
    /// Where they are two: what is on record about other records of the two customers, the strongest first.
    pub between: Vec<KeptDecision>,
    /// Where a join of the two customers was refused: the two records that speak most against it.
    pub against: Option<Against>,
    /// The two records, attribute by attribute, side by side.
    pub values: Vec<SideBySide>,
}

/// A decision that is, or was, in force.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct KeptDecision {
    /// What was decided.
    pub decision: DecisionKind,
    /// The one record.
    pub left: RecordName,
    /// The other record.
    pub right: RecordName,
    /// Why a conflict was refused.
    pub reason: Option<String>,
    /// The weight at that time, in thousandths of a bit.
    pub weight: i32,
    /// The model that weighed.
    pub model: i64,
    /// Since which publication.
    pub from_publication: i64,
    /// Until which publication.
    pub to_publication: Option<i64>,
}

/// Two records, one of each customer, that speak against their being one.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Against {
    /// The record of the one customer.
    pub left: RecordName,
    /// The record of the other.
    pub right: RecordName,
    /// Whether they name two valid identifiers that exclude each other.
    pub different_identifiers: bool,
    /// Their weight under the latest model, in thousandths of a bit.
    pub weight: i32,
}

/// Explains two records, each given by source and key.
///
/// # Errors
/// A record that does not exist; nothing resolved yet; a store that cannot be read.
pub async fn explain(session: &Session, left: &Subject, right: &Subject) -> Result<Explanation, OperationError> {
    let (left, right) = (find(session, left).await?, find(session, right).await?);
    let attributes = &session.bench.project.attributes;
    let packed = renumbering::normalized(&session.store, attributes, &[&left, &right]).await?;
    let views: Vec<NormalizedView<'_>> =
        packed.iter().filter_map(|packed| NormalizedView::new(packed.as_deref()?)).collect();
    let &[left_view, right_view] = views.as_slice() else {
        return Err(OperationError::NotFound("one of the records was deleted by its source".into()));
    };
    let kind = (left_view.kind() == right_view.kind()).then(|| left_view.kind());
    let weigher = match kind {
        Some(kind) => Some(Weigher::new(session, kind).await?),
        None => None,
    };
    let mut explanation = Explanation {
        kind,
        same_customer: false,
        waterfall: None,
        judgements: judgements_of(session, &[left.record, right.record]).await?,
        decisions: decisions(session, left.record, right.record).await?,
        joined_through: Vec::new(),
        between: Vec::new(),
        against: None,
        values: side_by_side(attributes, left_view, right_view),
    };
    if let Some(weigher) = &weigher {
        explanation.waterfall = weigher.weigh((left.hash(), left_view), (right.hash(), right_view));
        if explanation.waterfall.is_none() {
            return Err(OperationError::Configuration("the two are one and the same record".into()));
        }
    }
    let left_customer = session.store.customer_of(&left.source, &left.source_key).await?;
    let right_customer = session.store.customer_of(&right.source, &right.source_key).await?;
    if let Some((one, other)) = left_customer.zip(right_customer) {
        explanation.same_customer = one == other;
        if one == other {
            explanation.joined_through = chain(session, one, left.record, right.record).await?;
        } else {
            tell_apart(session, weigher.as_ref(), (one, other), &mut explanation).await?;
        }
    }
    Ok(explanation)
}

async fn find(session: &Session, subject: &Subject) -> Result<NamedRecord, OperationError> {
    let Subject::Record { source, key } = subject else {
        return Err(OperationError::Configuration("name two records, each by its source and key".into()));
    };
    let found = session.store.find_record(source, key).await?;
    let found =
        found.ok_or_else(|| OperationError::NotFound(format!("no record of the source `{source}` has this key")))?;
    Ok(found.name)
}

async fn decisions(session: &Session, left: RecordId, right: RecordId) -> Result<Vec<KeptDecision>, OperationError> {
    let kept = session.store.decisions_of(&[left]).await?;
    let is_of_pair =
        |kept: &DecisionRecord| [(left, right), (right, left)].contains(&(kept.left.record, kept.right.record));
    Ok(kept.into_iter().filter(is_of_pair).map(told).collect())
}

fn told(kept: DecisionRecord) -> KeptDecision {
    KeptDecision {
        decision: kept.kind,
        left: kept.left.into(),
        right: kept.right.into(),
        reason: kept.reason,
        weight: kept.weight,
        model: kept.model,
        from_publication: kept.from_publication,
        to_publication: kept.to_publication,
    }
}

/// The joins that lead from one record of a customer to another, the fewest. Every join is told by one pair, and all of
/// them together hold the customer's records, so that there is a way wherever none was cut.
async fn chain(
    session: &Session,
    customer: CustomerId,
    from: RecordId,
    to: RecordId,
) -> Result<Vec<KeptDecision>, OperationError> {
    let members: Vec<RecordId> =
        session.store.sources_of(customer).await?.into_iter().map(|member| member.record).collect();
    let is_join = |kept: &DecisionRecord| kept.kind == DecisionKind::Join && kept.to_publication.is_none();
    let joins: Vec<DecisionRecord> = session.store.decisions_of(&members).await?.into_iter().filter(is_join).collect();
    Ok(way(&joins, from, to).into_iter().cloned().map(told).collect())
}

/// The fewest joins that lead from one record to another; empty where none do.
fn way(joins: &[DecisionRecord], from: RecordId, to: RecordId) -> Vec<&DecisionRecord> {
    let mut joins_of: FxHashMap<RecordId, Vec<(RecordId, &DecisionRecord)>> = FxHashMap::default();
    for join in joins {
        let (left, right) = (join.left.record, join.right.record);
        joins_of.entry(left).or_default().push((right, join));
        joins_of.entry(right).or_default().push((left, join));
    }
    // From the far end, so that each record reached knows the next step towards it.
    let mut step: FxHashMap<RecordId, Option<(RecordId, &DecisionRecord)>> = FxHashMap::from_iter([(to, None)]);
    let mut open = VecDeque::from([to]);
    while let Some(record) = open.pop_front() {
        for (next, join) in joins_of.get(&record).into_iter().flatten() {
            step.entry(*next).or_insert_with(|| {
                open.push_back(*next);
                Some((record, *join))
            });
        }
    }
    let mut way = Vec::new();
    let mut record = from;
    while let Some(Some((next, join))) = step.get(&record) {
        way.push(*join);
        record = *next;
    }
    way
}

/// Tells what is on record between two customers, and what speaks against a join that was refused.
async fn tell_apart(
    session: &Session,
    weigher: Option<&Weigher<'_>>,
    (one, other): (CustomerId, CustomerId),
    explanation: &mut Explanation,
) -> Result<(), OperationError> {
    let (mut one, mut other) = (session.store.sources_of(one).await?, session.store.sources_of(other).await?);
    one.truncate(MEMBERS);
    other.truncate(MEMBERS);
    let ids = |members: &[NamedRecord]| members.iter().map(|member| member.record).collect::<Vec<_>>();
    let (left, right) = (ids(&one), ids(&other));
    let crosses = |kept: &DecisionRecord| {
        let (a, b) = (kept.left.record, kept.right.record);
        (left.contains(&a) && right.contains(&b)) || (left.contains(&b) && right.contains(&a))
    };
    let mut between: Vec<DecisionRecord> = session.store.decisions_of(&left).await?;
    between.retain(|kept| kept.to_publication.is_none() && crosses(kept));
    between.sort_by_key(|kept| (std::cmp::Reverse(kept.weight), kept.id));
    let was_refused = between.iter().any(|kept| kept.kind == DecisionKind::Conflict);
    if let Some(weigher) = weigher.filter(|_| was_refused) {
        explanation.against = against(session, weigher, &one, &other).await?;
    }
    explanation.between = between.into_iter().take(BETWEEN).map(told).collect();
    explanation.between.retain(|kept| !explanation.decisions.contains(kept));
    Ok(())
}

/// The two records that speak most against a join: whose identifiers exclude each other, else those of the least weight.
async fn against(
    session: &Session,
    weigher: &Weigher<'_>,
    one: &[NamedRecord],
    other: &[NamedRecord],
) -> Result<Option<Against>, OperationError> {
    let tax_ids = settings::tax_ids(&session.bench.project);
    let records: Vec<&NamedRecord> = one.iter().chain(other).collect();
    let packed = renumbering::normalized(&session.store, &session.bench.project.attributes, &records).await?;
    let view = |at: usize| packed[at].as_deref().and_then(NormalizedView::new);
    let mut worst: Option<Against> = None;
    for (i, left) in one.iter().enumerate() {
        for (j, right) in other.iter().enumerate() {
            let Some((left_view, right_view)) = view(i).zip(view(one.len() + j)) else { continue };
            let Some(waterfall) = weigher.weigh((left.hash(), left_view), (right.hash(), right_view)) else { continue };
            let against = Against {
                left: left.clone().into(),
                right: right.clone().into(),
                different_identifiers: identifiers_exclude(left_view, right_view, tax_ids),
                weight: waterfall.weight,
            };
            let rank = |against: &Against| (against.different_identifiers, std::cmp::Reverse(against.weight));
            if worst.as_ref().is_none_or(|worst| rank(&against) > rank(worst)) {
                worst = Some(against);
            }
        }
    }
    Ok(worst)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn join(id: i64, left: i64, right: i64) -> DecisionRecord {
        let record = |id: i64| NamedRecord { record: RecordId(id), source: "crm".into(), source_key: id.to_string() };
        DecisionRecord {
            id,
            kind: DecisionKind::Join,
            left: record(left),
            right: record(right),
            weight: 9_000,
            levels: Vec::new(),
            reason: None,
            model: 1,
            from_publication: 1,
            to_publication: None,
        }
    }

    #[test]
    fn the_way_from_record_to_record_is_the_shortest_in_its_order() {
        let joins = [join(1, 1, 2), join(2, 3, 2), join(3, 3, 4), join(4, 4, 1), join(5, 4, 5), join(6, 8, 9)];
        let ids = |from, to| way(&joins, RecordId(from), RecordId(to)).iter().map(|join| join.id).collect::<Vec<_>>();
        assert_eq!((ids(1, 2), ids(1, 4)), (vec![1], vec![4]));
        assert_eq!(ids(5, 1), [5, 4], "not by way of 3 and 2");
        assert_eq!((ids(1, 1), ids(1, 9)), (vec![], vec![]));
    }
}
