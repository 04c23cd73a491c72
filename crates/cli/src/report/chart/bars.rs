//! Horizontal bars with their labels and numbers.

use super::{Scale, coordinate};
use maud::{Markup, html};

const WIDTH: f64 = 960.0;
const ROW: f64 = 24.0;
const LABEL: f64 = 250.0;
const NUMBERS: f64 = 190.0;

/// One bar.
#[derive(Debug, Clone, PartialEq)]
pub struct Bar {
    /// What it stands for.
    pub label: String,
    /// Its length.
    pub value: f64,
    /// The number as it is shown beside it.
    pub number: String,
    /// Its color: a class of the page's style.
    pub color: &'static str,
}

/// Bars below each other, all measured against the longest.
pub fn bars(title: &str, bars: &[Bar]) -> Markup {
    let most = bars.iter().map(|bar| bar.value).fold(0.0, f64::max);
    let scale = Scale::new((0.0, most), (0.0, WIDTH - LABEL - NUMBERS));
    let height = ROW * bars.len() as f64;
    html! {
        svg .wide role="img" viewBox={ "0 0 " (WIDTH) " " (height) } {
            title { (title) }
            @for (row, bar) in bars.iter().enumerate() {
                @let top = row as f64 * ROW;
                @let length = if bar.value > 0.0 { scale.at(bar.value).max(1.5) } else { 0.0 };
                text x=(LABEL - 12.0) y=(top + 16.5) text-anchor="end" { (bar.label) }
                rect .(bar.color) x=(LABEL) y=(top + 4.0) width=(coordinate(length)) height=(ROW - 8.0) rx="2" {}
                text .soft x=(coordinate(LABEL + length + 8.0)) y=(top + 16.5) { (bar.number) }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bar(label: &str, value: f64) -> Bar {
        Bar { label: label.to_owned(), value, number: value.to_string(), color: "for" }
    }

    #[test]
    fn the_longest_bar_fills_the_chart_and_a_tiny_one_can_be_seen() {
        let svg = bars("pairs", &[bar("a", 1_000_000.0), bar("b", 1.0), bar("c", 0.0)]).into_string();
        assert!(svg.contains(r#"width="520""#), "{svg}");
        assert!(svg.contains(r#"width="1.5""#));
        assert!(svg.contains(r#"width="0""#));
    }

    #[test]
    fn labels_are_text_and_never_markup() {
        let svg = bars("a", &[bar("<script>", 1.0)]).into_string();
        assert!(svg.contains("&lt;script&gt;") && !svg.contains("<script>"));
    }

    #[test]
    fn no_bars_are_an_empty_chart() {
        assert!(bars("nothing", &[]).into_string().contains("viewBox=\"0 0 960 0\""));
    }
}
