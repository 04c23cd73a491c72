//! `vinculo verify`

use crate::arguments::VerifyArguments;
use crate::exit::Ending;
use crate::output::{json, result};
use crate::table::{number, table};
use vinculo_operations::Session;
use vinculo_operations::verify::{self, CheckReport, VerifyOptions, VerifyReport};

pub async fn verify(session: &Session, own: &VerifyArguments) -> anyhow::Result<Ending> {
    if own.audit {
        return super::audit::audit(session, own.against.as_deref(), own.json).await;
    }
    let report = verify::verify(session, VerifyOptions { deep: own.deep }).await?;
    if own.json {
        json(&report)?;
    } else {
        show(&report)?;
    }
    Ok(if report.holds { Ending::Done } else { Ending::Failed })
}

fn show(report: &VerifyReport) -> anyhow::Result<()> {
    let mut checks = table(&["check", "#looked at", "", "#broken"]);
    for check in &report.checks {
        let broken = if check.broken == 0 { "ok".to_owned() } else { number(check.broken) };
        checks.add_row([check.check.to_owned(), number(check.looked_at), check.of.to_owned(), broken]);
    }
    result(checks)?;
    for check in &report.checks {
        if let Some(note) = &check.note {
            result(format_args!("{}: {note}", check.check))?;
        }
    }
    let broken: Vec<&CheckReport> = report.checks.iter().filter(|check| check.broken > 0).collect();
    for check in &broken {
        result(format_args!("\n{} does not hold: {}", check.check, check.rule))?;
        let more = if check.broken > check.examples.len() as u64 { ", …" } else { "" };
        result(format_args!("  {} {}{more}", check.names, check.examples.join(", ")))?;
    }
    result(if broken.is_empty() { "Everything that was looked at holds." } else { "\nThe database is damaged." })?;
    Ok(())
}
