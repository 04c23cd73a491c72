//! What `report` asks the store: counts of what is in force, and the pairs worth a look.

use crate::project::{Project, row};
use sqlx::AssertSqlSafe;
use vinculo_records::{DecisionKind, Kind, RunId};
use vinculo_store::DecisionForReview;

/// Three customers of 2, 1 and 1 records, and decisions about pairs of them: number, kind, weight, reason, still in force.
async fn decided(decisions: &[(i64, DecisionKind, i32, Option<&str>, bool)]) -> Project {
    let project = Project::new().await;
    project.deliver(&[row("1", "a@x"), row("2", "b@x"), row("3", "c@x"), row("4", "d@x")]).await;
    project.publish(&[&["1", "2"], &["3"], &["4"]]).await.unwrap();
    let mut connection = project.connect().await;
    let model = "INSERT INTO vinculo.model SELECT 1, 'person', run_id, gen_random_uuid(), '{}' FROM vinculo.run";
    sqlx::query(model).execute(&mut connection).await.unwrap();
    for (number, kind, weight, reason, in_force) in decisions {
        let statement = format!(
            "INSERT INTO vinculo.decision
             SELECT {number}, l.record_id, r.record_id, 1, 1, {}, {weight}, {}, '', {}
             FROM vinculo.source_record l, vinculo.source_record r WHERE l.source_key = '1' AND r.source_key = '3'",
            if *in_force { "NULL" } else { "2" },
            *kind as i16,
            reason.map_or("NULL".to_owned(), |reason| format!("'{reason}'")),
        );
        sqlx::query(AssertSqlSafe(statement)).execute(&mut connection).await.unwrap();
    }
    project
}

#[tokio::test]
async fn customers_are_counted_by_their_number_of_records() {
    let project = decided(&[]).await;
    let sizes = project.store.cluster_sizes().await.unwrap();
    let counted: Vec<_> = sizes.iter().map(|size| (size.kind, size.records, size.customers)).collect();
    assert_eq!(counted, [(Kind::Person, 1, 2), (Kind::Person, 2, 1)]);
}

#[tokio::test]
async fn only_decisions_in_force_are_counted_each_by_its_reason() {
    let conflict = |number, reason, in_force| (number, DecisionKind::Conflict, 1_000, Some(reason), in_force);
    let project = decided(&[
        conflict(1, "weak_support", true),
        conflict(2, "weak_support", true),
        conflict(3, "over", false),
        (4, DecisionKind::Join, 9_000, None, true),
    ])
    .await;
    let counted = project.store.count_decisions().await.unwrap();
    let counted: Vec<_> =
        counted.iter().map(|count| (count.decision, count.kind, count.reason.as_deref(), count.count)).collect();
    let conflicts = (DecisionKind::Conflict, Kind::Person, Some("weak_support"), 2);
    assert_eq!(counted, [(DecisionKind::Join, Kind::Person, None, 1), conflicts]);
}

#[tokio::test]
async fn the_pairs_nearest_a_weight_come_first_with_the_customers_of_both() {
    let possible = |number, weight| (number, DecisionKind::PossibleMatch, weight, None, true);
    let project = decided(&[possible(1, -2_900), possible(2, -1_300), possible(3, -900), possible(4, 5_000)]).await;
    let near = |kind, weight, limit| project.store.decisions_near(DecisionKind::PossibleMatch, kind, weight, limit);
    let numbers = |found: &[DecisionForReview]| found.iter().map(|one| one.decision.id).collect::<Vec<_>>();
    let nearest = near(Kind::Person, -1_200, 3).await.unwrap();
    assert_eq!(numbers(&nearest), [2, 3, 1]);
    assert_eq!(numbers(&near(Kind::Person, i32::MAX, 2).await.unwrap()), [4, 3], "the strongest first");
    let DecisionForReview { decision, left, right } = &nearest[0];
    assert_eq!((decision.left.source_key.as_str(), left.records), ("1", 2));
    assert_eq!((decision.right.source_key.as_str(), right.records), ("3", 1));
    assert!(near(Kind::Organization, 0, 9).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_run_that_resolved_and_ended_is_the_one_to_report_on() {
    let project = decided(&[]).await;
    assert_eq!(project.store.resolving_run().await.unwrap(), None, "it has no account yet");
    let summary = serde_json::json!({"resolution": []});
    project.store.finish_run(project.run, vinculo_store::RunStatus::Done, &summary).await.unwrap();
    let found = project.store.resolving_run().await.unwrap().unwrap();
    assert_eq!((found.id, &found.summary), (project.run, &summary));
    assert_eq!(project.store.summary_of(project.run).await.unwrap(), Some(summary));
    assert_eq!(project.store.summary_of(RunId(99)).await.unwrap(), None);
}
