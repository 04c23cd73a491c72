//! Models, and sessions that were left in a mess.

use crate::project::{Project, begin_run, content_hash};
use serde_json::json;
use std::future::{Future, poll_fn};
use std::task::Poll;
use std::time::Duration;
use vinculo_records::Kind;
use vinculo_store::*;

#[tokio::test]
async fn the_same_model_again_is_no_new_version() {
    let project = Project::new().await;
    let save = async |kind, body: &str| {
        project.store.save_model(kind, project.run, &json!({"plan": body}), content_hash(body)).await.unwrap()
    };
    assert_eq!(project.store.latest_model(Kind::Person).await.unwrap(), None);
    assert_eq!(save(Kind::Person, "A").await, 1);
    assert_eq!(save(Kind::Person, "A").await, 1);
    assert_eq!(save(Kind::Organization, "A").await, 2);
    assert_eq!(save(Kind::Person, "B").await, 3);
    assert_eq!(save(Kind::Person, "A").await, 4, "a model that comes back is the newest again");
    let newest = project.store.latest_model(Kind::Person).await.unwrap().unwrap();
    assert_eq!((newest.version, newest.body), (4, json!({"plan": "A"})));
}

/// A call is dropped after so many steps, whatever it was waiting for: a connection, BEGIN, a statement, COMMIT.
async fn drop_after(steps: usize, project: &Project) {
    let summary = json!({});
    let mut call = Box::pin(project.store.finish_run(project.run, RunStatus::Running, &summary));
    for _ in 0..steps {
        let is_done = poll_fn(|context| Poll::Ready(call.as_mut().poll(context).is_ready())).await;
        if is_done {
            return;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn a_call_that_is_dropped_leaves_no_session_in_a_transaction() {
    const STUCK: &str = "SELECT count(*) FROM pg_stat_activity
        WHERE datname = current_database() AND state LIKE 'idle in transaction%'";
    let project = Project::new().await;
    for steps in 1..8 {
        drop_after(steps, &project).await;
        let mut patience = 1000;
        while project.number(STUCK).await > 0 {
            assert!(patience > 0, "dropped after {steps} steps, a session stays in its transaction");
            patience -= 1;
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
    project.store.finish_run(project.run, RunStatus::Done, &json!({"kept": true})).await.unwrap();
    let kept = project.number("SELECT count(*) FROM vinculo.run WHERE summary->>'kept' = 'true'").await;
    assert_eq!(kept, 1, "and what is written afterwards stays written");
}

#[tokio::test]
async fn a_run_whose_beginning_or_end_meets_another_session_is_repeated() {
    let project = Project::new().await;
    for code in ["40001", "40P01"] {
        // Twice the server gives up; numbers of a sequence stay when a transaction is rolled back.
        sqlx::raw_sql(sqlx::AssertSqlSafe(format!(
            "CREATE OR REPLACE FUNCTION meet() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                 IF nextval('meetings') <= 2 THEN RAISE EXCEPTION 'met' USING ERRCODE = '{code}'; END IF;
                 RETURN NULL;
             END $$;
             DROP SEQUENCE IF EXISTS meetings;
             CREATE SEQUENCE meetings;
             CREATE OR REPLACE TRIGGER meeting AFTER INSERT OR UPDATE ON vinculo.run FOR EACH STATEMENT
                 EXECUTE FUNCTION meet()"
        )))
        .execute(&mut project.connect().await)
        .await
        .unwrap();
        let run = begin_run(&project.store).await;
        assert!(project.number("SELECT last_value FROM meetings").await > 3, "{code}: it met somebody twice");
        sqlx::raw_sql("ALTER SEQUENCE meetings RESTART").execute(&mut project.connect().await).await.unwrap();
        project.store.finish_run(run, RunStatus::Done, &json!({})).await.unwrap();
        assert_eq!(project.number("SELECT last_value FROM meetings").await, 3, "{code}: it met somebody twice");
    }
    assert_eq!(project.number("SELECT count(*) FROM vinculo.run WHERE status = 'done'").await, 2);
    assert_eq!(project.number("SELECT count(*) FROM vinculo.audit_block").await, 2, "one block each");
}

#[tokio::test]
async fn a_connection_string_is_never_repeated() {
    for url in ["not a url with s3cret", "postgres://me:s3cret@localhost:1/none", "mysql://me:s3cret@localhost/x"] {
        let refused = Store::connect(url).await.unwrap_err();
        assert!(!format!("{refused} {refused:?}").contains("s3cret"), "{url}");
    }
}
