//! `vinculo review`

use crate::arguments::ReviewArguments;
use crate::exit::Ending;
use crate::output::{bits, explain_line, in_words, json, judge_line, result};
use crate::table::{counted, one_line, table};
use vinculo_operations::Session;
use vinculo_operations::review::{self, Review, ReviewItem, ReviewOptions, ReviewSide};
use vinculo_records::DecisionKind;

pub async fn review(session: &Session, own: &ReviewArguments) -> anyhow::Result<Ending> {
    let all = own.conflicts == own.possible;
    let options =
        ReviewOptions { conflicts: all || own.conflicts, possible_matches: all || own.possible, limit: own.limit };
    let review = review::review(session, options).await?;
    if own.json {
        json(&review)?;
        return Ok(Ending::Done);
    }
    if review.items.is_empty() {
        result("Nothing waits for a review.")?;
    }
    for count in &review.counts {
        let reason = count.reason.as_deref().map_or_else(String::new, |reason| format!(": {}", in_words(reason)));
        result(match count.decision {
            DecisionKind::Conflict => format!("{}{reason}", counted(count.count, "refused join", "refused joins")),
            _ => format!("{}{reason}", counted(count.count, "possible match", "possible matches")),
        })?;
    }
    show_settled(&review)?;
    if !review.items.is_empty() {
        result("The most consequential first:")?;
    }
    for (number, item) in (1..).zip(&review.items) {
        show(number, item)?;
    }
    Ok(Ending::Done)
}

/// How much of it persons have settled.
fn show_settled(review: &Review) -> anyhow::Result<()> {
    if review.judged > 0 {
        let pairs = counted(review.judged, "pair is judged", "pairs are judged");
        result(format_args!("{pairs} and not listed: `vinculo judge list` shows them"))?;
    }
    if review.waiting > 0 {
        let judgements = counted(review.waiting, "judgement waits", "judgements wait");
        result(format_args!("{judgements} to be applied: `vinculo run` does it"))?;
    }
    Ok(())
}

fn show(number: u32, item: &ReviewItem) -> anyhow::Result<()> {
    let what = match &item.reason {
        Some(reason) => format!("refused: {}", in_words(reason)),
        None => in_words(item.decision.name()),
    };
    let records = |side: &ReviewSide| counted(u64::from(side.records.unsigned_abs()), "record", "records");
    result(format_args!(
        "\n{number}. {what}, {} bits; would join a customer of {} and one of {}",
        bits(item.weight),
        records(&item.left),
        records(&item.right)
    ))?;
    let heading = |side: &ReviewSide| format!("{} {}", side.record.source, one_line(&side.record.source_key));
    let mut values = table(&["", &heading(&item.left), &heading(&item.right)]);
    for value in &item.values {
        let texts = [&value.left, &value.right].map(|texts| one_line(&texts.join(" | ")));
        values.add_row([value.attribute.clone()].into_iter().chain(texts));
    }
    result(values)?;
    let (left, right) = (&item.left.record, &item.right.record);
    result(explain_line(left, right))?;
    let words = [&left.source, &left.source_key, &right.source, &right.source_key].map(String::as_str);
    for verb in ["same", "different"] {
        result(judge_line(verb, &words))?;
    }
    Ok(())
}
