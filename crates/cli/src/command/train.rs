//! `vinculo train`

use crate::arguments::TrainArguments;
use crate::exit::Ending;
use crate::output::{json, plural, result};
use crate::table::{counted, number};
use vinculo_operations::Session;
use vinculo_operations::train::{self, KindTraining};

pub async fn train(session: &Session, own: &TrainArguments) -> anyhow::Result<Ending> {
    let trained = train::train(session).await?;
    if own.json {
        json(&trained)?;
        return Ok(Ending::Done);
    }
    if trained.is_empty() {
        result("There is no record to learn from; `vinculo run` reads the sources.")?;
    }
    for kind in &trained {
        result(in_words(kind))?;
    }
    if trained.iter().any(|kind| kind.is_new) {
        result("Nothing is resolved yet: the next `vinculo run` resolves all records under the new model.")?;
        result("How many customers that would change: vinculo run --dry-run")?;
    }
    Ok(Ending::Done)
}

/// What was learned of one kind, in a sentence.
fn in_words(kind: &KindTraining) -> String {
    let name = plural(kind.kind);
    let records = counted(kind.records, "record", "records");
    match (kind.model, &kind.training) {
        (Some(model), Some(training)) if kind.is_new => format!(
            "{name}: model {model}, learned from {records}; about {} of them match another one.",
            counted(training.expected_matches.round() as u64, "pair", "pairs"),
        ),
        (Some(model), _) => format!("{name}: {records} teach what model {model} knows already."),
        (None, _) => format!(
            "{name}: {records}, fewer than {}: each run trains by itself, and resolves all of them.",
            number(kind.frozen_from)
        ),
    }
}
