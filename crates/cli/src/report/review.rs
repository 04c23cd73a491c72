//! The pairs most worth a human look: what was decided, on what evidence, and the two records side by side.

use super::chart::waterfall::waterfall;
use super::words::{conflict_reason, decided, percent};
use crate::output::{explain_line, in_words, plural};
use crate::table::counted;
use maud::{Markup, html};
use vinculo_operations::pair::RecordName;
use vinculo_operations::report::resolution::KindReport;
use vinculo_operations::report::review::{ReviewPair, ReviewRecord, SideBySide, Waterfall};
use vinculo_records::DecisionKind;

pub fn section(report: &KindReport, with_values: bool) -> Markup {
    if report.review.is_empty() {
        return html! {};
    }
    let of = |kind: DecisionKind| report.review.iter().filter(move |pair| pair.decided == kind);
    html! {
        h3 id={ (report.kind.name()) "-review" } { (plural(report.kind)) " most worth a human look" }
        p {
            "Where an answer is likely to change the result, and most hangs on it: the weakest joins, the possible matches "
            "nearest the line, and the conflicts whose evidence speaks most for one customer. For any two customers one "
            "pair is shown."
        }
        @for kind in [DecisionKind::PossibleMatch, DecisionKind::Conflict, DecisionKind::Join] {
            @for pair in of(kind) { (card(pair, with_values)) }
        }
    }
}

fn card(pair: &ReviewPair, with_values: bool) -> Markup {
    html! {
        article .pair {
            header {
                h4 { (decided(pair.decided)) }
                span .muted {
                    (percent(pair.probability)) " match, decision " (pair.decision)
                }
            }
            @if !with_values { p { (side(&pair.left)) " and " (side(&pair.right)) } }
            @if let Some(reason) = &pair.reason { p { (conflict_reason(reason)) "." } }
            p .note { (stake(pair)) }
            div .sides .two[with_values] {
                @if with_values { (values(pair)) }
                div { (waterfall("Why: the match weight taken apart", &pair.waterfall)) (not_compared(&pair.waterfall)) }
            }
            @if let Some((left, right)) = name(&pair.left).zip(name(&pair.right)) {
                p .note { code { (explain_line(&left, &right)) } }
            }
        }
    }
}

/// None where the page tells no keys.
fn name(record: &ReviewRecord) -> Option<RecordName> {
    Some(RecordName { source: record.source.clone(), source_key: record.source_key.clone()? })
}

fn side(record: &ReviewRecord) -> Markup {
    html! { strong { (record.source) @if let Some(key) = &record.source_key { " " (key) } } }
}

/// What hangs on the pair.
fn stake(pair: &ReviewPair) -> Markup {
    let (left, right) = (pair.left.customer_records.unsigned_abs(), pair.right.customer_records.unsigned_abs());
    let expected = format!("{:.1}", pair.expected_wrong_pairs);
    html! {
        @if pair.decided == DecisionKind::Join {
            "Their customer has " (counted(u64::from(left), "record", "records"))
            ". By this pair's evidence alone, at least " (expected) " of its pairs are wrong."
        } @else {
            "Their customers have " (left) " and " (counted(u64::from(right), "record", "records"))
            ". By this pair's evidence alone, " (expected) " matching pairs are missed while they are apart."
        }
    }
}

fn values(pair: &ReviewPair) -> Markup {
    html! {
        table {
            colgroup { col .name; col; col .mark; col; }
            thead { tr { th { "attribute" } th { (side(&pair.left)) } th {} th { (side(&pair.right)) } } }
            tbody { @for value in &pair.values { (side_by_side(value)) } }
        }
    }
}

fn side_by_side(value: &SideBySide) -> Markup {
    let (class, mark, meaning) = match (value.left.is_empty(), value.right.is_empty()) {
        (false, false) if value.left == value.right => ("same", "=", "the same"),
        (false, false) => ("differs", "≠", "different"),
        _ => ("alone", "", "on one side only"),
    };
    html! {
        tr .(class) {
            th scope="row" { (in_words(&value.attribute)) }
            td { (value.left.join(" · ")) }
            td title=(meaning) { (mark) }
            td { (value.right.join(" · ")) }
        }
    }
}

fn not_compared(waterfall: &Waterfall) -> Markup {
    let missing = waterfall.steps.iter().filter(|step| step.missing).map(|step| in_words(&step.comparison));
    let missing: Vec<String> = missing.collect();
    html! { @if !missing.is_empty() { p .note { "Without evidence: " (missing.join(", ")) "." } } }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_differs_is_marked_and_what_stands_on_one_side_is_not() {
        let row = |left: &[&str], right: &[&str]| {
            let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
            let value = SideBySide { attribute: "email".into(), left: texts(left), right: texts(right) };
            side_by_side(&value).into_string()
        };
        assert!(row(&["a"], &["b"]).contains("differs"));
        assert!(row(&["a"], &["a"]).contains("same"));
        assert!(row(&["a"], &[]).contains("alone"));
        assert!(row(&["<b>"], &[]).contains("&lt;b&gt;"));
    }
}
