//! Keys on their way to the store.

use super::segment::{FORMAT, pack, prefix_bits, segment};
use super::{KeyBase, KeyChange, KeyEntry, KeySource};
use crate::connection::{Store, commit};
use crate::copy::{EncodedRows, Load, RowEncoder, Target, copy_in_telling};
use crate::error::{Doing, Result, StoreError};
use serde_json::Value;
use sqlx::PgConnection;
use std::ops::RangeInclusive;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinSet;
use tokio::time::timeout;
use vinculo_records::Kind;

/// Keys that are packed at a time, about, unless there are more than so many ranges of them can hold.
const ENTRIES_A_RANGE: u64 = 1 << 19;
const RANGE_BITS_MAX: u32 = 5;
const SEGMENTS: Target = Target { table: "vinculo.key_segment", columns: "kind, segment, data" };
const DOING: &str = "writing the keys of records";
/// The server ends a session that waits within a transaction for two minutes.
const SIGN_OF_LIFE: Duration = Duration::from_secs(30);

/// Blocks with how often they are halved, of a kind.
type Halved = (Kind, Vec<(u64, u8)>);

/// The last resolution of all records of a kind, to be written.
#[derive(Debug, Clone)]
pub struct NewBase {
    base: KeyBase,
    keys: Arc<dyn KeySource>,
}

impl NewBase {
    /// The resolution of so many records of a kind under a model and rules, which are found by these keys.
    pub fn new(kind: Kind, model: i64, rules: Value, records: usize, keys: Arc<dyn KeySource>) -> Self {
        let entries = keys.entries();
        let prefix_bits = prefix_bits(entries);
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

/// Writes the keys of kinds that were resolved anew, unless somebody has written them already; returns what is left to be
/// written.
pub(crate) async fn write_anew(
    connection: &mut PgConnection,
    changes: &[KeyChange],
    beside: &mut Beside,
) -> Result<Added> {
    let mut added = Added::default();
    let written = beside.written(connection).await?;
    for change in changes {
        match change {
            KeyChange::Anew(new) => {
                match written.iter().find(|(kind, _)| *kind == new.base.kind) {
                    Some((kind, halved)) => added.halve(*kind, halved),
                    None => added.halve(new.base.kind, &new.write(connection).await?),
                }
                new.stand(connection).await?;
            }
            KeyChange::Added { kind, entries, halved } => {
                added.entries.extend(entries.iter().map(|entry| (*kind, *entry)));
                added.halve(*kind, halved);
            }
        }
    }
    Ok(added)
}

impl NewBase {
    /// Writes the keys in place of all that the kind had; returns the blocks that are halved.
    async fn write(&self, connection: &mut PgConnection) -> Result<Vec<(u64, u8)>> {
        for table in ["vinculo.key_segment", "vinculo.key_delta", "vinculo.halved_block"] {
            sqlx::query(sqlx::AssertSqlSafe(format!("DELETE FROM {table} WHERE kind = $1")))
                .bind(self.base.kind.name())
                .execute(&mut *connection)
                .await
                .doing(DOING)?;
        }
        let mut halved = Vec::new();
        let segments = self.keys.within(self.ranges().collect()).map(|mut range| {
            halved.append(&mut range.halved);
            self.pack(&range.entries)
        });
        let are_few = self.base.entries < ENTRIES_A_RANGE;
        copy_in_telling(connection, [Load::encoded(SEGMENTS, segments)], are_few, &|_| (), DOING).await?;
        Ok(halved)
    }

    /// Makes it the last resolution of its kind.
    async fn stand(&self, connection: &mut PgConnection) -> Result<()> {
        let base = &self.base;
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
        .doing(DOING)?;
        Ok(())
    }
}

/// Writes the keys of a first publication in a session of its own, while that of the publication builds indexes, one after
/// the other. Keys are nothing without their base, which comes with the publication: what a run leaves behind that ends
/// in between, the next one writes anew.
#[derive(Default)]
pub(crate) struct Beside {
    store: Option<Store>,
    bases: Vec<NewBase>,
    writing: JoinSet<Result<Vec<Halved>>>,
}

impl Beside {
    /// The keys of a publication, which are written beside it if it is the first.
    pub(crate) fn of(store: &Store, changes: &[KeyChange]) -> Self {
        let base = |change: &KeyChange| match change {
            KeyChange::Anew(new) => Some(new.clone()),
            KeyChange::Added { .. } => None,
        };
        let bases = changes.iter().filter_map(base).collect();
        Self { store: Some(store.clone()), bases, writing: JoinSet::new() }
    }

    /// Begins to write.
    pub(crate) fn begin(&mut self) {
        let bases = std::mem::take(&mut self.bases);
        let Some(store) = self.store.take().filter(|_| !bases.is_empty()) else { return };
        self.writing.spawn(async move {
            // Where there is no further session, the publication writes its keys itself.
            let Ok(mut work) = store.begin(DOING).await else { return Ok(Vec::new()) };
            let mut written = Vec::with_capacity(bases.len());
            for new in &bases {
                written.push((new.base.kind, new.write(&mut work).await?));
            }
            commit(work, DOING).await?;
            Ok(written)
        });
    }

    /// What was written; waits until it is, while the session that waits stays in use.
    async fn written(&mut self, waiting: &mut PgConnection) -> Result<Vec<Halved>> {
        loop {
            match timeout(SIGN_OF_LIFE, self.writing.join_next()).await {
                Ok(Some(Ok(written))) => return written,
                Ok(Some(Err(error))) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
                Ok(Some(Err(_))) => return Err(StoreError::Unexpected { doing: DOING }),
                Ok(None) => return Ok(Vec::new()),
                Err(_) => _ = sqlx::query("SELECT 1").execute(&mut *waiting).await.doing(DOING)?,
            }
        }
    }
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
    use crate::block_keys::KeyRange;

    #[derive(Debug)]
    struct Many(u64);

    impl KeySource for Many {
        fn entries(&self) -> u64 {
            self.0
        }

        fn within<'a>(&'a self, _: Vec<RangeInclusive<u64>>) -> Box<dyn Iterator<Item = KeyRange> + Send + 'a> {
            Box::new(std::iter::empty())
        }
    }

    #[test]
    fn ranges_hold_every_key_once_and_cut_no_segment() {
        for (entries, expected) in [(0, 1), (70, 1), (3 << 19, 2), (40 << 19, 32), (1 << 50, 32)] {
            let base = NewBase::new(Kind::Person, 1, Value::Null, 1, Arc::new(Many(entries)));
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
}
