//! `vinculo status`

use crate::arguments::StatusArguments;
use crate::exit::Ending;
use crate::output::{json, kept_elsewhere, result};
use crate::table::{ACCOUNT, account, number, table, unlisted};
use vinculo_operations::Session;
use vinculo_operations::status::{self, RunReport};

pub async fn status(session: &Session, own: &StatusArguments) -> anyhow::Result<Ending> {
    let status = status::status(&session.store, &session.bench.project, own.runs).await?;
    if own.json {
        json(&status)?;
        return Ok(Ending::Done);
    }
    if status.runs.is_empty() {
        result("Nothing has been run yet; `vinculo run` does it.")?;
    }
    for report in &status.runs {
        show(report)?;
    }
    for source in &status.unlisted {
        result(unlisted(source))?;
    }
    if let Some(head) = &status.audit {
        result(kept_elsewhere(head))?;
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
        let mut deliveries = table(&[&["  source", "state"][..], &ACCOUNT].concat());
        for delivery in &report.deliveries {
            let words = [format!("  {}", delivery.source), delivery.state.to_owned()];
            deliveries.add_row(words.into_iter().chain(account(&delivery.counts).map(number)));
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
