//! Data written by others, with nothing but a field mapping: how well the engine does without labels or tuning.

use std::path::Path;
use vinculo_tests::Stage;

/// Runs and evaluates one set; its pairwise F1 must be at least this.
async fn is_resolved(set: &str, least: f64) {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("data");
    let read = |name: &str| std::fs::read(data.join(name)).expect("a public set");
    let [yaml, records, truth] = ["yaml", "csv", "truth.csv"].map(|ending| format!("{set}.{ending}"));
    let yaml = String::from_utf8(read(&yaml)).expect("a mapping in UTF-8");
    let stage = Stage::new(&yaml, &[(&records, &read(&records)), (&truth, &read(&truth))]).await;
    stage.run(&[]);
    let truth = stage.folder().join(&truth);
    let outcome = stage.vinculo(&["evaluate", "--json", "--truth", truth.to_str().expect("a path")]);
    assert_eq!(outcome.code, Some(0), "{}", outcome.stderr);
    let evaluation: serde_json::Value = serde_json::from_str(&outcome.stdout).expect("an evaluation in JSON");
    let f1 = evaluation["pairwise"]["f1"].as_f64().expect("a pairwise F1");
    assert!(f1 >= least, "{set}: pairwise F1 {f1:.4}");
}

#[tokio::test]
async fn febrl1_is_resolved() {
    is_resolved("febrl1", 0.98).await;
}

#[tokio::test]
async fn febrl2_is_resolved() {
    is_resolved("febrl2", 0.98).await;
}

#[tokio::test]
async fn febrl3_is_resolved() {
    is_resolved("febrl3", 0.98).await;
}

#[tokio::test]
async fn fake_1000_is_resolved() {
    is_resolved("fake_1000", 0.90).await;
}

#[tokio::test]
async fn patent_holders_are_resolved() {
    is_resolved("patstat", 0.90).await;
}
