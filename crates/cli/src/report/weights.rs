//! The trained weights: how much each level of each comparison speaks for or against a match.

use super::chart::meter::lean;
use super::words::{bits, probability};
use crate::output::in_words;
use crate::table::{counted, number};
use maud::{Markup, html};
use vinculo_operations::report::resolution::{ComparisonReport, KindReport, LevelReport, ModelReport};

pub fn section(report: &KindReport) -> Markup {
    let Some(model) = &report.model else {
        return html! {
            h3 { "How evidence is weighed" }
            p { "The model was kept by another version of the program; the next run trains one that can be shown." }
        };
    };
    html! {
        h3 { "How evidence is weighed" }
        @if model.comparisons.is_empty() {
            p {
                "These records are weighed by fixed evidence: how much of the rare words of one name is found in the "
                "other, then addresses, websites, phones and declared attributes. Only how common words and values are "
                "is counted from the data, in model " (model.version) " over "
                (counted(model.trained_on, "record", "records")) ". What the evidence is for a single pair stands in "
                "its waterfall below."
            }
        } @else {
            (told(model))
            (weights(model))
        }
    }
}

fn told(model: &ModelReport) -> Markup {
    html! {
        p {
            "A match weight is the sum of what each comparison adds, in bits: one bit doubles the odds. Any two records "
            "begin at " strong { (bits(model.prior)) } " bits. "
            em { "m" } " is how often two records of one customer reach a level, " em { "u" } " how often two of "
            "different customers do; the weight is log₂(m ∕ u). A missing value adds nothing."
        }
        p .note {
            "Model " (model.version) ", trained without labels on " (counted(model.trained_on, "record", "records"))
            @if let Some(training) = &model.training {
                ": " (number(training.candidate_pairs)) " candidate and " (number(training.random_pairs))
                " random pairs, " (number(training.comparison_vectors)) " different comparison vectors, "
                (counted(u64::from(training.rounds), "round", "rounds"))
                @if training.converged { ", at rest" } @else { ", " strong { "not at rest" } }
                "; it expects " (number(training.expected_matches.round() as u64)) " matches and "
                (number(training.expected_household_pairs.round() as u64))
                " pairs of two people of one household among all pairs"
            }
            "."
        }
    }
}

fn weights(model: &ModelReport) -> Markup {
    let levels = model.comparisons.iter().flat_map(|comparison| &comparison.levels);
    let greatest = levels.map(|level| level.weight.abs()).fold(0.0, f64::max);
    html! {
        ul .key { li { i .against {} "against a match" } li { i .for {} "for a match" } }
        div .comparisons { @for comparison in &model.comparisons { (of_comparison(comparison, greatest)) } }
        p .note {
            "* The weight hangs on the agreeing value: its own frequency stands in for u, so that a rare name weighs "
            "more than shown, a common one less."
        }
    }
}

fn of_comparison(comparison: &ComparisonReport, greatest: f64) -> Markup {
    html! {
        table {
            caption { (in_words(&comparison.comparison)) }
            thead { tr { th { "level" } th .n { "m" } th .n { "u" } th .n { "weight" } th { "against, for" } } }
            tbody { @for level in &comparison.levels { (of_level(level, greatest)) } }
        }
    }
}

fn of_level(level: &LevelReport, greatest: f64) -> Markup {
    let star = if level.by_frequency { "\u{a0}*" } else { "" };
    let title = format!("{}: {} bits", level.level, bits(level.weight));
    html! {
        tr {
            th scope="row" { (level.level) (star) }
            td .n { (probability(level.m)) }
            td .n { (probability(level.u)) }
            td .n { (bits(level.weight)) }
            td .bar { (lean(&title, level.weight, greatest)) }
        }
    }
}
