//! What is published, as the next resolution compares with it: customers, their records, and ids that were.

use crate::connection::Store;
use crate::copy::copy_out;
use crate::error::{Doing, Result, StoreError};
use uuid::Uuid;
use vinculo_records::{ContentHash, CustomerId, Kind, RecordId};

/// A customer that is published. Ids are ordered by publication, so the least is the oldest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CustomerState {
    /// Its id.
    pub id: CustomerId,
    /// Person or organization.
    pub kind: Kind,
    /// Hash of its golden values, their lineage and its records.
    pub content_hash: ContentHash,
    /// Its version.
    pub version: i32,
}

/// A record of a published customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CustomerRecord {
    /// The record.
    pub record: RecordId,
    /// Its customer.
    pub customer: CustomerId,
    /// The change by which it came to the customer: the lesser, the longer it has been there.
    pub since: i64,
}

/// An id that stands for no customer now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FormerCustomer {
    /// The id.
    pub id: CustomerId,
    /// Person or organization.
    pub kind: Kind,
    /// Its last version.
    pub version: i32,
    /// The living customer that it leads to; none when it has ended.
    pub leads_to: Option<CustomerId>,
    /// The records that it had last, the one that it had longest first.
    pub records: Vec<RecordId>,
}

/// Id, kind, version, redirect, records.
pub(crate) type FormerRow = (Uuid, String, i32, Option<Uuid>, Vec<i64>);

impl Store {
    /// All published customers.
    pub async fn customers(&self) -> Result<Vec<CustomerState>> {
        let mut connection = self.pool.acquire().await.doing("connecting")?;
        let statement = "COPY (SELECT customer_id, kind, content_hash, version FROM crm.customer) TO STDOUT BINARY";
        let mut customers = Vec::new();
        copy_out(&mut connection, statement, "reading customers", |row| {
            customers.push(CustomerState {
                id: CustomerId(Uuid::from_u128(row.uuid()?)),
                kind: kind_from_name(row.text()?)?,
                content_hash: ContentHash(row.uuid()?),
                version: row.int4()?,
            });
            Some(())
        })
        .await?;
        Ok(customers)
    }

    /// Which customer each record belongs to.
    pub async fn membership(&self) -> Result<Vec<CustomerRecord>> {
        let mut connection = self.pool.acquire().await.doing("connecting")?;
        let statement = "COPY (SELECT record_id, customer_id, change_seq FROM crm.customer_source) TO STDOUT BINARY";
        let mut members = Vec::new();
        copy_out(&mut connection, statement, "reading memberships", |row| {
            members.push(CustomerRecord {
                record: RecordId(row.int8()?),
                customer: CustomerId(Uuid::from_u128(row.uuid()?)),
                since: row.int8()?,
            });
            Some(())
        })
        .await?;
        Ok(members)
    }

    /// All ids that stood for a customer once and stand for none now.
    pub async fn former_customers(&self) -> Result<Vec<FormerCustomer>> {
        let doing = "reading former customers";
        let rows: Vec<FormerRow> = sqlx::query_as(
            "SELECT f.customer_id, f.kind, f.version, r.customer_id, f.records
             FROM vinculo.former_customer f LEFT JOIN crm.customer_redirect r ON r.old_customer_id = f.customer_id",
        )
        .fetch_all(&self.pool)
        .await
        .doing(doing)?;
        rows.into_iter().map(former_customer).collect::<Option<_>>().ok_or(StoreError::Unexpected { doing })
    }

    /// How many customers are published, as publications count them.
    pub async fn count_customers(&self) -> Result<u64> {
        let count: i64 = sqlx::query_scalar("SELECT customers FROM vinculo.feed_head")
            .fetch_one(&self.pool)
            .await
            .doing("counting customers")?;
        Ok(count.unsigned_abs())
    }
}

pub(crate) fn former_customer((id, kind, version, leads_to, records): FormerRow) -> Option<FormerCustomer> {
    Some(FormerCustomer {
        id: CustomerId(id),
        kind: kind_from_name(&kind)?,
        version,
        leads_to: leads_to.map(CustomerId),
        records: records.into_iter().map(RecordId).collect(),
    })
}

pub(crate) fn kind_from_name(name: &str) -> Option<Kind> {
    Kind::ALL.into_iter().find(|kind| kind.name() == name)
}
