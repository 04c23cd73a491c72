//! Sealing: which version of a record is current, and the account of every row.

use crate::project::{Project, Row, gone, row};
use proptest::prelude::*;
use std::collections::BTreeMap;
use vinculo_records::RecordId;
use vinculo_store::*;

fn says(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(key, says)| ((*key).to_owned(), (*says).to_owned())).collect()
}

fn outcome(sealed: &Sealed) -> (u64, u64, u64, u64, bool) {
    let counts = &sealed.counts;
    (counts.new, counts.changed, counts.unchanged, counts.superseded, sealed.changed)
}

/// What must hold between the tables whatever was delivered.
async fn check_invariants(project: &Project) {
    for (rule, query) in [
        (
            "the pointer names the greatest version of a sealed delivery",
            "SELECT count(*) FROM vinculo.source_record r WHERE r.version_id IS DISTINCT FROM (
                 SELECT v.version_id FROM vinculo.source_record_version v
                 JOIN vinculo.delivery d ON d.delivery_id = v.delivery_id AND d.state = 'sealed'
                 WHERE v.record_id = r.record_id ORDER BY v.updated_at DESC NULLS LAST, v.version_id DESC LIMIT 1)",
        ),
        (
            "a record says what its current version says",
            "SELECT count(*) FROM vinculo.source_record r JOIN vinculo.source_record_version v USING (version_id)
             WHERE (r.content_hash, r.deleted, r.record_id) <> (v.content_hash, v.deleted, v.record_id)",
        ),
        (
            "each current version that is not deleted has its normalized record, and no other has one",
            "SELECT count(*) FROM (SELECT version_id FROM vinculo.source_record WHERE NOT deleted) r
             FULL JOIN vinculo.normalized_record n USING (version_id)
             WHERE n.data IS NULL OR NOT EXISTS (SELECT FROM vinculo.source_record x
                 WHERE x.version_id = version_id AND NOT x.deleted)",
        ),
        (
            "the account adds up",
            "SELECT count(*) FROM vinculo.delivery WHERE state = 'sealed' AND (counts->>'read')::int <>
                 (counts->>'new')::int + (counts->>'changed')::int + (counts->>'unchanged')::int
                 + (counts->>'superseded')::int + (counts->>'rejected')::int",
        ),
    ] {
        assert_eq!(project.number(query).await, 0, "{rule}");
    }
}

#[tokio::test]
async fn the_same_delivery_ten_times_changes_nothing() {
    let project = Project::new().await;
    let rows = [row("1", "Ana"), row("2", "Rui"), row("1", "Eva"), row("3", "Ivo").at(9)];
    assert_eq!(outcome(&project.deliver(&rows).await), (3, 0, 0, 1, true));
    let state = project.store.state_of_data().await.unwrap();
    let contents = project.landed_contents().await;
    for _ in 0..10 {
        assert_eq!(outcome(&project.deliver(&rows).await), (0, 0, 4, 0, false));
        assert_eq!(project.landed_contents().await, contents);
    }
    assert_eq!(project.store.state_of_data().await.unwrap(), state);
    assert_eq!(project.current().await, says(&[("1", "Eva"), ("2", "Rui"), ("3", "Ivo")]));
    check_invariants(&project).await;
}

#[tokio::test]
async fn there_and_back_is_three_versions() {
    let project = Project::new().await;
    for content in ["A", "B", "A"] {
        let sealed = project.deliver(&[row("1", content)]).await;
        assert!(sealed.changed);
        assert_eq!(project.current().await, says(&[("1", content)]));
    }
    assert_eq!(project.number("SELECT count(*) FROM vinculo.source_record_version").await, 3);
    check_invariants(&project).await;
}

#[tokio::test]
async fn the_date_of_the_source_goes_before_the_order_of_delivery() {
    let project = Project::new().await;
    project.deliver(&[row("1", "new").at(20)]).await;
    assert_eq!(outcome(&project.deliver(&[row("1", "old").at(10)]).await), (0, 0, 0, 1, false));
    assert_eq!(project.current().await, says(&[("1", "new")]));
    assert_eq!(outcome(&project.deliver(&[row("1", "old").at(10)]).await), (0, 0, 1, 0, false), "said before");
    assert_eq!(outcome(&project.deliver(&[row("1", "undated")]).await), (0, 0, 0, 1, false), "no date is the least");
    assert_eq!(outcome(&project.deliver(&[row("1", "same day").at(20)]).await), (0, 1, 0, 0, true));
    check_invariants(&project).await;
}

#[tokio::test]
async fn a_deleted_record_does_not_count_and_can_come_back() {
    let project = Project::new().await;
    project.deliver(&[row("1", "Ana"), row("2", "Rui")]).await;
    assert_eq!(outcome(&project.deliver(&[gone("1"), gone("9")]).await), (1, 1, 0, 0, true));
    assert_eq!(project.current().await, says(&[("2", "Rui")]));
    project.deliver(&[row("1", "Ana")]).await;
    assert_eq!(project.current().await, says(&[("1", "Ana"), ("2", "Rui")]));
    check_invariants(&project).await;
}

#[tokio::test]
async fn what_a_snapshot_no_longer_shows_is_deleted_and_comes_back_when_shown() {
    let project = Project::new().await;
    project.snapshot(&[row("1", "Ana").at(50), row("2", "Rui")]).await;
    let sealed = project.snapshot(&[row("2", "Rui")]).await;
    assert_eq!((sealed.counts.deleted, sealed.counts.changed, sealed.changed), (1, 0, true));
    assert_eq!(project.current().await, says(&[("2", "Rui")]));
    check_invariants(&project).await;
    assert_eq!(project.snapshot(&[row("2", "Rui")]).await.counts.deleted, 0, "deleted once");
    project.snapshot(&[row("1", "Ana").at(50), row("2", "Rui")]).await;
    assert_eq!(project.current().await, says(&[("1", "Ana"), ("2", "Rui")]));
    check_invariants(&project).await;
}

#[tokio::test]
async fn what_a_snapshot_would_delete_is_counted_beforehand() {
    let project = Project::new().await;
    project.deliver(&[row("1", "Ana"), row("2", "Rui"), gone("3")]).await;
    let delivery = project.open().await;
    let counts = project.land(delivery.id, &[row("4", "Ivo")], DeliveryCounts::default()).await;
    let none_seen = |_: RecordId| false;
    let absent = project.store.count_absent(delivery.id, none_seen).await.unwrap();
    assert_eq!(absent, Absent { absent: 2, of: 2 }, "neither what is deleted already nor what has just come");
    let before = project.current().await;
    project.store.refuse(delivery.id, "shrink_guard", "all records would be deleted").await.unwrap();
    assert_eq!(project.current().await, before);
    assert_eq!(counts.new, 1);
}

#[tokio::test]
async fn an_account_that_does_not_add_up_is_not_sealed() {
    let project = Project::new().await;
    let delivery = project.open().await;
    let mut counts = project.land(delivery.id, &[row("1", "Ana")], DeliveryCounts::default()).await;
    counts.read += 1;
    let seal = Seal { counts, seen: None };
    assert!(matches!(project.store.seal(delivery.id, seal).await, Err(StoreError::Unbalanced { .. })));
    assert!(project.current().await.is_empty());
}

#[tokio::test]
async fn the_state_of_the_data_changes_with_the_data() {
    let project = Project::new().await;
    let empty = project.store.state_of_data().await.unwrap();
    project.deliver(&[row("1", "Ana")]).await;
    let one = project.store.state_of_data().await.unwrap();
    project.deliver(&[row("1", "Eva")]).await;
    let other = project.store.state_of_data().await.unwrap();
    assert!(empty != one && one != other);
}

const KEYS: [&str; 3] = ["1", "2", "3"];
const CONTENTS: [&str; 3] = ["A", "B", "C"];

fn any_row() -> impl Strategy<Value = Row> {
    (0..3_usize, 0..3_usize, prop::option::of(0..3_i64), prop::bool::weighted(0.2)).prop_map(
        |(key, content, updated_at, deleted)| Row { key: KEYS[key], says: CONTENTS[content], updated_at, deleted },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, max_shrink_iters: 20, ..ProptestConfig::default() })]

    #[test]
    fn the_tables_agree_whatever_is_delivered(
        deliveries in prop::collection::vec((prop::collection::vec(any_row(), 0..8), any::<bool>()), 1..6),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let project = Project::new().await;
            for (rows, is_snapshot) in &deliveries {
                if *is_snapshot {
                    project.snapshot(rows).await;
                } else {
                    project.deliver(rows).await;
                }
                check_invariants(&project).await;
            }
        });
    }
}
