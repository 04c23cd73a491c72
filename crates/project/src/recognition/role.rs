//! The key of a source, and the column that says when a row was changed.

use super::header::{Meaning, shown};
use super::shape::{share, thousands};
use super::{Column, RoleGuess, SampledColumn};

/// The column that names a record: it is never empty and never says the same twice; its header may say so too.
pub(super) fn key(columns: &[Column<'_>], sampled: &[SampledColumn]) -> Option<RoleGuess> {
    let mut best: Option<RoleGuess> = None;
    for (column, sample) in columns.iter().zip(sampled) {
        let rows = sample.values.len();
        let distinct = super::distinct(&sample.values);
        let is_named = column.meaning.is_some_and(|found| found.meaning == Meaning::Key);
        let means_other = column.meaning.is_some() && !is_named;
        let is_unique = rows > 0 && distinct == rows;
        let confidence = match (is_named, is_unique) {
            (true, true) => 0.95,
            (true, false) if rows == 0 => 0.7,
            // A few bad rows are rejected later; the column is the key all the same.
            (true, false) if column.shapes.filled * 100 >= rows * 98 && distinct * 100 >= rows * 97 => 0.6,
            (false, true) if rows >= 20 && !means_other && column.shapes.dates.count == 0 => 0.6,
            _ => continue,
        };
        let header = format!("header `{}`", shown(column.header));
        let values = match (is_unique, rows) {
            (_, 0) => "no values to look at".to_owned(),
            (true, _) => format!("{} values, all there and all different", thousands(rows)),
            (false, _) => format!("but only {} values differ", share(distinct, rows)),
        };
        let reason = if is_named { format!("{header}; {values}") } else { values };
        // Of equals the first column, which is where keys stand.
        if best.as_ref().is_none_or(|best| confidence > best.confidence) {
            best = Some(RoleGuess { column: column.header.to_owned(), confidence, reason, formats: Vec::new() });
        }
    }
    best
}

/// The column that says when the row was changed last: its header says so, and its values are points in time.
pub(super) fn updated_at(columns: &[Column<'_>]) -> Option<RoleGuess> {
    columns
        .iter()
        .filter(|column| column.meaning.is_some_and(|found| found.meaning == Meaning::UpdatedAt))
        .filter(|column| column.shapes.dates.ambiguous_with.is_none())
        .map(|column| {
            let shapes = &column.shapes;
            let values = format!("{} values are {}", share(shapes.dates.count, shapes.filled), shapes.describe_dates());
            let confidence = 0.95 * shapes.share(shapes.dates.count);
            let reason = format!("header `{}`; {values}", shown(column.header));
            RoleGuess { column: column.header.to_owned(), confidence, reason, formats: shapes.dates.formats.clone() }
        })
        .filter(|guess| guess.confidence >= super::CONFIDENCE_MIN)
        .reduce(|best, guess| if guess.confidence > best.confidence { guess } else { best })
}
