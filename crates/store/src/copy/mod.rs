//! Bulk transfer by binary COPY: the fastest way in and out of Postgres.

mod decode;
mod encode;

pub(crate) use decode::{RowReader, copy_out};
pub use encode::EncodedRows;
pub(crate) use encode::RowEncoder;

use crate::error::{Doing, Result};
use sqlx::PgConnection;

const SIGNATURE: &[u8] = b"PGCOPY\n\xff\r\n\0";
/// Signature, flags, length of the header's extension.
const HEADER_BYTES: usize = SIGNATURE.len() + 8;

/// Sends rows into the table of a `COPY … FROM STDIN BINARY`; returns how many arrived.
pub(crate) async fn copy_in(
    connection: &mut PgConnection,
    statement: &'static str,
    rows: &[EncodedRows],
    doing: &'static str,
) -> Result<u64> {
    copy_in_telling(connection, statement, rows, &|_| (), doing).await
}

/// As [`copy_in`]; `sent` hears how many more rows are on their way.
pub(crate) async fn copy_in_telling(
    connection: &mut PgConnection,
    statement: &'static str,
    rows: &[EncodedRows],
    sent: &(dyn Fn(u64) + Send + Sync),
    doing: &'static str,
) -> Result<u64> {
    if rows.iter().all(|rows| rows.count() == 0) {
        return Ok(0);
    }
    let mut copy = connection.copy_in_raw(statement).await.doing(doing)?;
    let mut header = SIGNATURE.to_vec();
    header.extend_from_slice(&[0; 8]);
    copy.send(header).await.doing(doing)?;
    for rows in rows {
        for chunk in rows.chunks() {
            copy.send(chunk).await.doing(doing)?;
        }
        sent(rows.count());
    }
    copy.send((-1_i16).to_be_bytes().to_vec()).await.doing(doing)?;
    copy.finish().await.doing(doing)
}
