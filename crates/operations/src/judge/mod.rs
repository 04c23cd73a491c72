//! `judge`: a person's word on two records, or on a value of one; it holds for ever, or until it is withdrawn.

mod apply;
mod chain;
mod excluded;
mod followed;
mod told;

pub use apply::{Applied, Wait, apply};
pub use excluded::{Excluded, JudgedValue};
pub use followed::Judgements;
pub use told::{ToldJudgement, judgements, judgements_of};

use crate::error::OperationError;
use crate::lineage::Subject;
use crate::pair::RecordName;
use crate::run::new_run;
use crate::session::Session;
use chain::Judged;
use excluded::{Member, excluded, members};
use serde::Serialize;
use vinculo_records::judgement::value_hash;
use vinculo_records::{JudgementKind, NormalizedRecord, RecordId};
use vinculo_store::{Judgement, JudgementSubject, Judging, NamedRecord, NewJudgement};

/// What became of a judgement.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum Outcome {
    /// It is kept.
    Kept {
        /// The judgement.
        judgement: ToldJudgement,
    },
    /// It was judged so before; nothing was written.
    Stands {
        /// The judgement in force.
        judgement: ToldJudgement,
    },
    /// Refused: the judgements of this chain say the contrary together.
    Contradicted {
        /// The judgements in force, in the order in which they lead from the one record to the other.
        chain: Vec<ToldJudgement>,
        /// The one that may be superseded, where a single judgement of this very pair is all that contradicts.
        #[serde(skip_serializing_if = "Option::is_none")]
        supersedable: Option<i64>,
    },
    /// Refused: two records that would be the same name different valid values of one exclusive identifier.
    Excluded {
        /// The values that exclude each other.
        excluded: Excluded,
        /// The judgements in force that lead from the two records to those that name the values.
        chain: Vec<ToldJudgement>,
    },
    /// Refused: judgements in force need it, since without it their records name values that exclude each other.
    Needed {
        /// The values that would exclude each other.
        excluded: Excluded,
        /// The judgements, in the order in which they lead from the one value to the other.
        chain: Vec<ToldJudgement>,
    },
    /// Refused: the record has several values of the attribute, or none such.
    Unclear {
        /// The record.
        record: RecordName,
        /// The attribute.
        attribute: String,
        /// Its values.
        values: Vec<String>,
    },
}

impl Outcome {
    /// Whether the judgement is in force now.
    pub fn is_in_force(&self) -> bool {
        matches!(self, Self::Kept { .. } | Self::Stands { .. })
    }
}

/// What a person says of two records.
#[derive(Debug, Clone, Copy)]
pub struct PairJudgement<'a> {
    /// The one record.
    pub left: &'a Subject,
    /// The other record.
    pub right: &'a Subject,
    /// Whether they are one customer.
    pub same: bool,
    /// Why.
    pub reason: &'a str,
    /// The judgement of this very pair that it shall take the place of, if it says the contrary.
    pub supersede: Option<i64>,
}

/// Judges two records the same or different.
///
/// # Errors
/// A record that does not exist, or both the same one; a person and an organization; no reason; a failing store.
pub async fn judge_pair(session: &Session, judged: PairJudgement<'_>) -> Result<Outcome, OperationError> {
    check_reason(judged.reason)?;
    let (left, right) = (find(session, judged.left).await?, find(session, judged.right).await?);
    if left.name == right.name {
        return Err(OperationError::Configuration("the two are one and the same record".into()));
    }
    if left.values.view().kind() != right.values.view().kind() {
        let message = "one is a person, the other an organization: they are never one customer";
        return Err(OperationError::Configuration(message.into()));
    }
    let kind = if judged.same { JudgementKind::Same } else { JudgementKind::Different };
    let subject = JudgementSubject::pair(left.name.clone(), right.name.clone());
    let judging = session.store.begin_judging().await?;
    let former = judging.in_force().iter().find(|former| former.subject == subject);
    if let Some(former) = former.filter(|former| former.kind == kind) {
        return Ok(Outcome::Stands { judgement: told::tell(session, former).await? });
    }
    let former = former.map(|former| former.id);
    if judged.supersede.is_some() && judged.supersede != former {
        let message = "that judgement is not in force about these two records; `vinculo judge list` shows which are";
        return Err(OperationError::Configuration(message.into()));
    }
    let others: Vec<Judgement> =
        judging.in_force().iter().filter(|one| Some(one.id) != judged.supersede).cloned().collect();
    if let Some(refused) = contradiction(session, &others, judged.same, &left.name, &right.name).await? {
        return Ok(refused);
    }
    let new = NewJudgement { kind, subject: &subject, supersedes: judged.supersede, reason: judged.reason };
    keep(session, judging, &new).await
}

/// Judges a value of a record wrong; `value` may be left out where the record has one value of the attribute.
///
/// # Errors
/// A record or an attribute that does not exist, or of which the record says nothing; no reason; a failing store.
pub async fn judge_wrong(
    session: &Session,
    record: &Subject,
    attribute: &str,
    value: Option<&str>,
    reason: &str,
) -> Result<Outcome, OperationError> {
    check_reason(reason)?;
    let record = find(session, record).await?;
    let id = session.bench.project.attributes.find(attribute).ok_or_else(|| {
        OperationError::Configuration(
            "there is no attribute of this name; the names are those of `vinculo.yaml`".into(),
        )
    })?;
    let mut values: Vec<&str> = record.values.view().values_of(id).map(|value| value.text).collect();
    values.retain(|text| !text.is_empty());
    values.dedup();
    if values.is_empty() {
        return Err(OperationError::NotFound(format!("the record says nothing of `{attribute}` that counts")));
    }
    let hash = |text: &str| value_hash(record.name.hash(), attribute, text);
    let chosen: Vec<&str> = match value {
        Some(value) => values.iter().copied().filter(|text| hash(text) == hash(value)).collect(),
        None => values.clone(),
    };
    let &[text] = chosen.as_slice() else {
        return Ok(Outcome::Unclear {
            record: record.name.clone().into(),
            attribute: attribute.to_owned(),
            values: values.into_iter().map(str::to_owned).collect(),
        });
    };
    let subject =
        JudgementSubject::Value { record: record.name.clone(), attribute: attribute.to_owned(), value: hash(text) };
    let judging = session.store.begin_judging().await?;
    if let Some(former) = judging.in_force().iter().find(|former| former.subject == subject) {
        return Ok(Outcome::Stands { judgement: told::tell(session, former).await? });
    }
    let new = NewJudgement { kind: JudgementKind::WrongValue, subject: &subject, supersedes: None, reason };
    keep(session, judging, &new).await
}

/// Withdraws a judgement: what was judged is open again.
///
/// # Errors
/// A judgement that does not exist, or is in force no longer; no reason; a failing store.
pub async fn withdraw(session: &Session, judgement: i64, reason: &str) -> Result<Outcome, OperationError> {
    check_reason(reason)?;
    let judging = session.store.begin_judging().await?;
    let Some(former) = judging.in_force().iter().find(|former| former.id == judgement).cloned() else {
        let message = "there is no such judgement in force; `vinculo judge list` shows which are";
        return Err(OperationError::NotFound(message.into()));
    };
    if let JudgementSubject::Value { record, .. } = &former.subject {
        // What was judged the same since may rest on it.
        let others: Vec<Judgement> = judging.in_force().iter().filter(|one| one.id != judgement).cloned().collect();
        let group = Judged::new(&others).group(record.record).records().to_vec();
        if let Some((excluded, chain)) = exclusion(session, &others, (&group[..1], &group[1..]), group[0]).await? {
            return Ok(Outcome::Needed { excluded, chain });
        }
    }
    let new =
        NewJudgement { kind: JudgementKind::Withdrawn, subject: &former.subject, supersedes: Some(judgement), reason };
    keep(session, judging, &new).await
}

/// What speaks against a judgement of two records, given all others in force.
async fn contradiction(
    session: &Session,
    in_force: &[Judgement],
    same: bool,
    left: &NamedRecord,
    right: &NamedRecord,
) -> Result<Option<Outcome>, OperationError> {
    let judged = Judged::new(in_force);
    let (left, right) = (left.record, right.record);
    let chain = if same { judged.difference(left, right) } else { judged.sameness(left, right) };
    if let Some(chain) = chain {
        let supersedable = if let [single] = chain.as_slice() { Some(single.id) } else { None };
        return Ok(Some(Outcome::Contradicted { chain: told::tell_all(session, chain).await?, supersedable }));
    }
    if !same {
        return Ok(None);
    }
    let (of_left, of_right) = (judged.group(left), judged.group(right));
    let found = exclusion(session, in_force, (of_left.records(), of_right.records()), right).await?;
    Ok(found.map(|(excluded, chain)| Outcome::Excluded { excluded, chain }))
}

/// The values that keep any of the one records from being the same as any of the others, and the judgements by which the
/// one is the same as the first of its list, and the other as the record `right`.
async fn exclusion(
    session: &Session,
    in_force: &[Judgement],
    (of_left, of_right): (&[RecordId], &[RecordId]),
    right: RecordId,
) -> Result<Option<(Excluded, Vec<ToldJudgement>)>, OperationError> {
    let followed = Judgements::of(in_force);
    let (one, others) = (members(session, &followed, of_left).await?, members(session, &followed, of_right).await?);
    let Some((one, other, excluded)) = excluded(&session.bench.project, &one, &others)? else { return Ok(None) };
    let judged = Judged::new(in_force);
    let mut chain = judged.sameness(one, of_left[0]).unwrap_or_default();
    chain.extend(judged.sameness(right, other).unwrap_or_default());
    Ok(Some((excluded, told::tell_all(session, chain).await?)))
}

async fn keep(session: &Session, judging: Judging, new: &NewJudgement<'_>) -> Result<Outcome, OperationError> {
    let config = session.bench.project.config_json();
    let id = judging.keep(&new_run(session, "judge", &config), new).await?;
    let records: Vec<RecordId> = new.subject.records().map(|record| record.record).collect();
    let kept = session.store.judgements(Some(&records)).await?.into_iter().find(|judgement| judgement.id == id);
    let kept = kept.ok_or_else(|| OperationError::Internal("a judgement was kept and is not there".into()))?;
    Ok(Outcome::Kept { judgement: told::tell(session, &kept).await? })
}

fn check_reason(reason: &str) -> Result<(), OperationError> {
    if reason.trim().is_empty() {
        return Err(OperationError::Configuration("a judgement needs a reason: `--reason \"…\"`".into()));
    }
    Ok(())
}

/// A living record with its values.
async fn find(session: &Session, subject: &Subject) -> Result<Member, OperationError> {
    let Subject::Record { source, key } = subject else {
        return Err(OperationError::Configuration("name records by their source and key".into()));
    };
    let not_found = |message: String| Err(OperationError::NotFound(message));
    let Some(found) = session.store.find_record(source, key).await? else {
        return not_found(format!("no record of the source `{source}` has this key"));
    };
    let packed = session.store.normalized(&[found.name.record]).await?;
    let values: Option<NormalizedRecord> = packed.into_iter().flatten().next().and_then(NormalizedRecord::from_bytes);
    match values.filter(|_| !found.deleted) {
        Some(values) => Ok(Member { name: found.name, values }),
        None => not_found("the record was deleted by its source".into()),
    }
}
