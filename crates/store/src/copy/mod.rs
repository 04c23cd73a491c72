//! Bulk transfer by binary COPY: the fastest way in and out of Postgres for many rows. Few go in by INSERT.

mod decode;
mod encode;
mod few;

pub(crate) use decode::{RowReader, copy_out, read_encoded};
pub use encode::EncodedRows;
pub(crate) use encode::RowEncoder;

use crate::error::{Doing, Result};
use sqlx::PgConnection;

const SIGNATURE: &[u8] = b"PGCOPY\n\xff\r\n\0";
/// Signature, flags, length of the header's extension.
const HEADER_BYTES: usize = SIGNATURE.len() + 8;

/// A table that rows are sent to, and its columns in the order in which they are encoded.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Target {
    pub(crate) table: &'static str,
    pub(crate) columns: &'static str,
}

/// Rows, and where they go.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Load<'a> {
    pub(crate) target: Target,
    pub(crate) rows: &'a [EncodedRows],
}

impl Load<'_> {
    fn count(&self) -> u64 {
        self.rows.iter().map(EncodedRows::count).sum()
    }
}

/// Sends rows into a table; returns how many.
pub(crate) async fn copy_in(
    connection: &mut PgConnection,
    target: Target,
    rows: &[EncodedRows],
    doing: &'static str,
) -> Result<u64> {
    let load = Load { target, rows };
    copy_in_telling(connection, &[load], &|_| (), doing).await?;
    Ok(load.count())
}

/// Sends rows into several tables, few of them in one statement; `sent` hears how many more are on their way.
pub(crate) async fn copy_in_telling(
    connection: &mut PgConnection,
    loads: &[Load<'_>],
    sent: &(dyn Fn(u64) + Send + Sync),
    doing: &'static str,
) -> Result<()> {
    if let Some(inserts) = few::inserts(loads) {
        sent(loads.iter().map(Load::count).sum());
        return few::insert(connection, &inserts, doing).await;
    }
    for load in loads.iter().filter(|load| load.count() > 0) {
        copy_one_in(connection, load, sent, doing).await?;
    }
    Ok(())
}

async fn copy_one_in(
    connection: &mut PgConnection,
    Load { target, rows }: &Load<'_>,
    sent: &(dyn Fn(u64) + Send + Sync),
    doing: &'static str,
) -> Result<()> {
    let statement = format!("COPY {} ({}) FROM STDIN BINARY", target.table, target.columns);
    let mut copy = connection.copy_in_raw(&statement).await.doing(doing)?;
    let mut header = SIGNATURE.to_vec();
    header.extend_from_slice(&[0; 8]);
    copy.send(header).await.doing(doing)?;
    for rows in *rows {
        for chunk in rows.chunks() {
            copy.send(chunk).await.doing(doing)?;
        }
        sent(rows.count());
    }
    copy.send((-1_i16).to_be_bytes().to_vec()).await.doing(doing)?;
    copy.finish().await.doing(doing)?;
    Ok(())
}
