//! `verify`: everything that must always hold, looked at in one state of the database, however long that takes.
//!
//! What queries can answer is answered by the store; what needs the project or the engine is worked out here:
//!
//! | module | about |
//! |---|---|
//! | `customers` | every customer beside its records: golden values, what joined them, identifiers |
//! | `golden` | the golden values that records have, as publishing works them out |
//! | `keys` | every record is found by its keys |
//! | `delivered` | records read again from what was delivered |
//! | `models` | models are as they were trained, in either form |

mod customers;
mod delivered;
mod golden;
mod keys;
mod models;

use crate::error::OperationError;
use crate::session::Session;
use serde::Serialize;
use vinculo_store::verify::{Check, Found, Snapshot, checks};

/// How thorough to be.
#[derive(Debug, Clone, Copy, Default)]
pub struct VerifyOptions {
    /// Read every record again from what was delivered, not only some of each source.
    pub deep: bool,
}

/// What must hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule {
    /// Its name, for scripts.
    pub name: &'static str,
    /// What must hold, in a sentence.
    pub says: &'static str,
    /// What is looked at, in the plural.
    pub of: &'static str,
    /// What an example names: `record` for the number of a record.
    pub names: &'static str,
}

/// What was found about one rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CheckReport {
    /// The rule's name.
    pub check: &'static str,
    /// What must hold, in a sentence.
    pub rule: &'static str,
    /// What was looked at, in the plural.
    pub of: &'static str,
    /// How many were looked at.
    pub looked_at: u64,
    /// How many break the rule.
    pub broken: u64,
    /// What the examples name.
    pub names: &'static str,
    /// Ids of a few that break it, never values.
    pub examples: Vec<String>,
    /// Why not all were looked at.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// What was found about all rules.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct VerifyReport {
    /// Whether everything that was looked at holds.
    pub holds: bool,
    /// Each rule.
    pub checks: Vec<CheckReport>,
}

const SCHEMA: Rule = Rule {
    name: "schema_is_ours",
    says: "The database went through just the migrations of this program, as they stand in it.",
    of: "migrations",
    names: "migration",
};
const RUNS: Rule = Rule {
    name: "runs_are_alive",
    says: "A run that is said to be at work is, or was killed and no other has gone on yet.",
    of: "runs",
    names: "run",
};

/// All rules, in the order in which they are shown.
pub fn rules() -> impl Iterator<Item = Rule> {
    let of_check = |check: &Check| Rule { name: check.name, says: check.rule, of: check.of, names: check.names };
    let worked_out =
        [customers::RULES, &delivered::RULES, &[models::RULE, models::PACKED]].into_iter().flatten().copied();
    [SCHEMA, RUNS].into_iter().chain(checks().map(of_check)).chain(worked_out)
}

impl CheckReport {
    fn new(rule: Rule, found: Found, note: Option<String>) -> Self {
        let Found { looked_at, broken, examples } = found;
        Self { check: rule.name, rule: rule.says, of: rule.of, looked_at, broken, names: rule.names, examples, note }
    }
}

/// Looks at everything that must hold. Writes nothing, and waits for nobody who does.
///
/// # Errors
/// When the database cannot be read.
pub async fn verify(session: &Session, options: VerifyOptions) -> Result<VerifyReport, OperationError> {
    let mut queried = session.store.snapshot().await?;
    let mut worked_out = queried.beside(&session.store).await?;
    let (queried, worked_out) =
        tokio::join!(by_queries(session, &mut queried), by_working_out(session, options, &mut worked_out));
    let found: Vec<CheckReport> = queried?.into_iter().chain(worked_out?).collect();
    let mut checks: Vec<CheckReport> = Vec::with_capacity(found.len());
    for rule in rules() {
        checks.extend(found.iter().find(|report| report.check == rule.name).cloned());
    }
    Ok(VerifyReport { holds: checks.iter().all(|check| check.broken == 0), checks })
}

async fn by_queries(session: &Session, snapshot: &mut Snapshot) -> Result<Vec<CheckReport>, OperationError> {
    let mut reports = vec![
        CheckReport::new(SCHEMA, snapshot.check_schema().await?, None),
        CheckReport::new(RUNS, session.store.check_runs().await?, None),
    ];
    for check in checks() {
        let rule = Rule { name: check.name, says: check.rule, of: check.of, names: check.names };
        reports.push(CheckReport::new(rule, snapshot.check(check).await?, None));
    }
    Ok(reports)
}

async fn by_working_out(
    session: &Session,
    options: VerifyOptions,
    snapshot: &mut Snapshot,
) -> Result<Vec<CheckReport>, OperationError> {
    let models = snapshot.models().await?;
    let mut reports = vec![
        CheckReport::new(models::RULE, models::check(&models), None),
        CheckReport::new(models::PACKED, models::check_packed(session, &models).await?, None),
    ];
    reports.extend(customers::check(session, snapshot, &models, options.deep).await?);
    reports.extend(delivered::check(session, snapshot, options.deep).await?);
    Ok(reports)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fmt::Write as _;

    const OPENING: &str = "# What `vinculo verify` looks at

`vinculo verify` looks at every rule below in one state of the database, on a live system too: it writes nothing and waits
for nobody. It shows how many it looked at and how many break a rule, with the ids of a few, never a value. It ends with
exit code 1 when anything breaks a rule. `--json` is for scripts, `--deep` reads every record again from what was
delivered, not only some of each source.

What was read and not yet published is held against its own rules alone: a run that failed before it published, or a
publication that was taken back, breaks nothing.

| check | looks at | what must hold |
|---|---|---|
";

    #[test]
    fn the_reference_tells_every_rule() {
        let mut page = OPENING.to_owned();
        for rule in rules() {
            let _ = writeln!(page, "| `{}` | {} | {} |", rule.name, rule.of, rule.says);
        }
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/reference/verify.md");
        if std::env::var_os("UPDATE_DOCS").is_some() {
            std::fs::write(path, &page).expect("the reference can be written");
        }
        let found = std::fs::read_to_string(path).unwrap_or_default();
        assert!(found == page, "docs/reference/verify.md is stale: run UPDATE_DOCS=1 cargo test -p vinculo-operations");
    }

    #[test]
    fn every_rule_has_a_name_of_its_own() {
        let mut names: Vec<&str> = rules().map(|rule| rule.name).collect();
        names.sort_unstable();
        assert!(names.windows(2).all(|pair| pair[0] != pair[1]), "{names:?}");
    }
}
