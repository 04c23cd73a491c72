//! `vinculo verify --audit`

use crate::exit::Ending;
use crate::output::{json, kept_elsewhere, result};
use crate::table::{counted, number};
use vinculo_operations::Session;
use vinculo_operations::audit::{self, AuditReport};

/// Makes the audit chain anew, beside a hash that was kept elsewhere if there is one.
pub async fn audit(session: &Session, kept: Option<&str>, as_json: bool) -> anyhow::Result<Ending> {
    let report = audit::verify_chain(session, kept).await?;
    if as_json {
        json(&report)?;
    } else {
        show(&report)?;
    }
    Ok(if report.holds { Ending::Done } else { Ending::Failed })
}

fn show(report: &AuditReport) -> anyhow::Result<()> {
    for finding in &report.findings {
        result(&finding.problem)?;
    }
    let blocks = counted(report.blocks, "block", "blocks");
    if !report.holds {
        result(format_args!("The audit chain does not hold: what is told first is where to look ({blocks})."))?;
        return Ok(());
    }
    result(format_args!("The audit chain holds: {blocks} over {} leaves.", number(report.leaves)))?;
    if let Some(block) = report.kept {
        result(format_args!("The hash that was kept is that of block {block}."))?;
    }
    if report.uncovered > 0 {
        let rows = counted(report.uncovered, "row is", "rows are");
        result(format_args!("{rows} not covered yet; the next run does it."))?;
    }
    if let Some(head) = &report.head {
        result(kept_elsewhere(head))?;
    }
    Ok(())
}
