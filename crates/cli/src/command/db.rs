//! `vinculo db`

use crate::arguments::{Arguments, DbArguments, DbCommand};
use crate::exit::Ending;
use crate::output::{result, say};
use crate::settings::Settings;
use crate::workbench::{database_url, open, private_cluster};
use anyhow::Context;
use std::path::PathBuf;
use std::process::Command;
use vinculo_private_postgres::{Binaries, Started};

pub fn db(arguments: &Arguments, settings: &Settings, own: &DbArguments) -> anyhow::Result<Ending> {
    let project = open(arguments, settings)?.project;
    let is_private = settings.database.is_none() && project.database.is_none();
    match &own.command {
        DbCommand::Url => result(database_url(&project, settings)?)?,
        DbCommand::Psql { arguments } => return psql(&database_url(&project, settings)?, arguments, settings),
        DbCommand::Start | DbCommand::Stop if !is_private => {
            say("The project uses a database of its own, which is not started or stopped from here.");
        }
        DbCommand::Start => match private_cluster(&project.dir, settings)?.ensure_started()? {
            Started::Fresh => say("Started."),
            Started::Adopted => say("It is running already."),
        },
        DbCommand::Stop => {
            let was_running = private_cluster(&project.dir, settings)?.stop()?;
            say(if was_running { "Stopped." } else { "It was not running." });
        }
    }
    Ok(Ending::Done)
}

fn psql(url: &str, arguments: &[String], settings: &Settings) -> anyhow::Result<Ending> {
    let found = Binaries::find(settings.pg_bin.as_deref()).ok().map(|binaries| binaries.program("psql"));
    let psql = found.filter(|psql| psql.exists()).unwrap_or_else(|| PathBuf::from("psql"));
    // By the environment, so that no list of processes shows the password.
    let status = Command::new(psql)
        .args(arguments)
        .env("PGDATABASE", url)
        .status()
        .context("psql cannot be started; on Debian: apt-get install -y postgresql-client")?;
    Ok(if status.success() { Ending::Done } else { Ending::Failed })
}
