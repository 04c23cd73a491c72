//! Data written by others, with nothing but a field mapping, and the sample shop, beside their truths.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};

use super::markdown::{Table, count, score, seconds};
use super::program::{Evaluation, Program, Scores, Summary};
use super::setting::Setting;
use super::usage::Usage;

/// The public sets that stand in the project: `NAME.csv`, `NAME.truth.csv`, `NAME.yaml`.
const PUBLIC: [&str; 5] = ["febrl1", "febrl2", "febrl3", "fake_1000", "patstat"];

/// Where they stand, and the mappings of those that somebody may have elsewhere.
const PUBLIC_FOLDER: &str = "tests/data";

/// Public sets that are too large for the project or may not be copied into it.
const ELSEWHERE: [&str; 11] = [
    "febrl4",
    "rldata500",
    "rldata10000",
    "historical_50k",
    "census",
    "affiliations",
    "orgs_hard",
    "restaurants",
    "early_childhood",
    "parks",
    "companies",
];

/// The sample project.
const SAMPLE: &str = "examples/loja";

/// A set that was run and compared with its truth.
struct Measured {
    summary: Summary,
    usage: Usage,
    evaluation: Evaluation,
    /// Pairwise precision and recall as they are estimated without the truth.
    expected: [f64; 2],
}

/// Runs and evaluates every set, each on a database of its own.
pub fn measure(setting: &Setting<'_>, elsewhere: Option<&Path>) -> Result<String> {
    let public = setting.root().join(PUBLIC_FOLDER);
    let mut figures = Table::new(&[
        "set",
        "records",
        "customers",
        "pairs a record",
        "true pairs proposed",
        "tied ones",
        "pairwise P",
        "R",
        "**F1**",
        "estimated P",
        "R",
        "B³ P",
        "R",
        "F1",
        "whole customers P",
        "R",
        "F1",
        "s",
    ]);
    for set in PUBLIC {
        let measured = measure_public(setting, set, &public.join(format!("{set}.csv")))?;
        figures.row(cells(set, &measured)?);
    }
    if let Some(folder) = elsewhere {
        ensure!(sets_in(folder).next().is_some(), "no set of tests/data/README.md is in {}", folder.display());
        for (set, records) in sets_in(folder) {
            figures.row(cells(set, &measure_public(setting, set, &records)?)?);
        }
    }
    figures.row(cells("the sample shop", &measure_sample(setting)?)?);
    Ok(figures.finish())
}

/// The sets that stand in a folder, with their records.
fn sets_in(folder: &Path) -> impl Iterator<Item = (&'static str, PathBuf)> {
    let records = |set| (set, folder.join(format!("{set}.csv")));
    ELSEWHERE.into_iter().map(records).filter(|(_, records)| records.is_file())
}

/// Measures a set whose mapping stands in the project; the truth lies beside the records.
fn measure_public(setting: &Setting<'_>, set: &str, records: &Path) -> Result<Measured> {
    let folder = setting.folder(set)?;
    let mapping = setting.root().join(PUBLIC_FOLDER).join(format!("{set}.yaml"));
    copy(&mapping, folder.join("vinculo.yaml"))?;
    copy(records, folder.join(format!("{set}.csv")))?;
    run(&setting.program(set)?, &folder, &records.with_extension("truth.csv"))
}

fn measure_sample(setting: &Setting<'_>) -> Result<Measured> {
    let folder = setting.folder("loja")?;
    let out = folder.to_str().context("the path of the folder is Unicode")?;
    setting.generate(&["loja", "--out", out])?;
    copy(&setting.root().join(SAMPLE).join("vinculo.yaml"), folder.join("vinculo.yaml"))?;
    run(&setting.program("loja")?, &folder, &folder.join("truth.csv"))
}

fn run(program: &Program, project: &Path, truth: &Path) -> Result<Measured> {
    let (summary, usage) = program.run(project)?;
    let expected = program.expected(project)?;
    Ok(Measured { summary, usage, evaluation: program.evaluate_with_candidates(project, truth)?, expected })
}

fn copy(from: &Path, to: PathBuf) -> Result<()> {
    fs::copy(from, to).with_context(|| from.display().to_string())?;
    Ok(())
}

fn cells(set: &str, measured: &Measured) -> Result<Vec<String>> {
    let summary = &measured.summary;
    let mut cells = vec![set.to_owned(), count(summary.records()), count(summary.customers_total)];
    let evaluation = &measured.evaluation;
    let scores = |scores: Scores| [scores.precision, scores.recall, scores.f1].map(score);
    cells.push(format!("{:.1}", summary.pairs_per_record()));
    cells.extend(evaluation.completeness()?.map(score));
    let [precision, recall, f1] = scores(evaluation.pairwise);
    cells.extend([precision, recall, format!("**{f1}**")]);
    cells.extend(measured.expected.map(score));
    cells.extend([evaluation.b_cubed, evaluation.cluster].into_iter().flat_map(scores));
    cells.push(seconds(measured.usage.wall.as_secs_f64()));
    Ok(cells)
}
