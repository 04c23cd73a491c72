//! Killed at every commit in turn and run again: the same end as undisturbed.

use crate::shop::{CRM, WEBSHOP, shop, windows_1252};
use vinculo_tests::Stage;

/// The shop, with one run behind it, and files that correct, add and merge.
pub(crate) async fn shop_with_news() -> Stage {
    let stage = shop().await;
    stage.run(&[]);
    let corrected = CRM.replace("Francisca das Chagas Lima;", "Francisca das Chagas de Lima;");
    stage.write("crm.csv", &windows_1252(&corrected));
    // The e-mail and the CPF of Pedro, whom the CRM knows without a CPF.
    let news = r#"{"id": 906, "first": "Pedro Henrique", "last": "Araujo", "born": "1988-08-08", "email": "pedro.araujo@terra.com.br", "phone": "41999991234", "cpf": "935.411.347-80"}"#;
    stage.write("webshop.jsonl", format!("{WEBSHOP}{news}\n").as_bytes());
    stage
}

/// Everything that a run leaves behind, less the clock and the numbers of runs and deliveries.
pub(crate) async fn end_state(stage: &Stage) -> Vec<String> {
    let mut state = stage.published().await;
    let kept = [
        "SELECT version_id, record_id, line, deleted, content_hash, raw FROM vinculo.source_record_version ORDER BY 1",
        "SELECT record_id, source_id, source_key, version_id, deleted FROM vinculo.source_record ORDER BY 1",
        "SELECT version_id, data FROM vinculo.normalized_record ORDER BY 1",
        "SELECT kind, left_source, left_key, right_source, right_key, weight, to_publication FROM audit.decision ORDER BY 2, 3, 4, 5, 1, 7, 6",
        "SELECT customer_id, version, to_publication FROM vinculo.customer_history ORDER BY 1, 2",
    ];
    state.extend(stage.rows_of(&kept).await);
    state
}

/// Kills the run at its `n`th commit, just before it or just after; tells whether there was such a commit.
async fn killed_and_run_again_ends_alike(stage: Stage, point: &str, n: usize, expected: &[String]) -> bool {
    let skip = n - 1;
    let killed = stage
        .command(&["run"])
        .env("FAILPOINTS", format!("{point}={skip}*off->return"))
        .output()
        .expect("vinculo can be started");
    let was_killed = killed.status.code().is_none();
    let again = stage.vinculo(&["run"]);
    assert_eq!(again.code, Some(0), "{point} {n}: {}", again.stderr);
    let found = end_state(&stage).await;
    for (found, expected) in found.iter().zip(expected) {
        assert_eq!(found, expected, "killed at {point} {n}");
    }
    assert_eq!(found.len(), expected.len(), "killed at {point} {n}");
    let running = "SELECT count(*) FROM audit.run WHERE status = 'running'";
    assert_eq!(stage.count(running).await, 0, "{point} {n}");
    stage.verify();
    was_killed
}

/// Kills a run of what is prepared at each of its commits in turn, of which there are at least so many.
async fn every_kill_ends_as_if_undisturbed(prepared: Stage, point: &str, commits_min: usize) {
    let undisturbed = prepared.copy().await;
    undisturbed.run(&[]);
    let expected = end_state(&undisturbed).await;
    let mut commits = 0;
    while killed_and_run_again_ends_alike(prepared.copy().await, point, commits + 1, &expected).await {
        commits += 1;
    }
    assert!(commits >= commits_min, "only {commits} commits were reached: are the fail points compiled in?");
}

#[tokio::test]
async fn a_first_run_killed_at_any_commit_ends_as_if_undisturbed() {
    every_kill_ends_as_if_undisturbed(shop().await, "commit-before", 8).await;
}

#[tokio::test]
async fn a_later_run_killed_after_any_commit_ends_as_if_undisturbed() {
    every_kill_ends_as_if_undisturbed(shop_with_news().await, "commit-after", 8).await;
}

/// A club whose members come in three files, each a batch of its own with its own checkpoint.
pub(crate) async fn club(delivery: &str) -> Stage {
    let yaml = format!(
        "project: clube\ncountry: BR\nsources:\n  members:\n    connector: files\n    path: members*.csv\n    \
         record: person\n    key: id\n    updated_at: changed\n    delivery: {delivery}\n    \
         fields: {{full_name: name, email: email}}\n"
    );
    let files = [members(0..5), members(5..9), members(9..14)];
    let named = [("members1.csv", &*files[0]), ("members2.csv", &*files[1]), ("members3.csv", &*files[2])];
    Stage::new(&yaml, &named).await
}

/// A file with these members. Two stand in two rows each, the later of which says something else.
fn members(numbers: std::ops::Range<usize>) -> Vec<u8> {
    const NAMES: [&str; 7] = ["Ana Souza", "Rui Prado", "Eva Lima", "Ivo Reis", "Lia Costa", "Caio Melo", "Nina Rocha"];
    let rows = numbers.map(|n| {
        let (id, name) = (n % 12, NAMES[n % 7]);
        format!("{id},{name},member{id}@clube.com.br,2026-01-{:02}T00:00:00Z\n", n + 1)
    });
    format!("id,name,email,changed\n{}", rows.collect::<String>()).into_bytes()
}

#[tokio::test]
async fn a_delivery_of_several_batches_killed_between_any_two_goes_on_where_it_was() {
    every_kill_ends_as_if_undisturbed(club("changes").await, "commit-before", 12).await;
}

#[tokio::test]
async fn a_snapshot_killed_at_any_commit_deletes_just_what_it_lacks() {
    let stage = club("snapshot").await;
    stage.run(&[]);
    stage.write("members2.csv", &members(6..9));
    every_kill_ends_as_if_undisturbed(stage, "commit-after", 12).await;
}

#[tokio::test]
async fn a_changed_mapping_killed_at_any_commit_is_followed_by_all_records_or_none() {
    let stage = club("changes").await;
    stage.run(&[]);
    let yaml = std::fs::read_to_string(stage.folder().join("vinculo.yaml")).expect("the project");
    let undated = yaml.replace("    updated_at: changed\n", "    deleted: {column: name, values: [Lia Costa]}\n");
    stage.write("vinculo.yaml", undated.replace("full_name: name, ", "full_name: name, city: email, ").as_bytes());
    every_kill_ends_as_if_undisturbed(stage, "commit-before", 10).await;
}
