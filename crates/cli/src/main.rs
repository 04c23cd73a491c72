//! `vinculo`: the command line. The only place that prints, and that reads flags, variables and settings.
//!
//! | module | what it does |
//! |---|---|
//! | [`arguments`], [`settings`] | what the caller wants |
//! | [`workbench`] | the project, its connectors, its threads, its database |
//! | [`command`] | one module a command: calls a use case, prints what came of it |
//! | [`progress`], [`output`], [`table`] | how it is shown |
//! | [`mod@report`] | the page that `report` writes |

mod arguments;
mod command;
mod exit;
mod output;
mod progress;
mod report;
mod settings;
mod table;
mod workbench;

use arguments::{Arguments, Command};
use clap::Parser;
use settings::Settings;
use std::process::ExitCode;
use tokio::runtime::Builder;

fn main() -> ExitCode {
    vinculo_allocator::give_back_large_blocks();
    #[cfg(feature = "failpoints")]
    let _scenario = fail::FailScenario::setup();
    let arguments = Arguments::parse();
    let result = Settings::load(&arguments.process).and_then(|settings| {
        begin_logging(&settings);
        // Who waits for each answer waits for no other thread to wake up.
        let mut runtime = match arguments.command {
            Command::Resolve(_) | Command::Match(_) => Builder::new_current_thread(),
            _ => Builder::new_multi_thread(),
        };
        let runtime = runtime.enable_all().build()?;
        runtime.block_on(command::run(&arguments, &settings))
    });
    exit::code(result)
}

/// Log lines go to stderr; what they say never holds a personal value.
fn begin_logging(settings: &Settings) {
    use tracing_subscriber::filter::{EnvFilter, LevelFilter};
    let filter = EnvFilter::builder().with_default_directive(LevelFilter::WARN.into()).parse_lossy(&settings.log);
    // Below a warning the database driver logs statements, and the server's notices.
    let filter = ["sqlx=warn", "sqlx_core=warn", "sqlx_postgres=warn"]
        .into_iter()
        .filter_map(|directive| directive.parse().ok())
        .fold(filter, EnvFilter::add_directive);
    let builder = tracing_subscriber::fmt().with_writer(std::io::stderr).with_env_filter(filter);
    match settings.log_format {
        arguments::LogFormat::Json => builder.json().init(),
        arguments::LogFormat::Text => builder.init(),
    }
}
