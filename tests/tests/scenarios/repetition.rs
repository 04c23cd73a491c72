//! Delivering again, correcting, refusing: nothing lost, nothing doubled.

use crate::shop::{CRM, shop, windows_1252};

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
    assert_eq!(stage.count("SELECT count(*) FROM vinculo.source_record").await, 0);
    assert_eq!(stage.count("SELECT count(*) FROM crm.customer").await, 0);
    let done = stage.run(&[]);
    assert_eq!(foretold["customers"], done["customers"]);
    let nothing = stage.run(&["--dry-run"]);
    assert_eq!(nothing["customers"]["created"], 0, "{nothing}");
}

#[tokio::test]
async fn a_snapshot_deletes_what_it_does_not_hold_but_never_most_of_a_source() {
    let stage = shop().await;
    let yaml = crate::shop::YAML.replace("trust: 80", "trust: 80\n    delivery: snapshot");
    stage.write("vinculo.yaml", yaml.as_bytes());
    stage.run(&[]);
    let without_last: String = CRM.lines().take(5).map(|line| format!("{line}\n")).collect();
    stage.write("crm.csv", &windows_1252(&without_last));
    let outcome = stage.vinculo(&["run"]);
    assert_eq!(outcome.code, Some(1));
    assert_eq!(outcome.summary()["sources"][0]["state"], "refused");
    assert_eq!(stage.count("SELECT count(*) FROM crm.customer_source WHERE source = 'crm'").await, 5);
    let allowed = stage.run(&["--allow-shrink"]);
    assert_eq!(allowed["sources"][0]["deleted"], 1, "{allowed}");
    assert_eq!(stage.count("SELECT count(*) FROM crm.customer_source WHERE source = 'crm'").await, 4);
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
async fn a_changed_mapping_normalizes_anew_and_a_dry_run_foretells_it() {
    let stage = shop().await;
    stage.run(&[]);
    stage.write("vinculo.yaml", crate::shop::YAML.replace("      city: cidade\n  webshop", "  webshop").as_bytes());
    let foretold = stage.run(&["--dry-run"]);
    let done = stage.run(&[]);
    assert_eq!(done["renormalized"], 5, "{done}");
    assert_eq!(foretold["customers"], done["customers"]);
    assert!(done["customers"]["updated"].as_u64().unwrap() >= 2, "{done}");
    assert!(done["sources"].as_array().unwrap().iter().all(|source| source["state"] == "unchanged"), "{done}");
    let cities = "SELECT count(*) FROM audit.value_lineage WHERE source = 'crm' AND attribute = 'city'";
    assert_eq!(stage.count(cities).await, 0);
}

#[tokio::test]
async fn a_changed_key_is_refused_since_records_would_become_others() {
    let stage = shop().await;
    stage.run(&[]);
    stage.write("vinculo.yaml", crate::shop::YAML.replace("key: codigo", "key: email").as_bytes());
    stage.write("webshop.jsonl", crate::shop::WEBSHOP.replace("Chica", "Francisca").as_bytes());
    let outcome = stage.vinculo(&["run"]);
    assert_eq!(outcome.code, Some(1), "{}", outcome.stderr);
    assert!(outcome.stderr.contains("another name"), "{}", outcome.stderr);
    let summary = outcome.summary();
    assert_eq!(summary["sources"][0]["state"], "failed", "{summary}");
    assert_eq!(summary["customers"]["updated"], 1, "the others are published: {summary}");
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

#[tokio::test]
async fn a_rejected_row_of_a_snapshot_deletes_nothing() {
    let stage = shop().await;
    let yaml = crate::shop::YAML.replace("trust: 80", "trust: 80\n    delivery: snapshot\n    max_reject_ratio: 0.5");
    stage.write("vinculo.yaml", yaml.as_bytes());
    stage.run(&[]);
    let broken: String = CRM
        .lines()
        .map(|line| if line.starts_with("5;") { "5;broken\n".into() } else { format!("{line}\n") })
        .collect();
    stage.write("crm.csv", &windows_1252(&broken));
    let summary = stage.run(&[]);
    assert_eq!(summary["sources"][0]["deleted"], 0, "{summary}");
    assert!(summary["sources"][0]["note"].is_string(), "{summary}");
    assert_eq!(stage.count("SELECT count(*) FROM crm.customer_source WHERE source = 'crm'").await, 5);
}
