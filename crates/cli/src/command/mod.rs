//! The commands, one module each: call a use case, print what came of it.

mod check;
mod db;
mod discover;
mod evaluate;
mod explain;
mod init;
mod lineage;
mod rejects;
mod report;
mod review;
mod run;
mod status;

use crate::arguments::{Arguments, Command};
use crate::exit::Ending;
use crate::settings::Settings;
use crate::workbench::{open, open_to_read, open_to_write};

/// Runs the command that was asked for.
///
/// # Errors
/// Whatever went wrong; it is told by the caller.
pub async fn run(arguments: &Arguments, settings: &Settings) -> anyhow::Result<Ending> {
    match &arguments.command {
        Command::Init(own) => init::init(arguments, own).await,
        Command::Check(own) => check::check(&open(arguments, settings)?, own).await,
        Command::Discover(own) => discover::discover(&open(arguments, settings)?, own).await,
        Command::Run(own) => run::run(&open_to_write(arguments, settings).await?, own).await,
        Command::Status(own) => status::status(&open_to_read(arguments, settings).await?, own).await,
        Command::Rejects(own) => rejects::rejects(&open_to_read(arguments, settings).await?, own).await,
        Command::Lineage(own) => lineage::lineage(&open_to_read(arguments, settings).await?, own).await,
        Command::Explain(own) => explain::explain(&open_to_read(arguments, settings).await?, own).await,
        Command::Review(own) => review::review(&open_to_read(arguments, settings).await?, own).await,
        Command::Report(own) => report::report(&open_to_read(arguments, settings).await?, own).await,
        Command::Evaluate(own) => evaluate::evaluate(&open_to_read(arguments, settings).await?, own).await,
        Command::Db(own) => db::db(arguments, settings, own),
    }
}
