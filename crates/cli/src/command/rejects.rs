//! `vinculo rejects`

use crate::arguments::{RejectsArguments, RejectsCommand};
use crate::exit::Ending;
use crate::output::{json, result};
use crate::table::table;
use vinculo_operations::Session;
use vinculo_operations::rejects::{self, RejectedRecord};

pub async fn rejects(session: &Session, own: &RejectsArguments) -> anyhow::Result<Ending> {
    match own.command {
        Some(RejectsCommand::Show { reject }) => show(&rejects::show(&session.store, reject).await?, own.json)?,
        None => {
            let rejected = rejects::list(session, own.run, own.source.as_deref(), own.limit).await?;
            list(&rejected, own)?;
        }
    }
    Ok(Ending::Done)
}

fn list(rejected: &[RejectedRecord], own: &RejectsArguments) -> anyhow::Result<()> {
    if own.json {
        return json(&rejected);
    }
    if rejected.is_empty() {
        result("No record was rejected.")?;
        return Ok(());
    }
    let mut rows = table(&["#number", "source", "place", "faults"]);
    for reject in rejected {
        let place = format!("{}:{}", reject.file, reject.line);
        rows.add_row([reject.reject.to_string(), reject.source.clone(), place, faults(reject)]);
    }
    result(rows)?;
    result("One of them as it came: vinculo rejects show NUMBER")?;
    Ok(())
}

fn show(reject: &RejectedRecord, as_json: bool) -> anyhow::Result<()> {
    if as_json {
        return json(reject);
    }
    result(format_args!("{} {}:{}", reject.source, reject.file, reject.line))?;
    result(format_args!("faults: {}", faults(reject)))?;
    result(reject.raw.as_deref().unwrap_or_default())?;
    Ok(())
}

fn faults(reject: &RejectedRecord) -> String {
    let of = |fault: &rejects::Fault| match &fault.column {
        Some(column) => format!("{} ({column})", fault.code),
        None => fault.code.clone(),
    };
    reject.faults.iter().map(of).collect::<Vec<_>>().join(", ")
}
