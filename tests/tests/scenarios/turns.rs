//! Single records and runs take turns: none is shut out, and each knows what the other wrote.

use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Stdio};
use vinculo_tests::{Outcome, Stage};

const YAML: &str = "project: p\ncountry: BR\nsources:\n  crm: {connector: files, path: crm.csv, record: person, key: id,\n    \
    updated_at: changed, fields: {full_name: name, birth_date: born, email: email}}\n";
const ANA: &str = "1,Ana Souza,1980-01-01,ana.souza@uol.com.br,2026-01-01T00:00:00Z\n";
const BRUNO: &str = "2,Bruno Lima,1975-05-05,bruno.lima@terra.com.br,2026-01-01T00:00:00Z\n";

fn file(rows: &[&str]) -> String {
    format!("id,name,born,email,changed\n{}", rows.concat())
}

pub async fn stage() -> Stage {
    let stage = Stage::new(YAML, &[("crm.csv", file(&[ANA]).as_bytes())]).await;
    stage.run(&[]);
    stage
}

pub fn person(key: &str, name: &str, born: &str, email: &str) -> Value {
    json!({"id": key, "name": name, "born": born, "email": email, "changed": "2026-02-01T00:00:00Z"})
}

/// `resolve`, kept running.
pub struct Resolving {
    process: Child,
    lines: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Resolving {
    pub fn begin(stage: &Stage) -> Self {
        let mut command = stage.command(&["resolve", "crm"]);
        let piped = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut process = piped.spawn().expect("vinculo can be started");
        let (lines, answers) = (process.stdin.take().expect("a pipe"), process.stdout.take().expect("a pipe"));
        Self { process, lines, answers: BufReader::new(answers) }
    }

    /// Begins, and has resolved one record.
    fn at_work(stage: &Stage) -> Self {
        let mut resolving = Self::begin(stage);
        resolving.tell(&person("8", "Carla Prado", "1990-09-09", "carla@prado.com.br"));
        assert_eq!(resolving.answer()["happened"], "resolved");
        resolving
    }

    pub fn tell(&mut self, line: &Value) {
        writeln!(self.lines, "{line}").expect("the line is taken");
    }

    pub fn answer(&mut self) -> Value {
        let mut answer = String::new();
        self.answers.read_line(&mut answer).expect("an answer");
        serde_json::from_str(&answer).expect("JSON")
    }

    pub fn end(self) -> Outcome {
        drop(self.lines);
        self.process.wait_with_output().expect("vinculo ends").into()
    }

    pub fn kill(mut self) {
        self.process.kill().expect("vinculo can be killed");
        self.process.wait().expect("vinculo ends");
    }
}

#[tokio::test]
async fn a_run_is_not_shut_out_by_resolve_and_resolve_knows_what_the_run_wrote() {
    let stage = stage().await;
    let mut resolving = Resolving::at_work(&stage);
    stage.write("crm.csv", file(&[ANA, BRUNO]).as_bytes());
    assert_eq!(stage.run(&[])["customers"]["created"], 1);
    resolving.tell(&person("9", "Bruno Lima", "1975-05-05", "bruno.lima@terra.com.br"));
    let answer = resolving.answer();
    assert_eq!(answer["changes"][0]["change"], "updated", "{answer}");
    let outcome = resolving.end();
    assert_eq!(outcome.code, Some(0), "{}", outcome.stderr);
    assert_eq!(stage.count("SELECT count(*) FROM audit.run WHERE status = 'running'").await, 0);
    assert_eq!(stage.count("SELECT count(*) FROM crm.customer").await, 3);
    stage.verify();
}

#[tokio::test]
async fn a_record_waits_for_a_run_and_is_then_resolved() {
    let stage = stage().await;
    stage.write("crm.csv", file(&[ANA, BRUNO]).as_bytes());
    let slow = stage.hold(&["run"], "commit-before", 3).await;
    let mut resolving = Resolving::begin(&stage);
    resolving.tell(&person("9", "Bruno Lima", "1975-05-05", "bruno.lima@terra.com.br"));
    while stage.count("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted").await == 0 {}
    let run = slow.let_go();
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    assert_eq!(resolving.answer()["changes"][0]["change"], "updated");
    assert_eq!(resolving.end().code, Some(0));
    stage.verify();
}

#[tokio::test]
async fn two_that_resolve_at_once_both_come_to_their_end() {
    let stage = stage().await;
    let mut both = [Resolving::begin(&stage), Resolving::begin(&stage)];
    for (number, resolving) in both.iter_mut().enumerate() {
        resolving.tell(&person(&format!("a{number}"), "Ana Souza", "1980-01-01", "ana.souza@uol.com.br"));
    }
    for resolving in &mut both {
        assert_eq!(resolving.answer()["happened"], "resolved");
    }
    for resolving in both {
        let outcome = resolving.end();
        assert_eq!(outcome.code, Some(0), "{}", outcome.stderr);
    }
    assert_eq!(stage.count("SELECT record_count::bigint FROM crm.customer").await, 3);
}

#[tokio::test]
async fn who_resolves_publishes_nothing_over_what_was_taken_back() {
    let stage = stage().await;
    let mut resolving = Resolving::at_work(&stage);
    let undone = stage.vinculo(&["undo"]);
    assert_eq!(undone.code, Some(0), "{}", undone.stderr);
    let before = stage.published().await;
    resolving.tell(&person("4", "Xisto Belmonte", "1991-09-09", "xisto@prado.com.br"));
    let told = resolving.end();
    assert_eq!(told.code, Some(1), "{}", told.stdout);
    assert!(told.stderr.contains("was taken back; `vinculo run --full` publishes anew first"), "{}", told.stderr);
    assert_eq!(stage.published().await, before);
    stage.verify();
    stage.run(&["--full"]);
    assert_eq!(stage.count("SELECT count(*) FROM crm.customer").await, 2);
}

#[tokio::test]
async fn a_command_that_was_killed_is_said_to_be_so_and_is_no_damage() {
    let stage = stage().await;
    let resolving = Resolving::at_work(&stage);
    let status = || serde_json::from_str::<Value>(&stage.vinculo(&["status", "--json"]).stdout).expect("JSON");
    assert_eq!(status()["runs"][0]["status"], "running");
    resolving.kill();
    assert_eq!(status()["runs"][0]["status"], "aborted");
    stage.verify();
}
