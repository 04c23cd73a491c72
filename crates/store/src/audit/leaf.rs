//! Rows → leaves → what is kept of them, a page at a time.
//!
//! The bytes that a leaf stands for: the format; then for each row of its id the place of its part in the relation, and
//! each column as its length in four bytes (-1 for none) and its bytes, as binary COPY sends them; JSON in its own form.

use super::json::canonical;
use super::location;
use super::relation::{Holds, Part, Relation};
use super::salt::Salts;
use crate::copy::{EncodedRows, RowReader, copy_out, read_encoded};
use crate::error::{Result, StoreError};
use sqlx::PgConnection;
use std::ops::Range;
use vinculo_records::audit::AUDIT_FORMAT;
use vinculo_records::merkle;
use vinculo_records::{Salt, TreeHash};

const DOING: &str = "reading rows for the audit chain";

/// Rows of some ids of a relation, as bytes.
#[derive(Debug)]
pub(super) struct Page {
    ids: Range<i64>,
    bytes: Vec<u8>,
    rows: Vec<Row>,
    salts: Option<Vec<Salt>>,
}

#[derive(Debug)]
struct Row {
    id: i64,
    salt: i64,
    bytes: Range<usize>,
}

impl Page {
    /// Reads the rows of these ids with their salts.
    pub(super) async fn read(
        connection: &mut PgConnection,
        relation: &Relation,
        salts: Option<&mut Salts>,
        first: i64,
        last: i64,
    ) -> Result<Self> {
        let mut page = Self { ids: first..last + 1, bytes: Vec::new(), rows: Vec::new(), salts: None };
        for part in relation.parts {
            copy_out(connection, &part.statement(first, last), DOING, |row| page.add(part, row)).await?;
        }
        // Stable, so that the rows of one id stay in the order of their parts.
        page.rows.sort_by_key(|row| row.id);
        if let Some(salts) = salts {
            page.take_salts(connection, salts).await?;
        }
        Ok(page)
    }

    /// Rows that are on their way to the table of a relation's first part, with the salts of their ids. They have just its
    /// columns, in its order; the first of them has this id, and each later one the next.
    pub(super) async fn of_sent(
        connection: &mut PgConnection,
        relation: &Relation,
        rows: &EncodedRows,
        salts: &mut Salts,
        first: i64,
    ) -> Result<Self> {
        let part = &relation.parts[0];
        let mut page =
            Self { ids: first..first + rows.count() as i64, bytes: Vec::new(), rows: Vec::new(), salts: None };
        read_encoded(rows, |row| {
            let id = part.key_of(row.clone()).filter(|id| *id == first + page.rows.len() as i64)?;
            page.add_row(part, id, id, row)
        })
        .ok_or(StoreError::Unexpected { doing: DOING })?;
        page.take_salts(connection, salts).await?;
        Ok(page)
    }

    async fn take_salts(&mut self, connection: &mut PgConnection, salts: &mut Salts) -> Result<()> {
        salts.read(connection, self.rows.iter().map(|row| row.salt)).await?;
        self.salts = Some(self.rows.iter().map(|row| salts.get(row.salt)).collect());
        Ok(())
    }

    fn add(&mut self, part: &Part, row: &mut RowReader<'_>) -> Option<()> {
        let id = row.int8()?;
        let salt = if part.is_salted() { row.int8()? } else { 0 };
        self.add_row(part, id, salt, row)
    }

    fn add_row(&mut self, part: &Part, id: i64, salt: i64, row: &mut RowReader<'_>) -> Option<()> {
        let start = self.bytes.len();
        self.bytes.push(part.place);
        if part.has_json() {
            for column in part.columns {
                self.add_column(column.holds, row.optional_bytes()?)?;
            }
        } else {
            self.bytes.extend_from_slice(row.rest());
        }
        self.rows.push(Row { id, salt, bytes: start..self.bytes.len() });
        Some(())
    }

    fn add_column(&mut self, holds: Holds, content: Option<&[u8]>) -> Option<()> {
        let length_at = self.bytes.len();
        self.bytes.extend_from_slice(&(-1_i32).to_be_bytes());
        let Some(content) = content else { return Some(()) };
        match holds {
            // The first byte is the version of the form in which jsonb is sent.
            Holds::Json => canonical(std::str::from_utf8(content.get(1..)?).ok()?, &mut self.bytes)?,
            _ => self.bytes.extend_from_slice(content),
        }
        let length = (self.bytes.len() - length_at - 4) as i32;
        self.bytes[length_at..length_at + 4].copy_from_slice(&length.to_be_bytes());
        Some(())
    }

    /// How many bytes its rows have.
    pub(super) fn bytes(&self) -> usize {
        self.bytes.len()
    }

    /// The leaves of all ids, in their order; an id without a row has an empty one.
    pub(super) fn leaves(&self) -> Vec<TreeHash> {
        let empty = TreeHash::leaf(&[]);
        let mut leaves = vec![empty; (self.ids.end - self.ids.start) as usize];
        let mut content = Vec::new();
        let mut at = 0;
        for rows in self.rows.chunk_by(|a, b| a.id == b.id) {
            content.clear();
            self.put(rows, &mut content);
            let leaf = match &self.salts {
                Some(salts) => TreeHash::salted_leaf(&salts[at], &content),
                None => TreeHash::leaf(&content),
            };
            leaves[(rows[0].id - self.ids.start) as usize] = leaf;
            at += rows.len();
        }
        leaves
    }

    /// What the leaf of an id stands for, and its salt; none where there is no row.
    pub(super) fn content(&self, id: i64) -> Option<(Vec<u8>, Option<Salt>)> {
        let start = self.rows.partition_point(|row| row.id < id);
        let rows = self.rows[start..].chunk_by(|a, b| a.id == b.id).next().filter(|rows| rows[0].id == id)?;
        let mut content = Vec::new();
        self.put(rows, &mut content);
        Some((content, self.salts.as_ref().map(|salts| salts[start])))
    }

    fn put(&self, rows: &[Row], content: &mut Vec<u8>) {
        content.push(AUDIT_FORMAT);
        for row in rows {
            content.extend_from_slice(&self.bytes[row.bytes.clone()]);
        }
    }
}

/// What is kept of the leaves of a span.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct Groups {
    /// The roots of groups of 64 leaves.
    pub(super) roots: Vec<TreeHash>,
    /// The sums of each group, by which an altered leaf is located.
    pub(super) sums: Vec<u8>,
}

impl Groups {
    pub(super) fn of(leaves: &[TreeHash]) -> Self {
        Self { roots: merkle::groups(leaves), sums: location::sums(leaves) }
    }

    /// The first so many of them, or as many as there are.
    pub(super) fn beginning(&self, groups: usize) -> Self {
        let groups = groups.min(self.roots.len());
        Self { roots: self.roots[..groups].to_vec(), sums: self.sums[..groups * location::BYTES].to_vec() }
    }

    pub(super) fn extend(&mut self, further: Self) {
        self.roots.extend(further.roots);
        self.sums.extend(further.sums);
    }
}
