//! The right to write: one holder at a time, and none that was taken for dead.

use crate::project::Project;
use sqlx::{Connection, PgConnection};
use vinculo_store::*;

async fn other(project: &Project) -> Store {
    Store::connect(project.database.url()).await.unwrap()
}

/// Lets the holder look as if it had shown no life for an hour.
async fn silence(project: &Project) {
    let mut connection = PgConnection::connect(project.database.url()).await.unwrap();
    let statement = "UPDATE vinculo.lease SET heartbeat_at = heartbeat_at - interval '1 hour'";
    sqlx::raw_sql(statement).execute(&mut connection).await.unwrap();
}

#[tokio::test]
async fn whoever_comes_second_is_told_who_works() {
    let project = Project::new().await;
    let lease = project.store.take_lease("run", "ana").await.unwrap();
    let StoreError::Busy(holder) = other(&project).await.take_lease("undo", "rui").await.unwrap_err() else {
        panic!("somebody works already");
    };
    assert_eq!((holder.command.as_str(), holder.actor.as_str()), ("run", "ana"));
    assert_eq!(holder.process, i64::from(std::process::id()));
    assert!(holder.since <= holder.seen);
    lease.release().await;
    other(&project).await.take_lease("undo", "rui").await.unwrap();
}

#[tokio::test]
async fn a_holder_whose_session_is_gone_is_followed_at_once() {
    let project = Project::new().await;
    drop(project.store.take_lease("run", "ana").await.unwrap());
    other(&project).await.take_lease("run", "rui").await.unwrap();
}

#[tokio::test]
async fn what_a_killed_holder_left_to_the_server_is_in_nobodys_way() {
    let project = Project::new().await;
    let lease = project.store.take_lease("undo", "ana").await.unwrap();
    let mut left = PgConnection::connect(project.database.url()).await.unwrap();
    let as_the_holder = "SELECT set_config('application_name', sessions, false) FROM vinculo.lease";
    sqlx::raw_sql(as_the_holder).execute(&mut left).await.unwrap();
    sqlx::raw_sql("BEGIN; LOCK TABLE vinculo.source").execute(&mut left).await.unwrap();
    drop(lease);
    let next = other(&project).await.take_lease("run", "rui").await.unwrap();
    next.store().register_sources(&["after"]).await.unwrap();
    assert!(sqlx::raw_sql("COMMIT").execute(&mut left).await.is_err());
}

#[tokio::test]
async fn a_holder_that_was_taken_for_dead_writes_nothing_more() {
    let project = Project::new().await;
    let silent = project.store.take_lease("run", "ana").await.unwrap();
    silent.store().register_sources(&["before"]).await.unwrap();
    silence(&project).await;
    let alive = other(&project).await.take_lease("run", "rui").await.unwrap();
    let refused = silent.store().register_sources(&["after"]).await.unwrap_err();
    assert!(matches!(refused, StoreError::LeaseLost { .. }), "{refused}");
    alive.store().register_sources(&["another"]).await.unwrap();
    let names: Vec<String> = project.store.sources().await.unwrap().into_iter().map(|source| source.name).collect();
    assert_eq!(names, ["crm", "before", "another"]);
    silent.release().await;
    let still = other(&project).await.take_lease("run", "eva").await.unwrap_err();
    assert!(matches!(still, StoreError::Busy(_)), "a stale holder gives back nothing: {still}");
}

#[tokio::test]
async fn whatever_a_holder_meets_after_it_lost_the_lease_is_explained_by_that() {
    let broken = || StoreError::Connection { doing: "testing", reason: "gone".into() };
    let project = Project::new().await;
    let silent = project.store.take_lease("run", "ana").await.unwrap();
    assert!(matches!(silent.explain(broken()).await, StoreError::Connection { .. }));
    assert!(matches!(silent.explain(StoreError::NotPrepared).await, StoreError::NotPrepared));
    silence(&project).await;
    let _alive = other(&project).await.take_lease("run", "rui").await.unwrap();
    assert!(matches!(silent.explain(broken()).await, StoreError::LeaseLost { doing: "testing" }));
    assert!(matches!(silent.explain(StoreError::NotPrepared).await, StoreError::LeaseLost { .. }));
}
