//! Landing: rows with the checkpoint that covers them, all or nothing.

use crate::project::{Project, begin_run, content_hash, file, row};
use std::collections::BTreeMap;
use vinculo_records::ContentHash;
use vinculo_store::*;

fn landed(key: &str) -> LandedRow<'_> {
    LandedRow {
        key,
        known: None,
        content_hash: content_hash(key),
        file_no: 1,
        line: 1,
        updated_at: None,
        deleted: false,
        raw: key,
        normalized: &[1],
    }
}

fn landing<'a>(rows: Vec<LandedRow<'a>>) -> Landing<'a> {
    Landing { rows, files: vec![file()], checkpoint: Some("line 1".into()), ..Landing::default() }
}

#[tokio::test]
async fn an_open_delivery_is_invisible_until_it_is_sealed() {
    let project = Project::new().await;
    let delivery = project.open().await;
    let counts = project.land(delivery.id, &[row("1", "Ana")], DeliveryCounts::default()).await;
    assert!(project.current().await.is_empty());
    assert_eq!(project.store.find_record("crm", "1").await.unwrap(), None);
    project.store.seal(delivery.id, Seal { counts, seen: None }).await.unwrap();
    assert_eq!(project.current().await, BTreeMap::from([("1".into(), "Ana".into())]));
    assert!(project.store.find_record("crm", "1").await.unwrap().is_some());
}

#[tokio::test]
async fn a_refused_delivery_leaves_its_account_and_nothing_else() {
    let project = Project::new().await;
    project.deliver(&[row("1", "Ana"), row("2", "Rui")]).await;
    let before = project.landed_contents().await;
    let delivery = project.open().await;
    let rejects = vec![rejected("bad")];
    project.land(delivery.id, &[row("1", "Eva"), row("3", "Ivo")], DeliveryCounts::default()).await;
    let counts = DeliveryCounts { read: 3, changed: 1, new: 1, rejected: 1, ..DeliveryCounts::default() };
    let batch = Landing { rejects, counts: counts.clone(), ..landing(vec![]) };
    project.store.land(delivery.id, &batch).await.unwrap();
    project.store.refuse(delivery.id, "too_many_rejects", "33 % were rejected, 5 % may be").await.unwrap();
    assert_eq!(project.landed_contents().await, before);
    let account = project.store.deliveries(None, 1).await.unwrap().remove(0);
    assert_eq!((account.state, account.counts), (DeliveryState::Refused, counts));
    assert_eq!(account.refusal.unwrap().0, "too_many_rejects");
    assert_eq!(project.store.rejects(RejectFilter::default()).await.unwrap().len(), 1);
    let again = project.store.land(delivery.id, &landing(vec![landed("4")])).await;
    assert!(matches!(again, Err(StoreError::NotOpen { .. })));
}

fn rejected(raw: &str) -> RejectedRow {
    let fault = |column: Option<&str>, code: &str| Fault { column: column.map(str::to_owned), code: code.into() };
    RejectedRow {
        file_no: 1,
        line: 7,
        faults: vec![fault(Some("name"), "nul_byte"), fault(None, "column_count")],
        raw: raw.into(),
    }
}

#[tokio::test]
async fn a_rejected_row_keeps_its_place_and_all_its_faults() {
    let project = Project::new().await;
    let delivery = project.open().await;
    let batch = Landing { rejects: vec![rejected("a\0b"), rejected("c")], ..landing(vec![]) };
    project.store.land(delivery.id, &batch).await.unwrap();
    let filter =
        RejectFilter { source: Some("crm"), run: Some(project.run), limit: Some(1), ..RejectFilter::default() };
    let rejects = project.store.rejects(filter).await.unwrap();
    assert_eq!(rejects.len(), 1);
    assert_eq!((rejects[0].line, rejects[0].path.as_str()), (7, "crm.csv"));
    assert_eq!(rejects[0].faults, rejected("").faults);
    assert_eq!(rejects[0].raw, "a\u{2400}b", "a NUL is shown as its picture");
    let other = RejectFilter { source: Some("web"), ..filter };
    assert!(project.store.rejects(other).await.unwrap().is_empty());
    let second = RejectFilter { id: Some(2), ..RejectFilter::default() };
    assert_eq!(project.store.rejects(second).await.unwrap()[0].raw, "c");
}

/// A delivery of nothing but rejected rows; gives what is told of them for its own run.
async fn deliver_rejects(project: &Project, raws: &[&str], is_refused: bool) -> Vec<(i64, String)> {
    let run = begin_run(&project.store).await;
    let delivery = project.store.open_delivery(&NewDelivery { run, ..project.new_delivery() }).await.unwrap();
    let rejected_rows = raws.len() as u64;
    let counts = DeliveryCounts { read: rejected_rows, rejected: rejected_rows, ..DeliveryCounts::default() };
    let rejects = raws.iter().map(|raw| rejected(raw)).collect();
    let batch = Landing { rejects, counts: counts.clone(), ..landing(vec![]) };
    project.store.land(delivery.id, &batch).await.unwrap();
    if is_refused {
        project.store.refuse(delivery.id, "too_many_rejects", "all were rejected").await.unwrap();
    } else {
        project.store.seal(delivery.id, Seal { counts, seen: None }).await.unwrap();
    }
    let of_run = RejectFilter { run: Some(run), ..RejectFilter::default() };
    project.store.rejects(of_run).await.unwrap().into_iter().map(|reject| (reject.id, reject.raw)).collect()
}

#[tokio::test]
async fn rejected_rows_that_are_repeated_are_kept_once_and_told_for_every_run() {
    const KEPT: &str = "SELECT count(*) FROM vinculo.reject";
    let project = Project::new().await;
    let first = deliver_rejects(&project, &["a", "b", "b"], false).await;
    assert_eq!(first.len(), 3);
    for is_refused in [false, true, true, false] {
        assert_eq!(deliver_rejects(&project, &["a", "b", "b"], is_refused).await, first);
        assert_eq!(project.number(KEPT).await, 3);
    }
    assert_eq!(project.store.rejects(RejectFilter::default()).await.unwrap().len(), 3, "each is told once");
    for other in [&["a", "b"][..], &["a", "b", "c"], &[]] {
        let told = deliver_rejects(&project, other, false).await;
        assert_eq!(told.iter().map(|(_, raw)| raw.as_str()).collect::<Vec<_>>(), other, "other rows are kept");
    }
    assert_eq!(project.number(KEPT).await, 8);
}

#[tokio::test]
async fn a_batch_that_fails_leaves_nothing_behind() {
    let project = Project::new().await;
    let delivery = project.open().await;
    let before = project.landed_contents().await + &project.contents(&["vinculo.counter", "vinculo.delivery"]).await;
    let mut with_nul = landed("b");
    with_nul.raw = "x\0y";
    let refused = project.store.land(delivery.id, &landing(vec![landed("a"), with_nul])).await.unwrap_err();
    assert!(matches!(refused, StoreError::Nul { .. }), "{refused}");
    let after = project.landed_contents().await + &project.contents(&["vinculo.counter", "vinculo.delivery"]).await;
    assert_eq!(after, before);
    project.store.land(delivery.id, &landing(vec![landed("a")])).await.unwrap();
    assert_eq!(project.number("SELECT max(record_id) FROM vinculo.source_record").await, 1, "no id was lost");
}

#[tokio::test]
async fn a_landing_whose_connection_is_cut_leaves_nothing_behind() {
    let project = Project::new().await;
    let delivery = project.open().await;
    let mut blocker = project.connect().await;
    // The landing waits for this lock, with its ids taken and its records sent.
    sqlx::raw_sql("BEGIN; LOCK TABLE vinculo.normalized_record IN EXCLUSIVE MODE").execute(&mut blocker).await.unwrap();
    let store = project.store.clone();
    let waiting = tokio::spawn(async move { store.land(delivery.id, &landing(vec![landed("a")])).await });
    let mut victim = None;
    while victim.is_none() {
        victim = sqlx::query_scalar::<_, i32>(
            "SELECT pid FROM pg_stat_activity
             WHERE datname = current_database() AND wait_event_type = 'Lock' AND pid <> pg_backend_pid()",
        )
        .fetch_optional(&mut blocker)
        .await
        .unwrap();
    }
    sqlx::query("SELECT pg_terminate_backend($1)").bind(victim).execute(&mut blocker).await.unwrap();
    let cut = waiting.await.unwrap().unwrap_err();
    assert!(cut.is_transient(), "{cut}");
    sqlx::raw_sql("ROLLBACK").execute(&mut blocker).await.unwrap();
    assert_eq!(project.number("SELECT count(*) FROM vinculo.source_record").await, 0);
    project.store.land(delivery.id, &landing(vec![landed("a")])).await.unwrap();
}

#[tokio::test]
async fn an_error_never_holds_a_value() {
    let project = Project::new().await;
    let delivery = project.open().await;
    let secret = "maria.silva@example.com";
    project.store.land(delivery.id, &landing(vec![landed(secret)])).await.unwrap();
    // Said to be new although it is known: Postgres refuses it, and names the key in its details.
    let refused = project.store.land(delivery.id, &landing(vec![landed(secret)])).await.unwrap_err();
    let text = format!("{refused} {refused:?} {:?}", std::error::Error::source(&refused));
    assert!(!text.contains("maria"), "{text}");
    assert!(text.contains("23505") && text.contains("source_record_source_id_source_key_key"), "{text}");
    assert!(!refused.is_transient());
}

#[tokio::test]
async fn a_key_that_no_index_can_hold_is_refused() {
    let project = Project::new().await;
    let delivery = project.open().await;
    let long = "k".repeat(SOURCE_KEY_BYTES_MAX + 1);
    let refused = project.store.land(delivery.id, &landing(vec![landed(&long)])).await.unwrap_err();
    assert!(matches!(refused, StoreError::TooLong { .. }));
    let longest: String = (0..SOURCE_KEY_BYTES_MAX).map(|n| char::from(b'!' + (n * 7919 % 94) as u8)).collect();
    project.store.land(delivery.id, &landing(vec![landed(&longest)])).await.unwrap();
}

#[tokio::test]
async fn the_same_new_key_twice_in_a_batch_is_one_record() {
    let project = Project::new().await;
    let delivery = project.open().await;
    let mut second = landed("a");
    second.content_hash = ContentHash(2);
    let batch = landing(vec![landed("a"), landed("b"), second]);
    let records = project.store.land(delivery.id, &batch).await.unwrap();
    assert_eq!(records[0], records[2]);
    assert_ne!(records[0], records[1]);
    let known = project.store.latest(project.source, Some(delivery.id), &["c", "a"]).await.unwrap();
    assert_eq!(known[0], None);
    assert_eq!(known[1].unwrap().content_hash, ContentHash(2), "the last of this delivery");
    let sealed_only = project.store.latest(project.source, None, &["a"]).await.unwrap();
    assert_eq!(sealed_only, [None], "an open delivery is nothing to anybody else");
}

#[tokio::test]
async fn every_known_key_is_handed_over() {
    let project = Project::new().await;
    project.deliver(&[row("b", "1"), row("a", "2"), row("é", "3")]).await;
    let mut keys = Vec::new();
    project.store.for_each_known_key(project.source, |key| keys.push(key.to_owned())).await.unwrap();
    keys.sort_unstable();
    assert_eq!(keys, ["a", "b", "é"]);
    assert_eq!(project.store.count_records(project.source).await.unwrap(), 3);
}

#[tokio::test]
async fn a_delivery_that_was_left_open_goes_on_from_its_checkpoint() {
    let project = Project::new().await;
    let delivery = project.open().await;
    let counts = project.land(delivery.id, &[row("1", "Ana")], DeliveryCounts::default()).await;
    let later = NewDelivery { landed_on: 30_000, ..project.new_delivery() };
    let resumed = project.store.open_delivery(&later).await.unwrap();
    assert_eq!((resumed.id, resumed.resume.as_deref()), (delivery.id, Some("line 1")));
    assert_eq!((resumed.counts, resumed.files), (counts.clone(), vec![file()]));
    assert_eq!(resumed.landed_on, delivery.landed_on, "the day on which it was begun");
    let counts = project.land(delivery.id, &[row("2", "Rui")], counts).await;
    project.store.seal(delivery.id, Seal { counts, seen: None }).await.unwrap();
    assert_eq!(project.current().await.len(), 2);
}

#[tokio::test]
async fn the_files_of_a_batch_are_one_statement_that_touches_only_those_that_changed() {
    let project = Project::new().await;
    let delivery = project.open().await;
    sqlx::raw_sql(
        "CREATE SEQUENCE statements MINVALUE 0 START 0;
         CREATE FUNCTION count_statement() RETURNS trigger LANGUAGE plpgsql AS
             'BEGIN PERFORM nextval(''statements''); RETURN NULL; END';
         CREATE TRIGGER counting AFTER INSERT ON vinculo.delivery_file EXECUTE FUNCTION count_statement()",
    )
    .execute(&mut project.connect().await)
    .await
    .unwrap();
    let mut files: Vec<DeliveryFile> =
        (1..=3).map(|file_no| DeliveryFile { file_no, path: format!("{file_no}.csv"), ..file() }).collect();
    let land = async |files: &[DeliveryFile]| {
        let landing = Landing { files: files.to_vec(), ..Landing::default() };
        project.store.land(delivery.id, &landing).await.unwrap();
    };
    land(&files).await;
    files[2] = DeliveryFile { bytes: 99, lines: 7, ..files[2].clone() };
    land(&files).await;
    land(&[]).await;
    assert_eq!(project.number("SELECT last_value FROM statements").await, 1, "one for each batch with files, from 0");
    let versions = "SELECT count(DISTINCT xmin::text) FROM vinculo.delivery_file";
    assert_eq!(project.number(versions).await, 2, "the first two are as the first batch wrote them");
    assert_eq!(project.open().await.files, files);
}

#[tokio::test]
async fn a_delivery_that_was_taken_over_is_among_those_of_the_newest_run() {
    let project = Project::new().await;
    let taken_over = project.open().await;
    let web = project.store.register_sources(&["web"]).await.unwrap()[0].id;
    let other = project.store.open_delivery(&NewDelivery { source: web, ..project.new_delivery() }).await.unwrap();
    let run = begin_run(&project.store).await;
    project.store.open_delivery(&NewDelivery { run, ..project.new_delivery() }).await.unwrap();
    let deliveries = project.store.deliveries(None, 5).await.unwrap();
    let told: Vec<_> = deliveries.iter().map(|delivery| (delivery.id, delivery.run)).collect();
    assert_eq!(told, [(taken_over.id, run), (other.id, project.run)]);
}

#[tokio::test]
async fn a_snapshot_that_was_left_open_ends_as_if_it_had_been_read_once() {
    let (killed, undisturbed) = (Project::new().await, Project::new().await);
    let rows = [row("1", "Ana"), row("2", "Rui"), row("2", "Eva")];
    let new = NewDelivery { snapshot: true, ..killed.new_delivery() };
    let delivery = killed.store.open_delivery(&new).await.unwrap();
    killed.land(delivery.id, &rows[..2], DeliveryCounts::default()).await;
    let again = killed.store.open_delivery(&new).await.unwrap();
    assert_eq!((again.id, again.resume, again.counts.read), (delivery.id, None, 0));
    let (one, other) = (killed.snapshot(&rows).await, undisturbed.snapshot(&rows).await);
    assert_eq!(one, other);
    assert_eq!(killed.landed_contents().await, undisturbed.landed_contents().await);
}

#[tokio::test]
async fn a_delivery_left_open_under_another_mapping_is_refused() {
    let project = Project::new().await;
    let delivery = project.open().await;
    project.land(delivery.id, &[row("1", "Ana")], DeliveryCounts::default()).await;
    let new = NewDelivery { fingerprint: ContentHash(99), ..project.new_delivery() };
    let fresh = project.store.open_delivery(&new).await.unwrap();
    assert_ne!(fresh.id, delivery.id);
    assert_eq!(fresh.resume, None);
    assert_eq!(project.number("SELECT count(*) FROM vinculo.source_record_version").await, 0);
    let abandoned = project.store.deliveries(None, 5).await.unwrap().pop().unwrap();
    assert_eq!(abandoned.refusal.unwrap().0, "abandoned");
}
