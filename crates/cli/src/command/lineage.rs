//! `vinculo lineage`

use crate::arguments::LineageArguments;
use crate::exit::Ending;
use crate::output::{json, result};
use crate::table::{counted, one_line, table};
use vinculo_operations::Session;
use vinculo_operations::lineage::{self, CustomerLineage, Subject};

pub async fn lineage(session: &Session, own: &LineageArguments) -> anyhow::Result<Ending> {
    let lineage = lineage::lineage(&session.store, &Subject::parse(&own.subject)?).await?;
    if own.json {
        json(&lineage)?;
    } else {
        show(&lineage)?;
    }
    Ok(Ending::Done)
}

fn show(lineage: &CustomerLineage) -> anyhow::Result<()> {
    let records = counted(lineage.records.len() as u64, "record", "records");
    result(format_args!(
        "{} {}, version {}, {records}, published {}",
        lineage.kind,
        lineage.customer_id,
        lineage.version,
        lineage.updated_at.format("%Y-%m-%d %H:%M UTC")
    ))?;
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
    Ok(())
}
