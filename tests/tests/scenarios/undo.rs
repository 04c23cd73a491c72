//! Undo: what stood before the last publication stands again, until something changes.

use crate::incremental::{self, Town, assert_whole, is_part};
use crate::order::{answer, assert_same};
use serde_json::Value;
use vinculo_testkit::chance::Chance;
use vinculo_tests::{Stage, snapshots_of_persons};

const FIELDS: &str = "full_name: name, birth_date: born, tax_id: cpf, email: email, phone: phone";
const HEAD: &str = "id,name,born,cpf,email,phone\n";
/// What a row may say after its key: four people, two of them in two spellings.
const PEOPLE: [&str; 6] = [
    "Maria Aparecida Conceição,1980-05-12,529.982.247-25,maria.conceicao@gmail.com,11987654321",
    "Maria A. Conceicao,1980-05-12,529.982.247-25,,11987654321",
    "Pedro Henrique Araújo,1988-08-08,,pedro.araujo@terra.com.br,41999991234",
    "Pedro Araujo,1988-08-08,,pedro.araujo@terra.com.br,",
    "Beatriz Lima,1991-01-15,390.533.447-05,bia.lima@uol.com.br,21998765432",
    "Caio Melo,1975-11-30,111.444.777-35,,31988887777",
];

/// A file in which the rows 1, 2, … say so, each by its number in [`PEOPLE`]; nothing where a row is not there.
fn file(rows: &[Option<usize>]) -> String {
    let line = |(key, row): (usize, &Option<usize>)| row.map(|person| format!("{},{}\n", key + 1, PEOPLE[person]));
    format!("{HEAD}{}", rows.iter().enumerate().filter_map(line).collect::<String>())
}

async fn stage(rows: &[Option<usize>]) -> Stage {
    let stage = Stage::new(&snapshots_of_persons(FIELDS), &[("crm.csv", file(rows).as_bytes())]).await;
    stage.run(&[]);
    stage
}

fn deliver(stage: &Stage, rows: &[Option<usize>]) -> Value {
    stage.write("crm.csv", file(rows).as_bytes());
    stage.run(&["--allow-shrink"])
}

/// Takes back the last publication; gives its account.
fn undo(stage: &Stage, arguments: &[&str]) -> Value {
    let outcome = stage.vinculo(&[&["undo", "--json"], arguments].concat());
    assert_eq!(outcome.code, Some(0), "{}", outcome.stderr);
    serde_json::from_str(&outcome.stdout).expect("an account in JSON")
}

/// All that was published before publication `number` and is to stand again once that is taken back: less what begins with
/// it, and what each new version says of itself.
async fn state(stage: &Stage, number: i64) -> Vec<String> {
    let known = format!("(SELECT customer_id FROM audit.customer_history WHERE publication < {number})");
    let mut state = Vec::new();
    for query in [
        "SELECT to_jsonb(c) - '{version,change_seq,publication,updated_at}'::text[] AS c FROM crm.customer c
         ORDER BY customer_id"
            .to_owned(),
        "SELECT source, source_key, customer_id FROM crm.customer_source ORDER BY 1, 2".to_owned(),
        format!(
            "SELECT old_customer_id, customer_id FROM crm.customer_redirect WHERE old_customer_id IN {known} ORDER BY 1"
        ),
        format!("SELECT customer_id, records FROM vinculo.former_customer WHERE customer_id IN {known} ORDER BY 1"),
        "SELECT kind, left_record, right_record, weight, levels, reason, model_version FROM vinculo.decision
         WHERE to_publication IS NULL ORDER BY 2, 3, 1"
            .to_owned(),
    ] {
        state.extend(stage.rows(&query).await);
    }
    state
}

/// A project of the same files, run once: what a whole batch says of them.
async fn batch_of(rows: &[Option<usize>]) -> Vec<String> {
    answer(&stage(rows).await).await
}

#[tokio::test]
async fn what_was_taken_back_is_not_published_again_until_something_changes() {
    let (first, second) = ([Some(0), Some(2), Some(4)], [Some(0), Some(1), Some(5), Some(3)]);
    let stage = stage(&first).await;
    let before = state(&stage, 2).await;
    deliver(&stage, &second);
    let published = stage.published().await;
    let foretold = undo(&stage, &["--dry-run"]);
    assert_eq!((&foretold["publication"], stage.published().await), (&Value::Null, published));
    let undone = undo(&stage, &[]);
    assert_eq!((&undone["publication"], &undone["taken_back"]["publication"]), (&3.into(), &2.into()), "{undone}");
    assert_eq!(undone["customers"], foretold["customers"]);
    assert_same(&state(&stage, 2).await, &before);
    let runs = "SELECT count(*) FROM audit.run WHERE command = 'undo' AND status = 'done' AND publication = 3";
    assert_eq!(stage.count(runs).await, 1);
    stage.verify();

    let idle = stage.vinculo(&["run"]);
    assert_eq!((idle.code, &idle.summary()["publication"]), (Some(0), &Value::Null), "{}", idle.stderr);
    assert_eq!(idle.summary()["taken_back"], 2);
    assert!(idle.stderr.contains("Publication 2 was taken back"), "{}", idle.stderr);
    let again = stage.vinculo(&["undo"]);
    assert_eq!(again.code, Some(1));
    assert!(again.stderr.contains("nothing is left to take back"), "{}", again.stderr);

    assert_eq!(stage.run(&["--full"])["publication"], 4);
    assert_same(&answer(&stage).await, &batch_of(&second).await);
    stage.verify();
}

#[tokio::test]
async fn everything_holds_after_each_undo_also_of_what_was_published_again_and_taken_back_again() {
    // Two customers become one, one becomes two, one ends, one begins.
    let (first, second) =
        ([Some(0), Some(2), Some(4), Some(4), None, Some(1)], [Some(0), Some(0), Some(4), Some(5), Some(3), None]);
    let stage = stage(&first).await;
    let before = state(&stage, 2).await;
    deliver(&stage, &second);
    let mut was = Vec::new();
    for round in 0..3 {
        undo(&stage, &[]);
        stage.verify();
        assert_same(&state(&stage, 2).await, &before);
        let refused = stage.vinculo(&["undo"]);
        assert!(refused.stderr.contains("nothing is left to take back"), "{}", refused.stderr);
        stage.verify();
        stage.run(&["--full"]);
        stage.verify();
        let now = answer(&stage).await;
        assert!(round == 0 || now == was, "what is published again is the same each time");
        was = now;
    }
}

#[tokio::test]
async fn nothing_can_be_taken_back_before_anything_was_published() {
    let stage = Stage::new(&snapshots_of_persons(FIELDS), &[("crm.csv", HEAD.as_bytes())]).await;
    let outcome = stage.vinculo(&["undo"]);
    assert_eq!(outcome.code, Some(1));
    assert!(outcome.stderr.contains("nothing was published yet"), "{}", outcome.stderr);
}

#[tokio::test]
async fn any_world_is_taken_back_and_the_next_one_is_resolved_as_if_it_had_never_been() {
    let mut chance = Chance::new(4, "worlds of a shop", 0);
    let mut world = || -> Vec<Option<usize>> {
        (0..5).map(|_| chance.hits(800).then(|| chance.below(PEOPLE.len() as u64) as usize)).collect()
    };
    let stage = stage(&world()).await;
    let mut taken_back = 0;
    let mut last = Vec::new();
    for _ in 0..4 {
        let number = stage.count("SELECT max(publication) + 1 FROM audit.publication").await;
        let before = state(&stage, number).await;
        if deliver(&stage, &world())["publication"].is_null() {
            continue;
        }
        undo(&stage, &[]);
        assert_same(&state(&stage, number).await, &before);
        stage.verify();
        last = world();
        deliver(&stage, &last);
        assert_same(&answer(&stage).await, &batch_of(&last).await);
        taken_back += 1;
    }
    assert!(taken_back > 1 && !last.is_empty());
    stage.verify();
}

#[tokio::test]
async fn what_is_foretold_of_an_undo_is_what_it_does() {
    let stage = stage(&[Some(0), Some(1), Some(2), None, Some(4)]).await;
    deliver(&stage, &[Some(0), Some(4), Some(2), Some(5), None]);
    let (foretold, done) = (undo(&stage, &["--dry-run"]), undo(&stage, &[]));
    assert_eq!((&foretold["customers"], &foretold["customers_total"]), (&done["customers"], &done["customers_total"]));
    assert_eq!(done["customers_total"], stage.count("SELECT count(*) FROM crm.customer").await);
}

#[tokio::test]
async fn a_mapping_that_was_taken_back_breaks_nothing() {
    let stage = stage(&[Some(0), Some(2)]).await;
    stage.write("vinculo.yaml", snapshots_of_persons(&FIELDS.replace(", phone: phone", "")).as_bytes());
    stage.run(&[]);
    undo(&stage, &[]);
    stage.verify();
}

#[tokio::test]
async fn after_an_undo_the_next_run_resolves_everything_and_later_ones_what_changed() {
    let mut town = Town::new(17, 60);
    let base: String = (0..180).map(|key| town.record(key, 10, false)).collect();
    let file = format!("{}{base}", incremental::HEAD);
    let stage = Stage::new(&incremental::yaml(&["crm"], ""), &[("crm.csv", file.as_bytes())]).await;
    stage.run(&[]);
    let mut deliver = |known: u64| {
        stage.write("crm.csv", town.delivery(known, 4).as_bytes());
        stage.run(&[])
    };
    let part = deliver(180);
    assert!(is_part(&part) && part["publication"] == 2, "{part}");
    let before = state(&stage, 2).await;
    undo(&stage, &[]);
    assert_ne!(state(&stage, 2).await, before);
    stage.verify();
    let whole = deliver(190);
    assert!(
        !is_part(&whole) && whole["publication"] == 4,
        "what was taken back is published with what is new: {whole}"
    );
    assert_eq!(whole["resolution"][0]["training"], Value::Null, "under the same model");
    stage.verify();
    let later = deliver(200);
    assert!(is_part(&later), "{later}");
    assert_whole(&stage, "after a publication that was taken back").await;
}

#[tokio::test]
async fn an_undo_that_is_killed_at_any_commit_and_called_again_ends_as_if_undisturbed() {
    let (first, second) = ([Some(0), Some(2)], [Some(0), Some(1), Some(4)]);
    let stage = stage(&first).await;
    let before = state(&stage, 2).await;
    deliver(&stage, &second);
    let mut commits = 0;
    for point in ["commit-before", "commit-after"] {
        for n in 1.. {
            let failpoints = format!("{point}={}*off->return", n - 1);
            let killed = stage.command(&["undo"]).env("FAILPOINTS", failpoints).output().expect("vinculo starts");
            let was_killed = killed.status.code().is_none();
            let again = stage.vinculo(&["undo"]);
            let is_done = again.code == Some(0) || again.stderr.contains("nothing is left to take back");
            assert!(is_done, "{point} {n}: {}", again.stderr);
            // Each time around, other ids are known, but none of before is other.
            let found = state(&stage, 2).await;
            assert_same(&found, &before);
            assert_eq!(stage.count("SELECT count(*) FROM audit.run WHERE status = 'running'").await, 0);
            stage.run(&["--full"]);
            if !was_killed {
                break;
            }
            commits += 1;
        }
    }
    assert!(commits >= 6, "only {commits} commits were reached: are the fail points compiled in?");
    stage.verify();
}
