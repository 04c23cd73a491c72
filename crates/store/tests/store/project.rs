//! A small project with one source, and a reader and a resolver that are just clever enough.

use chrono::{DateTime, Utc};
use serde_json::json;
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use uuid::Uuid;
use vinculo_records::hash::ContentHasher;
use vinculo_records::{
    Attributes, ContentHash, CustomerId, DeliveryId, Kind, NormalizedRecord, RecordId, RunId, SourceId, Standard,
    SurvivorshipRule, Value, VersionId,
};
use vinculo_store::*;
use vinculo_testkit::TestDatabase;

pub const FINGERPRINT: ContentHash = ContentHash(1);
const LANDED_ON: i32 = 20_000;

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
            customers: &[],
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

/// What resolution knows of a record.
struct Record {
    id: RecordId,
    version: VersionId,
    says: String,
}

struct Resolver<'a> {
    project: &'a Project,
    records: BTreeMap<String, Record>,
    published: HashMap<CustomerId, CustomerState>,
    former: BTreeMap<CustomerId, FormerCustomer>,
    membership: BTreeMap<RecordId, CustomerId>,
    number: i64,
    attributes: Attributes,
    at: DateTime<Utc>,
}

impl<'a> Resolver<'a> {
    async fn new(project: &'a Project) -> Self {
        let mut records = BTreeMap::new();
        project
            .store
            .for_each_current(|record| {
                let view = vinculo_records::NormalizedView::new(record.normalized).unwrap();
                let says = view.values().next().unwrap().text.to_owned();
                let (id, version) = (record.record, record.version);
                records.insert(record.source_key.to_owned(), Record { id, version, says });
            })
            .await
            .unwrap();
        let number = project.store.next_publication().await.unwrap();
        let membership = project.store.membership().await.unwrap();
        Self {
            project,
            records,
            published: project.store.customers().await.unwrap().into_iter().map(|state| (state.id, state)).collect(),
            former: project.store.former_customers().await.unwrap().into_iter().map(|one| (one.id, one)).collect(),
            membership: membership.into_iter().map(|member| (member.record, member.customer)).collect(),
            number,
            attributes: Attributes::default(),
            at: DateTime::UNIX_EPOCH + chrono::TimeDelta::days(number),
        }
    }

    async fn publish<'c>(self, clusters: &[&[&'c str]], tell: &(dyn Fn(Headway) + Send + Sync)) -> Result<Published> {
        let mut encoder = CustomerEncoder::new(&self.attributes, self.number, self.at);
        let (mut changes, mut joined) = (Vec::new(), Vec::new());
        let mut taken: HashMap<CustomerId, usize> = HashMap::new();
        let mut now: BTreeMap<RecordId, CustomerId> = BTreeMap::new();
        for (place, keys) in clusters.iter().enumerate() {
            let id = self.id(keys, &taken);
            taken.insert(id, place);
            now.extend(keys.iter().map(|key| (self.records[*key].id, id)));
            if let Some(change) = self.customer(id, keys, &mut encoder, changes.len() as i64 + 1) {
                changes.push(change);
            }
            let change = changes.len() as i64;
            let member = |source_key: &'c str| {
                let record = self.records[source_key].id;
                Membership { record, source: "crm", source_key, customer: id, change }
            };
            let all = keys.iter().map(|key| member(key));
            joined.extend(all.filter(|member| self.membership.get(&member.record) != Some(&id)));
        }
        let former = self.former(&taken, &now, &mut changes);
        let left: Vec<RecordId> = self.membership.keys().copied().filter(|record| !now.contains_key(record)).collect();
        let publication = Publication {
            number: self.number,
            run: self.project.run,
            models: &[],
            published_at: self.at,
            resolved: ContentHash(self.number as u128),
            customers: &[encoder.finish()?],
            former: &former,
            joined: &joined,
            left: &left,
            changes: &changes,
            decisions: &[],
            ended_decisions: &[],
        };
        self.project.store.publish(&publication, tell).await
    }

    fn id(&self, keys: &[&str], taken: &HashMap<CustomerId, usize>) -> CustomerId {
        let mut owners = keys.iter().filter_map(|key| self.membership.get(&self.records[*key].id));
        let inherited = owners.find(|id| !taken.contains_key(id)).copied().or_else(|| {
            let has = |former: &&FormerCustomer| keys.iter().any(|key| former.records.contains(&self.records[*key].id));
            self.former.values().filter(has).map(|former| former.id).find(|id| !taken.contains_key(id))
        });
        let least = keys.iter().map(|key| self.records[*key].id.0).min().unwrap();
        inherited.unwrap_or(CustomerId(Uuid::from_u128((self.number as u128) << 64 | least as u128)))
    }

    fn customer(
        &self,
        id: CustomerId,
        keys: &[&str],
        encoder: &mut CustomerEncoder<'_>,
        change: i64,
    ) -> Option<ChangeEntry> {
        let mut records: Vec<RecordId> = keys.iter().map(|key| self.records[*key].id).collect();
        records.sort_unstable();
        let versions: Vec<VersionId> = keys.iter().map(|key| self.records[*key].version).collect();
        let value = |attribute: Standard, place: usize| CustomerValue {
            attribute: attribute.into(),
            text: &self.records[keys[place]].says,
            version: place as u16,
            rule: SurvivorshipRule::AllValues,
        };
        let mut values = vec![value(Standard::GivenName, 0)];
        values.extend((0..keys.len()).map(|place| value(Standard::Email, place)));
        let hash = customer_hash(Kind::Person, &records, &versions, &values);
        let published = self.published.get(&id);
        if published.is_some_and(|state| state.content_hash == hash) {
            return None;
        }
        let last = published.map(|state| state.version).or_else(|| Some(self.former.get(&id)?.version));
        let version = last.unwrap_or(0) + 1;
        let row = CustomerRow {
            id,
            kind: Kind::Person,
            version,
            change,
            content_hash: hash,
            record_count: records.len() as i32,
            lineage_versions: &versions,
            values: &values,
        };
        encoder.push(&row).unwrap();
        Some(ChangeEntry {
            customer: id,
            change: published.map_or(Change::Created, |_| Change::Updated),
            other: None,
            version,
        })
    }

    /// A customer without a cluster ends; where one of its records went stands for it, and for those that led to it.
    fn former(
        &self,
        taken: &HashMap<CustomerId, usize>,
        now: &BTreeMap<RecordId, CustomerId>,
        changes: &mut Vec<ChangeEntry>,
    ) -> Vec<FormerId> {
        let held = |id: CustomerId| {
            let records = self.membership.iter().filter(move |(_, owner)| **owner == id).map(|(record, _)| *record);
            records.collect::<Vec<_>>()
        };
        let living = self.published.values().map(|state| (state.id, state.version, None, held(state.id)));
        let former = self.former.values().map(|one| (one.id, one.version, Some(one.leads_to), one.records.clone()));
        let mut former_ids = Vec::new();
        for (id, version, led_to, records) in living.chain(former).filter(|(id, ..)| !taken.contains_key(id)) {
            let leads_to = records.iter().find_map(|record| now.get(record).copied());
            if led_to != Some(leads_to) {
                let change = leads_to.map_or(Change::Ended, |_| Change::Merged);
                changes.push(ChangeEntry { customer: id, change, other: leads_to, version });
                former_ids.push(FormerId { id, leads_to });
            }
        }
        former_ids
    }
}
