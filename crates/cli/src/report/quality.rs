//! Completeness and validity, attribute by source.

use super::chart::meter::meter;
use super::words::{flag_meaning, percent, share};
use crate::output::in_words;
use crate::table::{counted, number};
use maud::{Markup, html};
use std::cmp::Reverse;
use vinculo_operations::report::Report;
use vinculo_operations::report::quality::AttributeQuality;

/// Flags that are told of.
const FLAGS: usize = 12;

pub fn section(report: &Report) -> Markup {
    html! {
        section {
            h2 id="quality" { "Completeness and validity" }
            p {
                "Of the current records that may have an attribute, how many say anything, and how many of these say "
                "something sound. A flagged value is not lost: its reason decides whether it is compared, shown, or "
                "neither."
            }
            ul .key {
                li { i .for {} "sound value" } li { i .doubt {} "flagged values only" } li { i .track {} "nothing" }
            }
            @if report.quality.is_empty() { p { "There are no records yet." } } @else { (matrix(&report.quality)) }
            (flags(&report.quality))
        }
    }
}

fn matrix(quality: &[AttributeQuality]) -> Markup {
    let (sources, attributes) = (in_order(quality, |of| &of.source), in_order(quality, |of| &of.attribute));
    let cell = |source: &str, attribute: &str| {
        quality.iter().find(|of| of.source == source && of.attribute == attribute).filter(|of| of.records > 0)
    };
    html! {
        div .scroll {
            table .quality .long {
                thead { tr { th { "attribute" } @for source in &sources { th { (source) } } } }
                tbody {
                    @for attribute in &attributes {
                        tr {
                            th scope="row" { (in_words(attribute)) }
                            @for source in &sources {
                                td { @match cell(source, attribute) { Some(of) => (measured(of)), None => {} } }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn measured(of: &AttributeQuality) -> Markup {
    let (complete, valid) = (of.completeness().map_or("–".into(), percent), of.validity().map_or("–".into(), percent));
    let title = format!(
        "{} of {}: {} of {} have a sound value, {} only flagged ones",
        in_words(&of.attribute),
        of.source,
        number(of.sound),
        counted(of.records, "record", "records"),
        number(of.flagged)
    );
    let records = of.records as f64;
    html! {
        span .cell { (complete) @if of.flagged > 0 { span .muted { ", valid " (valid) } } }
        (meter(&title, &[(of.sound as f64 / records, "for"), (of.flagged as f64 / records, "doubt")]))
    }
}

/// Names in the order in which they first stand; attributes of a later source go to the end.
fn in_order(quality: &[AttributeQuality], name: impl Fn(&AttributeQuality) -> &String) -> Vec<&str> {
    let mut names: Vec<&str> = Vec::new();
    for of in quality {
        if !names.contains(&name(of).as_str()) {
            names.push(name(of));
        }
    }
    names
}

fn flags(quality: &[AttributeQuality]) -> Markup {
    let mut all: Vec<(&AttributeQuality, &str, u64)> =
        quality.iter().flat_map(|of| of.flags.iter().map(move |(flag, values)| (of, *flag, *values))).collect();
    all.sort_by_key(|(_, _, values)| Reverse(*values));
    let left_out = all.len().saturating_sub(FLAGS);
    html! {
        @if !all.is_empty() {
            h3 { "What is wrong with flagged values" }
            div .scroll {
                table {
                    thead {
                        tr {
                            th { "source" } th { "attribute" } th { "flag" } th { "meaning" } th .n { "values" }
                            th .n { "of its records" }
                        }
                    }
                    tbody {
                        @for (of, flag, values) in all.into_iter().take(FLAGS) {
                            tr {
                                th scope="row" { (of.source) }
                                td { (in_words(&of.attribute)) }
                                td { (in_words(flag)) }
                                td .meaning { (flag_meaning(flag)) }
                                td .n { (number(values)) }
                                td .n { (share(values.min(of.records), of.records)) }
                            }
                        }
                    }
                }
            }
            @if left_out > 0 {
                p .note { (counted(left_out as u64, "rarer flag is", "rarer flags are")) " not shown." }
            }
        }
    }
}
