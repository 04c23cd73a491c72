//! The page that `vinculo report` writes: one HTML file, with its style and its charts inside, and no script.
//!
//! | module | what it shows |
//! |---|---|
//! | [`glance`] | the figures and cautions at the top |
//! | [`intake`], [`quality`] | what came in, and how good it is |
//! | [`blocking`], [`weights`], [`threshold`], [`customers`] | how records of one kind were resolved |
//! | [`review`] | the pairs most worth a human look |
//! | [`reading`] | how to read it, and where its limits are |
//! | [`chart`], [`words`] | what they are drawn and told with |

mod blocking;
mod chart;
mod customers;
mod glance;
mod intake;
mod quality;
mod reading;
mod review;
mod threshold;
mod weights;
mod words;

use crate::output::plural;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use vinculo_operations::report::Report;
use vinculo_operations::report::resolution::KindReport;

const STYLE: &str = include_str!("page.css");

/// The page of a report.
pub fn page(report: &Report) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="robots" content="noindex";
                meta name="color-scheme" content="light dark";
                title { "Vinculo report: " (report.project) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                (heading(report))
                main {
                    (glance::section(report))
                    (intake::section(report))
                    (quality::section(report))
                    @for kind in &report.kinds { (kind_section(kind, report.with_values)) }
                    (reading::section())
                }
            }
        }
    }
}

fn heading(report: &Report) -> Markup {
    html! {
        header {
            h1 { (report.project) ": who is who, and how sure" }
            div .muted {
                "Made " (report.made_at.format("%Y-%m-%d %H:%M UTC"))
                @if let Some(run) = &report.run {
                    ", after run " (run.run) " of " (run.started_at.format("%Y-%m-%d %H:%M UTC")) " by Vinculo "
                    (run.program_version)
                }
            }
            @if report.with_values {
                p .private {
                    strong { "This page shows personal data: " }
                    "values and keys of the records that are most worth a look. Keep it as you keep the data; "
                    code { "vinculo report --no-values" } " leaves them out."
                }
            }
            nav aria-label="Sections" {
                ul {
                    li { a href="#intake" { "What came in" } }
                    li { a href="#quality" { "Completeness and validity" } }
                    @for kind in &report.kinds {
                        li { a href={ "#" (kind.kind.name()) } { (plural(kind.kind)) } }
                        @if !kind.review.is_empty() {
                            li { a href={ "#" (kind.kind.name()) "-review" } { (plural(kind.kind)) " worth a look" } }
                        }
                    }
                    li { a href="#reading" { "How to read it" } }
                }
            }
        }
    }
}

fn kind_section(report: &KindReport, with_values: bool) -> Markup {
    html! {
        section {
            h2 id=(report.kind.name()) { (plural(report.kind)) }
            (blocking::section(report))
            (weights::section(report))
            (threshold::section(report))
            (customers::section(report))
            (review::section(report, with_values))
        }
    }
}

/// A chart with what there is to say of it, and its numbers as a table behind it.
fn figure(chart: Markup, caption: Markup, table: Markup) -> Markup {
    html! {
        figure {
            div .scroll { (chart) }
            figcaption { (caption) }
            details { summary { "The numbers as a table" } div .scroll { (table) } }
        }
    }
}
