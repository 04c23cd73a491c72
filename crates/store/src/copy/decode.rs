//! Rows of Postgres's binary COPY format, read in place.

use super::{EncodedRows, HEADER_BYTES, SIGNATURE};
use crate::error::{Doing, Result, StoreError};
use futures_util::TryStreamExt;
use sqlx::PgConnection;

/// Reads the rows of a `COPY (SELECT …) TO STDOUT BINARY`; returns how many there were.
///
/// The statement cannot take parameters: only numbers may ever be written into it.
pub(crate) async fn copy_out(
    connection: &mut PgConnection,
    statement: &str,
    doing: &'static str,
    mut on_row: impl FnMut(&mut RowReader<'_>) -> Option<()> + Send,
) -> Result<u64> {
    let mut stream = connection.copy_out_raw(statement).await.doing(doing)?;
    let mut splitter = Splitter::default();
    // A stream that is left early poisons its session, so it is read to its end even when a row was damaged.
    let mut understood = true;
    while let Some(bytes) = stream.try_next().await.doing(doing)? {
        understood = understood && splitter.feed(&bytes, &mut on_row).is_some();
    }
    if understood && splitter.is_complete() { Ok(splitter.rows) } else { Err(StoreError::Unexpected { doing }) }
}

/// Reads rows that were encoded to be sent; `None` where one is not what was expected.
pub(crate) fn read_encoded(rows: &EncodedRows, mut on_row: impl FnMut(&mut RowReader<'_>) -> Option<()>) -> Option<()> {
    let mut splitter = Splitter { header_seen: true, ..Splitter::default() };
    rows.chunks().try_for_each(|chunk| splitter.feed(chunk, &mut on_row))
}

/// Cuts a stream of bytes into rows, wherever its messages end.
#[derive(Debug, Default)]
struct Splitter {
    pending: Vec<u8>,
    header_seen: bool,
    trailer_seen: bool,
    rows: u64,
}

impl Splitter {
    fn is_complete(&self) -> bool {
        self.trailer_seen && self.pending.is_empty()
    }

    fn feed(&mut self, bytes: &[u8], on_row: &mut impl FnMut(&mut RowReader<'_>) -> Option<()>) -> Option<()> {
        if self.pending.is_empty() {
            let used = self.consume(bytes, on_row)?;
            self.pending.extend_from_slice(&bytes[used..]);
        } else {
            let mut pending = std::mem::take(&mut self.pending);
            pending.extend_from_slice(bytes);
            let used = self.consume(&pending, on_row)?;
            pending.drain(..used);
            self.pending = pending;
        }
        Some(())
    }

    /// Hands over all whole rows; returns how many bytes they took.
    fn consume(&mut self, bytes: &[u8], on_row: &mut impl FnMut(&mut RowReader<'_>) -> Option<()>) -> Option<usize> {
        let mut used = 0;
        if !self.header_seen {
            if bytes.len() < HEADER_BYTES {
                return Some(0);
            }
            if !bytes.starts_with(SIGNATURE) || bytes[SIGNATURE.len()..HEADER_BYTES] != [0; 8] {
                return None;
            }
            self.header_seen = true;
            used = HEADER_BYTES;
        }
        while let Some(columns) = bytes.get(used..used + 2) {
            let columns = i16::from_be_bytes(columns.try_into().ok()?);
            if columns == -1 {
                self.trailer_seen = true;
                used += 2;
                continue;
            }
            let Some(length) = row_length(&bytes[used + 2..], columns) else {
                break;
            };
            on_row(&mut RowReader { rest: &bytes[used + 2..used + 2 + length] })?;
            self.rows += 1;
            used += 2 + length;
        }
        Some(used)
    }
}

/// The length of a row's fields, or `None` when the row is not whole yet.
fn row_length(bytes: &[u8], columns: i16) -> Option<usize> {
    let mut at = 0;
    for _ in 0..columns {
        let length = i32::from_be_bytes(bytes.get(at..at + 4)?.try_into().ok()?);
        at += 4 + usize::try_from(length).unwrap_or(0);
    }
    (at <= bytes.len()).then_some(at)
}

/// One row, read field by field; `None` where a field is not what was expected.
#[derive(Debug, Clone)]
pub(crate) struct RowReader<'a> {
    rest: &'a [u8],
}

impl<'a> RowReader<'a> {
    fn fixed<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.bytes()?.try_into().ok()
    }

    pub(crate) fn bytes(&mut self) -> Option<&'a [u8]> {
        let (length, rest) = self.rest.split_at_checked(4)?;
        let length = usize::try_from(i32::from_be_bytes(length.try_into().ok()?)).ok()?;
        let (field, rest) = rest.split_at_checked(length)?;
        self.rest = rest;
        Some(field)
    }

    /// A field that may be null.
    pub(crate) fn optional_bytes(&mut self) -> Option<Option<&'a [u8]>> {
        match self.rest.strip_prefix(&(-1_i32).to_be_bytes()) {
            Some(rest) => {
                self.rest = rest;
                Some(None)
            }
            None => self.bytes().map(Some),
        }
    }

    /// All fields that have not been read: each as its length in four bytes, -1 for null, and its bytes.
    pub(crate) fn rest(&self) -> &'a [u8] {
        self.rest
    }

    pub(crate) fn text(&mut self) -> Option<&'a str> {
        std::str::from_utf8(self.bytes()?).ok()
    }

    pub(crate) fn int2(&mut self) -> Option<i16> {
        self.fixed().map(i16::from_be_bytes)
    }

    pub(crate) fn int4(&mut self) -> Option<i32> {
        self.fixed().map(i32::from_be_bytes)
    }

    pub(crate) fn int8(&mut self) -> Option<i64> {
        self.fixed().map(i64::from_be_bytes)
    }

    pub(crate) fn uuid(&mut self) -> Option<u128> {
        self.fixed().map(u128::from_be_bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::super::RowEncoder;
    use super::*;
    use proptest::prelude::*;

    fn stream(rows: &[(i64, String)]) -> Vec<u8> {
        let mut encoder = RowEncoder::new(2);
        for (number, text) in rows {
            encoder.row().int8(*number).text(text);
        }
        let mut bytes = SIGNATURE.to_vec();
        bytes.extend_from_slice(&[0; 8]);
        for chunk in encoder.finish("testing").unwrap().chunks() {
            bytes.extend_from_slice(chunk);
        }
        bytes.extend_from_slice(&[255, 255]);
        bytes
    }

    proptest! {
        #[test]
        fn rows_read_back_wherever_the_stream_is_cut(
            rows in prop::collection::vec((any::<i64>(), "[a-zé]{0,12}"), 0..8),
            size in 1_usize..40,
        ) {
            let mut splitter = Splitter::default();
            let mut read = Vec::new();
            for piece in stream(&rows).chunks(size) {
                splitter
                    .feed(piece, &mut |row| {
                        read.push((row.int8()?, row.text()?.to_owned()));
                        Some(())
                    })
                    .unwrap();
            }
            prop_assert!(splitter.is_complete());
            prop_assert_eq!(read, rows);
        }
    }

    #[test]
    fn a_stream_without_its_signature_is_not_understood() {
        let mut splitter = Splitter::default();
        assert!(splitter.feed(&[1; 40], &mut |_| Some(())).is_none());
    }

    #[test]
    fn a_stream_without_its_end_is_not_complete() {
        let bytes = stream(&[(1, "a".into())]);
        let mut splitter = Splitter::default();
        splitter.feed(&bytes[..bytes.len() - 2], &mut |_| Some(())).unwrap();
        assert_eq!(splitter.rows, 1);
        assert!(!splitter.is_complete());
    }
}
