//! Settings of the process: flags over `VINCULO_*` variables over the user's settings file.

use crate::arguments::{LogFormat, ProcessArguments};
use crate::exit::Misconfigured;
use config::{Config, Environment, File, FileFormat};
use serde::Deserialize;
use std::path::PathBuf;

/// What concerns the process and not the data.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Threads for computing; 0 is one a core.
    #[serde(default)]
    pub threads: usize,
    /// How log lines on stderr look.
    #[serde(default = "text")]
    pub log_format: LogFormat,
    /// Which log lines appear, as `tracing` filters say it.
    #[serde(default = "warnings")]
    pub log: String,
    /// Postgres to use instead of the project's.
    #[serde(default)]
    pub database: Option<String>,
    /// Folder of the Postgres programs, for a private cluster.
    #[serde(default)]
    pub pg_bin: Option<PathBuf>,
}

fn text() -> LogFormat {
    LogFormat::Text
}

fn warnings() -> String {
    "warn".into()
}

/// The variables that the settings know; others that begin with `VINCULO_` belong to the data (`${VINCULO_…}`).
const VARIABLES: [&str; 5] = ["THREADS", "LOG_FORMAT", "LOG", "DATABASE", "PG_BIN"];

impl Settings {
    /// Reads all layers.
    ///
    /// # Errors
    /// A settings file that cannot be read, or a setting of the wrong form.
    pub fn load(arguments: &ProcessArguments) -> anyhow::Result<Self> {
        let variables = VARIABLES
            .iter()
            .filter_map(|name| Some((format!("VINCULO_{name}"), std::env::var(format!("VINCULO_{name}")).ok()?)))
            .collect();
        let environment =
            Environment::with_prefix("VINCULO").try_parsing(true).ignore_empty(true).source(Some(variables));
        let mut builder = Config::builder();
        if let Some(file) = user_file() {
            builder = builder.add_source(File::from(file).format(FileFormat::Toml).required(false));
        }
        let log_format = arguments.log_format.map(|format| match format {
            LogFormat::Text => "text",
            LogFormat::Json => "json",
        });
        builder
            .add_source(environment)
            .set_override_option("threads", arguments.threads.map(|threads| threads as u64))?
            .set_override_option("log_format", log_format)?
            .set_override_option("database", arguments.database.clone())?
            .build()
            .and_then(Config::try_deserialize)
            .map_err(|error| {
                Misconfigured(format!("settings (flags, VINCULO_* variables, settings.toml): {error}")).into()
            })
    }
}

/// `settings.toml` in the user's configuration folder.
fn user_file() -> Option<PathBuf> {
    let folder = std::env::var_os("XDG_CONFIG_HOME").map(PathBuf::from);
    let folder = folder.or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".config")))?;
    Some(folder.join("vinculo/settings.toml"))
}
