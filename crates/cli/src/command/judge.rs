//! `vinculo judge`

use crate::arguments::{JudgeArguments, JudgeCommand, JudgedPair, WhyArguments};
use crate::exit::Ending;
use crate::output::{in_words, json, judge_line, result};
use crate::table::{one_line, table};
use serde::Serialize;
use vinculo_operations::Session;
use vinculo_operations::judge::{self, Applied, Excluded, JudgedValue, Outcome, PairJudgement, ToldJudgement};
use vinculo_operations::lineage::Subject;
use vinculo_operations::pair::RecordName;
use vinculo_records::JudgementKind;

/// What became of a judgement, for programs.
#[derive(Serialize)]
struct Answer<'a> {
    #[serde(flatten)]
    outcome: &'a Outcome,
    #[serde(skip_serializing_if = "Option::is_none")]
    applied: Option<&'a Applied>,
}

pub async fn judge(session: &Session, own: &JudgeArguments) -> anyhow::Result<Ending> {
    let (outcome, why) = match &own.command {
        JudgeCommand::Same(pair) => (of_pair(session, pair, true).await?, &pair.why),
        JudgeCommand::Different(pair) => (of_pair(session, pair, false).await?, &pair.why),
        JudgeCommand::Wrong(wrong) => {
            let record = Subject::parse(&[wrong.source.clone(), wrong.key.clone()])?;
            let (attribute, value) = (&wrong.attribute, wrong.value.as_deref());
            (judge::judge_wrong(session, &record, attribute, value, &wrong.why.reason).await?, &wrong.why)
        }
        JudgeCommand::Withdraw(withdraw) => {
            (judge::withdraw(session, withdraw.judgement, &withdraw.why.reason).await?, &withdraw.why)
        }
        JudgeCommand::List(list) => return show_list(session, list.all, list.json).await,
    };
    tell(session, &outcome, why).await
}

async fn of_pair(session: &Session, pair: &JudgedPair, same: bool) -> anyhow::Result<Outcome> {
    let (left, right) = pair.records.split_at(2);
    let (left, right) = (&Subject::parse(left)?, &Subject::parse(right)?);
    let judged = PairJudgement { left, right, same, reason: &pair.why.reason, supersede: pair.supersede };
    Ok(judge::judge_pair(session, judged).await?)
}

/// Tells what became of it, and applies what was kept.
async fn tell(session: &Session, outcome: &Outcome, why: &WhyArguments) -> anyhow::Result<Ending> {
    let is_kept = matches!(outcome, Outcome::Kept { .. });
    if !why.json {
        show(outcome)?;
    }
    let applied = if is_kept && !why.later { Some(judge::apply(session).await?) } else { None };
    if why.json {
        json(&Answer { outcome, applied: applied.as_ref() })?;
    } else if is_kept {
        result(match &applied {
            Some(Applied::Published { changes }) => format!("Published: {}.", changes.in_words()),
            Some(Applied::Unchanged) => "The customers were so already.".to_owned(),
            Some(Applied::Waits { reason }) => {
                format!("The next `vinculo run` applies it: {}.", in_words(reason.name()))
            }
            None => "The next `vinculo run` applies it.".to_owned(),
        })?;
    }
    Ok(if outcome.is_in_force() { Ending::Done } else { Ending::Failed })
}

fn show(outcome: &Outcome) -> anyhow::Result<()> {
    match outcome {
        Outcome::Kept { judgement } => result(said(judgement))?,
        Outcome::Stands { judgement } => {
            result(format_args!("Judged so before, nothing is written. {}", said(judgement)))?
        }
        Outcome::Contradicted { chain, supersedable } => show_contradiction(chain, *supersedable)?,
        Outcome::Excluded { excluded, chain } => show_excluded(excluded, chain)?,
        Outcome::Needed { excluded, chain } => {
            result(format_args!("Refused: judgements rest on it. Without it {}", clash(excluded)))?;
            show_chain(chain)?;
            show_withdrawals(chain)?;
        }
        Outcome::Unclear { record, attribute, values } => {
            result(format_args!("Refused: which value of `{attribute}` of {} is wrong? It is one of:", named(record)))?;
            for value in values {
                let words = [&record.source, &record.source_key, attribute, value];
                result(format_args!("  {}", judge_line("wrong", &words.map(String::as_str))))?;
            }
        }
    }
    Ok(())
}

fn show_excluded(excluded: &Excluded, chain: &[ToldJudgement]) -> anyhow::Result<()> {
    result(format_args!("Refused: {}", clash(excluded)))?;
    show_chain(chain)?;
    result("If one of the values is wrong, say which, and judge again:")?;
    for JudgedValue { record, attribute, value } in [&excluded.left, &excluded.right] {
        let words = [&record.source, &record.source_key, attribute, value];
        result(format_args!("  {}", judge_line("wrong", &words.map(String::as_str))))?;
    }
    Ok(())
}

/// That two records name what excludes each other.
fn clash(excluded: &Excluded) -> String {
    let (left, right, attribute) = (&excluded.left.record, &excluded.right.record, &excluded.left.attribute);
    let both = format!("{} and {}", named(left), named(right));
    format!("{both} name different values of `{attribute}`, and a customer has at most one.")
}

fn show_contradiction(chain: &[ToldJudgement], supersedable: Option<i64>) -> anyhow::Result<()> {
    result("Refused: it contradicts what is judged.")?;
    show_chain(chain)?;
    if let Some(judgement) = supersedable {
        result(format_args!("To take its place, type the same again with `--supersede {judgement}`."))?;
        return Ok(());
    }
    show_withdrawals(chain)
}

fn show_withdrawals(chain: &[ToldJudgement]) -> anyhow::Result<()> {
    result("To judge so all the same, withdraw one of them first:")?;
    for judgement in chain {
        result(format_args!("  {}", judge_line("withdraw", &[&judgement.judgement.to_string()])))?;
    }
    Ok(())
}

fn show_chain(chain: &[ToldJudgement]) -> anyhow::Result<()> {
    for judgement in chain {
        result(format_args!("  {} {}", said(judgement), by(judgement)))?;
    }
    Ok(())
}

/// A judgement in a sentence.
pub(super) fn said(told: &ToldJudgement) -> String {
    let left = named(&told.left);
    let what = match (&told.right, &told.attribute) {
        (Some(right), _) => format!("{left} and {}", named(right)),
        (None, attribute) => {
            let value = told.value.as_ref().map_or_else(|| "a former value".to_owned(), one_line);
            format!("{left}, `{}` {value}", attribute.as_deref().unwrap_or_default())
        }
    };
    let number = told.judgement;
    match told.kind {
        JudgementKind::Same => format!("Judgement {number}: {what} are the same."),
        JudgementKind::Different => format!("Judgement {number}: {what} are different."),
        JudgementKind::WrongValue => format!("Judgement {number}: {what} is wrong."),
        JudgementKind::Withdrawn => {
            format!("Judgement {number}: withdraws judgement {} of {what}.", told.supersedes.unwrap_or_default())
        }
    }
}

pub(super) fn by(told: &ToldJudgement) -> String {
    format!("({}, {}: {})", one_line(&told.actor), told.judged_at.format("%Y-%m-%d"), one_line(&told.reason))
}

fn named(record: &RecordName) -> String {
    format!("{} {}", record.source, one_line(&record.source_key))
}

async fn show_list(session: &Session, all: bool, as_json: bool) -> anyhow::Result<Ending> {
    let judgements = judge::judgements(session, all).await?;
    if as_json {
        json(&judgements)?;
        return Ok(Ending::Done);
    }
    if judgements.is_empty() {
        result("Nothing is judged.")?;
        return Ok(Ending::Done);
    }
    let mut rows = table(&["#judgement", "says", "of", "and", "why", "by", "when", "holds"]);
    for told in &judgements {
        let of_value = told.attribute.as_ref().map(|attribute| {
            format!("{attribute} {}", told.value.as_ref().map_or_else(|| "(a former value)".to_owned(), one_line))
        });
        let holds = match (told.superseded_by, told.kind, told.applied) {
            (Some(by), ..) => format!("until {by}"),
            (None, JudgementKind::Withdrawn, _) => String::new(),
            (None, _, true) => "yes".to_owned(),
            (None, _, false) => "from the next run".to_owned(),
        };
        rows.add_row([
            told.judgement.to_string(),
            in_words(told.kind.name()),
            named(&told.left),
            told.right.as_ref().map(named).or(of_value).unwrap_or_default(),
            one_line(&told.reason),
            one_line(&told.actor),
            told.judged_at.format("%Y-%m-%d %H:%M").to_string(),
            holds,
        ]);
    }
    result(rows)?;
    Ok(Ending::Done)
}
