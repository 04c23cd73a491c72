//! `vinculo undo`

use crate::arguments::UndoArguments;
use crate::exit::Ending;
use crate::output::{json, kept_elsewhere, result, say};
use crate::table::counted;
use vinculo_operations::Session;
use vinculo_operations::undo::{self, UndoSummary};

pub async fn undo(session: &Session, own: &UndoArguments) -> anyhow::Result<Ending> {
    let summary = undo::undo(session, own.dry_run).await?;
    if own.json {
        json(&summary)?;
    } else {
        show(&summary)?;
    }
    Ok(Ending::Done)
}

fn show(summary: &UndoSummary) -> anyhow::Result<()> {
    let taken = &summary.taken_back;
    let whose = format!(
        "publication {} (`vinculo {}`, run {}, by {})",
        taken.publication, taken.command, taken.run, taken.actor
    );
    let total = counted(summary.customers_total, "customer", "customers");
    let changes = summary.customers.in_words();
    match summary.publication {
        None => result(format_args!("Would take back {whose}: {changes}."))?,
        Some(number) => {
            result(format_args!("Publication {number} takes back {whose}: {changes}; {total} in all."))?;
            say("Source records stay as they are: `vinculo run` publishes again when data, settings or judgements \
                 change, `vinculo run --full` at once.");
        }
    }
    summary.audit.iter().map(kept_elsewhere).for_each(say);
    Ok(())
}
