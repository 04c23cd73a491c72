//! Delimited text → cells.
//!
//! The grammar is that of RFC 4180, lenient where nothing is lost: a quote inside an unquoted cell is a character like
//! any other, blanks after a closing quote are ignored, surplus cells at the end of a record are ignored when all are
//! empty. Written by hand because the parsers at hand neither tell of text after a closing quote nor of a quote that is
//! never closed; a property test holds it equal to the `csv` crate on sound records.

use crate::{Cells, Delimited, Faults, RejectCode};
use memchr::{memchr, memchr_iter};

/// Splits one record after the other into cells.
pub(super) struct CellSplitter {
    columns: Vec<String>,
    delimiter: u8,
    quote: Option<u8>,
    /// Where the cells of the record stand: in the record itself, or in `unquoted` when it has quotes.
    spans: Vec<(usize, usize)>,
    unquoted: String,
}

impl CellSplitter {
    pub(super) fn new(layout: &Delimited) -> Self {
        Self {
            columns: layout.columns.clone(),
            delimiter: layout.delimiter,
            quote: layout.quote,
            spans: Vec::new(),
            unquoted: String::new(),
        }
    }

    pub(super) fn push(&mut self, raw: &str, cells: &mut Cells) -> Result<(), Faults> {
        self.check(raw)?;
        let text = if self.has_quotes(raw) { &self.unquoted } else { raw };
        for (position, (start, end)) in self.spans.iter().take(self.columns.len()).enumerate() {
            cells.push(position, Some(&text[*start..*end]));
        }
        cells.end_row();
        Ok(())
    }

    /// Splits the record and says what is wrong with it.
    pub(super) fn check(&mut self, raw: &str) -> Result<(), Faults> {
        let mut faults = Faults::default();
        self.spans.clear();
        match self.quote.filter(|_| self.has_quotes(raw)) {
            Some(quote) => self.split_quoted(raw, quote, &mut faults),
            None => self.split_plain(raw),
        }
        let surplus = self.spans.get(self.columns.len()..);
        if surplus.is_none_or(|spans| spans.iter().any(|(start, end)| start < end)) {
            faults.add(RejectCode::ColumnCount);
        }
        if memchr(0, raw.as_bytes()).is_some() {
            self.find_nul(raw, &mut faults);
        }
        if faults.is_empty() { Ok(()) } else { Err(faults) }
    }

    fn has_quotes(&self, raw: &str) -> bool {
        self.quote.is_some_and(|quote| memchr(quote, raw.as_bytes()).is_some())
    }

    fn split_plain(&mut self, raw: &str) {
        let mut start = 0;
        for end in memchr_iter(self.delimiter, raw.as_bytes()) {
            self.spans.push((start, end));
            start = end + 1;
        }
        self.spans.push((start, raw.len()));
    }

    fn split_quoted(&mut self, raw: &str, quote: u8, faults: &mut Faults) {
        self.unquoted.clear();
        let mut rest = Some(raw);
        while let Some(cell) = rest {
            let start = self.unquoted.len();
            let is_quoted = cell.as_bytes().first() == Some(&quote);
            let after = if is_quoted { self.unquote(&cell[1..], quote, faults) } else { cell };
            let end = memchr(self.delimiter, after.as_bytes());
            let tail = &after[..end.unwrap_or(after.len())];
            if !is_quoted {
                self.unquoted.push_str(tail);
            } else if !tail.bytes().all(|byte| byte == b' ' || byte == b'\t') {
                match self.columns.get(self.spans.len()) {
                    Some(column) => faults.add_in(RejectCode::TextAfterQuote, column),
                    None => faults.add(RejectCode::TextAfterQuote),
                }
            }
            self.spans.push((start, self.unquoted.len()));
            rest = end.map(|end| &after[end + 1..]);
        }
    }

    /// Appends the inside of a quoted cell and returns what follows its closing quote.
    fn unquote<'a>(&mut self, mut inside: &'a str, quote: u8, faults: &mut Faults) -> &'a str {
        while let Some(end) = memchr(quote, inside.as_bytes()) {
            let after = &inside[end + 1..];
            if after.as_bytes().first() != Some(&quote) {
                self.unquoted.push_str(&inside[..end]);
                return after;
            }
            self.unquoted.push_str(&inside[..=end]);
            inside = &after[1..];
        }
        self.unquoted.push_str(inside);
        faults.add(RejectCode::UnclosedQuote);
        ""
    }

    fn find_nul(&self, raw: &str, faults: &mut Faults) {
        faults.add(RejectCode::NulByte);
        let text = if self.has_quotes(raw) { &self.unquoted } else { raw };
        for ((start, end), column) in self.spans.iter().zip(&self.columns) {
            if text[*start..*end].contains('\0') {
                faults.add_in(RejectCode::NulByte, column);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::{Decoder, Delimited, RawFormat, RejectCode};
    use proptest::prelude::*;

    fn decoder(columns: usize) -> Decoder {
        Decoder::new(&RawFormat::Delimited(Delimited {
            columns: (1..=columns).map(|n| format!("c{n}")).collect(),
            delimiter: b';',
            quote: Some(b'"'),
        }))
    }

    fn cells(raw: &str, columns: usize) -> Result<Vec<String>, Vec<RejectCode>> {
        let mut decoder = decoder(columns);
        decoder.push(raw).map_err(|faults| faults.codes)?;
        let cells = decoder.take();
        Ok(cells.columns().iter().map(|column| column.text(0).to_owned()).collect())
    }

    #[test]
    fn a_record_is_split_as_it_was_meant() {
        for (raw, expected) in [
            ("a;b", ["a", "b"]),
            (";", ["", ""]),
            ("\"a;b\";c", ["a;b", "c"]),
            ("\"a\nb\";\"\"\"c\"\"\"", ["a\nb", "\"c\""]),
            ("\"\";\"\"\"\"", ["", "\""]),
            ("5\" disk;b", ["5\" disk", "b"]),
            ("\"a\" ;b", ["a", "b"]),
            ("a;b;;", ["a", "b"]),
            ("\"ação\";é", ["ação", "é"]),
        ] {
            assert_eq!(cells(raw, 2).unwrap(), expected, "{raw}");
        }
    }

    #[test]
    fn a_broken_record_is_rejected_with_all_its_faults() {
        use RejectCode::{ColumnCount, NulByte, TextAfterQuote, UnclosedQuote};
        for (raw, codes) in [
            ("a", vec![ColumnCount]),
            ("a;b;c", vec![ColumnCount]),
            ("a;b;;c", vec![ColumnCount]),
            ("\"a\"b;c", vec![TextAfterQuote]),
            ("a;\"b;c", vec![UnclosedQuote]),
            ("\"a\"b", vec![TextAfterQuote, ColumnCount]),
            ("a\0;b;c", vec![ColumnCount, NulByte]),
            ("", vec![ColumnCount]),
        ] {
            assert_eq!(cells(raw, 2).unwrap_err(), codes, "{raw:?}");
        }
    }

    #[test]
    fn a_fault_of_a_cell_names_its_column() {
        let faults = decoder(2).push("\"a\"x;b\0").unwrap_err();
        assert_eq!(faults.columns, ["c1", "c2"]);
    }

    #[test]
    fn broken_text_is_told_with_its_other_faults() {
        let faults = decoder(2).faults_of_broken_text(b"\xE7");
        assert_eq!(faults.codes, [RejectCode::Encoding, RejectCode::ColumnCount]);
    }

    proptest! {
        #[test]
        fn sound_records_are_split_as_the_csv_crate_splits_them(
            cells in prop::collection::vec("[a-c\";ç \n]{0,6}", 2..5),
            always in any::<bool>(),
        ) {
            let style = if always { csv::QuoteStyle::Always } else { csv::QuoteStyle::Necessary };
            let mut writer = csv::WriterBuilder::new().delimiter(b';').quote_style(style).from_writer(Vec::new());
            writer.write_record(&cells).unwrap();
            let line = String::from_utf8(writer.into_inner().unwrap()).unwrap();
            prop_assert_eq!(super::tests::cells(line.strip_suffix('\n').unwrap(), cells.len()).unwrap(), cells);
        }

        #[test]
        fn no_text_makes_the_splitter_panic(raw in "\\PC*", columns in 1_usize..4) {
            let mut decoder = decoder(columns);
            let pushed = decoder.push(&raw).is_ok();
            prop_assert_eq!(decoder.cells().rows(), usize::from(pushed));
        }
    }
}
