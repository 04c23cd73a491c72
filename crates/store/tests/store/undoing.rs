//! Undo: what stood before the last publication stands again, and the feed tells how.

use crate::project::{Project, row};
use chrono::DateTime;
use sqlx::{AssertSqlSafe, Row};
use std::collections::BTreeMap;
use uuid::Uuid;
use vinculo_records::{DecisionKind, RecordId};
use vinculo_store::*;
use vinculo_testkit::chance::Chance;

const KEYS: [&str; 7] = ["1", "2", "3", "4", "5", "6", "7"];
const SAYS: [&str; 3] = ["a@x", "b@x", "c@x"];
/// Worlds that follow each other in one database.
const WORLDS: u64 = 16;

async fn undo_last(project: &Project) -> Result<Undone> {
    let last = project.store.last_publication().await.unwrap().unwrap();
    let published_at = DateTime::UNIX_EPOCH + chrono::TimeDelta::days(last.number + 1);
    project.store.undo(&Undo { publication: last.number, run: Some(project.run), published_at }).await
}

/// Some records, each saying something, in some groups; the others are gone.
async fn publish_any_world(project: &Project, chance: &mut Chance) -> Published {
    let (mut rows, mut groups) = (Vec::new(), vec![Vec::new(); 4]);
    for key in KEYS {
        let group = chance.below(5) as usize;
        if let Some(group) = groups.get_mut(group) {
            rows.push(row(key, chance.pick(&SAYS)));
            group.push(key);
        }
    }
    groups.retain(|group: &Vec<&str>| !group.is_empty());
    project.snapshot(&rows).await;
    project.publish(&groups.iter().map(Vec::as_slice).collect::<Vec<_>>()).await.unwrap()
}

/// All that was published before publication `number`, and is to stand again once that is taken back. Ids that begin with
/// the publication are left out, and what a new version must say: its number, its time, its entry of the feed.
async fn state(project: &Project, number: i64) -> Vec<String> {
    let known = format!("(SELECT customer_id FROM audit.customer_history WHERE publication < {number})");
    let mut state = Vec::new();
    for query in [
        "SELECT to_jsonb(c) - '{version,change_seq,publication,updated_at}'::text[] AS c FROM crm.customer c"
            .to_owned(),
        "SELECT source, source_key, customer_id, record_id FROM crm.customer_source".to_owned(),
        format!("SELECT old_customer_id, customer_id FROM crm.customer_redirect WHERE old_customer_id IN {known}"),
        format!("SELECT customer_id, kind, records FROM vinculo.former_customer WHERE customer_id IN {known}"),
        "SELECT kind, left_record, right_record, weight, levels, reason, model_version FROM vinculo.decision
         WHERE to_publication IS NULL"
            .to_owned(),
    ] {
        let query = format!("SELECT to_jsonb(q)::text FROM ({query}) q ORDER BY 1");
        let rows: Vec<String> =
            sqlx::query_scalar(AssertSqlSafe(query)).fetch_all(&mut project.connect().await).await.unwrap();
        state.extend(rows);
    }
    state
}

/// Who lives and in which version, by the feed alone.
async fn check_that_the_feed_tells_it(project: &Project) {
    let mut connection = project.connect().await;
    let feed = "SELECT change_seq, customer_id, version, change FROM crm.customer_change ORDER BY change_seq";
    let mut living: BTreeMap<Uuid, i32> = BTreeMap::new();
    for (expected, entry) in (1_i64..).zip(sqlx::query(feed).fetch_all(&mut connection).await.unwrap()) {
        let (customer, version): (Uuid, i32) = (entry.get("customer_id"), entry.get("version"));
        assert_eq!(entry.get::<i64, _>("change_seq"), expected, "dense");
        match entry.get("change") {
            "created" | "split" => assert_eq!(living.insert(customer, version), None, "entry {expected}"),
            "updated" => assert_eq!(living.insert(customer, version), Some(version - 1), "entry {expected}"),
            _ => assert!(living.remove(&customer).is_none_or(|last| last == version), "entry {expected}"),
        }
    }
    let published: Vec<(Uuid, i32)> = sqlx::query_as("SELECT customer_id, version FROM crm.customer ORDER BY 1")
        .fetch_all(&mut connection)
        .await
        .unwrap();
    assert_eq!(living.into_iter().collect::<Vec<_>>(), published);
}

#[tokio::test]
async fn any_publication_is_taken_back_to_what_stood_before_it_and_any_other_may_follow() {
    let project = Project::new().await;
    let mut chance = Chance::new(2026, "worlds that are taken back", 0);
    let mut taken_back = 0;
    for world in 0..WORLDS {
        let number = project.store.next_publication().await.unwrap();
        let before = state(&project, number).await;
        if publish_any_world(&project, &mut chance).await.publication.is_none() {
            continue;
        }
        // Some are left to stand, so that what is taken back next stands on something else.
        if chance.hits(600) {
            let undone = undo_last(&project).await.unwrap();
            assert_eq!(undone.published.publication, Some(number + 1));
            for (found, expected) in state(&project, number).await.iter().zip(&before) {
                assert_eq!(found, expected, "world {world}");
            }
            assert_eq!(state(&project, number).await.len(), before.len(), "world {world}");
            check_that_the_feed_tells_it(&project).await;
            taken_back += 1;
        }
    }
    assert!(taken_back > WORLDS / 4, "{taken_back}");
}

#[tokio::test]
async fn what_is_foretold_is_what_is_done_and_only_telling_writes_nothing() {
    let project = Project::new().await;
    project.deliver(&[row("1", "a@x"), row("2", "b@x"), row("3", "c@x")]).await;
    project.publish(&[&["1"], &["2"], &["3"]]).await.unwrap();
    project.publish(&[&["1", "2"], &["3"]]).await.unwrap();
    let before = project.published_contents().await;
    let undo = Undo { publication: 2, run: None, published_at: DateTime::UNIX_EPOCH };
    let foretold = project.store.undo(&undo).await.unwrap();
    assert_eq!(foretold.changes, [(Change::Split, 1), (Change::Updated, 1)]);
    assert_eq!(foretold.published, Published::default());
    assert_eq!(project.published_contents().await, before);
    let undone = undo_last(&project).await.unwrap();
    assert_eq!((undone.changes, undone.published.rows.returned), (foretold.changes, 1));
    let last = project.store.last_publication().await.unwrap().unwrap();
    assert_eq!((last.number, last.takes_back), (3, Some(2)));
}

#[tokio::test]
async fn records_that_came_with_the_publication_belong_to_nobody_again() {
    let project = Project::new().await;
    project.deliver(&[row("1", "a@x")]).await;
    project.publish(&[&["1"]]).await.unwrap();
    project.deliver(&[row("2", "b@x"), row("3", "c@x")]).await;
    project.publish(&[&["1", "2"], &["3"]]).await.unwrap();
    let undone = undo_last(&project).await.unwrap();
    assert_eq!((undone.published.rows.left, undone.published.rows.joined), (2, 0));
    assert_eq!(undone.changes, [(Change::Ended, 1), (Change::Updated, 1)]);
    let published = project.publish(&[&["1", "2"], &["3"]]).await.unwrap();
    assert_eq!(published.rows.returned, 1, "the id that ended is the same one again");
    check_that_the_feed_tells_it(&project).await;
}

#[tokio::test]
async fn the_first_publication_can_be_taken_back_too() {
    let project = Project::new().await;
    project.deliver(&[row("1", "a@x"), row("2", "b@x")]).await;
    project.publish(&[&["1"], &["2"]]).await.unwrap();
    undo_last(&project).await.unwrap();
    assert_eq!(project.store.count_customers().await.unwrap(), 0);
    project.publish(&[&["1"], &["2"]]).await.unwrap();
    assert_eq!(
        project.number("SELECT min(version)::bigint FROM crm.customer").await,
        2,
        "versions are never given twice"
    );
    check_that_the_feed_tells_it(&project).await;
}

#[tokio::test]
async fn decisions_are_as_they_were_and_none_is_altered_that_was_in_force() {
    let project = Project::new().await;
    project.deliver(&[row("1", "a@x"), row("2", "b@x"), row("3", "c@x")]).await;
    project.publish(&[&["1"], &["2"], &["3"]]).await.unwrap();
    let decision = |kind, right, weight| DecisionRow {
        kind,
        left: RecordId(1),
        right: RecordId(right),
        weight,
        levels: &[1],
        reason: "",
        model: 1,
    };
    let publish = async |number, decisions: &[DecisionRow<'_>], ended: &[i64]| {
        let publication = Publication { decisions, ended_decisions: ended, ..project.publication(number) };
        project.store.publish(&publication, &|_| ()).await.unwrap()
    };
    publish(2, &[decision(DecisionKind::PossibleMatch, 2, 500), decision(DecisionKind::Conflict, 3, 900)], &[]).await;
    let before = state(&project, 3).await;
    publish(3, &[decision(DecisionKind::Join, 2, 7_000)], &[1]).await;
    let undone = undo_last(&project).await.unwrap();
    assert_eq!((undone.published.rows.decisions, undone.published.rows.ended_decisions), (1, 1));
    assert_eq!(state(&project, 3).await, before);
    let lives =
        "SELECT count(*) FROM vinculo.decision WHERE (decision_id, from_publication, coalesce(to_publication, 0))
        IN ((1, 2, 3), (2, 2, 0), (3, 3, 4), (4, 4, 0))";
    assert_eq!(project.number(lives).await, 4);
}

#[tokio::test]
async fn only_the_last_publication_can_be_taken_back_and_only_where_its_memberships_are_known() {
    let project = Project::new().await;
    project.deliver(&[row("1", "a@x"), row("2", "b@x")]).await;
    assert_eq!(project.store.last_publication().await.unwrap(), None);
    project.publish(&[&["1"], &["2"]]).await.unwrap();
    project.publish(&[&["1", "2"]]).await.unwrap();
    let first = Undo { publication: 1, run: Some(project.run), published_at: DateTime::UNIX_EPOCH };
    assert!(matches!(project.store.undo(&first).await, Err(StoreError::Overtaken)));
    // As an earlier version of the program left it.
    sqlx::raw_sql("DELETE FROM vinculo.membership_history").execute(&mut project.connect().await).await.unwrap();
    let before = project.published_contents().await;
    let refused = undo_last(&project).await.unwrap_err().to_string();
    assert!(refused.contains("an earlier version of the program"), "{refused}");
    assert_eq!(project.published_contents().await, before);
}
