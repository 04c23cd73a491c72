//! `lineage`: where every value of a customer came from.

use crate::error::OperationError;
use chrono::{DateTime, Utc};
use serde::Serialize;
use uuid::Uuid;
use vinculo_records::{CustomerId, Kind};
use vinculo_store::{Redirect, Store, ValueLineage};

/// A customer with the source of its every value.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CustomerLineage {
    /// Its id.
    pub customer_id: CustomerId,
    /// Person or organization.
    pub kind: Kind,
    /// Its version.
    pub version: i32,
    /// When it was first published.
    pub created_at: DateTime<Utc>,
    /// When this state was published.
    pub updated_at: DateTime<Utc>,
    /// The records that speak of it, as source and key.
    pub records: Vec<(String, String)>,
    /// Its values.
    pub values: Vec<ValueLineage>,
}

/// Whom to look for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    /// A customer's id, old ones included.
    Customer(Uuid),
    /// A record by its source and key.
    Record {
        /// The source.
        source: String,
        /// Its key there.
        key: String,
    },
}

impl Subject {
    /// Reads a customer id, or a source and a key.
    ///
    /// # Errors
    /// A single word that is no id.
    pub fn parse(words: &[String]) -> Result<Self, OperationError> {
        match words {
            [source, key] => Ok(Self::Record { source: source.clone(), key: key.clone() }),
            [id] => Uuid::parse_str(id).map(Self::Customer).map_err(|_| {
                OperationError::Configuration("that is no customer id; name an id, or a source and a key".into())
            }),
            _ => Err(OperationError::Configuration("name a customer id, or a source and a key".into())),
        }
    }
}

/// The customer that a subject stands for today, with the source of its every value.
///
/// # Errors
/// No such record or customer; a store that cannot be read.
pub async fn lineage(store: &Store, subject: &Subject) -> Result<CustomerLineage, OperationError> {
    let id = customer_of(store, subject).await?;
    let customer = store.customer(id).await?;
    let customer =
        customer.ok_or_else(|| OperationError::NotFound("that customer has just been changed; ask again".into()))?;
    Ok(CustomerLineage {
        customer_id: customer.id,
        kind: customer.kind,
        version: customer.version,
        created_at: customer.created_at,
        updated_at: customer.updated_at,
        records: customer.sources.into_iter().map(|record| (record.source, record.source_key)).collect(),
        values: customer.values,
    })
}

async fn customer_of(store: &Store, subject: &Subject) -> Result<CustomerId, OperationError> {
    let not_found = |message: &str| Err(OperationError::NotFound(message.into()));
    match subject {
        Subject::Customer(id) => match store.resolve_redirect(CustomerId(*id)).await? {
            Redirect::Living => Ok(CustomerId(*id)),
            Redirect::To(customer) => Ok(customer),
            Redirect::Ended => not_found("that customer has ended: no record speaks of it any more"),
            Redirect::Unknown => not_found("no customer has or had this id"),
        },
        Subject::Record { source, key } => match store.customer_of(source, key).await? {
            Some(customer) => Ok(customer),
            None => match store.find_record(source, key).await? {
                Some(record) if record.deleted => not_found("that record was deleted by its source"),
                Some(_) => not_found("that record is not published yet; `vinculo run` publishes it"),
                None => Err(OperationError::NotFound(format!("no record of the source `{source}` has this key"))),
            },
        },
    }
}
