//! Publication: differences only, one feed, lasting ids.

use crate::project::{Project, row};
use std::sync::Mutex;
use vinculo_records::{ContentHash, CustomerId, DecisionKind, RecordId};
use vinculo_store::*;

/// What must hold of a published state.
async fn check_invariants(project: &Project) {
    for (rule, query) in [
        (
            "every current record has exactly one customer, and no other record has one",
            "SELECT count(*) FROM (SELECT record_id FROM vinculo.source_record WHERE NOT deleted) r
             FULL JOIN crm.customer_source m USING (record_id) LEFT JOIN crm.customer c USING (customer_id)
             WHERE c.customer_id IS NULL OR NOT EXISTS
                 (SELECT FROM vinculo.source_record x WHERE x.record_id = m.record_id AND NOT x.deleted)",
        ),
        (
            "a customer has as many records as it says, and at least one",
            "SELECT count(*) FROM crm.customer c WHERE c.record_count < 1 OR c.record_count <>
                 (SELECT count(*) FROM crm.customer_source m WHERE m.customer_id = c.customer_id)",
        ),
        (
            "lineage points at versions of the customer's own records",
            "SELECT count(*) FROM crm.customer c, unnest(c.lineage_versions) version_id
             LEFT JOIN vinculo.source_record_version v USING (version_id)
             LEFT JOIN crm.customer_source m USING (record_id)
             WHERE m.customer_id IS DISTINCT FROM c.customer_id",
        ),
        (
            "a redirect ends at a living customer in one step",
            "SELECT count(*) FROM crm.customer_redirect r LEFT JOIN crm.customer c USING (customer_id)
             WHERE c.customer_id IS NULL OR EXISTS (SELECT FROM crm.customer WHERE customer_id = r.old_customer_id)",
        ),
        (
            "an id that was a customer is a living one or a former one",
            "SELECT count(*) FROM (SELECT DISTINCT customer_id FROM audit.customer_history) h
             LEFT JOIN crm.customer c USING (customer_id) LEFT JOIN vinculo.former_customer f USING (customer_id)
             WHERE (c.customer_id IS NULL) = (f.customer_id IS NULL)",
        ),
        (
            "the feed is dense up to its head",
            "SELECT (SELECT last_change FROM vinculo.feed_head) - count(*) + coalesce(max(change_seq), 0) - count(*)
             FROM crm.customer_change",
        ),
        (
            "each state of a customer has exactly one entry of the feed",
            "SELECT count(*) FROM (SELECT customer_id, version, change_seq FROM audit.customer_history) h
             FULL JOIN (SELECT * FROM crm.customer_change WHERE change IN ('created', 'updated', 'split')) c
                 USING (customer_id, version, change_seq)
             WHERE h.* IS NULL OR c.change IS NULL",
        ),
        (
            "a membership tells the entry that told of it",
            "SELECT count(*) FROM crm.customer_source m LEFT JOIN crm.customer_change c USING (change_seq, customer_id)
             WHERE c.change_seq IS NULL",
        ),
    ] {
        assert_eq!(project.number(query).await, 0, "{rule}");
    }
}

async fn customer_of(project: &Project, key: &str) -> CustomerId {
    project.store.customer_of("crm", key).await.unwrap().unwrap()
}

async fn four_records() -> Project {
    let project = Project::new().await;
    project.deliver(&[row("1", "a@x"), row("2", "b@x"), row("3", "c@x"), row("4", "d@x")]).await;
    project
}

#[tokio::test]
async fn after_the_first_publication_the_planner_knows_the_columns_that_the_next_one_joins_by() {
    let project = four_records().await;
    project.publish(&[&["1", "2"], &["3"], &["4"]]).await.unwrap();
    let unknown = project
        .number(
            "SELECT count(*) FROM (VALUES ('crm', 'customer', 'customer_id'), ('crm', 'customer_source', 'customer_id'))
                 joined (schemaname, tablename, attname)
             WHERE NOT EXISTS (SELECT FROM pg_stats WHERE (pg_stats.schemaname, pg_stats.tablename, pg_stats.attname)
                 = (joined.schemaname, joined.tablename, joined.attname))",
        )
        .await;
    assert_eq!(unknown, 0);
}

#[tokio::test]
async fn the_first_publication_fills_every_table_and_leaves_the_indexes_as_they_were() {
    const INDEXES: &str = "SELECT hashtext(string_agg(pg_get_indexdef(indexrelid) || indisprimary::text, E'\\n'
        ORDER BY indexrelid::regclass::text))::bigint FROM pg_index
        WHERE indrelid::regclass::text ~ '^(crm|vinculo)\\.'";
    let project = four_records().await;
    let before = project.number(INDEXES).await;
    let published = project.publish(&[&["1", "2"], &["3"], &["4"]]).await.unwrap();
    assert_eq!((published.publication, published.first_change, published.last_change), (Some(1), 1, 3));
    assert_eq!((published.rows.created, published.rows.joined, published.rows.changes), (3, 4, 3));
    assert_eq!(project.number(INDEXES).await, before);
    assert_eq!(project.store.count_customers().await.unwrap(), 3);
    check_invariants(&project).await;
}

#[tokio::test]
async fn publishing_what_is_published_writes_nothing() {
    let project = four_records().await;
    project.publish(&[&["1", "2"], &["3"], &["4"]]).await.unwrap();
    let before = project.published_contents().await;
    let published = project.publish(&[&["3"], &["4"], &["1", "2"]]).await.unwrap();
    assert_eq!(published, Published::default());
    assert_eq!(project.published_contents().await, before);
    assert_eq!(project.store.last_resolved().await.unwrap(), Some(ContentHash(2)), "but that it was resolved is noted");
}

#[tokio::test]
async fn a_change_moves_the_earlier_state_to_the_history() {
    let project = four_records().await;
    project.publish(&[&["1", "2"], &["3"], &["4"]]).await.unwrap();
    let id = customer_of(&project, "1").await;
    project.deliver(&[row("2", "new@x")]).await;
    let published = project.publish(&[&["1", "2"], &["3"], &["4"]]).await.unwrap();
    assert_eq!((published.rows.updated, published.rows.created, published.rows.joined), (1, 0, 0));
    assert_eq!((published.first_change, published.last_change), (4, 4));
    let customer = project.store.customer(id).await.unwrap().unwrap();
    assert_eq!(customer.version, 2);
    assert!(customer.created_at < customer.updated_at, "the day of creation stays");
    assert_eq!(project.number("SELECT count(*) FROM vinculo.customer_history WHERE to_publication = 2").await, 1);
    check_invariants(&project).await;
}

#[tokio::test]
async fn redirects_stay_one_step_when_their_target_merges_too() {
    let project = four_records().await;
    project.publish(&[&["1"], &["2"], &["3"], &["4"]]).await.unwrap();
    let ids = [customer_of(&project, "1").await, customer_of(&project, "2").await, customer_of(&project, "3").await];
    project.publish(&[&["2", "1"], &["3"], &["4"]]).await.unwrap();
    assert_eq!(project.store.resolve_redirect(ids[0]).await.unwrap(), Redirect::To(ids[1]));
    check_invariants(&project).await;
    let published = project.publish(&[&["3", "2", "1"], &["4"]]).await.unwrap();
    assert_eq!(published.rows.redirects, 2, "the new one, and the one that led to it");
    for old in &ids[..2] {
        assert_eq!(project.store.resolve_redirect(*old).await.unwrap(), Redirect::To(ids[2]));
    }
    assert_eq!(project.store.resolve_redirect(ids[2]).await.unwrap(), Redirect::Living);
    check_invariants(&project).await;
}

#[tokio::test]
async fn a_split_brings_a_new_customer_and_a_deletion_ends_one() {
    let project = four_records().await;
    project.publish(&[&["1", "2"], &["3"], &["4"]]).await.unwrap();
    let ended = customer_of(&project, "4").await;
    project.publish(&[&["1"], &["2"], &["3"], &["4"]]).await.unwrap();
    check_invariants(&project).await;
    project.snapshot(&[row("1", "a@x"), row("2", "b@x"), row("3", "c@x")]).await;
    let published = project.publish(&[&["1"], &["2"], &["3"]]).await.unwrap();
    assert_eq!((published.rows.ended, published.rows.left, published.rows.redirects), (1, 1, 0));
    assert_eq!(project.store.resolve_redirect(ended).await.unwrap(), Redirect::Ended);
    assert_eq!(project.store.customer(ended).await.unwrap(), None);
    check_invariants(&project).await;
}

#[tokio::test]
async fn an_id_comes_back_with_its_history_when_its_records_come_apart_again() {
    let project = four_records().await;
    project.publish(&[&["1"], &["2"], &["3"], &["4"]]).await.unwrap();
    let (first, second) = (customer_of(&project, "1").await, customer_of(&project, "2").await);
    project.publish(&[&["1", "2"], &["3"], &["4"]]).await.unwrap();
    assert_eq!(project.store.resolve_redirect(second).await.unwrap(), Redirect::To(first));
    let former = project.store.former_customers().await.unwrap();
    assert_eq!((former[0].id, former[0].leads_to, former[0].records.len()), (second, Some(first), 1));
    check_invariants(&project).await;
    let published = project.publish(&[&["1"], &["2"], &["3"], &["4"]]).await.unwrap();
    assert_eq!((published.rows.returned, published.rows.created, published.rows.updated), (1, 0, 1));
    let customer = project.store.customer(second).await.unwrap().unwrap();
    assert_eq!(customer.version, 2);
    assert!(customer.created_at < customer.updated_at, "it was created when it was first published");
    assert_eq!(project.store.former_customers().await.unwrap(), []);
    check_invariants(&project).await;
}

#[tokio::test]
async fn an_id_whose_target_ends_ends_with_an_entry_of_the_feed() {
    let project = four_records().await;
    project.publish(&[&["1"], &["2"], &["3"], &["4"]]).await.unwrap();
    let ids = [customer_of(&project, "1").await, customer_of(&project, "2").await];
    project.publish(&[&["1", "2"], &["3"], &["4"]]).await.unwrap();
    project.snapshot(&[row("3", "c@x"), row("4", "d@x")]).await;
    project.publish(&[&["3"], &["4"]]).await.unwrap();
    for id in ids {
        assert_eq!(project.store.resolve_redirect(id).await.unwrap(), Redirect::Ended);
    }
    assert_eq!(project.number("SELECT count(*) FROM crm.customer_change WHERE change = 'ended'").await, 2);
    check_invariants(&project).await;
}

#[tokio::test]
async fn a_publication_tells_of_every_row_and_every_index() {
    let project = four_records().await;
    let told = Mutex::new(Vec::new());
    let rows = project
        .publish_telling(&[&["1", "2"], &["3"], &["4"]], &|headway| told.lock().unwrap().push(headway))
        .await
        .unwrap()
        .rows;
    let told = told.into_inner().unwrap();
    let sent: u64 = told.iter().map(|headway| if let Headway::Rows(rows) = headway { *rows } else { 0 }).sum();
    assert_eq!(sent, rows.created + rows.joined + rows.changes);
    let indexes =
        told.iter().find_map(|headway| if let Headway::Indexes(count) = headway { Some(*count) } else { None });
    let built = told.iter().filter(|headway| **headway == Headway::Index).count() as u64;
    assert_eq!((indexes, told.last()), (Some(built), Some(&Headway::Index)));
}

#[tokio::test]
async fn when_the_last_customer_ends_the_feed_goes_on() {
    let project = Project::new().await;
    project.deliver(&[row("1", "a@x")]).await;
    project.publish(&[&["1"]]).await.unwrap();
    project.snapshot(&[]).await;
    project.publish(&[]).await.unwrap();
    project.deliver(&[row("2", "b@x")]).await;
    let published = project.publish(&[&["2"]]).await.unwrap();
    assert_eq!((published.first_change, published.last_change), (3, 3));
    check_invariants(&project).await;
}

#[tokio::test]
async fn a_publication_that_contradicts_the_published_state_is_refused_whole() {
    let project = four_records().await;
    project.publish(&[&["1", "2"], &["3"], &["4"]]).await.unwrap();
    let before = project.published_contents().await;
    let record = RecordId(1);
    let customer = customer_of(&project, "3").await;
    let elsewhere = [Membership { record, source: "crm", source_key: "1", customer, change: 1 }];
    let unknown = [RecordId(77)];
    let ended = [FormerId { id: customer, leads_to: None }];
    let stranger = [FormerId { id: CustomerId(uuid::Uuid::from_u128(5)), leads_to: Some(customer) }];
    let base = project.publication(2);
    for (what, publication) in [
        ("a record that is not published leaves", Publication { left: &unknown, ..base }),
        ("a customer ends with its records", Publication { former: &ended, ..base }),
        ("a record moves and neither customer tells", Publication { joined: &elsewhere, ..base }),
        ("an id leads elsewhere that never was", Publication { former: &stranger, ..base }),
        ("a decision ends that never was", Publication { ended_decisions: &[5], ..base }),
    ] {
        let refused = project.store.publish(&publication, &|_| ()).await;
        assert!(matches!(refused, Err(StoreError::Inconsistent { .. })), "{what}");
        assert_eq!(project.published_contents().await, before, "{what}");
    }
    let stale = project.store.publish(&Publication { number: 1, left: &unknown, ..base }, &|_| ()).await;
    assert!(matches!(stale, Err(StoreError::Overtaken)), "a stale number");
    assert_eq!(project.published_contents().await, before);
}

#[tokio::test]
async fn decisions_are_kept_with_the_publications_that_began_and_ended_them() {
    let project = four_records().await;
    let decision = |kind, left, right, weight, reason| DecisionRow {
        kind,
        left: RecordId(left),
        right: RecordId(right),
        weight,
        levels: &[3, 0, 1],
        reason,
        model: 1,
    };
    project.publish(&[&["1", "2"], &["3"], &["4"]]).await.unwrap();
    let first = [
        decision(DecisionKind::Join, 1, 2, 9_500, ""),
        decision(DecisionKind::Conflict, 2, 3, 4_000, "exclusive_identifier"),
    ];
    let publish = async |number: i64, decisions: &[DecisionRow<'_>], ended: &[i64]| {
        let publication =
            Publication { models: &[1], decisions, ended_decisions: ended, ..project.publication(number) };
        project.store.publish(&publication, &|_| ()).await.unwrap()
    };
    let published = publish(2, &first, &[]).await;
    assert_eq!((published.rows.decisions, published.first_change, published.last_change), (2, 4, 3));
    let mut in_force = Vec::new();
    project.store.for_each_decision(|decision| in_force.push((decision.id, decision.decision.weight))).await.unwrap();
    in_force.sort_unstable();
    assert_eq!(in_force, [(1, 9_500), (2, 4_000)]);
    publish(3, &[], &[2]).await;
    let about_two = project.store.decisions_of(&[RecordId(2)]).await.unwrap();
    let ends: Vec<Option<i64>> = about_two.iter().map(|decision| decision.to_publication).collect();
    assert_eq!(ends, [Some(3), None]);
    assert_eq!(about_two[0].reason.as_deref(), Some("exclusive_identifier"));
    assert_eq!((about_two[0].left.source_key.as_str(), about_two[0].levels.as_slice()), ("2", &[3, 0, 1][..]));
    assert_eq!(project.store.decisions_of(&[RecordId(1), RecordId(2)]).await.unwrap().len(), 2);
    assert_eq!(project.number("SELECT count(*) FROM audit.decision WHERE levels = ARRAY[3, 0, 1]").await, 2);
}
