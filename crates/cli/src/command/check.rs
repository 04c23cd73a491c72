//! `vinculo check`

use crate::arguments::CheckArguments;
use crate::exit::Ending;
use crate::output::{json, result};
use crate::table::{counted, one_line, table};
use comfy_table::ContentArrangement;
use vinculo_operations::Workbench;
use vinculo_operations::preview::{RecordPreview, SourcePreview, TotalRow, meaning, preview};

/// Raw and normalized values stand side by side in so many columns; longer ones are broken.
const WIDTH: u16 = 100;

pub async fn check(bench: &Workbench, own: &CheckArguments) -> anyhow::Result<Ending> {
    let today = (chrono::Utc::now().timestamp() / 86_400) as i32;
    let mut previews = Vec::new();
    for source in bench.select(&own.select.sources.names())? {
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
    show_columns(preview)?;
    show_faults(preview)?;
    if preview.repeated_keys > 0 {
        let rows = counted(preview.repeated_keys, "record has", "records have");
        result(format_args!("  {rows} the key of one before and other values: only the newest of them is kept;"))?;
        result("    if they are not versions of the same record, `key` needs another column")?;
    }
    if preview.stand_in_keys > 0 {
        let rows = counted(preview.stand_in_keys, "record has", "records have");
        result(format_args!(
            "  {rows} a stand-in for a key, such as N/A, 0 or -: all with the same one are one record;"
        ))?;
        result("    if they are not, `key` needs another column, or one more")?;
    }
    for total in &preview.totals {
        show_total(total)?;
    }
    for record in &preview.records {
        show_record(record)?;
    }
    result("")?;
    Ok(())
}

fn show_columns(preview: &SourcePreview) -> anyhow::Result<()> {
    if !preview.missing_columns.is_empty() {
        let columns = preview.missing_columns.join("`, `");
        result(format_args!("  vinculo.yaml names columns that the file does not have: `{columns}`"))?;
        result(format_args!("    it has: {}", preview.columns.join(", ")))?;
    }
    if !preview.unseen_columns.is_empty() {
        let columns = preview.unseen_columns.join("`, `");
        result(format_args!(
            "  none of the first records has `{columns}`; a later one may, or the name is misspelled"
        ))?;
    }
    Ok(())
}

/// What would be rejected and flagged, each code with what it means.
fn show_faults(preview: &SourcePreview) -> anyhow::Result<()> {
    let sampled = counted(preview.sampled, "record", "records");
    if preview.rejected.is_empty() && preview.flagged.is_empty() {
        result(format_args!("  first {sampled}: nothing would be rejected or flagged"))?;
        return Ok(());
    }
    result(format_args!("  first {sampled}:"))?;
    for (code, count) in &preview.rejected {
        result(format_args!("    {} rejected, {code}: {}", counted(*count, "record", "records"), meaning(code)))?;
    }
    if preview.too_many_rejects {
        result("    So many that the whole delivery would be refused; `max_reject_ratio` sets the limit.")?;
    }
    for (attribute, flags) in &preview.flagged {
        for (flag, count) in flags {
            let values = counted(*count, "value", "values");
            result(format_args!("    {values} of {attribute} flagged, {flag}: {}", meaning(flag)))?;
        }
    }
    Ok(())
}

fn show_total(total: &TotalRow) -> anyhow::Result<()> {
    let TotalRow { file, line, filled, usual, told_by: (column, text) } = total;
    result(format_args!("  the last record ({file}:{line}) looks like a total and would become a customer:"))?;
    result(format_args!("    {filled} of its cells are filled, where others have {usual}"))?;
    let values = serde_json::to_string(&[text])?;
    result("    Leave it out of the file, or add to the source:")?;
    let column = serde_json::to_string(column)?;
    result(format_args!("    deleted: {{column: {column}, values: {}}}", one_line(&values)))?;
    Ok(())
}

fn show_record(record: &RecordPreview) -> anyhow::Result<()> {
    let key = one_line(&record.key);
    result(format_args!("\n  {} {key} ({}:{})", record.kind, record.file, record.line))?;
    let mut values = table(&["    attribute", "as it came", "normalized"]);
    values.set_content_arrangement(ContentArrangement::Dynamic).set_width(WIDTH);
    for value in &record.values {
        let filled: Vec<&str> = value.raw.iter().map(|text| text.trim()).filter(|text| !text.is_empty()).collect();
        let raw = one_line(&filled.join(" | "));
        values.add_row([format!("    {}", value.attribute), raw, one_line(&value.normalized.join(" | "))]);
    }
    result(values.trim_fmt())?;
    Ok(())
}
