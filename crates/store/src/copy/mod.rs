//! Bulk transfer by binary COPY: the fastest way in and out of Postgres for many rows. Few go in by INSERT.

mod batches;
mod decode;
mod encode;
mod few;

pub(crate) use batches::send_on;
pub use batches::{Batches, Relay, Relayed};
pub(crate) use decode::{RowReader, copy_out, read_encoded};
pub use encode::EncodedRows;
pub(crate) use encode::RowEncoder;

use crate::error::{Doing, Result};
use futures_util::stream::{self, BoxStream, StreamExt, TryStreamExt};
use sqlx::PgConnection;
use std::borrow::Borrow;

const SIGNATURE: &[u8] = b"PGCOPY\n\xff\r\n\0";
/// Signature, flags, length of the header's extension.
const HEADER_BYTES: usize = SIGNATURE.len() + 8;

/// A table that rows are sent to, and its columns in the order in which they are encoded.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Target {
    pub(crate) table: &'static str,
    pub(crate) columns: &'static str,
}

/// Sends rows into a table; returns how many arrived.
pub(crate) async fn copy_in(
    connection: &mut PgConnection,
    target: Target,
    rows: &[EncodedRows],
    doing: &'static str,
) -> Result<u64> {
    copy_in_telling(connection, target, stream::iter(rows.iter().map(Ok)).boxed(), &|_| (), doing).await
}

/// As [`copy_in`], of rows that are made while others are on their way; `sent` hears of how many more that is so.
pub(crate) async fn copy_in_telling<B: Borrow<EncodedRows>>(
    connection: &mut PgConnection,
    target: Target,
    mut rows: BoxStream<'_, Result<B>>,
    sent: &(dyn Fn(u64) + Send + Sync),
    doing: &'static str,
) -> Result<u64> {
    let Some(first) = rows.try_next().await? else { return Ok(0) };
    let mut next = rows.try_next().await?;
    if next.is_none() {
        let only = first.borrow();
        if only.count() == 0 {
            return Ok(0);
        }
        if let Some(values) = few::values_of(std::slice::from_ref(only)) {
            sent(only.count());
            return few::insert(connection, target, values, doing).await;
        }
    }
    let statement = format!("COPY {} ({}) FROM STDIN BINARY", target.table, target.columns);
    let mut copy = connection.copy_in_raw(&statement).await.doing(doing)?;
    let mut header = SIGNATURE.to_vec();
    header.extend_from_slice(&[0; 8]);
    copy.send(header).await.doing(doing)?;
    let mut batch = Some(first);
    while let Some(rows_of_batch) = batch {
        for chunk in rows_of_batch.borrow().chunks() {
            copy.send(chunk).await.doing(doing)?;
        }
        sent(rows_of_batch.borrow().count());
        batch = match next.take() {
            Some(second) => Some(second),
            None => rows.try_next().await?,
        };
    }
    copy.send((-1_i16).to_be_bytes().to_vec()).await.doing(doing)?;
    copy.finish().await.doing(doing)
}
