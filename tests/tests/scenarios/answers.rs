//! What people ask the program: who is this, where does it come from, why are they one.

use crate::shop::shop;
use serde_json::Value;

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

#[tokio::test]
async fn lineage_names_source_file_line_and_rule_of_every_value() {
    let stage = shop().await;
    stage.run(&[]);
    let outcome = stage.vinculo(&["lineage", "crm", "1", "--json"]);
    assert_eq!(outcome.code, Some(0), "{}", outcome.stderr);
    let lineage = json(&outcome.stdout);
    let values = lineage["values"].as_array().unwrap();
    let tax_id = values.iter().find(|value| value["attribute"] == "tax_id").expect("a tax id");
    assert_eq!(tax_id["value"], "52998224725");
    assert!(["crm", "webshop", "erp"].contains(&tax_id["source"].as_str().unwrap()));
    for value in values {
        assert!(value["file"].is_string() && value["line"].is_u64() && value["rule"].is_string(), "{value}");
    }
    let by_id = stage.vinculo(&["lineage", lineage["customer_id"].as_str().unwrap(), "--json"]);
    assert_eq!(json(&by_id.stdout), lineage);
}

#[tokio::test]
async fn explain_adds_up_to_the_weight_that_it_states() {
    let stage = shop().await;
    stage.run(&[]);
    let outcome = stage.vinculo(&["explain", "crm", "1", "webshop", "901", "--json"]);
    assert_eq!(outcome.code, Some(0), "{}", outcome.stderr);
    let waterfall = json(&outcome.stdout);
    assert_eq!(waterfall["same_customer"], true, "{waterfall}");
    let weights = &waterfall["waterfall"];
    let steps: i64 = weights["steps"].as_array().unwrap().iter().map(|step| step["weight"].as_i64().unwrap()).sum();
    let sum = weights["prior"].as_i64().unwrap() + steps + weights["household"].as_i64().unwrap();
    assert_eq!(sum, weights["weight"].as_i64().unwrap(), "{waterfall}");
    let text = stage.vinculo(&["explain", "crm", "4", "webshop", "904"]);
    assert_eq!(text.code, Some(0), "{}", text.stderr);
    assert!(text.stdout.contains("two customers"), "{}", text.stdout);
}

#[tokio::test]
async fn wrong_usage_and_wrong_configuration_end_with_two() {
    let stage = shop().await;
    assert_eq!(stage.vinculo(&["run", "--select", "crmm"]).code, Some(2));
    assert_eq!(stage.vinculo(&["fly"]).code, Some(2));
    stage.write("vinculo.yaml", b"project: x\nsourcs: {}\n");
    let outcome = stage.vinculo(&["run"]);
    assert_eq!(outcome.code, Some(2));
    assert!(outcome.stderr.contains("did you mean `sources`?"), "{}", outcome.stderr);
}

#[tokio::test]
async fn what_does_not_exist_is_said_plainly() {
    let stage = shop().await;
    stage.run(&[]);
    let outcome = stage.vinculo(&["lineage", "crm", "4711"]);
    assert_eq!(outcome.code, Some(1));
    assert!(outcome.stderr.contains("no record"), "{}", outcome.stderr);
}

#[tokio::test]
async fn psql_reaches_the_projects_database() {
    let stage = shop().await;
    stage.run(&[]);
    let mut command = stage.command(&["db", "psql"]);
    let outcome: vinculo_tests::Outcome = command
        .args(["--", "-Atc", "SELECT count(*) FROM crm.customer_source"])
        .output()
        .expect("vinculo can be started")
        .into();
    assert_eq!(outcome.code, Some(0), "{}", outcome.stderr);
    assert_eq!(outcome.stdout.trim(), "15");
}

#[tokio::test]
async fn before_the_first_run_questions_are_answered_without_changing_the_database() {
    let stage = shop().await;
    let outcome = stage.vinculo(&["status"]);
    assert_eq!(outcome.code, Some(1));
    assert!(outcome.stderr.contains("nothing has been run yet"), "{}", outcome.stderr);
    assert_eq!(stage.count("SELECT count(*) FROM pg_namespace WHERE nspname = 'crm'").await, 0);
}
