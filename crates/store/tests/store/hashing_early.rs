//! Rows that are hashed before the run ends, and blocks of many rows: the chain is as if all were read in the end.

use crate::project::{Project, Row, row};
use chrono::DateTime;
use serde_json::json;
use sqlx::AssertSqlSafe;
use std::ops::RangeInclusive;
use std::sync::Arc;
use uuid::Uuid;
use vinculo_records::{
    AttributeType, Attributes, ContentHash, CustomAttribute, CustomerId, Kind, RecordId, Standard, SurvivorshipRule,
    VersionId,
};
use vinculo_store::*;

/// More than two groups of leaves, the last not whole.
const CUSTOMERS: i64 = 150;
/// More than one session reads.
const MANY: i64 = 33_000;

fn rows(count: i64) -> Vec<Row> {
    (1..=count).map(|n| row(Box::leak(n.to_string().into_boxed_str()), "Ana")).collect()
}

fn customer(record: i64) -> CustomerId {
    CustomerId(Uuid::from_u128(record as u128))
}

/// A customer for each record, in two batches.
fn customers() -> [Arc<EncodedRows>; 2] {
    [1..=100, 101..=CUSTOMERS].map(|records| Arc::new(customers_of(records)))
}

/// A customer for each of these records, with every sort of column: texts, none, a date, lists, declared attributes.
fn customers_of(records: RangeInclusive<i64>) -> EncodedRows {
    let declared = |name: &str, attribute_type| CustomAttribute { name: name.into(), attribute_type, separator: None };
    let attributes =
        Attributes::new(vec![declared("zeal", AttributeType::Text), declared("authors", AttributeType::Set)]);
    let mut encoder = CustomerEncoder::new(&attributes, 1, DateTime::UNIX_EPOCH);
    for record in records {
        let said = |attribute, text| CustomerValue { attribute, text, version: 0, rule: SurvivorshipRule::OnlyValue };
        let mut values = vec![
            said(Standard::Name.into(), "Ana \u{e9} \"\\\n"),
            said(Standard::BirthDate.into(), "1987-06-05"),
            said(Standard::Email.into(), "a@x"),
            said(Standard::Email.into(), "b@x"),
            said(attributes.find("zeal").unwrap(), "great \u{1f980} \"\\\n"),
            said(attributes.find("authors").unwrap(), "one"),
            said(attributes.find("authors").unwrap(), "two"),
        ];
        values.sort_by_key(|value| value.attribute);
        let row = CustomerRow {
            id: customer(record),
            kind: Kind::Person,
            version: 1,
            change: record,
            content_hash: ContentHash(record as u128),
            record_count: 1,
            lineage_versions: &[VersionId(record)],
            values: &values,
        };
        encoder.push(&row).unwrap();
    }
    encoder.finish().unwrap()
}

/// What the chain finds after a first publication, of which something was altered between hashing and the end of the run.
async fn found_after(alteration: Option<&str>) -> Vec<Option<&'static str>> {
    let project = Project::new().await;
    let rows = rows(CUSTOMERS);
    project.deliver(&rows).await;
    let member = |(record, row): (i64, &Row)| Membership {
        record: RecordId(record),
        source: "crm",
        source_key: row.key,
        customer: customer(record),
        change: record,
    };
    let joined: Vec<Membership<'_>> = (1..).zip(&rows).map(member).collect();
    let created = |record| ChangeEntry { customer: customer(record), change: Change::Created, other: None, version: 1 };
    let changes: Vec<ChangeEntry> = (1..=CUSTOMERS).map(created).collect();
    let customers = customers();
    let publication =
        Publication { customers: &customers, joined: &joined, changes: &changes, ..project.publication(1) };
    let (followed, following) = Relayed::new(&customers);
    let store = &project.store;
    let publish = async move {
        let publication = Publication { customers: &followed, ..publication };
        store.publish(&publication, &|_| ()).await
    };
    let (published, early) = tokio::join!(publish, store.hash_early(&publication, following));
    assert!(published.unwrap().is_first());
    if let Some(alteration) = alteration {
        sqlx::raw_sql(AssertSqlSafe(alteration)).execute(&mut project.connect().await).await.unwrap();
    }
    project.store.finish_run_with(project.run, RunStatus::Done, &json!({}), &early.unwrap()).await.unwrap();
    let account = project.store.examine_audit(None, &|_| ()).await.unwrap();
    assert_eq!(account.uncovered, 0);
    account.findings.iter().map(|finding| finding.relation).collect()
}

#[tokio::test]
async fn what_is_hashed_early_is_what_is_read_in_the_end() {
    assert_eq!(found_after(None).await, []);
}

#[tokio::test]
async fn what_is_altered_after_it_was_hashed_is_found_though_the_block_came_later() {
    for (relation, alteration) in [
        ("vinculo.source_record", "UPDATE vinculo.source_record SET source_key = 'x' WHERE record_id = 5"),
        ("vinculo.source_record_version", "UPDATE vinculo.source_record_version SET raw = 'x' WHERE version_id = 70"),
        ("crm.customer", "UPDATE crm.customer SET email = 'c@x' WHERE change_seq = 128"),
    ] {
        assert_eq!(found_after(Some(alteration)).await, [Some(relation)], "{alteration}");
    }
}

#[tokio::test]
async fn a_block_of_many_rows_is_read_side_by_side_and_names_the_row_that_is_altered() {
    let project = Project::new().await;
    project.deliver(&rows(MANY)).await;
    project.store.finish_run(project.run, RunStatus::Done, &json!({})).await.unwrap();
    let account = project.store.examine_audit(None, &|_| ()).await.unwrap();
    assert_eq!((account.findings.len(), account.uncovered), (0, 0));
    let alteration = "UPDATE vinculo.source_record_version SET line = 0 WHERE version_id = 32999";
    sqlx::raw_sql(alteration).execute(&mut project.connect().await).await.unwrap();
    let found = project.store.examine_audit(None, &|_| ()).await.unwrap().findings;
    assert_eq!(found.iter().map(|finding| finding.ids).collect::<Vec<_>>(), [Some((32_999, 32_999))]);
}
