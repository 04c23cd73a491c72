//! The project's file changes: what was delivered is read anew, sources go, attributes are declared otherwise.

use crate::shop::{CRM, YAML, shop, windows_1252};
use serde_json::Value;
use vinculo_tests::Stage;

#[tokio::test]
async fn a_changed_mapping_normalizes_anew_and_a_dry_run_foretells_it() {
    let stage = shop().await;
    stage.run(&[]);
    stage.write("vinculo.yaml", YAML.replace("      city: cidade\n  webshop", "  webshop").as_bytes());
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
    stage.write("vinculo.yaml", YAML.replace("key: codigo", "key: email").as_bytes());
    stage.write("webshop.jsonl", crate::shop::WEBSHOP.replace("joao.souza@hotmail", "joao.souza@yahoo").as_bytes());
    let outcome = stage.vinculo(&["run"]);
    assert_eq!(outcome.code, Some(1), "{}", outcome.stderr);
    assert!(outcome.stderr.contains("another name"), "{}", outcome.stderr);
    let summary = outcome.summary();
    assert_eq!(summary["sources"][0]["state"], "failed", "{summary}");
    assert_eq!(summary["customers"]["updated"], 1, "the others are published: {summary}");
}

#[tokio::test]
async fn a_misspelled_column_empties_nothing() {
    let stage = shop().await;
    stage.run(&[]);
    let mails = "SELECT count(*) FROM crm.customer WHERE email IS NOT NULL";
    let before = stage.count(mails).await;
    stage.write(
        "vinculo.yaml",
        YAML.replace("      email: email\n      phone: [", "      email: e-mail\n      phone: [").as_bytes(),
    );
    for arguments in [&["run", "--dry-run"][..], &["run"]] {
        let outcome = stage.vinculo(arguments);
        assert_eq!(outcome.code, Some(1), "{}", outcome.stderr);
        assert!(outcome.stderr.contains("names `e-mail`, which the file does not have"), "{}", outcome.stderr);
        assert_eq!(outcome.summary()["customers"]["updated"], 0, "{}", outcome.stdout);
    }
    assert_eq!(stage.count(mails).await, before);
}

/// Runs a changed project, first dry; both must tell the same of customers. Gives what the run told.
fn run_as_foretold(stage: &Stage, yaml: &str) -> Value {
    stage.write("vinculo.yaml", yaml.as_bytes());
    let foretold = stage.run(&["--dry-run"]);
    let done = stage.run(&[]);
    assert_eq!(foretold["customers"], done["customers"], "{foretold} {done}");
    assert_eq!(foretold["renormalized"], done["renormalized"]);
    assert_eq!(stage.run(&[])["status"], "unchanged");
    done
}

/// Everybody of the CRM whose city is told by a customer.
const CITIES: &str = "SELECT value FROM audit.value_lineage WHERE source = 'crm' AND attribute = 'city' ORDER BY 1";

#[tokio::test]
async fn another_date_column_may_make_another_version_the_current_one() {
    let stage = shop().await;
    stage.run(&[]);
    // An older change is delivered later, so that it does not count as long as dates do.
    let older = CRM.replace("Fortaleza;11/04/2026", "Natal;11/04/2020");
    stage.write("crm.csv", &windows_1252(&older));
    stage.run(&[]);
    assert!(stage.rows(CITIES).await.iter().any(|city| city.contains("Fortaleza")), "{:?}", stage.rows(CITIES).await);
    let undated = YAML.replace("    updated_at: {column: alterado, format: '%d/%m/%Y %H:%M'}\n", "");
    let done = run_as_foretold(&stage, &undated);
    assert_eq!(done["renormalized"], 5, "{done}");
    assert!(stage.rows(CITIES).await.iter().any(|city| city.contains("Natal")), "{:?}", stage.rows(CITIES).await);
    run_as_foretold(&stage, YAML);
    assert!(stage.rows(CITIES).await.iter().any(|city| city.contains("Fortaleza")));
}

#[tokio::test]
async fn records_that_another_mapping_calls_deleted_go_and_come_back() {
    const OF_CRM: &str = "SELECT count(*) FROM crm.customer_source WHERE source = 'crm'";
    let stage = shop().await;
    stage.run(&[]);
    let before = stage.count(OF_CRM).await;
    let without_curitiba =
        YAML.replace("    trust: 80", "    deleted: {column: cidade, values: [Curitiba]}\n    trust: 80");
    run_as_foretold(&stage, &without_curitiba);
    assert_eq!(stage.count(OF_CRM).await, before - 1);
    run_as_foretold(&stage, YAML);
    assert_eq!(stage.count(OF_CRM).await, before);
    let versions = "SELECT count(*) FROM vinculo.source_record_version";
    assert_eq!(stage.count(versions).await, 15, "nothing was delivered, so there is no new version");
}

#[tokio::test]
async fn columns_that_are_ignored_from_now_on_make_no_new_versions_of_what_was_delivered() {
    let exported = |day: &str| {
        let cell = |line: &str| if line.starts_with("codigo") { "exportado".to_owned() } else { day.to_owned() };
        windows_1252(&CRM.lines().map(|line| format!("{line};{}\n", cell(line))).collect::<String>())
    };
    let stage = shop().await;
    stage.write("crm.csv", &exported("monday"));
    stage.run(&[]);
    let done = run_as_foretold(&stage, &YAML.replace("    trust: 80", "    ignore: [exportado]\n    trust: 80"));
    assert_eq!(done["sources"][0]["unchanged"], 5, "{done}");
    stage.write("crm.csv", &exported("tuesday"));
    assert_eq!(stage.run(&[])["sources"][0]["state"], "unchanged");
}

#[tokio::test]
async fn records_become_of_the_kind_that_another_mapping_tells() {
    let stage = shop().await;
    stage.run(&[]);
    let by_branch = "record: {column: filial, person: ['01'], organization: ['02']}";
    run_as_foretold(&stage, &YAML.replace("record: auto", by_branch));
    let told_otherwise = "SELECT count(*) FROM crm.customer_source s JOIN crm.customer c USING (customer_id)
                          WHERE s.source = 'erp' AND (s.source_key LIKE '[\"01%') <> (c.kind = 'person')";
    assert_eq!(stage.count(told_otherwise).await, 0);
}

#[tokio::test]
async fn a_source_that_is_gone_from_the_file_is_told_and_retired_only_when_asked() {
    let stage = shop().await;
    stage.run(&[]);
    let without_webshop = {
        let (before, rest) = YAML.split_once("  webshop:").unwrap();
        format!("{before}  erp:{}", rest.split_once("  erp:").unwrap().1)
    };
    stage.write("vinculo.yaml", without_webshop.as_bytes());
    let told =
        "webshop is no longer in vinculo.yaml; its 5 records still count; `vinculo run --retire webshop` removes them";
    let outcome = stage.vinculo(&["run"]);
    assert_eq!(outcome.code, Some(0), "{}", outcome.stderr);
    assert!(outcome.stderr.contains(told), "{}", outcome.stderr);
    assert_eq!(outcome.summary()["unlisted"], serde_json::json!([{"source": "webshop", "records": 5}]));
    assert!(stage.vinculo(&["status"]).stdout.contains(told));
    let of_webshop = "SELECT count(*) FROM crm.customer_source WHERE source = 'webshop'";
    assert_eq!(stage.count(of_webshop).await, 5);

    for (name, reason) in [("crm", "still in vinculo.yaml"), ("wrong", "no source `wrong`")] {
        let refused = stage.vinculo(&["run", "--retire", name]);
        assert_eq!(refused.code, Some(2), "{}", refused.stderr);
        assert!(refused.stderr.contains(reason), "{}", refused.stderr);
    }
    let foretold = stage.run(&["--retire", "webshop", "--dry-run"]);
    assert_eq!(stage.count(of_webshop).await, 5);
    let done = stage.run(&["--retire", "webshop"]);
    assert_eq!(foretold["customers"], done["customers"]);
    assert_eq!(done["sources"][2]["deleted"], 5, "{done}");
    assert!(done["unlisted"].is_null(), "{done}");
    assert_eq!(stage.count(of_webshop).await, 0);
    assert!(!stage.vinculo(&["status"]).stdout.contains("no longer in vinculo.yaml"));
    assert_eq!(stage.run(&["--retire", "webshop"])["status"], "unchanged");

    stage.write("vinculo.yaml", YAML.as_bytes());
    stage.run(&[]);
    assert_eq!(stage.count(of_webshop).await, 5, "a source that comes back brings its records back");
}

#[tokio::test]
async fn values_of_a_source_that_is_gone_keep_their_names_when_attributes_are_declared_otherwise() {
    const VALUES: &str = "SELECT attributes FROM crm.customer WHERE attributes <> '{}' ORDER BY attributes::text";
    let people = "id,name,email,club,team\n1,Ana Souza,ana@x.com.br,Chess Club,Blue\n";
    let others = "id,name,email\n7,Rui Prado,rui@y.com.br\n";
    let yaml = |sources: &str, attributes: &str| {
        format!("project: p\ncountry: BR\nattributes: {{{attributes}}}\nsources:\n{sources}")
    };
    let source = |name: &str, more: &str| {
        format!(
            "  {name}:\n    connector: files\n    path: {name}.csv\n    record: person\n    key: id\n    \
             fields: {{full_name: name, email: email{more}}}\n"
        )
    };
    let both = source("people", ", club: club, team: team") + &source("others", "");
    let declared = yaml(&both, "club: {type: text}, team: {type: text}");
    let stage = Stage::new(&declared, &[("people.csv", people.as_bytes()), ("others.csv", others.as_bytes())]).await;
    stage.run(&[]);
    let before = stage.rows(VALUES).await;
    assert_eq!(before.len(), 1);
    // `arm` comes before the others in the order of names, so that every number moves.
    let moved = yaml(&source("others", ""), "arm: {type: text}, club: {type: text}, team: {type: text}");
    stage.write("vinculo.yaml", moved.as_bytes());
    stage.run(&[]);
    assert_eq!(stage.rows(VALUES).await, before);
    let explained = stage.vinculo(&["explain", "people", "1", "others", "7", "--json"]);
    assert_eq!(explained.code, Some(0), "{}", explained.stderr);
    let explained: Value = serde_json::from_str(&explained.stdout).unwrap();
    let of = |name: &str| explained["values"].as_array().unwrap().iter().find(|value| value["attribute"] == name);
    assert!(of("arm").is_none() && of("club").is_some_and(|club| !club["left"].as_array().unwrap().is_empty()));
    stage.write("vinculo.yaml", yaml(&source("others", ""), "team: {type: text}").as_bytes());
    stage.run(&[]);
    let left = stage.rows(VALUES).await;
    assert!(left[0].contains("team") && !left[0].contains("club"), "{left:?}");
    stage.write("vinculo.yaml", declared.as_bytes());
    stage.run(&[]);
    assert_eq!(stage.rows(VALUES).await, before, "nothing was lost meanwhile");
}
