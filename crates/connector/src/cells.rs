//! A growing table of text cells: named columns, all equally long.

use rustc_hash::FxHashMap;
use std::fmt;
use vinculo_records::TextColumn;

/// Cells of records, column by column. A column that turns up late is null for the records before it.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Cells {
    names: Vec<String>,
    columns: Vec<TextColumn>,
    positions: FxHashMap<String, usize>,
    rows: usize,
}

/// Its columns and how much they hold, never what.
impl fmt::Debug for Cells {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cells").field("names", &self.names).field("rows", &self.rows).finish_non_exhaustive()
    }
}

impl Cells {
    /// A table without rows. Of two equal names the first one counts; connectors refuse such headers.
    pub fn new(names: impl IntoIterator<Item = String>) -> Self {
        let mut cells = Self::default();
        for name in names {
            cells.position_or_add(&name);
        }
        cells
    }

    /// How many records.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// The names of the columns, in the order of their first appearance.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// The columns, in the order of [`Self::names`].
    pub fn columns(&self) -> &[TextColumn] {
        &self.columns
    }

    /// Where the column of this name stands.
    pub fn position(&self, name: &str) -> Option<usize> {
        self.positions.get(name).copied()
    }

    /// The column of this name.
    pub fn column(&self, name: &str) -> Option<&TextColumn> {
        self.position(name).map(|position| &self.columns[position])
    }

    /// The cells of one record that are not null, with their columns' names.
    pub fn row(&self, row: usize) -> impl Iterator<Item = (&str, &str)> {
        let cells = self.names.iter().zip(&self.columns);
        cells.filter_map(move |(name, column)| Some((name.as_str(), column.get(row)?)))
    }

    /// Bytes of text in all.
    pub fn byte_len(&self) -> usize {
        self.columns.iter().map(TextColumn::byte_len).sum()
    }

    pub(crate) fn position_or_add(&mut self, name: &str) -> usize {
        if let Some(position) = self.position(name) {
            return position;
        }
        let position = self.names.len();
        self.names.push(name.to_owned());
        self.positions.insert(name.to_owned(), position);
        let mut column = TextColumn::default();
        pad(&mut column, self.rows);
        self.columns.push(column);
        position
    }

    /// Removes the columns from this position on, which a rejected record brought along.
    pub(crate) fn forget_columns_from(&mut self, position: usize) {
        for name in self.names.drain(position..) {
            self.positions.remove(&name);
        }
        self.columns.truncate(position);
    }

    /// Sets a cell of the record that is being built, at most once a record.
    pub(crate) fn push(&mut self, position: usize, value: Option<&str>) {
        self.columns[position].push(value);
    }

    /// Ends the record that is being built; cells that were not set are null.
    pub(crate) fn end_row(&mut self) {
        self.rows += 1;
        for column in &mut self.columns {
            pad(column, self.rows);
        }
    }

    /// The records so far; an empty table with the same columns stays behind.
    pub(crate) fn take(&mut self) -> Self {
        let empty = Self {
            names: self.names.clone(),
            columns: self.columns.iter().map(like).collect(),
            positions: self.positions.clone(),
            rows: 0,
        };
        std::mem::replace(self, empty)
    }
}

/// An empty column with room for as much as this one holds.
fn like(column: &TextColumn) -> TextColumn {
    TextColumn::with_capacity(column.len(), column.byte_len())
}

fn pad(column: &mut TextColumn, rows: usize) {
    while column.len() < rows {
        column.push(None);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_that_turns_up_late_is_null_before() {
        let mut cells = Cells::new(["id".to_owned()]);
        cells.push(0, Some("1"));
        cells.end_row();
        let late = cells.position_or_add("email");
        cells.push(late, Some("x"));
        cells.end_row();
        assert_eq!(cells.row(0).collect::<Vec<_>>(), [("id", "1")]);
        assert_eq!(cells.row(1).collect::<Vec<_>>(), [("email", "x")]);
        assert_eq!(cells.column("id").unwrap().len(), 2);
    }

    #[test]
    fn taking_the_records_leaves_the_columns() {
        let mut cells = Cells::new(["id".to_owned()]);
        cells.push(0, None);
        cells.end_row();
        assert_eq!(cells.take().rows(), 1);
        assert_eq!((cells.rows(), cells.names()), (0, ["id".to_owned()].as_slice()));
    }
}
