//! `vinculo db`

use crate::arguments::{Arguments, DbArguments, DbCommand};
use crate::exit::{Ending, Misconfigured};
use crate::output::{json, result, say};
use crate::settings::Settings;
use crate::workbench::{database_url, named_database, open, private_cluster};
use anyhow::Context;
use percent_encoding::percent_decode_str;
use std::path::{Path, PathBuf};
use std::process::Command;
use url::Url;
use vinculo_private_postgres::{Binaries, PrivateCluster, Started};
use vinculo_project::Project;

pub fn db(arguments: &Arguments, settings: &Settings, own: &DbArguments) -> anyhow::Result<Ending> {
    if let DbCommand::Stop = own.command {
        // A server can be stopped whatever the project's file says by now.
        return stop(&arguments.process.project, settings, own);
    }
    let project = open(arguments, settings)?.project;
    match &own.command {
        DbCommand::Url => {
            let url = database_url(&project, settings)?;
            if own.json { json(&serde_json::json!({"url": url}))? } else { result(url)? }
        }
        DbCommand::Psql { arguments } => return psql(&database_url(&project, settings)?, arguments, settings),
        DbCommand::Start => start(&project, settings, own)?,
        DbCommand::Stop => {}
    }
    Ok(Ending::Done)
}

fn start(project: &Project, settings: &Settings, own: &DbArguments) -> anyhow::Result<()> {
    if named_database(project, settings).is_some() {
        say("The project uses a database of its own, which is not started from here.");
        return Ok(());
    }
    let cluster = private_cluster(&project.dir, settings)?;
    match cluster.ensure_started()? {
        Started::Fresh => say("Started."),
        Started::Adopted => say("It is running already."),
    }
    tell_running(&cluster, own)
}

fn stop(dir: &Path, settings: &Settings, own: &DbArguments) -> anyhow::Result<Ending> {
    let cluster = private_cluster(dir, settings)?;
    say(if cluster.stop()? { "Stopped." } else { "No private Postgres was running." });
    tell_running(&cluster, own)?;
    Ok(Ending::Done)
}

fn tell_running(cluster: &PrivateCluster, own: &DbArguments) -> anyhow::Result<()> {
    if own.json { json(&serde_json::json!({"running": cluster.status().running})) } else { Ok(()) }
}

fn psql(url: &str, arguments: &[String], settings: &Settings) -> anyhow::Result<Ending> {
    let found = Binaries::find(settings.pg_bin.as_deref()).ok().map(|binaries| binaries.program("psql"));
    let psql = found.filter(|psql| psql.exists()).unwrap_or_else(|| PathBuf::from("psql"));
    let (url, password) = without_password(url)?;
    let mut command = Command::new(psql);
    command.args(arguments).arg("--dbname").arg(url);
    if let Some(password) = password {
        // By the environment, so that no list of processes shows it.
        command.env("PGPASSWORD", password);
    }
    let status = command.status();
    let status = status.context("psql cannot be started; on Debian: apt-get install -y postgresql-client")?;
    Ok(if status.success() { Ending::Done } else { Ending::Failed })
}

/// An address and the password that stood in it.
fn without_password(url: &str) -> anyhow::Result<(String, Option<String>)> {
    let mut url = Url::parse(url).map_err(|_| Misconfigured("the address of the database is no URL".into()))?;
    let password = url.password().map(|password| percent_decode_str(password).decode_utf8_lossy().into_owned());
    if url.set_password(None).is_err() {
        return Ok((url.into(), None));
    }
    Ok((url.into(), password))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_taken_out_of_the_address() {
        let (url, password) =
            without_password("postgres://ana:p%40ss@db.exemplo.com:5433/loja?sslmode=require").unwrap();
        assert_eq!(url, "postgres://ana@db.exemplo.com:5433/loja?sslmode=require");
        assert_eq!(password.as_deref(), Some("p@ss"));
        assert_eq!(without_password("postgres:///loja").unwrap().1, None);
        assert!(without_password("loja").is_err());
    }
}
