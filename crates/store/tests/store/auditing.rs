//! The audit chain covers every row once: whatever is open, removed, given back or restated in between.

use crate::project::{FINGERPRINT, Project, begin_run, followed, gone, row};
use serde_json::json;
use vinculo_records::ContentHash;
use vinculo_store::audit::AuditAccount;
use vinculo_store::{DeliveryCounts, Reread, RunStatus, Seal, Statement, StoreError};

async fn finish(project: &mut Project) {
    project.store.finish_run(project.run, RunStatus::Done, &json!({"rows": 1.50})).await.unwrap();
    project.run = begin_run(&project.store).await;
}

async fn examine(project: &Project) -> AuditAccount {
    let account = project.store.examine_audit(None, &|_| ()).await.unwrap();
    assert_eq!(account.findings, [], "{account:?}");
    account
}

/// The ids that are covered of a relation, as first, last and block.
async fn spans(project: &Project, relation: &str) -> Vec<(i64, i64, i64)> {
    sqlx::query_as("SELECT first_id, last_id, block FROM vinculo.audit_span WHERE relation = $1 ORDER BY 1")
        .bind(relation)
        .fetch_all(&mut project.connect().await)
        .await
        .unwrap()
}

#[tokio::test]
async fn what_lands_with_a_delivery_that_stays_open_is_covered_when_it_is_closed() {
    let mut project = Project::new().await;
    let (crm, erp) = (project.source, project.store.register_sources(&["erp"]).await.unwrap()[0].id);
    project.store.follow(erp, &followed(FINGERPRINT)).await.unwrap();
    let left_open = project.open().await;
    let counts = project.land(left_open.id, &[row("a", "Ana"), row("b", "Bia")], DeliveryCounts::default()).await;
    project.source = erp;
    project.deliver(&[row("x", "Xisto"), row("y", "Yara")]).await;
    finish(&mut project).await;
    let versions = "vinculo.source_record_version";
    assert_eq!(spans(&project, versions).await, [(3, 4, 1)]);
    assert_eq!(spans(&project, "vinculo.delivery").await, [(2, 2, 1)]);
    // Two records, two versions, the delivery, and the run that is at work.
    assert_eq!(examine(&project).await.uncovered, 6);

    project.source = crm;
    assert_eq!(project.open().await.id, left_open.id);
    let counts = project.land(left_open.id, &[row("c", "Caio")], counts).await;
    project.store.seal(left_open.id, Seal { counts, seen: None }).await.unwrap();
    project.source = erp;
    project.deliver(&[row("x", "Xisto Lima")]).await;
    finish(&mut project).await;
    assert_eq!(spans(&project, versions).await, [(1, 2, 2), (3, 4, 1), (5, 6, 2)]);
    assert_eq!(spans(&project, "vinculo.source_record").await, [(1, 2, 2), (3, 4, 1), (5, 5, 2)]);
    assert_eq!(spans(&project, "vinculo.delivery").await, [(1, 1, 2), (2, 2, 1), (3, 3, 2)]);
    assert_eq!(examine(&project).await.uncovered, 1);
}

#[tokio::test]
async fn ids_that_a_refused_delivery_gives_back_are_covered_with_whoever_has_them_then() {
    let mut project = Project::new().await;
    project.deliver(&[row("a", "Ana")]).await;
    let refused = project.open().await;
    project.land(refused.id, &[row("b", "Bia"), row("c", "Caio")], DeliveryCounts::default()).await;
    project.store.refuse(refused.id, "too_many_rejects", "half of them").await.unwrap();
    finish(&mut project).await;
    assert_eq!(spans(&project, "vinculo.source_record_version").await, [(1, 1, 1)]);
    project.snapshot(&[row("d", "Davi")]).await;
    project.deliver(&[row("a", "Ana"), gone("d")]).await;
    finish(&mut project).await;
    let account = examine(&project).await;
    assert_eq!((account.blocks, account.uncovered), (2, 1));
}

#[tokio::test]
async fn a_version_that_is_read_otherwise_keeps_its_leaf_and_each_reading_has_one() {
    let mut project = Project::new().await;
    project.deliver(&[row("a", "Ana").at(1), row("b", "Bia")]).await;
    finish(&mut project).await;
    for reading in [2, 3] {
        let says = |at| Statement { updated_at: Some(at), deleted: false, content_hash: ContentHash(7) };
        project
            .store
            .renormalize::<StoreError>(project.source, &followed(ContentHash(reading as u128)), |raw| {
                let reread = |_| Reread { statements: vec![says(reading)], current: 0, normalized: None };
                Ok(raw.iter().map(reread).collect())
            })
            .await
            .unwrap();
        examine(&project).await;
        finish(&mut project).await;
        examine(&project).await;
    }
    assert_eq!(spans(&project, "vinculo.restatement").await, [(1, 2, 2), (3, 4, 3)]);
    let forged = "UPDATE vinculo.source_record_version SET content_hash = gen_random_uuid() WHERE version_id = 2";
    sqlx::raw_sql(forged).execute(&mut project.connect().await).await.unwrap();
    let found = project.store.examine_audit(None, &|_| ()).await.unwrap().findings;
    assert_eq!(found.iter().map(|finding| finding.relation).collect::<Vec<_>>(), [Some("vinculo.restatement")]);
}

#[tokio::test]
async fn of_many_small_blocks_the_altered_row_is_named_with_its_own() {
    let mut project = Project::new().await;
    // More than are read at a time.
    for says in ["Ana", "Bia"].into_iter().cycle().take(105) {
        project.deliver(&[row("a", says)]).await;
        finish(&mut project).await;
    }
    assert_eq!(examine(&project).await.blocks, 105);
    for version in [2, 100, 103] {
        let alter = format!("UPDATE vinculo.source_record_version SET line = line + 1 WHERE version_id = {version}");
        sqlx::raw_sql(sqlx::AssertSqlSafe(alter)).execute(&mut project.connect().await).await.unwrap();
    }
    let found = project.store.examine_audit(None, &|_| ()).await.unwrap().findings;
    let named: Vec<_> = found.iter().map(|finding| (finding.block, finding.ids)).collect();
    assert_eq!(named, [2, 100, 103].map(|id| (Some(id), Some((id, id)))));
}
