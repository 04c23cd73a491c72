//! `explain`: why two records are, or are not, one customer.

use crate::error::OperationError;
use crate::lineage::Subject;
use crate::resolve::FrozenModel;
use crate::session::Session;
use serde::Serialize;
use vinculo_normalization::comparable::ComparableWriter;
use vinculo_records::{Kind, NormalizedView, RecordHash, RecordId};
use vinculo_resolution::explanation;
pub use vinculo_resolution::explanation::Waterfall;
use vinculo_store::FoundRecord;

/// The weights of two records, what was decided about them, and whether they are one customer now.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Explanation {
    /// Person or organization; none where one record is of each kind, so that they are never compared.
    pub kind: Option<Kind>,
    /// Whether both belong to one customer now.
    pub same_customer: bool,
    /// The weights under the latest model.
    pub waterfall: Option<Waterfall>,
    /// What is on record about this very pair, the newest first.
    pub decisions: Vec<KeptDecision>,
    /// The two records, attribute by attribute, side by side.
    pub values: Vec<SideBySide>,
}

/// A decision that is, or was, in force.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct KeptDecision {
    /// join, conflict or possible_match.
    pub decision: &'static str,
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

/// The values of one attribute in both records.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SideBySide {
    /// The attribute.
    pub attribute: String,
    /// Its values in the one.
    pub left: Vec<String>,
    /// Its values in the other.
    pub right: Vec<String>,
}

/// Explains two records, each given by source and key.
///
/// # Errors
/// A record that does not exist; nothing resolved yet; a store that cannot be read.
pub async fn explain(session: &Session, left: &Subject, right: &Subject) -> Result<Explanation, OperationError> {
    let (left, right) = (find(session, left).await?, find(session, right).await?);
    let packed = session.store.normalized(&[left.record, right.record]).await?;
    let views: Vec<NormalizedView<'_>> =
        packed.iter().filter_map(|packed| NormalizedView::new(packed.as_deref()?)).collect();
    let [left_view, right_view] = views.as_slice() else {
        return Err(OperationError::NotFound("one of the records was deleted by its source".into()));
    };
    let customers = [&left, &right].map(|record| session.store.customer_of(&record.source, &record.source_key));
    let [left_customer, right_customer] = customers;
    let (left_customer, right_customer) = (left_customer.await?, right_customer.await?);
    let kind = (left_view.kind() == right_view.kind()).then(|| left_view.kind());
    let waterfall = match kind {
        Some(kind) => Some(weigh(session, kind, (&left, *left_view), (&right, *right_view)).await?),
        None => None,
    };
    Ok(Explanation {
        kind,
        same_customer: left_customer.is_some() && left_customer == right_customer,
        waterfall,
        decisions: decisions(session, left.record, right.record).await?,
        values: side_by_side(session, *left_view, *right_view),
    })
}

async fn find(session: &Session, subject: &Subject) -> Result<FoundRecord, OperationError> {
    let Subject::Record { source, key } = subject else {
        return Err(OperationError::Configuration("name two records, each by its source and key".into()));
    };
    let found = session.store.find_record(source, key).await?;
    found.ok_or_else(|| OperationError::NotFound(format!("no record of the source `{source}` has this key")))
}

async fn weigh(
    session: &Session,
    kind: Kind,
    left: (&FoundRecord, NormalizedView<'_>),
    right: (&FoundRecord, NormalizedView<'_>),
) -> Result<Waterfall, OperationError> {
    let project = &session.bench.project;
    let stored = session.store.latest_model(kind).await?;
    let frozen: FrozenModel = stored
        .and_then(|stored| serde_json::from_value(stored.body).ok())
        .ok_or_else(|| OperationError::NotFound("nothing was resolved yet; `vinculo run` does it".into()))?;
    let hashes = [left, right].map(|(record, _)| RecordHash::new(&record.source, &record.source_key));
    let mut writer = ComparableWriter::new(kind, &project.attributes, &project.country);
    for ((_, view), hash) in [left, right].into_iter().zip(hashes) {
        writer.push(hash, view);
    }
    let records = writer.finish();
    explanation::explain(&frozen.plan, &frozen.model, &records, &project.attributes, hashes[0], hashes[1])
        .ok_or_else(|| OperationError::Configuration("the two are one and the same record".into()))
}

async fn decisions(session: &Session, left: RecordId, right: RecordId) -> Result<Vec<KeptDecision>, OperationError> {
    let kept = session.store.decisions_of(&[left]).await?;
    let of_pair = kept.into_iter().filter(|kept| {
        let pair = (kept.left.0, kept.right.0);
        pair == (left, right) || pair == (right, left)
    });
    let decision = |kept: vinculo_store::DecisionRecord| KeptDecision {
        decision: kept.kind.name(),
        reason: kept.reason,
        weight: kept.weight,
        model: kept.model,
        from_publication: kept.from_publication,
        to_publication: kept.to_publication,
    };
    Ok(of_pair.map(decision).collect())
}

fn side_by_side(session: &Session, left: NormalizedView<'_>, right: NormalizedView<'_>) -> Vec<SideBySide> {
    let mut ids: Vec<_> = left.values().chain(right.values()).map(|value| value.attribute).collect();
    ids.sort_unstable();
    ids.dedup();
    let attributes = &session.bench.project.attributes;
    let texts = |view: NormalizedView<'_>, id| view.values_of(id).map(crate::preview::in_words).collect();
    ids.into_iter()
        .map(|id| SideBySide {
            attribute: attributes.name(id).to_owned(),
            left: texts(left, id),
            right: texts(right, id),
        })
        .collect()
}
