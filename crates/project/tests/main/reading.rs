//! What a good file gives.

use crate::parse;
use std::path::Path;
use vinculo_project::{
    BlockingSettings, ColumnDate, DecimalMark, DeletedRule, Delivery, OrganizationUnit, Project, RecordKindRule, Source,
};
use vinculo_records::SurvivorshipRule::{Longest, MostComplete, MostFrequent, MostRecent, Unflagged};
use vinculo_records::{AttributeId, Standard};

const WHOLE: &str = r#"
project: loja
country: BR
database: ${DATABASE_URL:-}
sources:
  crm:
    connector: files
    path: [data/a.csv, "${PASSWORD}"]
    delimiter: 7
    record: {column: tipo, person: F, organization: [J, "1"]}
    key: [loja, id]
    updated_at: {column: alterado, format: "%d/%m/%Y %H:%M"}
    delivery: snapshot
    deleted: {column: ativo, values: [N, false, 0]}
    ignore: [exported_at]
    trust: 80
    max_reject_ratio: 0.01
    fields:
      phone: [telefone, celular]
      given_name: nome
      family_name: [sobrenome1, sobrenome2]
      birth_date: {columns: [by, bm, bd], format: ["%Y %m %d", "%y %m %d"]}
      email: {column: emails, separator: ";"}
      coauthors: coautores
      income: {column: renda, decimal: ","}
attributes:
  income: {type: number}
  coauthors: {type: set, separator: "**"}
resolution:
  organization: company
  exclusive: tax_id
  thresholds: {match: 0.9, review: 0.5}
  comparisons: [given_name, family_name, coauthors]
  blocking: [email, [birth_date, initials], {on: [word_sound, city], refine: birth_year}]
  pairs_per_record: 1_000
survivorship:
  default: [most_recent, longest]
  phone: most_frequent
  address: [most_complete, unflagged]
"#;

fn only_source(project: &Project) -> &Source {
    assert_eq!(project.sources.len(), 1);
    &project.sources[0]
}

#[test]
fn every_spelling_of_the_contract_is_read() {
    let project = parse(WHOLE).unwrap();
    assert_eq!((project.name.as_str(), project.country.as_str()), ("loja", "BR"));
    assert_eq!(project.time_zone.name(), "America/Sao_Paulo");
    assert_eq!(project.database, None);
    assert_eq!(project.dir, Path::new("/data/loja"));
    let crm = only_source(&project);
    assert_eq!((crm.name.as_str(), crm.connector.as_str()), ("crm", "files"));
    let organization = vec!["J".to_owned(), "1".into()];
    assert_eq!(crm.record, RecordKindRule::ByColumn { column: "tipo".into(), person: vec!["F".into()], organization });
    assert_eq!(crm.key, ["loja", "id"]);
    let formats = vec!["%d/%m/%Y %H:%M".to_owned()];
    assert_eq!(crm.updated_at, Some(ColumnDate { column: "alterado".into(), formats }));
    assert_eq!(crm.delivery, Delivery::Snapshot);
    let values = ["N", "false", "0"].map(str::to_owned).to_vec();
    assert_eq!(crm.deleted, Some(DeletedRule { column: "ativo".into(), values }));
    assert_eq!(crm.ignore, ["exported_at"]);
    assert_eq!((crm.trust, crm.max_reject_ratio), (80, 0.01));
}

#[test]
fn options_are_those_of_the_connector() {
    let project = parse(WHOLE).unwrap();
    let options = serde_json::Value::from(only_source(&project).options.clone());
    assert_eq!(options, serde_json::json!({"path": ["data/a.csv", "hunter2"], "delimiter": 7}));
}

#[test]
fn fields_are_read_in_the_order_of_attributes() {
    let project = parse(WHOLE).unwrap();
    let fields = &only_source(&project).fields;
    let names: Vec<&str> = fields.iter().map(|field| project.attributes.name(field.attribute)).collect();
    assert_eq!(names, ["given_name", "family_name", "birth_date", "email", "phone", "coauthors", "income"]);
    assert_eq!(fields[1].columns, ["sobrenome1", "sobrenome2"]);
    assert_eq!(fields[2].formats, ["%Y %m %d", "%y %m %d"]);
    assert_eq!(fields[3].separator.as_deref(), Some(";"));
    assert_eq!(fields[5].separator.as_deref(), Some("**"), "the separator of the declaration");
    assert_eq!(fields[6].decimal, DecimalMark::Comma);
}

#[test]
fn settings_are_read() {
    let project = parse(WHOLE).unwrap();
    let resolution = &project.resolution;
    assert_eq!(resolution.organization, OrganizationUnit::Company);
    assert_eq!(resolution.exclusive, [AttributeId::from(Standard::TaxId)]);
    assert_eq!((resolution.match_probability, resolution.review_probability), (Some(0.9), Some(0.5)));
    let comparisons = ["given_name", "family_name", "coauthors"].map(str::to_owned).to_vec();
    assert_eq!(resolution.comparisons, Some(comparisons));
    let rule = |on: &[&str], refine: &[&str]| BlockingSettings {
        on: on.iter().map(|part| (*part).to_owned()).collect(),
        refine: refine.iter().map(|part| (*part).to_owned()).collect(),
    };
    let blocking =
        [rule(&["email"], &[]), rule(&["birth_date", "initials"], &[]), rule(&["word_sound", "city"], &["birth_year"])];
    assert_eq!(resolution.blocking, Some(blocking.to_vec()));
    assert_eq!((resolution.pairs_per_record, resolution.block_limit), (Some(1_000), None));
    let rules = project.survivorship.by_name(&project.attributes);
    assert_eq!(rules["phone"], [Unflagged, MostFrequent]);
    assert_eq!(rules["address"], [MostComplete, Unflagged]);
    assert_eq!(rules["coauthors"], [Unflagged, MostRecent, Longest], "the default");
    assert!(!rules.contains_key("street") && !rules.contains_key("given_name"), "parts of a whole have none");
}

const SMALL: &str = "\
project: loja
country: PT
sources:
  crm: {connector: files, path: a.csv, record: person, key: id, fields: {full_name: nome, email: [e1, e2]}}
";

#[test]
fn what_is_left_out_has_its_default() {
    let project = parse(SMALL).unwrap();
    let crm = only_source(&project);
    assert_eq!(project.time_zone.name(), "Europe/Lisbon");
    assert_eq!((crm.delivery, crm.trust, crm.max_reject_ratio), (Delivery::Changes, 50, 0.05));
    assert_eq!((&crm.updated_at, &crm.deleted), (&None, &None));
    assert_eq!(project.resolution, Default::default());
    assert_eq!(project.survivorship.by_name(&project.attributes), Default::default());
}

#[test]
fn aliases_repeat_what_they_name() {
    let text = "\
project: loja
country: PT
sources:
  a: {connector: files, record: person, key: id, fields: &fields {full_name: nome}}
  b: {connector: files, record: person, key: id, fields: *fields}
";
    let project = parse(text).unwrap();
    assert_eq!(project.sources[0].fields, project.sources[1].fields);
}

#[test]
fn a_variable_never_changes_the_structure() {
    let project = parse(&SMALL.replace("a.csv", "'${STRUCTURE}'")).unwrap();
    assert_eq!(only_source(&project).options["path"], "a\nkey: [1, 2]");
    assert_eq!(only_source(&project).key, ["id"]);
}

#[test]
fn a_mark_of_the_byte_order_and_windows_line_ends_are_read_over() {
    let text = format!("\u{feff}{}", SMALL.replace('\n', "\r\n"));
    assert_eq!(parse(&text).unwrap().sources, parse(SMALL).unwrap().sources);
}

#[test]
fn the_fingerprint_changes_with_what_normalization_sees_and_with_nothing_else() {
    let fingerprint = |text: &str| {
        let project = parse(text).unwrap();
        project.fingerprint(only_source(&project))
    };
    let first = fingerprint(SMALL);
    let same = [
        ("project: loja", "project: other"),
        ("record: person, key: id,", "key: id, record: person,"),
        ("full_name: nome, email: [e1, e2]", "email: [e1, e2], full_name: nome"),
        ("path: a.csv", "path: b.csv, trust: 3"),
    ];
    for (from, to) in same {
        assert_ne!(SMALL.replace(from, to), SMALL);
        assert_eq!(fingerprint(&SMALL.replace(from, to)), first, "{to}");
    }
    let other = [
        ("country: PT", "country: BR"),
        ("country: PT", "country: PT\ntime_zone: Asia/Macau"),
        ("country: PT", "country: PT\nattributes: {x: {type: text}}"),
        ("key: id", "key: [id, nome]"),
        ("key: id", "key: id, updated_at: em"),
        ("key: id", "key: id, ignore: [z]"),
        ("key: id", "key: id, deleted: {column: ativo, values: N}"),
        ("full_name: nome", "given_name: nome"),
        ("[e1, e2]", "[e2, e1]"),
        ("record: person", "record: auto"),
    ];
    for (from, to) in other {
        assert_ne!(fingerprint(&SMALL.replace(from, to)), first, "{to}");
    }
}

#[test]
fn the_recorded_configuration_holds_no_secret() {
    let text = "\
project: loja
country: PT
database: postgres://ana:s3cret@${PASSWORD:-db}/loja
sources:
  crm:
    connector: http
    url: ${PASSWORD}
    token: s3cret
    record: person
    key: 7
    fields: {full_name: nome}
";
    let config = parse(text).unwrap().config_json();
    assert_eq!(
        config,
        serde_json::json!({
            "project": "loja",
            "country": "PT",
            "database": "postgres://ana:***@${PASSWORD:-db}/loja",
            "sources": {"crm": {
                "connector": "http",
                "url": "${PASSWORD}",
                "token": "***",
                "record": "person",
                "key": 7,
                "fields": {"full_name": "nome"},
            }},
        })
    );
    let project = parse(text).unwrap();
    let shown = format!("{project:?}{:?}", project.sources);
    assert!(!shown.contains("s3cret") && !shown.contains("hunter2"), "{shown}");
}

#[test]
fn a_connector_tells_its_problems_at_the_place_of_the_option() {
    let project = parse(SMALL).unwrap();
    let crm = only_source(&project);
    let shown = project.option_problem(crm, "path", "no file matches").to_string();
    assert!(shown.starts_with("vinculo.yaml:4:33: no file matches\n  4 |   crm: {"), "{shown}");
    let shown = project.option_problem(crm, "encoding", "is missing").to_string();
    assert!(shown.starts_with("vinculo.yaml:4:3: is missing\n"), "{shown}");
}

#[test]
fn a_folder_without_a_project_says_how_to_begin() {
    let errors = Project::load(Path::new("/nowhere"), &[], &|_| None).unwrap_err();
    assert_eq!(errors.to_string(), "vinculo.yaml: no such file in /nowhere; `vinculo init` writes one");
}
