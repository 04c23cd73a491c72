//! Answers for people: lineage, versions, sizes.

use crate::project::{Project, row};
use chrono::DateTime;
use std::collections::BTreeMap;
use uuid::Uuid;
use vinculo_records::{
    AttributeId, AttributeType, Attributes, ContentHash, CustomAttribute, CustomerId, Kind, RecordId, Standard,
    SurvivorshipRule,
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
                rule: SurvivorshipRule::ALL[n % 8],
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
    let joined = [1, 2, 3].map(|record| Membership { record: RecordId(record), customer: id, change: 1 });
    let created = ChangeEntry { customer: id, change: Change::Created, other: None, version: 1 };
    let publication = Publication {
        number: 1,
        run: project.run,
        models: &[],
        published_at: DateTime::UNIX_EPOCH,
        resolved: ContentHash(1),
        customers: &[encoder.finish().unwrap()],
        ended: &[],
        joined: &joined,
        left: &[],
        changes: &[created],
        decisions: &[],
        ended_decisions: &[],
    };
    project.store.publish(&publication).await.unwrap();
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
    for value in &customer.values {
        let says = match value.source_key.as_str() {
            "1" => "a",
            "2" => "b",
            _ => "c",
        };
        assert_eq!((value.file.as_deref(), value.raw.as_deref()), (Some("crm.csv"), Some(says)));
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
    let versions = project.store.record_versions(found.record).await.unwrap();
    let told: Vec<_> = versions.iter().map(|version| (version.raw.as_deref(), version.is_current)).collect();
    assert_eq!(told, [(Some("second"), true), (Some("first"), false)]);
    assert_eq!(versions[0].version, found.version);
    let normalized = project.store.normalized(&[RecordId(99), found.record]).await.unwrap();
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
async fn the_size_of_every_table_is_told() {
    let project = Project::new().await;
    let sizes = project.store.table_sizes().await.unwrap();
    assert!(sizes.iter().any(|size| size.table == "crm.customer" && size.index_bytes > 0));
    assert!(sizes.iter().any(|size| size.table == "vinculo.source_record_version"));
}
