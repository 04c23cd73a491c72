//! `vinculo status`

use crate::arguments::StatusArguments;
use crate::exit::Ending;
use crate::output::{json, result};
use crate::table::{number, table};
use vinculo_operations::Session;
use vinculo_operations::status::{self, RunReport};

pub async fn status(session: &Session, own: &StatusArguments) -> anyhow::Result<Ending> {
    let reports = status::status(&session.store, own.runs).await?;
    if own.json {
        json(&reports)?;
        return Ok(Ending::Done);
    }
    if reports.is_empty() {
        result("Nothing has been run yet; `vinculo run` does it.")?;
    }
    for report in &reports {
        show(report)?;
    }
    Ok(Ending::Done)
}

fn show(report: &RunReport) -> anyhow::Result<()> {
    let took = report.finished_at.map(|finished| finished - report.started_at);
    let took = took.map_or_else(String::new, |took| format!(", {:.1} s", took.num_milliseconds() as f64 / 1000.0));
    let started = report.started_at.format("%Y-%m-%d %H:%M:%S UTC");
    result(format_args!("run {} {} ({started}{took}, by {})", report.run, report.status, report.actor))?;
    if let Some(problem) = report.summary.as_ref().and_then(|summary| summary["problem"].as_str()) {
        result(format_args!("  {problem}"))?;
    }
    if !report.deliveries.is_empty() {
        let headings =
            ["  source", "state", "#read", "#new", "#changed", "#unchanged", "#superseded", "#rejected", "#deleted"];
        let mut deliveries = table(&headings);
        for delivery in &report.deliveries {
            let counts = &delivery.counts;
            let numbers = [
                counts.read,
                counts.new,
                counts.changed,
                counts.unchanged,
                counts.superseded,
                counts.rejected,
                counts.deleted,
            ];
            let words = [format!("  {}", delivery.source), delivery.state.to_owned()];
            deliveries.add_row(words.into_iter().chain(numbers.map(number)));
        }
        result(deliveries)?;
    }
    for delivery in &report.deliveries {
        if let Some(problem) = &delivery.problem {
            result(format_args!("  {}: {problem}", delivery.source))?;
        }
    }
    if let Some(customers) = report.summary.as_ref().and_then(|summary| summary["customers_total"].as_u64()) {
        result(format_args!("  customers: {}", number(customers)))?;
    }
    Ok(())
}
