//! Few rows, as the parameters of one statement.
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
use std::borrow::Borrow;
use std::fmt::Write;
use std::ops::Range;

/// From so many values on a COPY is cheaper. A statement takes 65,535.
const VALUES_MAX: usize = 1_000;

/// A table, and the values of the rows that it gets, one row after the other.
pub(super) type Insert<'a> = (Target, Vec<Value<'a>>);

/// The rows of several tables as inserts, one for each table that gets any; none when the values are too many for one
/// statement.
pub(super) fn inserts<'a, B: Borrow<EncodedRows>>(loads: &[(Target, &'a [B])]) -> Option<Vec<Insert<'a>>> {
    let mut room = VALUES_MAX;
    let mut inserts = Vec::with_capacity(loads.len());
    for (target, rows) in loads {
        let values = values_of(rows, room)?;
        room -= values.len();
        if !values.is_empty() {
            inserts.push((*target, values));
        }
    }
    Some(inserts)
}

/// The values of these rows; none when they are more than this.
fn values_of<B: Borrow<EncodedRows>>(rows: &[B], most: usize) -> Option<Vec<Value<'_>>> {
    let mut values = Vec::new();
    for mut chunk in rows.iter().flat_map(|rows| rows.borrow().chunks()) {
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
            if values.len() > most {
                return None;
            }
        }
    }
    Some(values)
}

/// Inserts all rows by one statement, if there are any.
pub(super) async fn insert(connection: &mut PgConnection, inserts: &[Insert<'_>], doing: &'static str) -> Result<()> {
    let sizes: Vec<(Target, usize)> = inserts.iter().map(|(target, values)| (*target, values.len())).collect();
    let Some(statement) = statement(&sizes) else { return Ok(()) };
    let values = inserts.iter().flat_map(|(_, values)| values);
    let query = values.fold(sqlx::query(AssertSqlSafe(statement)), |query, value| query.bind(*value));
    query.execute(connection).await.doing(doing)?;
    Ok(())
}

/// The statement that inserts so many values into each of the tables; none for no table.
fn statement(inserts: &[(Target, usize)]) -> Option<String> {
    let mut first = 1;
    let mut one = |&(target, values): &(Target, usize)| {
        first += values;
        insert_into(target, first - values..first)
    };
    let (last, before) = inserts.split_last()?;
    let before: Vec<String> = before.iter().map(&mut one).collect();
    let last = one(last);
    let named = before.iter().enumerate().map(|(number, insert)| format!("into_{number} AS ({insert})"));
    let with = named.collect::<Vec<_>>().join(", ");
    Some(if with.is_empty() { last } else { format!("WITH {with} {last}") })
}

fn insert_into(target: Target, parameters: Range<usize>) -> String {
    let columns = target.columns.split(',').count();
    let mut statement = format!("INSERT INTO {} ({}) VALUES ", target.table, target.columns);
    for (value, parameter) in parameters.enumerate() {
        let before = match value {
            0 => "(",
            _ if value % columns == 0 => "), (",
            _ => ", ",
        };
        let _ = write!(statement, "{before}${parameter}");
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

    const T: Target = Target { table: "t", columns: "a, b" };
    const U: Target = Target { table: "u", columns: "c" };

    #[test]
    fn each_row_is_a_list_of_numbered_parameters() {
        for (inserts, expected) in [
            (vec![], None),
            (vec![(T, 2)], Some("INSERT INTO t (a, b) VALUES ($1, $2)")),
            (vec![(T, 4)], Some("INSERT INTO t (a, b) VALUES ($1, $2), ($3, $4)")),
            (
                vec![(T, 2), (U, 2)],
                Some("WITH into_0 AS (INSERT INTO t (a, b) VALUES ($1, $2)) INSERT INTO u (c) VALUES ($3), ($4)"),
            ),
        ] {
            assert_eq!(statement(&inserts).as_deref(), expected);
        }
    }

    #[test]
    fn values_are_those_that_were_encoded() {
        let mut encoder = RowEncoder::new(2);
        encoder.row().int2(7).null().row().text("").text("ab");
        let rows = [EncodedRows::default(), encoder.finish("testing").unwrap()];
        let values = [Some([0, 7].as_slice()), None, Some(&[]), Some(b"ab")].map(Value);
        let inserts = inserts(&[(U, &[][..]), (T, &rows[..])]).unwrap();
        assert_eq!(inserts.len(), 1, "a table that gets no row has no part in it");
        assert_eq!(inserts[0].1, values);
    }

    #[test]
    fn many_values_are_not_sent_as_parameters() {
        let mut encoder = RowEncoder::new(2);
        for _ in 0..VALUES_MAX / 2 {
            encoder.row().int2(1).int2(2);
        }
        let rows = [encoder.finish("testing").unwrap()];
        let load = (T, &rows[..]);
        assert!(inserts(&[load]).is_some());
        assert!(inserts(&[load, load]).is_none(), "together they are too many");
    }
}
