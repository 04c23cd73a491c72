//! The sample shop and generated records, whose truth is known.

use std::path::{Path, PathBuf};
use vinculo_testkit::{Rates, Settings, files};
use vinculo_tests::Stage;

/// A stage with all files of a folder.
async fn stage_of(folder: &Path) -> Stage {
    let yaml = std::fs::read_to_string(folder.join("vinculo.yaml")).expect("a project");
    let stage = Stage::new(&yaml, &[]).await;
    copy(folder, folder, &stage);
    stage
}

fn copy(root: &Path, folder: &Path, stage: &Stage) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path: PathBuf = entry.expect("an entry").path();
        if path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.')) {
            continue;
        }
        if path.is_dir() {
            copy(root, &path, stage);
        } else {
            let name = path.strip_prefix(root).expect("below the root").to_string_lossy().into_owned();
            stage.write(&name, &std::fs::read(&path).expect("a file"));
        }
    }
}

#[tokio::test]
async fn the_sample_shop_is_unified_as_promised() {
    let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/loja");
    let stage = stage_of(&sample).await;
    let summary = stage.run(&[]);
    let rejected: u64 =
        summary["sources"].as_array().unwrap().iter().map(|source| source["rejected"].as_u64().unwrap()).sum();
    assert_eq!(rejected, 7, "{summary}");
    let truth = stage.folder().join("truth.csv");
    let outcome = stage.vinculo(&["evaluate", "--json", "--truth", truth.to_str().unwrap()]);
    let evaluation: serde_json::Value = serde_json::from_str(&outcome.stdout).unwrap();
    let pairwise = |figure: &str| evaluation["pairwise"][figure].as_f64().unwrap();
    assert!(pairwise("precision") >= 0.99, "{evaluation}");
    assert!(pairwise("recall") >= 0.97, "{evaluation}");

    let two_cpfs = "SELECT count(*) FROM crm.customer WHERE kind = 'person'
                    AND (SELECT count(*) FROM unnest(tax_ids) id WHERE length(id) = 11) > 1";
    assert_eq!(stage.count(two_cpfs).await, 0);
    let two_cnpjs = "SELECT count(*) FROM crm.customer WHERE kind = 'organization'
                     AND (SELECT count(*) FROM unnest(tax_ids) id WHERE length(id) = 14) > 1";
    assert_eq!(stage.count(two_cnpjs).await, 0);
    assert_eq!(stage.count("SELECT count(*) FROM crm.customer WHERE name IS NULL AND tax_id IS NULL").await, 0);
    let unnamed_rules = "SELECT count(*) FROM audit.value_lineage WHERE rule IS NULL OR source IS NULL";
    assert_eq!(stage.count(unnamed_rules).await, 0);
}

#[tokio::test]
async fn a_model_of_many_records_stays_in_force_until_it_is_trained_anew() {
    let folder = tempfile::tempdir().expect("a folder");
    let settings = Settings { seed: 7, records: 24_000, organizations: 50, rates: Rates::REALISTIC };
    files::register::write(&settings, folder.path()).expect("generated records");
    let stage = stage_of(folder.path()).await;
    let first = stage.run(&[]);
    let persons = |summary: &serde_json::Value| summary["resolution"][0].clone();
    assert!(persons(&first)["training"].is_object(), "{first}");

    let mut persons_csv = std::fs::read_to_string(folder.path().join("persons.csv")).expect("persons");
    let last = persons_csv.lines().last().expect("a person").to_owned();
    let (_, rest) = last.split_once(',').expect("a key");
    persons_csv.push_str(&format!("another,{rest}\n"));
    stage.write("persons.csv", persons_csv.as_bytes());
    let second = stage.run(&[]);
    assert!(persons(&second)["training"].is_null(), "{second}");
    assert_eq!(persons(&second)["model"], persons(&first)["model"]);
    assert_eq!(second["customers"]["created"], 0, "{second}");

    let third = stage.run(&["--full"]);
    assert!(persons(&third)["training"].is_object(), "{third}");
    assert_eq!(stage.count("SELECT count(*) FROM vinculo.model WHERE kind = 'person'").await, 2);
}
