//! `vinculo check`

use crate::arguments::CheckArguments;
use crate::exit::Ending;
use crate::output::{json, result};
use crate::table::{counted, one_line, table};
use vinculo_operations::Workbench;
use vinculo_operations::preview::{RecordPreview, SourcePreview, preview};

pub async fn check(bench: &Workbench, own: &CheckArguments) -> anyhow::Result<Ending> {
    let today = (chrono::Utc::now().timestamp() / 86_400) as i32;
    let mut previews = Vec::new();
    for source in bench.select(&own.select.select)? {
        previews.push(preview(bench, source, own.records, today).await?);
    }
    if own.select.json {
        json(&previews)?;
    } else {
        for preview in &previews {
            show(preview)?;
        }
    }
    Ok(if previews.iter().all(SourcePreview::is_good) { Ending::Done } else { Ending::Failed })
}

fn show(preview: &SourcePreview) -> anyhow::Result<()> {
    result(format_args!("{}", preview.source))?;
    for step in &preview.steps {
        result(format_args!("  {step}"))?;
    }
    if let Some(problem) = &preview.problem {
        result(format_args!("  cannot be read: {problem}\n"))?;
        return Ok(());
    }
    if !preview.missing_columns.is_empty() {
        let columns = preview.missing_columns.join("`, `");
        result(format_args!("  vinculo.yaml names columns that are not there: `{columns}`"))?;
    }
    if !preview.unseen_columns.is_empty() {
        let columns = preview.unseen_columns.join("`, `");
        result(format_args!("  no record of the sample has: `{columns}`"))?;
    }
    result(format_args!("  sample of {}", counted(preview.sampled, "record", "records")))?;
    for (code, count) in &preview.rejected {
        result(format_args!("    {count} would be rejected: {code}"))?;
    }
    if preview.too_many_rejects {
        result("    so many that the delivery would be refused; `max_reject_ratio` sets the limit")?;
    }
    for (attribute, flags) in &preview.flagged {
        let flags: Vec<String> = flags.iter().map(|(flag, count)| format!("{count} {flag}")).collect();
        result(format_args!("    {attribute} would be flagged: {}", flags.join(", ")))?;
    }
    for record in &preview.records {
        show_record(record)?;
    }
    result("")?;
    Ok(())
}

fn show_record(record: &RecordPreview) -> anyhow::Result<()> {
    let key = one_line(&record.key);
    result(format_args!("\n  {} {key} ({}:{})", record.kind, record.file, record.line))?;
    let mut values = table(&["    attribute", "as it came", "normalized"]);
    for value in &record.values {
        let raw = one_line(&value.raw.join(" | "));
        values.add_row([format!("    {}", value.attribute), raw, one_line(&value.normalized.join(" | "))]);
    }
    result(values)?;
    Ok(())
}
