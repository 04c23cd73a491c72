//! The past: how a customer looked, how it came to be, and what auditors ask.

use crate::identity::{MARIA, PEDRO, customer, deliver, json, stage};
use serde_json::Value;
use vinculo_tests::Stage;

const BIA: &str = "2,Beatriz Lima,1991-01-15,390.533.447-05,bia.lima@uol.com.br,21998765432\n";
const AUDIT: &str = include_str!("../../../docs/how-to/audit.md");

/// Maria and Beatriz, whose record then says that she is Maria: the ids of both, the first of which lives on.
async fn merged() -> (Stage, String, String) {
    let stage = stage(&[MARIA, BIA, PEDRO]).await;
    let (maria, bia) = (customer(&stage, "1"), customer(&stage, "2"));
    deliver(&stage, &[MARIA, &MARIA.replacen('1', "2", 1), PEDRO]);
    let lives = customer(&stage, "1");
    let gone = if lives == maria { bia } else { maria };
    (stage, lives, gone)
}

/// A time that a query gives, as `--on` takes it.
async fn time(stage: &Stage, query: &str) -> String {
    let rows = stage.rows(&format!("SELECT ({query}) AT TIME ZONE 'UTC' AS at")).await;
    serde_json::from_str::<Value>(&rows[0]).unwrap()["at"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn lineage_answers_for_every_version_and_time_and_for_ids_that_no_longer_live() {
    let (stage, lives, gone) = merged().await;
    let then = time(&stage, "SELECT published_at FROM audit.publication WHERE publication = 1").await;
    let early = json(&stage, &["lineage", &gone, "--version", "1", "--json"]);
    assert_eq!((&early["customer_id"], &early["leads_to"]), (&gone.as_str().into(), &lives.as_str().into()), "{early}");
    assert_eq!(early["records"].as_array().unwrap().len(), 1);
    assert!(early["values"].as_array().unwrap().iter().all(|value| value["file"].is_string()), "{early}");
    assert_eq!(json(&stage, &["lineage", &gone, "--on", &then, "--json"]), early);
    // A record finds the customer that it belonged to.
    let key = early["records"][0][1].as_str().unwrap();
    assert_eq!(json(&stage, &["lineage", "crm", key, "--on", &then, "--json"])["customer_id"], gone.as_str());
    let now = json(&stage, &["lineage", &gone, "--json"]);
    assert_eq!((&now["customer_id"], &now["asked_for"]), (&lives.as_str().into(), &gone.as_str().into()), "{now}");
    assert_eq!(now["records"].as_array().unwrap().len(), 2);
    assert_eq!(json(&stage, &["lineage", &gone, "--on", "2999-12-31", "--json"])["customer_id"], lives.as_str());
    let text = stage.vinculo(&["lineage", "crm", "1"]).stdout;
    assert!(text.contains("of crm 1: "), "{text}");
    for (arguments, told) in [
        (["--version", "9"], "never had this version"),
        (["--on", "1999-12-31"], "was not known yet"),
        (["--on", "yesterday"], "that is no time"),
    ] {
        let refused = stage.vinculo(&[&["lineage", &lives], &arguments[..]].concat());
        assert!(refused.stderr.contains(told), "{}", refused.stderr);
    }
}

#[tokio::test]
async fn memberships_of_the_past_are_kept_and_those_of_the_present_stand_once() {
    let (stage, lives, gone) = merged().await;
    let kept = "SELECT count(*) FROM vinculo.membership_history";
    assert_eq!(stage.count(kept).await, 1, "only what changed");
    let spans = "SELECT customer_id, from_publication, to_publication FROM audit.membership_history
        WHERE record_id IN (SELECT record_id FROM vinculo.membership_history) ORDER BY 2";
    let expected = [(&gone, "1", "2"), (&lives, "2", "null")].map(|(customer, from, to)| {
        format!(r#"{{"customer_id":"{customer}","from_publication":{from},"to_publication":{to}}}"#)
    });
    assert_eq!(stage.rows(spans).await, expected);
}

#[tokio::test]
async fn a_customers_story_tells_each_join_refusal_merge_and_split_with_its_evidence() {
    let (stage, lives, gone) = merged().await;
    deliver(&stage, &[MARIA, BIA, PEDRO]);
    let story = json(&stage, &["how", &lives, "--json"]);
    let steps = story["steps"].as_array().unwrap();
    assert_eq!(steps.iter().map(|step| &step["publication"]).collect::<Vec<_>>(), [1, 2, 3], "{story}");
    let (merge, split) = (&steps[1], &steps[2]);
    assert_eq!(merge["came"][0]["customer"], gone.as_str(), "{story}");
    let join = &merge["joins"][0];
    assert!(join["weight"].as_i64().unwrap() > 0 && join["model"].is_i64(), "{story}");
    let compared = join["levels"].as_array().unwrap();
    assert!(compared.iter().any(|reached| reached["comparison"] == "tax_id"), "{story}");
    let happened = |step: &Value| {
        let events = step["events"].as_array().unwrap().iter();
        events.map(|event| event["change"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(happened(merge), ["updated", "took_in"]);
    assert_eq!(split["left"][0]["customer"], gone.as_str(), "{story}");
    assert!(happened(split).contains(&"gave_off".to_owned()), "{story}");
    let other = json(&stage, &["how", &gone, "--json"]);
    let fate: Vec<_> = other["steps"].as_array().unwrap().iter().flat_map(happened).collect();
    assert_eq!(fate, ["created", "merged", "split"], "{other}");
    let text = stage.vinculo(&["how", &lives]).stdout;
    for told in ["publication 2", "`vinculo run` (run 2)", "came: crm ", "joined: crm 1 and crm 2", "bits under model"]
    {
        assert!(text.contains(told), "{told}: {text}");
    }
}

/// The queries of the page, each with the question above it.
fn questions() -> Vec<(String, String)> {
    let mut questions = Vec::new();
    let mut question = "";
    let mut lines = AUDIT.lines();
    while let Some(line) = lines.next() {
        match line {
            "```sql" => {
                let query: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
                questions.push((question.to_owned(), query.join("\n").replace(';', "")));
            }
            _ if line.starts_with("**") => question = line,
            _ => {}
        }
    }
    questions
}

/// Tables that grow with the customers.
const GROWING: [&str; 12] = [
    "customer",
    "customer_source",
    "customer_redirect",
    "customer_change",
    "customer_history",
    "membership_history",
    "publication",
    "source_record",
    "source_record_version",
    "decision",
    "judgement",
    "reject",
];

/// Makes the planner believe that each growing table holds a million rows, none of them the same.
async fn pretend_to_be_large(stage: &Stage) {
    let tables = GROWING.map(|table| format!("'{table}'")).join(", ");
    stage
        .execute(&format!(
            "ANALYZE;
             UPDATE pg_class SET reltuples = 1000000, relpages = 1
             WHERE relnamespace IN ('crm'::regnamespace, 'vinculo'::regnamespace)
                 AND (relname IN ({tables}) OR oid IN (
                     SELECT indexrelid FROM pg_index JOIN pg_class t ON t.oid = indrelid WHERE t.relname IN ({tables})))"
        ))
        .await;
}

/// Every look at a growing table in a plan that is not by an index and a condition on it.
fn looks_at_everything(plan: &Value, found: &mut Vec<String>) {
    let kind = plan["Node Type"].as_str().unwrap_or_default();
    let table = plan["Relation Name"].as_str().unwrap_or_default();
    if GROWING.contains(&table) && kind != "Bitmap Heap Scan" && plan["Index Cond"].is_null() {
        found.push(format!("{kind} of {table}"));
    }
    if kind == "Bitmap Index Scan" && plan["Index Cond"].is_null() {
        found.push(format!("{kind} {}", plan["Index Name"]));
    }
    plan["Plans"].as_array().into_iter().flatten().for_each(|plan| looks_at_everything(plan, found));
}

#[tokio::test]
async fn every_question_of_an_auditor_is_answered_by_indexed_reads() {
    let stage = stage(&[MARIA, BIA, PEDRO]).await;
    let (maria, bia) = (customer(&stage, "1"), customer(&stage, "2"));
    let yaml = std::fs::read_to_string(stage.folder().join("vinculo.yaml")).unwrap();
    stage.write("vinculo.yaml", yaml.replace("key: id\n", "key: id\n    max_reject_ratio: 0.5\n").as_bytes());
    deliver(&stage, &[MARIA, &MARIA.replacen('1', "2", 1), PEDRO, "5,torn\n"]);
    let judged = stage.vinculo(&["judge", "different", "crm", "1", "crm", "3", "--reason", "I know both"]);
    assert_eq!(judged.code, Some(0), "{}", judged.stderr);
    pretend_to_be_large(&stage).await;
    let lives = customer(&stage, "1");
    let gone = if lives == maria { bia } else { maria };
    let delivery = stage.count("SELECT max(delivery_id) FROM audit.reject").await.to_string();
    let values = |customer: &str| {
        [
            ("customer", customer),
            ("source", "crm"),
            ("key", "1"),
            ("other_source", "crm"),
            ("other_key", "2"),
            ("time", "2999-12-31"),
            ("publication", "2"),
            ("model", "1"),
            ("delivery", &delivery),
            ("cursor", "0"),
        ]
        .map(|(name, value)| (format!(":'{name}'"), format!("'{value}'")))
    };
    let questions = questions();
    assert!(questions.len() >= 15, "{}", questions.len());
    for (question, query) in questions {
        let mut rows = 0;
        for id in [&lives, &gone] {
            let filled = values(id).iter().fold(query.clone(), |query, (name, value)| query.replace(name, value));
            rows += stage.rows(&filled).await.len();
            let explained = stage.explain(&filled).await;
            let mut found = Vec::new();
            looks_at_everything(&explained[0]["Plan"], &mut found);
            assert!(found.is_empty(), "{question} {found:?}\n{explained:#}");
        }
        assert!(rows > 0, "{question} has no answer");
    }
    // Without its index, a question is seen to look at everything.
    stage.execute("DROP INDEX crm.customer_source_customer").await;
    let query = format!("SELECT * FROM audit.membership_history WHERE customer_id = '{lives}'");
    let mut found = Vec::new();
    looks_at_everything(&stage.explain(&query).await[0]["Plan"], &mut found);
    assert_eq!(found, ["Seq Scan of customer_source"]);
}
