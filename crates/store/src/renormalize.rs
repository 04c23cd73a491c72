//! Makes anew what was read from delivered rows, when the mapping or the normalizer changed.

use crate::connection::{Store, commit};
use crate::copy::{RowEncoder, Target, copy_in};
use crate::error::{Doing, Result, StoreError};
use crate::landing::NORMALIZED_RECORDS;
use crate::raw_record::{RawCursor, RawRecord, Statement};
use crate::source::{Followed, set_followed};
use sqlx::PgConnection;
use vinculo_records::SourceId;

const RESTATED_VERSIONS: Target =
    Target { table: "restated_version", columns: "version_id, updated_at, deleted, content_hash" };
const RESTATED_RECORDS: Target = Target { table: "restated_record", columns: "record_id, version_id" };

/// A record, read again from what was delivered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reread {
    /// What each of its versions says, in their order.
    pub statements: Vec<Statement>,
    /// Place of the version that is the current one.
    pub current: usize,
    /// The packed normalized record of the current version; none where that says that the record is gone.
    pub normalized: Option<Vec<u8>>,
}

impl Store {
    /// Reads all records of a source again; what they say now, and what they follow, come in one transaction.
    ///
    /// The caller is handed raw records, some ten thousand versions at a time, and gives back what each says, in the same
    /// order; its own error ends the transaction, and everything stays as it was. Returns how many records count.
    pub async fn renormalize<E: From<StoreError>>(
        &self,
        source: SourceId,
        followed: &Followed,
        mut read: impl FnMut(&[RawRecord]) -> std::result::Result<Vec<Reread>, E> + Send,
    ) -> std::result::Result<u64, E> {
        let doing = "normalizing anew";
        let mut transaction = self.begin(doing).await?;
        let mut cursor = RawCursor::open(&mut transaction, source, 1).await?;
        remove_normalized(&mut transaction, source).await?;
        let mut restated = Restated::begin(&mut transaction).await?;
        let mut count = 0;
        loop {
            let batch = cursor.next(&mut transaction).await?;
            if batch.is_empty() {
                break;
            }
            let reread = read(&batch)?;
            if reread.len() != batch.len() {
                let what = "as many records read again as raw ones are needed";
                return Err(StoreError::Inconsistent { what: what.into() }.into());
            }
            let mut rows = RowEncoder::new(2);
            for (raw, reread) in batch.iter().zip(&reread) {
                let current = restated.note(raw, reread)?;
                if let Some(packed) = &reread.normalized {
                    rows.row().int8(current).bytes(packed);
                }
            }
            count += copy_in(&mut transaction, NORMALIZED_RECORDS, &[rows.finish(doing)?], doing).await?;
            restated.send(&mut transaction).await?;
        }
        Restated::apply(&mut transaction).await?;
        set_followed(&mut transaction, source, followed).await?;
        commit(transaction, doing).await?;
        Ok(count)
    }
}

async fn remove_normalized(connection: &mut PgConnection, source: SourceId) -> Result<()> {
    sqlx::query(
        "DELETE FROM vinculo.normalized_record n USING vinculo.source_record r
         JOIN vinculo.delivery d ON d.delivery_id = r.delivery_id AND d.state = 'sealed'
         WHERE r.version_id = n.version_id AND r.source_id = $1",
    )
    .bind(source.0)
    .execute(connection)
    .await
    .doing("removing normalized records")?;
    Ok(())
}

/// What is said otherwise than before: by versions, and by records through their current version.
struct Restated {
    versions: RowEncoder,
    records: RowEncoder,
}

impl Restated {
    async fn begin(connection: &mut PgConnection) -> Result<Self> {
        sqlx::raw_sql(
            "CREATE TEMPORARY TABLE restated_version (
                 version_id bigint, updated_at timestamptz, deleted boolean, content_hash uuid
             ) ON COMMIT DROP;
             CREATE TEMPORARY TABLE restated_record (record_id bigint, version_id bigint) ON COMMIT DROP",
        )
        .execute(connection)
        .await
        .doing("normalizing anew")?;
        Ok(Self { versions: RowEncoder::new(4), records: RowEncoder::new(2) })
    }

    /// Notes what is other; gives the current version.
    fn note(&mut self, raw: &RawRecord, reread: &Reread) -> Result<i64> {
        let current = raw.versions.get(reread.current).filter(|_| reread.statements.len() == raw.versions.len());
        let current =
            current.ok_or(StoreError::Inconsistent { what: "a record has other versions than were read".into() })?.id;
        let mut is_other = current != raw.current;
        for (version, statement) in raw.versions.iter().zip(&reread.statements) {
            if version.statement != *statement {
                is_other |= version.id == current;
                self.versions
                    .row()
                    .int8(version.id.0)
                    .timestamp(statement.updated_at)
                    .boolean(statement.deleted)
                    .uuid(statement.content_hash.0);
            }
        }
        if is_other {
            self.records.row().int8(raw.record.0).int8(current.0);
        }
        Ok(current.0)
    }

    async fn send(&mut self, connection: &mut PgConnection) -> Result<()> {
        let doing = "normalizing anew";
        let versions = std::mem::replace(&mut self.versions, RowEncoder::new(4)).finish(doing)?;
        let records = std::mem::replace(&mut self.records, RowEncoder::new(2)).finish(doing)?;
        copy_in(connection, RESTATED_VERSIONS, &[versions], doing).await?;
        copy_in(connection, RESTATED_RECORDS, &[records], doing).await?;
        Ok(())
    }

    /// What was said before is kept: the audit chain covers what each version was read as when it landed.
    async fn apply(connection: &mut PgConnection) -> Result<()> {
        sqlx::raw_sql(
            "ANALYZE restated_version, restated_record;
             WITH restated AS (
                 SELECT count(*) AS versions FROM restated_version
             ), taken AS (
                 UPDATE vinculo.counter SET next_restatement_id = next_restatement_id + versions FROM restated
                 RETURNING next_restatement_id - versions AS first
             )
             INSERT INTO vinculo.restatement (restatement_id, version_id, updated_at, deleted, content_hash)
             SELECT first + row_number() OVER (ORDER BY version_id) - 1, version_id, v.updated_at, v.deleted, v.content_hash
             FROM taken, restated_version JOIN vinculo.source_record_version v USING (version_id);
             UPDATE vinculo.source_record_version v
             SET updated_at = n.updated_at, deleted = n.deleted, content_hash = n.content_hash
             FROM restated_version n WHERE v.version_id = n.version_id;
             UPDATE vinculo.source_record r
             SET version_id = v.version_id, delivery_id = v.delivery_id, deleted = v.deleted, content_hash = v.content_hash
             FROM restated_record n JOIN vinculo.source_record_version v USING (version_id)
             WHERE r.record_id = n.record_id",
        )
        .execute(connection)
        .await
        .doing("moving to current versions")?;
        Ok(())
    }
}
