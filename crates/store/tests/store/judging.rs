//! Judgements: kept for ever, in force until another takes their place, one judge at a time.

use crate::project::{Project, row};
use serde_json::json;
use vinculo_records::{ContentHash, DecisionKind, JudgementKind, Kind, RecordId};
use vinculo_store::*;

async fn project() -> Project {
    let project = Project::new().await;
    project.deliver(&[row("1", "a"), row("2", "b"), row("3", "c")]).await;
    project
}

async fn pair(project: &Project, left: &str, right: &str) -> JudgementSubject {
    let left = project.store.find_record("crm", left).await.unwrap().unwrap().name;
    let right = project.store.find_record("crm", right).await.unwrap().unwrap().name;
    JudgementSubject::pair(left, right)
}

fn judging(config: &serde_json::Value) -> NewRun<'_> {
    NewRun {
        command: "judge",
        actor: "ana",
        program_version: "1",
        normalizer_version: 1,
        config,
        config_hash: ContentHash(1),
    }
}

async fn keep(
    project: &Project,
    kind: JudgementKind,
    subject: &JudgementSubject,
    supersedes: Option<i64>,
) -> Result<i64> {
    let config = json!({});
    let new = NewJudgement { kind, subject, supersedes, reason: "she said so" };
    project.store.begin_judging().await?.keep(&judging(&config), &new).await
}

async fn in_force(project: &Project) -> Vec<i64> {
    project.store.judgements_in_force().await.unwrap().iter().map(|judgement| judgement.id).collect()
}

#[tokio::test]
async fn a_judgement_holds_until_another_takes_its_place_and_is_kept_even_then() {
    let project = project().await;
    let subject = pair(&project, "2", "1").await;
    assert_eq!(keep(&project, JudgementKind::Same, &subject, None).await.unwrap(), 1);
    assert_eq!(keep(&project, JudgementKind::Different, &subject, Some(1)).await.unwrap(), 2);
    assert_eq!(in_force(&project).await, [2]);
    let again = keep(&project, JudgementKind::Same, &subject, Some(1)).await;
    assert!(matches!(again, Err(StoreError::Database { code, .. }) if code == "23505"), "superseded once only");
    assert_eq!(keep(&project, JudgementKind::Withdrawn, &subject, Some(2)).await.unwrap(), 3);
    assert_eq!(in_force(&project).await, [0; 0]);
    let all = project.store.judgements(None).await.unwrap();
    let told: Vec<_> = all.iter().map(|one| (one.id, one.kind, one.supersedes, one.superseded_by)).collect();
    let expected = [
        (3, JudgementKind::Withdrawn, Some(2), None),
        (2, JudgementKind::Different, Some(1), Some(3)),
        (1, JudgementKind::Same, None, Some(2)),
    ];
    assert_eq!(told, expected);
    assert_eq!((all[0].actor.as_str(), all[0].reason.as_str(), &all[0].subject), ("ana", "she said so", &subject));
    assert_eq!(project.number("SELECT count(*) FROM audit.run WHERE command = 'judge' AND status = 'done'").await, 3);
}

#[tokio::test]
async fn a_value_is_judged_by_its_hash_alone() {
    let project = project().await;
    let record = project.store.find_record("crm", "1").await.unwrap().unwrap().name;
    let subject = JudgementSubject::Value { record, attribute: "email".into(), value: ContentHash(7) };
    keep(&project, JudgementKind::WrongValue, &subject, None).await.unwrap();
    assert_eq!(project.store.judgements_in_force().await.unwrap()[0].subject, subject);
    let of = async |record| project.store.judgements(Some(&[RecordId(record)])).await.unwrap().len();
    assert_eq!((of(1).await, of(2).await), (1, 0));
}

#[tokio::test]
async fn who_judges_second_sees_what_the_first_one_judged() {
    let project = project().await;
    let subject = pair(&project, "1", "2").await;
    let first = project.store.begin_judging().await.unwrap();
    assert!(first.in_force().is_empty());
    let waiting = tokio::spawn({
        let store = project.store.clone();
        async move { store.begin_judging().await.unwrap().in_force().len() }
    });
    let config = json!({});
    let new = NewJudgement { kind: JudgementKind::Same, subject: &subject, supersedes: None, reason: "one family" };
    assert_eq!(first.keep(&judging(&config), &new).await.unwrap(), 1);
    assert_eq!(waiting.await.unwrap(), 1);
    drop(project.store.begin_judging().await.unwrap());
    assert_eq!(in_force(&project).await, [1], "who only looked has written nothing");
}

#[tokio::test]
async fn what_no_resolution_has_followed_waits_and_settles_what_is_to_be_reviewed() {
    let project = project().await;
    project.publish(&[&["1"], &["2"], &["3"]]).await.unwrap();
    let model = project.store.save_model(Kind::Person, project.run, &json!({}), ContentHash(3)).await.unwrap();
    let decision = |left, right| DecisionRow {
        kind: DecisionKind::PossibleMatch,
        left: RecordId(left),
        right: RecordId(right),
        weight: 0,
        levels: &[],
        reason: "",
        model,
    };
    let decisions = [decision(1, 2), decision(2, 3)];
    let publication = Publication { decisions: &decisions, ..project.publication(2) };
    project.store.publish(&publication, &|_| ()).await.unwrap();
    let waiting = async || {
        let listed = project.store.decisions_by_consequence(&[DecisionKind::PossibleMatch], 9).await.unwrap();
        let counted: u64 = project
            .store
            .count_waiting(&[DecisionKind::PossibleMatch])
            .await
            .unwrap()
            .iter()
            .map(|one| one.count)
            .sum();
        assert_eq!(listed.len() as u64, counted);
        listed.iter().map(|one| one.decision.right.record.0).collect::<Vec<_>>()
    };
    assert_eq!(waiting().await, [2, 3]);
    keep(&project, JudgementKind::Same, &pair(&project, "1", "2").await, None).await.unwrap();
    keep(&project, JudgementKind::Different, &pair(&project, "2", "3").await, None).await.unwrap();
    assert_eq!(waiting().await, [0; 0]);
    assert_eq!(project.store.last_judgement_followed().await.unwrap(), 0);
    let unfollowed: Vec<i64> =
        project.store.records_judged_since_followed().await.unwrap().iter().map(|record| record.0).collect();
    assert_eq!(unfollowed, [1, 2, 3]);

    let basis = Basis { last_judgement: Some(2), ..Basis::default() };
    project.store.publish(&Publication { basis, ..project.publication(3) }, &|_| ()).await.unwrap();
    assert_eq!(project.store.last_judgement_followed().await.unwrap(), 2);
    assert!(project.store.records_judged_since_followed().await.unwrap().is_empty());
    assert_eq!(waiting().await, [2], "the same, and still two customers: that needs another look");
}
