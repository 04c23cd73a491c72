//! Killed at every commit in turn and run again: the same end as undisturbed.

use crate::shop::shop;

/// Kills the run at its `n`th commit, just before it or just after; tells whether there was such a commit.
async fn killed_and_run_again_ends_alike(point: &str, n: usize, expected: &[String]) -> bool {
    let stage = shop().await;
    let skip = n - 1;
    let killed = stage
        .command(&["run"])
        .env("FAILPOINTS", format!("{point}={skip}*off->return"))
        .output()
        .expect("vinculo can be started");
    let was_killed = killed.status.code().is_none();
    let again = stage.vinculo(&["run"]);
    assert_eq!(again.code, Some(0), "{point} {n}: {}", again.stderr);
    assert_eq!(stage.published().await, expected, "killed at {point} {n}");
    assert_eq!(stage.count("SELECT count(*) FROM vinculo.source_record_version").await, 15, "{point} {n}");
    let running = "SELECT count(*) FROM audit.run WHERE status = 'running'";
    assert_eq!(stage.count(running).await, 0, "{point} {n}");
    was_killed
}

async fn at_every(point: &str) {
    let undisturbed = shop().await;
    undisturbed.run(&[]);
    let expected = undisturbed.published().await;
    let mut commits = 0;
    while killed_and_run_again_ends_alike(point, commits + 1, &expected).await {
        commits += 1;
    }
    assert!(commits >= 8, "only {commits} commits were reached: are the fail points compiled in?");
}

#[tokio::test]
async fn killed_before_any_commit() {
    at_every("commit-before").await;
}

#[tokio::test]
async fn killed_after_any_commit() {
    at_every("commit-after").await;
}
