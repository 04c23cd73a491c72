//! More records, one run each: what a record costs then.

use anyhow::Result;

use super::markdown::{Table, count, megabytes, score, seconds};
use super::million::{Case, run};
use super::setting::Setting;

/// Runs realistic records of each number, from CSV to published customers.
pub fn measure(setting: &Setting<'_>, sizes: &[u64]) -> Result<String> {
    let headings = [
        "records",
        "customers",
        "pairs a record",
        "tied pairs proposed",
        "wall s",
        "our CPU s",
        "Postgres CPU s",
        "µs a record",
        "beside the first",
        "our peak MB",
        "pairwise P",
        "R",
        "**F1**",
    ];
    let mut table = Table::new(&headings);
    // The first load of all waits for the server to make the files of its log: it is not compared.
    sizes.first().map(|&records| run(setting, "scale_before", records, &[])).transpose()?;
    let mut first = None;
    for &records in sizes {
        let case = run(setting, &format!("scale_{records}"), records, &[])?;
        let a_record = case.usage.wall.as_secs_f64() / records as f64;
        let ratio = a_record / *first.get_or_insert(a_record);
        table.row(cells(&case, a_record, ratio)?);
    }
    Ok(table.finish())
}

fn cells(case: &Case, a_record: f64, ratio: f64) -> Result<[String; 13]> {
    let pairwise = case.evaluations[0].1.pairwise;
    let [_, tied] = case.completeness()?;
    Ok([
        count(case.summary.records()),
        count(case.summary.customers_total),
        format!("{:.1}", case.summary.pairs_per_record()),
        score(tied),
        seconds(case.usage.wall.as_secs_f64()),
        seconds(case.usage.cpu.as_secs_f64()),
        seconds(case.server_cpu),
        format!("{:.1}", a_record * 1e6),
        format!("{ratio:.2}"),
        megabytes(case.usage.peak),
        score(pairwise.precision),
        score(pairwise.recall),
        format!("**{}**", score(pairwise.f1)),
    ])
}
