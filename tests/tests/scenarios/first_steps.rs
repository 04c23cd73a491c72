//! What somebody meets on the first day: `init` on files that do not tell all by themselves, and short ways to ask.

use crate::shop::shop;
use serde_json::Value;
use vinculo_tests::{Outcome, Stage, snapshots_of_persons};

/// A folder with a project already, in which `init` is asked to look at these files.
async fn drafted(files: &[(&str, &[u8])]) -> (Stage, Outcome) {
    let stage = Stage::new("project: before\n", files).await;
    let folder = stage.folder().to_owned();
    let paths = files.iter().map(|(name, _)| folder.join(name));
    let outcome = stage.command(&["init", "--force"]).args(paths).output().expect("vinculo can be started").into();
    (stage, outcome)
}

const CLIENTS: &[u8] = b"codigo;nome;email\n17;Ana Lima;ana.lima@x.com\n23;Rui Reis;rui.reis@y.com\n";

#[tokio::test]
async fn a_file_of_several_sets_of_records_is_drafted_as_a_source_for_each() {
    let export = br#"{"persons": [{"id": 1, "name": "Ana Lima", "phones": [{"number": "11987654321"}]}],
        "firms": [{"id": 9, "company": "Padaria Estrela Ltda"}], "empty": []}"#;
    let (stage, outcome) = drafted(&[("export.json", export)]).await;
    assert_eq!(outcome.code, Some(0), "{}", outcome.stderr);
    assert!(outcome.stderr.contains("put into the draft: records_at: firms"), "{}", outcome.stderr);
    let yaml = std::fs::read_to_string(stage.folder().join("vinculo.yaml")).unwrap();
    for line in ["  export_persons:", "  export_firms:", "records_at: persons", "phone: \"phones[].number\""] {
        assert!(yaml.contains(line), "{line} is missing in:\n{yaml}");
    }
    assert!(!yaml.contains("#   phones\n"), "a list is told by the keys of its objects:\n{yaml}");
}

#[tokio::test]
async fn a_file_that_is_left_out_is_told_by_its_own_fault_and_not_by_a_line_for_a_source_that_is_not_there() {
    for name in ["folha.xlsx", "pagina.parquet", "copia.csv.gz"] {
        let (_, outcome) = drafted(&[("clientes.csv", CLIENTS), (name, b"")]).await;
        assert_eq!(outcome.code, Some(0), "{}", outcome.stderr);
        let told = outcome.stderr.lines().find(|line| line.starts_with("left out")).unwrap_or_default();
        assert!(told.contains("the file is empty") && !told.contains("add to the source"), "{told}");
    }
    let (stage, alone) = drafted(&[("vazio.csv", b"")]).await;
    assert_eq!(alone.code, Some(1));
    assert!(alone.stderr.contains("nothing was written") && !alone.stderr.contains("add to"), "{}", alone.stderr);
    let yaml = std::fs::read_to_string(stage.folder().join("vinculo.yaml")).unwrap();
    assert_eq!(yaml, "project: before\n");
}

#[tokio::test]
async fn sources_may_be_named_without_a_flag() {
    let stage = shop().await;
    for arguments in
        [&["check", "erp", "--json"][..], &["check", "--json", "--select", "erp"], &["discover", "erp", "--json"]]
    {
        let outcome = stage.vinculo(arguments);
        assert_eq!(outcome.code, Some(0), "{}", outcome.stderr);
        let told: Vec<Value> = serde_json::from_str(&outcome.stdout).unwrap();
        let sources: Vec<&str> = told.iter().filter_map(|source| source["source"].as_str()).collect();
        assert_eq!(sources, ["erp"], "{arguments:?}");
    }
    assert_eq!(stage.run(&["erp"])["sources"].as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn keys_that_begin_with_a_hyphen_can_be_asked_for() {
    let file = "id,name,email\n-7,Ana Lima,ana@x.com.br\n-A8,Rui Reis,rui@y.com.br\n";
    let yaml = snapshots_of_persons("full_name: name, email: email");
    let stage = Stage::new(&yaml, &[("crm.csv", file.as_bytes())]).await;
    stage.run(&[]);
    let negative = stage.vinculo(&["lineage", "crm", "-7", "--json"]);
    assert_eq!(negative.code, Some(0), "{}", negative.stderr);
    let both = ["--", "crm", "-A8", "crm", "-7"];
    let explained: Outcome =
        stage.command(&["explain", "--json"]).args(both).output().expect("vinculo can be started").into();
    assert_eq!(explained.code, Some(0), "{}", explained.stderr);
}

#[tokio::test]
async fn check_warns_of_keys_that_stand_for_a_missing_one() {
    let file = "id,name,email\nN/A,Ana Lima,ana@x.com.br\nN/A,Rui Reis,rui@y.com.br\n3,Eva Dias,eva@z.com.br\n";
    let yaml = snapshots_of_persons("full_name: name, email: email");
    let stage = Stage::new(&yaml, &[("crm.csv", file.as_bytes())]).await;
    let outcome = stage.vinculo(&["check"]);
    assert!(outcome.stdout.contains("2 records have a stand-in for a key"), "{}", outcome.stdout);
}

#[tokio::test]
async fn a_run_tells_what_was_refused_and_what_stands() {
    let yaml = snapshots_of_persons("full_name: name, email: email");
    let stage = Stage::new(&yaml, &[("crm.csv", b"id,name,email\n1,Ana Lima,ana@x.com.br\n")]).await;
    let first = stage.vinculo(&["run"]);
    assert!(first.stderr.contains("Published: 1 created; 1 customer in all."), "{}", first.stderr);
    stage.write("crm.csv", b"");
    let second = stage.vinculo(&["run"]);
    assert_eq!(second.code, Some(1));
    for told in
        ["Nothing to publish: 1 customer stands as it was.", "Refused: crm. What", "0 read, none of them counts"]
    {
        assert!(second.stderr.contains(told), "{told} is missing in:\n{}", second.stderr);
    }
}

#[tokio::test]
async fn rejected_records_of_a_source_that_is_gone_from_the_file_are_still_shown() {
    let with = |name: &str| snapshots_of_persons("full_name: name, email: email").replace("crm", name);
    let stage = Stage::new(
        &with("crm").replace("key: id", "key: id\n    max_reject_ratio: 0.9"),
        &[
            ("crm.csv", b"id,name,email\n1,Ana Lima,ana@x.com.br\n,Rui Reis,rui@y.com.br\n"),
            ("erp.csv", b"id,name,email\n5,Eva Dias,eva@z.com.br\n"),
        ],
    )
    .await;
    stage.run(&[]);
    stage.write("vinculo.yaml", with("erp").as_bytes());
    stage.run(&[]);
    let outcome = stage.vinculo(&["rejects", "--source", "crm"]);
    assert_eq!(outcome.code, Some(0), "{}", outcome.stderr);
    assert!(outcome.stdout.contains("crm.csv:3"), "{}", outcome.stdout);
    assert_eq!(stage.vinculo(&["rejects", "--source", "crn"]).code, Some(2));
}
