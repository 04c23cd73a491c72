//! Reading anew what was delivered, under another mapping.

use crate::project::{Project, Row, content_hash, followed, gone, normalized, row};
use std::collections::BTreeMap;
use vinculo_records::{AttributeType, Attributes, ContentHash, CustomAttribute};
use vinculo_store::*;

const PRESENT: ContentHash = ContentHash(2);

/// Another mapping: what a version says now, by what was delivered and what was read from it before.
type Reading = fn(&str, Statement) -> Statement;

/// Plays the versions of a record as a reader does.
fn read(record: &RawRecord, reading: Reading) -> Reread {
    let mut statements: Vec<Statement> = Vec::new();
    let mut current = 0;
    for (place, version) in record.versions.iter().enumerate() {
        let statement = match &version.delivered {
            Some(delivered) => reading(&delivered.raw, version.statement),
            None => Statement { deleted: true, ..statements[current] },
        };
        if statements.get(current).is_none_or(|before| before.is_overruled_by(&statement)) {
            current = place;
        }
        statements.push(statement);
    }
    let shown = record.versions[current].delivered.as_ref().filter(|_| !statements[current].deleted);
    let normalized = shown.map(|delivered| normalized(&delivered.raw.to_uppercase()));
    Reread { statements, current, normalized }
}

async fn renormalize(project: &Project, reading: Reading) -> Result<u64> {
    let all = |batch: &[RawRecord]| Ok::<_, StoreError>(batch.iter().map(|record| read(record, reading)).collect());
    project.store.renormalize(project.source, &followed(PRESENT), all).await
}

fn says(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(key, says)| ((*key).to_owned(), (*says).to_owned())).collect()
}

/// The pointer of each record names the greatest of its versions, and says what that says.
async fn check_pointers(project: &Project) {
    let wrong = "SELECT count(*) FROM vinculo.source_record r WHERE NOT EXISTS (
         SELECT FROM (
             SELECT v.* FROM vinculo.source_record_version v WHERE v.record_id = r.record_id
             ORDER BY v.updated_at DESC NULLS LAST, v.version_id DESC LIMIT 1
         ) v WHERE (v.version_id, v.delivery_id, v.content_hash, v.deleted)
             = (r.version_id, r.delivery_id, r.content_hash, r.deleted))";
    assert_eq!(project.number(wrong).await, 0);
    let counted = "SELECT count(*) FROM vinculo.normalized_record n
         FULL JOIN (SELECT version_id FROM vinculo.source_record WHERE NOT deleted) r USING (version_id)
         WHERE n.data IS NULL OR r.version_id IS NULL";
    assert_eq!(project.number(counted).await, 0, "current versions that are not deleted are normalized, no others");
}

#[tokio::test]
async fn values_are_normalized_anew_and_what_is_read_beside_them_stays() {
    let project = Project::new().await;
    project.deliver(&[row("1", "ana").at(3_000_000), row("2", "rui"), row("3", "eva"), gone("3")]).await;
    project.deliver(&[row("2", "ivo")]).await;
    let tables = ["vinculo.source_record", "vinculo.source_record_version"];
    let (state, before) = (project.store.state_of_data().await.unwrap(), project.contents(&tables).await);
    assert_eq!(renormalize(&project, |_, before| before).await.unwrap(), 2);
    assert_eq!(project.current().await, says(&[("1", "ANA"), ("2", "IVO")]));
    assert_eq!(project.contents(&tables).await, before);
    assert_ne!(project.store.state_of_data().await.unwrap(), state, "the next run must resolve again");
    assert_eq!(project.store.sources().await.unwrap().remove(0).followed, Some(followed(PRESENT)));
}

#[tokio::test]
async fn another_date_makes_another_version_the_current_one() {
    let project = Project::new().await;
    project.deliver(&[row("1", "new").at(20), row("2", "first")]).await;
    project.deliver(&[row("1", "old").at(10), row("2", "second")]).await;
    assert_eq!(project.current().await, says(&[("1", "new"), ("2", "second")]));
    renormalize(&project, |_, before| Statement { updated_at: None, ..before }).await.unwrap();
    assert_eq!(project.current().await, says(&[("1", "OLD"), ("2", "SECOND")]), "the last to land");
    check_pointers(&project).await;
    let by_length = |raw: &str, before| Statement { updated_at: Some(-(raw.len() as i64)), ..before };
    renormalize(&project, by_length).await.unwrap();
    assert_eq!(project.current().await, says(&[("1", "OLD"), ("2", "FIRST")]));
    check_pointers(&project).await;
}

#[tokio::test]
async fn records_go_and_come_back_as_another_mapping_says() {
    let project = Project::new().await;
    project.deliver(&[row("1", "ana"), row("2", "rui"), gone("3")]).await;
    let gone_is_rui = |raw: &str, before| Statement { deleted: raw == "rui", ..before };
    assert_eq!(renormalize(&project, gone_is_rui).await.unwrap(), 2);
    assert_eq!(project.current().await, says(&[("1", "ANA"), ("3", "")]));
    check_pointers(&project).await;
    assert_eq!(renormalize(&project, |_, before| Statement { deleted: false, ..before }).await.unwrap(), 3);
    assert_eq!(project.current().await, says(&[("1", "ANA"), ("2", "RUI"), ("3", "")]));
    check_pointers(&project).await;
}

#[tokio::test]
async fn what_a_snapshot_no_longer_had_stays_deleted_whatever_dates_become() {
    let project = Project::new().await;
    project.snapshot(&[row("1", "ana").at(50), row("2", "rui").at(50)]).await;
    project.snapshot(&[row("2", "rui").at(50)]).await;
    renormalize(&project, |_, before| Statement { updated_at: Some(90), ..before }).await.unwrap();
    assert_eq!(project.current().await, says(&[("2", "RUI")]));
    check_pointers(&project).await;
}

#[tokio::test]
async fn a_content_that_is_told_otherwise_is_what_the_next_delivery_is_compared_with() {
    let project = Project::new().await;
    project.deliver(&[row("1", "ana|exported monday")]).await;
    let without_export = |raw: &str, before| Statement {
        content_hash: content_hash(raw.split('|').next().unwrap_or_default()),
        ..before
    };
    renormalize(&project, without_export).await.unwrap();
    let known = project.store.latest(project.source, None, &["1"]).await.unwrap();
    assert_eq!(known[0].unwrap().content_hash, content_hash("ana"));
    check_pointers(&project).await;
}

#[tokio::test]
async fn a_renormalization_that_fails_changes_nothing() {
    let project = Project::new().await;
    project.deliver(&[row("1", "ana"), row("2", "rui")]).await;
    let before = project.landed_contents().await;
    let present = followed(PRESENT);
    let too_few = project.store.renormalize::<StoreError>(project.source, &present, |_| Ok(Vec::new())).await;
    assert!(matches!(too_few, Err(StoreError::Inconsistent { .. })));
    let nothing = Reread { statements: Vec::new(), current: 0, normalized: None };
    let no_versions = |batch: &[RawRecord]| Ok::<_, StoreError>(vec![nothing.clone(); batch.len()]);
    let contradicting = project.store.renormalize(project.source, &present, no_versions).await;
    assert!(matches!(contradicting, Err(StoreError::Inconsistent { .. })));
    let own_error = project.store.renormalize(project.source, &present, |_| Err(StoreError::NotPrepared)).await;
    assert!(matches!(own_error, Err(StoreError::NotPrepared)));
    assert_eq!(project.landed_contents().await, before);
    assert_ne!(project.store.sources().await.unwrap().remove(0).followed, Some(present));
}

#[tokio::test]
async fn raw_records_are_read_with_all_their_versions_and_nothing_of_an_open_delivery() {
    let project = Project::new().await;
    project.deliver(&[row("1", "ana").at(3_000_000), row("2", "rui"), row("3", "eva"), gone("3")]).await;
    project.deliver(&[row("2", "ivo")]).await;
    let open = project.open().await;
    project.land(open.id, &[row("1", "open"), row("4", "open")], DeliveryCounts::default()).await;
    let before = project.landed_contents().await;
    let mut seen = Vec::new();
    let note = |batch: &[RawRecord]| -> Result<(), StoreError> {
        for record in batch {
            let delivered = record.versions.iter().filter_map(|version| version.delivered.as_ref());
            let raws: Vec<_> = delivered.map(|delivered| (delivered.raw.clone(), delivered.line)).collect();
            seen.push((record.source_key.clone(), raws));
        }
        Ok(())
    };
    project.store.for_each_raw(project.source, note).await.unwrap();
    seen.sort_unstable();
    let raw = |text: &str, line| (text.to_owned(), line);
    let expected = [
        ("1".to_owned(), vec![raw("ana", 1)]),
        ("2".to_owned(), vec![raw("rui", 2), raw("ivo", 1)]),
        ("3".to_owned(), vec![raw("eva", 3), raw("", 4)]),
    ];
    assert_eq!(seen, expected);
    let own_error = project.store.for_each_raw(project.source, |_| Err(StoreError::NotPrepared)).await;
    assert!(matches!(own_error, Err(StoreError::NotPrepared)));
    assert_eq!(project.landed_contents().await, before);
}

#[tokio::test]
async fn a_record_is_never_torn_apart_by_the_number_of_versions_that_are_fetched() {
    let project = Project::new().await;
    let says: Vec<&'static str> = (0..10_050).map(|n| &*format!("said {n}").leak()).collect();
    let rows: Vec<Row> = says.iter().map(|says| row("1", says)).chain([row("2", "rui")]).collect();
    project.deliver(&rows).await;
    let mut versions = Vec::new();
    let count = |batch: &[RawRecord]| -> Result<(), StoreError> {
        versions.extend(batch.iter().map(|record| record.versions.len()));
        Ok(())
    };
    project.store.for_each_raw(project.source, count).await.unwrap();
    assert_eq!(versions, [10_050, 1]);
}

#[tokio::test]
async fn a_source_keeps_the_attributes_that_its_records_number() {
    let project = Project::new().await;
    let hobby = CustomAttribute { name: "hobby".into(), attribute_type: AttributeType::Text, separator: None };
    let present = Followed { fingerprint: PRESENT, attributes: Attributes::new(vec![hobby]) };
    project.store.follow(project.source, &present).await.unwrap();
    assert_eq!(project.store.sources().await.unwrap().remove(0).followed, Some(present));
}
