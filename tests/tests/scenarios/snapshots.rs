//! Deliveries that hold all that a source has: absence deletes, never by mistake.

use crate::shop::{CRM, YAML, shop, windows_1252};
use vinculo_tests::Stage;

const OF_CRM: &str = "SELECT count(*) FROM crm.customer_source WHERE source = 'crm'";

/// The shop with a CRM that delivers snapshots, with this line added to it, and one run behind it.
async fn snapshots_with(line: &str) -> Stage {
    let stage = shop().await;
    let yaml = YAML.replace("trust: 80", &format!("trust: 80\n    delivery: snapshot\n    {line}"));
    stage.write("vinculo.yaml", yaml.as_bytes());
    stage.run(&[]);
    stage
}

/// The CRM with other text instead of a line, or without the line.
fn crm_with(key: &str, other: Option<&str>) -> Vec<u8> {
    let lines = CRM.lines().filter_map(|line| if line.starts_with(key) { other } else { Some(line) });
    windows_1252(&lines.map(|line| format!("{line}\n")).collect::<String>())
}

#[tokio::test]
async fn a_snapshot_deletes_what_it_does_not_hold_but_never_most_of_a_source() {
    let stage = snapshots_with("").await;
    stage.write("crm.csv", &crm_with("5;", None));
    let outcome = stage.vinculo(&["run"]);
    assert_eq!(outcome.code, Some(1));
    assert_eq!(outcome.summary()["sources"][0]["state"], "refused");
    assert_eq!(stage.count(OF_CRM).await, 5);
    let allowed = stage.run(&["--allow-shrink"]);
    assert_eq!(allowed["sources"][0]["deleted"], 1, "{allowed}");
    assert_eq!(stage.count(OF_CRM).await, 4);
}

#[tokio::test]
async fn a_rejected_row_whose_key_cannot_be_read_keeps_a_snapshot_from_deleting_and_is_told() {
    let stage = snapshots_with("max_reject_ratio: 0.5").await;
    stage.write("crm.csv", &crm_with("5;", Some("5;broken")));
    let foretold = stage.run(&["--dry-run"]);
    let summary = stage.run(&[]);
    for summary in [foretold, summary] {
        assert_eq!(summary["sources"][0]["deleted"], 0, "{summary}");
        let note = summary["sources"][0]["note"].as_str().unwrap();
        assert!(note.contains("1 rejected row has a key that could not be read"), "{note}");
    }
    assert_eq!(stage.count(OF_CRM).await, 5);
}

#[tokio::test]
async fn a_rejected_row_whose_key_can_be_read_is_not_gone_and_the_others_that_lack_are() {
    let stage = snapshots_with("max_reject_ratio: 0.5").await;
    // A NUL in a name rejects the row, and leaves its key readable; João is not there any more.
    let with_nul = CRM.replace("Francisca das Chagas Lima", "Francisca\0das Chagas Lima");
    let lines = with_nul.lines().filter(|line| !line.starts_with("2;")).map(|line| format!("{line}\n"));
    stage.write("crm.csv", &windows_1252(&lines.collect::<String>()));
    let foretold = stage.run(&["--dry-run", "--allow-shrink"]);
    let summary = stage.run(&["--allow-shrink"]);
    for summary in [&foretold, &summary] {
        let crm = &summary["sources"][0];
        assert_eq!((&crm["rejected"], &crm["deleted"]), (&1.into(), &1.into()), "{crm}");
        assert!(crm["note"].is_null(), "{crm}");
    }
    assert_eq!(foretold["customers"], summary["customers"]);
    let left = stage.rows("SELECT source_key FROM crm.customer_source WHERE source = 'crm' ORDER BY 1").await;
    let left: Vec<_> = left.iter().map(|row| row.replace(r#"{"source_key":"#, "")).collect();
    assert_eq!(left, ["\"1\"}", "\"3\"}", "\"4\"}", "\"5\"}"]);
}

#[tokio::test]
async fn a_row_of_an_unknown_kind_is_not_gone_from_a_snapshot() {
    let stage = shop().await;
    let yaml = YAML.replace(
        "record: person\n    key: codigo",
        "delivery: snapshot\n    max_reject_ratio: 0.5\n    record: {column: tipo, person: [F], organization: [J]}\n    key: codigo",
    );
    stage.write("vinculo.yaml", yaml.as_bytes());
    let with_kind = |of_last: &str| {
        let kind = |line: &str| match line.split(';').next() {
            Some("codigo") => "tipo".to_owned(),
            Some("5") => of_last.to_owned(),
            _ => "F".to_owned(),
        };
        windows_1252(&CRM.lines().map(|line| format!("{line};{}\n", kind(line))).collect::<String>())
    };
    stage.write("crm.csv", &with_kind("F"));
    stage.run(&[]);
    stage.write("crm.csv", &with_kind("?"));
    let summary = stage.run(&[]);
    let crm = &summary["sources"][0];
    assert_eq!((&crm["rejected"], &crm["deleted"]), (&1.into(), &0.into()), "{crm}");
    assert!(crm["note"].is_null(), "{crm}");
    assert_eq!(stage.count(OF_CRM).await, 5);
}
