//! `vinculo evaluate`

use crate::arguments::EvaluateArguments;
use crate::exit::Ending;
use crate::output::{explain_line, in_words, json, result};
use crate::table::{counted, number, table};
use vinculo_operations::Session;
use vinculo_operations::evaluate::{self, Completeness, FEW_HOLDERS, Mistakes};

pub async fn evaluate(session: &Session, own: &EvaluateArguments) -> anyhow::Result<Ending> {
    let report = evaluate::evaluate(session, &own.truth, own.candidates).await?;
    if own.json {
        json(&report)?;
        return Ok(Ending::Done);
    }
    result(format_args!(
        "{} of {} in the truth, published as {}",
        counted(report.records, "record", "records"),
        counted(report.entities, "entity", "entities"),
        counted(report.customers, "customer", "customers")
    ))?;
    if report.not_published > 0 {
        result(format_args!(
            "{} of the truth are not published (rejected, or not delivered)",
            number(report.not_published)
        ))?;
    }
    if report.not_in_truth > 0 {
        result(format_args!("{} are published and not in the truth", number(report.not_in_truth)))?;
    }
    let mut scores = table(&["", "#precision", "#recall", "#F1"]);
    for (name, score) in
        [("pairwise", report.pairwise), ("B-cubed", report.b_cubed), ("whole customers", report.cluster)]
    {
        let figures = [score.precision, score.recall, score.f1].map(|figure| format!("{figure:.4}"));
        scores.add_row([name.to_owned()].into_iter().chain(figures));
    }
    result(scores)?;
    if let Some(completeness) = report.candidates {
        candidates(completeness)?;
    }
    mistakes("Joined, though they are several customers", &report.joined_wrongly)?;
    mistakes("Apart, though they are one customer", &report.missed)?;
    Ok(Ending::Done)
}

/// How many of the true pairs blocking proposes.
fn candidates(found: Completeness) -> anyhow::Result<()> {
    let mut pairs = table(&["true pairs of one kind", "#pairs", "#candidates", "#share"]);
    let tied = format!("tied: they share a value, or two, that at most {FEW_HOLDERS} records hold");
    for (what, all, candidates) in
        [("all".to_owned(), found.pairs, found.candidates), (tied, found.tied, found.tied_candidates)]
    {
        let share = if all == 0 { "–".to_owned() } else { format!("{:.4}", candidates as f64 / all as f64) };
        pairs.add_row([what, number(all), number(candidates), share]);
    }
    result(pairs)?;
    Ok(())
}

fn mistakes(title: &str, mistakes: &Mistakes) -> anyhow::Result<()> {
    if mistakes.pairs == 0 {
        return Ok(());
    }
    result(format_args!("\n{title}: {}, by kind", counted(mistakes.pairs, "pair", "pairs")))?;
    let mut kinds = table(&["kind", "#pairs", "#mistakes", "the worst"]);
    for kind in &mistakes.kinds {
        let mut first = [in_words(&kind.kind), number(kind.pairs), number(kind.mistakes)];
        for example in &kind.examples {
            let row = std::mem::take(&mut first);
            kinds.add_row(row.into_iter().chain([explain_line(&example.left, &example.right)]));
        }
    }
    result(kinds)?;
    if mistakes.not_looked_at > 0 {
        result(format_args!(
            "{} of lesser mistakes were not looked at",
            counted(mistakes.not_looked_at, "pair", "pairs")
        ))?;
    }
    Ok(())
}
