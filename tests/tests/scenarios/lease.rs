//! One writer at a time: who may write, who is told to come later, and what becomes of one that was taken for dead.

use crate::interruption::{end_state, shop_with_news};
use crate::shop::shop;
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use vinculo_tests::{Outcome, Stage};

/// Long enough for everything that a test does while a command sleeps.
const SLEEP: &str = "sleep(60000)";
const IS_RUNNING: &str = "SELECT count(*) FROM audit.run WHERE status = 'running'";
const HAS_LANDED: &str = "SELECT count(*) FROM vinculo.delivery WHERE state = 'open' AND landed_versions > 0";
const IN_TRANSACTION: &str = "SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND state = 'idle in transaction'";

/// A run that comes to this fail point and then goes on as the action says.
fn run_until(stage: &Stage, fail_point: &str) -> Child {
    let mut command = stage.command(&["run", "--full"]);
    let command = command.env("FAILPOINTS", fail_point).stdout(Stdio::piped()).stderr(Stdio::piped());
    command.spawn().expect("vinculo can be started")
}

async fn wait_for(stage: &Stage, query: &str) {
    while stage.count(query).await == 0 {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

fn signal(process: &Child, name: &str) {
    let sent = Command::new("kill").args([&format!("-{name}"), &process.id().to_string()]).status();
    assert!(sent.expect("kill").success());
}

fn end(mut process: Child) {
    process.kill().expect("the run can be killed");
    process.wait().expect("the run has ended");
}

#[tokio::test]
async fn a_command_beside_a_run_is_told_who_works_since_when_and_to_come_later() {
    let stage = shop().await;
    stage.run(&[]);
    let slow = run_until(&stage, &format!("commit-before=3*off->{SLEEP}"));
    wait_for(&stage, IS_RUNNING).await;
    for arguments in [&["run"][..], &["run", "--dry-run"]] {
        let beside = stage.vinculo(arguments);
        assert_eq!(beside.code, Some(75), "{}", beside.stderr);
        assert_eq!(beside.summary()["status"], "failed");
        let who =
            format!("another run is working on this database: `vinculo run` by root (process {}) since", slow.id());
        let who = who.replace("root", &actor());
        assert!(beside.stderr.contains(&who), "{}", beside.stderr);
    }
    stage.verify();
    end(slow);
    stage.run(&[]);
    stage.verify();
}

fn actor() -> String {
    let named = Command::new("id").arg("-un").output().expect("id").stdout;
    String::from_utf8_lossy(&named).trim().to_owned()
}

/// Stops a run when `reached` says that it is where it should be, lets another run take over, and lets the first go on.
async fn taken_over(fail_point: &str, reached: &str) -> (Stage, Outcome) {
    let stage = shop_with_news().await;
    let slow = run_until(&stage, fail_point);
    wait_for(&stage, reached).await;
    signal(&slow, "STOP");
    // An hour without a sign of life.
    stage.execute("UPDATE vinculo.lease SET heartbeat_at = heartbeat_at - interval '1 hour'").await;
    stage.run(&["--full"]);
    signal(&slow, "CONT");
    let outcome = slow.wait_with_output().expect("the run has ended").into();
    (stage, outcome)
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
    assert_refused_without_a_trace(taken_over("commit-after=4*off->1*sleep(3000)", HAS_LANDED).await).await;
}

#[tokio::test]
async fn a_run_that_wakes_up_in_a_transaction_after_another_took_over_writes_nothing_more() {
    assert_refused_without_a_trace(taken_over("commit-before=5*off->1*sleep(3000)", IN_TRANSACTION).await).await;
}

#[tokio::test]
async fn a_run_whose_session_of_the_lease_breaks_goes_on() {
    let stage = shop_with_news().await;
    let slow = run_until(&stage, "commit-after=4*off->1*sleep(1500)");
    wait_for(&stage, HAS_LANDED).await;
    stage.execute("SELECT pg_terminate_backend(backend_pid) FROM vinculo.lease").await;
    let outcome: Outcome = slow.wait_with_output().expect("the run has ended").into();
    assert_eq!(outcome.code, Some(0), "{}", outcome.stderr);
    stage.verify();
}

#[tokio::test]
async fn of_many_runs_at_once_one_works_and_the_others_come_later() {
    let stage = shop().await;
    stage.run(&[]);
    let runs: Vec<Child> = (0..4).map(|_| run_until(&stage, "")).collect();
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
