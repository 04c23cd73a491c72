//! What the program prints: results on stdout, everything else on stderr.

use crate::table::one_line;
use std::fmt::Display;
use std::io::{self, Write};
use vinculo_operations::pair::RecordName;
use vinculo_records::{AuditHead, Kind};

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

/// A word of a closed list as people read it: `shared_email` becomes `shared email`.
pub fn in_words(word: &str) -> String {
    word.replace('_', " ")
}

/// The end of the audit chain, as people are told to keep it.
pub fn kept_elsewhere(head: &AuditHead) -> String {
    format!(
        "Audit chain, block {}: {} (keep this hash elsewhere; `vinculo verify --audit --against` asks for it)",
        head.block, head.hash
    )
}

/// The records of a kind, as a heading.
pub fn plural(kind: Kind) -> &'static str {
    match kind {
        Kind::Person => "Persons",
        Kind::Organization => "Organizations",
    }
}

/// A weight, in thousandths of a bit, in bits: `+3.21`.
pub fn bits(weight: i32) -> String {
    format!("{:+.2}", f64::from(weight) / 1000.0)
}

/// The line to type that explains two records.
pub fn explain_line(left: &RecordName, right: &RecordName) -> String {
    let words = [&left.source, &left.source_key, &right.source, &right.source_key].map(|word| for_shell(word));
    // What begins with a hyphen would be taken for a flag.
    let dashes = if words.iter().any(|word| word.starts_with('-')) { "-- " } else { "" };
    format!("vinculo explain {dashes}{}", words.join(" "))
}

/// The line to type that judges, but for the reason.
pub fn judge_line(verb: &str, words: &[&str]) -> String {
    let words: Vec<String> = words.iter().map(|word| for_shell(word)).collect();
    let (words, has_hyphen) = (words.join(" "), words.iter().any(|word| word.starts_with('-')));
    match has_hyphen {
        true => format!("vinculo judge {verb} --reason '…' -- {words}"),
        false => format!("vinculo judge {verb} {words} --reason '…'"),
    }
}

/// A word as a shell takes it.
fn for_shell(word: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "._-/@:+".contains(c);
    if !word.is_empty() && word.chars().all(is_plain) {
        word.to_owned()
    } else {
        format!("'{}'", one_line(&word).replace('\'', "'\\''"))
    }
}

fn ignore_broken_pipe(written: io::Result<()>) -> io::Result<()> {
    match written {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        written => written,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_to_type_holds_any_key() {
        let name = |key: &str| RecordName { source: "crm".into(), source_key: key.into() };
        let line = explain_line(&name("47-11"), &name("[\"a\",\"it's\"]"));
        assert_eq!(line, r#"vinculo explain crm 47-11 crm '["a","it'\''s"]'"#);
        assert_eq!(explain_line(&name("-A7"), &name("8")), "vinculo explain -- crm -A7 crm 8");
        assert_eq!(judge_line("withdraw", &["7"]), "vinculo judge withdraw 7 --reason '…'");
        assert_eq!(judge_line("wrong", &["crm", "-A7", "email"]), "vinculo judge wrong --reason '…' -- crm -A7 email");
        assert_eq!(for_shell("d'Ávila"), r"'d'\''Ávila'");
        assert_eq!(for_shell(""), "''");
    }
}
