//! Ids through merges, corrections and deletions, and what is told of joins that are refused.

use serde_json::Value;
use vinculo_tests::{Stage, snapshots_of_persons};

const FIELDS: &str = "full_name: name, birth_date: born, tax_id: cpf, email: email, phone: phone";
const HEAD: &str = "id,name,born,cpf,email,phone\n";
pub const MARIA: &str = "1,Maria Aparecida Conceição,1980-05-12,529.982.247-25,maria.conceicao@gmail.com,11987654321\n";
pub const PEDRO: &str = "3,Pedro Henrique Araújo,1988-08-08,,pedro.araujo@terra.com.br,41999991234\n";

pub async fn stage(rows: &[&str]) -> Stage {
    let stage = Stage::new(&snapshots_of_persons(FIELDS), &[("crm.csv", file(rows).as_bytes())]).await;
    stage.run(&[]);
    stage
}

fn file(rows: &[&str]) -> String {
    format!("{HEAD}{}", rows.concat())
}

pub fn deliver(stage: &Stage, rows: &[&str]) -> Value {
    stage.write("crm.csv", file(rows).as_bytes());
    stage.run(&["--allow-shrink"])
}

pub fn json(stage: &Stage, arguments: &[&str]) -> Value {
    let outcome = stage.vinculo(arguments);
    assert_eq!(outcome.code, Some(0), "{}", outcome.stderr);
    serde_json::from_str(&outcome.stdout).unwrap()
}

pub fn customer(stage: &Stage, key: &str) -> String {
    json(stage, &["lineage", "crm", key, "--json"])["customer_id"].as_str().unwrap().to_owned()
}

/// What one of 48 strangers says after the key.
fn person(who: usize) -> String {
    const GIVEN: [&str; 6] = ["Otávio", "Lúcia", "Wagner", "Ingrid", "Zilda", "Hugo"];
    const FAMILY: [&str; 8] = ["Quintanilha", "Brizola", "Falcão", "Xavier", "Nakamura", "Teles", "Ottoni", "Zeferino"];
    let (given, family) = (GIVEN[who % 6], FAMILY[who / 6]);
    format!("{given} {family},19{}-0{}-1{},,person{who}@host{who}.com.br,", 50 + who, who % 9 + 1, who % 7)
}

#[tokio::test]
async fn a_wrong_correction_that_is_taken_back_leaves_every_id_where_it_was() {
    let bia = "2,Beatriz Lima,1991-01-15,390.533.447-05,bia.lima@uol.com.br,21998765432\n";
    let as_maria = MARIA.replacen('1', "2", 1);
    let stage = stage(&[MARIA, bia, PEDRO]).await;
    let (one, two) = (customer(&stage, "1"), customer(&stage, "2"));
    assert_eq!(deliver(&stage, &[MARIA, &as_maria, PEDRO])["customers"]["merged"], 1);
    let survivor = customer(&stage, "1");
    assert_eq!(customer(&stage, "2"), survivor);
    for id in [&one, &two] {
        let found = json(&stage, &["lineage", id, "--json"]);
        assert_eq!(found["customer_id"], survivor.as_str(), "either id leads to the customer that has its record");
    }
    let undone = deliver(&stage, &[MARIA, bia, PEDRO]);
    assert_eq!((&undone["customers"]["split"], &undone["rows"]["returned"]), (&1.into(), &1.into()), "{undone}");
    assert_eq!((customer(&stage, "1"), customer(&stage, "2")), (one, two));
    assert_eq!(stage.count("SELECT count(*) FROM crm.customer_redirect").await, 0);
}

#[tokio::test]
async fn an_id_whose_customer_ends_has_an_end_in_the_feed() {
    let stage = stage(&[MARIA, &MARIA.replacen('1', "2", 1), PEDRO]).await;
    let maria = customer(&stage, "1");
    deliver(&stage, &[PEDRO]);
    let outcome = stage.vinculo(&["lineage", &maria]);
    assert_eq!(outcome.code, Some(1));
    assert!(outcome.stderr.contains("has ended"), "{}", outcome.stderr);
    let ended = format!("SELECT count(*) FROM crm.customer_change WHERE change = 'ended' AND customer_id = '{maria}'");
    assert_eq!(stage.count(&ended).await, 1);
    deliver(&stage, &[MARIA, PEDRO]);
    assert_eq!(customer(&stage, "1"), maria, "the record is back, and so is its id");
}

#[tokio::test]
async fn a_refused_join_says_through_which_other_record() {
    let nobody = "2,Maria Aparecida Conceição,1980-05-12,,maria.conceicao@gmail.com,11987654321\n";
    let other = "4,Maria Aparecida Conceição,1980-05-12,390.533.447-05,maria.conceicao@gmail.com,11987654321\n";
    let stage = stage(&[MARIA, nobody, other, PEDRO]).await;
    let review = json(&stage, &["review", "--conflicts", "--json"]);
    assert_eq!(review["items"][0]["reason"], "different_identifiers", "{review}");
    assert!(review["items"][0]["values"].as_array().unwrap().iter().any(|row| row["attribute"] == "full_name"));
    let apart = if customer(&stage, "2") == customer(&stage, "1") { ["2", "4"] } else { ["2", "1"] };
    let explained = json(&stage, &["explain", "crm", apart[0], "crm", apart[1], "--json"]);
    let against = &explained["against"];
    assert_eq!(against["different_identifiers"], true, "{explained}");
    let mut keys = [&against["left"], &against["right"]].map(|side| side["source_key"].as_str().unwrap());
    keys.sort_unstable();
    assert_eq!(keys, ["1", "4"], "{explained}");
    let text = stage.vinculo(&["explain", "crm", apart[0], "crm", apart[1]]).stdout;
    assert!(text.contains("they name different identifiers"), "{text}");
    let listed = stage.vinculo(&["review"]).stdout;
    assert!(listed.contains("vinculo explain crm "), "{listed}");
}

#[tokio::test]
async fn evaluate_names_the_kinds_of_mistakes() {
    let stage = stage(&[MARIA, &MARIA.replacen('1', "2", 1), PEDRO]).await;
    stage.write("truth.csv", b"source,source_key,entity\ncrm,1,a\ncrm,2,b\ncrm,3,a\n");
    let truth = stage.folder().join("truth.csv");
    let report = json(&stage, &["evaluate", "--json", "--truth", truth.to_str().unwrap()]);
    let (joined, missed) = (&report["joined_wrongly"], &report["missed"]);
    assert_eq!((&joined["pairs"], &joined["kinds"][0]["kind"]), (&1.into(), &"same_tax_id".into()), "{report}");
    assert_eq!((&missed["pairs"], &missed["kinds"][0]["kind"]), (&1.into(), &"below_threshold".into()), "{report}");
    assert_eq!(joined["kinds"][0]["examples"][0]["left"]["source"], "crm");
    let text = stage.vinculo(&["evaluate", "--truth", truth.to_str().unwrap()]).stdout;
    assert!(text.contains("same tax id") && text.contains("below threshold"), "{text}");
}

#[tokio::test]
async fn evaluate_tells_how_many_true_pairs_blocking_proposes() {
    let stage = stage(&[MARIA, &MARIA.replacen('1', "2", 1), PEDRO]).await;
    // Nothing that Maria says is said by Pedro.
    stage.write("truth.csv", b"source,source_key,entity\ncrm,1,a\ncrm,2,a\ncrm,3,a\n");
    let truth = stage.folder().join("truth.csv");
    let asked = ["evaluate", "--json", "--truth", truth.to_str().unwrap()];
    assert_eq!(json(&stage, &asked)["candidates"], Value::Null, "nobody asked");
    let found = json(&stage, &[&asked[..], &["--candidates"]].concat());
    let expected = serde_json::json!({"pairs": 3, "candidates": 1, "tied": 1, "tied_candidates": 1});
    assert_eq!(found["candidates"], expected, "{found}");
    let text = stage.vinculo(&["evaluate", "--candidates", "--truth", truth.to_str().unwrap()]).stdout;
    assert!(text.contains("at most 50 records hold") && text.contains("0.3333"), "{text}");
}

#[tokio::test]
async fn an_id_whose_records_part_evenly_leads_where_it_would_lead_when_all_is_resolved_again() {
    // Two records of a first person become those of a second one and of a third.
    let group = |group: usize, one: usize, two: usize| {
        let whose = [one, two, 1, 1, 1, 2, 2, 2].into_iter().zip(1..);
        whose.map(|(who, key)| format!("{},{}\n", group * 10 + key, person(group * 3 + who))).collect::<String>()
    };
    let rows = |one: usize, two: usize| (0..12).map(|number| group(number, one, two)).collect::<String>();
    let stage = stage(&[&rows(0, 0)]).await;
    assert_eq!(stage.count("SELECT count(*) FROM crm.customer").await, 36);
    let parted = deliver(&stage, &[&rows(1, 2)]);
    assert_eq!((&parted["customers"]["merged"], &parted["customers_total"]), (&12.into(), &24.into()), "{parted}");
    let again = stage.run(&["--full"]);
    assert_eq!(again["publication"], Value::Null, "{again}");
}

#[tokio::test]
async fn of_two_ids_that_may_come_back_as_one_customer_the_other_leads_where_it_will_when_all_is_resolved_again() {
    // Two first persons become one with a third; then a record of each becomes a fourth person.
    let days = [[0, 0, 1, 1, 2, 2, 2, 2, 2], [2; 9], [2, 3, 3, 3, 2, 2, 2, 2, 2]];
    let rows = |whose: [usize; 9]| {
        let row = |(who, key): (usize, usize)| format!("{key},{}\n", person(who));
        (0..12)
            .flat_map(|group| whose.into_iter().zip(1..).map(move |(who, key)| (group * 4 + who, group * 10 + key)))
            .map(row)
            .collect::<String>()
    };
    let stage = stage(&[&rows(days[0])]).await;
    deliver(&stage, &[&rows(days[1])]);
    deliver(&stage, &[&rows(days[2])]);
    let again = stage.run(&["--full"]);
    assert_eq!(again["publication"], Value::Null, "{again}");
}
