//! Rows → leaves → trees, a page at a time: while one page is hashed, the next is read.
//!
//! The bytes that a leaf stands for: the format; then for each row of its id the place of its part in the relation, and
//! each column as its length in four bytes (-1 for none) and its bytes, as binary COPY sends them; JSON in its own form.

use super::json::canonical;
use super::location;
use super::relation::{Holds, Part, Relation};
use super::salt::Salts;
use crate::copy::{RowReader, copy_out};
use crate::error::{Result, StoreError};
use sqlx::PgConnection;
use std::ops::Range;
use vinculo_records::audit::AUDIT_FORMAT;
use vinculo_records::merkle::{self, GROUP};
use vinculo_records::{Salt, TreeHash};

const DOING: &str = "reading rows for the audit chain";
/// Ids that are read at a time: whole groups, few statements, a few megabytes.
const PAGE: usize = 512 * GROUP;

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
            salts.read(connection, page.rows.iter().map(|row| row.salt)).await?;
            page.salts = Some(page.rows.iter().map(|row| salts.get(row.salt)).collect());
        }
        Ok(page)
    }

    fn add(&mut self, part: &Part, row: &mut RowReader<'_>) -> Option<()> {
        let id = row.int8()?;
        let salt = if part.is_salted() { row.int8()? } else { 0 };
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
#[derive(Debug, Default)]
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

    fn extend(&mut self, further: Self) {
        self.roots.extend(further.roots);
        self.sums.extend(further.sums);
    }
}

/// The groups of a span.
pub(super) async fn groups(
    connection: &mut PgConnection,
    relation: &'static Relation,
    first: i64,
    last: i64,
) -> Result<Groups> {
    let mut salts = relation.salted_as.map(Salts::of);
    let mut groups = Groups::default();
    let mut hashing = None;
    for from in (first..=last).step_by(PAGE) {
        let to = last.min(from + PAGE as i64 - 1);
        let page = Page::read(connection, relation, salts.as_mut(), from, to).await?;
        finish(&mut hashing, &mut groups).await?;
        hashing = Some(tokio::task::spawn_blocking(move || Groups::of(&page.leaves())));
    }
    finish(&mut hashing, &mut groups).await?;
    Ok(groups)
}

type Hashing = tokio::task::JoinHandle<Groups>;

async fn finish(hashing: &mut Option<Hashing>, groups: &mut Groups) -> Result<()> {
    if let Some(hashing) = hashing.take() {
        groups.extend(hashing.await.map_err(|_| StoreError::Unexpected { doing: DOING })?);
    }
    Ok(())
}
