//! Checkpoints: exactly the rest comes, or an error says why not.

use crate::harness::{Folder, as_options, block_on, gzip, utf_16le, windows_1252};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::fs::FileTimes;
use std::time::{Duration, SystemTime};
use vinculo_connector::conformance::conforms;
use vinculo_connector::{Budget, Checkpoint, ConnectorError, Event};
use vinculo_files::Files;

/// The first checkpoint of a read.
fn checkpoint(folder: &Folder, options: &Value) -> Checkpoint {
    block_on(async {
        let mut reader = folder.open(options).unwrap().read(None).await.unwrap();
        loop {
            if let Event::Checkpoint(checkpoint) = reader.next(Budget { bytes: 1, rows: 1 }).await.unwrap() {
                return checkpoint;
            }
        }
    })
}

fn is_stale(folder: &Folder, options: &Value, checkpoint: Checkpoint) -> bool {
    let outcome = block_on(async { folder.open(options).unwrap().read(Some(checkpoint)).await });
    matches!(outcome, Err(ConnectorError::StaleCheckpoint(_)))
}

#[test]
fn a_checkpoint_is_stale_once_anything_it_hangs_on_has_changed() {
    let text = "id;nome\n1;a\n2;b\n";
    let options = json!({"path": "*.csv"});
    let folder = Folder::with("a.csv", text);
    let taken = checkpoint(&folder, &options);
    assert!(!is_stale(&folder, &options, taken.clone()), "nothing has changed");
    assert!(is_stale(&folder, &json!({"path": "*.csv", "quote": "none"}), taken.clone()), "another option");

    folder.write("b.csv", text);
    assert!(is_stale(&folder, &options, taken.clone()), "one more file");
    std::fs::remove_file(folder.path().join("b.csv")).unwrap();
    assert!(!is_stale(&folder, &options, taken.clone()), "as before");

    let file = std::fs::File::options().write(true).open(folder.path().join("a.csv")).unwrap();
    file.set_times(FileTimes::new().set_modified(SystemTime::now() + Duration::from_secs(5))).unwrap();
    assert!(is_stale(&folder, &options, taken), "written again");
}

#[test]
fn records_that_lie_across_buffers_are_read_whole_and_resumed() {
    let cell = "çé\"\"x\r\n".repeat(20_000);
    let text = format!("id;nome\n{}", (0..8).map(|n| format!("{n};\"{cell}\"\r\n")).collect::<String>());
    for (file, bytes) in [
        ("a.csv", text.clone().into_bytes()),
        ("b.csv", windows_1252(&text)),
        ("c.csv", [b"\xFF\xFE".to_vec(), utf_16le(&text)].concat()),
        ("d.csv.gz", gzip(text.as_bytes())),
    ] {
        let folder = Folder::with(file, bytes);
        let options = json!({"path": file, "delimiter": ";"});
        let delivered = folder.read(&options).unwrap();
        let expected = cell.replace("\"\"", "\"");
        assert_eq!(delivered.records.len(), 8, "{file}");
        assert!(delivered.records.iter().all(|record| record[1].1 == expected), "{file}");
        assert_eq!(delivered.lines[1], 2 + 20_001, "{file}");
        block_on(conforms(&Files, &as_options(&options), folder.path()));
    }
}

#[test]
fn lines_are_counted_across_records_that_are_too_long() {
    let long = "x\r\n".repeat(500_000);
    let text = format!("id;nome\r\n1;\"{long}\"\r\n2;b\r\n");
    let folder = Folder::with("a.csv", text);
    let delivered = folder.read(&json!({"path": "a.csv", "delimiter": ";"})).unwrap();
    assert_eq!(delivered.rejects.len(), 1);
    assert_eq!(delivered.lines, [500_003]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Whatever a text looks like, it is cut, counted, resumed and read again as the contract wants.
    #[test]
    fn any_delimited_text_conforms(body in "[ab;\"é\r\n]{1,60}") {
        let folder = Folder::with("a.csv", format!("id;nome\n{body}\nz;z\n"));
        let options = as_options(&json!({"path": "a.csv", "delimiter": ";", "encoding": "utf-8"}));
        block_on(conforms(&Files, &options, folder.path()));
    }

    /// The records are those that the `csv` crate finds, as long as nothing is broken.
    #[test]
    fn sound_records_are_those_of_the_csv_crate(
        records in prop::collection::vec(prop::collection::vec("[a-c\";é \r\n]{0,5}", 2..=2), 1..8),
    ) {
        let mut writer = csv::WriterBuilder::new().delimiter(b';').from_writer(Vec::new());
        writer.write_record(["id", "nome"]).unwrap();
        for record in &records {
            writer.write_record(record).unwrap();
        }
        let folder = Folder::with("a.csv", writer.into_inner().unwrap());
        let delivered = folder.read(&json!({"path": "a.csv", "delimiter": ";"})).unwrap();
        prop_assert_eq!(delivered.cells(), records);
    }

    /// The elements of an array are those that `serde_json` finds.
    #[test]
    fn sound_elements_are_those_of_serde_json(
        texts in prop::collection::vec("[\\[\\]{}\",\\\\a ]{0,6}", 1..8),
        is_pretty in any::<bool>(),
    ) {
        let array: Vec<_> = texts.iter().map(|text| json!({"t": text})).collect();
        let json = if is_pretty { serde_json::to_string_pretty(&array) } else { serde_json::to_string(&array) };
        let folder = Folder::with("a.json", json.unwrap());
        let delivered = folder.read(&json!({"path": "a.json"})).unwrap();
        let expected: Vec<_> = texts.iter().map(|text| vec![text.as_str()]).collect();
        prop_assert_eq!(delivered.cells(), expected);
    }
}
