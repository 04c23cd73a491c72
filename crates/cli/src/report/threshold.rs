//! The distribution of match weights, the threshold, and what it is expected to give.

use super::chart::curves::curves;
use super::chart::histogram::histogram;
use super::chart::weight_axis::{WeightAxis, match_probability};
use super::figure;
use super::words::{bits, percent};
use crate::table::{counted, number};
use maud::{Markup, html};
use vinculo_operations::report::estimate::{Estimate, Expectation};
use vinculo_operations::report::resolution::KindReport;

pub fn section(report: &KindReport) -> Markup {
    let thresholds = report.model.as_ref().map(|model| (model.join_weight, model.review_weight));
    let weights = &report.weights;
    // Pairs of unknown weight have a place of their own, and beside it room for a word about them.
    let from = if weights.below > 0 { weights.first() - 8 } else { weights.from };
    let to = f64::from(weights.from) + weights.pairs.len() as f64;
    let axis = WeightAxis::new(f64::from(from), to, thresholds);
    html! {
        h3 { "Where the line is drawn" }
        @if report.weights.total() == 0 { p { "No pair was compared, so there is nothing to draw." } } @else {
            ul .key {
                li { i .none {} "no match" } li { i .doubt {} "for review" } li { i .for {} "match" }
            }
            (figure(
                histogram("Candidate pairs by match weight", &report.weights, &axis),
                html! {
                    "Candidate pairs by match weight; heights are on a logarithmic scale, and what lies further out "
                    "counts in the outermost bars. A clear answer has a hill on either side and few pairs in between."
                    @if report.weights.below > 0 {
                        " " (counted(report.weights.below, "pair", "pairs")) " cannot reach the weight from which a pair "
                        "matters; how far below it they are is not computed, and recall takes them for no matches."
                    }
                },
                distribution(report),
            ))
            (expected(report, &axis))
        }
    }
}

fn distribution(report: &KindReport) -> Markup {
    let bars = report.weights.pairs.iter().enumerate().filter(|(_, pairs)| **pairs > 0);
    html! {
        table .long {
            thead { tr { th .n { "from, bits" } th .n { "to, bits" } th .n { "pairs" } } }
            tbody {
                @if report.weights.below > 0 {
                    tr {
                        td .n { "–" } td .n { (bits(f64::from(report.weights.first()))) }
                        td .n { (number(report.weights.below)) }
                    }
                }
                @for (at, pairs) in bars {
                    @let begin = f64::from(report.weights.from) + at as f64;
                    tr { td .n { (bits(begin)) } td .n { (bits(begin + 1.0)) } td .n { (number(*pairs)) } }
                }
            }
        }
    }
}

fn expected(report: &KindReport, axis: &WeightAxis) -> Markup {
    let Some(estimate) = &report.estimate else {
        return html! { p { "Precision and recall are not estimated: the weights in force are not known." } };
    };
    html! {
        h3 { "What the threshold is expected to give" }
        p {
            "Without labels, the match probabilities say what to expect of themselves: "
            @if let Some((precision, recall)) = estimate.in_force.precision.zip(estimate.in_force.recall) {
                "of the pairs above the line " strong { (percent(precision)) } " should be matches, and "
                strong { (percent(recall)) } " of the matches among the candidates should be above it. "
            }
            "About " (counted(estimate.unsure_pairs.round() as u64, "pair is", "pairs are"))
            " really unsure, between 10 % and 90 %."
            @if !report.is_trained() {
                " The evidence of these records is fixed, not fitted to them; on data whose truth is known the estimates "
                "lay within seven points of it."
            }
        }
        ul .key {
            li { i .for {} "precision: of the pairs taken, the share that are matches" }
            li { i .against {} "recall (dashed): of the matches compared, the share that are taken" }
        }
        (figure(
            curves("Estimated precision and recall along the threshold", estimate, axis),
            html! {
                "Estimated precision and recall, had the line been drawn elsewhere; the axis is that of the weights above. "
                "The estimate is as good as the probabilities, and knows only pairs that were compared. Groups join by "
                "their pairs together and constraints refuse some joins, so the published customers are not quite "
                "what the line alone would give."
            },
            along(estimate),
        ))
    }
}

fn along(estimate: &Estimate) -> Markup {
    let share = |share: Option<f64>| share.map_or("–".to_owned(), percent);
    let row = |at: &Expectation, note: &str| {
        html! {
            tr {
                td .n { (bits(at.weight)) }
                td .n { (match_probability(at.weight)) }
                td .n { (number(at.pairs.round() as u64)) }
                td .n { (share(at.precision)) }
                td .n { (share(at.recall)) }
                td { (note) }
            }
        }
    };
    html! {
        table .long {
            thead {
                tr {
                    th .n { "threshold, bits" } th .n { "probability" } th .n { "pairs taken" }
                    th .n { "precision" } th .n { "recall" } th {}
                }
            }
            tbody {
                (row(&estimate.in_force, "in force"))
                @for at in estimate.along.iter().filter(|at| at.pairs > 0.0) { (row(at, "")) }
            }
        }
    }
}
