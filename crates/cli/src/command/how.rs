//! `vinculo how`

use crate::arguments::HowArguments;
use crate::exit::Ending;
use crate::output::{bits, in_words, json, result};
use crate::table::{counted, one_line};
use vinculo_operations::Session;
use vinculo_operations::how::{self, Event, Evidence, Move, StandsFor, Step, Story, ValueChange};
use vinculo_operations::lineage::Subject;
use vinculo_operations::pair::RecordName;

pub async fn how(session: &Session, own: &HowArguments) -> anyhow::Result<Ending> {
    let story = how::how(session, &Subject::parse(&own.subject)?).await?;
    if own.json {
        json(&story)?;
    } else {
        show(&story)?;
    }
    Ok(Ending::Done)
}

fn show(story: &Story) -> anyhow::Result<()> {
    let today = match story.stands_for {
        StandsFor::Itself => counted(story.records.len() as u64, "record", "records"),
        StandsFor::Other(other) => format!("{other} stands for it now"),
        StandsFor::Nobody => "ended, and nobody stands for it".to_owned(),
    };
    result(format_args!("{}: {today}", story.customer_id))?;
    for step in &story.steps {
        show_step(step)?;
    }
    Ok(())
}

fn show_step(step: &Step) -> anyhow::Result<()> {
    let taken_back = step.takes_back.map_or_else(String::new, |taken| format!(", takes back publication {taken}"));
    result(format_args!(
        "\npublication {}, {} UTC, `vinculo {}` (run {}) by {}{taken_back}",
        step.publication,
        step.published_at.format("%Y-%m-%d %H:%M:%S"),
        step.command,
        step.run,
        step.actor
    ))?;
    for event in &step.events {
        result(format_args!("  {}", happened(event)))?;
    }
    for moved in &step.came {
        result(format_args!("  came: {}", with(moved, "from")))?;
    }
    for moved in &step.left {
        result(format_args!("  left: {}", with(moved, "to")))?;
    }
    for join in &step.joins {
        result(format_args!("  joined: {}", shown(join)))?;
    }
    for refusal in &step.refusals {
        result(format_args!("  refused: {}", shown(refusal)))?;
    }
    for change in &step.values {
        result(format_args!("  {}", changed(change)))?;
    }
    Ok(())
}

fn happened(event: &Event) -> String {
    let version = event.version.map_or_else(String::new, |version| format!(", version {version}"));
    match (event.change.as_str(), event.other) {
        ("merged", Some(other)) => format!("merged into {other}{version}"),
        ("split", Some(other)) => format!("split from {other}{version}"),
        ("took_in", Some(other)) => format!("{other} leads here now"),
        ("gave_off", Some(other)) => format!("{other} came out of it"),
        (change, _) => format!("{}{version}", in_words(change)),
    }
}

fn with(moved: &Move, preposition: &str) -> String {
    let other = moved.customer.map_or_else(String::new, |customer| format!(", {preposition} {customer}"));
    format!("{}{other}", named(&moved.record))
}

fn shown(evidence: &Evidence) -> String {
    let reason = evidence.reason.as_ref().map_or_else(String::new, |reason| format!(" ({})", in_words(reason)));
    let levels: Vec<String> = evidence
        .levels
        .iter()
        .filter(|reached| reached.level != "missing")
        .map(|reached| format!("{}: {}", reached.comparison, in_words(&reached.level)))
        .collect();
    let word = evidence.judged.as_ref().map_or_else(String::new, |word| {
        let day = word.judged_at.format("%Y-%m-%d");
        format!("; judgement {} by {} on {day}: {}", word.judgement, word.actor, one_line(&word.reason))
    });
    let levels = if levels.is_empty() { String::new() } else { format!("; {}", levels.join(", ")) };
    format!(
        "{} and {}{reason}: {} bits under model {}{levels}{word}",
        named(&evidence.left),
        named(&evidence.right),
        bits(evidence.weight),
        evidence.model
    )
}

fn changed(change: &ValueChange) -> String {
    let texts = |values: &[String]| one_line(&values.join(" | "));
    match (change.before.as_slice(), change.after.as_slice()) {
        ([], after) => format!("{}: {}", change.attribute, texts(after)),
        (before, []) => format!("{}: {} is gone", change.attribute, texts(before)),
        (before, after) => format!("{}: {} → {}", change.attribute, texts(before), texts(after)),
    }
}

fn named(record: &RecordName) -> String {
    format!("{} {}", record.source, one_line(&record.source_key))
}
