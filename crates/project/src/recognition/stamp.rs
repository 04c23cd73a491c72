//! The column that says when a row was changed last.

use super::header::{Meaning, shown};
use super::shape::share;
use super::{Column, StampGuess};

/// The surest of the columns whose header says so, and its values are points in time.
pub(super) fn updated_at(columns: &[Column<'_>]) -> Option<StampGuess> {
    columns
        .iter()
        .filter(|column| column.meaning.is_some_and(|found| found.meaning == Meaning::UpdatedAt))
        .filter(|column| column.shapes.dates.ambiguous_with.is_none())
        .map(|column| {
            let shapes = &column.shapes;
            let values = format!("{} values are {}", share(shapes.dates.count, shapes.filled), shapes.describe_dates());
            let confidence = 0.95 * shapes.share(shapes.dates.count);
            let reason = format!("header `{}`; {values}", shown(column.header));
            StampGuess { column: column.header.to_owned(), confidence, reason, formats: shapes.dates.formats.clone() }
        })
        .filter(|guess| guess.confidence >= super::CONFIDENCE_MIN)
        .reduce(|best, guess| if guess.confidence > best.confidence { guess } else { best })
}
