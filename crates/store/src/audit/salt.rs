//! What keeps leaves from being guessed: 16 random bytes for each source record, each rejected row, each state of a
//! customer. There are only so many tax identifiers: without a salt, somebody who knows the leaf could try them all.
//!
//! Salts are packed, 64 ids to a row, so that they cost little more than their bytes.

use crate::copy::{RowEncoder, Target, copy_in};
use crate::error::{Doing, Result, StoreError};
use sqlx::PgConnection;
use std::collections::{BTreeSet, HashMap};
use vinculo_records::Salt;

const DOING: &str = "making salts";
const TABLE: Target = Target { table: "vinculo.audit_salt", columns: "relation, segment, salts" };
const SALTS: i64 = 64;
const SALT_BYTES: usize = 16;
const SEGMENT_BYTES: usize = SALTS as usize * SALT_BYTES;
/// 32 MB of salts are kept at hand by each session that reads, those of two million records.
const SEGMENTS_MAX: usize = 32_768;
/// Segments that are made and sent at a time.
const CHUNK: usize = 4_096;

/// Salts of one relation that have been read.
#[derive(Debug)]
pub(super) struct Salts {
    relation: &'static str,
    segments: HashMap<i64, Vec<u8>>,
}

impl Salts {
    pub(super) fn of(relation: &'static str) -> Self {
        Self { relation, segments: HashMap::new() }
    }

    /// Reads the salts of these ids, unless they are at hand.
    pub(super) async fn read(&mut self, connection: &mut PgConnection, ids: impl Iterator<Item = i64>) -> Result<()> {
        let missing: BTreeSet<i64> = ids.map(segment).filter(|id| !self.segments.contains_key(id)).collect();
        if missing.is_empty() {
            return Ok(());
        }
        if self.segments.len() + missing.len() > SEGMENTS_MAX {
            self.segments.clear();
        }
        let missing: Vec<i64> = missing.into_iter().collect();
        let rows: Vec<(i64, Vec<u8>)> =
            sqlx::query_as("SELECT segment, salts FROM vinculo.audit_salt WHERE relation = $1 AND segment = ANY($2)")
                .bind(self.relation)
                .bind(missing)
                .fetch_all(connection)
                .await
                .doing("reading salts")?;
        self.segments.extend(rows);
        Ok(())
    }

    /// The salt of an id, which was [read](Self::read); one that is gone is taken for zeros, which make another leaf.
    pub(super) fn get(&self, id: i64) -> Salt {
        let start = id.rem_euclid(SALTS) as usize * SALT_BYTES;
        let bytes = self.segments.get(&segment(id)).and_then(|salts| salts.get(start..start + SALT_BYTES));
        Salt(bytes.and_then(|bytes| bytes.try_into().ok()).unwrap_or_default())
    }
}

fn segment(id: i64) -> i64 {
    id.div_euclid(SALTS)
}

/// Makes salts for all ids of some relations, each up to the last, that have none yet.
pub(super) async fn make(connection: &mut PgConnection, salted: &[(&'static str, i64)]) -> Result<()> {
    // Nobody else may make the same.
    sqlx::query("LOCK TABLE vinculo.audit_salt IN SHARE ROW EXCLUSIVE MODE")
        .execute(&mut *connection)
        .await
        .doing(DOING)?;
    for &(relation, last) in salted {
        make_of_one(connection, relation, last).await?;
    }
    Ok(())
}

async fn make_of_one(connection: &mut PgConnection, relation: &'static str, last: i64) -> Result<()> {
    let next: i64 =
        sqlx::query_scalar("SELECT coalesce(max(segment) + 1, 0) FROM vinculo.audit_salt WHERE relation = $1")
            .bind(relation)
            .fetch_one(&mut *connection)
            .await
            .doing(DOING)?;
    let segments: Vec<i64> = (next..=segment(last)).collect();
    let mut salts = vec![0; SEGMENT_BYTES];
    for chunk in segments.chunks(CHUNK) {
        let mut rows = RowEncoder::new(3);
        for &segment in chunk {
            getrandom::fill(&mut salts).map_err(|_| StoreError::NoRandomness)?;
            rows.row().text(relation).int8(segment).bytes(&salts);
        }
        copy_in(connection, TABLE, &[rows.finish(DOING)?], DOING).await?;
    }
    Ok(())
}
