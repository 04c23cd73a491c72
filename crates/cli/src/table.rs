//! Tables for people: plain columns, no borders, so that they can be read, cut and copied.

use comfy_table::presets::NOTHING;
use comfy_table::{CellAlignment, Table};
use std::fmt::Display;
use vinculo_operations::DeliveryCounts;
pub use vinculo_operations::count::{counted, number};
use vinculo_operations::unlisted::UnlistedSource;

/// A table with these headings; columns whose heading begins with `#` hold numbers and stand to the right.
pub fn table(headings: &[&str]) -> Table {
    let mut table = Table::new();
    table.load_style(NOTHING);
    table.set_header(headings.iter().map(|heading| heading.trim_start_matches('#')));
    for (column, heading) in table.column_iter_mut().zip(headings) {
        column.set_padding((0, 2));
        if heading.starts_with('#') {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table
}

/// The headings of a delivery's account; [`account`] gives the numbers below them.
pub const ACCOUNT: [&str; 7] = ["#read", "#new", "#changed", "#unchanged", "#superseded", "#rejected", "#deleted"];

/// What a delivery brought, in the order of [`ACCOUNT`].
pub fn account(counts: &DeliveryCounts) -> [u64; 7] {
    let DeliveryCounts { read, new, changed, unchanged, superseded, rejected, deleted, .. } = *counts;
    [read, new, changed, unchanged, superseded, rejected, deleted]
}

/// That a source is gone from the project and its records are not, and what may be done.
pub fn unlisted(unlisted: &UnlistedSource) -> String {
    let UnlistedSource { source, records } = unlisted;
    let count = if *records == 1 { "counts" } else { "count" };
    format!(
        "{source} is no longer in vinculo.yaml; its {} still {count}; `vinculo run --retire {source}` removes them",
        counted(*records, "record", "records")
    )
}

/// Text on one line, since it may hold anything: control characters are shown as their escapes.
pub fn one_line(text: &impl Display) -> String {
    let text = text.to_string();
    text.chars().flat_map(|c| if c.is_control() { c.escape_default().collect::<Vec<_>>() } else { vec![c] }).collect()
}
