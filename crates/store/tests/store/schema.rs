//! The readable schema and the data dictionary, proved to be what the migrations make.
//!
//! `UPDATE_SCHEMA=1 cargo test -p vinculo-store schema` writes both anew.

use crate::project::Project;
use sqlx::{PgConnection, Row};
use std::fmt::Write as _;
use std::path::Path;
use vinculo_records::Standard;

const HEADER: &str = "-- What the migrations make, for reading. Generated from a migrated database; never run.\n";

struct Relation {
    oid: i64,
    name: String,
    is_view: bool,
    comment: String,
}

async fn relations(connection: &mut PgConnection) -> Vec<Relation> {
    sqlx::query(
        "SELECT c.oid::bigint, n.nspname || '.' || c.relname AS name, c.relkind = 'v' AS is_view,
             coalesce(obj_description(c.oid, 'pg_class'), '') AS comment
         FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
         WHERE n.nspname IN ('crm', 'audit', 'vinculo') AND c.relkind IN ('r', 'v')
         ORDER BY array_position(ARRAY['crm', 'audit', 'vinculo'], n.nspname::text), c.relname COLLATE \"C\"",
    )
    .fetch_all(connection)
    .await
    .unwrap()
    .into_iter()
    .map(|row| Relation {
        oid: row.get("oid"),
        name: row.get("name"),
        is_view: row.get("is_view"),
        comment: row.get("comment"),
    })
    .collect()
}

/// Name, type, default and comment of each column.
async fn columns(connection: &mut PgConnection, oid: i64) -> Vec<(String, String, String, String)> {
    sqlx::query_as(
        "SELECT a.attname::text, format_type(a.atttypid, a.atttypmod)
                 || CASE WHEN o.collname = 'C' AND o.oid <> t.typcollation THEN ' COLLATE \"C\"' ELSE '' END
                 || CASE WHEN a.attnotnull THEN ' NOT NULL' ELSE '' END,
             CASE WHEN a.attidentity <> '' THEN ' GENERATED ALWAYS AS IDENTITY'
                 ELSE coalesce(' DEFAULT ' || pg_get_expr(d.adbin, d.adrelid), '') END,
             coalesce(col_description(a.attrelid, a.attnum), '')
         FROM pg_attribute a
         JOIN pg_type t ON t.oid = a.atttypid
         LEFT JOIN pg_collation o ON o.oid = a.attcollation
         LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
         WHERE a.attrelid = $1::oid AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum",
    )
    .bind(oid)
    .fetch_all(connection)
    .await
    .unwrap()
}

/// Keys, checks and indexes, as statements without their names.
async fn constraints(connection: &mut PgConnection, oid: i64) -> (Vec<String>, Vec<String>) {
    let keys = sqlx::query_scalar(
        "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = $1::oid AND contype IN ('p', 'u', 'f', 'c')
         ORDER BY array_position(ARRAY['p', 'u', 'f', 'c'], contype::text), conname COLLATE \"C\"",
    );
    let indexes = sqlx::query_scalar(
        "SELECT pg_get_indexdef(indexrelid) FROM pg_index
         WHERE indrelid = $1::oid AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid)
         ORDER BY indexrelid::regclass::text COLLATE \"C\"",
    );
    let keys = keys.bind(oid).fetch_all(&mut *connection).await.unwrap();
    (keys, indexes.bind(oid).fetch_all(connection).await.unwrap())
}

async fn current_schema(connection: &mut PgConnection) -> String {
    let mut text = HEADER.to_owned();
    for relation in relations(connection).await {
        let columns = columns(connection, relation.oid).await;
        let (keys, indexes) = constraints(connection, relation.oid).await;
        let word = if relation.is_view { "VIEW" } else { "TABLE" };
        let mut lines: Vec<String> =
            columns.iter().map(|(name, kind, default, _)| format!("    {name} {kind}{default}")).collect();
        lines.extend(keys.iter().map(|key| format!("    {key}")));
        let _ = write!(text, "\n-- {}\n{word} {} (\n{}\n);\n", relation.comment, relation.name, lines.join(",\n"));
        for index in indexes {
            let _ = writeln!(text, "{index};");
        }
    }
    text
}

async fn dictionary(connection: &mut PgConnection) -> String {
    let mut text =
        "# The data dictionary\n\nGenerated from the comments of a migrated database. `crm` is for CRM and BI \
                    tools, `audit` for auditors; `vinculo` is private.\n"
            .to_owned();
    for relation in relations(connection).await {
        let _ = write!(
            text,
            "\n## {}\n{}\n\n| column | type | meaning |\n|---|---|---|\n",
            relation.name, relation.comment
        );
        for (name, kind, _, comment) in columns(connection, relation.oid).await {
            let _ = writeln!(
                text,
                "| `{name}` | {} | {} |",
                kind.replace(" COLLATE \"C\"", ""),
                comment.replace('|', "\\|")
            );
        }
    }
    text
}

fn check(file: &str, now: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../schema").join(file);
    if std::env::var_os("UPDATE_SCHEMA").is_some() {
        std::fs::write(&path, now).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(kept == now, "schema/{file} is stale: UPDATE_SCHEMA=1 cargo test -p vinculo-store schema");
}

#[tokio::test]
async fn the_readable_schema_is_what_the_migrations_make() {
    let project = Project::new().await;
    check("current.sql", &current_schema(&mut project.connect().await).await);
}

#[tokio::test]
async fn the_dictionary_is_what_the_comments_say() {
    let project = Project::new().await;
    check("dictionary.md", &dictionary(&mut project.connect().await).await);
}

#[tokio::test]
async fn every_table_and_column_is_explained() {
    let project = Project::new().await;
    let mut connection = project.connect().await;
    for relation in relations(&mut connection).await {
        assert!(!relation.comment.is_empty(), "{}", relation.name);
        for (name, _, _, comment) in columns(&mut connection, relation.oid).await {
            assert!(comment.ends_with('.'), "{}.{name}: a sentence", relation.name);
        }
    }
}

#[tokio::test]
async fn the_golden_columns_are_the_standard_attributes_with_their_meanings() {
    let project = Project::new().await;
    let mut connection = project.connect().await;
    let customer =
        relations(&mut connection).await.into_iter().find(|relation| relation.name == "crm.customer").unwrap();
    let columns = columns(&mut connection, customer.oid).await;
    for (standard, (name, kind, _, comment)) in Standard::ALL.iter().zip(&columns[2..]) {
        assert_eq!(standard.name(), name);
        // The name to show is made of other names where no source gives one.
        if *standard != Standard::Name {
            assert_eq!(standard.meaning(), comment);
        }
        assert_eq!(kind, if *standard == Standard::BirthDate { "date" } else { "text" });
    }
}

#[tokio::test]
async fn nothing_is_created_outside_our_schemas() {
    let project = Project::new().await;
    let elsewhere = "SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname NOT IN ('crm', 'audit', 'vinculo', 'information_schema') AND n.nspname NOT LIKE 'pg\\_%'";
    assert_eq!(project.number(elsewhere).await, 0);
}
