//! Answers for people, by the store and by the views for auditors.

use crate::project::{Project, begin_run, gone, row};
use chrono::DateTime;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use uuid::Uuid;
use vinculo_records::{
    AttributeId, AttributeType, Attributes, ContentHash, CustomAttribute, CustomerId, DecisionKind, Kind, RecordId,
    Standard, SurvivorshipRule,
};
use vinculo_store::*;

fn attributes() -> Attributes {
    let declared = |name: &str, attribute_type| CustomAttribute { name: name.into(), attribute_type, separator: None };
    // jsonb puts the shorter name first; the order of names is another.
    Attributes::new(vec![declared("zeal", AttributeType::Text), declared("authors", AttributeType::Set)])
}

/// One customer that has every attribute there is, each value from one of three records.
async fn a_full_customer(project: &Project) -> (CustomerId, Vec<(String, String, String, String)>) {
    project.deliver(&[row("1", "a").at(1_000_000), row("2", "b"), row("3", "c")]).await;
    let attributes = attributes();
    let mut versions = BTreeMap::new();
    project.store.for_each_current(|record| _ = versions.insert(record.record.0, record.version)).await.unwrap();
    let versions: Vec<_> = versions.into_values().collect();
    let (mut values, mut expected) = (Vec::new(), Vec::new());
    let texts: Vec<String> = (0..40).map(|n| format!("value {n}")).collect();
    let mut all: Vec<(AttributeId, usize)> = Standard::ALL.iter().map(|s| ((*s).into(), 1)).collect();
    all.retain(|(id, _)| *id != Standard::Sex.into());
    for (id, count) in &mut all {
        *count = if attributes.is_multi_valued(*id) { 2 } else { 1 };
    }
    all.push((attributes.find("authors").unwrap(), 3));
    all.push((attributes.find("zeal").unwrap(), 1));
    for (attribute, count) in all {
        for _ in 0..count {
            let n = values.len();
            let is_date = attribute == Standard::BirthDate.into();
            values.push(CustomerValue {
                attribute,
                text: if is_date { "1987-06-05" } else { &texts[n] },
                version: (n % 3) as u16,
                rule: SurvivorshipRule::ALL[n % SurvivorshipRule::ALL.len()],
            });
        }
    }
    let line = |value: &CustomerValue<'_>, name: &str| {
        let key = (value.version + 1).to_string();
        (name.to_owned(), value.text.to_owned(), value.rule.name().to_owned(), key)
    };
    let of = |attribute: AttributeId| values.iter().filter(move |value| value.attribute == attribute);
    for standard in Standard::ALL {
        expected.extend(of((*standard).into()).take(1).map(|value| line(value, standard.name())));
    }
    for (standard, name) in [(Standard::TaxId, "tax_ids"), (Standard::Email, "emails"), (Standard::Phone, "phones")] {
        expected.extend(of(standard.into()).map(|value| line(value, name)));
    }
    for name in ["authors", "zeal"] {
        expected.extend(of(attributes.find(name).unwrap()).map(|value| line(value, name)));
    }
    let id = CustomerId(Uuid::from_u128(1));
    let mut encoder = CustomerEncoder::new(&attributes, 1, DateTime::UNIX_EPOCH);
    let customer = CustomerRow {
        id,
        kind: Kind::Organization,
        version: 1,
        change: 1,
        content_hash: ContentHash(8),
        record_count: 3,
        lineage_versions: &versions,
        values: &values,
    };
    encoder.push(&customer).unwrap();
    let joined = [1, 2, 3].map(|record| Membership {
        record: RecordId(record),
        source: "crm",
        source_key: ["1", "2", "3"][record as usize - 1],
        customer: id,
        change: 1,
    });
    let created = ChangeEntry { customer: id, change: Change::Created, other: None, version: 1 };
    let publication = Publication {
        customers: &[Arc::new(encoder.finish().unwrap())],
        joined: &joined,
        changes: &[created],
        ..project.publication(1)
    };
    project.store.publish(&publication, &|_| ()).await.unwrap();
    (id, expected)
}

#[tokio::test]
async fn every_value_leads_back_to_the_row_that_gave_it() {
    let project = Project::new().await;
    let (id, expected) = a_full_customer(&project).await;
    let customer = project.store.customer(id).await.unwrap().unwrap();
    let found: Vec<_> = customer
        .values
        .iter()
        .map(|value| (value.attribute.clone(), value.value.clone(), value.rule.clone(), value.source_key.clone()))
        .collect();
    assert_eq!(found, expected);
    let rules: BTreeSet<&str> = customer.values.iter().map(|value| value.rule.as_str()).collect();
    assert_eq!(rules, SurvivorshipRule::ALL.map(SurvivorshipRule::name).into(), "every rule reads back as its name");
    for value in &customer.values {
        assert_eq!(value.file.as_deref(), Some("crm.csv"));
        assert_eq!(value.line, value.source_key.parse().ok());
        assert_eq!(value.updated_at.is_some(), value.source_key == "1");
        assert_eq!((value.run, value.source.as_str()), (project.run, "crm"));
    }
    assert_eq!(customer.sources.len(), 3);
    assert_eq!(customer.kind, Kind::Organization);
}

#[tokio::test]
async fn a_customer_reads_in_plain_sql_as_it_was_written() {
    let project = Project::new().await;
    a_full_customer(&project).await;
    let query = "SELECT count(*) FROM crm.customer
        WHERE birth_date = '1987-06-05' AND sex IS NULL AND tax_id = tax_ids[1] AND email = emails[1]
            AND cardinality(phones) = 2 AND jsonb_array_length(attributes->'authors') = 3
            AND attributes->>'zeal' LIKE 'value %' AND created_at = '1970-01-01 00:00:00Z'
            AND cardinality(lineage) = 23 + 6 + 4";
    assert_eq!(project.number(query).await, 1);
}

#[tokio::test]
async fn further_emails_phones_and_identifiers_are_found_by_index() {
    let project = Project::new().await;
    a_full_customer(&project).await;
    let mut connection = project.connect().await;
    sqlx::raw_sql("SET enable_seqscan = off").execute(&mut connection).await.unwrap();
    for (several, one) in [("emails", "email"), ("phones", "phone"), ("tax_ids", "tax_id")] {
        let statement = format!(
            "EXPLAIN SELECT * FROM crm.customer
             WHERE {one} = 'x' OR (cardinality({several}) > 1 AND {several} @> ARRAY['x'])"
        );
        let plan: Vec<String> =
            sqlx::query_scalar(sqlx::AssertSqlSafe(statement)).fetch_all(&mut connection).await.unwrap();
        let plan = plan.join("\n");
        for index in [format!("customer_{several}"), format!("customer_{one}")] {
            assert!(plan.contains(&index), "{index} is not used:\n{plan}");
        }
    }
}

#[tokio::test]
async fn a_record_tells_everything_that_its_source_said() {
    let project = Project::new().await;
    project.deliver(&[row("1", "first"), row("2", "other")]).await;
    project.deliver(&[row("1", "second")]).await;
    let found = project.store.find_record("crm", "1").await.unwrap().unwrap();
    let told: Vec<(i64, String, bool)> = sqlx::query_as(
        "SELECT version_id, raw, is_current FROM audit.source_record_version WHERE record_id = $1 ORDER BY version_id",
    )
    .bind(found.name.record.0)
    .fetch_all(&mut project.connect().await)
    .await
    .unwrap();
    assert_eq!(told, [(1, "first".to_owned(), false), (found.version.0, "second".to_owned(), true)]);
    let normalized = project.store.normalized(&[RecordId(99), found.name.record]).await.unwrap();
    assert_eq!(normalized[0], None);
    assert_eq!(normalized[1].as_deref(), Some(crate::project::normalized("second").as_slice()));
}

#[tokio::test]
async fn published_records_are_handed_over_with_their_customers() {
    let project = Project::new().await;
    project.deliver(&[row("1", "a"), row("2", "b")]).await;
    project.publish(&[&["1", "2"]]).await.unwrap();
    let mut pairs = Vec::new();
    let count = project
        .store
        .evaluation_pairs(|pair| pairs.push((pair.source.to_owned(), pair.source_key.to_owned(), pair.customer)))
        .await
        .unwrap();
    pairs.sort_unstable();
    assert_eq!(count, 2);
    assert_eq!((pairs[0].1.as_str(), pairs[0].2), ("1", pairs[1].2));
    let redirect = project.store.resolve_redirect(CustomerId(Uuid::max())).await.unwrap();
    assert_eq!(redirect, Redirect::Unknown);
}

#[tokio::test]
async fn what_waits_for_review_stands_by_how_many_pairs_it_would_bring_together() {
    let project = Project::new().await;
    project.deliver(&[row("1", "a"), row("2", "b"), row("3", "c"), row("4", "d"), row("5", "e")]).await;
    project.publish(&[&["1", "2"], &["3", "4"], &["5"]]).await.unwrap();
    let body = serde_json::json!({"plan": ["name"]});
    let model = project.store.save_model(Kind::Person, project.run, &body, ContentHash(3)).await.unwrap();
    let decision = |kind, left, right, weight, reason| DecisionRow {
        kind,
        left: RecordId(left),
        right: RecordId(right),
        weight,
        levels: &[],
        reason,
        model,
    };
    let decisions = [
        decision(DecisionKind::Join, 1, 2, 9_000, ""),
        decision(DecisionKind::Conflict, 1, 5, 9_000, "weak_support"),
        decision(DecisionKind::PossibleMatch, 2, 3, -500, ""),
        decision(DecisionKind::PossibleMatch, 4, 5, 200, ""),
    ];
    let publication = Publication { decisions: &decisions, ..project.publication(2) };
    project.store.publish(&publication, &|_| ()).await.unwrap();
    let both = [DecisionKind::Conflict, DecisionKind::PossibleMatch];
    let listed = project.store.decisions_by_consequence(&both, 9).await.unwrap();
    let told = listed.iter().map(|one| {
        let decision = &one.decision;
        let keys = [&decision.left, &decision.right].map(|record| record.source_key.as_str());
        (keys, one.left.records * one.right.records)
    });
    assert_eq!(told.collect::<Vec<_>>(), [(["2", "3"], 4), (["1", "5"], 2), (["4", "5"], 2)]);
    let first = project.store.decisions_by_consequence(&[DecisionKind::Conflict], 1).await.unwrap();
    assert_eq!(first[0].decision.reason.as_deref(), Some("weak_support"));
    let counts = project.store.count_decisions().await.unwrap();
    let counts: Vec<_> = counts.into_iter().map(|count| (count.decision, count.count)).collect();
    assert_eq!(counts, [(DecisionKind::Join, 1), (DecisionKind::Conflict, 1), (DecisionKind::PossibleMatch, 2)]);
}

#[tokio::test]
async fn the_keys_that_count_are_those_of_records_that_a_sealed_delivery_left() {
    let project = Project::new().await;
    project.deliver(&[row("1", "a"), row("2", "b"), row("é", "c"), gone("2")]).await;
    let open = project.open().await;
    project.land(open.id, &[row("1", "changed"), gone("é"), row("4", "d")], DeliveryCounts::default()).await;
    let mut keys = Vec::new();
    let count = project.store.for_each_live_key(project.source, |key| keys.push(key.to_owned())).await.unwrap();
    keys.sort_unstable();
    assert_eq!((count, keys), (2, vec!["1".to_owned(), "é".to_owned()]));
    let elsewhere = project.store.register_sources(&["web"]).await.unwrap()[0].id;
    assert_eq!(project.store.for_each_live_key(elsewhere, |_| ()).await.unwrap(), 0);
}

/// What auditors read of a model, a delivery, a publication and a run, each as one row.
#[tokio::test]
async fn an_auditor_follows_a_decision_to_its_model_and_a_value_to_its_delivery() {
    let project = Project::new().await;
    let body = serde_json::json!({"plan": ["name"]});
    let model = project.store.save_model(Kind::Person, project.run, &body, ContentHash(3)).await.unwrap();
    project.deliver(&[row("1", "a"), row("2", "b")]).await;
    project.publish(&[&["1", "2"]]).await.unwrap();
    let next = begin_run(&project.store).await;
    let decision = DecisionRow {
        kind: DecisionKind::Join,
        left: RecordId(1),
        right: RecordId(2),
        weight: 9_000,
        levels: &[2],
        reason: "",
        model,
    };
    let publication = Publication { run: next, models: &[model], decisions: &[decision], ..project.publication(2) };
    project.store.publish(&publication, &|_| ()).await.unwrap();
    let followed = "SELECT count(*) FROM audit.decision d
        JOIN audit.model m USING (model_version)
        JOIN audit.publication p ON p.publication = d.from_publication AND m.model_version = ANY (p.models)
        JOIN audit.run r ON r.run_id = p.run_id AND r.publication = p.publication AND r.models = p.models
        WHERE m.kind = 'person' AND m.body->'plan'->>0 = 'name' AND cardinality(d.levels) = 1
            AND (p.first_change, p.last_change) = (2, 1) AND p.counts->>'decisions' = '1'";
    assert_eq!(project.number(followed).await, 1);
    let delivered = "SELECT count(DISTINCT v.source_key) FROM audit.value_lineage v
        JOIN audit.delivery d USING (delivery_id, source, run_id)
        WHERE d.state = 'sealed' AND d.reason IS NULL AND d.counts->>'new' = '2'";
    assert_eq!(project.number(delivered).await, 2);
}

#[tokio::test]
async fn a_run_tells_its_models_although_it_found_nothing_to_publish() {
    let project = Project::new().await;
    let publication = Publication { models: &[7], ..project.publication(1) };
    let unresolved = begin_run(&project.store).await;
    project.store.publish(&publication, &|_| ()).await.unwrap();
    let told = "SELECT count(*) FROM audit.run WHERE models = ARRAY[7::bigint] AND publication IS NULL";
    assert_eq!(project.number(told).await, 1);
    assert_eq!(project.number("SELECT max(run_id) FROM audit.run WHERE models IS NULL").await, unresolved.0);
}
