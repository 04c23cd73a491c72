//! What records are found by, and what a resolution has taken in.

use crate::project::{Project, row};
use serde_json::json;
use std::ops::RangeInclusive;
use std::sync::Arc;
use vinculo_records::{ContentHash, DecisionKind, Kind, RecordId};
use vinculo_store::*;

/// Keys in ascending order.
#[derive(Debug)]
struct Keys {
    entries: Vec<KeyEntry>,
    halved: Vec<(u64, u8)>,
}

impl KeySource for Keys {
    fn entries(&self) -> u64 {
        self.entries.len() as u64
    }

    fn within<'a>(&'a self, ranges: Vec<RangeInclusive<u64>>) -> Box<dyn Iterator<Item = KeyRange> + Send + 'a> {
        Box::new(ranges.into_iter().map(|keys| KeyRange {
            entries: self.entries.iter().copied().filter(|entry| keys.contains(&entry.key)).collect(),
            halved: self.halved.iter().copied().filter(|(block, _)| keys.contains(block)).collect(),
        }))
    }
}

fn entry(key: u64, record: i64) -> KeyEntry {
    KeyEntry { key, record: RecordId(record) }
}

/// Notes a resolution that wrote these keys, and nothing else.
async fn note(project: &Project, keys: &[KeyChange]) {
    let basis = Basis { keys, ..Basis::default() };
    project.store.publish(&Publication { basis, ..project.publication(1) }, &|_| ()).await.unwrap();
}

async fn anew(project: &Project, entries: &[KeyEntry], halved: Vec<(u64, u8)>) -> KeyBase {
    let model = project.store.save_model(Kind::Person, project.run, &json!({}), ContentHash(1)).await.unwrap();
    let keys = Arc::new(Keys { entries: entries.to_vec(), halved });
    let new = NewBase::new(Kind::Person, model, json!({"all": 1}), 3, keys);
    note(project, &[KeyChange::Anew(new)]).await;
    project.store.reading().await.unwrap().surroundings().bases().await.unwrap().remove(0)
}

async fn found(project: &Project, base: &KeyBase, keys: &[u64]) -> Vec<KeyEntry> {
    project.store.reading().await.unwrap().surroundings().records_of_keys(base, keys).await.unwrap()
}

#[tokio::test]
async fn records_are_found_by_packed_keys_and_by_those_that_came_since() {
    let project = Project::new().await;
    // Enough keys for several segments, spread over all of their range.
    let key = |n: u64| n << 54 | 7;
    let packed: Vec<KeyEntry> = (0..1_000).map(|n| entry(key(n), n as i64 + 1)).collect();
    let base = anew(&project, &packed, Vec::new()).await;
    assert_eq!((base.entries, base.added, base.records), (1_000, 0, 3));
    let all: Vec<u64> = (0..1_000).map(key).collect();
    assert_eq!(found(&project, &base, &all).await, packed);

    let entries = vec![entry(key(5), 2_000), entry(u64::MAX, 2_000), entry(key(5), 6)];
    note(&project, &[KeyChange::Added { kind: Kind::Person, entries, halved: Vec::new() }]).await;
    assert_eq!(found(&project, &base, &[key(5)]).await, [entry(key(5), 6), entry(key(5), 2_000)]);
    assert_eq!(found(&project, &base, &[u64::MAX, 3 << 50]).await, [entry(u64::MAX, 2_000)]);
    let bases = project.store.reading().await.unwrap().surroundings().bases().await.unwrap();
    assert_eq!(bases[0].added, 3);

    let base = anew(&project, &packed[..2], Vec::new()).await;
    assert_eq!((base.entries, base.added), (2, 0));
    assert_eq!(found(&project, &base, &[key(0), key(5), u64::MAX]).await, packed[..1]);
}

#[tokio::test]
async fn keys_that_a_first_publication_left_behind_are_nothing_and_are_written_anew() {
    let project = Project::new().await;
    let model = project.store.save_model(Kind::Person, project.run, &json!({}), ContentHash(1)).await.unwrap();
    let decision = DecisionRow {
        kind: DecisionKind::PossibleMatch,
        left: RecordId(1),
        right: RecordId(2),
        weight: 0,
        levels: &[],
        reason: "",
        model,
    };
    let publish = async |model: i64, entries: &[KeyEntry]| {
        let keys = Arc::new(Keys { entries: entries.to_vec(), halved: vec![(1, 2)] });
        let keys = [KeyChange::Anew(NewBase::new(Kind::Person, model, json!({}), 2, keys))];
        let basis = Basis { keys: &keys, ..Basis::default() };
        let publication = Publication { basis, decisions: &[decision], ..project.publication(1) };
        project.store.publish(&publication, &|_| ()).await
    };
    // No such model: the publication fails when its keys have been written beside it.
    publish(model + 1, &[entry(1 << 60, 1), entry(2 << 60, 1)]).await.unwrap_err();
    assert_eq!(project.number("SELECT count(*) FROM vinculo.key_segment").await, 1);
    assert_eq!(project.store.reading().await.unwrap().surroundings().bases().await.unwrap(), []);

    publish(model, &[entry(1 << 60, 1), entry(3 << 60, 2)]).await.unwrap();
    let base = project.store.reading().await.unwrap().surroundings().bases().await.unwrap().remove(0);
    assert_eq!(found(&project, &base, &[1 << 60, 2 << 60, 3 << 60]).await, [entry(1 << 60, 1), entry(3 << 60, 2)]);
    let halved: Vec<(u64, u8)> =
        project.store.reading().await.unwrap().surroundings().halved_blocks(Kind::Person).await.unwrap();
    assert_eq!(halved, [(1, 2)]);
}

#[tokio::test]
async fn halvings_are_kept_until_a_block_is_no_longer_halved() {
    let project = Project::new().await;
    anew(&project, &[entry(1, 1)], vec![(1, 2), (u64::MAX, 1)]).await;
    let halved = async || {
        project.store.reading().await.unwrap().surroundings().halved_blocks::<Vec<_>>(Kind::Person).await.unwrap()
    };
    assert_eq!(halved().await, [(u64::MAX, 1), (1, 2)]);
    let change = KeyChange::Added { kind: Kind::Person, entries: Vec::new(), halved: vec![(1, 0), (9, 3)] };
    note(&project, &[change]).await;
    assert_eq!(halved().await, [(u64::MAX, 1), (9, 3)]);
}

#[tokio::test]
async fn a_delivery_waits_until_a_resolution_has_taken_it_in() {
    let project = Project::new().await;
    project.deliver(&[row("1", "ana"), row("2", "bia")]).await;
    let unresolved = project.store.unresolved().await.unwrap();
    assert_eq!((unresolved.deliveries.len(), unresolved.versions), (1, 2));
    let records = project.store.records_in(&unresolved.deliveries).await.unwrap();
    assert_eq!(records, [RecordId(1), RecordId(2)]);
    let basis = Basis { deliveries: &unresolved.deliveries, ..Basis::default() };
    project.store.publish(&Publication { basis, ..project.publication(1) }, &|_| ()).await.unwrap();
    assert_eq!(project.store.unresolved().await.unwrap(), Unresolved::default());
}
