//! Records that come one at a time.

use crate::incremental::{self, Town, assert_whole};
use crate::interruption::end_state;
use serde_json::{Value, json};
use std::io::Write;
use std::process::{Command, Stdio};
use vinculo_tests::{Outcome, Stage};

const HEAD: &str = "id,name,born,email,phone,changed,gone\n";
const ROWS: [&str; 4] = [
    "1,Ana Souza,1980-01-01,ana.souza@uol.com.br,11987654321,2026-01-01T00:00:00Z,\n",
    "2,Bruno Lima,1975-05-05,bruno.lima@terra.com.br,21998765432,2026-01-01T00:00:00Z,\n",
    "3,Carla Prado,1990-09-09,carla@prado.com.br,31987651234,2026-01-01T00:00:00Z,\n",
    "4,Davi Rocha,1966-06-06,davi.rocha@gmail.com,41999991234,2026-01-01T00:00:00Z,\n",
];
const YAML: &str = "project: p\ncountry: BR\nsources:\n  crm: {connector: files, path: crm.csv, record: person, key: id,\n    \
    updated_at: changed, deleted: {column: gone, values: [Y]},\n    \
    fields: {full_name: name, birth_date: born, email: email, phone: phone}}\n";

async fn stage() -> Stage {
    let stage = Stage::new(YAML, &[("crm.csv", file(&ROWS).as_bytes())]).await;
    stage.run(&[]);
    stage
}

fn file(rows: &[&str]) -> String {
    format!("{HEAD}{}", rows.concat())
}

/// A command that reads these lines.
fn feed(command: Command, lines: &[Value]) -> Outcome {
    let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
    feed_bytes(command, text.as_bytes())
}

fn feed_bytes(mut command: Command, bytes: &[u8]) -> Outcome {
    let piped = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = piped.spawn().expect("vinculo can be started");
    child.stdin.take().expect("a pipe").write_all(bytes).expect("the lines are taken");
    child.wait_with_output().expect("vinculo ends").into()
}

/// The answers to these lines, which must all be taken.
pub fn answers(stage: &Stage, arguments: &[&str], lines: &[Value]) -> Vec<Value> {
    let outcome = feed(stage.command(arguments), lines);
    assert_eq!(outcome.code, Some(0), "{}", outcome.stderr);
    outcome.stdout.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

fn ana(key: &str, changed: &str) -> Value {
    json!({"id": key, "name": "Ana Souza", "born": "1980-01-01", "email": "ana.souza@uol.com.br",
        "phone": "11987654321", "changed": changed})
}

#[tokio::test]
async fn a_record_is_landed_resolved_and_published_at_once() {
    let stage = stage().await;
    let known = stage.rows("SELECT customer_id FROM crm.customer WHERE name = 'Ana Souza'").await;
    let otavio = json!({"id": "9", "name": "Otavio Quintela", "born": "1931-03-03", "changed": "2026-02-01T00:00:00Z"});
    let gone = json!({"id": "9", "name": "Otavio Quintela", "changed": "2026-03-01T00:00:00Z", "gone": "Y"});
    let lines = [ana("8", "2026-02-01T00:00:00Z"), otavio.clone(), otavio, ana("9", "2020-01-01T00:00:00Z"), gone];
    let told = answers(&stage, &["resolve", "crm"], &lines);
    assert!(known[0].contains(told[0]["customer_id"].as_str().unwrap()), "{}", told[0]);
    let happened: Vec<&Value> = told.iter().map(|answer| &answer["happened"]).collect();
    assert_eq!(happened, ["resolved", "resolved", "unchanged", "superseded", "resolved"]);
    let change = |at: usize| (&told[at]["changes"][0]["change"], &told[at]["change_seq"]);
    assert_eq!(
        [change(0), change(1), change(4)],
        [(&json!("updated"), &json!(5)), (&json!("created"), &json!(6)), (&json!("ended"), &json!(7))]
    );
    assert_eq!(told[2]["customer_id"], told[1]["customer_id"]);
    assert_eq!(told[4]["customer_id"], Value::Null);
    assert_eq!(stage.count("SELECT count(*) FROM crm.customer_source").await, 5);
    assert_eq!(stage.count("SELECT count(*) FROM audit.source_record_version WHERE source_key = '9'").await, 3);
}

#[tokio::test]
async fn a_run_over_what_came_alone_changes_nothing_and_resolves_it_as_it_was() {
    let stage = stage().await;
    answers(&stage, &["resolve", "crm"], &[ana("8", "2026-02-01T00:00:00Z")]);
    let before = stage.published().await;
    let as_row = "8,Ana Souza,1980-01-01,ana.souza@uol.com.br,11987654321,2026-02-01T00:00:00Z,\n";
    stage.write("crm.csv", file(&[&ROWS[..], &[as_row]].concat()).as_bytes());
    assert_eq!(stage.run(&[])["status"], "unchanged");
    let again = stage.run(&["--full"]);
    assert_eq!(again["customers"], json!({"created": 0, "updated": 0, "merged": 0, "split": 0, "ended": 0}), "{again}");
    assert_eq!(stage.published().await, before);
}

#[tokio::test]
async fn a_line_that_is_no_record_is_answered_and_the_next_one_counts() {
    let stage = stage().await;
    let outcome = feed(
        stage.command(&["resolve", "crm"]),
        &[json!({"name": "Nobody"}), json!([1]), ana("8", "2026-02-01T00:00:00Z")],
    );
    assert_eq!(outcome.code, Some(1), "{}", outcome.stderr);
    let told: Vec<Value> = outcome.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(told[0]["faults"], json!([{"code": "key_missing", "column": "id"}]));
    assert_eq!((&told[1]["happened"], &told[2]["happened"]), (&json!("rejected"), &json!("resolved")));
}

#[tokio::test]
async fn bytes_that_are_no_utf_8_and_columns_that_nobody_knows_are_rejected_line_by_line() {
    let stage = stage().await;
    let before = stage.published().await;
    let lines = b"{\"id\": \"51\", \"name\": \"Jos\xe9\"}\r\n\n{\"id\": \"1\", \"nmae\": \"Ana\"}\n{\"id\": \"1\"}";
    for (command, key) in [("resolve", "happened"), ("match", "candidates")] {
        let outcome = feed_bytes(stage.command(&[command, "crm"]), lines);
        assert_eq!(outcome.code, Some(1), "{}", outcome.stderr);
        let told: Vec<Value> = outcome.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let codes: Vec<&Value> = told.iter().map(|answer| &answer["faults"][0]["code"]).collect();
        assert_eq!(codes, ["encoding", "missing_column", "missing_column"]);
        assert!(told.iter().all(|answer| answer[key] == "rejected" || answer[key] == json!([])), "{told:?}");
    }
    assert_eq!(stage.published().await, before);
}

#[tokio::test]
async fn what_came_alone_twice_and_was_taken_back_breaks_nothing() {
    let stage = stage().await;
    let lines = [ana("8", "2026-02-01T00:00:00Z"), ana("1", "2026-02-01T00:00:00Z")];
    answers(&stage, &["resolve", "crm"], &lines);
    assert_eq!(stage.vinculo(&["undo"]).code, Some(0));
    stage.verify();
}

#[tokio::test]
async fn changes_that_wait_for_a_run_are_not_passed_over() {
    let stage = stage().await;
    stage.write("vinculo.yaml", YAML.replace("phone: phone", "phone: phone, sex: name").as_bytes());
    let outcome = feed(stage.command(&["resolve", "crm"]), &[ana("8", "2026-02-01T00:00:00Z")]);
    assert_eq!(outcome.code, Some(1), "{}", outcome.stderr);
    assert!(outcome.stderr.contains("`vinculo run` resolves them first"), "{}", outcome.stderr);
    assert_eq!(stage.count("SELECT count(*) FROM crm.customer_source").await, 4);
}

#[tokio::test]
async fn a_match_names_the_customer_and_why_and_writes_nothing() {
    let stage = stage().await;
    let before = stage.published().await;
    let runs = stage.count("SELECT count(*) FROM vinculo.run").await;
    let stranger = json!({"name": "Zoraide Xavier", "born": "1911-11-11"});
    let nameless = json!({"name": "Ana Souza", "phone": "(11) 98765-4321", "born": "01/01/1980"});
    let told = answers(&stage, &["match", "crm"], &[nameless, stranger]);
    let ana = &told[0]["candidates"][0];
    assert_eq!((&ana["source_key"], &ana["is_match"]), (&json!("1"), &json!(true)), "{told:?}");
    assert!(ana["probability"].as_f64() > Some(0.5));
    assert!(ana["reasons"].as_array().unwrap().iter().any(|reason| reason["comparison"] == "phone"), "{ana}");
    assert_eq!(told[1]["candidates"], json!([]));
    assert_eq!(stage.published().await, before);
    assert_eq!(stage.count("SELECT count(*) FROM vinculo.run").await, runs);
}

/// A town of three hundred records, resolved under a block limit.
async fn town_of_small_blocks(seed: u64, limit: u32) -> Stage {
    let mut town = Town::new(seed, 60);
    let base: String = (0..300).map(|key| town.record(key, 10, false)).collect();
    let base = format!("{}{base}", incremental::HEAD);
    let settings = incremental::yaml(&["crm"], &format!(", block_limit: {limit}"));
    let stage = Stage::new(&settings, &[("crm.csv", base.as_bytes())]).await;
    stage.run(&[]);
    stage
}

#[tokio::test]
async fn records_that_come_and_go_alone_halve_a_block_and_make_it_whole_again() {
    let stage = town_of_small_blocks(6, 4).await;
    let row = |member: usize, end: &str| {
        let row = format!("9{member},Otavio Unico,19{member}0-01-01,otavio.unico@uol.com.br,,Manaus,2026-02-0{end}");
        incremental::line(&row)
    };
    let halved = "SELECT count(*) FROM vinculo.halved_block WHERE halvings > 0";
    let before = stage.count(halved).await;
    answers(&stage, &["resolve", "crm"], &(1..6).map(|member| row(member, "1T00:00:00Z,")).collect::<Vec<_>>());
    assert!(stage.count(halved).await > before, "five share a block of four");
    assert_whole(&stage, "five came alone").await;
    answers(&stage, &["resolve", "crm"], &[row(6, "1T00:00:00Z,"), row(2, "2T00:00:00Z,Y"), row(4, "2T00:00:00Z,Y")]);
    assert_eq!(stage.count(halved).await, before, "four are left");
    assert_whole(&stage, "two of six are gone").await;
}

#[tokio::test]
async fn in_a_town_that_grew_large_after_training_people_are_found_by_their_names() {
    let stage = town_of_small_blocks(7, 2).await;
    let given = ["Abel", "Boris", "Clovis", "Davi", "Elias", "Fausto", "Gil", "Hugo", "Igor", "Juca"];
    let family = ["Quental", "Xisto", "Zanin", "Wolff", "Yamada", "Uchoa", "Trindade", "Sampaio"];
    let row = |member: usize, key: usize| {
        let (given, family) = (given[member % 10], family[member / 10]);
        let born = format!("19{}-0{}-1{}", 20 + member, 1 + member % 9, member % 8);
        format!("{key},{given} {family},{born},,,Tefe,2026-02-01T00:00:00Z,")
    };
    let rows: String = (0..79).map(|member| row(member, 900 + member) + "\n").collect();
    stage.write("crm.csv", format!("{}{rows}", incremental::HEAD).as_bytes());
    stage.run(&[]);
    let scattered = stage.count("SELECT count(*) FROM vinculo.halved_block WHERE halvings = 6").await;
    assert!(scattered > 0, "eighty live in a block of two");
    answers(&stage, &["resolve", "crm"], &[incremental::line(&row(79, 979)), incremental::line(&row(5, 1_005))]);
    assert_whole(&stage, "two came alone").await;
    let told = answers(&stage, &["match", "crm"], &[incremental::line(&row(31, 1_031))]);
    assert_eq!(told[0]["candidates"][0]["source_key"], "931", "{told:?}");
}

#[tokio::test]
async fn records_that_come_alone_killed_at_any_commit_are_there_whole_or_not_at_all() {
    let changed = json!({"id": "2", "name": "Bruno Lima Sá", "born": "1975-05-05", "changed": "2026-02-02T00:00:00Z"});
    let gone = json!({"id": "3", "name": "Carla Prado", "changed": "2026-02-03T00:00:00Z", "gone": "Y"});
    let lines = [ana("8", "2026-02-01T00:00:00Z"), changed, gone];
    let prepared = stage().await;
    let undisturbed = prepared.copy().await;
    answers(&undisturbed, &["resolve", "crm"], &lines);
    let expected = end_state(&undisturbed).await;
    for point in ["commit-before", "commit-after"] {
        let mut commits = 0;
        loop {
            let stage = prepared.copy().await;
            let mut command = stage.command(&["resolve", "crm"]);
            command.env("FAILPOINTS", format!("{point}={commits}*off->return"));
            let was_killed = feed(command, &lines).code.is_none();
            answers(&stage, &["resolve", "crm"], &lines);
            assert_eq!(end_state(&stage).await, expected, "killed at {point} {commits}");
            assert_eq!(stage.count("SELECT count(*) FROM audit.run WHERE status = 'running'").await, 0);
            stage.verify();
            if !was_killed {
                break;
            }
            commits += 1;
        }
        assert!(commits >= 6, "only {commits} commits were reached: are the fail points compiled in?");
    }
}
