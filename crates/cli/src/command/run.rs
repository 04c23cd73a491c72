//! `vinculo run`

use crate::arguments::RunArguments;
use crate::exit::Ending;
use crate::output::{result, say};
use crate::table::{ACCOUNT, account, counted, number, table};
use vinculo_operations::Session;
use vinculo_operations::run::{self, RunOptions};
use vinculo_operations::summary::{DeliveryOutcome, ResolutionSummary, RunState, RunSummary};

pub async fn run(session: &Session, own: &RunArguments) -> anyhow::Result<Ending> {
    let options =
        RunOptions { select: own.select.clone(), dry_run: own.dry_run, full: own.full, allow_shrink: own.allow_shrink };
    let summary = match run::run(session, &options).await {
        Ok(summary) => summary,
        Err(error) => {
            result(serde_json::json!({"status": "failed", "problem": error.to_string()}))?;
            return Err(error.into());
        }
    };
    tell(&summary);
    result(serde_json::to_string(&summary)?)?;
    // Where another source was published, or is refused for good, trying again is not all that is to be done.
    let only_later = summary.sources.iter().all(|source| source.retry);
    Ok(match summary.status {
        RunState::Failed if only_later => Ending::TryLater,
        RunState::Failed => Ending::Failed,
        RunState::Done | RunState::Unchanged => Ending::Done,
    })
}

/// The short account for people, on stderr.
fn tell(summary: &RunSummary) {
    say("");
    tell_sources(summary);
    for resolution in &summary.resolution {
        tell_resolution(resolution);
    }
    let would = if summary.dry_run { "Would be published" } else { "Published" };
    match (summary.status, summary.dry_run) {
        (RunState::Unchanged, false) => say(format_args!(
            "Nothing changed: {} stand as they were.",
            counted(summary.customers_total, "customer", "customers")
        )),
        _ => say(format_args!(
            "{would}: {}; {} in all.",
            summary.customers.in_words(),
            counted(summary.customers_total, "customer", "customers")
        )),
    }
    tell_next(summary);
}

fn tell_sources(summary: &RunSummary) {
    let mut sources = table(&[&["source", "state"][..], &ACCOUNT, &["#flagged"]].concat());
    for source in &summary.sources {
        let flagged: u64 = source.counts.flagged.values().flat_map(|flags| flags.values()).sum();
        let state = match source.state {
            DeliveryOutcome::Sealed => "sealed",
            DeliveryOutcome::Unchanged => "unchanged",
            DeliveryOutcome::Refused => "refused",
            DeliveryOutcome::Failed => "failed",
        };
        let numbers = account(&source.counts).into_iter().chain([flagged]).map(number);
        sources.add_row([source.source.clone(), state.to_owned()].into_iter().chain(numbers));
    }
    say(sources);
    for source in &summary.sources {
        if let Some(problem) = source.problem.as_ref().or(source.note.as_ref()) {
            say(format_args!("{}: {problem}", source.source));
        }
        for file in &source.files {
            let found: Vec<&str> =
                file.findings.iter().filter(|finding| finding.ends_with("(detected)")).map(String::as_str).collect();
            if !found.is_empty() {
                say(format_args!("{}: {}", file.path, found.join(", ")));
            }
        }
    }
}

fn tell_resolution(resolution: &ResolutionSummary) {
    let report = &resolution.report;
    let pairs: u64 = report.rules.iter().map(|rule| rule.pairs).sum();
    say(format_args!(
        "{}: {} are {}; {} compared, {} joined, {} for review",
        match resolution.kind {
            vinculo_records::Kind::Person => "Persons",
            vinculo_records::Kind::Organization => "Organizations",
        },
        counted(report.records, "record", "records"),
        counted(report.clusters, "customer", "customers"),
        counted(pairs, "pair", "pairs"),
        number(report.joins),
        counted(report.possible_matches, "pair", "pairs"),
    ));
    if report.conflicts > 0 {
        let conflicts = counted(report.conflicts, "join was", "joins were");
        say(format_args!("  {conflicts} refused by a constraint; kept as conflicts for review"));
    }
    let cut: u64 = report.rules.iter().map(|rule| rule.cut_records).sum();
    if cut > 0 {
        let rules: Vec<String> = report
            .rules
            .iter()
            .filter(|rule| rule.cut_records > 0)
            .map(|rule| format!("{} {}", rule.rule, number(rule.cut_records)))
            .collect();
        say(format_args!("  left out of too common blocks, by rule: {}", rules.join(", ")));
    }
    if resolution.retraining_due {
        say("  there are far more records than the model was trained on: `vinculo run --full` trains it anew");
    }
    if resolution.training.as_ref().is_some_and(|training| !training.converged) {
        say("  the training did not come to rest; the weights are the last ones");
    }
}

fn tell_next(summary: &RunSummary) {
    if summary.sources.iter().any(|source| source.counts.rejected > 0) {
        say("Rejected records and why: vinculo rejects");
    }
    if summary.resolution.iter().any(|resolution| resolution.report.conflicts + resolution.report.possible_matches > 0)
    {
        say(
            "Conflicts and pairs for review: select * from audit.decision where kind <> 'join' and to_publication is null",
        );
    }
    if summary.publication.is_some() {
        say("Customers: select * from crm.customer, at the address that `vinculo db url` prints");
    }
}
