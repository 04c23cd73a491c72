//! The figures at the top, and what should make one careful.

use super::words::{percent, share};
use crate::output::{in_words, plural};
use crate::table::{counted, number};
use maud::{Markup, html};
use vinculo_operations::report::Report;
use vinculo_operations::report::caution::Caution;
use vinculo_operations::report::resolution::KindReport;

pub fn section(report: &Report) -> Markup {
    html! {
        section aria-label="At a glance" {
            dl .figures {
                (tile("Records that count", number(records(report)), html! {
                    (counted(report.sources.len() as u64, "source", "sources"))
                }))
                (tile("Pairs compared", number(sum(report, pairs_of)), html! { "all rules together" }))
                (tile("Customers", number(sum(report, |kind| kind.customers)), html! {
                    @for kind in &report.kinds { (plural(kind.kind)) ": " (number(kind.customers)) br; }
                }))
                (tile("To decide by hand", number(sum(report, |kind| kind.conflicts + kind.possible_matches)), html! {
                    (counted(sum(report, |kind| kind.possible_matches), "possible match", "possible matches")) br;
                    (counted(sum(report, |kind| kind.conflicts), "conflict", "conflicts"))
                }))
                @for kind in &report.kinds { (estimates(kind)) }
            }
            h3 { "Where to be careful" }
            ul .cautions {
                @for caution in &report.cautions { li { (told(caution)) } }
                @if report.cautions.is_empty() {
                    li .fine { "Nothing stands out: intake, training, estimates and bounds are all within what is usual." }
                }
            }
        }
    }
}

fn estimates(kind: &KindReport) -> Markup {
    let in_force = kind.estimate.as_ref().map(|estimate| estimate.in_force);
    let Some((precision, recall)) = in_force.and_then(|at| at.precision.zip(at.recall)) else { return html! {} };
    let title = format!("{}: estimated precision", plural(kind.kind));
    tile(&title, percent(precision), html! { "recall " (percent(recall)) ", of the pairs compared" })
}

fn tile(title: &str, figure: String, note: Markup) -> Markup {
    html! { div { dt { (title) } dd { (figure) small { (note) } } } }
}

fn records(report: &Report) -> u64 {
    report.sources.iter().map(|source| source.records).sum()
}

fn pairs_of(kind: &KindReport) -> u64 {
    kind.rules.iter().map(|rule| rule.pairs).sum()
}

fn sum(report: &Report, of: impl Fn(&KindReport) -> u64) -> u64 {
    report.kinds.iter().map(of).sum()
}

/// A caution, and what may be done about it.
fn told(caution: &Caution) -> Markup {
    match caution {
        Caution::NothingResolved => html! { "Nothing has been resolved yet; " code { "vinculo run" } " does it." },
        Caution::RefusedDelivery { source } => html! {
            "The last delivery of " strong { (source) } " was refused: nothing of it counts, the records before it do."
        },
        Caution::RejectedRows { source, rejected, read } => html! {
            strong { (source) } ": " (number(*rejected)) " of " (counted(*read, "row", "rows")) " of its last delivery "
            "were rejected (" (share(*rejected, *read)) "). " code { "vinculo rejects" } " shows which."
        },
        Caution::DoubtfulValues { source, attribute, flagged, filled } => html! {
            strong { (source) } ": of " (counted(*filled, "record", "records")) " with " (in_words(attribute)) ", "
            (number(*flagged)) " have nothing but flagged values (" (share(*flagged, *filled)) "). "
            "The reasons stand under " a href="#quality" { "validity" } "."
        },
        Caution::NotConverged { kind } => html! {
            (plural(*kind)) ": the training did not come to rest; the weights are those of its last round."
        },
        Caution::RetrainingDue { kind } => html! {
            (plural(*kind)) ": there are far more records than the model was trained on. "
            code { "vinculo run --full" } " trains it anew."
        },
        Caution::FewRecords { kind, records } => html! {
            (plural(*kind)) ": with " (counted(*records, "record", "records")) " the weights are mostly what was "
            "believed before any data were seen, and the estimates rest on few pairs."
        },
        caution => of_resolution(caution),
    }
}

fn of_resolution(caution: &Caution) -> Markup {
    match caution {
        Caution::LowPrecision { kind, precision } => html! {
            (plural(*kind)) ": at the threshold only " (percent(*precision)) " of the pairs taken are expected to be "
            "matches. A higher " code { "join_probability" } " joins less."
        },
        Caution::LowRecall { kind, recall } => html! {
            (plural(*kind)) ": at the threshold only " (percent(*recall)) " of the matches that were compared are "
            "expected to be taken. A lower " code { "join_probability" } " joins more."
        },
        Caution::MissedByBlocking { kind, completeness } => html! {
            (plural(*kind)) ": of the matches that the training expects among all pairs, blocking proposed about "
            (percent(*completeness)) ". What it did not propose was never compared."
        },
        Caution::CutPairs { kind, records, unscored_pairs } => html! {
            (plural(*kind)) ": bounds left out " (counted(*records, "record", "records")) " of common blocks"
            @if *unscored_pairs > 0 { " and " (counted(*unscored_pairs, "pair", "pairs")) " inside large groups" }
            "."
        },
        Caution::LargeGroup { kind, records } => html! {
            (plural(*kind)) ": pairs hold " (counted(*records, "record", "records")) " together in one group, before it is "
            "cut into customers. Much hangs on how it was cut: look at its conflicts."
        },
        Caution::LargeCustomer { kind, records } => html! {
            (plural(*kind)) ": one customer has " (counted(*records, "record", "records")) ". Large customers are where "
            "one wrong join does most harm."
        },
        // Named one by one, so that a caution yet to come is not passed over in silence.
        Caution::NothingResolved
        | Caution::RefusedDelivery { .. }
        | Caution::RejectedRows { .. }
        | Caution::DoubtfulValues { .. }
        | Caution::NotConverged { .. }
        | Caution::RetrainingDue { .. }
        | Caution::FewRecords { .. } => told(caution),
    }
}
