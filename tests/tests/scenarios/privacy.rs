//! No personal value leaves by a side door: not by a log, an error, a progress line or a run's record.

use crate::shop::{CRM, YAML, shop, windows_1252};

/// Words that stand in the data and nowhere else.
const CANARIES: [&str; 8] =
    ["Conceição", "Conceicao", "52998224725", "529.982.247-25", "98765-4321", "gmail.com", "PADARIA", "Chagas"];

fn assert_silent(where_: &str, text: &str) {
    for canary in CANARIES {
        assert!(!text.contains(canary), "{canary} is told by {where_}: {text}");
    }
}

#[tokio::test]
async fn a_run_tells_no_personal_value_even_at_the_highest_log_level() {
    let stage = shop().await;
    let broken = format!("{CRM}6;Conceição;gmail.com\n\"7;Maria Chagas 52998224725\n");
    stage.write("crm.csv", &windows_1252(&broken));
    stage.write("vinculo.yaml", YAML.replace("trust: 80", "trust: 80\n    max_reject_ratio: 0.9").as_bytes());
    for arguments in [&["run"][..], &["run", "--log-format", "json"], &["status"], &["rejects"], &["discover"]] {
        let outcome: vinculo_tests::Outcome =
            stage.command(arguments).env("VINCULO_LOG", "trace").output().expect("vinculo can be started").into();
        assert_silent(&arguments.join(" "), &outcome.stderr);
        assert_silent(&arguments.join(" "), &outcome.stdout);
    }
    for row in stage.rows("SELECT * FROM audit.run").await {
        assert_silent("audit.run", &row);
    }
}

#[tokio::test]
async fn no_customer_has_two_valid_tax_ids_of_one_type() {
    let stage = shop().await;
    stage.run(&[]);
    let twice = "SELECT count(*) FROM crm.customer
                 WHERE (SELECT count(*) FROM unnest(tax_ids) id WHERE length(id) = 11) > 1";
    assert_eq!(stage.count(twice).await, 0);
    let same_phone_and_mailbox = "SELECT count(DISTINCT customer_id) FROM crm.customer_source
                                  WHERE (source, source_key) IN (('crm', '4'), ('webshop', '904'))";
    assert_eq!(stage.count(same_phone_and_mailbox).await, 2, "two people who share a mailbox and a phone");
}
