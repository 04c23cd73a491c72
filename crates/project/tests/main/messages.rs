//! Every problem is told with its place, in words that say what to do.

mod sources;

use crate::parse;

/// A good project around `source`, the lines of one source (from line 5, indented by 4).
fn with_source(source: &str) -> String {
    let lines: String = source.lines().map(|line| format!("    {line}\n")).collect();
    format!("project: loja\ncountry: BR\nsources:\n  crm:\n{lines}")
}

/// A good source in five lines, with `more` after it (from line 10).
fn with_good_source(more: &str) -> String {
    let source = "connector: files\npath: a.csv\nrecord: person\nkey: id\nfields: {full_name: nome}";
    with_source(source) + more
}

/// The first line of every problem, without the name of the file.
fn told(text: &str) -> Vec<String> {
    let errors = parse(text).err().map(|errors| errors.to_string()).unwrap_or_default();
    errors.lines().filter_map(|line| line.strip_prefix("vinculo.yaml:")).map(str::to_owned).collect()
}

fn assert_told(cases: &[(&str, &[&str])], around: fn(&str) -> String) {
    for (text, lines) in cases {
        assert_eq!(told(&around(text)), *lines, "{text}");
    }
}

#[test]
fn what_is_no_yaml_is_told_where_reading_stopped() {
    assert_told(
        &[
            ("\n\n", &[" the file is empty"]),
            ("# only a comment", &[" the file is empty"]),
            ("project: loja\n\tcountry: BR\n", &["2:1: a tab is used to indent; use spaces"]),
            ("project: loja: shop", &["1:14: a second `:` in one line; put quotes around a value that holds `: `"]),
            (
                r#"project: "loja"#,
                &["1:10: the YAML cannot be read: while scanning a quoted scalar, found unexpected end of stream"],
            ),
            ("a: {b: ${NAME}}", &["1:9: put quotes around `${NAME}` inside of `{ }` or `[ ]`"]),
            ("- a", &["1:1: the project must be keys with values, such as `project: loja`"]),
            ("just text", &["1:1: the project must be keys with values, such as `project: loja`"]),
            (
                r"project: loja
---
project: b",
                &["2:1: a second document; the file holds one"],
            ),
            ("project: !!str loja", &["1:10: tags (`!name`) are not supported"]),
            (
                r"a: &x {b: 1}
c: {<<: *x}",
                &["2:5: merge keys (`<<`) are not supported"],
            ),
            ("{[a]: b}", &["1:2: a key must be plain text"]),
        ],
        str::to_owned,
    );
}

#[test]
fn keys_of_the_project_are_checked() {
    assert_told(
        &[
            (
                r"project: loja
project: other
country: BR
sources: {}",
                &[
                    "2:1: duplicate key `project`; it stands in line 1 already",
                    "4:10: `sources` must name at least one source",
                ],
            ),
            (
                r"projekt: loja
contry: BR
sauces: []",
                &[
                    "1:1: unknown key `projekt` in the project; did you mean `project`?",
                    "2:1: unknown key `contry` in the project; did you mean `country`?",
                    "3:1: unknown key `sauces` in the project; did you mean `sources`?",
                ],
            ),
            (
                r"project: loja
country: Brazil
sources: 3",
                &[
                    "2:10: `country` must be an ISO 3166 code of two letters, such as BR",
                    "3:10: `sources` must name at least one source",
                ],
            ),
            (
                r"project: loja
country: br
time_zone: America/Sao_Paolo
database: mysql://db/loja
sources:",
                &[
                    "1:1: the project has no `sources`; add a line such as `sources: {crm: {connector: files, path: crm.csv, record: person, key: id, fields: {full_name: nome}}}`",
                    "2:10: `country` must be an ISO 3166 code of two letters, such as BR; did you mean `BR`?",
                    "3:12: `time_zone` must be an IANA name, such as America/Sao_Paulo; did you mean `America/Sao_Paulo`?",
                    "4:11: `database` must be a URL that begins with postgres://",
                ],
            ),
            (
                r"project: ${NAME_UNSET}
country: UK
database: ${PASSWORD
sources: {}",
                &[
                    "1:10: the variable `NAME_UNSET` is not set; set it, or give a default: `${NAME_UNSET:-default}`",
                    "2:10: `country` must be an ISO 3166 code of two letters, such as BR; did you mean `GB`?",
                    "3:11: `${` without its `}`",
                    "3:11: `database` must be a URL that begins with postgres://",
                    "4:10: `sources` must name at least one source",
                ],
            ),
            (
                r"project: loja
country: BR
sources:
  Crm-1:
    conector: files",
                &[
                    "4:3: a source has no `fields`; add a line such as `fields: {full_name: nome, email: [email1, email2]}`",
                    "4:3: a source has no `key`; add a line such as `key: [loja, codigo]`",
                    "4:3: a source has no `record`; add a line such as `record: person`",
                    "4:3: the name of a source must be lower case letters, digits and `_`, a letter first, at most 63",
                    "5:5: unknown key `conector` in a source; did you mean `connector`?",
                ],
            ),
        ],
        str::to_owned,
    );
}

#[test]
fn settings_are_checked() {
    assert_told(
        &[
            (
                r#"attributes:
  email: {type: text}
  Hobby: {type: text}
  default: {type: text}
  class: {type: sets}
  team: {type: text, separator: ","}
  none:"#,
                &[
                    "11:3: `email` is a standard attribute; it needs no declaration",
                    "12:3: the name of an attribute must be lower case letters, digits and `_`, a letter first, at most 63",
                    "13:3: `default` cannot be the name of an attribute",
                    "14:17: `type` must be `text`, `code`, `date`, `number` or `set`; did you mean `set`?",
                    "15:22: `separator` is for sets, and `team` is none",
                    "16:3: an attribute has no `type`; add a line such as `type: code`",
                ],
            ),
            (
                r"attributes: [a]
resolution: [a]
survivorship: [a]",
                &[
                    "10:13: `attributes` must be names with their declarations (`name: {type: text}`)",
                    "11:13: `resolution` must be keys with values, such as `organization: company`",
                    "12:15: `survivorship` must be attributes with their rules (`phone: [most_recent]`)",
                ],
            ),
            (
                r"resolution:
  organisation: company
  organization: firm
  exclusive: [tax_id, email, loialty]
  thresholds: {match: 0.5, review: 0.9, maybe: 1}
  blocking: [[emial], [birth_date, zodiac], []]
  comparisons: [given_name, zodiac]
  pairs_per_record: many
  block_limit: 1",
                &[
                    "11:3: unknown key `organisation` in `resolution`; did you mean `organization`?",
                    "12:17: `organization` must be `establishment` or `company`",
                    "13:23: `email` cannot be exclusive; `tax_id` and attributes of type `code` can",
                    "13:30: unknown attribute `loialty`; declare it under `attributes`",
                    "14:3: `review` is above `match`",
                    "14:41: unknown key `maybe` in `thresholds`",
                    "15:15: `emial` is not a part of a blocking key; did you mean `email`?",
                    "15:36: `zodiac` is not a part of a blocking key",
                    "15:45: a blocking rule is an empty list",
                    "16:16: `given_name` and `family_name` are compared together or not at all",
                    "16:29: `zodiac` is not a comparison",
                    "17:21: `pairs_per_record` must be a number from 1 to 10000",
                    "18:16: `block_limit` must be a number from 2 to 1000000",
                ],
            ),
            (
                "resolution: {thresholds: {match: 50, review: 1}, blocking: email}",
                &[
                    "10:34: `match` must be a number from 0 to 1",
                    "10:46: `review` must be above 0 and below 1: nothing is certain",
                    "10:60: `blocking` must be a list of rules (`[[email], [birth_date, initials]]`)",
                ],
            ),
            (
                "survivorship: {phone: newest, emial: [longest], default: [], sex: [most_recent, most_recent, most_recnt], city: longest, tax_id: most_complete}",
                &[
                    "10:23: a survivorship rule must be `unflagged`, `most_trusted`, `most_recent`, `most_frequent` or `longest`",
                    "10:31: unknown attribute `emial`; did you mean `email`?",
                    "10:58: no rule; name at least one",
                    "10:81: `most_recent` is named twice",
                    "10:94: a survivorship rule must be `unflagged`, `most_trusted`, `most_recent`, `most_frequent` or `longest`; did you mean `most_recent`?",
                    "10:107: `city` survives with the rest of `address`; name the rules there",
                    "10:130: a survivorship rule must be `unflagged`, `most_trusted`, `most_recent`, `most_frequent` or `longest`",
                ],
            ),
        ],
        with_good_source,
    );
}

#[test]
fn a_problem_is_shown_under_its_line() {
    let text = "project: loja\ncountry: BR\nsources:\n\u{20}\u{20}crm: {connector: filés}\n";
    let shown = parse(text).unwrap_err().to_string();
    let expected = "\
vinculo.yaml:4:3: a source has no `fields`; add a line such as `fields: {full_name: nome, email: [email1, email2]}`
  4 |   crm: {connector: filés}
    |   ^^^
vinculo.yaml:4:3: a source has no `key`; add a line such as `key: [loja, codigo]`
  4 |   crm: {connector: filés}
    |   ^^^
vinculo.yaml:4:3: a source has no `record`; add a line such as `record: person`
  4 |   crm: {connector: filés}
    |   ^^^
vinculo.yaml:4:20: unknown connector `filés`; did you mean `files`?
  4 |   crm: {connector: filés}
    |                    ^^^^^";
    assert_eq!(shown, expected);
}

#[test]
fn no_value_of_a_variable_and_no_secret_is_shown() {
    let more = "database: ${PASSWORD}\ntime_zone: ${PASSWORD}\nresolution: {organization: '${PASSWORD}'}\n";
    let source = "connector: http\nurl: https://ana:s3cret@site/\ntoken: s3cret\nrecord: ${PASSWORD}\n\
                  key: [\"${PASSWORD}\", \"${PASSWORD}\"]\ntrust: ${PASSWORD}\nfields: {birth_date: {column: a, format: \"${PASSWORD}\"}}";
    let errors = parse(&(with_source(source) + more)).unwrap_err();
    let shown = format!("{errors}{errors:?}");
    assert_eq!(errors.problems().len(), 7, "{errors}");
    assert!(!shown.contains("hunter2") && !shown.contains("s3cret"), "{shown}");
    assert!(told("project: p\nurl: https://ana:s3cret@site/\ntoken: s3cret\n").len() > 2);
    let errors = parse("url: https://ana:s3cret@site/\ntoken: s3cret\n").unwrap_err().to_string();
    assert!(!errors.contains("s3cret"), "{errors}");
}

#[test]
fn a_file_that_grows_without_end_is_refused() {
    let mut bomb = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for n in 1..12 {
        let before = n - 1;
        bomb += &format!("a{n}: &a{n} [{}]\n", vec![format!("*a{before}"); 10].join(", "));
    }
    let cases = [
        (bomb, "5:45: more than 100000 values, aliases counted in full"),
        ("[".repeat(200), "1:33: nested deeper than 32 levels"),
        ("a: ".to_owned() + &"{a: ".repeat(40), "1:128: nested deeper than 32 levels"),
        ("a: &a [*a]".into(), "1:8: an alias stands inside of what it repeats"),
        ("x".repeat(2 << 20), " the file is longer than 1024 KiB"),
    ];
    for (text, line) in cases {
        assert_eq!(told(&text), [line]);
    }
}

#[test]
fn a_project_takes_no_more_attributes_than_there_are_numbers_for() {
    let many: String = (0..129).map(|n| format!("  a{n}: {{type: text}}\n")).collect();
    assert_eq!(told(&with_good_source(&format!("attributes:\n{many}"))), ["11:3: more than 128 declared attributes"]);
}
