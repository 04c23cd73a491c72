//! `resolve`: a record lands, is resolved under the newest model, and its customer is published, in one transaction.

use super::reading::{self, LineFault};
use super::{Ground, not_resolved};
use crate::error::OperationError;
use crate::incremental::{self, Growth, Outcome};
use crate::ingest::mapping::{MappedRow, Mapping};
use crate::population::Sources;
use crate::publish::{GoldenRules, InForce, Note, Plan};
use crate::run::new_run;
use crate::session::Session;
use chrono::Utc;
use serde::Serialize;
use vinculo_records::{CustomerId, RecordId, RunId};
use vinculo_store::{
    Admission, Admitted, Basis, ChangeEntry, DeliveryFile, Publication, Published, RunStatus, SingleRecord,
};

/// What became of a line.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Answer {
    /// The key of the record in its source; none where it cannot be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source_key: Option<String>,
    /// What happened.
    pub happened: Happened,
    /// The customer that the record belongs to now; none of one that is gone or rejected.
    pub customer_id: Option<CustomerId>,
    /// The last entry that the feed got by it.
    pub change_seq: Option<i64>,
    /// What the feed tells, in its order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<CustomerChange>,
    /// Why the line is no record.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub faults: Vec<LineFault>,
}

/// An entry of the feed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CustomerChange {
    /// Its number.
    pub change_seq: i64,
    /// The customer.
    pub customer_id: CustomerId,
    /// What happened to it: created, updated, merged, split, ended.
    pub change: &'static str,
    /// The customer that it went into, or came out of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub other_customer_id: Option<CustomerId>,
}

/// What happened to a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Happened {
    /// It was landed, and what it says counts.
    Resolved,
    /// It says what is known.
    Unchanged,
    /// A version that its source changed later counts.
    Superseded,
    /// The line is no record; nothing was written.
    Rejected,
}

/// Resolves records of one source, one after the other.
pub(super) struct Resolving<'g> {
    ground: &'g Ground,
    run: RunId,
    mapping: Mapping,
    sources: Sources<'g>,
    golden: GoldenRules,
    file: DeliveryFile,
    answers: [u64; 4],
}

impl<'g> Resolving<'g> {
    /// Begins; the store of the ground holds the lease.
    ///
    /// # Errors
    /// Changes that are not resolved yet; a failing store.
    pub(super) async fn begin(ground: &'g Ground) -> Result<Self, OperationError> {
        let Ground { session, rows, rules, judgements, .. } = ground;
        let state = rules.state(session.store.state_of_data().await?, judgements.digest());
        if !session.store.stands(state).await? {
            return Err(not_resolved());
        }
        let config = session.bench.project.config_json();
        let run = session.store.begin_run(&new_run(session, "resolve", &config)).await?;
        Ok(Self {
            ground,
            run,
            mapping: Mapping::new(session.bench.project.clone(), ground.source.clone()),
            sources: Sources::read(session, rows, judgements).await?,
            golden: GoldenRules::read(session, rows).await?,
            file: reading::file(),
            answers: [0; 4],
        })
    }

    /// Lands, resolves and publishes the record that a line says.
    ///
    /// # Errors
    /// A failing store; nothing of the record was written then.
    pub(super) async fn resolve(&mut self, line: &str) -> Result<Answer, OperationError> {
        let today = (Utc::now().timestamp() / 86_400) as i32;
        let answer = match reading::record(&self.mapping, line, today) {
            Ok(mapped) => self.admit(&mapped, line, today).await?,
            Err(faults) => Answer { faults, ..Answer::of(Happened::Rejected) },
        };
        self.answers[answer.happened as usize] += 1;
        Ok(answer)
    }

    /// Ends the call of the command.
    ///
    /// # Errors
    /// A failing store.
    pub(super) async fn end(self) -> Result<(), OperationError> {
        let [resolved, unchanged, superseded, rejected] = self.answers;
        let account = serde_json::json!({"source": self.ground.source.name, "resolved": resolved,
            "unchanged": unchanged, "superseded": superseded, "rejected": rejected});
        self.ground.session.store.finish_run(self.run, RunStatus::Done, &account).await?;
        Ok(())
    }

    async fn admit(&self, mapped: &MappedRow, line: &str, today: i32) -> Result<Answer, OperationError> {
        let Ground { session, row, .. } = self.ground;
        let mut admission = session.store.admission().await?;
        let followed = row.followed.as_ref().ok_or_else(not_resolved)?;
        let admitted = admission
            .land(&SingleRecord {
                run: self.run,
                source: row.id,
                fingerprint: followed.fingerprint,
                landed_on: today,
                file: &self.file,
                key: &mapped.key,
                statement: mapped.statement,
                raw: line,
                normalized: mapped.normalized.as_bytes(),
            })
            .await?;
        let key = Some(mapped.key.clone());
        match admitted {
            Admitted::Counts(record) => {
                Ok(Answer { source_key: key, ..self.publish(session, admission, record).await? })
            }
            Admitted::Unchanged(record) => {
                let customer_id = customer_of(&mut admission, record).await?;
                Ok(Answer { source_key: key, customer_id, ..Answer::of(Happened::Unchanged) })
            }
            Admitted::Superseded(record) => {
                let customer_id = customer_of(&mut admission, record).await?;
                admission.commit().await?;
                Ok(Answer { source_key: key, customer_id, ..Answer::of(Happened::Superseded) })
            }
        }
    }

    async fn publish(
        &self,
        session: &Session,
        mut admission: Admission,
        record: RecordId,
    ) -> Result<Answer, OperationError> {
        let Ground { rules, judgements, .. } = self.ground;
        let (outcome, in_force) = self.outcome(session, &mut admission, record).await?;
        let number = admission.next_publication().await?;
        let state = rules.state(admission.state_of_data().await?, judgements.digest());
        let plan = Plan::new(&self.golden, &outcome, number, Utc::now());
        let differences = session.compute(|| plan.differences(session))?;
        let basis = Basis { deliveries: &[], keys: &outcome.keys, last_judgement: judgements.last() };
        let note = Note { run: self.run, state, basis };
        let send = async move |publication: &Publication<'_>| admission.publish(publication).await;
        let published = plan.publish(&differences, in_force, note, send).await?;
        let changes = told(&published, differences.changes());
        Ok(Answer {
            customer_id: plan.customer_of(record),
            change_seq: changes.last().map(|change| change.change_seq),
            changes,
            ..Answer::of(Happened::Resolved)
        })
    }

    /// Resolves the record and all that it touches.
    async fn outcome(
        &self,
        session: &Session,
        admission: &mut Admission,
        record: RecordId,
    ) -> Result<(Outcome, InForce), OperationError> {
        let Ground { rows, rules, judgements, .. } = self.ground;
        let scopes = vinculo_records::Kind::ALL.map(|kind| self.ground.scope(kind));
        let ground = incremental::Ground { rows, rules, judgements };
        let mut growth = Growth::new(session, &self.sources, judgements, admission.surroundings(), scopes);
        growth.grow(&[record], usize::MAX).await?;
        let outcome = growth.finish(self.run, ground.rules).await?;
        let part = outcome.part.clone().unwrap_or_default();
        let in_force = InForce::around(&mut admission.surroundings(), &part).await?;
        Ok((outcome, in_force))
    }
}

impl Answer {
    fn of(happened: Happened) -> Self {
        Self {
            source_key: None,
            happened,
            customer_id: None,
            change_seq: None,
            changes: Vec::new(),
            faults: Vec::new(),
        }
    }
}

fn told(published: &Published, entries: &[ChangeEntry]) -> Vec<CustomerChange> {
    let change = |(change_seq, entry): (i64, &ChangeEntry)| CustomerChange {
        change_seq,
        customer_id: entry.customer,
        change: entry.change.name(),
        other_customer_id: entry.other,
    };
    (published.first_change..).zip(entries).map(change).collect()
}

async fn customer_of(admission: &mut Admission, record: RecordId) -> Result<Option<CustomerId>, OperationError> {
    let members = admission.surroundings().membership(&[record]).await?;
    Ok(members.first().map(|member| member.customer))
}
