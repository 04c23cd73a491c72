//! Bars that fit a cell of a table.

use super::coordinate;
use maud::{Markup, html};

/// Shares of a whole, one after the other, each with its color; what is left of the whole is empty.
pub fn meter(title: &str, shares: &[(f64, &str)]) -> Markup {
    let begins = shares.iter().scan(0.0, |sum, (share, _)| Some(std::mem::replace(sum, *sum + share)));
    html! {
        svg role="img" viewBox="0 0 100 6" preserveAspectRatio="none" {
            title { (title) }
            rect .track x="0" y="0" width="100" height="6" {}
            @for (begin, (share, color)) in begins.zip(shares) {
                rect .(color) x=(coordinate(begin * 100.0)) y="0" width=(coordinate(share * 100.0)) height="6" {}
            }
        }
    }
}

/// Width of a leaning bar, and where its nought is.
const LEAN: f64 = 140.0;
const NOUGHT: f64 = 70.0;

/// A number to the right or to the left of nought, measured against the greatest.
pub fn lean(title: &str, number: f64, greatest: f64) -> Markup {
    let length = if greatest > 0.0 { (number.abs() / greatest).min(1.0) * (LEAN - NOUGHT) } else { 0.0 };
    let begin = if number < 0.0 { NOUGHT - length } else { NOUGHT };
    let color = if number < 0.0 { "against" } else { "for" };
    html! {
        svg role="img" viewBox={ "0 0 " (LEAN) " 14" } {
            title { (title) }
            rect .(color) x=(coordinate(begin)) y="2" width=(coordinate(length)) height="10" {}
            line .axis x1=(NOUGHT) x2=(NOUGHT) y1="0" y2="14" {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_stand_one_after_the_other() {
        let svg = meter("e-mail", &[(0.5, "for"), (0.25, "doubt")]).into_string();
        assert!(svg.contains(r#"class="for" x="0" y="0" width="50""#), "{svg}");
        assert!(svg.contains(r#"class="doubt" x="50" y="0" width="25""#), "{svg}");
    }

    #[test]
    fn what_speaks_against_leans_to_the_left() {
        assert!(lean("", -5.0, 10.0).into_string().contains(r#"class="against" x="35" y="2" width="35""#));
        assert!(lean("", 10.0, 10.0).into_string().contains(r#"class="for" x="70" y="2" width="70""#));
        assert!(lean("", 0.0, 0.0).into_string().contains(r#"width="0""#));
    }
}
