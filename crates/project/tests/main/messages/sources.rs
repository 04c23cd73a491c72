//! What is told of a source and its fields.

use super::{assert_told, with_source};

#[test]
fn sources_and_fields_are_checked() {
    assert_told(
        &[
            (
                r"conector: files
path: a.csv
record: person
key: id
fields: {full_name: nome}",
                &["5:5: unknown key `conector` in a source; did you mean `connector`?"],
            ),
            (
                r"connector: filles
path: a.csv
record: person
key: id
fields: {full_name: nome}",
                &["5:16: unknown connector `filles`; did you mean `files`?"],
            ),
            (
                r"connector: oracle
record: persons
key: []
fields: {}
trust: 101
max_reject_ratio: 5%
delivery: snapshots",
                &[
                    "5:16: unknown connector `oracle`; known are `files`, `http`",
                    "6:13: `record` must be `person`, `organization` or `auto`; did you mean `person`?",
                    "7:10: `key` is an empty list",
                    "8:13: `fields` must name at least one attribute (`attribute: column`)",
                    "9:12: `trust` must be a number from 0 to 100",
                    "10:23: `max_reject_ratio` must be a number from 0 to 1",
                    "11:15: `delivery` must be `changes` or `snapshot`; did you mean `snapshot`?",
                ],
            ),
            (
                r"connector: files
pathh: a.csv
url: x
record: {column: tipo, person: [F], organisation: [J]}
key: [a, a]
fields:",
                &[
                    "4:3: a source has no `fields`; add a line such as `fields: {full_name: nome, email: [email1, email2]}`",
                    "6:5: unknown key `pathh` in a source; did you mean `path`?",
                    "7:5: unknown key `url` in a source",
                    "8:41: unknown key `organisation` in `record`; did you mean `organization`?",
                    "9:14: `key` names `a` twice",
                ],
            ),
            (
                r"connector: files
path: a.csv
record: {column: tipo, person: [F, J], organization: J}
key: [a, {b: c}]
fields: {nam: nome}",
                &[
                    "7:13: a value stands for both a person and an organization",
                    "8:14: `key` must be one value",
                    "9:14: unknown attribute `nam`; did you mean `name`?",
                ],
            ),
            (
                r#"connector: files
path: a.csv
record: person
key: id
fields:
  name: nome
  legal_name: razao
  emial: e
  zodiac: z
  birth_date: {column: nascimento, format: dd/mm/yyyy}
  full_name: {colunm: nome}
  email: {column: a, columns: [b, c]}
  phone: {column: tel, format: "%d/%m/%Y"}
  sex: {column: sexo, separator: ";"}
  city: [a, a]
  region: ""
  street: {column: r, decimal: ","}"#,
                &[
                    "10:7: `name` is for `record: auto` or by a column; a person has a `full_name`",
                    "11:7: `legal_name` is of organizations, and the records are persons",
                    "12:7: unknown attribute `emial`; did you mean `email`?",
                    "13:7: unknown attribute `zodiac`; declare it under `attributes`",
                    "14:48: this is no date format; write its parts with `%`, such as `%d/%m/%Y`",
                    "15:7: `full_name` has no `column`",
                    "15:19: unknown key `colunm` in a field; did you mean `column`?",
                    "16:23: `email` has both `column` and `columns`",
                    "17:28: `format` is for dates, and `phone` is none",
                    "18:27: `separator` is for several values, and `sex` has one",
                    "19:17: `city` names `a` twice",
                    "20:15: `region` is empty",
                    "21:27: `decimal` is for numbers, and `street` is none",
                ],
            ),
            (
                r#"connector: files
path: a.csv
record: person
key: id
updated_at: {column: x, format: ["%d/%m/%Y", "%d/%m/%q"]}
deleted: ativo
fields: {birth_date: [a, b, c], name: x}"#,
                &[
                    "9:50: the format has an unknown part `%q`; known are %Y %y %m %b %B %d %H %I %p %M %S %f %z %s %%",
                    "10:14: `deleted` must be keys with values, such as `column: ativo`",
                    "11:14: `birth_date` of several columns needs a `format`, such as `%Y %m %d`",
                    "11:37: `name` is for `record: auto` or by a column; a person has a `full_name`",
                ],
            ),
            (
                r"connector: files
path: a.csv
record: organization
key: id
updated_at: stamp
deleted: {column: ativo, values: []}
ignore: [id, nome, stamp]
fields: {legal_name: nome, given_name: a, name: b}",
                &[
                    "10:38: `values` is an empty list",
                    "11:14: `id` gives `key`, so it cannot be ignored",
                    "11:18: `nome` gives `legal_name`, so it cannot be ignored",
                    "12:32: `given_name` is of persons, and the records are organizations",
                    "12:47: `name` is for `record: auto` or by a column; an organization has a `legal_name`",
                ],
            ),
        ],
        with_source,
    );
}
