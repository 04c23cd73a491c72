//! What `vinculo init` would write from columns and values.

use proptest::prelude::*;
use serde_json::{Map, Value, json};
use std::path::Path;
use vinculo_project::recognition::{DraftSource, Recognition, SampledColumn, draft, recognize};
use vinculo_project::{ConnectorKeys, Project, ProjectErrors, RecordKindRule};
use vinculo_records::Standard;

const FILES: &[ConnectorKeys<'_>] = &[ConnectorKeys { kind: "files", keys: &["path"] }];

/// Columns by header and values.
type Table<'a> = &'a [(&'a str, &'a [&'a str])];

fn columns(table: Table<'_>) -> Vec<SampledColumn> {
    let column = |(header, values): &(&str, &[&str])| SampledColumn {
        header: (*header).to_owned(),
        values: values.iter().map(|value| (*value).to_owned()).collect(),
    };
    table.iter().map(column).collect()
}

fn read(text: &str) -> Result<Project, ProjectErrors> {
    Project::parse(text, "vinculo.yaml", Path::new("."), FILES, &|_| None)
}

pub fn draft_of(name: &str, recognition: &Recognition) -> String {
    let options = Map::from_iter([("path".to_owned(), json!("data/crm.csv"))]);
    draft("loja", None, &[DraftSource { name, connector: "files", options: &options, recognition }])
}

/// The best guess of every column, by name.
fn best(recognition: &Recognition) -> Vec<(&str, Option<&'static str>)> {
    let best = |column: &vinculo_project::recognition::ColumnGuess| column.guesses.first().map(|g| g.attribute.name());
    recognition.columns.iter().map(|column| (column.header.as_str(), best(column))).collect()
}

#[test]
fn a_brazilian_file_is_recognized_and_drafted_with_reasons() {
    let recognition = recognize(&columns(&[
        ("cod_cliente", &["1", "2", "3"]),
        ("nome", &["Ana", "Rui", "Eva"]),
        ("sobrenome1", &["Lima", "Melo", "Dias"]),
        ("sobrenome2", &["Sá", "", ""]),
        ("nascimento", &["17/05/1990", "01/02/1985", ""]),
        ("cpf", &["529.982.247-25", "529.982.247-25", "x"]),
        ("telefone", &["(11) 3456-7890", "", ""]),
        ("celular", &["(11) 98765-4321", "", ""]),
        ("emails", &["ana@a.com;ana@b.com", "rui@c.com", ""]),
        ("cep", &["01310-100", "", ""]),
        ("observação: geral", &["a", "b", "c"]),
        ("atualizado_em", &["2024-05-17 08:30:00", "2024-05-17 08:30:00", "2024-05-18 09:00:00"]),
    ]));
    let expected = r#"# A first draft, made from a look at the data. A percentage says how sure a guess is.
# Correct what is wrong, then see what becomes of the records: vinculo check
project: loja
country: BR  # guessed from identifiers and postal codes
# database: ${DATABASE_URL}  # left out: a private Postgres of this project

sources:
  crm:
    connector: files
    path: "data/crm.csv"
    record: person  # 95 %: the tax identifiers are CPFs
    key: cod_cliente  # 95 %: header `cod_cliente`; 3 values, all there and all different
    updated_at: atualizado_em  # 95 %: header `atualizado_em`; 3 of 3 values are dates in ISO form
    delivery: changes  # snapshot, if a record that is missing is no more
    fields:
"#;
    let text = draft_of("CRM", &recognition);
    assert!(text.starts_with(expected), "{text}");
    let project = read(&text).unwrap();
    let fields: Vec<(&str, Vec<String>)> = project.sources[0]
        .fields
        .iter()
        .map(|field| (project.attributes.name(field.attribute), field.columns.clone()))
        .collect();
    let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    assert_eq!(
        fields,
        [
            ("given_name", owned(&["nome"])),
            ("family_name", owned(&["sobrenome1", "sobrenome2"])),
            ("birth_date", owned(&["nascimento"])),
            ("tax_id", owned(&["cpf"])),
            ("email", owned(&["emails"])),
            ("phone", owned(&["telefone", "celular"])),
            ("postal_code", owned(&["cep"])),
        ]
    );
    assert_eq!(project.sources[0].fields[2].formats, ["%d/%m/%Y"]);
    assert_eq!(project.sources[0].fields[4].separator.as_deref(), Some(";"));
}

#[test]
fn headers_of_three_languages_and_bare_values_are_recognized() {
    let portugal = recognize(&columns(&[
        ("Nome próprio", &["Ana"]),
        ("Apelido", &["Melo"]),
        ("NIF", &["501964843"]),
        ("Morada", &["Rua Nova 3"]),
        ("Código Postal", &["1000-205"]),
        ("Concelho", &["Lisboa"]),
    ]));
    assert_eq!(portugal.country, Some("PT"));
    let names: Vec<_> = best(&portugal).into_iter().map(|(_, attribute)| attribute.unwrap_or("-")).collect();
    assert_eq!(names, ["given_name", "family_name", "tax_id", "address", "postal_code", "city"]);

    let bare = recognize(&columns(&[
        ("a", &["ana@a.com", "b@b.pt", "c@c.pt", "d@d.pt", "e@e.pt"]),
        ("b", &["529.982.247-25", "52998224725", "52998224725", "52998224725", "52998224725"]),
        ("c", &["01310-100", "01310-200", "01310-300", "01310-300", "01310-300"]),
        ("d", &["SP", "RJ", "MG", "SP", "SP"]),
        ("e", &["(11) 98765-4321", "(11) 98765-4321", "(11) 98765-4321", "(11) 98765-4321", "(11) 98765-4321"]),
        ("f", &["17/05/1990", "17/05/1990", "17/05/1990", "17/05/1990", "17/05/1990"]),
    ]));
    let names: Vec<_> = best(&bare).into_iter().map(|(_, attribute)| attribute.unwrap_or("-")).collect();
    assert_eq!(names, ["email", "tax_id", "postal_code", "region", "phone", "-"], "a date alone is no birth date");
}

#[test]
fn values_that_contradict_a_header_outweigh_it() {
    let recognition = recognize(&columns(&[("email", &["sim", "não", "sim"]), ("uf", &["1", "2", "3"])]));
    assert_eq!(best(&recognition)[0], ("email", None));
}

#[test]
fn day_and_month_that_cannot_be_told_apart_are_left_open() {
    let recognition =
        recognize(&columns(&[("id", &["1", "2"]), ("nome", &["A", "B"]), ("dob", &["01/02/1990", "03/04/1991"])]));
    let text = draft_of("crm", &recognition);
    let open = r#"
      # birth_date: {column: dob, format: "%d/%m/%Y"}
      # birth_date: {column: dob, format: "%m/%d/%Y"}
      #   one of the two: header `dob`; 2 of 2 values are dates in %d/%m/%Y or %m/%d/%Y, no value tells which
"#;
    assert!(text.contains(open), "{text}");
    assert!(read(&text).is_ok());
}

#[test]
fn the_kind_of_records_is_told_by_columns_identifiers_headers_or_names() {
    let rule = |table: &[(&str, &[&str])]| recognize(&columns(table)).record.rule;
    let by_column =
        RecordKindRule::ByColumn { column: "tipo".into(), person: vec!["PF".into()], organization: vec!["PJ".into()] };
    assert_eq!(rule(&[("tipo", &["PF", "PJ", "PF"]), ("nome", &["a", "b", "c"])]), by_column);
    assert_eq!(rule(&[("tipo", &["PF", "PF"])]), by_column, "the other kind may come later");
    assert_eq!(rule(&[("tipo", &["PF", "PJ", ""])]), RecordKindRule::Auto, "a row that says neither would be rejected");
    let cases: &[(Table<'_>, RecordKindRule)] = &[
        (&[("doc", &["52998224725"])], RecordKindRule::Person),
        (&[("doc", &["11222333000181"])], RecordKindRule::Organization),
        (&[("doc", &["52998224725", "11222333000181"])], RecordKindRule::Auto),
        (&[("surname", &["x"])], RecordKindRule::Person),
        (&[("razao_social", &["x"])], RecordKindRule::Organization),
        (&[("surname", &["x", "", ""]), ("company", &["", "x", "y"])], RecordKindRule::Auto),
        (&[("surname", &["x", "y"]), ("company", &["", "x"])], RecordKindRule::Person),
        (&[("name", &["AGILENT, INC.", "Padaria Lima Ltda", "Ana"])], RecordKindRule::Organization),
        (&[("name", &["Ana Lima", "Rui de Sá"])], RecordKindRule::Person),
        (&[("x", &["y"])], RecordKindRule::Auto),
    ];
    for (table, expected) in cases {
        assert_eq!(rule(table), *expected, "{table:?}");
    }
}

/// Thirty values made by a number.
fn thirty(value: impl Fn(u32) -> String) -> Vec<String> {
    (0..30).map(value).collect()
}

#[test]
fn the_key_is_a_code_or_a_pair_of_codes_that_tells_all_records_apart() {
    type Columns<'a> = &'a [(&'a str, Vec<String>)];
    let owned = |values: &[&str]| values.iter().map(|value| (*value).to_owned()).collect::<Vec<_>>();
    let cases: &[(Columns<'_>, Option<&[&str]>)] = &[
        (&[("nome", owned(&["a", "b"])), ("id", owned(&["1", "2"]))], Some(&["id"])),
        (&[("codigo", owned(&["1", "1"])), ("id", owned(&["1", "2"]))], Some(&["id"])),
        (&[("id", owned(&["1", ""]))], None),
        (&[("nome", owned(&["a", "b"]))], None),
        (&[("nr_contrato", owned(&["1", "2"]))], Some(&["nr_contrato"])),
        (&[("xyz", thirty(|n| n.to_string()))], Some(&["xyz"])),
        (&[("email", thirty(|n| format!("a{n}@x.com")))], None),
        (&[("nome", thirty(|n| format!("Ana {n}")))], None),
        (&[("telefone", thirty(|n| format!("119876543{n:02}")))], None),
        (&[("data", thirty(|n| format!("2024-05-{:02}", n + 1)))], None),
        (&[("saldo", thirty(|n| format!("{n},50")))], None),
        (&[("cpf", thirty(|n| format!("529.982.2{n:02}-25")))], Some(&["cpf"])),
        (&[("LOJA", owned(&["1", "1", "2"])), ("CODIGO", owned(&["1", "2", "1"]))], Some(&["LOJA", "CODIGO"])),
        (&[("cod", owned(&["1", "2", "1"])), ("nome", owned(&["a", "b", "c"]))], None),
        (
            &[("serie", thirty(|n| format!("S{}", n / 6))), ("numero", thirty(|n| (n % 6).to_string()))],
            Some(&["serie", "numero"]),
        ),
    ];
    for (table, expected) in cases {
        let sampled: Vec<SampledColumn> = table
            .iter()
            .map(|(header, values)| SampledColumn { header: (*header).to_owned(), values: values.clone() })
            .collect();
        let key = recognize(&sampled).key.map(|key| key.columns);
        assert_eq!(key, expected.map(owned), "{:?}", table.iter().map(|(header, _)| header).collect::<Vec<_>>());
    }
}

#[test]
fn a_key_that_the_data_do_not_show_is_left_to_be_written_and_asked_for() {
    let text = draft_of("leads", &recognize(&columns(&[("Nome", &["Ana Lima"]), ("E-mail", &["ana@x.com"])])));
    let told = read(&text).unwrap_err().to_string();
    assert!(text.contains("    # key: [shop, code]\n"), "{text}");
    assert!(told.contains("a source has no `key`; add a line such as `key: [loja, codigo]`"), "{told}");
    assert!(read(&text.replace("# key: [shop, code]", "key: E-mail")).is_ok(), "the line is all that is missing");
}

#[test]
fn a_guess_never_shows_a_value() {
    let recognition = recognize(&columns(&[
        ("nome", &["Zuleica Quaresma", "Zuleica Quaresma"]),
        ("cpf", &["529.982.247-25", "529.982.247-25"]),
        ("email", &["zuleica@q.com;z@q.com", "zuleica@q.com"]),
        ("nascimento", &["17/05/1990", "18/05/1990"]),
    ]));
    let shown = serde_json::to_string(&recognition).unwrap() + &draft_of("crm", &recognition);
    for value in ["Zuleica", "529", "zuleica", "1990"] {
        assert!(!shown.contains(value), "{value}");
    }
}

#[test]
fn a_guess_serializes_to_what_a_tool_can_read() {
    let recognition = recognize(&columns(&[("E-mail", &["ana@a.com"])]));
    let guess = &serde_json::to_value(&recognition).unwrap()["columns"][0]["guesses"][0];
    assert_eq!(guess["attribute"], json!("email"));
    assert_eq!(guess["reason"], json!("header `E-mail`; 1 of 1 values are e-mail addresses"));
    assert_eq!(recognition.columns[0].guesses[0].attribute, Standard::Email);
}

/// Headers as the world has them, and as nobody hopes to see them.
fn header() -> impl Strategy<Value = String> {
    const KNOWN: &[&str] =
        &["nome", "Nome Completo", "email", "e-mail 2", "cpf", "id", "nascimento", "tipo", "updated_at", "cep"];
    const ODD: &[&str] =
        &["null", "~", "- a", "a: b", "a #b", "\"x\"", "'", "{", "[", "*a", "&a", "!t", "${HOME}", "$${", "\\", "%d"];
    prop_oneof![
        prop::sample::select(KNOWN).prop_map(str::to_owned),
        prop::sample::select(ODD).prop_map(str::to_owned),
        any::<String>(),
        "[ -~]{0,12}",
        "[\\u{0}-\\u{2fff}]{0,6}",
        "[\\u{fff0}-\\u{10ffff}]{0,6}",
    ]
}

fn cell() -> impl Strategy<Value = String> {
    const SHAPED: &[&str] =
        &["", "PF", "PJ", "17/05/1990", "01/02/1990", "2024-01-01", "a@b.pt; c@d.pt", "52998224725", "x"];
    prop_oneof![prop::sample::select(SHAPED).prop_map(str::to_owned), any::<String>()]
}

fn table() -> impl Strategy<Value = Vec<SampledColumn>> {
    prop::collection::vec(
        (header(), prop::collection::vec(cell(), 0..6)).prop_map(|(header, values)| SampledColumn { header, values }),
        0..8,
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_draft_can_always_be_read_and_names_its_columns_exactly(
        tables in prop::collection::vec((header(), table()), 1..4),
        project in any::<String>(),
        path in any::<String>(),
    ) {
        let options = Map::from_iter([("path".to_owned(), json!([path, {"a: b": path.as_str()}, 1, null, true]))]);
        let recognized: Vec<Recognition> = tables.iter().map(|(_, table)| recognize(table)).collect();
        let sources: Vec<DraftSource<'_>> = tables
            .iter()
            .zip(&recognized)
            .map(|((name, _), recognition)| DraftSource { name, connector: "files", options: &options, recognition })
            .collect();
        let named = |table: &[SampledColumn]| table.iter().any(|column| !column.header.trim().is_empty());
        prop_assume!(tables.iter().any(|(_, table)| named(table)));
        let text = draft(&project, None, &sources);
        // What the data do not show is left to be written: nothing else may be wrong with the draft.
        let text = text
            .replace("    # key: [shop, code]\n", "    key: left_open\n")
            .replace("      # Nothing was recognized.", "      email: left_open  # Nothing was recognized.");
        let read = read(&text);
        prop_assert!(read.is_ok(), "{}\n{}", text, read.unwrap_err());
        let read = read.unwrap();
        let with_columns = tables.iter().filter(|(_, table)| named(table));
        for (source, (_, table)) in read.sources.iter().zip(with_columns) {
            prop_assert_eq!(Value::from(source.options.clone()), Value::from(options.clone()));
            let columns = source.key.iter().chain(source.fields.iter().flat_map(|field| &field.columns));
            for column in columns {
                let is_there = column == "left_open" || table.iter().any(|sampled| sampled.header == *column);
                prop_assert!(is_there, "{:?}", column);
            }
        }
    }
}

#[test]
fn a_sampled_column_shows_no_value_where_it_is_printed() {
    let column = SampledColumn { header: "nome".into(), values: vec!["canary".into()] };
    let told = format!("{column:?}");
    assert!(told.contains("nome") && !told.contains("canary"), "{told}");
}
