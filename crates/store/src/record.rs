//! Answers about source records.

use crate::connection::Store;
use crate::error::{Doing, Result};
use vinculo_records::{RecordHash, RecordId, VersionId};

/// A source record, and what people know it by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedRecord {
    /// The record.
    pub record: RecordId,
    /// The name of its source.
    pub source: String,
    /// Its key in the source.
    pub source_key: String,
}

impl NamedRecord {
    /// What the engine knows it by.
    pub fn hash(&self) -> RecordHash {
        RecordHash::new(&self.source, &self.source_key)
    }
}

/// A source record that was looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundRecord {
    /// The record.
    pub name: NamedRecord,
    /// Its current version.
    pub version: VersionId,
    /// Whether the source has it no longer.
    pub deleted: bool,
}

impl Store {
    /// The record of this key; records of open deliveries are not found.
    pub async fn find_record(&self, source: &str, source_key: &str) -> Result<Option<FoundRecord>> {
        let row: Option<(i64, i64, String, String, bool)> = sqlx::query_as(
            "SELECT r.record_id, r.version_id, s.name, r.source_key, r.deleted
             FROM vinculo.source_record r
             JOIN vinculo.source s USING (source_id)
             JOIN vinculo.delivery d ON d.delivery_id = r.delivery_id AND d.state = 'sealed'
             WHERE s.name = $1 AND r.source_key = $2",
        )
        .bind(source)
        .bind(source_key)
        .fetch_optional(&self.pool)
        .await
        .doing("looking for a record")?;
        Ok(row.map(|(record, version, source, source_key, deleted)| FoundRecord {
            name: NamedRecord { record: RecordId(record), source, source_key },
            version: VersionId(version),
            deleted,
        }))
    }

    /// What these records are known by, in the order asked; records that do not exist are left out.
    pub async fn names(&self, records: &[RecordId]) -> Result<Vec<NamedRecord>> {
        let ids: Vec<i64> = records.iter().map(|record| record.0).collect();
        let rows: Vec<(i64, String, String)> = sqlx::query_as(
            "SELECT r.record_id, s.name, r.source_key FROM unnest($1::bigint[]) WITH ORDINALITY a (record_id, place)
             JOIN vinculo.source_record r USING (record_id) JOIN vinculo.source s USING (source_id)
             ORDER BY a.place",
        )
        .bind(ids)
        .fetch_all(&self.pool)
        .await
        .doing("looking for records")?;
        let named = |(record, source, source_key)| NamedRecord { record: RecordId(record), source, source_key };
        Ok(rows.into_iter().map(named).collect())
    }

    /// The packed normalized record of the current version of each, in the order asked; none where it has none.
    pub async fn normalized(&self, records: &[RecordId]) -> Result<Vec<Option<Vec<u8>>>> {
        let ids: Vec<i64> = records.iter().map(|record| record.0).collect();
        sqlx::query_scalar(
            "SELECT n.data FROM unnest($1::bigint[]) WITH ORDINALITY a (record_id, place)
             LEFT JOIN vinculo.source_record r USING (record_id)
             LEFT JOIN vinculo.normalized_record n USING (version_id)
             ORDER BY a.place",
        )
        .bind(ids)
        .fetch_all(&self.pool)
        .await
        .doing("reading normalized records")
    }
}
