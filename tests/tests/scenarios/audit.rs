//! The audit chain: whatever is altered is found, and where; a record can be proved to have been there without the database.

use crate::shop::{CRM, WEBSHOP, YAML, shop, windows_1252};
use sqlx::Connection;
use std::collections::{BTreeMap, BTreeSet};
use vinculo_records::TreeHash;
use vinculo_store::Store;
use vinculo_store::audit::{AuditAccount, AuditFault, NOT_AUDITED, audited_columns};
use vinculo_tests::Stage;

/// Something in every table that is never altered: corrections, merges, rejected rows, judgements, values read otherwise
/// twice.
async fn shop_with_a_past() -> Stage {
    let stage = shop().await;
    let tolerant = YAML.replace("trust: 80", "trust: 80\n    max_reject_ratio: 0.9");
    stage.write("vinculo.yaml", tolerant.as_bytes());
    stage.write("crm.csv", &windows_1252(&format!("{CRM}6;Rejeitado;gmail.com\n")));
    stage.run(&[]);
    let corrected = CRM.replace("Francisca das Chagas Lima;", "Francisca das Chagas de Lima;");
    stage.write("crm.csv", &windows_1252(&corrected));
    let news = r#"{"id": 906, "first": "Pedro Henrique", "last": "Araujo", "born": "1988-08-08", "email": "pedro.araujo@terra.com.br", "phone": "41999991234", "cpf": "935.411.347-80"}"#;
    stage.write("webshop.jsonl", format!("{WEBSHOP}{news}\n").as_bytes());
    stage.run(&[]);
    let dated = "    updated_at: {column: alterado, format: '%d/%m/%Y %H:%M'}\n";
    for yaml in [YAML.replace(dated, ""), YAML.to_owned()] {
        stage.write("vinculo.yaml", yaml.as_bytes());
        stage.run(&[]);
    }
    let judged =
        stage.vinculo(&["judge", "different", "crm", "1", "webshop", "901", "--reason", "mother and daughter"]);
    assert_eq!(judged.code, Some(0), "{}", judged.stderr);
    stage.run(&[]);
    stage
}

async fn examine(store: &Store, kept: Option<TreeHash>) -> AuditAccount {
    store.examine_audit(kept, &|_| ()).await.expect("the chain can be examined")
}

async fn store(stage: &Stage) -> Store {
    Store::connect(stage.database().url()).await.expect("the test database")
}

/// Takes away what would stop a forger anyway for a moment only: keys, checks, references. Keeps a copy of each table.
async fn open_to_forgers(stage: &Stage, tables: &BTreeSet<&str>) {
    stage
        .execute(
            "DO $$ DECLARE target record; BEGIN
                 FOR target IN
                     SELECT conrelid::regclass AS relation, conname FROM pg_constraint
                     WHERE connamespace IN ('vinculo'::regnamespace, 'crm'::regnamespace) AND contype IN ('c', 'f', 'u', 'p')
                     ORDER BY array_position(ARRAY['f', 'c', 'u', 'p'], contype::text)
                 LOOP
                     EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', target.relation, target.conname);
                 END LOOP;
             END $$;
             ALTER TABLE vinculo.run ALTER run_id DROP IDENTITY;
             ALTER TABLE vinculo.delivery ALTER delivery_id DROP IDENTITY;
             ALTER TABLE vinculo.model ALTER plan DROP EXPRESSION, ALTER weights DROP EXPRESSION;
             CREATE SCHEMA kept",
        )
        .await;
    for table in tables {
        stage.execute(&format!("CREATE TABLE kept.{} AS TABLE {table}", plain(table))).await;
    }
}

fn plain(table: &str) -> &str {
    table.split_once('.').expect("a table with its schema").1
}

async fn restore(stage: &Stage, table: &str) {
    stage.execute(&format!("DELETE FROM {table}; INSERT INTO {table} SELECT * FROM kept.{}", plain(table))).await;
}

/// All columns of our tables and their types, by table.
async fn columns(stage: &Stage) -> BTreeMap<String, Vec<(String, String)>> {
    let query = "SELECT c.table_schema || '.' || c.table_name || ' ' || c.column_name || ' ' || c.udt_name
        FROM information_schema.columns c JOIN information_schema.tables t USING (table_schema, table_name)
        WHERE c.table_schema IN ('vinculo', 'crm') AND t.table_type = 'BASE TABLE'
        ORDER BY 1";
    let mut connection = sqlx::PgConnection::connect(stage.database().url()).await.expect("the test database");
    let rows: Vec<String> = sqlx::query_scalar(query).fetch_all(&mut connection).await.expect("the columns");
    let mut columns: BTreeMap<String, Vec<(String, String)>> = BTreeMap::new();
    for row in rows {
        let [table, column, kind] = row.split(' ').collect::<Vec<_>>()[..] else { panic!("{row}") };
        columns.entry(table.to_owned()).or_default().push((column.to_owned(), kind.to_owned()));
    }
    columns
}

/// A value that the column does not hold.
fn another(column: &str, kind: &str) -> String {
    match kind {
        "int2" | "int4" | "int8" => format!("coalesce({column}, 0) + 1"),
        "text" => format!("coalesce({column}, '') || 'x'"),
        "bool" => format!("NOT coalesce({column}, false)"),
        "uuid" => "gen_random_uuid()".to_owned(),
        "timestamptz" => format!("coalesce({column}, now()) + interval '1 microsecond'"),
        "date" => format!("coalesce({column}, '2000-01-01') + 1"),
        "jsonb" => format!("jsonb_build_array({column})"),
        "bytea" => format!("set_byte({column}, 0, (get_byte({column}, 0) + 1) % 256)"),
        "_text" => format!("coalesce({column}, '{{}}') || 'x'::text"),
        "_int8" => format!("coalesce({column}, '{{}}') || 1::bigint"),
        "_int2" => format!("coalesce({column}, '{{}}') || 1::smallint"),
        other => panic!("columns of the type {other} are not altered by this test yet"),
    }
}

#[tokio::test]
async fn every_column_is_covered_or_left_out_for_a_reason() {
    let stage = shop().await;
    stage.run(&[]);
    let audited: BTreeSet<(&str, &str)> = audited_columns().collect();
    let left_out = |table: &str, column: &str| {
        NOT_AUDITED
            .iter()
            .any(|(of, what, why)| *of == table && (what.is_empty() || *what == column) && !why.is_empty())
    };
    let columns = columns(&stage).await;
    for (table, columns) in &columns {
        for (column, _) in columns {
            let is_audited = audited.contains(&(table.as_str(), column.as_str()));
            assert!(is_audited != left_out(table, column), "{table}.{column}: covered, or left out with a reason");
        }
    }
    for (table, column) in audited.into_iter().chain(NOT_AUDITED.iter().map(|(table, column, _)| (*table, *column))) {
        let known =
            columns.get(table).is_some_and(|columns| column.is_empty() || columns.iter().any(|c| c.0 == column));
        assert!(known, "there is no {table}.{column}");
    }
}

#[tokio::test]
async fn a_changed_value_in_any_column_of_any_table_is_found() {
    let stage = shop_with_a_past().await;
    let store = store(&stage).await;
    let account = examine(&store, None).await;
    assert!(account.findings.is_empty() && account.uncovered == 0, "{account:?}");
    let audited: BTreeSet<(&str, &str)> = audited_columns().collect();
    let tables: BTreeSet<&str> = audited.iter().map(|(table, _)| *table).collect();
    open_to_forgers(&stage, &tables).await;
    let kinds = columns(&stage).await;
    let held_against_body = ["plan", "weights"].map(|column| ("vinculo.model", column));
    for (table, column) in audited.into_iter().chain(held_against_body) {
        let rows = stage.count(&format!("SELECT count(*) FROM {table}")).await;
        assert!(rows > 0, "{table} has no row to be altered");
        let kind = &kinds[table].iter().find(|(name, _)| name == column).expect("a column of the table").1;
        let altered = another(column, kind);
        let one = format!("ctid = (SELECT ctid FROM {table} ORDER BY {column} NULLS LAST, ctid LIMIT 1)");
        stage.execute(&format!("UPDATE {table} SET {column} = {altered} WHERE {one}")).await;
        let account = examine(&store, None).await;
        let named = account.findings.iter().any(|finding| finding.relation.is_some_and(|found| tells_of(found, table)));
        assert!(named, "{table}.{column}: {:?}", account.findings);
        restore(&stage, table).await;
    }
    assert!(examine(&store, None).await.findings.is_empty(), "what was altered is as it was");
}

/// Whether a relation has rows of a table: files are leaves with their delivery, earlier states of customers with theirs.
fn tells_of(relation: &str, table: &str) -> bool {
    relation.starts_with(table)
        || (relation, table) == ("vinculo.delivery", "vinculo.delivery_file")
        || (relation, table) == ("crm.customer", "vinculo.customer_history")
        || (relation, table) == ("vinculo.restatement", "vinculo.source_record_version")
}

#[tokio::test]
async fn a_deleted_and_an_inserted_row_of_any_table_is_found() {
    let stage = shop_with_a_past().await;
    let store = store(&stage).await;
    let tables: BTreeSet<&str> = audited_columns().map(|(table, _)| table).collect();
    open_to_forgers(&stage, &tables).await;
    for table in tables {
        stage.execute(&format!("DELETE FROM {table} WHERE ctid = (SELECT max(ctid) FROM {table})")).await;
        let account = examine(&store, None).await;
        assert!(
            account.findings.iter().any(|finding| finding.fault == AuditFault::RowsAltered),
            "{table}: {account:?}"
        );
        restore(&stage, table).await;
        let key = match plain(table) {
            "source" => "source_id",
            "delivery_file" => "file_no",
            "source_record" | "membership_history" => "record_id",
            "source_record_version" | "restatement" | "reject" | "judgement" | "decision" | "run" | "delivery" => {
                &format!("{}_id", plain(table).trim_start_matches("source_record_"))
            }
            "model" => "model_version",
            "publication" => "publication",
            "customer_change" => "change_seq",
            "customer" | "customer_history" => "version",
            other => panic!("{other} needs a key to insert by"),
        };
        let copied = format!("to_jsonb(t) || jsonb_build_object('{key}', 1000 + (to_jsonb(t) ->> '{key}')::bigint)");
        let copied = if table == "crm.customer" {
            format!("{copied} || jsonb_build_object('customer_id', gen_random_uuid())")
        } else {
            copied
        };
        stage
            .execute(&format!(
                "INSERT INTO {table}
                 SELECT (jsonb_populate_record(NULL::{table}, {copied})).* FROM {table} t LIMIT 1"
            ))
            .await;
        let account = examine(&store, None).await;
        assert!(!account.findings.is_empty(), "a row inserted into {table}");
        restore(&stage, table).await;
    }
    assert!(examine(&store, None).await.findings.is_empty(), "what was altered is as it was");
}

#[tokio::test]
async fn the_chain_itself_cannot_be_cut_reordered_or_rewritten_unseen() {
    let stage = shop_with_a_past().await;
    let store = store(&stage).await;
    let tables = BTreeSet::from(["vinculo.audit_block", "vinculo.audit_span", "vinculo.audit_salt"]);
    open_to_forgers(&stage, &tables).await;
    let head = examine(&store, None).await.head.expect("a last block");
    let last = head.block;
    assert!(last >= 5, "{last} blocks");
    let forgeries = [
        (AuditFault::RowsAdded, format!("DELETE FROM vinculo.audit_span WHERE block = {last}; DELETE FROM vinculo.audit_block WHERE block = {last}")),
        (AuditFault::BlockMissing, "DELETE FROM vinculo.audit_span WHERE block = 2; DELETE FROM vinculo.audit_block WHERE block = 2".into()),
        (AuditFault::ChainBroken, "UPDATE vinculo.audit_block SET block = 5 - block WHERE block IN (2, 3); UPDATE vinculo.audit_span SET block = 5 - block WHERE block IN (2, 3)".into()),
        (AuditFault::BlockAltered, "UPDATE vinculo.audit_block SET run_id = run_id + 1 WHERE block = 2".into()),
        (AuditFault::BlockAltered, "UPDATE vinculo.audit_block SET hash = set_byte(hash, 0, (get_byte(hash, 0) + 1) % 256) WHERE block = 2".into()),
        (AuditFault::ChainBroken, "UPDATE vinculo.audit_block SET previous = set_byte(previous, 9, (get_byte(previous, 9) + 1) % 256) WHERE block = 3".into()),
        (AuditFault::SpansAltered, "UPDATE vinculo.audit_block SET root = set_byte(root, 9, (get_byte(root, 9) + 1) % 256) WHERE block = 3".into()),
        (AuditFault::SpansAltered, "DELETE FROM vinculo.audit_span WHERE block = 1 AND relation = 'vinculo.run'".into()),
        (AuditFault::SpansAltered, "UPDATE vinculo.audit_span SET last_id = last_id + 1 WHERE block = 1 AND relation = 'vinculo.reject'".into()),
        (AuditFault::SpansAltered, "UPDATE vinculo.audit_span SET groups = set_byte(groups, 3, (get_byte(groups, 3) + 1) % 256) WHERE block = 1".into()),
        (AuditFault::RowsAltered, "UPDATE vinculo.audit_salt SET salts = set_byte(salts, 16, (get_byte(salts, 16) + 1) % 256)".into()),
    ];
    for (expected, forgery) in forgeries {
        stage.execute(&forgery).await;
        let account = examine(&store, None).await;
        assert!(account.findings.iter().any(|finding| finding.fault == expected), "{forgery}: {:?}", account.findings);
        assert_eq!(
            examine(&store, Some(TreeHash::NONE)).await.findings.last().expect("a finding").fault,
            AuditFault::HashUnknown
        );
        for table in &tables {
            restore(&stage, table).await;
        }
    }
    let account = examine(&store, Some(head.hash)).await;
    assert!(account.findings.is_empty() && account.kept == Some(last), "{account:?}");
}

#[tokio::test]
async fn a_run_prints_its_hash_and_a_chain_that_was_made_anew_does_not_hold_it() {
    let stage = shop().await;
    let summary = stage.run(&[]);
    let kept = summary["audit"]["hash"].as_str().expect("a hash in the summary").to_owned();
    let status = stage.vinculo(&["status"]);
    assert!(status.stdout.contains(&kept), "{}", status.stdout);
    stage.run(&[]);
    let held = stage.vinculo(&["verify", "--audit", "--against", &kept]);
    assert_eq!(held.code, Some(0), "{}{}", held.stdout, held.stderr);
    assert!(held.stdout.contains("block 1"), "{}", held.stdout);
    stage.execute("UPDATE vinculo.source_record_version SET raw = raw || ' ' WHERE version_id = 3").await;
    let altered = stage.vinculo(&["verify", "--audit"]);
    assert_eq!(altered.code, Some(1));
    let where_it_was = "block 1: rows were altered, deleted or inserted, in vinculo.source_record_version, id 3\n";
    assert!(altered.stdout.contains(where_it_was), "{}", altered.stdout);
    // Who may write everything can make a chain anew over what he wrote. Only the hash that was kept tells.
    stage.execute("TRUNCATE vinculo.audit_block CASCADE").await;
    stage.run(&[]);
    assert_eq!(stage.vinculo(&["verify", "--audit"]).code, Some(0));
    let against = stage.vinculo(&["verify", "--audit", "--against", &kept]);
    assert_eq!(against.code, Some(1));
    assert!(against.stdout.contains("made anew"), "{}", against.stdout);
    assert_eq!(stage.vinculo(&["verify", "--audit", "--against", "beef"]).code, Some(2));
}

#[tokio::test]
async fn a_record_is_proved_without_the_database_and_no_letter_of_it_may_be_changed() {
    let stage = shop_with_a_past().await;
    let kept = stage.run(&[])["audit"]["hash"].as_str().expect("a hash in the summary").to_owned();
    let first = stage
        .count("SELECT version_id FROM audit.source_record_version WHERE source_key = '5' ORDER BY 1 LIMIT 1")
        .await;
    for version in [&[][..], &["--version", &first.to_string()]] {
        let proof = stage.vinculo(&[&["prove", "crm", "5"], version].concat());
        assert_eq!(proof.code, Some(0), "{}", proof.stderr);
        stage.write("proof.json", proof.stdout.as_bytes());
        let path = stage.folder().join("proof.json");
        let check = |against: &[&str]| {
            let mut command = stage.command(&[&["prove", "--check", path.to_str().expect("a path")], against].concat());
            command
                .env("VINCULO_DATABASE", "postgres://nobody@127.0.0.1:1/nowhere")
                .output()
                .expect("vinculo can be started")
        };
        let held = check(&["--against", &kept]);
        let told = String::from_utf8_lossy(&held.stdout).into_owned();
        assert_eq!(held.status.code(), Some(0), "{told}");
        assert!(told.contains("source_key: 5") && told.contains("Francisca das Chagas"), "{told}");
        assert_eq!(check(&["--against", &"0".repeat(64)]).status.code(), Some(1));
        for (from, to) in [("Francisca", "Francisco"), ("\"line\": ", "\"line\": 1"), ("\"place\": ", "\"place\": 1")] {
            stage.write("proof.json", proof.stdout.replace(from, to).as_bytes());
            assert_eq!(check(&[]).status.code(), Some(1), "{from} → {to}");
        }
        // Every hash and every byte of the content counts.
        let digits: Vec<_> = proof.stdout.match_indices('"').map(|(at, _)| at + 1).collect();
        for at in digits
            .into_iter()
            .filter(|&at| proof.stdout[at..].chars().take(32).all(|c| c.is_ascii_hexdigit()))
            .step_by(19)
        {
            let mut forged = proof.stdout.clone().into_bytes();
            forged[at] = if forged[at] == b'0' { b'1' } else { b'0' };
            stage.write("proof.json", &forged);
            assert_eq!(check(&[]).status.code(), Some(1), "digit {at}");
        }
    }
    let unknown = stage.vinculo(&["prove", "crm", "nobody"]);
    assert_eq!(unknown.code, Some(1), "{}", unknown.stderr);
}

#[tokio::test]
async fn what_a_killed_run_wrote_is_covered_by_the_next_one() {
    let stage = shop().await;
    let killed = stage.command(&["run"]).env("FAILPOINTS", "commit-before=9*off->return").output();
    assert!(killed.expect("vinculo can be started").status.code().is_none(), "the run is killed");
    let store = store(&stage).await;
    let account = examine(&store, None).await;
    assert!(account.findings.is_empty() && account.blocks == 0 && account.uncovered > 0, "{account:?}");
    stage.run(&[]);
    let account = examine(&store, None).await;
    assert!(account.findings.is_empty() && account.blocks == 1 && account.uncovered == 0, "{account:?}");
}
