//! A test has a database of its own, for as long as it needs it.

use sqlx::{Connection, PgConnection};
use vinculo_testkit::TestDatabase;

#[tokio::test]
async fn a_test_database_is_empty_and_gone_afterwards() {
    let database = TestDatabase::create().await;
    let mut connection = PgConnection::connect(database.url()).await.unwrap();
    let (name, tables): (String, i64) =
        sqlx::query_as("SELECT current_database()::text, (SELECT count(*) FROM pg_tables WHERE schemaname = 'public')")
            .fetch_one(&mut connection)
            .await
            .unwrap();
    assert_eq!((name.as_str(), tables), (database.name(), 0));
    let url = database.url().to_owned();
    // Still connected: dropping must not wait for whoever forgot to leave.
    drop(database);
    assert!(PgConnection::connect(&url).await.is_err());
}
