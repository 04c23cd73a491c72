//! What a resolution hands to a publication, made of clusters that a test names.

use crate::project::Project;
use chrono::{DateTime, Utc};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use uuid::Uuid;
use vinculo_records::{Attributes, ContentHash, CustomerId, Kind, RecordId, Standard, SurvivorshipRule, VersionId};
use vinculo_store::*;

/// What resolution knows of a record.
struct Record {
    id: RecordId,
    version: VersionId,
    says: String,
}

/// A resolver that is just clever enough: whoever asks names the clusters.
pub struct Resolver<'a> {
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
    pub async fn new(project: &'a Project) -> Self {
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

    pub async fn publish<'c>(
        self,
        clusters: &[&[&'c str]],
        tell: &(dyn Fn(Headway) + Send + Sync),
    ) -> Result<Published> {
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
            basis: Basis::default(),
            customers: &[Arc::new(encoder.finish()?)],
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
