//! Estimated precision and recall along the threshold.

use super::weight_axis::{WIDTH, WeightAxis};
use super::{Scale, coordinate};
use crate::report::words::percent;
use maud::{Markup, html};
use vinculo_operations::report::estimate::{Estimate, Expectation};

const TOP: f64 = 8.0;
const BOTTOM: f64 = 210.0;
const HEIGHT: f64 = 252.0;

/// The curves, with what they say of the threshold in force.
pub fn curves(title: &str, estimate: &Estimate, axis: &WeightAxis) -> Markup {
    let scale = Scale::new((0.0, 1.0), (BOTTOM, TOP));
    let in_force = estimate.in_force;
    let x = axis.at(in_force.weight);
    html! {
        svg .wide role="img" viewBox={ "0 0 " (WIDTH) " " (HEIGHT) } {
            title { (title) }
            (axis.review_band(TOP, BOTTOM))
            @for share in [0.0, 0.25, 0.5, 0.75, 1.0] {
                (axis.gridline(scale.at(share), &percent(share)))
            }
            (axis.threshold(TOP, BOTTOM))
            path .line-against d=(path(estimate, axis, &scale, |at| at.recall)) {}
            path .line-for d=(path(estimate, axis, &scale, |at| at.precision)) {}
            @if let Some(recall) = in_force.recall {
                circle .against .halo cx=(coordinate(x)) cy=(coordinate(scale.at(recall))) r="5" {}
                text .against .on-line x=(coordinate(x + 10.0)) y=(BOTTOM - 34.0) { "recall " (percent(recall)) }
            }
            @if let Some(precision) = in_force.precision {
                circle .for .halo cx=(coordinate(x)) cy=(coordinate(scale.at(precision))) r="5" {}
                text .for .on-line x=(coordinate(x + 10.0)) y=(BOTTOM - 14.0) { "precision " (percent(precision)) }
            }
            (axis.ticks(BOTTOM))
        }
    }
}

/// A line through what is known; it ends where nothing is.
fn path(estimate: &Estimate, axis: &WeightAxis, scale: &Scale, share: impl Fn(&Expectation) -> Option<f64>) -> String {
    let known = estimate.along.iter().filter_map(|at| Some((at.weight, share(at)?)));
    let points = known.enumerate().map(|(point, (weight, share))| {
        let command = if point == 0 { 'M' } else { 'L' };
        format!("{command}{} {}", coordinate(axis.at(weight)), coordinate(scale.at(share)))
    });
    points.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use vinculo_operations::report::estimate::Histogram;

    #[test]
    fn a_curve_ends_where_no_pair_is_left() {
        let estimate = Histogram { from: 0, pairs: vec![4, 4, 0, 0], below: 0 }.estimate(1.0).unwrap();
        let axis = WeightAxis::new(0.0, 4.0, None);
        let scale = Scale::new((0.0, 1.0), (BOTTOM, TOP));
        let precision = path(&estimate, &axis, &scale, |at| at.precision);
        let recall = path(&estimate, &axis, &scale, |at| at.recall);
        assert_eq!((precision.matches('L').count(), recall.matches('L').count()), (1, 3));
        assert!(curves("", &estimate, &axis).into_string().contains("precision"));
    }
}
