//! `how`: a customer's story, step by step: each publication that touched it, and what the records and the model said then.

mod reached;
mod told;

use crate::error::OperationError;
use crate::lineage::{Subject, customer_of};
use crate::pair::RecordName;
use crate::session::Session;
use chrono::{DateTime, Utc};
use serde::Serialize;
use told::Told;
use vinculo_records::CustomerId;
use vinculo_store::Redirect;

/// How a customer came to be what it is.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Story {
    /// Its id.
    pub customer_id: CustomerId,
    /// What the id stands for today.
    pub stands_for: StandsFor,
    /// The records that speak of it today.
    pub records: Vec<RecordName>,
    /// What happened, the first step first.
    pub steps: Vec<Step>,
}

/// What an id stands for today.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum StandsFor {
    /// For itself.
    Itself,
    /// Another customer stands for it.
    Other(CustomerId),
    /// For nobody: it has ended.
    Nobody,
}

/// What one publication did to a customer.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Step {
    /// The publication.
    pub publication: i64,
    /// When it was published.
    pub published_at: DateTime<Utc>,
    /// The run that published.
    pub run: i64,
    /// The command of the run.
    pub command: String,
    /// Who called it.
    pub actor: String,
    /// The publication that it took back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub takes_back: Option<i64>,
    /// What happened, in the words of `audit.customer_event`; empty where only something about it was decided.
    pub events: Vec<Event>,
    /// Records that came, and from whom.
    pub came: Vec<Move>,
    /// Records that left, and to whom.
    pub left: Vec<Move>,
    /// What joined its records.
    pub joins: Vec<Evidence>,
    /// Joins with others that were refused.
    pub refusals: Vec<Evidence>,
    /// Values that are others than before.
    pub values: Vec<ValueChange>,
}

/// Something that happened to a customer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Event {
    /// What happened.
    pub change: String,
    /// The other customer of a merge or a split.
    pub other: Option<CustomerId>,
    /// The version afterwards; none where the other one changed.
    pub version: Option<i32>,
}

/// A record that came or left.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Move {
    /// The record.
    pub record: RecordName,
    /// The customer that it came from or went to; none for a record that belonged to nobody.
    pub customer: Option<CustomerId>,
}

/// What was decided about two records, and by what.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Evidence {
    /// The one record.
    pub left: RecordName,
    /// The other one.
    pub right: RecordName,
    /// Their weight, in thousandths of a bit.
    pub weight: i32,
    /// The model that weighed them.
    pub model: i64,
    /// Why a join was refused, or that a person judged.
    pub reason: Option<String>,
    /// The person's word, where a person judged.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub judged: Option<Word>,
    /// The level that each comparison reached, in the order of the model. Empty for models of programs that compared
    /// otherwise.
    pub levels: Vec<Reached>,
}

/// A person's word on two records.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Word {
    /// The number of the judgement.
    pub judgement: i64,
    /// Who judged.
    pub actor: String,
    /// Why.
    pub reason: String,
    /// When.
    pub judged_at: DateTime<Utc>,
}

/// The level that a comparison reached.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Reached {
    /// What was compared.
    pub comparison: String,
    /// The level.
    pub level: String,
}

/// The values of an attribute before and after.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ValueChange {
    /// A column of `crm.customer`, or a declared attribute.
    pub attribute: String,
    /// Its values before.
    pub before: Vec<String>,
    /// Its values after.
    pub after: Vec<String>,
}

/// Tells how the customer of a subject came to be. A former id has a story of its own.
///
/// # Errors
/// No such record or customer; a store that cannot be read.
pub async fn how(session: &Session, subject: &Subject) -> Result<Story, OperationError> {
    let store = &session.store;
    let id = match subject {
        Subject::Customer(id) => CustomerId(*id),
        Subject::Record { .. } => customer_of(store, subject).await?,
    };
    let stands_for = match store.resolve_redirect(id).await? {
        Redirect::Living => StandsFor::Itself,
        Redirect::To(other) => StandsFor::Other(other),
        Redirect::Ended => StandsFor::Nobody,
        Redirect::Unknown => return Err(OperationError::NotFound("no customer has or had this id".into())),
    };
    let told = Told::read(store, id).await?;
    let steps = told.steps(id, &session.bench.project.attributes);
    let records = told.members_after(id, i64::MAX - 1).map(|span| span.record.clone().into()).collect();
    Ok(Story { customer_id: id, stands_for, records, steps })
}
