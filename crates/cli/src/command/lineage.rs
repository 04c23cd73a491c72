//! `vinculo lineage`

use crate::arguments::LineageArguments;
use crate::exit::Ending;
use crate::output::{json, result};
use crate::table::{counted, one_line, table};
use vinculo_operations::Session;
use vinculo_operations::lineage::{self, CustomerLineage, Moment, Subject, ValueLineage};

pub async fn lineage(session: &Session, own: &LineageArguments) -> anyhow::Result<Ending> {
    let moment = match (own.version, &own.on) {
        (Some(version), _) => Moment::Version(version),
        (None, Some(on)) => Moment::on(on)?,
        (None, None) => Moment::Now,
    };
    let subject = Subject::parse(&own.subject)?;
    let lineage = lineage::lineage(&session.store, &subject, moment).await?;
    if own.json {
        json(&lineage)?;
    } else {
        show(&lineage, &subject)?;
    }
    Ok(Ending::Done)
}

fn show(lineage: &CustomerLineage, subject: &Subject) -> anyhow::Result<()> {
    let records = counted(lineage.records.len() as u64, "record", "records");
    result(format_args!(
        "{} {}, version {}, {records}, published {}",
        lineage.kind,
        lineage.customer_id,
        lineage.version,
        lineage.updated_at.format("%Y-%m-%d %H:%M UTC")
    ))?;
    show_place_in_time(lineage)?;
    let mut values = table(&["attribute", "value", "rule", "source", "key", "file:line", "changed there", "#run"]);
    for value in &lineage.values {
        let place = value.file.as_ref().zip(value.line).map(|(file, line)| format!("{file}:{line}"));
        values.add_row([
            value.attribute.clone(),
            one_line(&value.value),
            value.rule.clone(),
            value.source.clone(),
            one_line(&value.source_key),
            place.unwrap_or_default(),
            value.updated_at.map(|at| at.format("%Y-%m-%d %H:%M").to_string()).unwrap_or_default(),
            value.run.to_string(),
        ]);
    }
    result(values)?;
    let records: Vec<String> =
        lineage.records.iter().map(|(source, key)| format!("{source} {}", one_line(key))).collect();
    result(format_args!("records: {}", records.join(", ")))?;
    if let Subject::Record { source, key } = subject {
        let is_its = |value: &&ValueLineage| &value.source == source && &value.source_key == key;
        let mut given: Vec<&str> = lineage.values.iter().filter(is_its).map(|value| value.attribute.as_str()).collect();
        given.dedup();
        let given = if given.is_empty() { "no value".to_owned() } else { given.join(", ") };
        result(format_args!("of {source} {}: {given}", one_line(key)))?;
    }
    Ok(())
}

/// That this is not the present state of the id that was asked for, where it is not.
fn show_place_in_time(lineage: &CustomerLineage) -> anyhow::Result<()> {
    if let Some(asked) = lineage.asked_for {
        result(format_args!("it stands for {asked}, which was merged into it"))?;
    }
    if let Some(until) = lineage.valid_to {
        result(format_args!("a past state, until {}", until.format("%Y-%m-%d %H:%M UTC")))?;
    }
    if let Some(other) = lineage.leads_to {
        result(format_args!("{other} stands for this id today"))?;
    }
    Ok(())
}
