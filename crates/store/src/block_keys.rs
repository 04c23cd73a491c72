//! By which keys records are found: packed segments of a whole resolution, and what came since.
//!
//! An entry says that a record had a key once. Entries of records that have changed stay, so that every record found is to
//! be checked by the keys that it has now.

use crate::copy::{EncodedRows, Load, RowEncoder, Target, copy_in_telling};
use crate::customer_state::kind_from_name;
use crate::error::{Doing, Result, StoreError};
use serde_json::Value;
use sqlx::PgConnection;
use std::fmt;
use std::ops::RangeInclusive;
use vinculo_records::{Kind, RecordId};

/// The format of the segments: how many entries (u32); of each, ascending, the 16 bits of its key that follow the prefix;
/// of each, its record in five bytes. All little-endian. With the prefix they tell keys apart well enough: one look-up in
/// a thousand finds a record of another key, which is then compared in vain.
const FORMAT: i16 = 1;
/// Entries of a segment, about: at most so many times two. A look-up reads them all, and each segment costs a row.
const ENTRIES_A_SEGMENT: u64 = 64;
const PREFIX_BITS_MAX: u32 = 24;
/// Keys that are packed at a time, about, unless there are more than so many ranges of them can hold.
const ENTRIES_A_RANGE: u64 = 1 << 20;
const RANGE_BITS_MAX: u32 = 4;
const RECORD_BYTES: usize = 5;
const SEGMENTS: Target = Target { table: "vinculo.key_segment", columns: "kind, segment, data" };

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

    /// Those from the first key to the last, both included.
    fn within(&self, keys: RangeInclusive<u64>) -> KeyRange;
}

/// The keys of a range, of all records of a kind.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KeyRange {
    /// The keys in ascending order.
    pub entries: Vec<KeyEntry>,
    /// The blocks among them that are halved, with their halvings.
    pub halved: Vec<(u64, u8)>,
}

/// The last resolution of all records of a kind, to be written.
#[derive(Debug)]
pub struct NewBase {
    base: KeyBase,
    keys: Box<dyn KeySource>,
}

impl NewBase {
    /// The resolution of so many records of a kind under a model and rules, which are found by these keys.
    pub fn new(kind: Kind, model: i64, rules: Value, records: usize, keys: Box<dyn KeySource>) -> Self {
        let entries = keys.entries();
        let prefix_bits = (entries / ENTRIES_A_SEGMENT).max(1).ilog2().min(PREFIX_BITS_MAX);
        let base = KeyBase { kind, model, rules, records: records as u64, entries, added: 0, prefix_bits };
        Self { base, keys }
    }

    /// The ranges in which the keys are packed, each of whole segments.
    fn ranges(&self) -> impl Iterator<Item = RangeInclusive<u64>> + use<> {
        let bits = (self.base.entries / ENTRIES_A_RANGE).max(1).ilog2().min(RANGE_BITS_MAX);
        let last_of_first = u64::MAX >> bits;
        (0..1_u64 << bits).map(move |number| {
            let first = number.checked_shl(u64::BITS - bits).unwrap_or(0);
            first..=first | last_of_first
        })
    }

    /// Packs keys, given in ascending order.
    fn pack(&self, entries: &[KeyEntry]) -> Result<EncodedRows> {
        let KeyBase { kind, prefix_bits, .. } = self.base;
        let mut segments = RowEncoder::new(3);
        let mut data = Vec::new();
        for entries in entries.chunk_by(|a, b| segment(a.key, prefix_bits) == segment(b.key, prefix_bits)) {
            data.clear();
            pack(entries, prefix_bits, &mut data);
            segments.row().text(kind.name()).int4(segment(entries[0].key, prefix_bits)).bytes(&data);
        }
        segments.finish("packing keys")
    }
}

/// The first bits of a key.
fn segment(key: u64, prefix_bits: u32) -> i32 {
    // At most 24 bits are left.
    key.checked_shr(u64::BITS - prefix_bits).unwrap_or(0) as i32
}

/// The 16 bits after the first ones.
fn rest(key: u64, prefix_bits: u32) -> u16 {
    (key << prefix_bits >> (u64::BITS - u16::BITS)) as u16
}

fn pack(entries: &[KeyEntry], prefix_bits: u32, data: &mut Vec<u8>) {
    data.extend_from_slice(&(entries.len() as u32).to_le_bytes());
    entries.iter().for_each(|entry| data.extend_from_slice(&rest(entry.key, prefix_bits).to_le_bytes()));
    entries.iter().for_each(|entry| data.extend_from_slice(&entry.record.0.to_le_bytes()[..RECORD_BYTES]));
}

/// The records of a key in its segment; none when the segment is damaged.
fn unpack(data: &[u8], rest: u16) -> Option<impl Iterator<Item = RecordId> + '_> {
    let (count, entries) = data.split_first_chunk::<4>()?;
    let count = u32::from_le_bytes(*count) as usize;
    let (rests, records) = entries.split_at_checked(count.checked_mul(2)?)?;
    let records = records.as_chunks::<RECORD_BYTES>().0;
    let rests = rests.as_chunks::<2>().0;
    let first = rests.partition_point(|bytes| u16::from_le_bytes(*bytes) < rest);
    let of_key = rests.get(first..)?.iter().take_while(move |bytes| u16::from_le_bytes(**bytes) == rest).count();
    let records = records.get(first..first + of_key)?;
    Some(records.iter().map(|bytes| {
        let mut id = [0; 8];
        id[..RECORD_BYTES].copy_from_slice(bytes);
        RecordId(i64::from_le_bytes(id))
    }))
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

/// Writes the keys of kinds that were resolved anew; returns what is left to be written.
pub(crate) async fn write_anew(connection: &mut PgConnection, changes: &[KeyChange]) -> Result<Added> {
    let mut added = Added::default();
    for change in changes {
        match change {
            KeyChange::Anew(new) => added.halve(new.base.kind, &replace(connection, new).await?),
            KeyChange::Added { kind, entries, halved } => {
                added.entries.extend(entries.iter().map(|entry| (*kind, *entry)));
                added.halve(*kind, halved);
            }
        }
    }
    Ok(added)
}

/// Writes new keys in place of all that a kind had; returns the blocks that are halved.
async fn replace(connection: &mut PgConnection, new: &NewBase) -> Result<Vec<(u64, u8)>> {
    let doing = "writing the keys of records";
    let base = &new.base;
    for table in ["vinculo.key_segment", "vinculo.key_delta", "vinculo.halved_block"] {
        sqlx::query(sqlx::AssertSqlSafe(format!("DELETE FROM {table} WHERE kind = $1")))
            .bind(base.kind.name())
            .execute(&mut *connection)
            .await
            .doing(doing)?;
    }
    let mut halved = Vec::new();
    let segments = new.ranges().map(|range| {
        let mut range = new.keys.within(range);
        halved.append(&mut range.halved);
        new.pack(&range.entries)
    });
    let are_few = base.entries < ENTRIES_A_RANGE;
    copy_in_telling(connection, [Load::encoded(SEGMENTS, segments)], are_few, &|_| (), doing).await?;
    sqlx::query(
        "INSERT INTO vinculo.key_base (kind, model_version, rules, records, format, prefix_bits, entries)
         VALUES ($1, $2, $3, $4, $5, $6, $7)
         ON CONFLICT (kind) DO UPDATE SET model_version = excluded.model_version, rules = excluded.rules,
             records = excluded.records, format = excluded.format, prefix_bits = excluded.prefix_bits,
             entries = excluded.entries, added = 0",
    )
    .bind(base.kind.name())
    .bind(base.model)
    .bind(&base.rules)
    .bind(base.records as i64)
    .bind(FORMAT)
    .bind(base.prefix_bits as i16)
    .bind(base.entries as i64)
    .execute(connection)
    .await
    .doing(doing)?;
    Ok(halved)
}

/// What comes to the keys that stand, of either kind.
#[derive(Default)]
pub(crate) struct Added {
    pub(crate) entries: Vec<(Kind, KeyEntry)>,
    /// Blocks with their halvings; none of one that is no longer halved.
    pub(crate) halved: Vec<(Kind, u64, u8)>,
}

impl Added {
    fn halve(&mut self, kind: Kind, halved: &[(u64, u8)]) {
        self.halved.extend(halved.iter().map(|&(block, halvings)| (kind, block, halvings)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_packed_key_gives_back_its_records(
            mut entries in prop::collection::vec((any::<u64>(), 0_i64..1 << 40), 1..200),
            prefix_bits in 0_u32..=PREFIX_BITS_MAX,
            asked in any::<prop::sample::Index>(),
        ) {
            entries.sort_unstable();
            entries.dedup();
            let entries: Vec<KeyEntry> =
                entries.into_iter().map(|(key, record)| KeyEntry { key, record: RecordId(record) }).collect();
            let asked = asked.get(&entries);
            let of_segment: Vec<KeyEntry> = entries
                .iter()
                .copied()
                .filter(|entry| segment(entry.key, prefix_bits) == segment(asked.key, prefix_bits))
                .collect();
            let mut data = Vec::new();
            pack(&of_segment, prefix_bits, &mut data);
            let found: Vec<RecordId> = unpack(&data, rest(asked.key, prefix_bits)).unwrap().collect();
            prop_assert!(found.contains(&asked.record));
        }
    }

    #[test]
    fn a_damaged_segment_is_told_and_nothing_is_read_beyond_it() {
        let mut data = Vec::new();
        pack(&[KeyEntry { key: 7 << 48, record: RecordId(1) }], 0, &mut data);
        for cut in 0..data.len() {
            assert!(unpack(&data[..cut], 7).is_none_or(|records| records.count() == 0), "cut at {cut}");
        }
        assert_eq!(unpack(&data, 7).unwrap().collect::<Vec<_>>(), [RecordId(1)]);
    }

    #[derive(Debug)]
    struct Many(u64);

    impl KeySource for Many {
        fn entries(&self) -> u64 {
            self.0
        }

        fn within(&self, _: RangeInclusive<u64>) -> KeyRange {
            KeyRange::default()
        }
    }

    #[test]
    fn ranges_hold_every_key_once_and_cut_no_segment() {
        for (entries, expected) in [(0, 1), (70, 1), (3 << 20, 2), (40 << 20, 16), (1 << 50, 16)] {
            let base = NewBase::new(Kind::Person, 1, Value::Null, 1, Box::new(Many(entries)));
            let ranges: Vec<_> = base.ranges().collect();
            assert_eq!(ranges.len(), expected, "{entries} entries");
            assert_eq!((*ranges[0].start(), *ranges[expected - 1].end()), (0, u64::MAX));
            let segment = |key: u64| segment(key, base.base.prefix_bits);
            for pair in ranges.windows(2) {
                assert_eq!(pair[0].end() + 1, *pair[1].start());
                assert_ne!(segment(*pair[0].end()), segment(*pair[1].start()), "{entries} entries");
            }
        }
    }

    #[test]
    fn segments_follow_the_order_of_keys() {
        assert_eq!([0, 1 << 63, u64::MAX].map(|key| segment(key, 1)), [0, 1, 1]);
        assert_eq!(segment(u64::MAX, 0), 0);
        assert_eq!(rest(0xAAAA_BBBB_CCCC_DDDD, 16), 0xBBBB);
    }
}
