//! A small project with one source, and a reader that is just clever enough.

use crate::resolver::Resolver;
use chrono::DateTime;
use serde_json::json;
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;
use vinculo_records::hash::ContentHasher;
use vinculo_records::{
    Attributes, ContentHash, DeliveryId, Kind, NormalizedRecord, RecordId, RunId, SourceId, Standard, Value,
};
use vinculo_store::*;
use vinculo_testkit::TestDatabase;

pub const FINGERPRINT: ContentHash = ContentHash(1);
const LANDED_ON: i32 = 20_000;

const NO_CUSTOMERS: [Arc<EncodedRows>; 0] = [];

/// A row of the source: its key, what it says, and when it was changed.
#[derive(Debug, Clone, Copy)]
pub struct Row {
    pub key: &'static str,
    pub says: &'static str,
    pub updated_at: Option<i64>,
    pub deleted: bool,
}

pub fn row(key: &'static str, says: &'static str) -> Row {
    Row { key, says, updated_at: None, deleted: false }
}

pub fn gone(key: &'static str) -> Row {
    Row { deleted: true, ..row(key, "") }
}

impl Row {
    pub fn at(self, updated_at: i64) -> Self {
        Self { updated_at: Some(updated_at), ..self }
    }
}

pub fn followed(fingerprint: ContentHash) -> Followed {
    Followed { fingerprint, attributes: Attributes::default() }
}

pub fn content_hash(says: &str) -> ContentHash {
    ContentHasher::new().part(says.as_bytes()).finish()
}

pub fn normalized(says: &str) -> Vec<u8> {
    let mut record = NormalizedRecord::new(Kind::Person, None, LANDED_ON);
    record.push(Value { attribute: Standard::GivenName.into(), text: says, flag: None });
    record.as_bytes().to_vec()
}

pub struct Project {
    pub database: TestDatabase,
    pub store: Store,
    pub run: RunId,
    pub source: SourceId,
}

impl Project {
    pub async fn new() -> Self {
        let database = TestDatabase::create().await;
        let store = Store::connect(database.url()).await.unwrap();
        store.prepare().await.unwrap();
        let source = store.register_sources(&["crm"]).await.unwrap()[0].id;
        store.follow(source, &followed(FINGERPRINT)).await.unwrap();
        let run = begin_run(&store).await;
        Self { database, store, run, source }
    }

    pub fn new_delivery(&self) -> NewDelivery {
        NewDelivery {
            run: self.run,
            source: self.source,
            fingerprint: FINGERPRINT,
            snapshot: false,
            landed_on: LANDED_ON,
        }
    }

    pub async fn open(&self) -> OpenDelivery {
        self.store.open_delivery(&self.new_delivery()).await.unwrap()
    }

    /// Lands rows in one batch, as a reader does; returns the account so far.
    pub async fn land(&self, delivery: DeliveryId, rows: &[Row], mut counts: DeliveryCounts) -> DeliveryCounts {
        let keys: Vec<&str> = rows.iter().map(|row| row.key).collect();
        let known = self.store.latest(self.source, Some(delivery), &keys).await.unwrap();
        let mut latest: HashMap<&str, (Option<RecordId>, ContentHash, bool)> = HashMap::new();
        for (key, known) in keys.iter().zip(known) {
            if let Some(known) = known {
                latest.insert(key, (Some(known.record_id), known.content_hash, known.deleted));
            }
        }
        let packed: Vec<Vec<u8>> = rows.iter().map(|row| normalized(row.says)).collect();
        let mut landing = Landing { files: vec![file()], ..Landing::default() };
        for (line, (row, packed)) in (counts.read + 1..).zip(rows.iter().zip(&packed)) {
            counts.read += 1;
            let says = (content_hash(row.says), row.deleted);
            let (known, is_new) = match latest.get(row.key) {
                Some((_, hash, deleted)) if (*hash, *deleted) == says => {
                    counts.unchanged += 1;
                    continue;
                }
                Some((known, ..)) => (*known, false),
                None => (None, true),
            };
            *if is_new { &mut counts.new } else { &mut counts.changed } += 1;
            latest.insert(row.key, (known, says.0, says.1));
            landing.rows.push(LandedRow {
                key: row.key,
                known,
                content_hash: says.0,
                file_no: 1,
                line: line as i64,
                updated_at: row.updated_at,
                deleted: row.deleted,
                raw: row.says,
                normalized: packed,
            });
        }
        landing.counts = counts.clone();
        landing.checkpoint = Some(format!("line {}", counts.read));
        self.store.land(delivery, &landing).await.unwrap();
        counts
    }

    /// A publication in which nothing happens, for others to be made from.
    pub fn publication(&self, number: i64) -> Publication<'static> {
        Publication {
            number,
            run: self.run,
            models: &[],
            published_at: DateTime::UNIX_EPOCH,
            resolved: ContentHash(0),
            basis: Basis::default(),
            customers: &NO_CUSTOMERS,
            former: &[],
            joined: &[],
            left: &[],
            changes: &[],
            decisions: &[],
            ended_decisions: &[],
        }
    }

    /// Opens, lands and seals.
    pub async fn deliver(&self, rows: &[Row]) -> Sealed {
        let delivery = self.open().await;
        let counts = self.land(delivery.id, rows, delivery.counts).await;
        self.store.seal(delivery.id, Seal { counts, seen: None }).await.unwrap()
    }

    /// A snapshot: what it does not show is deleted.
    pub async fn snapshot(&self, rows: &[Row]) -> Sealed {
        let new = NewDelivery { snapshot: true, ..self.new_delivery() };
        let delivery = self.store.open_delivery(&new).await.unwrap();
        let counts = self.land(delivery.id, rows, delivery.counts).await;
        let seen = self.records(rows.iter().map(|row| row.key)).await;
        let seen = |record: RecordId| seen.contains(&record.0);
        let seal = Seal { counts, seen: Some(&seen) };
        self.store.seal(delivery.id, seal).await.unwrap()
    }

    async fn records(&self, keys: impl Iterator<Item = &'static str>) -> BTreeSet<i64> {
        let keys: Vec<&str> = keys.collect();
        self.column("SELECT record_id FROM vinculo.source_record WHERE source_key = ANY(string_to_array('", &keys).await
    }

    async fn column(&self, query: &str, keys: &[&str]) -> BTreeSet<i64> {
        let statement = format!("{query}{}', ','))", keys.join(","));
        let mut connection = self.connect().await;
        let ids: Vec<i64> = sqlx::query_scalar(AssertSqlSafe(statement)).fetch_all(&mut connection).await.unwrap();
        ids.into_iter().collect()
    }

    pub async fn connect(&self) -> PgConnection {
        PgConnection::connect(self.database.url()).await.unwrap()
    }

    /// A number that a query gives.
    pub async fn number(&self, query: &'static str) -> i64 {
        sqlx::query_scalar(query).fetch_one(&mut self.connect().await).await.unwrap()
    }

    /// What every current record says, by key.
    pub async fn current(&self) -> BTreeMap<String, String> {
        let mut current = BTreeMap::new();
        self.store
            .for_each_current(|record| {
                let view = vinculo_records::NormalizedView::new(record.normalized).unwrap();
                let says = view.values().next().unwrap().text.to_owned();
                assert!(current.insert(record.source_key.to_owned(), says).is_none(), "a record counts once");
            })
            .await
            .unwrap();
        current
    }

    /// Everything that the tables of these names hold, save what differs from run to run by its nature.
    pub async fn contents(&self, tables: &[&str]) -> String {
        let mut connection = self.connect().await;
        let mut all = String::new();
        for table in tables {
            let statement = format!(
                "SELECT coalesce(string_agg(row::text, E'\\n' ORDER BY row::text), '') FROM (
                     SELECT to_jsonb(t) - 'run_id' - 'opened_at' - 'closed_at' AS row FROM {table} t) rows"
            );
            let rows: String = sqlx::query_scalar(AssertSqlSafe(statement)).fetch_one(&mut connection).await.unwrap();
            all.push_str(&format!("{table}\n{rows}\n"));
        }
        all
    }

    /// The tables that landing and sealing fill.
    pub async fn landed_contents(&self) -> String {
        self.contents(&["vinculo.source_record", "vinculo.source_record_version", "vinculo.normalized_record"]).await
    }

    /// The tables that a publication fills.
    pub async fn published_contents(&self) -> String {
        self.contents(&[
            "crm.customer",
            "crm.customer_source",
            "crm.customer_redirect",
            "crm.customer_change",
            "vinculo.former_customer",
            "vinculo.customer_history",
            "vinculo.decision",
            "vinculo.publication",
            "vinculo.feed_head",
        ])
        .await
    }

    /// Publishes the differences between what is and these clusters of keys. A cluster keeps the id of the first of its
    /// records that has one which no cluster before it took.
    pub async fn publish(&self, clusters: &[&[&str]]) -> Result<Published> {
        self.publish_telling(clusters, &|_| ()).await
    }

    /// Publishes, and hands over what the publication tells of its headway.
    pub async fn publish_telling(
        &self,
        clusters: &[&[&str]],
        tell: &(dyn Fn(Headway) + Send + Sync),
    ) -> Result<Published> {
        Resolver::new(self).await.publish(clusters, tell).await
    }
}

pub fn file() -> DeliveryFile {
    DeliveryFile { file_no: 1, path: "crm.csv".into(), format: json!({"columns": ["name"]}), bytes: 10, lines: 1 }
}

pub async fn begin_run(store: &Store) -> RunId {
    let run = NewRun {
        command: "run",
        actor: "tester",
        program_version: "0.1.0",
        normalizer_version: 1,
        config: &json!({}),
        config_hash: ContentHash(5),
    };
    store.begin_run(&run).await.unwrap()
}
