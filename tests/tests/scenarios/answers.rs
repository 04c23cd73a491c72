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
