//! Judgements as they are told to people.

use crate::error::OperationError;
use crate::pair::RecordName;
use crate::session::Session;
use chrono::{DateTime, Utc};
use rustc_hash::FxHashMap;
use serde::Serialize;
use vinculo_records::judgement::value_hash;
use vinculo_records::{JudgementKind, NormalizedRecord, RecordId};
use vinculo_store::{Judgement, JudgementSubject, NamedRecord};

/// A judgement, and whether it holds.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ToldJudgement {
    /// Its number.
    pub judgement: i64,
    /// What it says.
    pub kind: JudgementKind,
    /// The record, or the one of the two.
    pub left: RecordName,
    /// The other record.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub right: Option<RecordName>,
    /// The attribute of a wrong value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attribute: Option<String>,
    /// The wrong value; none where the record does not say it any more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// Why.
    pub reason: String,
    /// Who judged.
    pub actor: String,
    /// When.
    pub judged_at: DateTime<Utc>,
    /// The call that judged.
    pub run: i64,
    /// The judgement that it took the place of, or withdrew.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub supersedes: Option<i64>,
    /// The judgement that took its place, or withdrew it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub superseded_by: Option<i64>,
    /// Whether customers follow it already; otherwise the next run applies it.
    pub applied: bool,
}

/// The judgements in force, the newest first; all that ever were with `all`.
///
/// # Errors
/// A store that cannot be read.
pub async fn judgements(session: &Session, all: bool) -> Result<Vec<ToldJudgement>, OperationError> {
    let mut found = session.store.judgements(None).await?;
    found.retain(|one| all || is_in_force(one));
    tell_all(session, found.iter().collect()).await
}

/// The judgements in force about any of these records, the newest first.
///
/// # Errors
/// A store that cannot be read.
pub async fn judgements_of(session: &Session, records: &[RecordId]) -> Result<Vec<ToldJudgement>, OperationError> {
    let found = session.store.judgements(Some(records)).await?;
    tell_all(session, found.iter().filter(|one| is_in_force(one)).collect()).await
}

fn is_in_force(judgement: &Judgement) -> bool {
    judgement.superseded_by.is_none() && judgement.kind != JudgementKind::Withdrawn
}

pub(super) async fn tell(session: &Session, judgement: &Judgement) -> Result<ToldJudgement, OperationError> {
    let told = tell_all(session, vec![judgement]).await?;
    told.into_iter().next().ok_or_else(|| OperationError::Internal("a judgement was not told".into()))
}

pub(super) async fn tell_all(
    session: &Session,
    judgements: Vec<&Judgement>,
) -> Result<Vec<ToldJudgement>, OperationError> {
    let followed = session.store.last_judgement_followed().await?;
    let of_values = judgements.iter().filter_map(|judgement| match &judgement.subject {
        JudgementSubject::Value { record, .. } => Some(record.record),
        JudgementSubject::Pair { .. } => None,
    });
    let records: Vec<RecordId> = of_values.collect();
    let packed = session.store.normalized(&records).await?.into_iter();
    let values = packed.map(|packed| packed.and_then(NormalizedRecord::from_bytes));
    let values: FxHashMap<RecordId, Option<NormalizedRecord>> = records.into_iter().zip(values).collect();
    let told = |judgement: &Judgement| {
        let (left, right, attribute, value) = match &judgement.subject {
            JudgementSubject::Pair { left, right } => (left, Some(right.clone().into()), None, None),
            JudgementSubject::Value { record, attribute, value } => {
                let says = values[&record.record].as_ref();
                let text = says.and_then(|says| {
                    let attribute_id = session.bench.project.attributes.find(attribute)?;
                    let mut texts = says.view().values_of(attribute_id).map(|value| value.text);
                    texts.find(|text| value_hash(record.hash(), attribute, text) == *value)
                });
                (record, None, Some(attribute.clone()), text.map(str::to_owned))
            }
        };
        let left: &NamedRecord = left;
        ToldJudgement {
            judgement: judgement.id,
            kind: judgement.kind,
            left: left.clone().into(),
            right,
            attribute,
            value,
            reason: judgement.reason.clone(),
            actor: judgement.actor.clone(),
            judged_at: judgement.judged_at,
            run: judgement.run.0,
            supersedes: judgement.supersedes,
            superseded_by: judgement.superseded_by,
            applied: judgement.id <= followed,
        }
    };
    Ok(judgements.into_iter().map(told).collect())
}
