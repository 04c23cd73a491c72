//! Candidate pairs by match weight, with the threshold.

use super::weight_axis::{WIDTH, WeightAxis};
use super::{Scale, coordinate};
use crate::report::words::{bits, short};
use crate::table::counted;
use maud::{Markup, html};
use vinculo_operations::report::estimate::Histogram;

const TOP: f64 = 8.0;
const BOTTOM: f64 = 250.0;
const HEIGHT: f64 = 292.0;

/// The histogram. Heights are logarithms: a few hundred doubtful pairs must be seen beside a million clear ones.
pub fn histogram(title: &str, pairs: &Histogram, axis: &WeightAxis) -> Markup {
    let most = pairs.pairs.iter().copied().max().unwrap_or(0).max(pairs.below);
    let scale = Scale::new((0.0, log(most.max(9))), (BOTTOM, TOP + 22.0));
    html! {
        svg .wide role="img" viewBox={ "0 0 " (WIDTH) " " (HEIGHT) } {
            title { (title) }
            (axis.review_band(TOP, BOTTOM))
            @for power in (0..).map(|power| 10_u64.pow(power)).take_while(|power| *power <= most) {
                (axis.gridline(scale.at(log(power)), &short(power)))
            }
            @if pairs.below > 0 {
                (bar(axis, &scale, axis.from(), pairs.below, &format!("less than {} bits", bits(f64::from(pairs.first())))))
                text .soft .on-line x=(coordinate(axis.at(axis.from() + 1.0) + 6.0))
                    y=(coordinate(scale.at(log(pairs.below)) + 12.0)) { "further below" }
            }
            @for (at, &count) in pairs.pairs.iter().enumerate().filter(|(_, count)| **count > 0) {
                @let begin = f64::from(pairs.from) + at as f64;
                (bar(axis, &scale, begin, count, &format!("{} to {} bits", bits(begin), bits(begin + 1.0))))
            }
            (axis.threshold(TOP, BOTTOM))
            (axis.threshold_words(TOP + 12.0))
            (axis.ticks(BOTTOM))
        }
    }
}

/// The pairs of one bit, from `begin` on.
fn bar(axis: &WeightAxis, scale: &Scale, begin: f64, count: u64, place: &str) -> Markup {
    let top = scale.at(log(count));
    html! {
        rect .(axis.color(begin + 0.5)) x=(coordinate(axis.at(begin) + 0.75)) y=(coordinate(top))
            width=(coordinate(axis.at(begin + 1.0) - axis.at(begin) - 1.5)) height=(coordinate(BOTTOM - top)) {
            title { (place) ": " (counted(count, "pair", "pairs")) }
        }
    }
}

/// Heights begin at 0 for no pair at all.
fn log(count: u64) -> f64 {
    (1.0 + count as f64).log10()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_bar_with_pairs_is_drawn_and_tells_its_count() {
        let pairs = Histogram { from: -2, pairs: vec![1_000_000, 0, 7, 1], below: 0 };
        let axis = WeightAxis::new(-2.0, 2.0, Some((0.0, -1.0)));
        let svg = histogram("weights", &pairs, &axis).into_string();
        assert_eq!(svg.matches("pairs</title>").count() + svg.matches("pair</title>").count(), 3);
        assert!(svg.contains("1,000,000 pairs"));
        assert_eq!(svg.matches("stroke").count(), 0, "colors come from the style");
    }

    #[test]
    fn pairs_of_unknown_weight_stand_apart_from_the_others() {
        let pairs = Histogram { from: -2, pairs: vec![0, 0, 7, 1], below: 5_000 };
        let axis = WeightAxis::new(-2.0, 2.0, Some((0.0, -1.0)));
        let svg = histogram("weights", &pairs, &axis).into_string();
        assert!(svg.contains("less than 0 bits: 5,000 pairs"), "{svg}");
    }

    #[test]
    fn no_pairs_are_an_empty_chart() {
        let axis = WeightAxis::new(0.0, 0.0, None);
        assert!(!histogram("weights", &Histogram::default(), &axis).into_string().contains("NaN"));
    }
}
