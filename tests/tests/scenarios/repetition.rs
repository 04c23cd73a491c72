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
