//! Rows in Postgres's binary COPY format, in chunks that are sent as they are.

use crate::error::{Result, StoreError};

/// Chunks of this size cost the least; a row is never cut.
const CHUNK_BYTES: usize = 512 * 1024;
/// From 1970-01-01 to 2000-01-01, where Postgres counts from.
const DAYS_TO_2000: i32 = 10_957;
const MICROS_TO_2000: i64 = DAYS_TO_2000 as i64 * 86_400_000_000;
/// The first and the last instant that a `timestamptz` can hold, in microseconds since 2000.
const TIMESTAMP_MIN: i64 = -211_813_488_000_000_000;
const TIMESTAMP_MAX: i64 = 9_223_371_331_199_999_999;

const OID_INT2: i32 = 21;
const OID_INT8: i32 = 20;
const OID_TEXT: i32 = 25;

/// Microseconds since 1970 as Postgres counts them; instants that it cannot hold become the nearest that it can.
fn to_postgres_micros(micros: i64) -> i64 {
    micros.saturating_sub(MICROS_TO_2000).clamp(TIMESTAMP_MIN, TIMESTAMP_MAX)
}

/// Encoded rows of one table.
#[derive(Debug, Default)]
pub struct EncodedRows {
    chunks: Vec<Vec<u8>>,
    count: u64,
}

impl EncodedRows {
    /// How many rows.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// Adds further rows of the same table.
    pub fn append(&mut self, mut further: Self) {
        self.chunks.append(&mut further.chunks);
        self.count += further.count;
    }

    pub(crate) fn chunks(&self) -> impl Iterator<Item = &[u8]> {
        self.chunks.iter().map(Vec::as_slice)
    }
}

/// Encodes rows, column by column in the order of the COPY statement.
#[derive(Debug)]
pub(crate) struct RowEncoder {
    columns: i16,
    chunk: Vec<u8>,
    rows: EncodedRows,
    holds_nul: bool,
}

impl RowEncoder {
    /// An encoder for a table of which so many columns are sent.
    pub(crate) fn new(columns: i16) -> Self {
        Self { columns, chunk: Vec::new(), rows: EncodedRows::default(), holds_nul: false }
    }

    /// The encoded rows; an error when any text held NUL.
    pub(crate) fn finish(mut self, doing: &'static str) -> Result<EncodedRows> {
        if self.holds_nul {
            return Err(StoreError::Nul { doing });
        }
        self.rows.chunks.push(self.chunk);
        Ok(self.rows)
    }

    /// Begins the next row.
    pub(crate) fn row(&mut self) -> &mut Self {
        if self.chunk.len() >= CHUNK_BYTES {
            let full = std::mem::replace(&mut self.chunk, Vec::with_capacity(CHUNK_BYTES + CHUNK_BYTES / 8));
            self.rows.chunks.push(full);
        }
        self.rows.count += 1;
        self.put(&self.columns.to_be_bytes())
    }

    pub(crate) fn null(&mut self) -> &mut Self {
        self.put(&(-1_i32).to_be_bytes())
    }

    pub(crate) fn boolean(&mut self, value: bool) -> &mut Self {
        self.field(&[u8::from(value)])
    }

    pub(crate) fn int2(&mut self, value: i16) -> &mut Self {
        self.field(&value.to_be_bytes())
    }

    pub(crate) fn int4(&mut self, value: i32) -> &mut Self {
        self.field(&value.to_be_bytes())
    }

    pub(crate) fn int8(&mut self, value: i64) -> &mut Self {
        self.field(&value.to_be_bytes())
    }

    pub(crate) fn uuid(&mut self, value: u128) -> &mut Self {
        self.field(&value.to_be_bytes())
    }

    pub(crate) fn bytes(&mut self, value: &[u8]) -> &mut Self {
        self.field(value)
    }

    pub(crate) fn text(&mut self, value: &str) -> &mut Self {
        self.holds_nul |= value.as_bytes().contains(&0);
        self.field(value.as_bytes())
    }

    pub(crate) fn optional_text(&mut self, value: Option<&str>) -> &mut Self {
        match value {
            Some(text) => self.text(text),
            None => self.null(),
        }
    }

    /// An instant, in microseconds since 1970.
    pub(crate) fn timestamp(&mut self, micros: Option<i64>) -> &mut Self {
        match micros {
            Some(micros) => self.int8(to_postgres_micros(micros)),
            None => self.null(),
        }
    }

    /// A day, in days since 1970.
    pub(crate) fn date(&mut self, days: i32) -> &mut Self {
        self.int4(days.saturating_sub(DAYS_TO_2000))
    }

    pub(crate) fn jsonb(&mut self, value: &serde_json::Value) -> &mut Self {
        // Postgres refuses NUL in jsonb; serde_json writes it as an escape.
        let text = value.to_string();
        self.holds_nul |= text.contains("\\u0000");
        self.length_of(|encoder| {
            encoder.put(&[1]).put(text.as_bytes());
        })
    }

    pub(crate) fn text_array<'a>(&mut self, values: impl ExactSizeIterator<Item = &'a str>) -> &mut Self {
        let count = values.len();
        self.array(OID_TEXT, count, |encoder| {
            for value in values {
                encoder.text(value);
            }
        })
    }

    pub(crate) fn int8_array(&mut self, values: impl ExactSizeIterator<Item = i64>) -> &mut Self {
        let count = values.len();
        self.array(OID_INT8, count, |encoder| {
            for value in values {
                encoder.int8(value);
            }
        })
    }

    pub(crate) fn int2_array(&mut self, values: &[i16]) -> &mut Self {
        self.array(OID_INT2, values.len(), |encoder| {
            for value in values {
                encoder.int2(*value);
            }
        })
    }

    /// One dimension, no nulls, from 1; an empty array has no dimension at all.
    fn array(&mut self, oid: i32, count: usize, elements: impl FnOnce(&mut Self)) -> &mut Self {
        self.length_of(|encoder| {
            encoder.put(&i32::from(count > 0).to_be_bytes()).put(&0_i32.to_be_bytes()).put(&oid.to_be_bytes());
            if count > 0 {
                encoder.put(&(count as i32).to_be_bytes()).put(&1_i32.to_be_bytes());
                elements(encoder);
            }
        })
    }

    /// Writes a field of which the length is known only afterwards.
    fn length_of(&mut self, write: impl FnOnce(&mut Self)) -> &mut Self {
        let start = self.chunk.len();
        self.put(&[0; 4]);
        write(self);
        let length = (self.chunk.len() - start - 4) as i32;
        self.chunk[start..start + 4].copy_from_slice(&length.to_be_bytes());
        self
    }

    fn field(&mut self, value: &[u8]) -> &mut Self {
        self.put(&(value.len() as i32).to_be_bytes()).put(value)
    }

    fn put(&mut self, bytes: &[u8]) -> &mut Self {
        self.chunk.extend_from_slice(bytes);
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_begins_with_its_column_count_and_each_field_with_its_length() {
        let mut encoder = RowEncoder::new(3);
        encoder.row().int2(7).text("ab").null();
        let rows = encoder.finish("testing").unwrap();
        let bytes: Vec<u8> = rows.chunks().flatten().copied().collect();
        assert_eq!(bytes, [0, 3, 0, 0, 0, 2, 0, 7, 0, 0, 0, 2, b'a', b'b', 255, 255, 255, 255]);
        assert_eq!(rows.count(), 1);
    }

    #[test]
    fn an_empty_array_has_no_dimension() {
        let mut encoder = RowEncoder::new(1);
        encoder.row().int2_array(&[]);
        let rows = encoder.finish("testing").unwrap();
        let bytes: Vec<u8> = rows.chunks().flatten().copied().collect();
        assert_eq!(bytes, [0, 1, 0, 0, 0, 12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 21]);
    }

    #[test]
    fn a_chunk_holds_whole_rows_only() {
        let long = "x".repeat(200_000);
        let mut encoder = RowEncoder::new(1);
        for _ in 0..10 {
            encoder.row().text(&long);
        }
        let rows = encoder.finish("testing").unwrap();
        assert!(rows.chunks().count() > 1);
        assert!(rows.chunks().all(|chunk| chunk.len() % (200_000 + 6) == 0));
    }

    #[test]
    fn nul_never_leaves_the_program() {
        let mut encoder = RowEncoder::new(1);
        encoder.row().text("a\0b");
        assert!(matches!(encoder.finish("testing"), Err(StoreError::Nul { .. })));
        let mut encoder = RowEncoder::new(1);
        encoder.row().jsonb(&serde_json::json!({"a": "\0"}));
        assert!(matches!(encoder.finish("testing"), Err(StoreError::Nul { .. })));
    }

    #[test]
    fn an_instant_that_postgres_cannot_hold_becomes_the_nearest_one() {
        assert_eq!(to_postgres_micros(i64::MIN), TIMESTAMP_MIN);
        assert_eq!(to_postgres_micros(i64::MAX - 1), TIMESTAMP_MAX.min(i64::MAX - 1 - MICROS_TO_2000));
        assert_eq!(to_postgres_micros(MICROS_TO_2000), 0);
    }
}
