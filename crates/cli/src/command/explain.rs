//! `vinculo explain`

use super::judge::{by, said};
use crate::arguments::ExplainArguments;
use crate::exit::Ending;
use crate::output::{bits, in_words, json, result};
use crate::table::{one_line, table};
use vinculo_operations::Session;
use vinculo_operations::explain::{self, Explanation, KeptDecision, Waterfall};
use vinculo_operations::lineage::Subject;
use vinculo_operations::pair::RecordName;

/// Characters of the bar that shows the heaviest step.
const BAR: f64 = 20.0;

pub async fn explain(session: &Session, own: &ExplainArguments) -> anyhow::Result<Ending> {
    let (left, right) = own.records.split_at(2);
    let (left, right) = (Subject::parse(left)?, Subject::parse(right)?);
    let explanation = explain::explain(session, &left, &right).await?;
    if own.json {
        json(&explanation)?;
        return Ok(Ending::Done);
    }
    let are = if explanation.same_customer { "are one customer" } else { "are two customers" };
    result(format_args!("{} and {} {are}", own.records[..2].join(" "), own.records[2..].join(" ")))?;
    show_values(&explanation)?;
    match &explanation.waterfall {
        Some(waterfall) => show_waterfall(waterfall)?,
        None => result("One is a person, the other an organization: they are never compared.")?,
    }
    show_decisions(&explanation)?;
    Ok(Ending::Done)
}

fn show_values(explanation: &Explanation) -> anyhow::Result<()> {
    let mut values = table(&["attribute", "one", "the other"]);
    for value in &explanation.values {
        values.add_row([
            value.attribute.clone(),
            one_line(&value.left.join(" | ")),
            one_line(&value.right.join(" | ")),
        ]);
    }
    result(format_args!("\n{values}"))?;
    Ok(())
}

fn show_waterfall(waterfall: &Waterfall) -> anyhow::Result<()> {
    let heaviest =
        waterfall.steps.iter().map(|step| step.weight.abs()).chain([waterfall.prior.abs()]).max().unwrap_or(1);
    let bar = |weight: i32| {
        let length = (BAR * f64::from(weight.abs()) / f64::from(heaviest.max(1))).round() as usize;
        if weight < 0 { "-".repeat(length) } else { "+".repeat(length) }
    };
    let mut steps = table(&["comparison", "level", "#bits", "", "of it by rarity"]);
    steps.add_row([
        "any two records".into(),
        String::new(),
        bits(waterfall.prior),
        bar(waterfall.prior),
        String::new(),
    ]);
    for step in &waterfall.steps {
        let rarity = if step.by_frequency == 0 { String::new() } else { bits(step.by_frequency) };
        let level = if step.missing { "not compared".to_owned() } else { in_words(&step.level) };
        steps.add_row([step.comparison.clone(), level, bits(step.weight), bar(step.weight), rarity]);
    }
    if waterfall.household != 0 {
        let household = "may be two of one household".to_owned();
        steps.add_row([household, String::new(), bits(waterfall.household), bar(waterfall.household), String::new()]);
    }
    result(format_args!("\n{steps}"))?;
    result(format_args!(
        "match weight {} bits: a match with a probability of {:.4}; from {} bits on two records are joined that stand alone, groups of records by all their pairs together",
        bits(waterfall.weight),
        waterfall.probability,
        bits(waterfall.join_weight)
    ))?;
    Ok(())
}

fn show_decisions(explanation: &Explanation) -> anyhow::Result<()> {
    for judgement in &explanation.judgements {
        result(format_args!("{} {}", said(judgement), by(judgement)))?;
    }
    for decision in &explanation.decisions {
        let until = decision.to_publication.map_or("in force".to_owned(), |to| format!("until publication {to}"));
        result(format_args!(
            "on record: {}, since publication {}, {until}",
            told(decision),
            decision.from_publication
        ))?;
    }
    if explanation.joined_through.len() > 1 {
        result("joined through other records:")?;
        for join in &explanation.joined_through {
            result(format_args!("  {} and {}: {}", named(&join.left), named(&join.right), told(join)))?;
        }
    }
    for decision in &explanation.between {
        let (left, right) = (named(&decision.left), named(&decision.right));
        result(format_args!("on record about others of these two customers: {left} and {right}: {}", told(decision)))?;
    }
    if let Some(against) = &explanation.against {
        let why = if against.different_identifiers { "they name different identifiers" } else { "the weakest pair" };
        let (left, right) = (named(&against.left), named(&against.right));
        result(format_args!(
            "against a join of the two customers: {left} and {right}: {why}, {} bits",
            bits(against.weight)
        ))?;
    }
    Ok(())
}

fn told(decision: &KeptDecision) -> String {
    let reason = decision.reason.as_ref().map_or_else(String::new, |reason| format!(" ({})", in_words(reason)));
    format!("{}{reason} at {} bits", in_words(decision.decision.name()), bits(decision.weight))
}

fn named(record: &RecordName) -> String {
    format!("{} {}", record.source, one_line(&record.source_key))
}
