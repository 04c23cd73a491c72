//! The contract's rules, on every format and compression.

use crate::formats::{parquet, workbook};
use crate::harness::{Folder, as_options, block_on, gzip, utf_16le, windows_1252, zstd};
use serde_json::{Value, json};
use vinculo_connector::conformance::conforms;
use vinculo_files::Files;

/// Ten records, of which two are broken, with everything that makes lines and bytes differ.
const CSV: &str = "id;nome;nota\r\n1;João;\"a;b\"\r\n\r\n2;Zoë;\"c\r\nd\"\r\n3;short\r\n4;e;\"\"\"f\"\"\"\r5;g;h\n\
                   6;i;j;k\n7;l;m\n8;n;o\n9;p;q\n10;r;s";

fn jsonl() -> String {
    let lines = (0..20).map(|n| match n {
        7 => "{\"id\": 7".to_owned(),
        11 => "{\"id\": 11, \"late\": {\"key\": [1, \"é\"]}}".to_owned(),
        _ => format!("{{\"id\": {n}, \"nome\": \"pessoa {n}\"}}"),
    });
    lines.collect::<Vec<_>>().join("\n")
}

fn json_array() -> String {
    let elements = (0..20).map(|n| match n {
        7 => "{\"id\" 7}".to_owned(),
        _ => format!("{{\n  \"id\": {n},\n  \"nome\": \"[pessoa\\\" {n}\"\n}}"),
    });
    format!(" [{}\n] \n", elements.collect::<Vec<_>>().join(" ,\n"))
}

fn conform(folder: &Folder, options: Value) {
    block_on(conforms(&Files, &as_options(&options), folder.path()));
}

#[test]
fn text_conforms_in_every_encoding_and_compression() {
    let marked = [b"\xFF\xFE".to_vec(), utf_16le(CSV)].concat();
    for (file, bytes) in [
        ("a.csv", CSV.as_bytes().to_vec()),
        ("b.csv", [b"\xEF\xBB\xBF", CSV.as_bytes()].concat()),
        ("c.csv", windows_1252(CSV)),
        ("d.csv", marked),
        ("e.csv.gz", gzip(CSV.as_bytes())),
        ("f.csv.zst", zstd(&windows_1252(CSV))),
    ] {
        conform(&Folder::with(file, bytes), json!({"path": file}));
    }
}

#[test]
fn json_conforms() {
    conform(&Folder::with("a.jsonl", jsonl()), json!({"path": "a.jsonl"}));
    conform(&Folder::with("a.json.gz", gzip(jsonl().as_bytes())), json!({"path": "a.json.gz"}));
    conform(&Folder::with("a.json", json_array()), json!({"path": "a.json"}));
    conform(&Folder::with("a.json.zst", zstd(json_array().as_bytes())), json!({"path": "a.json.zst"}));
}

#[test]
fn tables_conform() {
    conform(&Folder::with("a.xlsx", workbook()), json!({"path": "a.xlsx"}));
    conform(&Folder::with("a.parquet", parquet()), json!({"path": "a.parquet"}));
}

#[test]
fn many_files_of_many_formats_conform() {
    let folder = Folder::with("data/a1.csv", CSV);
    folder.write("data/a2.csv", "nome|id\nx|1\n");
    folder.write("data/b.jsonl", jsonl());
    folder.write("data/c.json", json_array());
    folder.write("data/d.csv", "id;nome\n");
    folder.write("data/e.xlsx", workbook());
    folder.write("data/f.parquet", parquet());
    folder.write("data/g.csv.gz", gzip(CSV.as_bytes()));
    conform(&folder, json!({"path": "data"}));
}
