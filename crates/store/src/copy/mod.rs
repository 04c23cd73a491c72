//! Bulk transfer by binary COPY: the fastest way in and out of Postgres for many rows. Few go in by INSERT.

mod batches;
mod decode;
mod encode;
mod few;

use batches::send_on;
pub use batches::{Batches, Relay, Relayed};
pub(crate) use decode::{RowReader, copy_out, read_encoded};
pub use encode::EncodedRows;
pub(crate) use encode::RowEncoder;

use crate::error::{Doing, Result};
use futures_util::stream::{self, BoxStream, StreamExt, TryStreamExt};
use sqlx::PgConnection;
use std::borrow::Borrow;
use std::sync::Arc;

const SIGNATURE: &[u8] = b"PGCOPY\n\xff\r\n\0";
/// Signature, flags, length of the header's extension.
const HEADER_BYTES: usize = SIGNATURE.len() + 8;

/// A table that rows are sent to, and its columns in the order in which they are encoded.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Target {
    pub(crate) table: &'static str,
    pub(crate) columns: &'static str,
}

/// Rows, batch by batch, and where they go. A batch is made when those before it are on their way.
pub(crate) struct Load<'a> {
    target: Target,
    rows: BoxStream<'a, Result<Arc<EncodedRows>>>,
}

impl<'a> Load<'a> {
    /// Rows that are encoded batch by batch.
    pub(crate) fn encoded(target: Target, batches: impl Iterator<Item = Result<EncodedRows>> + Send + 'a) -> Self {
        Self { target, rows: stream::iter(batches.map(|batch| batch.map(Arc::new))).boxed() }
    }

    /// Rows that somebody makes, and others may follow.
    pub(crate) fn batches(target: Target, rows: &'a dyn Batches) -> Self {
        let numbers = stream::iter(0..rows.batches());
        Self { target, rows: numbers.then(move |number| send_on(rows, number)).boxed() }
    }
}

/// Sends rows into a table; returns how many.
pub(crate) async fn copy_in(
    connection: &mut PgConnection,
    target: Target,
    rows: &[EncodedRows],
    doing: &'static str,
) -> Result<u64> {
    if let Some(inserts) = few::inserts(&[(target, rows)]) {
        few::insert(connection, &inserts, doing).await?;
    } else {
        copy(connection, target, stream::iter(rows.iter().map(Ok)).boxed(), &|_| (), doing).await?;
    }
    Ok(rows.iter().map(EncodedRows::count).sum())
}

/// Sends rows into several tables; where they `are_few`, in one statement. `sent` hears how many more are on their way.
pub(crate) async fn copy_in_telling(
    connection: &mut PgConnection,
    loads: impl IntoIterator<Item = Load<'_>>,
    are_few: bool,
    sent: &(dyn Fn(u64) + Send + Sync),
    doing: &'static str,
) -> Result<()> {
    let mut gathered = Vec::new();
    for Load { target, rows } in loads {
        if are_few {
            gathered.push((target, rows.try_collect::<Vec<_>>().await?));
        } else {
            copy(connection, target, rows, sent, doing).await?;
        }
    }
    let few: Vec<(Target, &[Arc<EncodedRows>])> = gathered.iter().map(|(target, rows)| (*target, &rows[..])).collect();
    if let Some(inserts) = few::inserts(&few) {
        sent(few.iter().flat_map(|(_, rows)| *rows).map(|rows| rows.count()).sum());
        return few::insert(connection, &inserts, doing).await;
    }
    for (target, rows) in few {
        copy(connection, target, stream::iter(rows.iter().map(|rows| Ok(&**rows))).boxed(), sent, doing).await?;
    }
    Ok(())
}

/// Sends rows into a table by COPY, if there are any.
async fn copy<B: Borrow<EncodedRows>>(
    connection: &mut PgConnection,
    target: Target,
    mut rows: BoxStream<'_, Result<B>>,
    sent: &(dyn Fn(u64) + Send + Sync),
    doing: &'static str,
) -> Result<()> {
    let Some(mut batch) = rows.try_next().await? else { return Ok(()) };
    let statement = format!("COPY {} ({}) FROM STDIN BINARY", target.table, target.columns);
    let mut copy = connection.copy_in_raw(&statement).await.doing(doing)?;
    let mut header = SIGNATURE.to_vec();
    header.extend_from_slice(&[0; 8]);
    copy.send(header).await.doing(doing)?;
    loop {
        for chunk in batch.borrow().chunks() {
            copy.send(chunk).await.doing(doing)?;
        }
        sent(batch.borrow().count());
        let Some(next) = rows.try_next().await? else { break };
        batch = next;
    }
    copy.send((-1_i16).to_be_bytes().to_vec()).await.doing(doing)?;
    copy.finish().await.doing(doing)?;
    Ok(())
}
