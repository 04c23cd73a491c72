//! Delivering again, correcting, refusing: nothing lost, nothing doubled.

use crate::shop::{CRM, shop, windows_1252};
use vinculo_tests::Stage;

#[tokio::test]
async fn running_again_changes_nothing_and_says_so() {
    let stage = shop().await;
    let first = stage.run(&[]);
    assert_eq!(first["status"], "done");
    let before = stage.published().await;
    for _ in 0..3 {
        let again = stage.run(&[]);
        assert_eq!(again["status"], "unchanged");
        assert!(again["sources"].as_array().unwrap().iter().all(|source| source["state"] == "unchanged"), "{again}");
    }
    let full = stage.run(&["--full"]);
    assert_eq!(full["customers"]["created"], 0, "{full}");
    assert_eq!(stage.published().await, before);
    assert_eq!(stage.count("SELECT count(*) FROM vinculo.source_record_version").await, 15);
}

#[tokio::test]
async fn rejected_rows_of_the_same_file_are_kept_once_and_listed_for_every_run() {
    let stage = shop().await;
    stage.write("crm.csv", &windows_1252(&format!("{CRM}6;one cell too few\n;no key;;;;;;;\n")));
    let yaml = crate::shop::YAML.replace("trust: 80", "trust: 80\n    max_reject_ratio: 0.5");
    stage.write("vinculo.yaml", yaml.as_bytes());
    stage.run(&[]);
    let first = stage.vinculo(&["rejects", "--json"]).stdout;
    for _ in 0..2 {
        assert_eq!(stage.run(&[])["sources"][0]["state"], "unchanged");
        assert_eq!(stage.count("SELECT count(*) FROM vinculo.reject").await, 2);
        assert_eq!(stage.vinculo(&["rejects", "--json"]).stdout, first);
    }
    let status: serde_json::Value = serde_json::from_str(&stage.vinculo(&["status", "--json"]).stdout).unwrap();
    let states: Vec<_> = status["runs"].as_array().unwrap().iter().map(|run| &run["deliveries"][0]["state"]).collect();
    assert_eq!(states, ["unchanged", "unchanged", "sealed"], "the words of `run`");
}

#[tokio::test]
async fn every_record_read_is_accounted_for() {
    let stage = shop().await;
    stage.write("crm.csv", &windows_1252(&format!("{CRM}6;one cell too few\n;no key;;;;;;;\n")));
    let yaml = crate::shop::YAML.replace("trust: 80", "trust: 80\n    max_reject_ratio: 0.5");
    stage.write("vinculo.yaml", yaml.as_bytes());
    let summary = stage.run(&[]);
    let crm = &summary["sources"][0];
    let count = |name: &str| crm[name].as_u64().unwrap();
    assert_eq!(count("read"), 7);
    assert_eq!(count("rejected"), 2);
    assert_eq!(
        count("read"),
        count("new") + count("changed") + count("unchanged") + count("superseded") + count("rejected")
    );
    assert_eq!(crm["flagged"]["birth_date"]["impossible_date"], 1, "{crm}");
    assert_eq!(crm["flagged"]["tax_id"]["placeholder"], 1, "{crm}");
    let rejects = stage.vinculo(&["rejects", "--json"]);
    let rejects: serde_json::Value = serde_json::from_str(&rejects.stdout).unwrap();
    assert_eq!(rejects.as_array().unwrap().len(), 2, "{rejects}");
}

#[tokio::test]
async fn a_corrected_record_updates_its_customer_and_keeps_its_history() {
    let stage = shop().await;
    stage.run(&[]);
    let corrected = CRM.replace("Francisca das Chagas Lima;22/07/1962", "Francisca das Chagas Lima Neta;22/07/1962");
    stage.write("crm.csv", &windows_1252(&corrected.replace("11/04/2026", "12/04/2026")));
    let summary = stage.run(&[]);
    assert_eq!(summary["sources"][0]["changed"], 1, "{summary}");
    assert_eq!(summary["customers"]["updated"], 1, "{summary}");
    assert_eq!(summary["customers"]["created"], 0, "{summary}");
    assert_eq!(
        stage
            .count("SELECT count(*) FROM audit.customer_history WHERE version = 1 AND to_publication IS NOT NULL")
            .await,
        1
    );
}

#[tokio::test]
async fn a_refused_delivery_leaves_no_trace_in_the_answer_and_the_others_go_on() {
    let stage = shop().await;
    stage.write("webshop.jsonl", b"not json\nneither\n");
    let outcome = stage.vinculo(&["run"]);
    assert_eq!(outcome.code, Some(1), "{}", outcome.stderr);
    let summary = outcome.summary();
    let states: Vec<_> = summary["sources"].as_array().unwrap().iter().map(|s| s["state"].as_str().unwrap()).collect();
    assert_eq!(states, ["sealed", "refused", "sealed"], "{summary}");
    assert_eq!(stage.count("SELECT count(*) FROM crm.customer_source WHERE source = 'webshop'").await, 0);
    assert_eq!(stage.count("SELECT count(*) FROM crm.customer_source").await, 10);
}

#[tokio::test]
async fn a_quote_that_swallows_records_refuses_the_delivery() {
    let stage = shop().await;
    stage.write("crm.csv", &windows_1252(&CRM.replace("3;Ana", "3;\"Ana")));
    let yaml = crate::shop::YAML.replace("trust: 80", "trust: 80\n    max_reject_ratio: 0.9");
    stage.write("vinculo.yaml", yaml.as_bytes());
    let outcome = stage.vinculo(&["run"]);
    assert_eq!(outcome.code, Some(1), "{}", outcome.stderr);
    assert_eq!(outcome.summary()["sources"][0]["state"], "refused");
    assert!(outcome.stderr.contains("crm.csv:4: a quote is opened"), "{}", outcome.stderr);
}

#[tokio::test]
async fn a_dry_run_writes_nothing_and_foretells_the_run() {
    let stage = shop().await;
    let foretold = stage.run(&["--dry-run"]);
    for table in ["vinculo.source", "vinculo.run", "vinculo.delivery", "vinculo.source_record", "crm.customer"] {
        assert_eq!(stage.count(&format!("SELECT count(*) FROM {table}")).await, 0, "{table}");
    }
    let done = stage.run(&[]);
    assert_eq!(foretold["customers"], done["customers"]);
    let nothing = stage.run(&["--dry-run"]);
    assert_eq!(nothing["customers"]["created"], 0, "{nothing}");
}

#[tokio::test]
async fn a_dry_run_foretells_a_later_run_as_well() {
    let stage = shop().await;
    stage.run(&[]);
    let corrected = CRM.replace("Ana Lúcia Gonçalves;", "Ana Lúcia Gonçalves Neto;").replace("2;João", "6;João");
    stage.write("crm.csv", &windows_1252(&corrected));
    let foretold = stage.run(&["--dry-run"]);
    let done = stage.run(&[]);
    assert_eq!(foretold["customers"], done["customers"], "{foretold} {done}");
    assert_eq!(foretold["customers_total"], done["customers_total"]);
}

#[tokio::test]
async fn a_dry_run_over_an_older_and_the_present_version_foretells_nothing() {
    let yaml = "project: p\ncountry: BR\nsources:\n  crm: {connector: files, path: \"crm*.csv\", record: person, key: id,\n    \
        updated_at: changed, fields: {full_name: name}}\n";
    let day = |name: &str, month: u32| format!("id,name,changed\n1,{name},2026-0{month}-01\n2,Bruno Lima,2026-01-01\n");
    let (old, new) = (day("Ana Souza", 1), day("Ana Souza Dias", 2));
    let stage = Stage::new(yaml, &[("crm1.csv", old.as_bytes()), ("crm2.csv", new.as_bytes())]).await;
    stage.run(&[]);
    for arguments in [&["--dry-run"][..], &[], &["--dry-run", "--full"]] {
        let told = stage.run(arguments);
        let source = &told["sources"][0];
        assert_eq!((&source["changed"], &source["unchanged"]), (&0.into(), &4.into()), "{arguments:?}: {told}");
        assert_eq!(told["customers"]["updated"], 0, "{arguments:?}: {told}");
    }
}

#[tokio::test]
async fn a_dry_run_foretells_what_dates_and_repetitions_decide() {
    let yaml = "project: p\ncountry: BR\nsources:\n  crm: {connector: files, path: \"crm*.csv\", record: person, key: id,\n    \
        updated_at: changed, deleted: {column: gone, values: [S]}, fields: {full_name: name}}\n";
    let deliveries: [(&str, &[&str]); 8] = [
        ("crm2.csv", &["1,Ana A,,", "2,Bruno Lima,2026-01-01,"]),
        ("crm1.csv", &["1,Ana C,,", "1,Ana C,,"]),
        ("crm3.csv", &["2,Bruno Lima,2026-02-01,S"]),
        ("crm4.csv", &["2,Bruno Lima Neto,2026-01-15,", "3,Carla Prado,2026-01-15,", "3,Carla Prado Dias,2026-01-10,"]),
        ("crm5.csv", &["2,Bruno,2026-01-20,S", "3,Carla Prado,2026-01-15,"]),
        ("crm6.csv", &["3,Carla P,2026-03-01,", "3,Carla Prado,2026-01-15,", "3,Carla P,2026-03-01,"]),
        ("crm7.csv", &["2,Bruno Lima,2026-04-01,"]),
        ("crm0.csv", &["1,Ana A,,"]),
    ];
    let stage = Stage::new(yaml, &[]).await;
    for (file, rows) in deliveries {
        stage.write(file, format!("id,name,changed,gone\n{}\n", rows.join("\n")).as_bytes());
        for again in [false, true] {
            let (foretold, done) = (stage.run(&["--dry-run"]), stage.run(&[]));
            for told in ["customers", "customers_total", "status", "sources"] {
                assert_eq!(foretold[told], done[told], "{told} with {file}, again: {again}");
            }
        }
    }
}

#[tokio::test]
async fn a_record_that_turns_out_to_be_of_the_other_kind_leaves_its_customer() {
    let stage = shop().await;
    stage.run(&[]);
    let corrected = crate::shop::ERP.replace("02,2,PEDRO H ARAUJO,,", "02,2,ARAUJO PNEUS LTDA,11.444.777/0001-61,");
    stage.write("erp.csv", corrected.as_bytes());
    stage.run(&[]);
    let kinds = "SELECT count(*) FROM crm.customer_source s JOIN crm.customer c USING (customer_id)
                 WHERE s.source_key = '[\"02\",\"2\"]' AND c.kind = 'organization'";
    assert_eq!(stage.count(kinds).await, 1);
    stage.run(&["--full"]);
}
