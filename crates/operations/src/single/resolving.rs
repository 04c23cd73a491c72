//! `resolve`: a record lands, is resolved under the newest model, and its customer is published, in one transaction.

use super::reading::{self, LineFault};
use super::{Ground, not_resolved};
use crate::error::OperationError;
use crate::incremental::{Growth, OneChange, Outcome};
use crate::ingest::mapping::{MappedRow, Mapping};
use crate::population::Sources;
use crate::publish::{GoldenRules, InForce, Note, Plan};
use crate::run::new_run;
use chrono::Utc;
use serde::Serialize;
use vinculo_records::{CustomerId, Kind, RecordId, RunId};
use vinculo_resolution::incremental::Halvings;
use vinculo_store::{
    Admission, Admissions, Admitted, Basis, ChangeEntry, Counted, DeliveryFile, NearbyRecord, Publication, Published,
    RunStatus, SingleRecord, StateOfData, Store,
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
    following: Following<'g>,
    mapping: Mapping,
    file: DeliveryFile,
    admissions: Admissions,
    next: Next,
    answers: [u64; 4],
}

/// What the next publication goes on from. While the lease is held nobody else changes it.
struct Next {
    publication: i64,
    data: StateOfData,
    /// The blocks that are halved, of each kind.
    halvings: [Halvings; 2],
}

impl Next {
    async fn read(store: &Store, data: StateOfData) -> Result<Self, OperationError> {
        let mut reading = store.reading().await?;
        let mut halvings = <[Halvings; 2]>::default();
        for kind in Kind::ALL {
            halvings[kind as usize] = reading.surroundings().halved_blocks(kind).await?;
        }
        Ok(Self { publication: store.next_publication().await?, data, halvings })
    }
}

/// What each resolution follows.
struct Following<'g> {
    ground: &'g Ground,
    run: RunId,
    sources: Sources<'g>,
    golden: GoldenRules,
}

impl<'g> Resolving<'g> {
    /// Begins; the store of the ground holds the lease.
    ///
    /// # Errors
    /// Changes that are not resolved yet; a failing store.
    pub(super) async fn begin(ground: &'g Ground) -> Result<Self, OperationError> {
        let Ground { session, rows, rules, judgements, .. } = ground;
        let data = session.store.state_of_data().await?;
        if !session.store.stands(rules.state(&data, judgements.digest())).await? {
            return Err(not_resolved());
        }
        let config = session.bench.project.config_json();
        let run = session.store.begin_run(&new_run(session, "resolve", &config)).await?;
        let sources = Sources::read(session, rows, judgements).await?;
        let golden = GoldenRules::read(session, rows).await?;
        Ok(Self {
            following: Following { ground, run, sources, golden },
            next: Next::read(&session.store, data).await?,
            mapping: Mapping::new(session.bench.project.clone(), ground.source.clone()),
            file: reading::file(),
            admissions: session.store.admissions().await?,
            answers: [0; 4],
        })
    }

    /// Lands, resolves and publishes the record that a line says.
    ///
    /// # Errors
    /// A failing store; nothing of the record was written then.
    pub(super) async fn resolve(&mut self, line: &[u8]) -> Result<Answer, OperationError> {
        let today = (Utc::now().timestamp() / 86_400) as i32;
        let read = |line| reading::record(&self.mapping, line, today).map(|mapped| (mapped, line));
        let answer = match reading::text(line).and_then(read) {
            Ok((mapped, line)) => self.admit(&mapped, line, today).await?,
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
        let Following { ground, run, .. } = self.following;
        let [resolved, unchanged, superseded, rejected] = self.answers;
        let account = serde_json::json!({"source": ground.source.name, "resolved": resolved,
            "unchanged": unchanged, "superseded": superseded, "rejected": rejected});
        ground.session.store.finish_run(run, RunStatus::Done, &account).await?;
        Ok(())
    }

    async fn admit(&mut self, mapped: &MappedRow, line: &str, today: i32) -> Result<Answer, OperationError> {
        let Following { ground: Ground { row, .. }, run, .. } = self.following;
        let followed = row.followed.as_ref().ok_or_else(not_resolved)?;
        let mut admission = self.admissions.begin().await?;
        let admitted = admission
            .land(&SingleRecord {
                run,
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
        let answer = match admitted {
            Admitted::Counts(counted) => {
                self.next.data.changed(row.id, followed.fingerprint, counted.delivery);
                self.following.publish(admission, counted, mapped, &mut self.next).await?
            }
            Admitted::Unchanged(record) => {
                let customer_id = customer_of(&mut admission, record).await?;
                Answer { customer_id, ..Answer::of(Happened::Unchanged) }
            }
            Admitted::Superseded(record) => {
                let customer_id = customer_of(&mut admission, record).await?;
                admission.commit().await?;
                Answer { customer_id, ..Answer::of(Happened::Superseded) }
            }
        };
        Ok(Answer { source_key: Some(mapped.key.clone()), ..answer })
    }
}

impl Following<'_> {
    /// Publishes what becomes of a record that counts now.
    async fn publish(
        &self,
        mut admission: Admission<'_>,
        counted: Counted,
        mapped: &MappedRow,
        next: &mut Next,
    ) -> Result<Answer, OperationError> {
        let Ground { session, rules, judgements, .. } = self.ground;
        let record = counted.record;
        let (outcome, in_force) = self.outcome(&mut admission, counted, mapped, &mut next.halvings).await?;
        let state = rules.state(&next.data, judgements.digest());
        let plan = Plan::new(&self.golden, &outcome, next.publication, Utc::now());
        let records = outcome.part.as_ref().map_or(0, Vec::len);
        let differences = session.compute_for(records, || plan.differences(session));
        let basis = Basis { deliveries: &[], keys: &outcome.keys, last_judgement: judgements.last() };
        let note = Note { run: self.run, state, basis };
        let send = async move |publication: &Publication<'_>| admission.publish(publication).await;
        let published = plan.publish(&differences, in_force, note, send).await?;
        let changes = told(&published, differences.changes());
        let customer_id = plan.customer_of(record);
        next.publication = published.publication.map_or(next.publication, |last| last + 1);
        next.halvings = outcome.halvings;
        Ok(Answer {
            customer_id,
            change_seq: changes.last().map(|change| change.change_seq),
            changes,
            ..Answer::of(Happened::Resolved)
        })
    }

    /// Resolves the record and all that it touches.
    async fn outcome(
        &self,
        admission: &mut Admission<'_>,
        counted: Counted,
        mapped: &MappedRow,
        halvings: &mut [Halvings; 2],
    ) -> Result<(Outcome, InForce), OperationError> {
        let Ground { session, rules, judgements, row, .. } = self.ground;
        let Counted { record, version, is_new, replaced, .. } = counted;
        let scopes = Kind::ALL.map(|kind| self.ground.scope(kind, halvings));
        let mut growth = Growth::new(session, &self.sources, judgements, admission.surroundings(), scopes);
        let of_version = |version, normalized| NearbyRecord {
            record,
            version,
            source: row.id,
            source_key: mapped.key.clone(),
            normalized,
        };
        let now = (!mapped.statement.deleted).then(|| of_version(version, mapped.normalized.as_bytes().to_vec()));
        let before = replaced.map(|(version, normalized)| of_version(version, normalized));
        growth.admit(record, OneChange { now: now.as_ref(), before: before.as_ref(), is_new })?;
        growth.grow(&[record], usize::MAX).await?;
        let outcome = growth.finish(self.run, rules).await?;
        let in_force = InForce::around(&mut admission.surroundings(), &outcome.known).await?;
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

async fn customer_of(admission: &mut Admission<'_>, record: RecordId) -> Result<Option<CustomerId>, OperationError> {
    let members = admission.surroundings().membership(&[record]).await?;
    Ok(members.first().map(|member| member.customer))
}
