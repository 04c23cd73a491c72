//! By which keys records are found: packed segments of a whole resolution, and what came since.
//!
//! An entry says that a record had a key once. Entries of records that have changed stay, so that every record found is to
//! be checked by the keys that it has now.

mod segment;
mod writing;

pub use writing::NewBase;
pub(crate) use writing::{Added, Beside, write_anew};

use crate::customer_state::kind_from_name;
use crate::error::{Doing, Result, StoreError};
use segment::{FORMAT, rest, segment, unpack};
use serde_json::Value;
use sqlx::PgConnection;
use std::fmt;
use std::ops::RangeInclusive;
use vinculo_records::{Kind, RecordId};

/// A key of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct KeyEntry {
    /// The key.
    pub key: u64,
    /// The record.
    pub record: RecordId,
}

/// The last resolution of all records of a kind.
#[derive(Debug, Clone, PartialEq)]
pub struct KeyBase {
    /// Person or organization.
    pub kind: Kind,
    /// The model under which they were resolved; the keys are those of this model.
    pub model: i64,
    /// The settings that the answer depended on, as the caller gave them.
    pub rules: Value,
    /// How many records there were.
    pub records: u64,
    /// Keys that were written with it.
    pub entries: u64,
    /// Keys that came since.
    pub added: u64,
    prefix_bits: u32,
}

/// What becomes of the keys of a kind.
#[derive(Debug)]
pub enum KeyChange {
    /// All records of the kind were resolved; these keys take the place of all others.
    Anew(NewBase),
    /// Some records were resolved.
    Added {
        /// Person or organization.
        kind: Kind,
        /// The keys that those of them have which are new or others.
        entries: Vec<KeyEntry>,
        /// Blocks that are halved otherwise than before, with their halvings.
        halved: Vec<(u64, u8)>,
    },
}

/// The keys of all records of a kind. There are some 25 a record: they are sorted and packed when they are sent, a
/// range at a time.
pub trait KeySource: fmt::Debug + Send + Sync {
    /// How many there are.
    fn entries(&self) -> u64;

    /// Those of each of these ranges, which follow each other and hold all keys together.
    fn within<'a>(&'a self, ranges: Vec<RangeInclusive<u64>>) -> Box<dyn Iterator<Item = KeyRange> + Send + 'a>;
}

/// The keys of a range, of all records of a kind.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KeyRange {
    /// The keys in ascending order.
    pub entries: Vec<KeyEntry>,
    /// The blocks among them that are halved, with their halvings.
    pub halved: Vec<(u64, u8)>,
}

/// The records that had one of these keys, and have it perhaps still: each with its key, in ascending order, once.
pub(crate) async fn look_up(connection: &mut PgConnection, base: &KeyBase, keys: &[u64]) -> Result<Vec<KeyEntry>> {
    let doing = "looking up keys of records";
    let mut keys = keys.to_vec();
    keys.sort_unstable();
    keys.dedup();
    let mut segments: Vec<i32> = keys.iter().map(|key| segment(*key, base.prefix_bits)).collect();
    segments.dedup();
    let rows: Vec<(i64, Option<i64>, Option<Vec<u8>>)> = sqlx::query_as(
        // Laterally, so that many segments too are looked up by index. What came since may be nothing yet when the server
        // looks: then it reads the table whole, which must happen once and not key by key.
        "SELECT s.segment::bigint, NULL::bigint, s.data FROM unnest($2::integer[]) a (segment)
         CROSS JOIN LATERAL (
             SELECT segment, data FROM vinculo.key_segment WHERE kind = $1 AND segment = a.segment OFFSET 0) s
         UNION ALL
         SELECT key, record_id, NULL FROM vinculo.key_delta WHERE kind = $1 AND key = ANY($3)",
    )
    .bind(base.kind.name())
    .bind(segments)
    .bind(keys.iter().map(|key| key.cast_signed()).collect::<Vec<_>>())
    .fetch_all(connection)
    .await
    .doing(doing)?;
    let mut found = Vec::new();
    for (number, record, data) in rows {
        if let Some(record) = record {
            found.push(KeyEntry { key: number.cast_unsigned(), record: RecordId(record) });
        }
        let Some(data) = data else { continue };
        let first = keys.partition_point(|key| i64::from(segment(*key, base.prefix_bits)) < number);
        let of_segment = keys[first..].iter().take_while(|key| i64::from(segment(**key, base.prefix_bits)) == number);
        for &key in of_segment {
            let records = unpack(&data, rest(key, base.prefix_bits)).ok_or(StoreError::Unexpected { doing })?;
            found.extend(records.map(|record| KeyEntry { key, record }));
        }
    }
    found.sort_unstable();
    found.dedup();
    Ok(found)
}

/// The last whole resolution of each kind, as far as this program can read its keys.
pub(crate) async fn bases(connection: &mut PgConnection) -> Result<Vec<KeyBase>> {
    let doing = "reading the last whole resolution";
    let rows: Vec<(String, i64, Value, i64, i64, i64, i16)> = sqlx::query_as(
        "SELECT kind, model_version, rules, records, entries, added, prefix_bits FROM vinculo.key_base
         WHERE format = $1 ORDER BY kind DESC",
    )
    .bind(FORMAT)
    .fetch_all(connection)
    .await
    .doing(doing)?;
    rows.into_iter()
        .map(|(kind, model, rules, records, entries, added, prefix_bits)| {
            Ok(KeyBase {
                kind: kind_from_name(&kind).ok_or(StoreError::Unexpected { doing })?,
                model,
                rules,
                records: records.unsigned_abs(),
                entries: entries.unsigned_abs(),
                added: added.unsigned_abs(),
                prefix_bits: prefix_bits.unsigned_abs().into(),
            })
        })
        .collect()
}

/// The blocks of a kind that are halved, and how often.
pub(crate) async fn halved_blocks<B: FromIterator<(u64, u8)>>(connection: &mut PgConnection, kind: Kind) -> Result<B> {
    let rows: Vec<(i64, i16)> =
        sqlx::query_as("SELECT block, halvings FROM vinculo.halved_block WHERE kind = $1 ORDER BY block")
            .bind(kind.name())
            .fetch_all(connection)
            .await
            .doing("reading halved blocks")?;
    Ok(rows.into_iter().map(|(block, halvings)| (block.cast_unsigned(), halvings as u8)).collect())
}
