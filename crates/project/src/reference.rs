//! Prints the configuration reference from the table of keys.

use crate::date_format;
use crate::keys::{Group, Key, LeftOut};
use crate::resolution::{COMPARISONS, KEY_PARTS};
use crate::survivorship::RULES;
use std::fmt::Write;
use vinculo_records::{Kind, Standard};

/// The options of a kind of connector, described by the connector itself.
#[derive(Debug, Clone, Copy)]
pub struct ConnectorReference<'a> {
    /// The kind, as it stands behind `connector:`.
    pub kind: &'a str,
    /// Its options in Markdown, without a heading.
    pub text: &'a str,
}

/// The heading under which the options of connectors stand, at the end of the reference.
pub const CONNECTOR_HEADING: &str = "## Options of the connectors";

/// The reference of `vinculo.yaml` in Markdown.
pub fn reference(connectors: &[ConnectorReference<'_>]) -> String {
    let mut page = String::from(INTRODUCTION);
    for group in Group::ALL {
        print_group(&mut page, group);
    }
    print_attributes(&mut page);
    print_formats(&mut page);
    print_comparisons(&mut page);
    print_rules(&mut page);
    print_connectors(&mut page, connectors);
    page
}

const INTRODUCTION: &str = r#"# `vinculo.yaml`

This page is generated from the table that the program checks the file with. `UPDATE_DOCS=1 cargo test -p
vinculo-project` writes it anew.

```yaml
project: loja
country: BR
database: ${DATABASE_URL:-}
sources:
  crm:
    connector: files
    path: data/crm*.csv
    record: person
    key: id
    updated_at: atualizado_em
    fields:
      given_name: nome
      family_name: [sobrenome1, sobrenome2]
      phone: [telefone, celular]
      birth_date: {column: nascimento, format: ["%d/%m/%Y", "%Y-%m-%d"]}
      email: {column: emails, separator: ";"}
      tax_id: cpf
```

- **Problems** are told all at once, each with its line and column. An unknown key is a problem.
- **Variables**: `${NAME}` is the value of the environment variable, `${NAME:-default}` takes the default where the
  variable is unset or empty. They are put in after the file was read, into values only, so that a variable never adds
  a key or a line; what a variable gives is always text. Inside of `{ }` and `[ ]` it needs quotes: `"${NAME}"`.
  `$${` stands for a plain `${`; any other `$` is itself. What is recorded with a run shows `${NAME}`, not the value.
- **YAML**: one document in UTF-8, up to 1 MiB and 32 levels. Anchors and aliases work; tags and merge keys (`<<`) do
  not.
- **Columns** are named as in the header of the source.
"#;

fn print_group(page: &mut String, group: Group) {
    let (heading, purpose) = group.heading();
    let _ = write!(page, "\n## {heading}\n\n{purpose}\n\n| key | value | left out | meaning |\n|---|---|---|---|\n");
    for Key { name, value, default, meaning, .. } in group.keys() {
        let default = match default {
            LeftOut::Required => "required".to_owned(),
            LeftOut::Nothing => "nothing".to_owned(),
            LeftOut::Is(value) => format!("`{value}`"),
            LeftOut::Chosen(how) => (*how).to_owned(),
        };
        let _ = writeln!(page, "| `{name}` | {value} | {default} | {meaning} |");
    }
    page.push_str("\nAn example of each:\n\n```yaml\n");
    for key in group.keys() {
        let _ = writeln!(page, "{}", key.example);
    }
    page.push_str("```\n");
}

fn print_attributes(page: &mut String) {
    page.push_str("\n## Standard attributes\n\n| attribute | of | values | meaning |\n|---|---|---|---|\n");
    for standard in Standard::ALL {
        let of = match (standard.applies_to(Kind::Person), standard.applies_to(Kind::Organization)) {
            _ if *standard == Standard::Name => "records whose kind varies",
            (true, true) => "both",
            (true, false) => "persons",
            _ => "organizations",
        };
        let values = if standard.is_multi_valued() { "several" } else { "one" };
        let _ = writeln!(page, "| `{}` | {of} | {values} | {} |", standard.name(), standard.meaning());
    }
}

fn print_formats(page: &mut String) {
    page.push_str(
        "\n## Date formats\n\nLeft out, a date is in ISO 8601 form (`1990-05-17`, `1990-05-17T08:30:00-03:00`). A \
         format has one year, one month and one day, or `%s` alone; anything else in it stands for itself. The word \
         `excel` reads days counted as spreadsheets do.\n\n| part | reads \
         |\n|---|---|\n",
    );
    for (part, meaning) in date_format::PARTS {
        let _ = writeln!(page, "| `%{part}` | {meaning} |");
    }
}

fn print_comparisons(page: &mut String) {
    page.push_str(
        "\n## Comparisons\n\nOf persons. Declared attributes are compared under their own names. Organizations have \
         evidence of their own (names, websites, sets, identifiers, contacts, addresses), of which nothing is chosen \
         here; `thresholds`, `exclusive`, `pairs_per_record` and `block_limit` hold for them too.\n\n",
    );
    print_names(page, "comparison", "compares", COMPARISONS.iter().copied());
    page.push_str("\n## Parts of blocking keys\n\nOf persons; keys of organizations are made by themselves.\n\n");
    print_names(page, "part", "is", KEY_PARTS.iter().copied());
}

fn print_rules(page: &mut String) {
    page.push_str(
        "\n## Survivorship rules\n\nRules are asked in turn, each only where those before it leave several values. A \
         name and an address survive as a whole, from one record; their rules stand under `full_name` and `address`. \
         Left out, all rules are asked in this order.\n\n",
    );
    print_names(page, "rule", "prefers", RULES.iter().map(|(rule, meaning)| (rule.name(), *meaning)));
}

fn print_names<'a>(page: &mut String, what: &str, does: &str, names: impl Iterator<Item = (&'a str, &'a str)>) {
    let _ = write!(page, "| {what} | {does} |\n|---|---|\n");
    for (name, meaning) in names {
        let _ = writeln!(page, "| `{name}` | {meaning} |");
    }
}

fn print_connectors(page: &mut String, connectors: &[ConnectorReference<'_>]) {
    let _ = write!(page, "\n{CONNECTOR_HEADING}\n\nThey stand beside the keys of a source.\n");
    for ConnectorReference { kind, text } in connectors {
        let _ = write!(page, "\n### `connector: {kind}`\n\n{}\n", text.trim());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ConnectorKeys, Project};
    use std::path::Path;

    const FILES: &[ConnectorKeys<'_>] = &[ConnectorKeys { kind: "files", keys: &["path"] }];

    fn assert_reads(text: &str) {
        let read = Project::parse(text, "vinculo.yaml", Path::new("."), FILES, &|_| None);
        assert!(read.is_ok(), "{text}\n{}", read.unwrap_err());
    }

    fn indented(group: Group, indent: &str, but: &[&str]) -> String {
        let keys = group.keys().iter().filter(|key| !but.contains(&key.name));
        keys.map(|key| format!("{indent}{}\n", key.example)).collect()
    }

    #[test]
    fn the_reference_in_docs_is_the_one_of_this_program() {
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/reference/vinculo-yaml.md");
        let page = reference(&[]);
        let (head, own_tail) = page.split_at(page.find(CONNECTOR_HEADING).unwrap());
        let written = std::fs::read_to_string(file).unwrap_or_default();
        if std::env::var_os("UPDATE_DOCS").is_some() {
            let tail = written.find(CONNECTOR_HEADING).map_or(own_tail, |at| &written[at..]);
            std::fs::create_dir_all(Path::new(file).parent().unwrap()).unwrap();
            std::fs::write(file, format!("{head}{tail}")).unwrap();
            return;
        }
        assert!(
            written.starts_with(&format!("{head}{CONNECTOR_HEADING}")),
            "docs/reference/vinculo-yaml.md is stale: run UPDATE_DOCS=1 cargo test -p vinculo-project"
        );
    }

    #[test]
    fn every_example_begins_with_its_key() {
        for key in Group::ALL.into_iter().flat_map(Group::keys) {
            assert!(key.example.starts_with(&format!("{}: ", key.name)), "{}", key.example);
        }
    }

    #[test]
    fn every_example_is_accepted() {
        let top = "project: p\ncountry: BR\n";
        let source = "connector: files, path: a.csv, record: person, key: id, fields: {full_name: nome}";
        assert_reads(&indented(Group::Project, "", &[]));
        assert_reads(&format!("{top}sources:\n  crm:\n{}", indented(Group::Source, "    ", &[])));
        for (group, key) in
            [(Group::RecordColumn, "record"), (Group::UpdatedAt, "updated_at"), (Group::Deleted, "deleted")]
        {
            let rest = indented(Group::Source, "    ", &[key]);
            assert_reads(&format!("{top}sources:\n  crm:\n{rest}    {key}:\n{}", indented(group, "      ", &[])));
        }
        let declared = "attributes: {loyalty_number: {type: code}, income: {type: number}}\n";
        let resolution = indented(Group::Resolution, "  ", &["thresholds", "blocking"]);
        let thresholds = indented(Group::Thresholds, "    ", &[]);
        let blocking = indented(Group::Blocking, "      ", &[]).replacen("     ", "    -", 1);
        let resolution = format!("resolution:\n{resolution}  thresholds:\n{thresholds}  blocking:\n{blocking}");
        assert_reads(&format!("{top}{declared}sources: {{crm: {{{source}}}}}\n{resolution}"));
        assert_reads(&format!(
            "{top}sources: {{crm: {{{source}}}}}\nattributes:\n  a: {{type: set, {}}}\n  b: {{{}}}\n",
            Group::Attribute.keys()[1].example,
            Group::Attribute.keys()[0].example,
        ));
        for key in Group::Field.keys() {
            let field = match key.name {
                "column" | "columns" => format!("full_name: {{{}}}", key.example),
                "format" => format!("birth_date: {{column: a, {}}}", key.example),
                "separator" => format!("email: {{column: a, {}}}", key.example),
                _ => format!("income: {{column: a, {}}}", key.example),
            };
            let source = source.replace("full_name: nome", &field);
            assert_reads(&format!("{top}{declared}sources: {{crm: {{{source}}}}}\n"));
        }
    }
}
