//! What the program prints: results on stdout, everything else on stderr.

use std::fmt::Display;
use std::io::{self, Write};

/// Writes a line to stdout. A reader that went away (`vinculo status | head`) is no failure.
pub fn result(line: impl Display) -> io::Result<()> {
    ignore_broken_pipe(writeln!(io::stdout().lock(), "{line}"))
}

/// Writes a line for people to stderr.
pub fn say(line: impl Display) {
    // Nothing is left to do where even stderr is closed.
    let _ = writeln!(io::stderr().lock(), "{line}");
}

/// Writes a value as indented JSON to stdout.
pub fn json(value: &impl serde::Serialize) -> anyhow::Result<()> {
    result(serde_json::to_string_pretty(value)?)?;
    Ok(())
}

fn ignore_broken_pipe(written: io::Result<()>) -> io::Result<()> {
    match written {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        written => written,
    }
}
