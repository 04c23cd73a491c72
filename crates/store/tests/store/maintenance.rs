//! Models, renormalization, and sessions that were left in a mess.

use crate::project::{Project, content_hash, gone, normalized, row};
use serde_json::json;
use std::future::{Future, poll_fn};
use std::task::Poll;
use std::time::Duration;
use vinculo_records::{ContentHash, Kind};
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

#[tokio::test]
async fn normalizing_anew_reads_what_was_delivered_and_keeps_the_day_of_landing() {
    let project = Project::new().await;
    project.deliver(&[row("1", "ana").at(3_000_000), row("2", "rui"), row("3", "eva"), gone("3")]).await;
    project.deliver(&[row("2", "ivo")]).await;
    let state = project.store.state_of_data().await.unwrap();
    let mut seen = Vec::new();
    let count = project
        .store
        .renormalize::<StoreError>(project.source, ContentHash(2), |batch| {
            seen.extend(batch.iter().map(|raw| (raw.source_key.clone(), raw.landed_on, raw.file.path.clone())));
            Ok(batch.iter().map(|raw| normalized(&raw.raw.to_uppercase())).collect())
        })
        .await
        .unwrap();
    seen.sort_unstable();
    let expected = [("1".to_owned(), 20_000, "crm.csv".to_owned()), ("2".to_owned(), 20_000, "crm.csv".to_owned())];
    assert_eq!((count, seen.as_slice()), (2, expected.as_slice()));
    let current = project.current().await;
    assert_eq!((current["1"].as_str(), current["2"].as_str(), current.len()), ("ANA", "IVO", 2));
    assert_ne!(project.store.state_of_data().await.unwrap(), state, "the next run must resolve again");
    let source = project.store.sources().await.unwrap().remove(0);
    assert_eq!(source.fingerprint, Some(ContentHash(2)));
}

#[tokio::test]
async fn a_renormalization_that_fails_changes_nothing() {
    let project = Project::new().await;
    project.deliver(&[row("1", "ana"), row("2", "rui")]).await;
    let before = project.landed_contents().await;
    let too_few = project.store.renormalize::<StoreError>(project.source, ContentHash(2), |_| Ok(Vec::new())).await;
    assert!(matches!(too_few, Err(StoreError::Inconsistent { .. })));
    let own_error = project.store.renormalize(project.source, ContentHash(2), |_| Err(StoreError::Busy)).await;
    assert!(matches!(own_error, Err(StoreError::Busy)));
    assert_eq!(project.landed_contents().await, before);
    assert_ne!(project.store.sources().await.unwrap()[0].fingerprint, Some(ContentHash(2)));
}

#[tokio::test]
async fn raw_records_are_read_as_they_were_delivered_and_nothing_is_changed() {
    let project = Project::new().await;
    project.deliver(&[row("1", "ana").at(3_000_000), row("2", "rui"), row("3", "eva"), gone("3")]).await;
    project.deliver(&[row("2", "ivo")]).await;
    let open = project.open().await;
    project.land(open.id, &[row("1", "open"), row("4", "open")], DeliveryCounts::default()).await;
    let before = project.landed_contents().await;
    let mut seen = Vec::new();
    let note = |batch: &[RawRecord]| -> Result<(), StoreError> {
        seen.extend(batch.iter().map(|raw| (raw.source_key.clone(), raw.raw.clone(), raw.line, raw.file.file_no)));
        Ok(())
    };
    let count = project.store.for_each_raw(project.source, note).await.unwrap();
    seen.sort_unstable();
    let expected = [("1".to_owned(), "ana".to_owned(), 1, 1), ("2".to_owned(), "ivo".to_owned(), 1, 1)];
    assert_eq!((count, seen.as_slice()), (2, expected.as_slice()));
    let own_error = project.store.for_each_raw(project.source, |_| Err(StoreError::Busy)).await;
    assert!(matches!(own_error, Err(StoreError::Busy)));
    assert_eq!(project.landed_contents().await, before);
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
async fn a_connection_string_is_never_repeated() {
    for url in ["not a url with s3cret", "postgres://me:s3cret@localhost:1/none", "mysql://me:s3cret@localhost/x"] {
        let refused = Store::connect(url).await.unwrap_err();
        assert!(!format!("{refused} {refused:?}").contains("s3cret"), "{url}");
    }
}
