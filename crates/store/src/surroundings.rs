//! What surrounds some records: who is found by their keys, who shared their customers, what was decided about them.
//!
//! Every look-up takes many records or keys at once, and is one statement. It joins them laterally to subqueries with an
//! `OFFSET 0`, which the planner neither flattens nor turns round: each record costs its look-ups by index. Left to itself
//! the planner takes some thousand records for enough to read whole tables, and the cost would grow with the store.

use crate::block_keys::{self, KeyBase, KeyEntry};
use crate::connection::Store;
use crate::customer_state::{CustomerRecord, CustomerState, FormerCustomer, former_customer, kind_from_name};
use crate::decision::{DecisionInForce, DecisionRow, decision_kind};
use crate::error::{Doing, Result, StoreError};
use crate::source::from_uuid;
use sqlx::pool::PoolConnection;
use sqlx::{PgConnection, Postgres, Row};
use uuid::Uuid;
use vinculo_records::{CustomerId, Kind, RecordId, SourceId, VersionId};

/// A record that counts, as [`Surroundings::current`] gives it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NearbyRecord {
    /// The record.
    pub record: RecordId,
    /// Its current version.
    pub version: VersionId,
    /// Its source.
    pub source: SourceId,
    /// Its key in the source.
    pub source_key: String,
    /// Its packed normalized values.
    pub normalized: Vec<u8>,
}

/// A connection that reads what surrounds records.
#[derive(Debug)]
pub struct Reading(PoolConnection<Postgres>);

impl Reading {
    /// What surrounds records, as it is committed.
    pub fn surroundings(&mut self) -> Surroundings<'_> {
        Surroundings(&mut self.0)
    }
}

impl Store {
    /// A connection that reads what surrounds records.
    pub async fn reading(&self) -> Result<Reading> {
        Ok(Reading(self.pool.acquire().await.doing("connecting")?))
    }
}

/// What surrounds records, as one connection sees it.
#[derive(Debug)]
pub struct Surroundings<'c>(pub(crate) &'c mut PgConnection);

impl Surroundings<'_> {
    /// The last whole resolution of each kind, persons first.
    pub async fn bases(&mut self) -> Result<Vec<KeyBase>> {
        block_keys::bases(self.0).await
    }

    /// The records that had one of these keys, and have it perhaps still: each with its key, in ascending order, once.
    pub async fn records_of_keys(&mut self, base: &KeyBase, keys: &[u64]) -> Result<Vec<KeyEntry>> {
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        block_keys::look_up(self.0, base, keys).await
    }

    /// The blocks of a kind that are halved, and how often.
    pub async fn halved_blocks<B: FromIterator<(u64, u8)>>(&mut self, kind: Kind) -> Result<B> {
        block_keys::halved_blocks(self.0, kind).await
    }

    /// Those of the records that count, in no certain order.
    pub async fn current(&mut self, records: &[RecordId]) -> Result<Vec<NearbyRecord>> {
        let doing = "reading records";
        let rows: Vec<(i64, i64, i16, String, Vec<u8>)> = sqlx::query_as(
            "SELECT r.record_id, r.version_id, r.source_id, r.source_key, n.data
             FROM unnest($1::bigint[]) a (record_id)
             CROSS JOIN LATERAL (SELECT * FROM vinculo.source_record r WHERE r.record_id = a.record_id OFFSET 0) r
             CROSS JOIN LATERAL (SELECT data FROM vinculo.normalized_record n WHERE n.version_id = r.version_id OFFSET 0) n
             WHERE NOT r.deleted AND r.delivery_id NOT IN (SELECT delivery_id FROM vinculo.delivery WHERE state = 'open')",
        )
        .bind(ids(records))
        .fetch_all(&mut *self.0)
        .await
        .doing(doing)?;
        let record = |(record, version, source, source_key, normalized)| NearbyRecord {
            record: RecordId(record),
            version: VersionId(version),
            source: SourceId(source),
            source_key,
            normalized,
        };
        Ok(rows.into_iter().map(record).collect())
    }

    /// Records that stand or fall with these: those of their customers, those about which something was decided together
    /// with one of them, and those of ids that had one of them once or lead to one of their customers. Tells too whether
    /// there are such ids.
    pub async fn companions(&mut self, records: &[RecordId]) -> Result<(Vec<RecordId>, bool)> {
        let found: Vec<(i64, bool)> = sqlx::query_as(
            "WITH asked AS MATERIALIZED (SELECT unnest($1::bigint[]) AS record_id),
             touched AS MATERIALIZED (
                 SELECT DISTINCT m.customer_id FROM asked a
                 CROSS JOIN LATERAL (
                     SELECT customer_id FROM crm.customer_source m WHERE m.record_id = a.record_id OFFSET 0) m)
             SELECT m.record_id, false FROM touched t
                 CROSS JOIN LATERAL (
                     SELECT record_id FROM crm.customer_source m WHERE m.customer_id = t.customer_id OFFSET 0) m
             UNION SELECT d.right_record, false FROM asked a
                 CROSS JOIN LATERAL (
                     SELECT right_record FROM vinculo.decision d
                     WHERE d.left_record = a.record_id AND d.to_publication IS NULL OFFSET 0) d
             UNION SELECT d.left_record, false FROM asked a
                 CROSS JOIN LATERAL (
                     SELECT left_record FROM vinculo.decision d
                     WHERE d.right_record = a.record_id AND d.to_publication IS NULL OFFSET 0) d
             UNION SELECT unnest(f.records), true FROM asked a
                 CROSS JOIN LATERAL (
                     SELECT records FROM vinculo.former_customer f WHERE f.records @> ARRAY[a.record_id] OFFSET 0) f
             UNION SELECT unnest(f.records), true FROM touched t
                 CROSS JOIN LATERAL (
                     SELECT f.records FROM crm.customer_redirect r
                     JOIN vinculo.former_customer f ON f.customer_id = r.old_customer_id
                     WHERE r.customer_id = t.customer_id OFFSET 0) f",
        )
        .bind(ids(records))
        .fetch_all(&mut *self.0)
        .await
        .doing("reading what belongs together")?;
        let (records, of_former): (Vec<_>, Vec<_>) =
            found.into_iter().map(|(id, former)| (RecordId(id), former)).unzip();
        Ok((records, of_former.contains(&true)))
    }

    /// All records that the customers of a kind have.
    pub async fn records_of_kind(&mut self, kind: Kind) -> Result<Vec<RecordId>> {
        let found: Vec<i64> = sqlx::query_scalar(
            "SELECT m.record_id FROM crm.customer c JOIN crm.customer_source m USING (customer_id) WHERE c.kind = $1",
        )
        .bind(kind.name())
        .fetch_all(&mut *self.0)
        .await
        .doing("reading memberships")?;
        Ok(found.into_iter().map(RecordId).collect())
    }

    /// Which customer each of the records belongs to.
    pub async fn membership(&mut self, records: &[RecordId]) -> Result<Vec<CustomerRecord>> {
        let rows: Vec<(i64, Uuid, i64)> = sqlx::query_as(
            "SELECT m.record_id, m.customer_id, m.change_seq FROM unnest($1::bigint[]) a (record_id)
             CROSS JOIN LATERAL (SELECT * FROM crm.customer_source m WHERE m.record_id = a.record_id OFFSET 0) m",
        )
        .bind(ids(records))
        .fetch_all(&mut *self.0)
        .await
        .doing("reading memberships")?;
        let member = |(record, customer, since)| CustomerRecord {
            record: RecordId(record),
            customer: CustomerId(customer),
            since,
        };
        Ok(rows.into_iter().map(member).collect())
    }

    /// Which customer each of the records belongs to, and how that one is published.
    pub async fn customers(&mut self, records: &[RecordId]) -> Result<Vec<(CustomerRecord, CustomerState)>> {
        let doing = "reading customers";
        if records.is_empty() {
            return Ok(Vec::new());
        }
        let rows: Vec<(i64, Uuid, i64, String, Uuid, i32)> = sqlx::query_as(
            "SELECT m.record_id, m.customer_id, m.change_seq, c.kind, c.content_hash, c.version
             FROM unnest($1::bigint[]) a (record_id)
             CROSS JOIN LATERAL (SELECT * FROM crm.customer_source m WHERE m.record_id = a.record_id OFFSET 0) m
             CROSS JOIN LATERAL (SELECT * FROM crm.customer c WHERE c.customer_id = m.customer_id OFFSET 0) c",
        )
        .bind(ids(records))
        .fetch_all(&mut *self.0)
        .await
        .doing(doing)?;
        let of_record = |(record, customer, since, kind, content_hash, version): (_, _, _, String, _, _)| {
            let (id, kind) = (CustomerId(customer), kind_from_name(&kind)?);
            let member = CustomerRecord { record: RecordId(record), customer: id, since };
            Some((member, CustomerState { id, kind, content_hash: from_uuid(content_hash), version }))
        };
        rows.into_iter().map(of_record).collect::<Option<_>>().ok_or(StoreError::Unexpected { doing })
    }

    /// The ids that stand for no customer, and had one of these records last or lead to one of their customers.
    pub async fn former_customers(&mut self, records: &[RecordId]) -> Result<Vec<FormerCustomer>> {
        let doing = "reading former customers";
        let rows = sqlx::query_as(
            "SELECT f.customer_id, f.kind, f.version, r.customer_id, f.records
             FROM (
                 SELECT f.customer_id FROM unnest($1::bigint[]) a (record_id)
                 CROSS JOIN LATERAL (
                     SELECT customer_id FROM vinculo.former_customer f WHERE f.records @> ARRAY[a.record_id] OFFSET 0) f
                 UNION
                 SELECT r.old_customer_id FROM unnest($1::bigint[]) a (record_id)
                 CROSS JOIN LATERAL (
                     SELECT r.old_customer_id FROM crm.customer_source m JOIN crm.customer_redirect r USING (customer_id)
                     WHERE m.record_id = a.record_id OFFSET 0) r
             ) found
             CROSS JOIN LATERAL (
                 SELECT * FROM vinculo.former_customer f WHERE f.customer_id = found.customer_id OFFSET 0) f
             LEFT JOIN LATERAL (
                 SELECT customer_id FROM crm.customer_redirect r WHERE r.old_customer_id = f.customer_id OFFSET 0) r ON true",
        )
        .bind(ids(records))
        .fetch_all(&mut *self.0)
        .await
        .doing(doing)?;
        rows.into_iter().map(former_customer).collect::<Option<_>>().ok_or(StoreError::Unexpected { doing })
    }

    /// Hands over every decision in force of which the left record is one of these.
    pub async fn for_each_decision(
        &mut self,
        records: &[RecordId],
        mut each: impl FnMut(DecisionInForce<'_>) + Send,
    ) -> Result<()> {
        let doing = "reading decisions";
        if records.is_empty() {
            return Ok(());
        }
        let rows = sqlx::query(
            "SELECT d.decision_id, d.kind, d.left_record, d.right_record, d.weight, d.levels,
                 coalesce(d.reason, '') AS reason, d.model_version
             FROM unnest($1::bigint[]) a (record_id)
             CROSS JOIN LATERAL (
                 SELECT * FROM vinculo.decision d
                 WHERE d.left_record = a.record_id AND d.to_publication IS NULL OFFSET 0) d",
        )
        .bind(ids(records))
        .fetch_all(&mut *self.0)
        .await
        .doing(doing)?;
        for row in rows {
            let kind: i16 = row.try_get("kind").doing(doing)?;
            let decision = DecisionRow {
                kind: decision_kind(kind).ok_or(StoreError::Unexpected { doing })?,
                left: RecordId(row.try_get("left_record").doing(doing)?),
                right: RecordId(row.try_get("right_record").doing(doing)?),
                weight: row.try_get("weight").doing(doing)?,
                levels: row.try_get("levels").doing(doing)?,
                reason: row.try_get("reason").doing(doing)?,
                model: row.try_get("model_version").doing(doing)?,
            };
            each(DecisionInForce { id: row.try_get("decision_id").doing(doing)?, decision });
        }
        Ok(())
    }
}

fn ids(records: &[RecordId]) -> Vec<i64> {
    records.iter().map(|record| record.0).collect()
}
