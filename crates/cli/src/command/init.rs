//! `vinculo init`

use crate::arguments::{Arguments, InitArguments};
use crate::exit::Ending;
use crate::output::{json, say};
use crate::table::counted;
use crate::workbench::connectors;
use anyhow::Context;
use vinculo_operations::init::{self, DraftedSource};

pub async fn init(arguments: &Arguments, own: &InitArguments) -> anyhow::Result<Ending> {
    let connectors = connectors();
    let files =
        connectors.iter().find(|connector| connector.spec().kind == "files").context("no connector for files")?;
    let dir = &arguments.process.project;
    let draft = init::look(files.as_ref(), dir, own.country.as_deref(), &own.files).await?;
    let path = init::write(dir, &draft, own.force)?;
    draft.sources.iter().for_each(tell);
    for left in &draft.left_out {
        say(format_args!("left out: {}", left.problem));
    }
    if own.json {
        let sources = draft.sources.iter().map(|source| {
            serde_json::json!({
                "source": source.name,
                "files": source.files,
                "findings": source.findings,
                "recognition": source.recognition,
            })
        });
        let left_out =
            draft.left_out.iter().map(|left| serde_json::json!({"path": left.path, "problem": left.problem}));
        json(&serde_json::json!({
            "sources": sources.collect::<Vec<_>>(),
            "left_out": left_out.collect::<Vec<_>>(),
        }))?;
    }
    say(format_args!("Wrote {}. Correct what is wrong in it, then: vinculo check", path.display()));
    Ok(Ending::Done)
}

fn tell(source: &DraftedSource) {
    let files = match source.files.as_slice() {
        [first, others @ ..] if !others.is_empty() => {
            let others = counted(others.len() as u64, "file", "files");
            format!("{} and {others} of the same format and columns", first.display())
        }
        files => files.iter().map(|file| file.display().to_string()).collect(),
    };
    let columns = &source.recognition.columns;
    let recognized = source.recognition.recognized_columns();
    say(format_args!("{}: {files}", source.name));
    say(format_args!(
        "  {} looked at, {recognized} of {} recognized; {}",
        counted(source.rows as u64, "record", "records"),
        counted(columns.len() as u64, "column", "columns"),
        source.findings.join(", ")
    ));
    if let Some(added) = &source.added {
        say(format_args!("  the file alone does not tell how it is to be read; put into the draft: {added}"));
    }
    if source.recognition.key.is_none() {
        say("  no column looks like a key: put yours in, where vinculo.yaml says so");
    }
}
