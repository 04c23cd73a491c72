//! `vinculo evaluate`

use crate::arguments::EvaluateArguments;
use crate::exit::Ending;
use crate::output::{json, result};
use crate::table::{counted, number, table};
use vinculo_operations::Session;
use vinculo_operations::evaluate::{self, WorstMistake};

pub async fn evaluate(session: &Session, own: &EvaluateArguments) -> anyhow::Result<Ending> {
    let report = evaluate::evaluate(&session.store, &own.truth).await?;
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
    mistakes("joined though they are several", &report.worst_joined)?;
    mistakes("apart though they are one", &report.worst_split)?;
    Ok(Ending::Done)
}

fn mistakes(title: &str, mistakes: &[WorstMistake]) -> anyhow::Result<()> {
    if mistakes.is_empty() {
        return Ok(());
    }
    result(format_args!("\n{title} (see `vinculo lineage CUSTOMER`):"))?;
    for mistake in mistakes {
        let customers: Vec<String> = mistake.customers.iter().map(ToString::to_string).collect();
        let records = counted(mistake.records, "record", "records");
        result(format_args!("  {records}, {} parts: {}", number(mistake.parts), customers.join(", ")))?;
    }
    Ok(())
}
