//! The place of the figures in `docs/benchmarks.md`: between markers, so that the text around them is written by people.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context as _, Result};

use crate::workspace::Workspace;

/// The document with all figures.
pub struct Document {
    path: PathBuf,
}

impl Document {
    /// The one of this checkout.
    pub fn of(workspace: &Workspace) -> Self {
        Self { path: workspace.root().join("docs/benchmarks.md") }
    }

    /// Puts figures, and the line that says how they came about, in the place of the earlier ones; prints them too.
    pub fn put(&self, part: &str, stamp: &str, figures: &str) -> Result<()> {
        let shown = self.path.display();
        let text = fs::read_to_string(&self.path).with_context(|| shown.to_string())?;
        let figures = format!("{stamp}\n\n{}", figures.trim_end());
        println!("{figures}");
        let text = replaced(&text, part, &figures).with_context(|| format!("{shown} has no markers for {part}"))?;
        fs::write(&self.path, text).with_context(|| shown.to_string())
    }
}

/// The text with what stands between the part's markers replaced.
fn replaced(text: &str, part: &str, figures: &str) -> Option<String> {
    let [begin, end] = ["begin", "end"].map(|word| format!("<!-- {word} {part} -->"));
    let (before, rest) = text.split_once(&begin)?;
    let (_, after) = rest.split_once(&end)?;
    Some(format!("{before}{begin}\n{figures}\n{end}{after}"))
}

#[cfg(test)]
mod tests {
    use super::replaced;

    #[test]
    fn only_what_stands_between_the_markers_is_replaced() {
        let text = "a\n<!-- begin x -->\nold\n<!-- end x -->\n<!-- begin y -->\ny\n<!-- end y -->\n";
        let expected = "a\n<!-- begin x -->\nnew\n<!-- end x -->\n<!-- begin y -->\ny\n<!-- end y -->\n";
        assert_eq!(replaced(text, "x", "new").as_deref(), Some(expected));
        assert_eq!(replaced(expected, "x", "new").as_deref(), Some(expected));
        assert_eq!(replaced(text, "z", "new"), None);
    }
}
