//! Which crate may use which: the architecture, as a table.

use cargo_metadata::{DependencyKind, Metadata, Package};

/// Each of our crates and those of ours that it may use. `connectors/*` stands for every crate in that folder.
const ARROWS: [(&str, &[&str]); 13] = [
    ("vinculo-allocator", &[]),
    ("vinculo-records", &[]),
    ("vinculo-connector", &["vinculo-records"]),
    (CONNECTORS, &["vinculo-connector", "vinculo-records"]),
    ("vinculo-normalization", &["vinculo-records"]),
    ("vinculo-resolution", &["vinculo-records"]),
    ("vinculo-store", &["vinculo-records"]),
    ("vinculo-project", &["vinculo-records"]),
    ("vinculo-private-postgres", &["vinculo-records"]),
    (
        "vinculo-operations",
        &[
            "vinculo-records",
            "vinculo-connector",
            "vinculo-normalization",
            "vinculo-resolution",
            "vinculo-store",
            "vinculo-project",
        ],
    ),
    (
        "vinculo-cli",
        &[
            "vinculo-allocator",
            "vinculo-records",
            "vinculo-operations",
            "vinculo-project",
            "vinculo-private-postgres",
            "vinculo-connector",
            CONNECTORS,
        ],
    ),
    (TESTKIT, &["vinculo-records", "vinculo-private-postgres"]),
    ("xtask", &["vinculo-private-postgres"]),
];

const CONNECTORS: &str = "connectors/*";

/// Used by tests only; and by whoever wants sample data, as a program.
const TESTKIT: &str = "vinculo-testkit";

/// The whole-system tests: no one uses them, and they may use everything.
const SYSTEM_TESTS: &str = "vinculo-tests";

/// Libraries of others that only some of our crates may use, and why.
const CONFINED: [(&str, &[&str], &str); 3] = [
    ("sqlx", &["vinculo-store", TESTKIT], "SQL lives in the store alone"),
    (
        "tokio",
        &["vinculo-store", "vinculo-operations", "vinculo-cli", "vinculo-connector", CONNECTORS, TESTKIT],
        "what does not wait is not async",
    ),
    ("anyhow", &["vinculo-cli", "xtask", TESTKIT], "libraries have errors of their own"),
];

/// A use of one crate by another.
#[derive(Debug, Clone, Copy)]
struct Arrow<'a> {
    from: &'a str,
    from_is_connector: bool,
    to: &'a str,
    to_is_connector: bool,
    to_is_ours: bool,
    for_tests: bool,
}

/// Every arrow that the tables do not allow.
pub fn findings(metadata: &Metadata) -> Vec<String> {
    let members = metadata.workspace_packages();
    let is_connector = |package: &Package| {
        let folder = metadata.workspace_root.join("connectors");
        package.manifest_path.starts_with(folder)
    };
    members
        .iter()
        .flat_map(|package| package.dependencies.iter().map(move |dependency| (package, dependency)))
        .filter_map(|(package, dependency)| {
            let target = members.iter().find(|member| member.name.as_str() == dependency.name);
            forbidden(Arrow {
                from: &package.name,
                from_is_connector: is_connector(package),
                to: &dependency.name,
                to_is_connector: target.is_some_and(|target| is_connector(target)),
                to_is_ours: target.is_some(),
                for_tests: dependency.kind == DependencyKind::Development,
            })
        })
        .collect()
}

/// Why an arrow may not be, if so.
fn forbidden(arrow: Arrow<'_>) -> Option<String> {
    let Arrow { from, to, .. } = arrow;
    if from == SYSTEM_TESTS || (arrow.for_tests && (to == TESTKIT || !arrow.to_is_ours)) {
        return None;
    }
    let from_row = if arrow.from_is_connector { CONNECTORS } else { from };
    let to_entry = if arrow.to_is_connector { CONNECTORS } else { to };
    if arrow.to_is_ours {
        let row = ARROWS.iter().find(|(name, _)| *name == from_row);
        return match row {
            Some((_, allowed)) if allowed.contains(&to_entry) => None,
            Some(_) => Some(format!("{from} may not depend on {to}: see ARROWS in xtask/src/tidy/arrows.rs")),
            None => Some(format!("{from} is not in ARROWS in xtask/src/tidy/arrows.rs: say what it may depend on")),
        };
    }
    let (_, allowed, why) = CONFINED.iter().find(|(name, ..)| *name == to)?;
    (!allowed.contains(&from_row)).then(|| format!("{from} may not depend on {to}: {why}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arrow<'a>(from: &'a str, to: &'a str) -> Arrow<'a> {
        let ours = to.starts_with("vinculo-");
        Arrow {
            from,
            from_is_connector: false,
            to,
            to_is_connector: to == "vinculo-files",
            to_is_ours: ours,
            for_tests: false,
        }
    }

    #[test]
    fn engine_and_store_never_meet() {
        assert!(forbidden(arrow("vinculo-resolution", "vinculo-store")).is_some());
        assert!(forbidden(arrow("vinculo-store", "vinculo-resolution")).is_some());
        assert!(forbidden(arrow("vinculo-operations", "vinculo-store")).is_none());
    }

    #[test]
    fn connectors_know_the_contract_and_only_the_program_knows_connectors() {
        let connector = Arrow { from_is_connector: true, ..arrow("vinculo-files", "vinculo-connector") };
        assert!(forbidden(connector).is_none());
        assert!(forbidden(Arrow { to: "vinculo-store", ..connector }).is_some());
        assert!(forbidden(arrow("vinculo-cli", "vinculo-files")).is_none());
        assert!(forbidden(arrow("vinculo-operations", "vinculo-files")).is_some());
    }

    #[test]
    fn the_testkit_is_for_tests_only() {
        assert!(forbidden(arrow("vinculo-store", TESTKIT)).is_some());
        assert!(forbidden(Arrow { for_tests: true, ..arrow("vinculo-store", TESTKIT) }).is_none());
        assert!(forbidden(arrow(SYSTEM_TESTS, TESTKIT)).is_none());
    }

    #[test]
    fn sql_async_and_untyped_errors_stay_where_they_belong() {
        for (from, to) in [("vinculo-operations", "sqlx"), ("vinculo-resolution", "tokio"), ("vinculo-store", "anyhow")]
        {
            assert!(forbidden(arrow(from, to)).is_some(), "{from} -> {to}");
        }
        assert!(forbidden(arrow("vinculo-store", "sqlx")).is_none());
        assert!(forbidden(arrow("vinculo-resolution", "rayon")).is_none());
    }

    #[test]
    fn a_new_crate_must_say_what_it_may_use() {
        let finding = forbidden(arrow("vinculo-api", "vinculo-records")).expect("it is not in the table");
        assert!(finding.contains("is not in ARROWS"), "{finding}");
    }
}
