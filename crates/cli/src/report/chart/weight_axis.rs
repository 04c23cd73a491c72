//! The axis of match weights, which the histogram and the curves share, so that they can be read one below the other.

use super::{Scale, coordinate, ticks};
use crate::report::words::{bits, percent};
use maud::{Markup, html};

/// Width of a chart over weights.
pub const WIDTH: f64 = 960.0;
/// Where the axis begins and ends.
const LEFT: f64 = 84.0;
const RIGHT: f64 = 916.0;

/// The weights of a chart, and where a pair is joined or kept for review.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct WeightAxis {
    from: f64,
    to: f64,
    join: Option<f64>,
    review: Option<f64>,
}

impl WeightAxis {
    /// An axis over these weights, in bits, with the weights from which pairs are joined or kept for review.
    pub fn new(from: f64, to: f64, thresholds: Option<(f64, f64)>) -> Self {
        let (join, review) = thresholds.unzip();
        Self { from, to, join, review }
    }

    /// The weight at which it begins.
    pub fn from(&self) -> f64 {
        self.from
    }

    /// Where a weight stands.
    pub fn at(&self, weight: f64) -> f64 {
        Scale::new((self.from, self.to), (LEFT, RIGHT)).at(weight)
    }

    /// The color of a pair of this weight: no match, doubtful, or match.
    pub fn color(&self, weight: f64) -> &'static str {
        match (self.join, self.review) {
            (Some(join), _) if weight >= join => "for",
            (_, Some(review)) if weight >= review => "doubt",
            _ => "none",
        }
    }

    /// The band of pairs for review, from `top` to `bottom`: to be drawn first.
    pub fn review_band(&self, top: f64, bottom: f64) -> Markup {
        let Some((join, review)) = self.join.zip(self.review).filter(|(join, review)| review < join) else {
            return html! {};
        };
        let (left, right) = (self.at(review), self.at(join));
        html! { rect .band x=(coordinate(left)) y=(top) width=(coordinate(right - left)) height=(bottom - top) {} }
    }

    /// The line from which pairs are joined, from `top` to `bottom`: to be drawn last.
    pub fn threshold(&self, top: f64, bottom: f64) -> Markup {
        let Some(join) = self.join else { return html! {} };
        let x = coordinate(self.at(join));
        html! { line .threshold x1=(x) x2=(x) y1=(top) y2=(bottom) {} }
    }

    /// What the two sides of the line mean, at `y`.
    pub fn threshold_words(&self, y: f64) -> Markup {
        let Some((join, review)) = self.join.zip(self.review) else { return html! {} };
        html! {
            text .strong .on-line x=(coordinate(self.at(join) + 7.0)) y=(y) {
                "joined from " (bits(join)) " bits, " (match_probability(join))
            }
            text .soft .on-line x=(coordinate(self.at(review.min(join)) - 7.0)) y=(y) text-anchor="end" { "apart" }
        }
    }

    /// Ticks below `y`: weights, and the probabilities that they stand for.
    pub fn ticks(&self, y: f64) -> Markup {
        html! {
            line .axis x1=(LEFT) x2=(RIGHT) y1=(y) y2=(y) {}
            @for weight in ticks(self.from, self.to) {
                @let x = coordinate(self.at(weight));
                line .axis x1=(x) x2=(x) y1=(y) y2=(y + 4.0) {}
                text x=(x) y=(y + 18.0) text-anchor="middle" { (bits(weight)) }
                text .soft x=(x) y=(y + 33.0) text-anchor="middle" { (match_probability(weight)) }
            }
            text .soft x="0" y=(y + 18.0) { "bits" }
            text .soft x="0" y=(y + 33.0) { "match" }
        }
    }

    /// A line across the chart with its number beside it.
    pub fn gridline(&self, y: f64, number: &str) -> Markup {
        html! {
            line .grid x1=(LEFT) x2=(RIGHT) y1=(coordinate(y)) y2=(coordinate(y)) {}
            text .soft x=(LEFT - 10.0) y=(coordinate(y + 4.0)) text-anchor="end" { (number) }
        }
    }
}

/// The match probability that a weight, in bits, stands for.
pub fn match_probability(weight: f64) -> String {
    percent(1.0 / (1.0 + (-weight).exp2()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_weight_is_colored_by_what_becomes_of_it() {
        let axis = WeightAxis::new(-20.0, 40.0, Some((-1.0, -3.0)));
        assert_eq!([-8.0, -2.0, -1.0, 30.0].map(|weight| axis.color(weight)), ["none", "doubt", "for", "for"]);
        assert_eq!(WeightAxis::new(-20.0, 40.0, None).color(5.0), "none");
    }

    #[test]
    fn without_a_model_no_threshold_is_drawn() {
        assert_eq!(WeightAxis::new(0.0, 1.0, None).threshold_words(10.0).into_string(), "");
    }
}
