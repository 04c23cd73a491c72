//! What a newcomer's `vinculo.yaml` gives, and what a wrong one is told.

mod drafts;
mod exports;
mod messages;
mod reading;

use std::path::Path;
use vinculo_project::{ConnectorKeys, Project, ProjectErrors};

const CONNECTORS: &[ConnectorKeys<'_>] = &[
    ConnectorKeys { kind: "files", keys: &["path", "delimiter", "encoding"] },
    ConnectorKeys { kind: "http", keys: &["url", "token"] },
];

/// Reads a project with three connectors' worth of keys and one variable.
fn parse(text: &str) -> Result<Project, ProjectErrors> {
    let variable = |name: &str| match name {
        "PASSWORD" => Some("hunter2".to_owned()),
        "STRUCTURE" => Some("a\nkey: [1, 2]".to_owned()),
        _ => None,
    };
    Project::parse(text, "vinculo.yaml", Path::new("/data/loja"), CONNECTORS, &variable)
}
