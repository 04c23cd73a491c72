//! `vinculo init`

use crate::arguments::{Arguments, InitArguments};
use crate::exit::Ending;
use crate::output::{json, say};
use crate::table::counted;
use crate::workbench::connectors;
use anyhow::Context;
use vinculo_operations::init;

pub async fn init(arguments: &Arguments, own: &InitArguments) -> anyhow::Result<Ending> {
    let connectors = connectors();
    let files =
        connectors.iter().find(|connector| connector.spec().kind == "files").context("no connector for files")?;
    let dir = &arguments.process.project;
    let draft = init::look(files.as_ref(), dir, own.country.as_deref(), &own.files).await?;
    let path = init::write(dir, &draft, own.force)?;
    for looked_at in &draft.files {
        match &looked_at.outcome {
            Ok((recognition, rows)) => {
                let recognized = recognition.columns.iter().filter(|column| !column.guesses.is_empty()).count();
                say(format_args!(
                    "{}: looked at {}, recognized {recognized} of {} columns; {}",
                    looked_at.path.display(),
                    counted(*rows as u64, "record", "records"),
                    recognition.columns.len(),
                    looked_at.findings.join(", ")
                ));
            }
            Err(problem) => say(format_args!("{}: left out: {problem}", looked_at.path.display())),
        }
    }
    if own.json {
        let files = draft.files.iter().map(|looked_at| {
            let recognized = looked_at.outcome.as_ref().map(|(recognition, _)| recognition);
            serde_json::json!({
                "source": looked_at.source,
                "path": looked_at.path,
                "findings": looked_at.findings,
                "recognition": recognized.ok(),
                "problem": recognized.err(),
            })
        });
        json(&files.collect::<Vec<_>>())?;
    }
    say(format_args!("Wrote {}. Correct what is wrong in it, then: vinculo check", path.display()));
    Ok(Ending::Done)
}
