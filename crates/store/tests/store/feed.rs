//! The change feed: dense and in the order of commits, whoever writes at once, whatever is killed, wherever it is restored.

use crate::project::{Project, Row, begin_run, row};
use sqlx::{Connection, PgConnection};
use std::collections::BTreeSet;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use uuid::Uuid;
use vinculo_records::{
    Attributes, ContentHash, CustomerId, Kind, RecordId, RunId, Standard, SurvivorshipRule, VersionId,
};
use vinculo_store::*;
use vinculo_testkit::TestDatabase;
use vinculo_testkit::chance::Chance;

const KEYS: [&str; 8] = ["1", "2", "3", "4", "5", "6", "7", "8"];
const READERS: usize = 4;
/// Publications that each writer brings through.
const EACH: usize = 5;
/// Sessions that are killed while they publish.
const KILLS: usize = 12;

/// An entry of the feed, as a reader keeps it.
type Entry = (i64, Uuid, i32);

/// Eight customers of a record each.
async fn eight_customers() -> Project {
    let project = Project::new().await;
    let rows: Vec<Row> = KEYS.iter().map(|key| row(key, "a@x")).collect();
    project.deliver(&rows).await;
    let clusters: Vec<[&str; 1]> = KEYS.iter().map(|key| [*key]).collect();
    project.publish(&clusters.iter().map(|cluster| &cluster[..]).collect::<Vec<_>>()).await.unwrap();
    project
}

/// Publishes a new state of one customer; `version` is the one that it is to have.
async fn publish_state(store: &Store, run: RunId, customer: CustomerId, version: i32) -> Result<Published> {
    let number = store.next_publication().await?;
    let attributes = Attributes::default();
    let mut encoder = CustomerEncoder::new(&attributes, number, chrono::DateTime::UNIX_EPOCH);
    let text = format!("{version}@x");
    let value =
        CustomerValue { attribute: Standard::Email.into(), text: &text, version: 0, rule: SurvivorshipRule::OnlyValue };
    encoder.push(&CustomerRow {
        id: customer,
        kind: Kind::Person,
        version,
        change: 1,
        content_hash: ContentHash(version as u128),
        record_count: 1,
        lineage_versions: &[VersionId(1)],
        values: &[value],
    })?;
    let publication = Publication {
        number,
        run,
        models: &[],
        published_at: chrono::DateTime::UNIX_EPOCH,
        resolved: ContentHash(0),
        basis: Basis::default(),
        customers: &[Arc::new(encoder.finish()?)],
        former: &[],
        joined: &[],
        left: &[],
        changes: &[ChangeEntry { customer, change: Change::Updated, other: None, version }],
        decisions: &[],
        ended_decisions: &[],
    };
    store.publish(&publication, &|_| ()).await
}

/// Brings its customer to version 1 + [`EACH`], through refusals, contradictions of its own and killed sessions; returns
/// how often it was refused and tried again.
async fn write(url: String, run: RunId, key: &'static str) -> usize {
    let store = Store::connect(&url).await.unwrap();
    let mut watch = PgConnection::connect(&url).await.unwrap();
    let mut chance = Chance::new(7, key, 0);
    let mut refused = 0;
    loop {
        let (customer, version): (Uuid, i32) = sqlx::query_as(
            "SELECT customer_id, version FROM crm.customer_source JOIN crm.customer USING (customer_id)
             WHERE source_key = $1",
        )
        .bind(key)
        .fetch_one(&mut watch)
        .await
        .unwrap();
        if version as usize > EACH {
            return refused;
        }
        tokio::time::sleep(Duration::from_millis(chance.below(30))).await;
        // Now and then a state that does not follow the one before, which is refused and rolled back.
        let skipped = i32::from(chance.hits(200));
        match publish_state(&store, run, CustomerId(customer), version + 1 + skipped).await {
            Ok(_) => assert_eq!(skipped, 0),
            Err(StoreError::Inconsistent { .. }) => assert_eq!(skipped, 1),
            Err(error) => {
                assert!(error.is_transient(), "{error}");
                refused += 1;
            }
        }
    }
}

/// Reads what comes after what it has, again and again, until nothing more will come.
async fn read(url: String, done: Arc<AtomicBool>) -> Vec<Entry> {
    let mut connection = PgConnection::connect(&url).await.unwrap();
    let mut seen: Vec<Entry> = Vec::new();
    loop {
        let was_done = done.load(Ordering::SeqCst);
        let cursor = seen.last().map_or(0, |(number, ..)| *number);
        let new: Vec<Entry> = sqlx::query_as(
            "SELECT change_seq, customer_id, version FROM crm.customer_change WHERE change_seq > $1 ORDER BY change_seq",
        )
        .bind(cursor)
        .fetch_all(&mut connection)
        .await
        .unwrap();
        if new.is_empty() && was_done {
            return seen;
        }
        seen.extend(new);
        tokio::time::sleep(Duration::from_millis(3)).await;
    }
}

/// Kills sessions that publish, one after the other.
async fn kill(url: String, done: Arc<AtomicBool>) -> usize {
    let mut connection = PgConnection::connect(&url).await.unwrap();
    let mut killed = 0;
    while killed < KILLS && !done.load(Ordering::SeqCst) {
        tokio::time::sleep(Duration::from_millis(30)).await;
        let ended: Vec<bool> = sqlx::query_scalar(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
             WHERE datname = current_database() AND application_name LIKE 'vinculo%' AND xact_start IS NOT NULL
             ORDER BY xact_start DESC LIMIT 1",
        )
        .fetch_all(&mut connection)
        .await
        .unwrap();
        killed += ended.len();
    }
    killed
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_reader_sees_what_was_committed_in_order_and_once_whoever_writes_or_is_killed() {
    let project = eight_customers().await;
    let url = project.database.url().to_owned();
    let done = Arc::new(AtomicBool::new(false));
    let readers: Vec<_> = (0..READERS).map(|_| tokio::spawn(read(url.clone(), done.clone()))).collect();
    let writers = KEYS.map(|key| tokio::spawn(write(url.clone(), project.run, key)));
    let killer = tokio::spawn(kill(url.clone(), done.clone()));
    let mut refused = 0;
    for writer in writers {
        refused += writer.await.unwrap();
    }
    done.store(true, Ordering::SeqCst);
    assert!(killer.await.unwrap() > 0 && refused > 0, "nothing was in the way of anybody");
    let committed: Vec<Entry> =
        sqlx::query_as("SELECT change_seq, customer_id, version FROM crm.customer_change ORDER BY change_seq")
            .fetch_all(&mut project.connect().await)
            .await
            .unwrap();
    assert_eq!(committed.len(), KEYS.len() * (1 + EACH), "each state once");
    assert!(committed.iter().zip(1..).all(|((number, ..), expected)| *number == expected), "dense");
    for reader in readers {
        assert_eq!(reader.await.unwrap(), committed);
    }
}

#[tokio::test]
async fn a_restored_feed_goes_on_where_it_was() {
    let project = eight_customers().await;
    let restored = TestDatabase::create().await;
    let mut dump = Command::new("pg_dump").arg(project.database.url()).stdout(Stdio::piped()).spawn().unwrap();
    let loaded = Command::new("psql")
        .args(["--quiet", "--no-psqlrc", "--set=ON_ERROR_STOP=1", restored.url()])
        .stdin(dump.stdout.take().unwrap())
        .stdout(Stdio::null())
        .status()
        .unwrap();
    assert!(dump.wait().unwrap().success() && loaded.success());
    let store = Store::connect(restored.url()).await.unwrap();
    store.prepare().await.unwrap();
    let run = begin_run(&store).await;
    let customer = store.customer_of("crm", "3").await.unwrap().unwrap();
    let published = publish_state(&store, run, customer, 2).await.unwrap();
    assert_eq!((published.publication, published.first_change, published.last_change), (Some(2), 9, 9));
    let records: BTreeSet<RecordId> = store.membership().await.unwrap().into_iter().map(|one| one.record).collect();
    assert_eq!(records.len(), KEYS.len());
}
