//! Candidate pairs: what each blocking rule proposed, and what was cut.

use super::chart::bars::{Bar, bars};
use super::figure;
use super::words::{counted_share, percent};
use crate::output::in_words;
use crate::table::{counted, number};
use maud::{Markup, html};
use vinculo_operations::report::resolution::KindReport;

pub fn section(report: &KindReport) -> Markup {
    let pairs: u64 = report.rules.iter().map(|rule| rule.pairs).sum();
    let per_record = pairs as f64 / report.records.max(1) as f64;
    html! {
        h3 { "Which pairs were compared" }
        p {
            (counted(report.records, "record", "records")) " gave " (counted(pairs, "candidate pair", "candidate pairs"))
            ", " (format!("{per_record:.1}")) " a record. A pair counts for the first rule that proposes it, so a later "
            "rule shows what it adds."
            @if let Some(completeness) = report.blocking_completeness {
                " Of the matches that the training expects among all pairs, about " strong { (percent(completeness)) }
                " are among the candidates."
            }
        }
        @if pairs > 0 { (figure(chart(report, pairs), caption(report), table(report))) }
    }
}

fn chart(report: &KindReport, pairs: u64) -> Markup {
    let rows = report.rules.iter().map(|rule| Bar {
        label: in_words(&rule.rule),
        value: rule.pairs as f64,
        number: counted_share(rule.pairs, pairs),
        color: "for",
    });
    bars("Candidate pairs by blocking rule", &rows.collect::<Vec<_>>())
}

fn caption(report: &KindReport) -> Markup {
    let records: u64 = report.rules.iter().map(|rule| rule.cut_records).sum();
    let pairs: u64 = report.rules.iter().map(|rule| rule.cut_pairs).sum();
    html! {
        "Candidate pairs by blocking rule, in the order in which the rules are asked. "
        @if records + pairs == 0 { "No bound cut anything." } @else {
            "Bounds cut " (counted(records, "record", "records")) " out of common blocks and "
            (counted(pairs, "pair", "pairs")) "."
        }
        @if report.cut_values > 0 {
            " " (counted(report.cut_values, "value was", "values were")) " not compared, since their records have too many."
        }
    }
}

fn table(report: &KindReport) -> Markup {
    html! {
        table .long {
            thead {
                tr {
                    th { "rule" } th .n { "pairs" } th .n { "largest block" } th .n { "keys refined" }
                    th .n { "keys cut" } th .n { "records cut" } th .n { "pairs cut" }
                }
            }
            tbody {
                @for rule in &report.rules {
                    tr {
                        th scope="row" { (in_words(&rule.rule)) }
                        td .n { (number(rule.pairs)) }
                        td .n { (number(rule.block_limit)) }
                        @for count in [rule.oversized_keys, rule.cut_keys, rule.cut_records, rule.cut_pairs] {
                            td .n { (number(count)) }
                        }
                    }
                }
            }
        }
    }
}
