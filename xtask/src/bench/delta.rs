//! A store that is in use: a thousand records more, and one at a time.

mod held_back;
mod one_by_one;

use std::fs;
use std::time::Duration;

use anyhow::{Context as _, Result};

use super::auditor;
use super::markdown::{Table, count, seconds};
use super::setting::Setting;
use super::usage::server_cpu;
use crate::workspace;
use held_back::HeldBack;
use one_by_one::WARM_UP;

/// Records of a delta: half of them new, half of them known and changed.
const DELTA: usize = 1_000;
/// So many deltas are measured; the middle one counts.
const DELTAS: usize = 3;
/// New records that are resolved one by one, so many known ones that changed, so many that are only matched, and so many
/// at hand beside a run.
const SINGLE: usize = 1_000;
/// The source whose records are resolved one by one.
const PERSONS: &str = "persons";

/// What a store of one size took.
struct Measured {
    /// Of the middle delta, in seconds: from start to end, our CPU, that of Postgres.
    delta: [f64; 3],
    /// How long each record waited for its answer, in ascending order.
    new: Vec<Duration>,
    changed: Vec<Duration>,
    matched: Vec<Duration>,
    /// The longest that one waited to be resolved while a delta was run.
    beside_a_run: Duration,
    /// What an auditor asked in the end.
    asked: String,
}

/// Fills a store of each size, then measures deltas and single records; of the last one an auditor asks, too.
pub fn measure(setting: &Setting<'_>, sizes: &[u64]) -> Result<String> {
    let headings = ["records in the store", "run of 1,000, s", "our CPU s", "Postgres CPU s", "beside the first"];
    let mut deltas = Table::new(&headings);
    let headings = [
        "records in the store",
        "resolve a new one, p50 ms",
        "p99",
        "a changed one, p50 ms",
        "p99",
        "match, p50 ms",
        "p99",
        "longest beside a run",
    ];
    let mut single = Table::new(&headings);
    let mut first = None;
    let mut last_asked = String::new();
    for &records in sizes {
        let Measured { delta, new, changed, matched, beside_a_run, asked } = measure_size(setting, records)?;
        last_asked = asked;
        let ratio = delta[0] / *first.get_or_insert(delta[0]);
        let times = delta.map(seconds).into_iter();
        deltas.row(std::iter::once(count(records)).chain(times).chain([format!("{ratio:.2}")]));
        let quantiles = [new, changed, matched].map(|times| [0.5, 0.99].map(|share| quantile(&times, share)));
        let times = [&quantiles.concat()[..], &[milliseconds(beside_a_run)]].concat();
        single.row(std::iter::once(count(records)).chain(times.into_iter().map(|ms| format!("{ms:.1}"))));
    }
    Ok([deltas.finish(), single.finish(), last_asked].join("\n"))
}

fn measure_size(setting: &Setting<'_>, records: u64) -> Result<Measured> {
    let name = format!("delta_{records}");
    let folder = setting.folder(&name)?;
    let out = folder.to_str().context("the path of the folder is Unicode")?;
    let singles = 3 * (WARM_UP + SINGLE);
    let wanted = ((DELTAS + 1) * DELTA + singles) as u64;
    setting.generate(&["bench", "--records", &(records + wanted).to_string(), "--out", out])?;
    let one_of = (records / wanted).max(2) as usize;
    let mut sources = HeldBack::from_each_source(&folder, one_of)?;
    let program = setting.program(&name)?;
    program.run(&folder)?;
    let mut deltas = Vec::with_capacity(DELTAS);
    for _ in 0..DELTAS {
        HeldBack::write_delta(&mut sources, &folder, DELTA)?;
        let before = server_cpu(setting.server()?)?;
        let (_, usage) = program.run(&folder)?;
        let server = server_cpu(setting.server()?)?.saturating_sub(before);
        deltas.push([usage.wall, usage.cpu, server].map(|time| time.as_secs_f64()));
    }
    deltas.sort_by(|a, b| a[0].total_cmp(&b[0]));
    // What the server's own vacuum does once, some minute after a load, would fall into one part of the times or another.
    workspace::run(&mut setting.psql(&name, &["--command", "VACUUM ANALYZE"])?)?;
    let persons = sources.iter_mut().find(|source| source.is(PERSONS)).context("persons are generated")?;
    let times = |command, lines: Vec<String>| one_by_one::times(&program, &folder, command, &lines);
    let matched = times("match", persons.new_lines(WARM_UP + SINGLE)?)?;
    let new = times("resolve", persons.new_lines(WARM_UP + SINGLE)?)?;
    let changed = times("resolve", persons.changed_lines(WARM_UP + SINGLE)?)?;
    let beside = persons.new_lines(SINGLE)?;
    HeldBack::write_delta(&mut sources, &folder, DELTA)?;
    let beside_a_run = one_by_one::longest_beside_a_run(&program, &folder, &beside)?;
    let asked = auditor::measure(setting, &name)?;
    fs::remove_dir_all(&folder)?;
    Ok(Measured { delta: deltas[DELTAS / 2], new, changed, matched, beside_a_run, asked })
}

/// Milliseconds within which this share of sorted times lies.
fn quantile(times: &[Duration], share: f64) -> f64 {
    let at = ((times.len() as f64 * share).ceil() as usize).clamp(1, times.len().max(1)) - 1;
    times.get(at).map_or(0.0, |time| milliseconds(*time))
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quantile_is_the_least_time_within_which_so_many_lie() {
        let times: Vec<Duration> = (1..=100).map(Duration::from_millis).collect();
        assert_eq!([0.5, 0.99, 1.0].map(|share| quantile(&times, share)), [50.0, 99.0, 100.0]);
        assert_eq!(quantile(&[], 0.5), 0.0);
    }
}
