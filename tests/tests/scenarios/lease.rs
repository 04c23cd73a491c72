//! One writer at a time: who may write, who is told to come later, and what becomes of one that was taken for dead.

use crate::interruption::{end_state, shop_with_news};
use crate::shop::shop;
use std::process::{Child, Command, Stdio};
use vinculo_tests::{Outcome, Stage};

/// A run that resolves everything.
const RUN: &[&str] = &["run", "--full"];
const HAS_LANDED: &str = "SELECT count(*) FROM vinculo.delivery WHERE state = 'open' AND landed_versions > 0";
const IN_TRANSACTION: &str = "SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND state = 'idle in transaction'";

fn actor() -> String {
    let named = Command::new("id").arg("-un").output().expect("id").stdout;
    String::from_utf8_lossy(&named).trim().to_owned()
}

#[tokio::test]
async fn a_command_beside_a_run_is_told_who_works_since_when_and_to_come_later() {
    let stage = shop().await;
    stage.run(&[]);
    let slow = stage.hold(RUN, "commit-before", 3).await;
    for arguments in [&["run"][..], &["run", "--dry-run"]] {
        let beside = stage.vinculo(arguments);
        assert_eq!(beside.code, Some(75), "{}", beside.stderr);
        assert_eq!(beside.summary()["status"], "failed");
        let (process, actor) = (slow.id(), actor());
        let who =
            format!("another run is working on this database: `vinculo run` by {actor} (process {process}) since");
        assert!(beside.stderr.contains(&who), "{}", beside.stderr);
    }
    stage.verify();
    drop(slow);
    stage.run(&[]);
    stage.verify();
}

/// Holds a run up at a commit, where what is asked must be so; lets another run take over, and lets the first go on.
async fn taken_over(point: &str, skipped: usize, is_there: &str) -> (Stage, Outcome) {
    let stage = shop_with_news().await;
    let slow = stage.hold(RUN, point, skipped).await;
    assert!(stage.count(is_there).await > 0, "{point} {skipped} is another place in the run now");
    // An hour without a sign of life.
    stage.execute("UPDATE vinculo.lease SET heartbeat_at = heartbeat_at - interval '1 hour'").await;
    stage.run(&["--full"]);
    (stage, slow.let_go())
}

async fn assert_refused_without_a_trace((stage, outcome): (Stage, Outcome)) {
    assert_eq!(outcome.code, Some(75), "{}", outcome.stderr);
    assert!(outcome.stderr.contains("another command has taken over this database"), "{}", outcome.stderr);
    let undisturbed = shop_with_news().await;
    undisturbed.run(&["--full"]);
    assert_eq!(end_state(&stage).await, end_state(&undisturbed).await);
    assert_eq!(stage.run(&[])["status"], "unchanged");
    stage.verify();
}

#[tokio::test]
async fn a_run_that_wakes_up_between_two_transactions_after_another_took_over_is_refused_by_its_token() {
    assert_refused_without_a_trace(taken_over("commit-after", 5, HAS_LANDED).await).await;
}

#[tokio::test]
async fn a_run_that_wakes_up_in_a_transaction_after_another_took_over_writes_nothing_more() {
    assert_refused_without_a_trace(taken_over("commit-before", 5, IN_TRANSACTION).await).await;
}

#[tokio::test]
async fn a_run_whose_session_of_the_lease_breaks_goes_on() {
    let stage = shop_with_news().await;
    let slow = stage.hold(RUN, "commit-after", 5).await;
    assert!(stage.count(HAS_LANDED).await > 0);
    stage.execute("SELECT pg_terminate_backend(backend_pid) FROM vinculo.lease").await;
    let outcome = slow.let_go();
    assert_eq!(outcome.code, Some(0), "{}", outcome.stderr);
    stage.verify();
}

#[tokio::test]
async fn of_many_runs_at_once_one_works_and_the_others_come_later() {
    let stage = shop().await;
    stage.run(&[]);
    let start = |_| {
        let mut command = stage.command(RUN);
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("vinculo can be started")
    };
    let runs: Vec<Child> = (0..4).map(start).collect();
    let outcomes: Vec<Outcome> =
        runs.into_iter().map(|run| run.wait_with_output().expect("the run has ended").into()).collect();
    let codes: Vec<Option<i32>> = outcomes.iter().map(|outcome| outcome.code).collect();
    assert!(codes.contains(&Some(0)), "{codes:?}");
    for outcome in outcomes.iter().filter(|outcome| outcome.code != Some(0)) {
        assert_eq!(outcome.code, Some(75), "{}", outcome.stderr);
        assert!(outcome.stderr.contains("another run is working"), "{}", outcome.stderr);
    }
    stage.verify();
}
