use super::*;
use std::path::Path;
use vinculo_connector::{Decoder, RawFormat};
use vinculo_project::ConnectorKeys;
use vinculo_records::{AttributeId, AttributeType};

/// A mapping of a source with these lines in `vinculo.yaml`.
pub(in crate::ingest) fn mapping(lines: &str) -> Mapping {
    let lines: String = lines.lines().map(|line| format!("    {}\n", line.trim())).collect();
    let yaml = format!(
        "project: p\ncountry: BR\nattributes: {{hobbies: {{type: set, separator: '|'}}}}\nsources:\n  s:\n    \
         connector: files\n    path: x\n{lines}"
    );
    let keys = [ConnectorKeys { kind: "files", keys: &["path"] }];
    let project = Project::parse(&yaml, "vinculo.yaml", Path::new("."), &keys, &|_| None).expect("a valid project");
    let source = project.sources[0].clone();
    Mapping::new(Arc::new(project), source)
}

/// Rows as JSON objects, as cells.
pub(in crate::ingest) fn cells(rows: &[&str]) -> Cells {
    let mut decoder = Decoder::new(&RawFormat::Json);
    rows.iter().for_each(|row| decoder.push(row).expect("valid JSON"));
    decoder.take()
}

const PERSON: &str = "record: person\nkey: id\nfields: {full_name: name, email: email}";

fn map(lines: &str, row: &str) -> Result<MappedRow, FaultyRow> {
    mapping(lines).bind(&cells(&[row])).map(0, 20_000, &mut ContentHasher::new(), &mut FlagCounts::new())
}

fn values(lines: &str, row: &str) -> Vec<(AttributeId, String)> {
    let row = map(lines, row).expect("a record");
    row.normalized.view().values().map(|value| (value.attribute, value.text.to_owned())).collect()
}

#[test]
fn a_key_is_the_text_of_its_column_or_a_list_of_several() {
    assert_eq!(map(PERSON, r#"{"id": "007", "name": "Ana"}"#).unwrap().key, "007");
    let composite = PERSON.replace("key: id", "key: [branch, id]");
    assert_eq!(map(&composite, r#"{"id": 7, "branch": "a\"b"}"#).unwrap().key, r#"["a\"b","7"]"#);
}

#[test]
fn a_row_is_rejected_with_all_its_faults_and_the_key_that_can_be_read() {
    let by_column = "record: {column: type, person: [F], organization: [J]}\nkey: [branch, id]\nfields: {name: name}";
    let long = format!(r#"{{"id": "{}", "branch": 1, "type": "F"}}"#, "k".repeat(SOURCE_KEY_BYTES_MAX));
    type Case<'a> = (&'a str, &'a [(RowFault, &'a str)], Option<&'a str>);
    let cases: [Case<'_>; 6] = [
        (r#"{"id": 1, "type": "F"}"#, &[(RowFault::KeyMissing, "branch")], None),
        (
            r#"{"id": " ", "branch": [1, 2], "type": "X"}"#,
            &[(RowFault::KeyIsList, "branch"), (RowFault::KeyMissing, "id"), (RowFault::KindUnknown, "type")],
            None,
        ),
        (r#"{"id": 1, "branch": 2, "type": "f"}"#, &[(RowFault::KindUnknown, "type")], Some(r#"["2","1"]"#)),
        (r#"{"id": 1, "branch": 2}"#, &[(RowFault::KindUnknown, "type")], Some(r#"["2","1"]"#)),
        (&long, &[(RowFault::KeyTooLong, "branch"), (RowFault::KeyTooLong, "id")], None),
        (
            r#"{}"#,
            &[(RowFault::KeyMissing, "branch"), (RowFault::KeyMissing, "id"), (RowFault::KindUnknown, "type")],
            None,
        ),
    ];
    for (row, faults, key) in cases {
        let expected = FaultyRow {
            faults: faults.iter().map(|(fault, column)| (*fault, (*column).to_owned())).collect(),
            key: key.map(str::to_owned),
        };
        assert_eq!(map(by_column, row).unwrap_err(), expected, "{row}");
    }
    assert_eq!(
        map(by_column, r#"{"id": 1, "branch": 2, "type": " J "}"#).unwrap().normalized.view().kind(),
        Kind::Organization
    );
}

#[test]
fn the_content_is_that_of_the_named_values_whatever_their_order_less_what_is_ignored() {
    let hash = |lines: &str, row: &str| map(lines, row).unwrap().statement.content_hash;
    let one = hash(PERSON, r#"{"id": 1, "name": "Ana", "note": "x"}"#);
    assert_eq!(one, hash(PERSON, r#"{"note": "x", "name": "Ana", "id": 1, "empty": "", "none": null}"#));
    for other in [r#"{"id": 1, "name": "Ana", "note": "y"}"#, r#"{"id": 1, "name": "Ana", "other": "x"}"#] {
        assert_ne!(one, hash(PERSON, other), "unmapped columns count: {other}");
    }
    let ignoring = format!("{PERSON}\nignore: [note]");
    assert_eq!(hash(&ignoring, r#"{"id": 1, "note": "x"}"#), hash(&ignoring, r#"{"id": 1, "note": "y"}"#));
}

#[test]
fn a_date_is_read_by_its_format_and_flagged_where_it_is_none() {
    let dated = format!("{PERSON}\nupdated_at: {{column: changed, format: '%d/%m/%Y %H:%M'}}");
    let mut flags = FlagCounts::new();
    let rows = [r#"{"id": 1, "changed": "01/02/2026 10:00"}"#, r#"{"id": 2, "changed": "yesterday"}"#, r#"{"id": 3}"#];
    let (mapping, cells) = (mapping(&dated), cells(&rows));
    let bound = mapping.bind(&cells);
    let dates: Vec<_> =
        (0..3).map(|row| bound.statement(row, &mut ContentHasher::new(), &mut flags).updated_at).collect();
    // Ten in the morning in São Paulo, three hours behind UTC.
    assert_eq!(dates, [Some(1_769_950_800_000_000), None, None]);
    assert_eq!(flags["updated_at"]["date_format"], 1);
}

#[test]
fn a_record_is_gone_where_its_column_says_so() {
    let deleted = format!("{PERSON}\ndeleted: {{column: active, values: [N]}}");
    for (row, expected) in [
        (r#"{"id": 1, "active": " N "}"#, true),
        (r#"{"id": 1, "active": "n"}"#, false),
        (r#"{"id": 1}"#, false),
        (r#"{"id": 1, "active": "S"}"#, false),
    ] {
        assert_eq!(map(&deleted, row).unwrap().statement.deleted, expected, "{row}");
    }
}

#[test]
fn columns_join_into_one_value_and_give_several_to_what_has_several() {
    let joined = "record: person\nkey: id\nfields: {family_name: [first, second], phone: [fixed, mobile]}";
    let row = r#"{"id": 1, "first": "Souza", "second": " Lima ", "fixed": "1134567890", "mobile": "11987654321"}"#;
    let found = values(joined, row);
    let of = |standard: Standard| found.iter().filter(|(attribute, _)| *attribute == standard.into()).count();
    assert_eq!((of(Standard::FamilyName), of(Standard::Phone)), (1, 2), "{found:?}");
    assert_eq!(found[0].1, "Souza Lima");
    let lone = values(joined, r#"{"id": 1, "first": "", "second": "Lima"}"#);
    assert_eq!(lone[0].1, "Lima", "an empty column leaves no space behind");
}

#[test]
fn objects_in_a_list_give_all_their_values_or_the_first_of_them_its_single_one() {
    let lines = "record: person\nkey: id\nfields: {phone: 'phones[].number', street: 'homes[].street', \
                 district: 'homes[].district'}";
    let row = r#"{"id": 1, "phones": [{"number": "1134567890"}, {"type": "fax"}, {"number": "11987654321"}],
        "homes": [{"street": "Rua A"}, {"street": "Rua B", "district": "Centro"}]}"#;
    let found = values(lines, row);
    let texts = |standard: Standard| {
        let of = found.iter().filter(|(attribute, text)| *attribute == standard.into() && !text.is_empty());
        of.map(|(_, text)| text.as_str()).collect::<Vec<_>>()
    };
    assert_eq!(texts(Standard::Phone), ["+551134567890", "+5511987654321"]);
    assert_eq!((texts(Standard::Street), texts(Standard::District)), (vec!["Rua A"], vec![]));
}

#[test]
fn what_a_row_says_is_in_no_debug_text() {
    let row = map(PERSON, r#"{"id": "canary", "name": "Canary"}"#).unwrap();
    let faulty = map(
        "record: {column: type, person: [F], organization: [J]}\nkey: id\nfields: {full_name: name}",
        r#"{"id": "canary"}"#,
    );
    let told = format!("{row:?} {:?}", faulty.unwrap_err()).to_lowercase();
    assert!(!told.contains("canary") && told.contains("attributes") && told.contains("kindunknown"), "{told}");
}

#[test]
fn one_cell_may_hold_several_values() {
    let set = "record: person\nkey: id\nfields: {hobbies: hobbies, email: {column: email, separator: ';'}}";
    let found = values(set, r#"{"id": 1, "hobbies": "chess|go", "email": "a@x.com.br;b@x.com.br"}"#);
    assert_eq!(found.len(), 4, "{found:?}");
    let listed = values(set, r#"{"id": 1, "hobbies": ["chess", "go"]}"#);
    assert_eq!(listed.len(), 2, "a list in the source too: {listed:?}");
    assert_eq!(mapping(set).project.attributes.custom()[0].attribute_type, AttributeType::Set);
}

#[test]
fn columns_that_the_mapping_names_and_a_file_lacks_are_told_once_each() {
    let lines = "record: {column: type, person: [F], organization: [J]}\nkey: [id, branch]\nupdated_at: changed\n\
                 fields: {name: name, email: [mail, mail2], phone: mail}";
    let names = ["id".to_owned(), "mail".to_owned()];
    assert_eq!(mapping(lines).missing_columns(&names), ["branch", "changed", "mail2", "name", "type"]);
}
