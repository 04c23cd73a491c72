//! The files for Docker hold together.
//!
//! They cannot be run wherever the tests run, so at least they are parsed and what they refer to is looked up.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};
use saphyr::{LoadableYamlNode as _, Yaml};

/// Everything that is wrong with the Dockerfile and the compose file.
pub fn findings(root: &Path) -> Result<Vec<String>> {
    let read = |name: &str| fs::read_to_string(root.join(name)).with_context(|| name.to_owned());
    let mut findings = in_compose(&read("docker-compose.yml")?);
    findings.extend(in_dockerfile(&read("Dockerfile")?, |path| root.join(path).exists()));
    Ok(findings)
}

/// Postgres with a volume and a health check, and Vinculo beside it, started when Postgres is healthy.
fn in_compose(text: &str) -> Vec<String> {
    let documents = match Yaml::load_from_str(text) {
        Ok(documents) => documents,
        Err(error) => return vec![format!("docker-compose.yml: {error}")],
    };
    let Some(file) = documents.first() else {
        return vec!["docker-compose.yml: it is empty".to_owned()];
    };
    let mut findings = Vec::new();
    let mut need = |holds: bool, what: &str| {
        if !holds {
            findings.push(format!("docker-compose.yml: {what}"));
        }
    };
    let at = |path: &[&str]| path.iter().try_fold(file, |node, key| node.as_mapping_get(key));
    let text_at = |path: &[&str]| at(path).and_then(Yaml::as_str).unwrap_or_default();
    let items_at = |path: &[&str]| -> Vec<&str> {
        at(path).and_then(Yaml::as_vec).into_iter().flatten().filter_map(Yaml::as_str).collect()
    };

    need(text_at(&["services", "postgres", "image"]).starts_with("postgres:"), "postgres needs an image");
    let health = ["services", "postgres", "healthcheck", "test"];
    need(items_at(&health).iter().any(|word| word.contains("pg_isready")), "postgres needs a health check");
    let data = items_at(&["services", "postgres", "volumes"]);
    let volume = data.iter().find_map(|mount| mount.strip_suffix(":/var/lib/postgresql/data"));
    need(volume.is_some_and(|name| at(&["volumes", name]).is_some()), "the data need a volume that is declared");
    let condition = text_at(&["services", "vinculo", "depends_on", "postgres", "condition"]);
    need(condition == "service_healthy", "vinculo must wait for a healthy postgres");
    let url = text_at(&["services", "vinculo", "environment", "DATABASE_URL"]);
    need(url.starts_with("postgres://") && url.contains("@postgres:5432/"), "vinculo needs the address of postgres");
    let project = items_at(&["services", "vinculo", "volumes"]);
    need(project.iter().any(|mount| mount.ends_with(":/project")), "vinculo needs the project's folder");
    findings
}

/// Everything that is copied exists, comes from a stage that exists, and the last stage is nobody's root.
fn in_dockerfile(text: &str, exists: impl Fn(&str) -> bool) -> Vec<String> {
    let joined = text.replace("\\\n", " ");
    let mut findings = Vec::new();
    let mut stages: Vec<&str> = Vec::new();
    let mut user = "root";
    for words in joined.lines().map(|line| line.split_whitespace().collect::<Vec<_>>()) {
        match words.as_slice() {
            ["FROM", _image, rest @ ..] => {
                user = "root";
                stages.extend(rest.strip_prefix(&["AS"]).and_then(|name| name.first()));
            }
            ["USER", name] => user = name,
            ["COPY", arguments @ ..] => {
                let from = arguments.iter().find_map(|argument| argument.strip_prefix("--from="));
                let paths: Vec<&&str> = arguments.iter().filter(|argument| !argument.starts_with("--")).collect();
                let sources = paths.split_last().map_or(&[][..], |(_target, sources)| sources);
                match from {
                    Some(stage) if stages.contains(&stage) => {}
                    Some(stage) => findings.push(format!("Dockerfile: there is no stage {stage}")),
                    None => findings.extend(
                        sources
                            .iter()
                            .filter(|path| !exists(path))
                            .map(|path| format!("Dockerfile: there is no {path} to copy")),
                    ),
                }
            }
            _ => {}
        }
    }
    if user == "root" {
        findings.push("Dockerfile: the program would run as root".to_owned());
    }
    if !joined.contains("ENTRYPOINT [\"vinculo\"]") {
        findings.push("Dockerfile: the entry point is not vinculo".to_owned());
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    const DOCKERFILE: &str = "FROM rust AS build\nCOPY Cargo.toml \\\n  crates /src/\nFROM debian\n\
        COPY --from=build /src/vinculo /usr/bin/\nUSER vinculo\nENTRYPOINT [\"vinculo\"]\n";

    #[test]
    fn what_the_dockerfile_copies_must_exist() {
        assert_eq!(in_dockerfile(DOCKERFILE, |_| true), Vec::<String>::new());
        assert_eq!(in_dockerfile(DOCKERFILE, |path| path != "crates"), ["Dockerfile: there is no crates to copy"]);
        let other = DOCKERFILE.replace("--from=build", "--from=elsewhere");
        assert_eq!(in_dockerfile(&other, |_| true), ["Dockerfile: there is no stage elsewhere"]);
    }

    #[test]
    fn the_image_does_not_run_as_root() {
        let as_root = DOCKERFILE.replace("USER vinculo\n", "");
        assert_eq!(in_dockerfile(&as_root, |_| true), ["Dockerfile: the program would run as root"]);
    }

    #[test]
    fn a_compose_file_without_its_parts_is_told_all_of_them() {
        assert_eq!(in_compose("services: {}").len(), 6);
        assert!(in_compose("services: [").first().is_some_and(|finding| finding.starts_with("docker-compose.yml: ")));
    }
}
