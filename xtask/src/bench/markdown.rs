//! Tables and numbers as `docs/benchmarks.md` shows them.

/// A table in Markdown: the first column to the left, numbers to the right.
pub struct Table {
    text: String,
    columns: usize,
}

impl Table {
    /// An empty table with these headings.
    pub fn new(headings: &[&str]) -> Self {
        let rule = format!("|---|{}", "---:|".repeat(headings.len() - 1));
        Self { text: format!("| {} |\n{rule}\n", headings.join(" | ")), columns: headings.len() }
    }

    /// Adds a row. Cells that are missing at its end stay empty.
    pub fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        let mut cells: Vec<String> = cells.into_iter().collect();
        cells.resize(self.columns, String::new());
        self.text.push_str(&format!("| {} |\n", cells.join(" | ")));
    }

    /// The whole table.
    pub fn finish(self) -> String {
        self.text
    }
}

/// `1,234,567`
pub fn count(number: u64) -> String {
    let digits = number.to_string();
    let groups: Vec<&str> = digits.as_bytes().rchunks(3).rev().filter_map(|group| str::from_utf8(group).ok()).collect();
    groups.join(",")
}

/// Seconds with one digit, or two below ten.
pub fn seconds(seconds: f64) -> String {
    if seconds < 10.0 { format!("{seconds:.2}") } else { format!("{seconds:.1}") }
}

/// Bytes in megabytes of a million.
pub fn megabytes(bytes: u64) -> String {
    count(bytes.div_ceil(1_000_000))
}

/// A precision, a recall or an F1.
pub fn score(score: f64) -> String {
    format!("{score:.4}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_stand_in_groups_of_three() {
        let cases = [(0, "0"), (999, "999"), (1_000, "1,000"), (12_345_678, "12,345,678")];
        for (number, expected) in cases {
            assert_eq!(count(number), expected);
        }
    }

    #[test]
    fn a_short_row_is_filled_up() {
        let mut table = Table::new(&["a", "b"]);
        table.row(["1".to_owned()]);
        assert_eq!(table.finish(), "| a | b |\n|---|---:|\n| 1 |  |\n");
    }
}
