//! `vinculo run`

use crate::arguments::RunArguments;
use crate::exit::Ending;
use crate::output::{kept_elsewhere, plural, result, say};
use crate::table::{ACCOUNT, account, counted, number, table, unlisted};
use vinculo_operations::Session;
use vinculo_operations::run::{self, RunOptions};
use vinculo_operations::summary::{
    DeliveryOutcome, ResolutionReport, ResolutionSummary, RuleReport, RunState, RunSummary,
};

pub async fn run(session: &Session, own: &RunArguments) -> anyhow::Result<Ending> {
    let options = RunOptions {
        select: own.sources.names(),
        dry_run: own.dry_run,
        full: own.full,
        allow_shrink: own.allow_shrink,
        retire: own.retire.clone(),
        only_judgements: false,
    };
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
    say(what_was_published(summary));
    what_failed(summary).into_iter().for_each(say);
    tell_next(summary);
}

/// What became of the customers, in a sentence.
fn what_was_published(summary: &RunSummary) -> String {
    let (changes, total) = (summary.customers.in_words(), summary.customers_total);
    let in_all = counted(total, "customer", "customers");
    match (summary.publication, summary.taken_back) {
        (_, Some(taken_back)) => format!(
            "Publication {taken_back} was taken back, and nothing has changed since: {in_all} as before it. \
             `vinculo run --full` publishes anew, as does a run after any change of data, settings or judgements."
        ),
        _ if summary.dry_run => format!("Would be published: {changes}; {in_all} in all."),
        (Some(_), _) => format!("Published: {changes}; {in_all} in all."),
        (None, _) => format!(
            "Nothing to publish: {}.",
            counted(total, "customer stands as it was", "customers stand as they were")
        ),
    }
}

/// That sources failed or were refused, and what that means for the run.
fn what_failed(summary: &RunSummary) -> Option<String> {
    let names = |state: DeliveryOutcome| {
        let sources = summary.sources.iter().filter(move |source| source.state == state);
        sources.map(|source| source.source.as_str()).collect::<Vec<_>>().join(", ")
    };
    let (refused, failed) = (names(DeliveryOutcome::Refused), names(DeliveryOutcome::Failed));
    let what = match (refused.as_str(), failed.as_str()) {
        ("", "") => return None,
        (refused, "") => format!("Refused: {refused}"),
        ("", failed) => format!("Failed: {failed}"),
        (refused, failed) => format!("Refused: {refused}; failed: {failed}"),
    };
    Some(format!("{what}. What these sources said before still counts."))
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
        if let Some(told) = source.problem.as_ref().or(source.note.as_ref()) {
            say(format_args!("{}: {told}", source.source));
        }
        for file in &source.files {
            let found: Vec<&str> =
                file.findings.iter().filter(|finding| finding.ends_with("(detected)")).map(String::as_str).collect();
            if !found.is_empty() {
                say(format_args!("{}: {}", file.path, found.join(", ")));
            }
        }
    }
    summary.unlisted.iter().map(unlisted).for_each(say);
}

fn tell_resolution(resolution: &ResolutionSummary) {
    let report = &resolution.report;
    let pairs: u64 = report.rules.iter().map(|rule| rule.pairs).sum();
    say(format_args!(
        "{}: {}{} are {}; {} compared, {} joined, {} for review",
        plural(resolution.kind),
        if resolution.part { "of what changed and all that it touches, " } else { "" },
        counted(report.records, "record", "records"),
        counted(report.clusters, "customer", "customers"),
        counted(pairs, "pair", "pairs"),
        number(report.joins),
        counted(report.possible_matches, "pair", "pairs"),
    ));
    if report.conflicts > 0 {
        let conflicts = counted(report.conflicts, "join was", "joins were");
        say(format_args!("  {conflicts} refused by a constraint; kept for review"));
    }
    for line in what_was_cut(report) {
        say(format_args!("  {line}"));
    }
    if resolution.retraining_due {
        say("  there are far more records than the model was trained on: `vinculo run --full` trains it anew");
    }
    if resolution.training.as_ref().is_some_and(|training| !training.converged) {
        say("  the training did not come to rest; the weights are the last ones");
    }
}

/// What the bounds of resolution left out, a line each.
fn what_was_cut(report: &ResolutionReport) -> Vec<String> {
    let mut lines = Vec::new();
    let of_rules = |count: fn(&RuleReport) -> u64| report.rules.iter().map(count).sum::<u64>();
    if of_rules(|rule| rule.cut_records) > 0 {
        let rules = report.rules.iter().filter(|rule| rule.cut_records > 0);
        let rules: Vec<String> = rules.map(|rule| format!("{} {}", rule.rule, number(rule.cut_records))).collect();
        lines
            .push(format!("too common to be compared with all that share them, records by rule: {}", rules.join(", ")));
    }
    let pairs = of_rules(|rule| rule.cut_pairs);
    if pairs > 0 {
        let pairs = counted(pairs, "pair", "pairs");
        lines.push(format!("{pairs} of records with a too common key were left out"));
    }
    if !lines.is_empty() {
        lines.push("a greater `pairs_per_record` under `resolution:` compares more of them, and takes longer".into());
    }
    if report.cut_values > 0 {
        let values = counted(report.cut_values, "value was", "values were");
        lines.push(format!(
            "{values} not compared: their records have too many of one attribute; is a separator wrong?"
        ));
    }
    let cuts = &report.cuts;
    if cuts.unscored_pairs > 0 {
        let pairs = counted(cuts.unscored_pairs, "pair", "pairs");
        let groups = counted(cuts.large_components as u64, "very large group", "very large groups");
        lines.push(format!("{pairs} in {groups} of alike records counted as no match, since they were too many"));
    }
    lines
}

fn tell_next(summary: &RunSummary) {
    if summary.sources.iter().any(|source| source.counts.rejected > 0) {
        say("Rejected records and why: vinculo rejects");
    }
    if summary.resolution.iter().any(|resolution| resolution.report.conflicts + resolution.report.possible_matches > 0)
    {
        say("Conflicts and pairs for review, the most consequential first: vinculo review");
    }
    if summary.publication.is_some() {
        say("Customers: vinculo db psql -- -c 'select name, email, phone, record_count from crm.customer'");
    }
    summary.audit.iter().map(kept_elsewhere).for_each(say);
}

#[cfg(test)]
mod tests {
    use super::*;
    use vinculo_operations::summary::{ClusterCuts, WeightHistogram};

    fn report(cut_records: u64, cut_values: u64, cuts: ClusterCuts) -> ResolutionReport {
        let rule = RuleReport {
            rule: "phone".into(),
            pairs: 7,
            block_limit: 50,
            oversized_keys: 1,
            cut_keys: 0,
            cut_records,
            cut_pairs: 0,
        };
        ResolutionReport {
            records: 10,
            clusters: 5,
            cut_values,
            rules: vec![rule],
            weights: WeightHistogram::default(),
            kept_pairs: 7,
            joins: 5,
            conflicts: 0,
            possible_matches: 0,
            cuts,
        }
    }

    #[test]
    fn what_every_bound_cut_is_told_and_nothing_else() {
        assert_eq!(what_was_cut(&report(0, 0, ClusterCuts::default())), [""; 0]);
        let records = what_was_cut(&report(1_200, 0, ClusterCuts::default()));
        assert!(records[0].ends_with("phone 1,200") && records[1].contains("pairs_per_record"), "{records:?}");
        let values = what_was_cut(&report(0, 1, ClusterCuts::default()));
        assert!(values[0].starts_with("1 value was not compared"), "{values:?}");
        let cuts = ClusterCuts { large_components: 1, unscored_pairs: 9, ..ClusterCuts::default() };
        let groups = what_was_cut(&report(0, 0, cuts));
        assert!(groups[0].starts_with("9 pairs in 1 very large group"), "{groups:?}");
    }
}
