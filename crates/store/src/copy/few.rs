//! Few rows, as the parameters of one INSERT.
//!
//! A COPY sends its data and its end apart. Over TCP small packets are gathered, and the end waits until the server has
//! acknowledged the data, which it puts off for 40 ms: several times as long as a record that comes alone should take.

use super::{EncodedRows, Target};
use crate::error::{Doing, Result};
use sqlx::encode::IsNull;
use sqlx::error::BoxDynError;
use sqlx::postgres::types::Oid;
use sqlx::postgres::{PgArgumentBuffer, PgTypeInfo};
use sqlx::{AssertSqlSafe, Encode, PgConnection, Postgres, Type};
use std::fmt::Write;

/// From so many values on a COPY is cheaper. A statement takes 65,535.
const VALUES_MAX: usize = 1_000;

/// The values of these rows, one row after the other; none when they are too many for one statement.
pub(super) fn values_of(rows: &[EncodedRows]) -> Option<Vec<Value<'_>>> {
    let mut values = Vec::new();
    for mut chunk in rows.iter().flat_map(EncodedRows::chunks) {
        while let Some((columns, fields)) = chunk.split_first_chunk() {
            chunk = fields;
            for _ in 0..i16::from_be_bytes(*columns) {
                let (length, rest) = chunk.split_first_chunk()?;
                let (value, rest) = match usize::try_from(i32::from_be_bytes(*length)) {
                    Ok(length) => rest.split_at_checked(length).map(|(value, rest)| (Some(value), rest))?,
                    Err(_) => (None, rest),
                };
                values.push(Value(value));
                chunk = rest;
            }
            if values.len() > VALUES_MAX {
                return None;
            }
        }
    }
    Some(values)
}

/// Inserts the values of these rows; returns how many rows that were.
pub(super) async fn insert(
    connection: &mut PgConnection,
    target: Target,
    values: Vec<Value<'_>>,
    doing: &'static str,
) -> Result<u64> {
    let statement = statement(target, values.len());
    let query = values.into_iter().fold(sqlx::query(AssertSqlSafe(statement)), |query, value| query.bind(value));
    Ok(query.execute(connection).await.doing(doing)?.rows_affected())
}

fn statement(target: Target, values: usize) -> String {
    let columns = target.columns.split(',').count();
    let mut statement = format!("INSERT INTO {} ({}) VALUES ", target.table, target.columns);
    for value in 0..values {
        let before = match value {
            0 => "(",
            _ if value % columns == 0 => "), (",
            _ => ", ",
        };
        let _ = write!(statement, "{before}${}", value + 1);
    }
    statement + ")"
}

/// A value as a binary COPY has it, which is how a parameter is sent too. Its type is that of the column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Value<'a>(Option<&'a [u8]>);

impl Type<Postgres> for Value<'_> {
    fn type_info() -> PgTypeInfo {
        // No type: the server takes the column's.
        PgTypeInfo::with_oid(Oid(0))
    }
}

impl Encode<'_, Postgres> for Value<'_> {
    fn encode_by_ref(&self, buffer: &mut PgArgumentBuffer) -> std::result::Result<IsNull, BoxDynError> {
        let Some(bytes) = self.0 else { return Ok(IsNull::Yes) };
        buffer.extend_from_slice(bytes);
        Ok(IsNull::No)
    }
}

#[cfg(test)]
mod tests {
    use super::super::RowEncoder;
    use super::*;

    const TARGET: Target = Target { table: "t", columns: "a, b" };

    #[test]
    fn each_row_is_a_list_of_numbered_parameters() {
        assert_eq!(statement(TARGET, 2), "INSERT INTO t (a, b) VALUES ($1, $2)");
        assert_eq!(statement(TARGET, 4), "INSERT INTO t (a, b) VALUES ($1, $2), ($3, $4)");
    }

    #[test]
    fn values_are_those_that_were_encoded() {
        let mut encoder = RowEncoder::new(2);
        encoder.row().int2(7).null().row().text("").text("ab");
        let rows = [EncodedRows::default(), encoder.finish("testing").unwrap()];
        let values = [Some([0, 7].as_slice()), None, Some(&[]), Some(b"ab")].map(Value);
        assert_eq!(values_of(&rows).unwrap(), values);
    }

    #[test]
    fn many_values_are_not_sent_as_parameters() {
        let mut encoder = RowEncoder::new(2);
        for _ in 0..=VALUES_MAX / 2 {
            encoder.row().int2(1).int2(2);
        }
        assert!(values_of(&[encoder.finish("testing").unwrap()]).is_none());
    }
}
