//! The last row of each file: exports like to end with a total, which would become a customer.

use serde::Serialize;
use vinculo_connector::Batch;

/// Words that the first cell of a total begins with, folded.
const WORDS: [&str; 8] = ["total", "totais", "totales", "subtotal", "sub-total", "soma", "suma", "grand total"];

/// A last row that looks like a total.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TotalRow {
    /// The file.
    pub file: String,
    /// The line of the row.
    pub line: u64,
    /// How many of its cells are filled.
    pub filled: usize,
    /// How many cells are filled in other rows, on average.
    pub usual: usize,
    /// The column that gives it away, and what it says here: a value by which the row can be left out.
    pub told_by: (String, String),
}

/// Watches the rows go by and remembers the last one of each file.
#[derive(Debug, Default)]
pub(super) struct LastRows {
    rows: usize,
    cells: usize,
    keys_with_digits: usize,
    last: Option<LastRow>,
    pub(super) found: Vec<TotalRow>,
}

#[derive(Debug)]
struct LastRow {
    file: u32,
    row: TotalRow,
    says_total: bool,
    key: String,
}

impl LastRows {
    /// Looks at a batch.
    pub(super) fn see(&mut self, key: &[String], batch: &Batch) {
        if self.last.as_ref().is_some_and(|last| last.file != batch.origin.index) {
            self.end_file();
        }
        let Some(key) = key.last().and_then(|key| Some((key, batch.cells.column(key)?))) else { return };
        for row in 0..batch.len() {
            let filled = batch.cells.row(row).filter(|(_, cell)| !cell.trim().is_empty()).count();
            self.rows += 1;
            self.cells += filled;
            self.keys_with_digits += usize::from(has_digit(key.1.get(row).unwrap_or_default()));
        }
        let Some(last) = batch.len().checked_sub(1) else { return };
        let cells = batch.cells.row(last).map(|(column, cell)| (column, cell.trim()));
        let cells: Vec<(&str, &str)> = cells.filter(|(_, cell)| !cell.is_empty()).collect();
        let key_text = key.1.get(last).unwrap_or_default().trim();
        let says_total = |(_, cell): &&(&str, &str)| {
            let cell = cell.to_lowercase();
            WORDS.iter().any(|word| cell.starts_with(word))
        };
        let first = cells.first().filter(says_total);
        let (column, text) = first.copied().unwrap_or((key.0.as_str(), key_text));
        self.last = Some(LastRow {
            file: batch.origin.index,
            says_total: first.is_some(),
            key: key_text.to_owned(),
            row: TotalRow {
                file: batch.origin.path.clone(),
                line: batch.lines[last],
                filled: cells.len(),
                usual: 0,
                told_by: (column.to_owned(), text.to_owned()),
            },
        });
    }

    /// A file has ended: judges its last row. A row without a key is rejected and needs no word.
    pub(super) fn end_file(&mut self) {
        let Some(LastRow { row, says_total, key, .. }) = self.last.take() else { return };
        let usual = self.cells.div_ceil(self.rows.max(1));
        let has_other_key = !has_digit(&key) && self.keys_with_digits * 10 >= self.rows.saturating_sub(1) * 8;
        let is_sparse = 2 * row.filled <= usual;
        if self.rows > 1 && !key.is_empty() && (says_total || (is_sparse && has_other_key)) && row.filled < usual {
            self.found.push(TotalRow { usual, ..row });
        }
    }
}

fn has_digit(text: &str) -> bool {
    text.chars().any(|c| c.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use vinculo_connector::{Decoder, Delimited, Origin, RawFormat};

    fn totals(header: &[&str], key: &str, rows: &[&str]) -> Vec<(String, String)> {
        let columns = header.iter().map(|name| (*name).to_owned()).collect();
        let format = RawFormat::Delimited(Delimited { columns, delimiter: b';', quote: None });
        let mut decoder = Decoder::new(&format);
        rows.iter().for_each(|row| decoder.push(row).unwrap());
        let origin = Origin {
            index: 0,
            path: "a.csv".into(),
            format,
            has_fixed_columns: true,
            encoding: "utf-8".into(),
            findings: Vec::new(),
        };
        let mut batch = Batch {
            origin: Arc::new(origin),
            cells: decoder.take(),
            raw: Default::default(),
            lines: (2..).take(rows.len()).collect(),
            rejects: Vec::new(),
        };
        rows.iter().for_each(|row| batch.raw.push(Some(row)));
        let mut last_rows = LastRows::default();
        last_rows.see(&[key.to_owned()], &batch);
        last_rows.end_file();
        last_rows.found.into_iter().map(|total| total.told_by).collect()
    }

    #[test]
    fn a_last_row_of_few_cells_that_is_named_total_or_has_no_code_is_told() {
        let header = ["id", "nome", "email", "valor"];
        let told = |last: &str| totals(&header, "id", &["1;Ana;a@x.com;1", "2;Rui;b@x.com;2", "3;Eva;c@x.com;3", last]);
        let by = |column: &str, text: &str| vec![(column.to_owned(), text.to_owned())];
        assert_eq!(told("Total;;;6"), by("id", "Total"));
        assert_eq!(told("TOTAL GERAL;3;;6"), by("id", "TOTAL GERAL"));
        assert_eq!(told("Clientes;;;6"), by("id", "Clientes"));
        assert_eq!(told("4;;;"), [], "a code with nothing to it is a sparse record");
        assert_eq!(told(";Total;;6"), [], "without a key it is rejected anyway");
        assert_eq!(told("4;Total Ltda;d@x.com;6"), []);
    }
}
