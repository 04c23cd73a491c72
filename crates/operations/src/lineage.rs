//! `lineage`: where every value of a customer came from, now or at any time before.

use crate::error::OperationError;
use chrono::{DateTime, NaiveDate, NaiveDateTime, TimeDelta, Utc};
use serde::Serialize;
use uuid::Uuid;
use vinculo_records::{CustomerId, Kind};
pub use vinculo_store::ValueLineage;
use vinculo_store::{Customer, Redirect, Stood, Store};

/// A customer with the source of its every value.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CustomerLineage {
    /// Its id.
    pub customer_id: CustomerId,
    /// The id that was asked for, where this customer stands, or stood, for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub asked_for: Option<CustomerId>,
    /// Person or organization.
    pub kind: Kind,
    /// Its version.
    pub version: i32,
    /// When it was first published.
    pub created_at: DateTime<Utc>,
    /// When this state was published.
    pub updated_at: DateTime<Utc>,
    /// Until when this state stood; none for the present one.
    pub valid_to: Option<DateTime<Utc>>,
    /// The publication that wrote this state.
    pub publication: i64,
    /// Of a past state: the customer that its id leads to today, where that is another one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub leads_to: Option<CustomerId>,
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

/// Which state of a customer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Moment {
    /// The present one.
    #[default]
    Now,
    /// The one of this number.
    Version(i32),
    /// The one that readers saw at this time.
    At(DateTime<Utc>),
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

impl Moment {
    /// Reads a time: a day stands for its end, a stamp without a zone is UTC.
    ///
    /// # Errors
    /// A text that is neither a day nor a time.
    pub fn on(text: &str) -> Result<Self, OperationError> {
        let of_day =
            |day: NaiveDate| Some(day.succ_opt()?.and_hms_opt(0, 0, 0)?.and_utc() - TimeDelta::microseconds(1));
        let naive = || {
            let formats = ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"];
            formats.iter().find_map(|format| NaiveDateTime::parse_from_str(text, format).ok()).map(|at| at.and_utc())
        };
        let zoned = DateTime::parse_from_rfc3339(text).ok().map(|at| at.to_utc());
        let day = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok().and_then(of_day);
        zoned.or_else(naive).or(day).map(Self::At).ok_or_else(|| {
            OperationError::Configuration(
                "that is no time; write 2026-03-31, 2026-03-31 14:05 or an RFC 3339 stamp".into(),
            )
        })
    }
}

/// The customer that a subject stands or stood for, with the source of its every value.
///
/// # Errors
/// No such record, customer or state; a store that cannot be read.
pub async fn lineage(store: &Store, subject: &Subject, moment: Moment) -> Result<CustomerLineage, OperationError> {
    let (id, customer) = match moment {
        Moment::Now => {
            let id = customer_of(store, subject).await?;
            (id, store.customer(id).await?)
        }
        Moment::Version(version) => {
            let id = match subject {
                Subject::Customer(id) => CustomerId(*id),
                Subject::Record { .. } => customer_of(store, subject).await?,
            };
            (id, Some(of_version(store, id, version).await?))
        }
        Moment::At(at) => {
            let (id, version) = standing_at(store, subject, at).await?;
            (id, store.customer_at(id, version).await?)
        }
    };
    let customer =
        customer.ok_or_else(|| OperationError::NotFound("that customer has just been changed; ask again".into()))?;
    let leads_to = match customer.valid_to {
        None => None,
        Some(_) => led_to(store.resolve_redirect(id).await?),
    };
    let asked_for = match subject {
        Subject::Customer(asked) if *asked != id.0 => Some(CustomerId(*asked)),
        _ => None,
    };
    Ok(told(customer, asked_for, leads_to))
}

fn told(customer: Customer, asked_for: Option<CustomerId>, leads_to: Option<CustomerId>) -> CustomerLineage {
    CustomerLineage {
        customer_id: customer.id,
        asked_for,
        kind: customer.kind,
        version: customer.version,
        created_at: customer.created_at,
        updated_at: customer.updated_at,
        valid_to: customer.valid_to,
        publication: customer.publication,
        leads_to,
        records: customer.sources.into_iter().map(|record| (record.source, record.source_key)).collect(),
        values: customer.values,
    }
}

fn led_to(redirect: Redirect) -> Option<CustomerId> {
    match redirect {
        Redirect::To(customer) => Some(customer),
        _ => None,
    }
}

/// The customer that a subject stands for today.
///
/// # Errors
/// No such record or customer; a store that cannot be read.
pub(crate) async fn customer_of(store: &Store, subject: &Subject) -> Result<CustomerId, OperationError> {
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

async fn of_version(store: &Store, id: CustomerId, version: i32) -> Result<Customer, OperationError> {
    if let Some(customer) = store.customer_at(id, version).await? {
        return Ok(customer);
    }
    let known = store.resolve_redirect(id).await? != Redirect::Unknown;
    let message = if known { "that customer never had this version" } else { "no customer has or had this id" };
    Err(OperationError::NotFound(message.into()))
}

/// The customer, and its version, that a subject stood for at a time.
async fn standing_at(store: &Store, subject: &Subject, at: DateTime<Utc>) -> Result<(CustomerId, i32), OperationError> {
    let not_found = |message: &str| OperationError::NotFound(message.into());
    let asked = match subject {
        Subject::Customer(id) => CustomerId(*id),
        Subject::Record { source, key } => store
            .customer_of_at(source, key, at)
            .await?
            .ok_or_else(|| not_found("that record belonged to no customer at that time"))?,
    };
    let mut id = asked;
    let mut stood = store.stood_for(id, at).await?;
    if let Stood::For(other) = stood {
        // A redirect is one step long, at any time.
        id = other;
        stood = store.stood_for(id, at).await?;
    }
    match stood {
        Stood::Living(version) => Ok((id, version)),
        Stood::For(_) | Stood::Ended => Err(not_found("that customer had ended by then")),
        Stood::Unknown => Err(not_found("that customer was not known yet at that time")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_stands_for_its_end_and_a_stamp_without_a_zone_is_utc() {
        let at = |text: &str| match Moment::on(text) {
            Ok(Moment::At(at)) => at.to_rfc3339(),
            _ => panic!("{text}"),
        };
        assert_eq!(at("2026-03-31"), "2026-03-31T23:59:59.999999+00:00");
        assert_eq!(at("2026-03-31 14:05"), "2026-03-31T14:05:00+00:00");
        assert_eq!(at("2026-03-31T14:05:06"), "2026-03-31T14:05:06+00:00");
        assert_eq!(at("2026-03-31T14:05:06-03:00"), "2026-03-31T17:05:06+00:00");
        for text in ["", "yesterday", "31/03/2026", "2026-02-30"] {
            assert!(Moment::on(text).is_err(), "{text}");
        }
    }
}
