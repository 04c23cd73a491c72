//! Making a database ours.

use crate::project::{Project, begin_run};
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use vinculo_records::{ContentHash, Kind};
use vinculo_store::{RunStatus, Store, StoreError};
use vinculo_testkit::TestDatabase;

async fn execute(database: &TestDatabase, statements: &'static str) {
    let mut connection = PgConnection::connect(database.url()).await.unwrap();
    sqlx::raw_sql(statements).execute(&mut connection).await.unwrap();
}

#[tokio::test]
async fn preparing_again_changes_nothing() {
    let database = TestDatabase::create().await;
    let store = Store::connect(database.url()).await.unwrap();
    assert!(!store.is_prepared().await.unwrap());
    let first = store.prepare().await.unwrap();
    assert_eq!((first.from, first.role_script), (0, None));
    assert!(store.is_prepared().await.unwrap());
    let second = store.prepare().await.unwrap();
    assert_eq!((second.from, second.to), (first.to, first.to));
}

#[tokio::test]
async fn two_programs_may_prepare_at_once() {
    let database = TestDatabase::create().await;
    let (one, other) = (Store::connect(database.url()).await.unwrap(), Store::connect(database.url()).await.unwrap());
    let (one, other) = tokio::join!(one.prepare(), other.prepare());
    let (one, other) = (one.unwrap(), other.unwrap());
    assert_eq!(one.from + other.from, one.to, "one of them migrated, the other found it done");
}

#[tokio::test]
async fn a_schema_that_is_not_ours_is_refused_and_left_alone() {
    for (name, statements) in [
        ("crm", "CREATE SCHEMA crm; CREATE TABLE crm.customer (mine text)"),
        ("audit", "CREATE SCHEMA audit"),
        ("vinculo", "CREATE SCHEMA vinculo; CREATE TABLE vinculo.run (mine text)"),
    ] {
        let database = TestDatabase::create().await;
        execute(&database, statements).await;
        let store = Store::connect(database.url()).await.unwrap();
        let refused = store.prepare().await.unwrap_err();
        assert!(matches!(refused, StoreError::ForeignSchema { schema } if schema == name), "{refused}");
        let mut connection = PgConnection::connect(database.url()).await.unwrap();
        let ours: bool = sqlx::query_scalar("SELECT to_regclass('vinculo.migration') IS NOT NULL")
            .fetch_one(&mut connection)
            .await
            .unwrap();
        assert!(!ours, "nothing was created beside {name}");
    }
}

#[tokio::test]
async fn a_database_of_another_program_version_is_refused() {
    let project = Project::new().await;
    execute(&project.database, "UPDATE vinculo.migration SET checksum = '\\x00' WHERE version = 2").await;
    let refused = project.store.prepare().await.unwrap_err();
    assert!(matches!(refused, StoreError::OtherProgram { migration: 2 }), "{refused}");
}

#[tokio::test]
async fn readers_see_what_is_theirs_and_nothing_else() {
    let project = Project::new().await;
    let mut connection = project.connect().await;
    let mut may_read = async |role: &'static str, table: &'static str| -> bool {
        sqlx::query_scalar("SELECT has_schema_privilege($1, split_part($2, '.', 1), 'USAGE') AND has_table_privilege($1, $2, 'SELECT')")
            .bind(role)
            .bind(table)
            .fetch_one(&mut connection)
            .await
            .unwrap()
    };
    assert!(may_read("vinculo_crm_reader", "crm.customer").await);
    assert!(may_read("vinculo_auditor", "crm.customer").await);
    assert!(may_read("vinculo_auditor", "audit.value_lineage").await);
    for (role, table) in [
        ("vinculo_crm_reader", "audit.run"),
        ("vinculo_crm_reader", "vinculo.source_record_version"),
        ("vinculo_auditor", "vinculo.source_record_version"),
    ] {
        assert!(!may_read(role, table).await, "{role} on {table}");
    }
    let writable: i64 = sqlx::query_scalar(
        "SELECT count(*) FROM pg_class c, unnest(ARRAY['vinculo_crm_reader', 'vinculo_auditor']) role
         WHERE c.relnamespace IN ('crm'::regnamespace, 'audit'::regnamespace, 'vinculo'::regnamespace)
             AND c.relkind IN ('r', 'v') AND has_table_privilege(role, c.oid, 'INSERT, UPDATE, DELETE, TRUNCATE')",
    )
    .fetch_one(&mut connection)
    .await
    .unwrap();
    assert_eq!(writable, 0);
}

#[tokio::test]
async fn an_auditor_reads_through_the_views_as_that_role() {
    let project = Project::new().await;
    project.deliver(&[crate::project::row("1", "ana@example.com")]).await;
    project.store.save_model(Kind::Person, project.run, &serde_json::json!({}), ContentHash(1)).await.unwrap();
    project.publish(&[&["1"]]).await.unwrap();
    let mut connection = project.connect().await;
    sqlx::raw_sql("SET ROLE vinculo_auditor").execute(&mut connection).await.unwrap();
    for view in
        ["run", "model", "delivery", "publication", "source_record_version", "customer_history", "value_lineage"]
    {
        let statement = AssertSqlSafe(format!("SELECT count(*) FROM audit.{view}"));
        let rows: i64 = sqlx::query_scalar(statement).fetch_one(&mut connection).await.unwrap();
        assert!(rows > 0, "{view}");
    }
}

/// The roles of readers belong to the whole server and may be there already; whoever may not grant to them needs the
/// script just as whoever may not create them.
#[tokio::test]
async fn without_the_right_to_make_readers_the_script_is_handed_over() {
    let project = Project::new().await;
    let role = project.database.name();
    let run = async |statements: String| {
        let mut connection = project.connect().await;
        sqlx::raw_sql(AssertSqlSafe(statements)).execute(&mut connection).await.unwrap();
    };
    run(format!(
        "REVOKE USAGE ON SCHEMA crm FROM vinculo_crm_reader;
         CREATE ROLE {role};
         GRANT CREATE ON DATABASE {role} TO {role};
         GRANT CREATE, USAGE ON SCHEMA vinculo TO {role};
         GRANT SELECT ON vinculo.migration TO {role}"
    ))
    .await;
    let separator = if project.database.url().contains('?') { '&' } else { '?' };
    let store = Store::connect(&format!("{}{separator}options[role]={role}", project.database.url())).await.unwrap();
    let prepared = store.prepare().await;
    drop(store);
    run(format!("DROP OWNED BY {role}; DROP ROLE {role}")).await;
    let script = prepared.unwrap().role_script.unwrap();
    run(script).await;
    assert_eq!(project.store.prepare().await.unwrap().role_script, None, "the script is all that was missing");
}

#[tokio::test]
async fn a_run_that_was_killed_is_found_aborted() {
    let project = Project::new().await;
    let second = begin_run(&project.store).await;
    project.store.finish_run(second, RunStatus::Done, &serde_json::json!({"read": 0})).await.unwrap();
    let runs = project.store.runs(10).await.unwrap();
    let statuses: Vec<RunStatus> = runs.iter().map(|run| run.status).collect();
    assert_eq!(statuses, [RunStatus::Done, RunStatus::Aborted]);
    assert!(runs.iter().all(|run| run.finished_at.is_some()));
}

#[tokio::test]
async fn a_source_keeps_its_number() {
    let project = Project::new().await;
    let again = project.store.register_sources(&["web", "crm", "web"]).await.unwrap();
    let numbers: Vec<i16> = again.iter().map(|source| source.id.0).collect();
    assert_eq!(numbers, [2, 1, 2]);
    assert_eq!(project.store.sources().await.unwrap().len(), 2);
}

#[tokio::test]
async fn foreseeing_sources_gives_the_numbers_that_registering_will_give_and_writes_nothing() {
    let database = TestDatabase::create().await;
    let store = Store::connect(database.url()).await.unwrap();
    store.prepare().await.unwrap();
    store.register_sources(&["crm"]).await.unwrap();
    let names = ["web", "crm", "erp"];
    let foreseen = store.foresee_sources(&names).await.unwrap();
    assert_eq!(store.sources().await.unwrap().len(), 1);
    assert_eq!(store.register_sources(&names).await.unwrap(), foreseen);
}
