//! What the store tells of a customer, put in the order of its publications.

use super::reached::Compared;
use super::{Event, Evidence, Move, Reached, Step, ValueChange, Word};
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::{BTreeMap, BTreeSet};
use vinculo_records::{Attributes, CustomerId, DecisionKind, JudgementKind, RecordId};
use vinculo_store::{
    CustomerEvent, DecisionRecord, Judgement, JudgementSubject, MembershipSpan, NamedRecord, PublicationRecord, Store,
    StoreError, ValueLineage,
};

/// All that the store tells of a customer, each kind by one indexed read.
#[derive(Debug, Default)]
pub(super) struct Told {
    events: Vec<CustomerEvent>,
    spans: Vec<MembershipSpan>,
    /// Those that are worth telling.
    decisions: Vec<DecisionRecord>,
    /// The newest first.
    judgements: Vec<Judgement>,
    /// By version, by attribute in the order of the columns.
    values: BTreeMap<i32, Vec<ValueLineage>>,
    publications: BTreeMap<i64, PublicationRecord>,
    /// By model.
    compared: FxHashMap<i64, Compared>,
}

impl Told {
    /// Reads it.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub(super) async fn read(store: &Store, id: CustomerId) -> Result<Self, StoreError> {
        let mut told =
            Self { events: store.events_of(id).await?, spans: store.memberships_around(id).await?, ..Self::default() };
        let mut records: Vec<RecordId> = told.spans.iter().map(|span| span.record.record).collect();
        records.sort_unstable();
        records.dedup();
        told.decisions = told.worth_telling(id, store.decisions_of(&records).await?);
        told.judgements = store.judgements(Some(&records)).await?;
        for (version, value) in store.values_ever(id).await? {
            told.values.entry(version).or_default().push(value);
        }
        let numbers: Vec<i64> = told.moments().into_iter().collect();
        told.publications = store.publications(&numbers).await?.into_iter().map(|one| (one.number, one)).collect();
        let models: BTreeSet<i64> = told.decisions.iter().map(|decision| decision.model).collect();
        let plans = store.plans(&models.into_iter().collect::<Vec<_>>()).await?;
        told.compared = plans
            .into_iter()
            .filter_map(|(model, plan, counted)| Some((model, Compared::read(plan, counted)?)))
            .collect();
        Ok(told)
    }

    /// The publications that did something to the customer, or to what is known of it.
    fn moments(&self) -> BTreeSet<i64> {
        let decided = self.decisions.iter().map(|decision| decision.from_publication);
        self.events.iter().map(|event| event.publication).chain(decided).collect()
    }

    /// The steps, the first one first.
    pub(super) fn steps(&self, id: CustomerId, attributes: &Attributes) -> Vec<Step> {
        let step = |publication: &PublicationRecord| Step {
            publication: publication.number,
            published_at: publication.published_at,
            run: publication.run.0,
            command: publication.command.clone(),
            actor: publication.actor.clone(),
            takes_back: publication.takes_back,
            events: self.events_of(publication.number),
            came: self.came(id, publication.number),
            left: self.left(id, publication.number),
            joins: self.evidence(publication.number, DecisionKind::Join, attributes),
            refusals: self.evidence(publication.number, DecisionKind::Conflict, attributes),
            values: self.changed_values(publication.number),
        };
        self.publications.values().map(step).collect()
    }

    fn events_of(&self, publication: i64) -> Vec<Event> {
        let events = self.events.iter().filter(|event| event.publication == publication);
        events.map(|event| Event { change: event.change.clone(), other: event.other, version: event.version }).collect()
    }

    /// The memberships of the customer that a publication left standing.
    pub(super) fn members_after(&self, id: CustomerId, publication: i64) -> impl Iterator<Item = &MembershipSpan> {
        self.spans.iter().filter(move |span| {
            span.customer == id
                && span.from_publication <= publication
                && span.to_publication.is_none_or(|to| to > publication)
        })
    }

    fn came(&self, id: CustomerId, publication: i64) -> Vec<Move> {
        let came = self.spans.iter().filter(|span| span.customer == id && span.from_publication == publication);
        let from = |span: &MembershipSpan| {
            let before = self
                .spans
                .iter()
                .find(|other| other.record.record == span.record.record && other.to_publication == Some(publication));
            Move { record: span.record.clone().into(), customer: before.map(|before| before.customer) }
        };
        came.map(from).collect()
    }

    fn left(&self, id: CustomerId, publication: i64) -> Vec<Move> {
        let left = self.spans.iter().filter(|span| span.customer == id && span.to_publication == Some(publication));
        let to = |span: &MembershipSpan| {
            let after = self
                .spans
                .iter()
                .find(|other| other.record.record == span.record.record && other.from_publication == publication);
            Move { record: span.record.clone().into(), customer: after.map(|after| after.customer) }
        };
        left.map(to).collect()
    }

    /// The decisions that joined records of the customer, or refused to join one of them with another customer's, in the
    /// order in which they were made. One that was in force just before, under this model or another, says nothing new.
    fn worth_telling(&self, id: CustomerId, mut decisions: Vec<DecisionRecord>) -> Vec<DecisionRecord> {
        let what = |decision: &DecisionRecord| {
            let reason = decision.reason.clone().unwrap_or_default();
            (decision.kind, decision.left.record, decision.right.record, reason)
        };
        let replaced: FxHashSet<_> =
            decisions.iter().filter_map(|decision| Some((decision.to_publication?, what(decision)))).collect();
        decisions.retain(|decision| !replaced.contains(&(decision.from_publication, what(decision))));
        let mut members: FxHashMap<i64, FxHashSet<RecordId>> = FxHashMap::default();
        decisions.retain(|decision| {
            let publication = decision.from_publication;
            let members = members
                .entry(publication)
                .or_insert_with(|| self.members_after(id, publication).map(|span| span.record.record).collect());
            let is_member = |record: &NamedRecord| members.contains(&record.record);
            match decision.kind {
                DecisionKind::Join => is_member(&decision.left) && is_member(&decision.right),
                DecisionKind::Conflict => is_member(&decision.left) != is_member(&decision.right),
                DecisionKind::PossibleMatch => false,
            }
        });
        decisions.sort_by_key(|decision| decision.id);
        decisions
    }

    fn evidence(&self, publication: i64, kind: DecisionKind, attributes: &Attributes) -> Vec<Evidence> {
        let of_step =
            self.decisions.iter().filter(|decision| decision.kind == kind && decision.from_publication == publication);
        let told = |decision: &DecisionRecord| Evidence {
            left: decision.left.clone().into(),
            right: decision.right.clone().into(),
            weight: decision.weight,
            model: decision.model,
            reason: decision.reason.clone(),
            judged: self.word(decision),
            levels: self.levels(decision, attributes),
        };
        of_step.map(told).collect()
    }

    /// The last word of a person behind a decision.
    fn word(&self, decision: &DecisionRecord) -> Option<Word> {
        let kind = match decision.reason.as_deref()? {
            "judged_same" => JudgementKind::Same,
            "judged_different" => JudgementKind::Different,
            _ => return None,
        };
        let pair = JudgementSubject::pair(decision.left.clone(), decision.right.clone());
        let judgement = self.judgements.iter().find(|one| one.kind == kind && one.subject == pair)?;
        Some(Word {
            judgement: judgement.id,
            actor: judgement.actor.clone(),
            reason: judgement.reason.clone(),
            judged_at: judgement.judged_at,
        })
    }

    fn levels(&self, decision: &DecisionRecord, attributes: &Attributes) -> Vec<Reached> {
        self.compared.get(&decision.model).map_or_else(Vec::new, |model| model.name(&decision.levels, attributes))
    }

    /// The values of the state that a publication wrote, where they are others than those of the state before.
    fn changed_values(&self, publication: i64) -> Vec<ValueChange> {
        let is_state = |event: &&CustomerEvent| ["created", "updated", "split"].contains(&event.change.as_str());
        let of_step = self.events.iter().filter(|event| event.publication == publication);
        let Some(version) = of_step.filter(is_state).find_map(|event| event.version) else { return Vec::new() };
        let before = self.values.get(&(version - 1)).map_or(&[][..], Vec::as_slice);
        let after = self.values.get(&version).map_or(&[][..], Vec::as_slice);
        let mut attributes: Vec<&str> = Vec::new();
        for value in after.iter().chain(before) {
            if !attributes.contains(&value.attribute.as_str()) {
                attributes.push(&value.attribute);
            }
        }
        let texts = |values: &[ValueLineage], attribute: &str| -> Vec<String> {
            values.iter().filter(|value| value.attribute == attribute).map(|value| value.value.clone()).collect()
        };
        let changes = attributes.into_iter().map(|attribute| ValueChange {
            attribute: attribute.to_owned(),
            before: texts(before, attribute),
            after: texts(after, attribute),
        });
        changes.filter(|change| change.before != change.after).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::DateTime;
    use uuid::Uuid;
    use vinculo_records::RunId;

    fn id(number: u128) -> CustomerId {
        CustomerId(Uuid::from_u128(number))
    }

    fn record(number: i64) -> NamedRecord {
        NamedRecord { record: RecordId(number), source: "crm".into(), source_key: number.to_string() }
    }

    fn span(number: i64, customer: u128, from_publication: i64, to_publication: Option<i64>) -> MembershipSpan {
        MembershipSpan { record: record(number), customer: id(customer), from_publication, to_publication }
    }

    fn decision(number: i64, kind: DecisionKind, from_publication: i64, to_publication: Option<i64>) -> DecisionRecord {
        DecisionRecord {
            id: number,
            kind,
            left: record(1),
            right: record(2),
            weight: 9_000,
            levels: vec![1],
            reason: None,
            model: number,
            from_publication,
            to_publication,
        }
    }

    fn publication(number: i64) -> (i64, PublicationRecord) {
        let publication = PublicationRecord {
            number,
            published_at: DateTime::UNIX_EPOCH,
            run: RunId(number),
            command: "run".into(),
            actor: "tester".into(),
            models: vec![1],
            takes_back: None,
        };
        (number, publication)
    }

    #[test]
    fn a_record_that_comes_says_from_whom_and_what_joined_it_and_only_once() {
        let mut told = Told {
            events: vec![CustomerEvent { publication: 2, change: "updated".into(), other: None, version: Some(2) }],
            spans: vec![span(1, 7, 1, None), span(2, 8, 1, Some(2)), span(2, 7, 2, None)],
            publications: [publication(1), publication(2)].into(),
            ..Told::default()
        };
        let decided = vec![
            decision(3, DecisionKind::Join, 3, None),
            decision(2, DecisionKind::Join, 2, Some(3)),
            decision(1, DecisionKind::Conflict, 1, Some(2)),
        ];
        told.decisions = told.worth_telling(id(7), decided.clone());
        assert_eq!(told.moments(), BTreeSet::from([1, 2]), "the same join again, under a new model, is no step");
        let steps = told.steps(id(7), &Attributes::default());
        let of = |step: &Step| (step.publication, step.came.len(), step.joins.len(), step.refusals.len());
        assert_eq!(steps.iter().map(of).collect::<Vec<_>>(), [(1, 1, 0, 1), (2, 1, 1, 0)]);
        assert_eq!(steps[1].came, [Move { record: record(2).into(), customer: Some(id(8)) }]);
        told.decisions = told.worth_telling(id(8), decided);
        let other = told.steps(id(8), &Attributes::default());
        assert_eq!(other[1].left, [Move { record: record(2).into(), customer: Some(id(7)) }]);
    }

    #[test]
    fn a_judged_join_names_the_person_and_the_reason() {
        let judgement = Judgement {
            id: 4,
            kind: JudgementKind::Same,
            subject: JudgementSubject::pair(record(2), record(1)),
            supersedes: None,
            superseded_by: None,
            run: RunId(9),
            actor: "steward".into(),
            reason: "asked her".into(),
            judged_at: DateTime::UNIX_EPOCH,
        };
        let told = Told { judgements: vec![judgement], ..Told::default() };
        let weighed = decision(1, DecisionKind::Join, 1, None);
        assert_eq!(told.word(&weighed), None, "weights decided");
        let judged = DecisionRecord { reason: Some("judged_same".into()), ..weighed };
        let word = told.word(&judged).expect("the word behind it");
        assert_eq!((word.judgement, word.actor.as_str(), word.reason.as_str()), (4, "steward", "asked her"));
    }

    #[test]
    fn values_are_told_where_they_are_others_than_before() {
        let value = |attribute: &str, value: &str| ValueLineage {
            attribute: attribute.into(),
            value: value.into(),
            rule: "only_value".into(),
            source: "crm".into(),
            source_key: "1".into(),
            file: None,
            line: None,
            updated_at: None,
            run: RunId(1),
        };
        let event = |publication, change: &str, version| CustomerEvent {
            publication,
            change: change.into(),
            other: None,
            version: Some(version),
        };
        let told = Told {
            events: vec![event(1, "created", 1), event(2, "updated", 2)],
            values: BTreeMap::from([
                (1, vec![value("name", "Ana"), value("email", "a@x")]),
                (2, vec![value("name", "Ana"), value("phone", "1")]),
            ]),
            ..Told::default()
        };
        let change = |attribute: &str, before: &[&str], after: &[&str]| ValueChange {
            attribute: attribute.into(),
            before: before.iter().map(|text| (*text).to_owned()).collect(),
            after: after.iter().map(|text| (*text).to_owned()).collect(),
        };
        assert_eq!(told.changed_values(1), [change("name", &[], &["Ana"]), change("email", &[], &["a@x"])]);
        assert_eq!(told.changed_values(2), [change("phone", &[], &["1"]), change("email", &["a@x"], &[])]);
    }
}
