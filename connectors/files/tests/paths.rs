//! Which files a path names, and which ones are refused before they are opened.

use crate::harness::{Folder, block_on, read_all, refusal_code};
use serde_json::{Value, json};
use std::process::Command;
use vinculo_connector::{Budget, RefusalCode};

fn shown(folder: &Folder, path: Value) -> Vec<String> {
    let delivered = folder.read(&json!({"path": path})).unwrap();
    delivered.origins.into_iter().map(|origin| origin.path).collect()
}

fn folder_of_three() -> Folder {
    let folder = Folder::with("data/crm2.csv", "id;nome\n2;b\n");
    folder.write("data/crm10.csv", "id;nome\n10;c\n");
    folder.write("data/crm1.csv", "id;nome\n1;a\n");
    folder
}

#[test]
fn files_are_read_in_natural_order() {
    let folder = folder_of_three();
    let expected = ["data/crm1.csv", "data/crm2.csv", "data/crm10.csv"];
    assert_eq!(shown(&folder, json!("data/crm*.csv")), expected);
    assert_eq!(shown(&folder, json!("data")), expected);
}

#[test]
fn a_list_keeps_its_order_and_names_every_file_once() {
    let folder = folder_of_three();
    let paths = json!(["data/crm10.csv", "data/*.csv", "data/../data/crm1.csv"]);
    assert_eq!(shown(&folder, paths), ["data/crm10.csv", "data/crm1.csv", "data/crm2.csv"]);
}

#[test]
fn hidden_files_and_folders_within_are_passed_over() {
    let folder = folder_of_three();
    folder.write("data/.crm.csv.swp", "x");
    folder.write("data/old/crm0.csv", "id;nome\n0;z\n");
    assert_eq!(shown(&folder, json!("data")).len(), 3);
    assert_eq!(shown(&folder, json!("data/*")).len(), 3);
    assert_eq!(shown(&folder, json!("data/**/*.csv")).len(), 4);
}

#[test]
fn absolute_paths_and_names_with_brackets_are_fine() {
    let folder = Folder::with("a[1].csv", "id;nome\n1;a\n");
    assert_eq!(shown(&folder, json!("a[1].csv")), ["a[1].csv"]);
    let absolute = folder.path().canonicalize().unwrap().join("a[1].csv");
    assert_eq!(shown(&folder, json!(absolute)), ["a[1].csv"]);
}

#[test]
fn a_path_without_files_is_refused() {
    let folder = folder_of_three();
    for path in ["data/erp*.csv", "missing.csv"] {
        assert_eq!(refusal_code(folder.read(&json!({"path": path}))), Some(RefusalCode::NoFile), "{path}");
    }
}

#[test]
fn pipes_devices_and_circular_links_are_refused_and_never_opened() {
    let folder = Folder::new();
    let pipe = Command::new("mkfifo").arg(folder.path().join("pipe.csv")).status().unwrap();
    assert!(pipe.success());
    std::os::unix::fs::symlink("circle.csv", folder.path().join("circle.csv")).unwrap();
    std::os::unix::fs::symlink("nowhere.csv", folder.path().join("dangling.csv")).unwrap();
    for path in ["pipe.csv", "/dev/zero", "circle.csv", "dangling.csv"] {
        let outcome = folder.read(&json!({"path": path}));
        assert_eq!(refusal_code(outcome), Some(RefusalCode::NotAFile), "{path}");
    }
}

#[test]
fn a_huge_hole_is_refused() {
    let folder = Folder::with("a.csv", "id;nome\n1;a\n");
    let file = std::fs::OpenOptions::new().write(true).open(folder.path().join("a.csv")).unwrap();
    file.set_len(8 << 30).unwrap();
    let outcome = folder.read(&json!({"path": "a.csv"}));
    assert_eq!(refusal_code(outcome), Some(RefusalCode::InflatesTooMuch));
}

#[test]
fn one_empty_file_among_others_is_no_reason_to_refuse() {
    let folder = folder_of_three();
    folder.write("data/crm3.csv", "");
    let source = folder.open(&json!({"path": "data"})).unwrap();
    let delivered = block_on(read_all(source.as_ref(), Budget::default())).unwrap();
    assert_eq!(delivered.records.len(), 3);
    assert_eq!(delivered.done.unwrap().parts.len(), 4);
}

#[test]
fn no_message_holds_what_a_record_says() {
    let secret = "maria@segredo.com";
    for (file, text) in [
        ("a.csv", format!("{secret};{secret}\n1;2\n")),
        ("b.csv", format!("\"{secret}\"x;nome\n1;2\n")),
        ("c.csv", format!("id;nome\n1;\"{secret}{}", "2;b\n".repeat(300_000))),
        ("d.json", format!("{{\"{secret}\": {{\n")),
        ("e.json", format!("[{{\"{secret}\": 1}}")),
        ("f.csv", format!("nome\n{secret}, x\n{secret}; x\n")),
    ] {
        let folder = Folder::with(file, text);
        let error = folder.read(&json!({"path": file})).unwrap_err();
        assert!(!format!("{error} {error:?}").contains("segredo"), "{file}: {error}");
    }
}
