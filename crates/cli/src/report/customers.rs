//! What came out: customers by size, and joins that were refused.

use super::chart::bars::{Bar, bars};
use super::figure;
use super::words::{conflict_reason, counted_share};
use crate::output::in_words;
use crate::table::{counted, number};
use maud::{Markup, html};
use vinculo_operations::report::resolution::{KindReport, ReasonCount, SizeCount};

/// Customers of more records than this are shown in groups, each twice as wide as the one before it.
const EACH: u64 = 6;

pub fn section(report: &KindReport) -> Markup {
    html! {
        h3 { "The customers" }
        p {
            (counted(report.records, "record", "records")) " are "
            (counted(report.customers, "customer", "customers")) ". The largest group that any pairs hold together, before "
            "it is cut into customers, has " (counted(report.largest_component, "record", "records")) "."
        }
        (figure(chart(&report.sizes), html! { "Customers by how many records speak of them." }, table(&report.sizes)))
        @if report.conflict_reasons.is_empty() {
            p { "No join was refused." }
        } @else {
            (conflicts(report))
        }
    }
}

/// Customers of `from` to `to` records.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Group {
    from: u64,
    to: u64,
    customers: u64,
}

/// One group a size up to [`EACH`], then wider ones, so that any store fits a page.
fn groups(sizes: &[SizeCount]) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    let (mut from, mut to) = (1, 1);
    let largest = sizes.iter().map(|size| size.records).max().unwrap_or(0);
    while from <= largest {
        let inside = sizes.iter().filter(|size| (from..=to).contains(&size.records));
        groups.push(Group { from, to, customers: inside.map(|size| size.customers).sum() });
        from = to + 1;
        to = if from <= EACH { from } else { to.saturating_mul(2) };
    }
    groups
}

fn chart(sizes: &[SizeCount]) -> Markup {
    let all: u64 = sizes.iter().map(|size| size.customers).sum();
    let bar = |group: Group| Bar {
        label: match group.from == group.to {
            true => counted(group.from, "record", "records"),
            false => format!("{} to {} records", number(group.from), number(group.to)),
        },
        value: group.customers as f64,
        number: counted_share(group.customers, all),
        color: "for",
    };
    bars("Customers by number of records", &groups(sizes).into_iter().map(bar).collect::<Vec<_>>())
}

fn table(sizes: &[SizeCount]) -> Markup {
    html! {
        table .long {
            thead { tr { th .n { "records each" } th .n { "customers" } th .n { "records" } } }
            tbody {
                @for size in sizes {
                    tr {
                        td .n { (number(size.records)) }
                        td .n { (number(size.customers)) }
                        td .n { (number(size.records * size.customers)) }
                    }
                }
            }
        }
    }
}

fn conflicts(report: &KindReport) -> Markup {
    let bar = |count: &ReasonCount| Bar {
        label: in_words(&count.reason),
        value: count.conflicts as f64,
        number: number(count.conflicts),
        color: "against",
    };
    let chart = bars("Conflicts by reason", &report.conflict_reasons.iter().map(bar).collect::<Vec<_>>());
    let table = html! {
        table {
            thead { tr { th { "reason" } th { "meaning" } th .n { "conflicts" } } }
            tbody {
                @for count in &report.conflict_reasons {
                    tr {
                        th scope="row" { (in_words(&count.reason)) }
                        td { (conflict_reason(&count.reason)) }
                        td .n { (number(count.conflicts)) }
                    }
                }
            }
        }
    };
    let caption = html! {
        "Conflicts: joins that the evidence asked for and a constraint refused. They stay apart until somebody decides. "
        @for count in &report.conflict_reasons {
            strong { (in_words(&count.reason)) } ": " (conflict_reason(&count.reason)) ". "
        }
    };
    html! { h3 { "Joins that were refused" } (figure(chart, caption, table)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn size(records: u64, customers: u64) -> SizeCount {
        SizeCount { records, customers }
    }

    #[test]
    fn every_customer_is_in_one_group_however_large_it_is() {
        let sizes = [size(1, 500), size(2, 90), size(7, 3), size(12, 2), size(13, 1), size(100_000, 1)];
        let groups = groups(&sizes);
        assert_eq!(groups.iter().map(|group| group.customers).sum::<u64>(), 597);
        assert!(groups.windows(2).all(|two| two[0].to + 1 == two[1].from));
        assert!(groups.len() < 25, "{}", groups.len());
        assert_eq!(groups[6], Group { from: 7, to: 12, customers: 5 });
    }

    #[test]
    fn nobody_is_no_group() {
        assert!(groups(&[]).is_empty());
    }
}
