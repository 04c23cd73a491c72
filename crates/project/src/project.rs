//! A project: what its `vinculo.yaml` says, checked.

use crate::attributes::read_attributes;
use crate::keys::Group;
use crate::problem::{Problem, Problems, ProjectErrors};
use crate::resolution::{ResolutionSettings, read_resolution};
use crate::secret;
use crate::section::{self, Section};
use crate::source::{ConnectorKeys, Source, json, read_sources};
use crate::survivorship::{SurvivorshipSettings, read_survivorship};
use crate::variable::{self, Variables};
use crate::yaml::{self, Node};
use crate::{country, fingerprint};
use chrono_tz::Tz;
use std::path::{Path, PathBuf};
use vinculo_records::Attributes;
use vinculo_records::hash::ContentHash;

/// What a `vinculo.yaml` says.
#[derive(Clone)]
pub struct Project {
    /// Its name.
    pub name: String,
    /// Its country, an ISO 3166 code of two letters.
    pub country: String,
    /// The time zone of stamps that do not name theirs.
    pub time_zone: Tz,
    /// The URL of its database; none means a private Postgres.
    pub database: Option<String>,
    /// The folder of the file; paths are relative to it.
    pub dir: PathBuf,
    /// Its sources, in the order of the file, at least one.
    pub sources: Vec<Source>,
    /// The standard attributes and those that it declares.
    pub attributes: Attributes,
    /// How records are matched.
    pub resolution: ResolutionSettings,
    /// Which of several values a customer gets.
    pub survivorship: SurvivorshipSettings,
    document: Document,
}

/// What is kept of the file itself, for messages and run records.
#[derive(Clone)]
struct Document {
    file_name: String,
    text: String,
    config: serde_json::Value,
}

impl std::fmt::Debug for Project {
    // The database, the options and the text of the file may hold secrets.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Project").field("name", &self.name).field("config", &self.document.config).finish()
    }
}

impl Project {
    /// The name of a project's file.
    pub const FILE_NAME: &str = "vinculo.yaml";

    /// Reads the `vinculo.yaml` of a folder.
    ///
    /// # Errors
    /// All problems of the file at once, or why it cannot be opened.
    pub fn load(dir: &Path, connectors: &[ConnectorKeys<'_>], variables: Variables<'_>) -> Result<Self, ProjectErrors> {
        let refuse = |message: String| ProjectErrors::new(Self::FILE_NAME, "", vec![Problem { place: None, message }]);
        let bytes = std::fs::read(dir.join(Self::FILE_NAME)).map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => {
                refuse(format!("no such file in {}; `vinculo init` writes one", dir.display()))
            }
            _ => refuse(format!("cannot be read: {error}")),
        })?;
        let text = String::from_utf8(bytes).map_err(|error| {
            let good = &error.as_bytes()[..error.utf8_error().valid_up_to()];
            let line = 1 + good.iter().filter(|byte| **byte == b'\n').count();
            refuse(format!("line {line} is not UTF-8; save the file as UTF-8"))
        })?;
        Self::parse(&text, Self::FILE_NAME, dir, connectors, variables)
    }

    /// Reads the text of a `vinculo.yaml`; `file_name` is what messages call it, `dir` what paths are relative to.
    ///
    /// # Errors
    /// All problems at once, each with its place.
    pub fn parse(
        text: &str,
        file_name: &str,
        dir: &Path,
        connectors: &[ConnectorKeys<'_>],
        variables: Variables<'_>,
    ) -> Result<Self, ProjectErrors> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut problems = Problems::default();
        let read = match yaml::parse(text, &mut problems) {
            Ok(mut root) => {
                variable::put_in(&mut root, variables, &mut problems);
                let document = Document { file_name: file_name.into(), text: text.into(), config: redacted(&root) };
                read_project(&root, dir, document, connectors, &mut problems)
            }
            Err(problem) => {
                let mut all = problems.into_vec();
                all.push(problem);
                return Err(ProjectErrors::new(file_name, text, all));
            }
        };
        match read {
            Some(project) if problems.is_empty() => Ok(project),
            _ => Err(ProjectErrors::new(file_name, text, problems.into_vec())),
        }
    }

    /// The source of this name.
    pub fn source(&self, name: &str) -> Option<&Source> {
        self.sources.iter().find(|source| source.name == name)
    }

    /// A problem that a connector has with an option of a source (or with the source, if it has no such option), told
    /// with its place in the file. The message must hold no value of a variable and no secret.
    pub fn option_problem(&self, source: &Source, option: &str, message: &str) -> ProjectErrors {
        let place = source.places.get(option).or_else(|| source.places.get("")).copied();
        let problem = Problem { place, message: message.to_owned() };
        ProjectErrors::new(&self.document.file_name, &self.document.text, vec![problem])
    }

    /// A hash over all that the project says about how rows of a source become normalized values: equal hashes mean
    /// that nothing has to be normalized again. The order of keys in the file does not matter.
    pub fn fingerprint(&self, source: &Source) -> ContentHash {
        fingerprint::of_source(self, source)
    }

    /// The whole configuration as it is recorded with each run: variables as `${NAME}`, secrets masked.
    pub fn config_json(&self) -> serde_json::Value {
        self.document.config.clone()
    }
}

fn read_project(
    root: &Node,
    dir: &Path,
    document: Document,
    connectors: &[ConnectorKeys<'_>],
    problems: &mut Problems,
) -> Option<Project> {
    let section = Section::read(Group::Project, root, root.place, &[], problems);
    let name = section.value("project").and_then(|node| section::text(node, "`project`", problems));
    let country = section.value("country").and_then(|node| read_country(node, problems));
    let time_zone = match section.value("time_zone") {
        Some(node) => read_time_zone(node, problems),
        None => country.as_deref().and_then(country::time_zone),
    };
    let database = section.value("database").and_then(|node| read_database(node, problems));
    let attributes = match section.value("attributes") {
        Some(node) => read_attributes(node, problems),
        None => Attributes::default(),
    };
    let sources = section.value("sources").map(|node| read_sources(node, connectors, &attributes, problems));
    let resolution = section
        .entry("resolution")
        .map_or_else(ResolutionSettings::default, |entry| read_resolution(entry, &attributes, problems));
    let survivorship = section
        .value("survivorship")
        .map_or_else(SurvivorshipSettings::default, |node| read_survivorship(node, &attributes, problems));
    Some(Project {
        name: name?,
        country: country?,
        time_zone: time_zone?,
        database,
        dir: dir.to_owned(),
        sources: sources?,
        attributes,
        resolution,
        survivorship,
        document,
    })
}

fn read_country(node: &Node, problems: &mut Problems) -> Option<String> {
    let code = section::text(node, "`country`", problems)?;
    if country::exists(&code) {
        return Some(code);
    }
    let hint = match code.to_uppercase() {
        upper if country::exists(&upper) => format!("; did you mean `{upper}`?"),
        upper if upper == "UK" => "; did you mean `GB`?".to_owned(),
        _ => String::new(),
    };
    problems.add(node.place, format!("`country` must be an ISO 3166 code of two letters, such as BR{hint}"));
    None
}

fn read_time_zone(node: &Node, problems: &mut Problems) -> Option<Tz> {
    let name = section::text(node, "`time_zone`", problems)?;
    let zone = name.parse().ok();
    if zone.is_none() {
        let hint = crate::problem::did_you_mean(&name, chrono_tz::TZ_VARIANTS.iter().map(|zone| zone.name()));
        problems.add(node.place, format!("`time_zone` must be an IANA name, such as America/Sao_Paulo{hint}"));
    }
    zone
}

/// The URL of the database; an empty one is none.
fn read_database(node: &Node, problems: &mut Problems) -> Option<String> {
    if let yaml::Content::Scalar(scalar) = &node.content
        && scalar.text.trim().is_empty()
    {
        return None;
    }
    let url = section::text(node, "`database`", problems)?;
    if !url.starts_with("postgres://") && !url.starts_with("postgresql://") {
        problems.add(node.place, "`database` must be a URL that begins with postgres://");
        return None;
    }
    Some(url)
}

/// The tree as it is written, secrets masked.
fn redacted(root: &Node) -> serde_json::Value {
    fn mask(value: &mut serde_json::Value) {
        use serde_json::Value;
        match value {
            Value::String(text) => *text = secret::mask_urls(text),
            Value::Array(items) => items.iter_mut().for_each(mask),
            Value::Object(entries) => {
                for (key, value) in entries {
                    let is_variable = value.as_str().is_some_and(|text| text.starts_with("${") && !text.contains(":-"));
                    match value {
                        Value::Object(_) | Value::Array(_) => mask(value),
                        _ if secret::is_secret_key(key) && !is_variable => *value = secret::MASK.into(),
                        _ => mask(value),
                    }
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }
    let mut config = json(root, |scalar| scalar.written.clone());
    mask(&mut config);
    config
}
