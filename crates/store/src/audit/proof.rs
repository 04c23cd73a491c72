//! That one row is in the chain: its content and salt, and the way from its leaf to the root of its block.

use super::chain::in_order;
use super::leaf::Page;
use super::relation::{Holds, Relation};
use super::salt::Salts;
use crate::connection::Store;
use crate::error::{Doing, Result, StoreError};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Map, Value};
use sqlx::{PgConnection, Row};
use vinculo_records::merkle::{self, GROUP};
use vinculo_records::{AuditBlock, AuditSpan, Salt, TreeHash};

const DOING: &str = "proving a row";

/// A row, and its way to the root of the block that covers it.
#[derive(Debug, Clone, PartialEq)]
pub struct ProvedRow {
    /// The relation.
    pub relation: &'static str,
    /// Its id.
    pub id: i64,
    /// What its leaf stands for, see [`decode_row`].
    pub content: Vec<u8>,
    /// The salt of its leaf; none where the relation holds no personal values.
    pub salt: Option<Salt>,
    /// The span that it is in.
    pub span: AuditSpan,
    /// From its leaf to the root of the span.
    pub path: Vec<TreeHash>,
    /// The block.
    pub block: i64,
    /// The place of the span in the block, and how many spans that has.
    pub place: (u64, u64),
    /// From the leaf of the span to the root of the block.
    pub block_path: Vec<TreeHash>,
}

impl Store {
    /// Proves a row of one of the relations; none where no block covers it yet, or there is no such row.
    pub async fn prove_row(&self, relation: &str, id: i64) -> Result<Option<ProvedRow>> {
        let relation = Relation::named(relation).ok_or(StoreError::Unexpected { doing: DOING })?;
        let mut transaction = self.begin_reading(DOING).await?;
        let connection = &mut *transaction;
        let Some((block, span, groups)) = span_of(connection, relation, id).await? else { return Ok(None) };
        let position = (id - span.first) as usize;
        let first = span.first + (position / GROUP * GROUP) as i64;
        let last = span.last.min(first + GROUP as i64 - 1);
        let mut salts = relation.salted_as.map(Salts::of);
        let page = Page::read(connection, relation, salts.as_mut(), first, last).await?;
        let Some((content, salt)) = page.content(id) else { return Ok(None) };
        let path = merkle::path_in_groups(&page.leaves(), &groups, position);
        let mut spans = spans_of(connection, block).await?;
        spans.sort_by_key(in_order);
        let place = spans.iter().position(|other| *other == span).ok_or(StoreError::Unexpected { doing: DOING })?;
        let leaves: Vec<TreeHash> = spans.iter().map(AuditSpan::leaf).collect();
        Ok(Some(ProvedRow {
            relation: relation.name,
            id,
            content,
            salt,
            span,
            path,
            block,
            place: (place as u64, leaves.len() as u64),
            block_path: merkle::path(&leaves, place),
        }))
    }

    /// The blocks from this one to the last.
    pub async fn audit_blocks_from(&self, block: i64) -> Result<Vec<AuditBlock>> {
        let rows = sqlx::query(
            "SELECT block, run_id, format, leaves, root, previous FROM vinculo.audit_block
             WHERE block >= $1 ORDER BY block",
        )
        .bind(block)
        .fetch_all(&self.pool)
        .await
        .doing(DOING)?;
        let block = |row: &sqlx::postgres::PgRow| {
            Ok(AuditBlock {
                format: row.try_get::<i16, _>("format").doing(DOING)? as u8,
                block: row.try_get("block").doing(DOING)?,
                run: row.try_get("run_id").doing(DOING)?,
                leaves: row.try_get("leaves").doing(DOING)?,
                root: super::block::hash(row.try_get("root").doing(DOING)?)?,
                previous: super::block::hash(row.try_get("previous").doing(DOING)?)?,
            })
        };
        rows.iter().map(block).collect()
    }
}

/// Block, first and last id, root, groups.
type SpanColumns = (i64, i64, i64, Vec<u8>, Vec<u8>);

/// The block, the span and the roots of its groups that cover an id.
async fn span_of(
    connection: &mut PgConnection,
    relation: &Relation,
    id: i64,
) -> Result<Option<(i64, AuditSpan, Vec<TreeHash>)>> {
    let row: Option<SpanColumns> = sqlx::query_as(
        "SELECT block, first_id, last_id, root, groups FROM vinculo.audit_span
         WHERE relation = $1 AND first_id <= $2 ORDER BY first_id DESC LIMIT 1",
    )
    .bind(relation.name)
    .bind(id)
    .fetch_optional(connection)
    .await
    .doing(DOING)?;
    let Some((block, first, last, root, groups)) = row.filter(|(_, _, last, ..)| *last >= id) else {
        return Ok(None);
    };
    let span = AuditSpan { relation: relation.name.to_owned(), first, last, root: super::block::hash(&root)? };
    let groups: Vec<TreeHash> = groups.chunks(32).map(super::block::hash).collect::<Result<_>>()?;
    if groups.len() != span.leaves().div_ceil(GROUP as u64) as usize {
        return Err(StoreError::Unexpected { doing: DOING });
    }
    Ok(Some((block, span, groups)))
}

async fn spans_of(connection: &mut PgConnection, block: i64) -> Result<Vec<AuditSpan>> {
    let rows: Vec<(String, i64, i64, Vec<u8>)> =
        sqlx::query_as("SELECT relation, first_id, last_id, root FROM vinculo.audit_span WHERE block = $1")
            .bind(block)
            .fetch_all(connection)
            .await
            .doing(DOING)?;
    let span = |(relation, first, last, root): (String, i64, i64, Vec<u8>)| {
        Ok(AuditSpan { relation, first, last, root: super::block::hash(&root)? })
    };
    rows.into_iter().map(span).collect()
}

/// What the content of a leaf says, column by column; none where it is not that of one row of such a relation.
pub fn decode_row(relation: &str, content: &[u8]) -> Option<Map<String, Value>> {
    let part = &Relation::named(relation)?.parts[0];
    // The format, and the place of the part.
    let mut rest = content.get(2..)?;
    let mut says = Map::new();
    for column in part.columns {
        let (length, after) = rest.split_at_checked(4)?;
        let length = i32::from_be_bytes(length.try_into().ok()?);
        let (value, after) = after.split_at_checked(usize::try_from(length).unwrap_or(0))?;
        let value = if length < 0 { Value::Null } else { decode(column.holds, value)? };
        says.insert(column.name.to_owned(), value);
        rest = after;
    }
    rest.is_empty().then_some(says)
}

fn decode(holds: Holds, value: &[u8]) -> Option<Value> {
    Some(match holds {
        Holds::Number => match value.len() {
            2 => i16::from_be_bytes(value.try_into().ok()?).into(),
            4 => i32::from_be_bytes(value.try_into().ok()?).into(),
            _ => i64::from_be_bytes(value.try_into().ok()?).into(),
        },
        Holds::Flag => Value::Bool(value != [0]),
        Holds::Text => std::str::from_utf8(value).ok()?.into(),
        Holds::Uuid => uuid::Uuid::from_slice(value).ok()?.to_string().into(),
        Holds::Instant => instant(i64::from_be_bytes(value.try_into().ok()?)).into(),
        Holds::Json | Holds::Other => value.iter().map(|byte| format!("{byte:02x}")).collect::<String>().into(),
    })
}

/// An instant, from microseconds since 2000; as that number where no calendar has it.
fn instant(micros: i64) -> String {
    let begin = DateTime::<Utc>::from_timestamp(946_684_800, 0);
    let at = begin.and_then(|begin| begin.checked_add_signed(TimeDelta::microseconds(micros)));
    at.map_or_else(|| micros.to_string(), |at| at.to_rfc3339())
}
