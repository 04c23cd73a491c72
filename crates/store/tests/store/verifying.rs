//! What the store itself holds against what must hold.

use crate::project::Project;
use sqlx::{Connection, PgConnection};

#[tokio::test]
async fn what_a_database_went_through_is_held_against_the_migrations_of_this_program() {
    let project = Project::new().await;
    let sound = project.store.snapshot().await.unwrap().check_schema().await.unwrap();
    assert!(sound.looked_at > 3 && sound.broken == 0, "{sound:?}");
    let mut connection = PgConnection::connect(project.database.url()).await.unwrap();
    let later =
        "INSERT INTO vinculo.migration SELECT 4711, description, installed_on, success, checksum, execution_time
                 FROM vinculo.migration WHERE version = 1";
    sqlx::raw_sql(later).execute(&mut connection).await.unwrap();
    let found = project.store.snapshot().await.unwrap().check_schema().await.unwrap();
    assert_eq!((found.broken, found.examples), (1, vec!["4711".to_owned()]));
}
