//! `vinculo discover`

use crate::arguments::SelectArguments;
use crate::exit::Ending;
use crate::output::{json, result};
use crate::table::counted;
use vinculo_operations::Workbench;
use vinculo_operations::discover;

pub async fn discover(bench: &Workbench, own: &SelectArguments) -> anyhow::Result<Ending> {
    let sources = discover::discover(bench, &bench.select(&own.sources.names())?).await?;
    let is_good = sources.iter().all(|source| source.problem.is_none());
    if own.json {
        json(&sources)?;
    }
    for source in sources.iter().filter(|_| !own.json) {
        result(&source.source)?;
        if let Some(problem) = &source.problem {
            result(format_args!("  cannot be read: {problem}"))?;
        }
        for stream in &source.streams {
            for part in &stream.parts {
                let rows = part
                    .rows
                    .map_or_else(String::new, |rows| format!(", about {}", counted(rows, "record", "records")));
                result(format_args!("  {} ({}{rows})", part.path, counted(part.bytes, "byte", "bytes")))?;
                for finding in &part.findings {
                    result(format_args!("    {finding}"))?;
                }
            }
            result(format_args!("    columns: {}", stream.columns.join(", ")))?;
        }
    }
    Ok(if is_good { Ending::Done } else { Ending::Failed })
}
