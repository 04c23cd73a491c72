//! Which rows become leaves, and what of them.
//!
//! | module | what it lists |
//! |---|---|
//! | `landed` | what came in: sources, runs, deliveries, records, rejected rows |
//! | `published` | what was decided and published |
//! | `left_out` | what no leaf is made of, and why |
//!
//! The leaf of an id is made of all rows that have it, column by column. What may change later is no part of a leaf: it is
//! either an event of its own, with a leaf where it happens, or stands in [`NOT_AUDITED`] with the reason.

mod landed;
mod left_out;
mod published;

pub use left_out::{NOT_AUDITED, audited_columns};

use crate::copy::RowReader;

/// What a column holds, as binary COPY sends it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Holds {
    /// A whole number of 2, 4 or 8 bytes, the greatest first.
    Number,
    /// One byte, 0 or 1.
    Flag,
    /// UTF-8.
    Text,
    /// 16 bytes.
    Uuid,
    /// Microseconds since 2000-01-01 UTC, 8 bytes.
    Instant,
    /// A JSON value, which is put into one form of bytes.
    Json,
    /// Days since 2000-01-01, bytes, or a list: as it is.
    Other,
}

/// A column of a leaf.
#[derive(Debug, Clone, Copy)]
pub(super) struct Column {
    pub(super) name: &'static str,
    /// Where it comes from, if not from the column of this name.
    from: Option<&'static str>,
    pub(super) holds: Holds,
}

/// Rows of one table that go into the leaves of a relation.
#[derive(Debug)]
pub(super) struct Part {
    pub(super) table: &'static str,
    /// By what a row belongs to a leaf.
    pub(super) key: &'static str,
    /// Whose salt the leaf has.
    salt: Option<&'static str>,
    pub(super) columns: &'static [Column],
    /// Tables and joins; `{first}` and `{last}` stand for the ids that are read.
    from: &'static str,
    /// The order of several rows of one leaf.
    order: &'static str,
    /// What tells its rows from those of other parts of the relation.
    pub(super) place: u8,
}

/// How a relation grows, which tells what of it no block covers yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Growth {
    /// Ids without a gap; what is there stays.
    Dense,
    /// Ids from a sequence; a row is covered once it has ended: a run, a delivery.
    Ended,
    /// Rows that landed with deliveries; those of open ones may go again.
    Landed,
    /// It has the ids of the relation before it.
    AsBefore,
}

/// Rows that get leaves, by ids.
#[derive(Debug)]
pub(super) struct Relation {
    pub(super) name: &'static str,
    pub(super) growth: Growth,
    /// Whose salts its leaves have.
    pub(super) salted_as: Option<&'static str>,
    /// Whether a row that no block covers should be: what it belongs to is covered. `{runs}`, `{deliveries}` and
    /// `{publications}` stand for those that no block covers.
    pub(super) astray: &'static str,
    pub(super) parts: &'static [Part],
}

impl Relation {
    /// The relation of this name.
    pub(super) fn named(name: &str) -> Option<&'static Self> {
        relations().find(|relation| relation.name == name)
    }

    /// A query over the rows of these ids, of its first part; `{key}` stands for the id.
    pub(super) fn query(&self, select: &str, first: i64, last: i64, condition: &str) -> String {
        let part = &self.parts[0];
        let select = select.replace("{key}", part.key);
        let from = filled(part.from, first, last);
        // The least number of all has no literal of its type.
        format!(
            "SELECT {select} FROM {from} WHERE {} BETWEEN '{first}'::bigint AND '{last}'::bigint{condition}",
            part.key
        )
    }

    /// The query for its greatest id.
    pub(super) fn greatest(&self) -> String {
        let part = &self.parts[0];
        let key = part.key.rsplit('.').next().unwrap_or(part.key);
        format!("(SELECT max({key}) FROM {})", part.table)
    }
}

fn filled(from: &str, first: i64, last: i64) -> String {
    from.replace("{first}", &first.to_string()).replace("{last}", &last.to_string())
}

impl Part {
    /// The statement that gives its rows: the key, the id of the salt where there is one, the columns.
    pub(super) fn statement(&self, first: i64, last: i64) -> String {
        let selected = [Some(self.key), self.salt].into_iter().flatten();
        let columns = self.columns.iter().map(|column| column.from.unwrap_or(column.name));
        let selected: Vec<&str> = selected.chain(columns).collect();
        let from = filled(self.from, first, last);
        let order =
            if self.order.is_empty() { String::new() } else { format!(" ORDER BY {}, {}", self.key, self.order) };
        format!(
            "COPY (SELECT {} FROM {from} WHERE {} BETWEEN {first} AND {last}{order}) TO STDOUT BINARY",
            selected.join(", "),
            self.key
        )
    }

    /// The key of a row that has just its columns.
    pub(super) fn key_of(&self, mut row: RowReader<'_>) -> Option<i64> {
        let key = self.key.rsplit('.').next()?;
        for column in self.columns {
            if column.name == key {
                return row.int8();
            }
            row.optional_bytes()?;
        }
        None
    }

    pub(super) fn is_salted(&self) -> bool {
        self.salt.is_some()
    }

    pub(super) fn has_json(&self) -> bool {
        self.columns.iter().any(|column| column.holds == Holds::Json)
    }
}

const fn column(name: &'static str, holds: Holds) -> Column {
    Column { name, from: None, holds }
}

const fn computed(name: &'static str, holds: Holds, from: &'static str) -> Column {
    Column { name, from: Some(from), holds }
}

const PLAIN: Part = Part { table: "", key: "", salt: None, columns: &[], from: "", order: "", place: 0 };

/// Whose salts the versions of a record have too.
const RECORD: &str = "vinculo.source_record";
/// A row that is of no run in particular: none is left uncovered.
const OF_SOME_RUN: &str = "cardinality({runs}) = 0";

/// All relations, in the order in which a block covers them.
pub(super) fn relations() -> impl Iterator<Item = &'static Relation> {
    landed::LANDED.iter().chain(published::PUBLISHED)
}
