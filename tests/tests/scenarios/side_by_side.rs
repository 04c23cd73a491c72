//! A run, a steward and single records at the same time: each is told plainly, and nothing is lost.

use crate::judgements::{ask, judge, partition, stage};
use crate::turns::{self, Resolving};
use serde_json::json;
use vinculo_tests::Stage;

/// What every judgement and record is to end in, with the next run at the latest.
async fn assert_follows(stage: &Stage, expected: &str) {
    stage.run(&[]);
    assert_eq!(partition(stage).await, expected);
    assert_eq!(stage.run(&[])["status"], "unchanged");
    stage.verify();
}

#[tokio::test]
async fn a_judgement_that_is_given_while_a_run_works_is_kept_and_holds_at_the_latest_with_the_next_one() {
    // Before it reads anything, while it lands, and when all that is left is to write that it has ended.
    for skipped in [1, 4, 8] {
        let stage = stage("").await;
        let run = stage.hold(&["run", "--full"], "commit-after", skipped).await;
        let kept = judge(&stage, &["same", "crm", "1", "crm", "3"]);
        assert_eq!(kept["outcome"], "kept", "{kept}");
        let waits = json!({"waits": {"reason": "another_command_is_working"}});
        assert_eq!(kept["applied"], waits, "after {skipped} commits");
        let contrary = ask(&stage, &["different", "crm", "1", "crm", "3"]);
        assert_eq!(contrary.code, Some(1), "what was judged beside a run contradicts: {}", contrary.stdout);
        let outcome = run.let_go();
        assert_eq!(outcome.code, Some(0), "{}", outcome.stderr);
        assert_eq!(outcome.summary()["status"], "done");
        assert_follows(&stage, "1 2 3, 4").await;
    }
}

#[tokio::test]
async fn an_undo_and_a_training_beside_a_run_come_later() {
    let stage = stage("").await;
    let run = stage.hold(&["run", "--full"], "commit-before", 4).await;
    for arguments in [&["undo"][..], &["train"]] {
        let outcome = stage.vinculo(arguments);
        assert_eq!(outcome.code, Some(75), "{}", outcome.stderr);
        let who = "another run is working on this database: `vinculo run`";
        assert!(outcome.stderr.contains(who), "{}", outcome.stderr);
    }
    let outcome = run.let_go();
    assert_eq!(outcome.code, Some(0), "{}", outcome.stderr);
    stage.verify();
}

#[tokio::test]
async fn a_judgement_between_two_single_records_is_kept_and_holds_at_the_latest_with_the_next_run() {
    let stage = turns::stage().await;
    let carla = |name: &str| turns::person("8", name, "1990-09-09", "carla@prado.com.br");
    let mut resolving = Resolving::begin(&stage);
    resolving.tell(&carla("Carla Prado"));
    assert_eq!(resolving.answer()["happened"], "resolved");
    let kept = judge(&stage, &["same", "crm", "1", "crm", "8"]);
    assert_eq!(kept["outcome"], "kept", "{kept}");
    resolving.tell(&carla("Carla do Prado"));
    assert_eq!(resolving.answer()["happened"], "resolved");
    assert_eq!(resolving.end().code, Some(0));
    assert_follows(&stage, "1 8").await;
}
