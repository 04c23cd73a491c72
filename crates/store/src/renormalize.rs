//! Makes normalized records anew from what was delivered, when the mapping or the normalizer changed.

use crate::connection::{Store, commit};
use crate::copy::{RowEncoder, copy_in};
use crate::error::{Doing, Result, StoreError};
use crate::raw_record::{RawCursor, RawRecord};
use crate::source::to_uuid;
use sqlx::PgConnection;
use vinculo_records::{ContentHash, SourceId};

impl Store {
    /// Normalizes all current records of a source anew; the new records and their fingerprint come in one transaction.
    ///
    /// The caller is handed some ten thousand raw records at a time and gives back the packed normalized record of each,
    /// in the same order; its own error ends the transaction, and everything stays as it was. Returns how many records.
    pub async fn renormalize<E: From<StoreError>>(
        &self,
        source: SourceId,
        fingerprint: ContentHash,
        mut normalize: impl FnMut(&[RawRecord]) -> std::result::Result<Vec<Vec<u8>>, E> + Send,
    ) -> std::result::Result<u64, E> {
        let doing = "normalizing anew";
        let mut transaction = self.begin(doing).await?;
        let cursor = RawCursor::open(&mut transaction, source).await?;
        remove_normalized(&mut transaction, source).await?;
        let mut count = 0;
        loop {
            let batch = cursor.next(&mut transaction).await?;
            if batch.is_empty() {
                break;
            }
            let normalized = normalize(&batch)?;
            if normalized.len() != batch.len() {
                let what = "as many normalized records as raw ones are needed";
                return Err(StoreError::Inconsistent { what }.into());
            }
            let mut rows = RowEncoder::new(2);
            for (raw, packed) in batch.iter().zip(&normalized) {
                rows.row().int8(raw.version.0).bytes(packed);
            }
            let statement = "COPY vinculo.normalized_record (version_id, data) FROM STDIN BINARY";
            count += copy_in(&mut transaction, statement, &[rows.finish(doing)?], doing).await?;
        }
        sqlx::query("UPDATE vinculo.source SET fingerprint = $2 WHERE source_id = $1")
            .bind(source.0)
            .bind(to_uuid(fingerprint))
            .execute(&mut *transaction)
            .await
            .doing(doing)?;
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
