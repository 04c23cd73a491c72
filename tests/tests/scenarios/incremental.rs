//! What changed is resolved by itself, and the answer is that of resolving everything.

use crate::judgements::ask;
use crate::random_kills::say;
use crate::single_records::answers;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt::Write;
use vinculo_testkit::chance::Chance;
use vinculo_tests::Stage;

pub const HEAD: &str = "id,name,born,email,phone,city,changed,gone\n";

/// A project in which fifty records make a model that stays in force.
pub fn yaml(sources: &[&str], settings: &str) -> String {
    let mut yaml = format!("project: p\ncountry: BR\nresolution: {{train_below: 50{settings}}}\nsources:\n");
    for source in sources {
        let _ = writeln!(
            yaml,
            "  {source}: {{connector: files, path: {source}.csv, record: person, key: id, updated_at: changed,\n    \
             deleted: {{column: gone, values: [Y]}},\n    \
             fields: {{full_name: name, birth_date: born, email: email, phone: phone, city: city}}}}"
        );
    }
    yaml
}

/// A small town, in which names, birthdays and phones are shared more than is good for a program.
pub struct Town {
    chance: Chance,
    people: Vec<[String; 5]>,
    /// The rows that were delivered last, by key.
    rows: BTreeMap<u64, String>,
}

impl Town {
    pub fn new(seed: u64, people: u64) -> Self {
        let mut chance = Chance::new(seed, "town", 0);
        let people = (0..people).map(|number| person(&mut chance, number)).collect();
        Self { chance, people, rows: BTreeMap::new() }
    }

    /// A record of somebody, with some of what is known of them, and some of it wrong.
    pub fn record(&mut self, key: u64, day: u32, gone: bool) -> String {
        let at = self.chance.below(self.people.len() as u64) as usize;
        let mut values = self.people[at].clone();
        for value in &mut values[1..] {
            if self.chance.hits(250) {
                value.clear();
            }
        }
        if self.chance.hits(150) {
            values[0].pop();
        }
        let gone = if gone { "Y" } else { "" };
        let row = format!("{key},{},2026-01-{day:02}T00:00:00Z,{gone}\n", values.join(","));
        self.rows.insert(key, row.clone());
        row
    }

    /// A delivery: new records, other contents of known ones (some of them older than what is known), records that are
    /// gone, and records that say what they said.
    pub fn delivery(&mut self, known: u64, changes: u64) -> String {
        let mut rows = HEAD.to_owned();
        for change in 0..changes {
            let key = if self.chance.hits(400) { known + change } else { self.chance.below(known) };
            let (gone, is_old) = (self.chance.hits(150), self.chance.hits(150));
            let said = self.rows.get(&key).filter(|_| self.chance.hits(100)).cloned();
            let row = said.unwrap_or_else(|| self.record(key, if is_old { 1 } else { 20 + change as u32 % 9 }, gone));
            rows.push_str(&row);
        }
        rows
    }
}

fn person(chance: &mut Chance, number: u64) -> [String; 5] {
    let given = chance.pick(&["Ana", "Bruno", "Carla", "Davi", "Elisa", "Fabio", "Gilda", "Hugo", "Iara", "Joel"]);
    let family =
        chance.pick(&["Souza", "Lima", "Prado", "Rocha", "Teles", "Viana", "Xavier", "Zanin", "Moura", "Brito"]);
    let born = format!("19{}-0{}-1{}", 50 + chance.below(40), 1 + chance.below(9), chance.below(9));
    let email = format!("{}.{}{}@uol.com.br", given.to_lowercase(), family.to_lowercase(), chance.below(30));
    let phone = format!("119{:08}", 81_000_000 + (number / 2) * 317);
    [format!("{given} {family}"), born, email, phone, chance.pick(&["Santos", "Olinda", "Belém"]).to_owned()]
}

/// A row as a line of JSON.
pub fn line(row: &str) -> Value {
    HEAD.trim_end().split(',').map(str::to_owned).zip(row.split(',').map(Value::from)).collect()
}

pub fn is_part(summary: &Value) -> bool {
    summary["resolution"].as_array().unwrap().iter().any(|kind| kind["part"] == true)
}

/// Resolves everything again under the same model: it must find everything as it stands, ids, values, decisions and all.
pub async fn assert_whole(stage: &Stage, told: &str) {
    stage.count("WITH gone AS (DELETE FROM vinculo.key_base RETURNING 1) SELECT count(*) FROM gone").await;
    let forget =
        "WITH forgotten AS (UPDATE vinculo.run SET resolved_state = NULL RETURNING 1) SELECT count(*) FROM forgotten";
    stage.count(forget).await;
    let whole = stage.run(&[]);
    assert!(!is_part(&whole), "{told}: {whole}");
    assert_eq!(whole["resolution"][0]["training"], Value::Null, "{told}: under the same model");
    assert_eq!(whole["publication"], Value::Null, "{told}: {}", whole["rows"]);
}

#[tokio::test]
async fn new_changed_late_and_deleted_records_and_a_new_source_are_resolved_by_themselves() {
    let mut town = Town::new(1, 60);
    let base: String = (0..200).map(|key| town.record(key, 10, false)).collect();
    let stage = Stage::new(&yaml(&["crm"], ""), &[("crm.csv", format!("{HEAD}{base}").as_bytes())]).await;
    let first = stage.run(&[]);
    assert!(!is_part(&first) && first["resolution"][0]["training"].is_object(), "{first}");
    let row = town.rows[&7].clone();
    let (_, said) = row.split_once(',').unwrap();
    let changes: [(&str, String, &str); 4] = [
        ("a new record that says what another says", format!("900,{said}"), "updated"),
        (
            "a known record that says something else",
            format!("900,{}", town.rows[&8].split_once(',').unwrap().1),
            "updated",
        ),
        ("a record that is gone", "900,Nobody,,,,,2026-02-01T00:00:00Z,Y\n".to_owned(), "updated"),
        ("a stranger", "901,Otavio Quintela,1931-03-03,,,Manaus,2026-02-01T00:00:00Z,\n".to_owned(), "created"),
    ];
    for (told, row, change) in changes {
        stage.write("crm.csv", format!("{HEAD}{row}").as_bytes());
        let summary = stage.run(&[]);
        assert!(is_part(&summary), "{told}: {summary}");
        assert!(summary["customers"][change].as_u64() > Some(0), "{told}: {summary}");
        assert!(summary["resolution"][0]["records"].as_u64() < Some(50), "{told}: {summary}");
        assert_whole(&stage, told).await;
    }
    stage.write("crm.csv", format!("{HEAD}900,Late Arrival,1900-01-01,,,,2020-01-01T00:00:00Z,\n").as_bytes());
    let late = stage.run(&[]);
    assert_eq!((&late["publication"], &late["customers"]["updated"]), (&Value::Null, &Value::from(0)), "{late}");

    stage.write("vinculo.yaml", yaml(&["crm", "web"], "").as_bytes());
    stage.write("web.csv", format!("{HEAD}w1,{said}").as_bytes());
    let summary = stage.run(&[]);
    assert!(is_part(&summary), "a new source: {summary}");
    assert_eq!(summary["customers"]["updated"], 1, "{summary}");
    assert_whole(&stage, "a new source").await;
}

#[tokio::test]
async fn blocks_that_shrink_by_deletions_alone_are_whole_again() {
    let mut town = Town::new(4, 60);
    let base: String = (0..300).map(|key| town.record(key, 10, false)).collect();
    let settings = yaml(&["crm"], ", block_limit: 4");
    let stage = Stage::new(&settings, &[("crm.csv", format!("{HEAD}{base}").as_bytes())]).await;
    stage.run(&[]);
    // Five of a kind in each block, and then four: nothing but the deletion tells that all of them meet again.
    let groups = ["Otavio", "Quirino", "Ulisses", "Wagner"];
    let row = |(group, given): (usize, &&str), member: usize, end: &str| {
        let email = format!("{}.unico@uol.com.br", given.to_lowercase());
        format!("9{group}{member},{given} Unico,19{member}0-01-01,{email},,Manaus,2026-02-0{end}\n")
    };
    let of_each = |members: std::ops::Range<usize>, end: &str| -> String {
        let rows = members.flat_map(|member| groups.iter().enumerate().map(move |group| (group, member)));
        rows.map(|(group, member)| row(group, member, end)).collect()
    };
    for (told, rows) in [("five", of_each(1..6, "1T00:00:00Z,")), ("one is gone", of_each(5..6, "2T00:00:00Z,Y"))] {
        stage.write("crm.csv", format!("{HEAD}{rows}").as_bytes());
        assert!(is_part(&stage.run(&[])), "{told}");
    }
    assert_whole(&stage, "one of five is gone").await;
}

#[tokio::test]
async fn a_run_over_what_is_known_writes_nothing() {
    let mut town = Town::new(2, 40);
    let base: String = (0..120).map(|key| town.record(key, 10, false)).collect();
    let stage = Stage::new(&yaml(&["crm"], ""), &[("crm.csv", format!("{HEAD}{base}").as_bytes())]).await;
    stage.run(&[]);
    let before = stage.published().await;
    let again = stage.run(&[]);
    assert_eq!(again["status"], "unchanged", "{again}");
    assert_eq!(stage.published().await, before);
}

/// Towns, unless `VINCULO_TEST_TOWNS` says how many; and deliveries to each.
const TOWNS: u64 = 50;
const DELIVERIES: u64 = 2;
/// One before each delivery and one behind them.
const JUDGEMENTS: u64 = DELIVERIES + 1;

/// Threads that play towns, each one after the other: a run of the program blocks its thread.
const PLAYERS: u64 = 2;

#[test]
fn any_sequence_of_runs_ends_as_one_that_resolves_everything() {
    let number = |name: &str| std::env::var(name).ok().and_then(|number| number.parse::<u64>().ok());
    let seed = number("VINCULO_TEST_SEED").unwrap_or(20_261_122);
    let towns = number("VINCULO_TEST_TOWNS").unwrap_or(TOWNS);
    say(&format!("VINCULO_TEST_SEED={seed}"));
    let play = |player: u64| -> Vec<Lived> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        (player..towns).step_by(PLAYERS as usize).map(|town| runtime.block_on(live(seed + town))).collect()
    };
    let lived: Vec<Lived> = std::thread::scope(|scope| {
        let players: Vec<_> = (0..PLAYERS).map(|player| scope.spawn(move || play(player))).collect();
        players.into_iter().flat_map(|player| player.join().expect("every town lives")).collect()
    });
    let of_all = |of_one: fn(&Lived) -> u64| lived.iter().map(of_one).sum::<u64>();
    let (parts, judged) = (of_all(|lived| lived.parts), of_all(|lived| lived.judged));
    assert!(2 * parts > towns * DELIVERIES, "only {parts} of {} runs resolved a part", towns * DELIVERIES);
    assert!(2 * judged > towns * JUDGEMENTS, "only {judged} of {} judgements stood", towns * JUDGEMENTS);
}

/// Runs that resolved only a part, and judgements that were not refused.
struct Lived {
    parts: u64,
    judged: u64,
}

/// Plays the years of one town, in which somebody judges between deliveries, and at the end of which some records come
/// alone.
async fn live(seed: u64) -> Lived {
    let mut town = Town::new(seed, 70);
    let settings = if seed.is_multiple_of(2) { ", block_limit: 4" } else { "" };
    let base: String = (0..240).map(|key| town.record(key, 10, false)).collect();
    let stage = Stage::new(&yaml(&["crm"], settings), &[("crm.csv", format!("{HEAD}{base}").as_bytes())]).await;
    stage.run(&[]);
    let (mut parts, mut judged) = (0, 0);
    for delivery in 0..DELIVERIES {
        judged += u64::from(judge(&stage, &mut town.chance).await);
        let changes = 1 + town.chance.below(4);
        let rows = town.delivery(240 + 10 * delivery, changes);
        stage.write("crm.csv", rows.as_bytes());
        parts += u64::from(is_part(&stage.run(&[])));
    }
    judged += u64::from(judge(&stage, &mut town.chance).await);
    let alone: Vec<Value> = town.delivery(400, 3).lines().skip(1).map(line).collect();
    answers(&stage, &["resolve", "crm"], &alone);
    assert_whole(&stage, &format!("seed {seed}")).await;
    Lived { parts, judged }
}

/// Two records of one customer are judged different, or two of two customers the same, or the first word is taken back;
/// tells whether it stands.
async fn judge(stage: &Stage, chance: &mut Chance) -> bool {
    if chance.hits(250) {
        return ask(stage, &["withdraw", "1"]).code == Some(0);
    }
    let (word, customers) = if chance.hits(500) { ("same", "<>") } else { ("different", "=") };
    let pair = stage
        .rows(&format!(
            "SELECT l.source_key AS left, r.source_key AS right FROM crm.customer_source l JOIN crm.customer_source r
                 ON l.customer_id {customers} r.customer_id AND l.source_key < r.source_key
             ORDER BY md5(l.source_key || ' ' || r.source_key || {}) LIMIT 1",
            chance.below(1_000_000)
        ))
        .await;
    let pair: Value = serde_json::from_str(&pair[0]).unwrap();
    let key = |side: &str| pair[side].as_str().unwrap().to_owned();
    ask(stage, &[word, "crm", &key("left"), "crm", &key("right")]).code == Some(0)
}

#[tokio::test]
async fn a_trained_model_is_in_force_from_the_next_run_on() {
    let mut town = Town::new(3, 60);
    let base: String = (0..100).map(|key| town.record(key, 10, false)).collect();
    let stage = Stage::new(&yaml(&["crm"], ""), &[("crm.csv", format!("{HEAD}{base}").as_bytes())]).await;
    let first = stage.run(&[]);
    let more: String = (100..120).map(|key| town.record(key, 10, false)).collect();
    stage.write("crm.csv", format!("{HEAD}{more}").as_bytes());
    assert_eq!(stage.run(&[])["resolution"][0]["model"], first["resolution"][0]["model"]);

    let trained = stage.vinculo(&["train", "--json"]);
    let trained: Value = serde_json::from_str(&trained.stdout).unwrap();
    assert_eq!((&trained[0]["model"], &trained[0]["is_new"]), (&Value::from(2), &Value::from(true)), "{trained}");
    let again: Value = serde_json::from_str(&stage.vinculo(&["train", "--json"]).stdout).unwrap();
    assert_eq!((&again[0]["model"], &again[0]["is_new"]), (&Value::from(2), &Value::from(false)), "{again}");

    let before = stage.published().await;
    let foretold = stage.run(&["--dry-run"]);
    assert_eq!(stage.published().await, before);
    let next = stage.run(&[]);
    assert_eq!(next["resolution"][0]["model"], 2, "{next}");
    assert!(!is_part(&next) && next["resolution"][0]["training"].is_null(), "{next}");
    assert_eq!(next["customers"], foretold["customers"]);
    assert_eq!(stage.run(&[])["status"], "unchanged");
}

#[tokio::test]
async fn few_records_train_with_every_run() {
    let mut town = Town::new(4, 10);
    let base: String = (0..20).map(|key| town.record(key, 10, false)).collect();
    let stage = Stage::new(&yaml(&["crm"], ""), &[("crm.csv", format!("{HEAD}{base}").as_bytes())]).await;
    stage.run(&[]);
    let told = stage.vinculo(&["train"]);
    assert_eq!(told.code, Some(0), "{}", told.stderr);
    assert!(told.stdout.contains("fewer than 50: each run trains by itself"), "{}", told.stdout);
    let more = town.record(20, 10, false);
    stage.write("crm.csv", format!("{HEAD}{more}").as_bytes());
    let next = stage.run(&[]);
    assert!(!is_part(&next) && next["resolution"][0]["training"].is_object(), "{next}");
}
