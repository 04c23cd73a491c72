//! `vinculo prove`

use crate::arguments::ProveArguments;
use crate::exit::{Ending, Misconfigured};
use crate::output::{json, result};
use crate::table::one_line;
use std::path::Path;
use vinculo_operations::Session;
use vinculo_operations::prove::{self, Proof, Proved};

/// Writes the proof of a record version.
pub async fn prove(session: &Session, own: &ProveArguments) -> anyhow::Result<Ending> {
    let [source, key] = &own.record[..] else {
        return Err(Misconfigured("a record is named by its source and its key".into()).into());
    };
    json(&prove::prove(session, source, key, own.version).await?)?;
    Ok(Ending::Done)
}

/// Checks the proof in a file, with nothing but the file.
pub fn check(file: &Path, own: &ProveArguments) -> anyhow::Result<Ending> {
    let text = std::fs::read_to_string(file)
        .map_err(|error| Misconfigured(format!("{}: {}", file.display(), error.kind())))?;
    // What is wrong with it may quote it.
    let proof: Proof = serde_json::from_str(&text)
        .map_err(|error| Misconfigured(format!("{}:{}: this is no proof", file.display(), error.line())))?;
    let proved = prove::check(&proof, own.against.as_deref())?;
    if own.json {
        json(&proved)?;
    } else {
        show(&proved)?;
    }
    Ok(if proved.problem.is_none() { Ending::Done } else { Ending::Failed })
}

fn show(proved: &Proved) -> anyhow::Result<()> {
    if let Some(problem) = &proved.problem {
        result(format_args!("This proves nothing: {problem}."))?;
        return Ok(());
    }
    for row in &proved.rows {
        result(format_args!("{}, in block {} (run {}):", row.relation, row.block, row.run))?;
        for (column, value) in &row.says {
            let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            result(format_args!("  {column}: {}", one_line(&value)))?;
        }
    }
    match proved.kept {
        Some(block) => result(format_args!("The hash that was kept is that of block {block}: this was there."))?,
        None => result(format_args!(
            "This was there if the hash of block {} is one that was kept elsewhere: {}",
            proved.head.block, proved.head.hash
        ))?,
    }
    Ok(())
}
