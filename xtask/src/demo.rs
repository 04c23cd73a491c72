//! The main job on the sample project, from nothing to unified customers.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context as _, Result};

use crate::postgres;
use crate::steps::Steps;
use crate::workspace::{self, Workspace};

/// The sample project, below the folder of the checkout.
const SAMPLE: &str = "examples/loja";

/// Sets up what is missing, builds, runs the sample, measures it against the truth, and shows what to try next.
pub fn run(workspace: &Workspace, steps: &mut Steps) -> Result<()> {
    let sample = Sample::of(workspace);
    postgres::set_up(steps)?;
    steps.run("build", || {
        workspace::run(&mut workspace.cargo(&["build", "--release", "--locked", "-p", "vinculo-cli"]))
    })?;
    if !sample.has_data() {
        steps.run("sample data", || sample.generate(workspace))?;
    }
    steps.run("run", || sample.vinculo(&["run"]))?;
    steps.run("evaluate", || {
        let truth = sample.truth().display().to_string();
        sample.vinculo(&["evaluate", "--truth", &truth])
    })?;
    print_next(&sample)
}

/// Where the sample project is, and the program that works on it.
struct Sample {
    folder: PathBuf,
    program: PathBuf,
}

impl Sample {
    fn of(workspace: &Workspace) -> Self {
        Self { folder: workspace.root().join(SAMPLE), program: workspace.release_program("vinculo") }
    }

    fn truth(&self) -> PathBuf {
        self.folder.join("truth.csv")
    }

    fn has_data(&self) -> bool {
        self.folder.join("data").exists() && self.truth().exists()
    }

    fn generate(&self, workspace: &Workspace) -> Result<()> {
        let generate = ["run", "--release", "--locked", "-p", "vinculo-testkit", "--bin", "generate", "--"];
        workspace::run(workspace.cargo(&generate).args(["loja", "--out", SAMPLE]))
    }

    fn vinculo(&self, arguments: &[&str]) -> Result<()> {
        workspace::run(Command::new(&self.program).args(arguments).arg("--project").arg(&self.folder))
    }

    /// The first two records in the truth that are the same customer but come from different sources.
    fn known_pair(&self) -> Result<Option<[Known; 2]>> {
        let truth = self.truth();
        let mut reader = csv::Reader::from_path(&truth).with_context(|| truth.display().to_string())?;
        let mut earlier: Vec<Known> = Vec::new();
        for row in reader.records() {
            let row = row?;
            let [Some(source), Some(key), Some(entity)] = [row.get(0), row.get(1), row.get(2)] else {
                continue;
            };
            let known = Known { source: source.to_owned(), key: key.to_owned(), entity: entity.to_owned() };
            let same = |other: &&Known| other.entity == known.entity && other.source != known.source;
            if let Some(other) = earlier.iter().find(same) {
                return Ok(Some([other.clone(), known]));
            }
            earlier.push(known);
        }
        Ok(None)
    }
}

/// A source record of which the truth is known.
#[derive(Debug, Clone)]
struct Known {
    source: String,
    key: String,
    entity: String,
}

/// Prints commands to type next, on records that exist.
fn print_next(sample: &Sample) -> Result<()> {
    let Some([one, other]) = sample.known_pair()? else {
        return Ok(());
    };
    let (program, project) = (sample.program.display(), sample.folder.display());
    let [one, other] = [one, other].map(|known| format!("{} {}", quoted(&known.source), quoted(&known.key)));
    println!("\nTry next:");
    println!("  {program} lineage {one} --project {project}");
    println!("  {program} explain {one} {other} --project {project}");
    println!("  {program} db psql --project {project}");
    Ok(())
}

/// A word as a shell takes it: the key of a record may hold quotes, brackets and spaces.
fn quoted(word: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_.:/".contains(c);
    if !word.is_empty() && word.chars().all(is_plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_composite_key_can_be_pasted_into_a_shell() {
        assert_eq!(quoted("C-000123"), "C-000123");
        assert_eq!(quoted(r#"["01","it's"]"#), r#"'["01","it'\''s"]'"#);
    }

    #[test]
    fn the_commands_to_try_speak_of_one_customer_in_two_sources() -> Result<()> {
        let folder = tempfile::tempdir()?;
        let rows = "source,source_key,entity\ncrm,1,a\ncrm,2,a\nerp,7,b\nerp,8,a\n";
        std::fs::write(folder.path().join("truth.csv"), rows)?;
        let sample = Sample { folder: folder.path().to_owned(), program: PathBuf::new() };
        let pair = sample.known_pair()?.context("there is one")?;
        assert_eq!(pair.map(|known| known.source + &known.key), ["crm1", "erp8"]);
        Ok(())
    }
}
