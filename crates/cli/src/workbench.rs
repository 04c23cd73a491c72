//! The project that a command works on: its description, its connectors, its threads, its database.

use crate::arguments::Arguments;
use crate::exit::Misconfigured;
use crate::output::say;
use crate::progress;
use crate::settings::Settings;
use anyhow::Context;
use std::path::Path;
use std::sync::Arc;
use vinculo_connector::Connector;
use vinculo_operations::{OperationError, Session, Store, Workbench};
use vinculo_private_postgres::{PrivateCluster, Started};
use vinculo_project::{ConnectorKeys, Project};

/// Every kind of connector that this program has.
pub fn connectors() -> Vec<Box<dyn Connector>> {
    vec![Box::new(vinculo_files::Files)]
}

/// The project of a folder, ready to be looked at.
///
/// # Errors
/// All problems of `vinculo.yaml` at once.
pub fn open(arguments: &Arguments, settings: &Settings) -> anyhow::Result<Workbench> {
    let connectors = connectors();
    let specs: Vec<_> = connectors.iter().map(|connector| connector.spec()).collect();
    let option_keys: Vec<Vec<&str>> =
        specs.iter().map(|spec| spec.options.iter().map(|option| option.key).collect()).collect();
    let keys: Vec<ConnectorKeys<'_>> =
        specs.iter().zip(&option_keys).map(|(spec, keys)| ConnectorKeys { kind: spec.kind, keys }).collect();
    let project = Project::load(&arguments.process.project, &keys, &|name| std::env::var(name).ok())?;
    let threads = rayon::ThreadPoolBuilder::new().num_threads(settings.threads).build()?;
    Ok(Workbench { project: Arc::new(project), connectors: connectors.into(), threads: Arc::new(threads) })
}

/// A project with its database, to work on; the database is prepared where it is not.
///
/// # Errors
/// A database that cannot be reached or is not ours.
pub async fn open_to_write(arguments: &Arguments, settings: &Settings) -> anyhow::Result<Session> {
    let session = connect(arguments, settings).await?;
    if let Some(script) = session.store.prepare().await?.role_script {
        say("The roles for readers may not be created with this login. Somebody who may should run:");
        say(script);
    }
    Ok(session)
}

/// A project with its database, to look at; nothing in it is changed.
///
/// # Errors
/// A database that cannot be reached, or that holds nothing yet.
pub async fn open_to_read(arguments: &Arguments, settings: &Settings) -> anyhow::Result<Session> {
    let session = connect(arguments, settings).await?;
    if !session.store.is_prepared().await? {
        return Err(OperationError::NotFound("nothing has been run yet; `vinculo run` does it".into()).into());
    }
    Ok(session)
}

async fn connect(arguments: &Arguments, settings: &Settings) -> anyhow::Result<Session> {
    let bench = open(arguments, settings)?;
    let url = match named_database(&bench.project, settings) {
        Some(url) => url,
        // A socket costs less than the loopback interface, which is for other programs.
        None => running_cluster(&bench.project, settings)?.socket_url().context(NO_ADDRESS)?,
    };
    let store = Store::connect(&url).await?;
    Ok(Session { bench, store, progress: progress::for_stderr(), actor: actor() })
}

/// Who is at work: the account that the process runs under. Variables such as `USER` are not asked, since cron leaves them
/// out and anybody can set them.
fn actor() -> String {
    let named = whoami::username().ok().filter(|name| !name.is_empty());
    named.unwrap_or_else(|| "an account without a name".into())
}

const NO_ADDRESS: &str = "the private Postgres has no address";

/// The database of a project: a flag or variable, the project's own, or a private one that is started if need be.
///
/// # Errors
/// No Postgres that could be started.
pub fn database_url(project: &Project, settings: &Settings) -> anyhow::Result<String> {
    match named_database(project, settings) {
        Some(url) => Ok(url),
        None => running_cluster(project, settings)?.url().context(NO_ADDRESS),
    }
}

fn running_cluster(project: &Project, settings: &Settings) -> anyhow::Result<PrivateCluster> {
    let cluster = private_cluster(&project.dir, settings)?;
    if cluster.ensure_started()? == Started::Fresh {
        say("Started the project's private Postgres; `vinculo db stop` stops it.");
    }
    Ok(cluster)
}

/// The database that a flag, a variable or the project names; none means a private one.
pub fn named_database(project: &Project, settings: &Settings) -> Option<String> {
    settings.database.clone().filter(|url| !url.is_empty()).or_else(|| project.database.clone())
}

/// The private Postgres of a project's folder, started or not.
///
/// # Errors
/// No installed Postgres of a usable version.
pub fn private_cluster(dir: &Path, settings: &Settings) -> anyhow::Result<PrivateCluster> {
    let dir = dir.canonicalize().map_err(|error| Misconfigured(format!("{}: {}", dir.display(), error.kind())))?;
    Ok(PrivateCluster::for_project(&dir, settings.pg_bin.as_deref())?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fmt::Write;
    use vinculo_project::{ConnectorReference, reference};

    /// The options of a connector as a table.
    fn table_of_options(connector: &dyn Connector) -> String {
        let spec = connector.spec();
        let mut text = format!("{}\n\n| key | meaning | example |\n|---|---|---|\n", spec.meaning);
        for option in spec.options {
            let required = if option.required { " (required)" } else { "" };
            let _ = writeln!(text, "| `{}`{required} | {} | `{}` |", option.key, option.meaning, option.example);
        }
        text
    }

    #[test]
    fn the_actor_is_the_account_of_the_process_whatever_the_environment_says() {
        let passwd = std::process::Command::new("id").arg("-un").env_clear().env("PATH", "/usr/bin:/bin").output();
        assert_eq!(actor(), String::from_utf8_lossy(&passwd.expect("id").stdout).trim());
    }

    #[test]
    fn the_reference_tells_the_options_of_every_connector() {
        let connectors = connectors();
        let texts: Vec<String> = connectors.iter().map(|connector| table_of_options(connector.as_ref())).collect();
        let references: Vec<ConnectorReference<'_>> = connectors
            .iter()
            .zip(&texts)
            .map(|(connector, text)| ConnectorReference { kind: connector.spec().kind, text })
            .collect();
        let page = reference(&references);
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/reference/vinculo-yaml.md");
        if std::env::var_os("UPDATE_DOCS").is_some() {
            std::fs::write(path, &page).expect("the reference can be written");
        }
        let found = std::fs::read_to_string(path).expect("the reference");
        assert!(found == page, "docs/reference/vinculo-yaml.md is stale: run UPDATE_DOCS=1 cargo test -p vinculo-cli");
    }
}
