//! What came in: by source and delivery, and why rows were rejected.

use super::chart::bars::{Bar, bars};
use super::figure;
use super::words::counted_share;
use crate::output::in_words;
use crate::table::{ACCOUNT, account, number};
use maud::{Markup, html};
use vinculo_operations::report::Report;
use vinculo_operations::report::intake::{DeliveryIntake, SourceIntake};

pub fn section(report: &Report) -> Markup {
    html! {
        section {
            h2 id="intake" { "What came in" }
            p {
                "Each row that was read is new, changed, unchanged, superseded by another row, or rejected; the numbers "
                "add up. A refused delivery counts for nothing. A flagged value is kept with its reason, while the rest "
                "of its record counts."
            }
            (figure(chart(&report.sources), html! { "Records that count now, by source." }, sources(&report.sources)))
            h3 { "The last deliveries" }
            (deliveries(&report.deliveries))
            @if !report.reject_reasons.is_empty() { (reasons(report)) }
        }
    }
}

fn chart(sources: &[SourceIntake]) -> Markup {
    let all: u64 = sources.iter().map(|source| source.records).sum();
    let bar = |source: &SourceIntake| Bar {
        label: source.source.clone(),
        value: source.records as f64,
        number: counted_share(source.records, all),
        color: "for",
    };
    bars("Records that count, by source", &sources.iter().map(bar).collect::<Vec<_>>())
}

fn sources(sources: &[SourceIntake]) -> Markup {
    html! {
        table {
            thead { tr { th { "source" } th .n { "records" } th { "last delivery" } } }
            tbody {
                @for source in sources {
                    tr {
                        th scope="row" { (source.source) }
                        td .n { (number(source.records)) }
                        td {
                            @match &source.last {
                                Some(last) => { (last.opened_at.format("%Y-%m-%d %H:%M UTC")) ", " (last.state) }
                                None => "none",
                            }
                        }
                    }
                }
            }
        }
    }
}

fn deliveries(deliveries: &[DeliveryIntake]) -> Markup {
    html! {
        div .scroll {
            table .long {
                thead {
                    tr {
                        th { "source" } th .n { "run" } th { "state" }
                        @for heading in ACCOUNT { th .n { (heading.trim_start_matches('#')) } }
                        th .n { "values flagged" }
                    }
                }
                tbody {
                    @for delivery in deliveries { (row(delivery)) }
                    @if deliveries.is_empty() { tr { td colspan="11" { "Nothing was delivered yet." } } }
                }
            }
        }
    }
}

fn row(delivery: &DeliveryIntake) -> Markup {
    let is_refused = delivery.state == "refused";
    html! {
        tr {
            th scope="row" { (delivery.source) }
            td .n { (delivery.run) }
            td .warn[is_refused] { (delivery.state) }
            @for (count, heading) in account(&delivery.counts).into_iter().zip(ACCOUNT) {
                @let is_warning = heading == "#rejected" && count > 0;
                td .n .warn[is_warning] { (number(count)) }
            }
            td .n { (number(delivery.flagged_values)) }
        }
        @if let Some(problem) = &delivery.problem {
            tr { td {} td colspan="10" .note { (problem) } }
        }
    }
}

fn reasons(report: &Report) -> Markup {
    html! {
        h3 { "Why rows were rejected" }
        table {
            thead { tr { th { "source" } th { "reason" } th { "column" } th .n { "rows" } } }
            tbody {
                @for reason in &report.reject_reasons {
                    tr {
                        th scope="row" { (reason.source) }
                        td { (in_words(&reason.code)) }
                        td { (reason.column.as_deref().unwrap_or("–")) }
                        td .n { (number(reason.rows)) }
                    }
                }
            }
        }
        p .note { "One by one, with file and line: " code { "vinculo rejects" } }
    }
}
