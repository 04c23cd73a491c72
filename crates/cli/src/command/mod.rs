//! The commands, one module each: call a use case, print what came of it.

mod audit;
mod check;
mod db;
mod discover;
mod evaluate;
mod explain;
mod how;
mod init;
mod judge;
mod lineage;
mod prove;
mod rejects;
mod report;
mod resolve;
mod review;
mod run;
mod status;
mod train;
mod undo;
mod verify;

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
        Command::Resolve(own) => resolve::resolve(&open_to_write(arguments, settings).await?, own).await,
        Command::Match(own) => resolve::find(&open_to_read(arguments, settings).await?, own).await,
        Command::Train(own) => train::train(&open_to_write(arguments, settings).await?, own).await,
        Command::Status(own) => status::status(&open_to_read(arguments, settings).await?, own).await,
        Command::Rejects(own) => rejects::rejects(&open_to_read(arguments, settings).await?, own).await,
        Command::Lineage(own) => lineage::lineage(&open_to_read(arguments, settings).await?, own).await,
        Command::How(own) => how::how(&open_to_read(arguments, settings).await?, own).await,
        Command::Explain(own) => explain::explain(&open_to_read(arguments, settings).await?, own).await,
        Command::Judge(own) => judge::judge(&open_to_write(arguments, settings).await?, own).await,
        Command::Review(own) => review::review(&open_to_read(arguments, settings).await?, own).await,
        Command::Report(own) => report::report(&open_to_read(arguments, settings).await?, own).await,
        Command::Evaluate(own) => evaluate::evaluate(&open_to_read(arguments, settings).await?, own).await,
        Command::Verify(own) => verify::verify(&open_to_read(arguments, settings).await?, own).await,
        Command::Undo(own) => undo::undo(&open_to_write(arguments, settings).await?, own).await,
        Command::Prove(own) => match &own.check {
            Some(file) => prove::check(file, own),
            None => prove::prove(&open_to_read(arguments, settings).await?, own).await,
        },
        Command::Db(own) => db::db(arguments, settings, own),
    }
}
