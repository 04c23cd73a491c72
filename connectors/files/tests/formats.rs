//! What each format's values look like once they are read, and what is reported of a file.

use crate::harness::{Folder, windows_1252};
use arrow_array::builder::{Int32Builder, ListBuilder, StringBuilder};
use arrow_array::{
    ArrayRef, BooleanArray, Date32Array, Decimal128Array, Float64Array, Int64Array, RecordBatch, StringArray,
    StructArray, TimestampMicrosecondArray,
};
use parquet::arrow::ArrowWriter;
use rust_xlsxwriter::{ExcelDateTime, Format, Workbook};
use serde_json::json;
use std::sync::Arc;
use vinculo_connector::{Hint, OptionLine, RefusalCode};

/// A workbook with one sheet that has values of every kind.
pub fn workbook() -> Vec<u8> {
    let mut workbook = Workbook::new();
    let day = Format::new().set_num_format("yyyy-mm-dd");
    let moment = Format::new().set_num_format("yyyy-mm-dd hh:mm:ss");
    let sheet = workbook.add_worksheet();
    sheet.set_name("Clientes").unwrap();
    for (column, name) in ["id", "nome", "valor", "nascimento", "visto", "ativo"].into_iter().enumerate() {
        sheet.write(0, column as u16, name).unwrap();
    }
    sheet.write(1, 0, 12_345_678_909_i64).unwrap();
    sheet.write(1, 1, "São \"Zé\"").unwrap();
    sheet.write(1, 2, 1.5).unwrap();
    let birth = ExcelDateTime::from_ymd(1980, 2, 29).unwrap();
    sheet.write_with_format(1, 3, &birth, &day).unwrap();
    let seen = ExcelDateTime::from_ymd(2024, 5, 1).unwrap().and_hms(13, 30, 0).unwrap();
    sheet.write_with_format(1, 4, &seen, &moment).unwrap();
    sheet.write(1, 5, true).unwrap();
    sheet.write(3, 0, 2).unwrap();
    sheet.write(4, 0, 3).unwrap();
    sheet.write(4, 7, "surplus").unwrap();
    workbook.save_to_buffer().unwrap()
}

/// A Parquet file with columns of every kind.
pub fn parquet() -> Vec<u8> {
    let mut emails = ListBuilder::new(StringBuilder::new());
    emails.append_value([Some("a@x.org"), Some("b@x.org")]);
    emails.append_null();
    let mut sizes = ListBuilder::new(Int32Builder::new());
    sizes.append_value([Some(1), None, Some(3)]);
    sizes.append_value([]);
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("id", Arc::new(Int64Array::from(vec![9_007_199_254_740_993, 2]))),
        ("nome", Arc::new(StringArray::from(vec![Some("Zé \"o\"\n"), None]))),
        ("valor", Arc::new(Decimal128Array::from(vec![12_345_678, -5]).with_precision_and_scale(38, 4).unwrap())),
        ("cpf", Arc::new(Float64Array::from(vec![Some(12_345_678_909.0), Some(f64::NAN)]))),
        ("nascimento", Arc::new(Date32Array::from(vec![Some(0), Some(-719_162)]))),
        ("visto", Arc::new(TimestampMicrosecondArray::from(vec![1_500_000, 0]))),
        ("ativo", Arc::new(BooleanArray::from(vec![true, false]))),
        ("emails", Arc::new(emails.finish())),
        ("numeros", Arc::new(sizes.finish())),
        (
            "endereco",
            Arc::new(
                StructArray::try_from(vec![(
                    "cidade",
                    Arc::new(StringArray::from(vec!["Óbidos", "Braga"])) as ArrayRef,
                )])
                .unwrap(),
            ),
        ),
    ];
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    let mut bytes = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut bytes, batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    bytes
}

fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(name, cell)| ((*name).to_owned(), (*cell).to_owned())).collect()
}

#[test]
fn a_workbook_shows_dates_as_dates_and_whole_numbers_without_a_fraction() {
    let delivered = Folder::with("a.xlsx", workbook()).read(&json!({"path": "a.xlsx"})).unwrap();
    let first = pairs(&[
        ("id", "12345678909"),
        ("nome", "São \"Zé\""),
        ("valor", "1.5"),
        ("nascimento", "1980-02-29"),
        ("visto", "2024-05-01T13:30:00"),
        ("ativo", "true"),
    ]);
    assert_eq!(delivered.records, [first, pairs(&[("id", "2")])]);
    assert_eq!(delivered.lines, [2, 4], "rows as the sheet numbers them");
    assert_eq!(delivered.rejects.len(), 1, "a cell behind the last column");
    assert_eq!(delivered.found("sheet"), "sheet Clientes (detected)");
}

#[test]
fn which_of_several_sheets_must_be_said() {
    let mut workbook = Workbook::new();
    for name in ["A", "B"] {
        let sheet = workbook.add_worksheet();
        sheet.set_name(name).unwrap();
        sheet.write(0, 0, "id").unwrap();
        sheet.write(1, 0, name).unwrap();
    }
    let folder = Folder::with("a.xlsx", workbook.save_to_buffer().unwrap());
    let error = folder.read(&json!({"path": "a.xlsx"})).unwrap_err();
    let refusal = error.refusal().unwrap();
    assert_eq!(refusal.code, RefusalCode::UnknownSheet);
    let sheets = ["A", "B"].map(|name| OptionLine::new("sheet", name));
    assert_eq!(refusal.hint, Some(Hint::EachOf(sheets.into())));
    let delivered = folder.read(&json!({"path": "a.xlsx", "sheet": "B"})).unwrap();
    assert_eq!(delivered.cells(), [["B"]]);
}

#[test]
fn parquet_values_keep_their_exact_text() {
    let delivered = Folder::with("a.parquet", parquet()).read(&json!({"path": "a.parquet"})).unwrap();
    let first = pairs(&[
        ("id", "9007199254740993"),
        ("nome", "Zé \"o\"\n"),
        ("valor", "1234.5678"),
        ("cpf", "12345678909"),
        ("nascimento", "1970-01-01"),
        ("visto", "1970-01-01T00:00:01.500"),
        ("ativo", "true"),
        ("emails", "a@x.org\u{1F}b@x.org"),
        ("numeros", "1\u{1F}3"),
        ("endereco.cidade", "Óbidos"),
    ]);
    let second = pairs(&[
        ("id", "2"),
        ("valor", "-0.0005"),
        ("nascimento", "0001-01-01"),
        ("visto", "1970-01-01T00:00:00"),
        ("ativo", "false"),
        ("endereco.cidade", "Braga"),
    ]);
    let sorted = |mut record: Vec<(String, String)>| {
        record.sort();
        record
    };
    let records: Vec<_> = delivered.records.into_iter().map(sorted).collect();
    assert_eq!(records, [sorted(first), sorted(second)]);
}

#[test]
fn the_raw_record_is_kept_exactly_without_its_line_end() {
    let text = "id;nome\r\n 1 ;\"a\r\nb\"\r\n2;c  \r\n";
    let delivered = Folder::with("a.csv", text).read(&json!({"path": "a.csv"})).unwrap();
    assert_eq!(delivered.raw, [" 1 ;\"a\r\nb\"", "2;c  "]);
    assert_eq!(delivered.lines, [2, 4]);
}

#[test]
fn what_was_detected_is_reported_with_how() {
    let folder = Folder::with("a.csv", windows_1252("id;nome\n1;João\n"));
    let delivered = folder.read(&json!({"path": "a.csv"})).unwrap();
    assert_eq!(delivered.found("format"), "format csv (from the name)");
    assert_eq!(delivered.found("encoding"), "encoding windows-1252 (detected)");
    assert_eq!(delivered.found("delimiter"), "delimiter \";\" (detected)");
    assert_eq!(delivered.found("header"), "header true (assumed)");
    let declared = json!({"path": "a.csv", "encoding": "latin1", "delimiter": ";", "header": true});
    assert_eq!(folder.read(&declared).unwrap().found("encoding"), "encoding windows-1252 (declared)");
}

#[test]
fn names_of_columns_are_trimmed_and_otherwise_kept() {
    let text = "\u{FEFF}\u{A0}ID ;\"Nome do Cliente\";;E-Mail\u{FEFF};\n1;a;b;c;\n";
    let delivered = Folder::with("a.csv", text).read(&json!({"path": "a.csv"})).unwrap();
    let expected = pairs(&[("ID", "1"), ("Nome do Cliente", "a"), ("c3", "b"), ("E-Mail", "c")]);
    assert_eq!(delivered.records, [expected]);
}

#[test]
fn discovery_tells_columns_and_sizes() {
    let folder = Folder::with("a1.csv", "id;nome\n1;a\n2;b\n");
    folder.write("a2.csv", "id;email\n1;a@x.org\n");
    let streams = folder.discover(&json!({"path": "a*.csv"})).unwrap();
    assert_eq!(streams.len(), 1);
    assert_eq!(streams[0].columns, ["id", "nome", "email"]);
    let rows: Vec<_> = streams[0].parts.iter().map(|part| part.rows).collect();
    assert_eq!(rows, [Some(2), Some(1)]);
}

#[test]
fn discovery_of_a_long_file_estimates_its_records() {
    let folder = Folder::with("a.csv", format!("id;nome\n{}", "1;abcdefgh\n".repeat(200_000)));
    let streams = folder.discover(&json!({"path": "a.csv"})).unwrap();
    let rows = streams[0].parts[0].rows.unwrap();
    assert!((198_000..202_000).contains(&rows), "{rows}");
}

#[test]
fn keys_that_turn_up_late_become_columns() {
    let text = "{\"id\": 1}\n{\"id\": 2, \"extra\": {\"nota\": 5}}\n";
    let delivered = Folder::with("a.jsonl", text).read(&json!({"path": "a.jsonl"})).unwrap();
    assert_eq!(delivered.records, [pairs(&[("id", "1")]), pairs(&[("id", "2"), ("extra.nota", "5")])]);
}

#[test]
fn tables_have_fixed_columns_and_objects_have_not() {
    for (file, bytes, is_fixed) in [
        ("a.csv", b"id;nome\n1;a\n".to_vec(), true),
        ("a.xlsx", workbook(), true),
        ("a.parquet", parquet(), true),
        ("a.jsonl", b"{\"id\": 1}\n".to_vec(), false),
        ("a.json", b"[{\"id\": 1}]".to_vec(), false),
    ] {
        let delivered = Folder::with(file, bytes).read(&json!({"path": file})).unwrap();
        assert_eq!(delivered.origins[0].has_fixed_columns, is_fixed, "{file}");
    }
}

#[test]
fn a_title_above_the_header_of_a_sheet_is_passed_over_and_reported() {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    let format = Format::new();
    sheet.merge_range(0, 0, 0, 2, "Clientes da loja", &format).unwrap();
    sheet.write(1, 0, "Gerado em 01/02/2026").unwrap();
    for (column, name) in ["id", "nome", "uf"].into_iter().enumerate() {
        sheet.write(3, column as u16, name).unwrap();
        sheet.write(4, column as u16, "x").unwrap();
    }
    let folder = Folder::with("a.xlsx", workbook.save_to_buffer().unwrap());
    let delivered = folder.read(&json!({"path": "a.xlsx"})).unwrap();
    assert_eq!((delivered.cells(), delivered.lines.as_slice()), (vec![vec!["x"; 3]], &[5][..]));
    assert_eq!(delivered.found("title_lines"), "title_lines 2 (detected)");
}
