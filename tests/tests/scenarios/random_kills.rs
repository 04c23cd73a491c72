//! Killed at any moment, again and again, through several deliveries: the same end as undisturbed.
//!
//! `VINCULO_KILLS` sets how many kills there are (`cargo x torture` asks for many), `VINCULO_SEED` where chance begins.

use crate::interruption::end_state;
use std::io::Write;
use std::process::Stdio;
use std::time::{Duration, Instant};
use vinculo_tests::Stage;

const KILLS: u64 = 30;
/// Kills while one delivery is read and published, before a run may come to its end.
const KILLS_A_DAY: u64 = 3;
/// Deliveries of one project: the first load and later ones.
const DAYS: u64 = 3;

const YAML: &str = "project: clube
country: BR
sources:
  members:
    connector: files
    path: members*.csv
    record: person
    key: id
    updated_at: changed
    delivery: snapshot
    fields: {full_name: name, email: email, phone: phone, tax_id: cpf}
  guests:
    connector: files
    path: guests.csv
    record: person
    key: id
    fields: {full_name: name, email: email, phone: phone}
";

/// A number from a seed: the same one always. (SplitMix64: Steele, Lea and Flood, 2014.)
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// From 0 to this, uniformly.
    fn up_to(&mut self, longest: Duration) -> Duration {
        longest.mul_f64(self.next() as f64 / u64::MAX as f64)
    }
}

/// The files of a day: some members come, some change, some go; guests are members by another name, more each day.
fn deliver(stage: &Stage, day: u64) {
    const NAMES: [&str; 7] = ["Ana Souza", "Rui Prado", "Eva Lima", "Ivo Reis", "Lia Costa", "Caio Melo", "Nina Rocha"];
    let name = |n: u64| NAMES[(n % 7) as usize];
    let member = |n: u64| {
        let moved = if n.is_multiple_of(5) { day } else { 0 };
        format!("{n},{} {n},member{n}@clube{moved}.com.br,1198765{n:04},,2026-01-{:02}T00:00:00Z\n", name(n), day + 1)
    };
    let file = |numbers: std::ops::Range<u64>| {
        let rows: String = numbers.filter(|n| !(n + day).is_multiple_of(40)).map(member).collect();
        format!("id,name,email,phone,cpf,changed\n{rows}")
    };
    for (part, start) in (1..).zip([0, 120, 240]) {
        stage.write(&format!("members{part}.csv"), file(start..start + 100 + 10 * day).as_bytes());
    }
    let guest = |n: u64| format!("{n},{} {n},member{n}@clube0.com.br,1198765{n:04}\n", name(n));
    let guests: String = (0..60 + 20 * day).map(|n| guest(3 * n)).collect();
    stage.write("guests.csv", format!("id,name,email,phone\n{guests}").as_bytes());
}

/// Starts a run and kills it after a while; tells whether it was still at work then.
fn killed_after(stage: &Stage, moment: Duration) -> bool {
    let mut run = stage.command(&["run"]);
    let mut run = run.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("vinculo can be started");
    std::thread::sleep(moment);
    run.kill().expect("the run can be killed");
    run.wait().expect("the run has ended").code().is_none()
}

/// What a reader and an auditor see of a project that nobody disturbs, after each day, and how long the run took.
async fn undisturbed() -> Vec<(Vec<String>, Duration)> {
    let stage = Stage::new(YAML, &[]).await;
    let mut days = Vec::new();
    for day in 0..DAYS {
        deliver(&stage, day);
        let begun = Instant::now();
        stage.run(&[]);
        let took = begun.elapsed();
        days.push((end_state(&stage).await, took));
    }
    days
}

/// Tells something whether or not the test fails.
pub(crate) fn say(line: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{line}");
}

fn setting(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

#[tokio::test]
async fn killed_at_any_moment_every_run_that_follows_ends_as_if_undisturbed() {
    let kills = setting("VINCULO_KILLS").unwrap_or(KILLS);
    let seed = setting("VINCULO_SEED").unwrap_or_else(|| u64::from(std::process::id()) << 20);
    say(&format!("{kills} kills, VINCULO_SEED={seed}"));
    let mut chance = Chance(seed);
    let days = undisturbed().await;
    let (mut asked, mut met) = (0, 0);
    while asked < kills {
        let stage = Stage::new(YAML, &[]).await;
        for (day, (expected, took)) in (0..).zip(&days) {
            deliver(&stage, day);
            for _ in 0..KILLS_A_DAY.min(kills - asked) {
                met += u64::from(killed_after(&stage, chance.up_to(*took)));
                asked += 1;
            }
            stage.run(&[]);
            let found = end_state(&stage).await;
            let differs = found.iter().zip(expected).position(|(found, expected)| found != expected);
            assert!(
                differs.is_none() && found.len() == expected.len(),
                "VINCULO_SEED={seed}, after {asked} kills, day {day}: {:?} instead of {:?}",
                differs.map(|place| &found[place]),
                differs.map(|place| &expected[place])
            );
            stage.verify();
        }
    }
    say(&format!("{met} of {asked} kills met a run at work; all ended as if undisturbed"));
    assert!(4 * met > asked, "only {met} of {asked} kills met a run at work");
}
