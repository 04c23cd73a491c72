//! The files of the shop: every record stands in the truth once, and the same seed gives the same bytes.

use calamine::{Data, Reader, Xlsx, open_workbook};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Read;
use std::path::Path;
use vinculo_testkit::files::{loja, register};
use vinculo_testkit::{Rates, Settings};

fn settings(records: u64) -> Settings {
    Settings { seed: 1, records, organizations: 200, rates: Rates::REALISTIC }
}

/// The keys of each source in the truth.
fn truth(folder: &Path) -> BTreeMap<String, BTreeSet<String>> {
    let mut keys: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for line in csv::Reader::from_path(folder.join("truth.csv")).unwrap().records() {
        let line = line.unwrap();
        let is_new = keys.entry(line[0].to_owned()).or_default().insert(line[1].to_owned());
        assert!(is_new, "a record stands in the truth twice");
    }
    keys
}

fn crm_keys(folder: &Path) -> BTreeSet<String> {
    let bytes = fs::read(folder.join("data/crm.csv")).unwrap();
    let (text, _, _) = encoding_rs::WINDOWS_1252.decode(&bytes);
    let mut lines = csv::ReaderBuilder::new().delimiter(b';').flexible(true).from_reader(text.as_bytes());
    let whole = lines.records().map(Result::unwrap).filter(|line| line.len() == 22 && ["F", "J"].contains(&&line[1]));
    whole.map(|line| line[0].to_owned()).filter(|key| !key.is_empty()).collect()
}

fn erp_keys(folder: &Path) -> BTreeSet<String> {
    let mut workbook: Xlsx<_> = open_workbook(folder.join("data/erp.xlsx")).unwrap();
    let sheet = workbook.worksheet_range("Clientes").unwrap();
    let numbers = sheet.rows().filter(|row| matches!(row[3], Data::Float(_))).count();
    assert!(numbers > 0, "some identifiers are numbers");
    let keys = sheet.rows().skip(1).filter_map(|row| match &row[0] {
        Data::String(key) => Some(key.clone()),
        _ => None,
    });
    keys.collect()
}

fn webshop_keys(folder: &Path) -> BTreeSet<String> {
    let text = fs::read_to_string(folder.join("data/webshop.jsonl")).unwrap();
    let objects = text.lines().filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok());
    objects.filter_map(|object| Some(object.get("id")?.as_str()?.to_owned())).collect()
}

fn pdv_keys(folder: &Path) -> BTreeSet<String> {
    let mut text = String::new();
    let file = fs::File::open(folder.join("data/pdv.tsv.gz")).unwrap();
    flate2::read::GzDecoder::new(file).read_to_string(&mut text).unwrap();
    let lines = text.lines().skip(1).map(|line| line.split('\t').collect::<Vec<_>>());
    let whole = lines.filter(|cells| cells.len() == 12);
    whole.map(|cells| format!("[\"{}\",\"{}\"]", cells[0], cells[1])).collect()
}

#[test]
fn every_readable_record_of_the_shop_stands_in_the_truth_once() {
    let folder = tempfile::tempdir().unwrap();
    loja::write(&settings(10_000), folder.path()).unwrap();
    let truth = truth(folder.path());
    assert_eq!(truth.values().map(BTreeSet::len).sum::<usize>(), 10_000);
    assert_eq!(truth["crm"], crm_keys(folder.path()));
    assert_eq!(truth["erp"], erp_keys(folder.path()));
    assert_eq!(truth["webshop"], webshop_keys(folder.path()));
    assert_eq!(truth["pdv"], pdv_keys(folder.path()));
}

#[test]
fn the_same_seed_gives_the_same_bytes() {
    let (one, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    for folder in [&one, &other] {
        loja::write(&settings(2_000), folder.path()).unwrap();
        register::write(&settings(2_000), folder.path()).unwrap();
    }
    let files = [
        "data/crm.csv",
        "data/erp.xlsx",
        "data/webshop.jsonl",
        "data/pdv.tsv.gz",
        "persons.csv",
        "organizations.csv",
        "truth.csv",
        "vinculo.yaml",
    ];
    for file in files {
        let bytes = |folder: &tempfile::TempDir| fs::read(folder.path().join(file)).unwrap();
        assert!(bytes(&one) == bytes(&other), "{file}");
    }
}

#[test]
fn the_committed_shop_is_the_one_that_the_generator_writes() {
    let committed = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/loja");
    let folder = tempfile::tempdir().unwrap();
    loja::write(&settings(10_000), folder.path()).unwrap();
    for file in ["data/crm.csv", "data/webshop.jsonl", "truth.csv"] {
        let is_same = fs::read(committed.join(file)).unwrap() == fs::read(folder.path().join(file)).unwrap();
        assert!(is_same, "{file}: run `cargo run --release -p vinculo-testkit -- loja --out examples/loja`");
    }
}

#[test]
fn the_register_lists_every_record_once_with_all_its_columns() {
    let folder = tempfile::tempdir().unwrap();
    let (persons, organizations) = register::write(&settings(5_000), folder.path()).unwrap();
    assert_eq!(persons + organizations, 5_000);
    let truth = truth(folder.path());
    for source in ["persons", "organizations"] {
        let mut lines = csv::Reader::from_path(folder.path().join(format!("{source}.csv"))).unwrap();
        let keys: BTreeSet<String> = lines.records().map(|line| line.unwrap()[0].to_owned()).collect();
        assert_eq!(truth[source], keys);
    }
}
