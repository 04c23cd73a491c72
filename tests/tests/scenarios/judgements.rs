//! What persons judge: it holds through every run and model, contradicts nothing, and can be taken back.

use serde_json::Value;
use vinculo_tests::{Outcome, Stage};

const YAML: &str = "project: quitanda
country: BR
sources:
  crm:
    connector: files
    path: crm.csv
    record: person
    key: id
    delivery: snapshot
    fields: {full_name: name, birth_date: born, tax_id: cpf, email: email, phone: [phone, mobile]}
  others:
    connector: files
    path: others.csv
    record: person
    key: id
    fields: {full_name: name, birth_date: born, email: email}
";
/// From the second record on the model stays, so that later runs resolve only what changed.
const FROZEN: &str = "resolution: {train_below: 2}\n";
const HEAD: &str = "id,name,born,cpf,email,phone,mobile\n";
const MARIA: &str = "1,Maria Aparecida Conceição,1980-05-12,529.982.247-25,maria.conceicao@gmail.com,11987654321,\n";
const COPY: &str = "2,Maria Aparecida Conceição,1980-05-12,,maria.conceicao@gmail.com,11987654321,\n";
const PEDRO: &str = "3,Pedro Henrique Araújo,1988-08-08,,pedro.araujo@terra.com.br,41999991234,\n";
const BIA: &str = "4,Beatriz Lima,1991-01-15,390.533.447-05,bia.lima@uol.com.br,21998765432,21987651111\n";
const ALL: [&str; 4] = [MARIA, COPY, PEDRO, BIA];

pub async fn stage(rest: &str) -> Stage {
    let files = [("crm.csv", file(&ALL)), ("others.csv", others())];
    let files: Vec<(&str, &[u8])> = files.iter().map(|(name, text)| (*name, text.as_bytes())).collect();
    let stage = Stage::new(&format!("{YAML}{rest}"), &files).await;
    stage.run(&[]);
    stage
}

fn file(rows: &[&str]) -> String {
    format!("{HEAD}{}", rows.concat())
}

/// Strangers to each other and to everybody else, so that what is judged concerns a small part of the records.
fn others() -> String {
    const GIVEN: [&str; 6] = ["Otávio", "Lúcia", "Wagner", "Ingrid", "Zilda", "Hugo"];
    const FAMILY: [&str; 5] = ["Quintanilha", "Brizola", "Falcão", "Xavier", "Nakamura"];
    let row = |n: usize| {
        let (given, family) = (GIVEN[n % 6], FAMILY[n % 5]);
        format!("{n},{given} {family},19{}-0{}-1{},person{n}@host{n}.com.br\n", 50 + n, n % 9 + 1, n % 7)
    };
    format!("id,name,born,email\n{}", (0..30).map(row).collect::<String>())
}

fn deliver(stage: &Stage, rows: &[&str]) {
    stage.write("crm.csv", file(rows).as_bytes());
    stage.run(&["--allow-shrink"]);
}

/// Judges, which must be in force then.
pub fn judge(stage: &Stage, words: &[&str]) -> Value {
    let outcome = ask(stage, words);
    assert_eq!(outcome.code, Some(0), "{}{}", outcome.stdout, outcome.stderr);
    serde_json::from_str(&outcome.stdout).unwrap()
}

pub fn ask(stage: &Stage, words: &[&str]) -> Outcome {
    stage.vinculo(&[&["judge"], words, &["--reason", "she said so", "--json"]].concat())
}

pub fn refused(stage: &Stage, words: &[&str]) -> Value {
    let outcome = ask(stage, words);
    assert_eq!(outcome.code, Some(1), "{}{}", outcome.stdout, outcome.stderr);
    serde_json::from_str(&outcome.stdout).unwrap()
}

/// Who is who and what is known of them, with their ids.
async fn customers(stage: &Stage) -> Vec<String> {
    let golden = "SELECT to_jsonb(c) - '{version,created_at,updated_at,change_seq,publication}'::text[] AS c
                  FROM crm.customer c ORDER BY customer_id";
    let members = "SELECT source, source_key, customer_id FROM crm.customer_source ORDER BY 1, 2";
    [stage.rows(golden).await, stage.rows(members).await].concat()
}

/// The keys of each customer, in order: "1 2, 3, 4".
pub async fn partition(stage: &Stage) -> String {
    let groups = "SELECT string_agg(source_key, ' ' ORDER BY source_key) AS keys FROM crm.customer_source
                  WHERE source = 'crm' GROUP BY customer_id ORDER BY 1";
    let groups: Vec<Value> = stage
        .rows(groups)
        .await
        .iter()
        .map(|row| serde_json::from_str::<Value>(row).unwrap()["keys"].clone())
        .collect();
    groups.iter().map(|keys| keys.as_str().unwrap()).collect::<Vec<_>>().join(", ")
}

async fn reasons(stage: &Stage) -> Vec<String> {
    stage.rows("SELECT kind, reason FROM audit.decision WHERE to_publication IS NULL AND reason IS NOT NULL").await
}

#[tokio::test]
async fn a_judgement_is_followed_at_once_and_withdrawn_as_if_it_never_was() {
    for rest in ["", FROZEN] {
        let stage = stage(rest).await;
        let before = customers(&stage).await;
        let cases =
            [(["same", "crm", "1", "crm", "3"], "1 2 3, 4"), (["different", "crm", "1", "crm", "2"], "1, 2, 3, 4")];
        for (words, expected) in cases {
            let answer = judge(&stage, &words);
            assert!(answer["applied"]["published"]["changes"].is_object(), "{answer}");
            assert_eq!(partition(&stage).await, expected);
            let reason = format!("judged_{}", words[0]);
            assert!(reasons(&stage).await.iter().any(|row| row.contains(&reason)), "{words:?}");
            let number = answer["judgement"]["judgement"].to_string();
            judge(&stage, &["withdraw", &number]);
            assert_eq!(customers(&stage).await, before, "after {words:?} was withdrawn");
            assert!(!reasons(&stage).await.iter().any(|row| row.contains("judged")));
        }
        let told = stage.rows("SELECT change FROM crm.customer_change WHERE change IN ('merged', 'split')").await;
        assert!(told.len() >= 4, "the feed tells of each: {told:?}");
        assert_eq!(stage.count("SELECT count(*) FROM audit.judgement WHERE in_force").await, 0);
        assert_eq!(stage.count("SELECT count(*) FROM audit.judgement").await, 4, "all are kept");
    }
}

#[tokio::test]
async fn judgements_survive_every_run_a_new_model_and_a_record_that_comes_back() {
    for rest in ["", FROZEN] {
        let stage = stage(rest).await;
        judge(&stage, &["different", "crm", "1", "crm", "2"]);
        judge(&stage, &["same", "crm", "3", "crm", "4"]);
        let expected = "1, 2, 3 4";
        assert_eq!(partition(&stage).await, expected);
        stage.run(&["--full"]);
        assert_eq!(partition(&stage).await, expected, "after a new model");
        stage.write("vinculo.yaml", format!("{YAML}resolution: {{thresholds: {{match: 0.2}}}}\n").as_bytes());
        stage.run(&[]);
        assert_eq!(partition(&stage).await, expected, "under other settings");
        deliver(&stage, &[MARIA, BIA]);
        assert_eq!(partition(&stage).await, "1, 4");
        deliver(&stage, &[&ALL[..], &["5,Ana Souza,1970-01-01,,,,\n"]].concat());
        assert_eq!(partition(&stage).await, "1, 2, 3 4, 5", "the records are back, and so is what was judged of them");
        let corrected = COPY.replace("Aparecida", "Ap.");
        deliver(&stage, &[MARIA, &corrected, PEDRO, BIA]);
        assert_eq!(partition(&stage).await, expected, "a corrected record");
    }
}

#[tokio::test]
async fn to_judge_the_same_again_writes_nothing() {
    let stage = stage("").await;
    judge(&stage, &["same", "crm", "1", "crm", "3"]);
    let state = "SELECT (SELECT count(*) FROM audit.judgement) * 1000 + (SELECT count(*) FROM audit.run)";
    let before = stage.count(state).await;
    assert_eq!(judge(&stage, &["same", "crm", "3", "crm", "1"])["outcome"], "stands");
    assert_eq!(stage.count(state).await, before);
}

#[tokio::test]
async fn what_contradicts_others_in_force_is_refused_with_the_chain() {
    let stage = stage("").await;
    judge(&stage, &["same", "crm", "1", "crm", "3"]);
    judge(&stage, &["same", "crm", "2", "crm", "3"]);
    let answer = refused(&stage, &["different", "crm", "1", "crm", "2"]);
    let chain: Vec<i64> =
        answer["chain"].as_array().unwrap().iter().map(|one| one["judgement"].as_i64().unwrap()).collect();
    assert_eq!((&answer["outcome"], chain), (&"contradicted".into(), vec![1, 2]), "{answer}");
    let told = stage.vinculo(&["judge", "different", "crm", "1", "crm", "2", "--reason", "no"]);
    assert!(told.stdout.contains("vinculo judge withdraw 1 --reason"), "{}", told.stdout);
    assert_eq!((told.stderr.as_str(), stage.count("SELECT count(*) FROM audit.judgement").await), ("", 2));

    judge(&stage, &["withdraw", "2"]);
    judge(&stage, &["different", "crm", "1", "crm", "2"]);
    assert_eq!(refused(&stage, &["same", "crm", "2", "crm", "3"])["chain"].as_array().unwrap().len(), 2);
    let direct = refused(&stage, &["same", "crm", "1", "crm", "2"]);
    assert_eq!(direct["supersedable"], 4, "{direct}");
    judge(&stage, &["same", "crm", "1", "crm", "2", "--supersede", "4"]);
    assert_eq!(partition(&stage).await, "1 2 3, 4");
    let kept =
        stage.rows("SELECT judgement_id, superseded_by FROM audit.judgement WHERE NOT in_force ORDER BY 1").await;
    assert!(kept.iter().any(|row| row.contains("\"judgement_id\":4,\"superseded_by\":5")), "{kept:?}");
    assert_eq!(ask(&stage, &["same", "crm", "1", "crm", "3", "--supersede", "9"]).code, Some(0), "it stands anyway");
    assert_eq!(ask(&stage, &["same", "crm", "3", "crm", "4", "--supersede", "5"]).code, Some(2), "of another pair");
}

#[tokio::test]
async fn two_identifiers_that_exclude_each_other_need_one_to_be_judged_wrong() {
    for rest in ["", FROZEN] {
        let stage = stage(rest).await;
        judge(&stage, &["same", "crm", "2", "crm", "4"]);
        assert_eq!(partition(&stage).await, "1, 2 4, 3", "the judged pair stands together, whoever else would join");
        let answer = refused(&stage, &["same", "crm", "1", "crm", "2"]);
        let values = [&answer["excluded"]["left"]["value"], &answer["excluded"]["right"]["value"]];
        assert_eq!((&answer["outcome"], values), (&"excluded".into(), [&"52998224725".into(), &"39053344705".into()]));
        assert_eq!(answer["chain"][0]["judgement"], 1, "through the other judgement: {answer}");
        let told = stage.vinculo(&["judge", "same", "crm", "1", "crm", "2", "--reason", "one"]).stdout;
        assert!(told.contains("vinculo judge wrong crm 4 tax_id 39053344705 --reason"), "{told}");

        judge(&stage, &["wrong", "crm", "4", "tax_id", "390.533.447-05"]);
        judge(&stage, &["same", "crm", "1", "crm", "2"]);
        assert_eq!(partition(&stage).await, "1 2 4, 3");
        assert_eq!(stage.count("SELECT count(*) FROM crm.customer WHERE '39053344705' = ANY(tax_ids)").await, 0);
        let explained = stage.vinculo(&["explain", "crm", "1", "crm", "4"]).stdout;
        assert!(explained.contains("39053344705 (judged_wrong)"), "{explained}");
        assert!(explained.contains("Judgement 3: crm 1 and crm 2 are the same."), "{explained}");
        let withdrawn = refused(&stage, &["withdraw", "2"]);
        let chain: Vec<&Value> = withdrawn["chain"].as_array().unwrap().iter().map(|one| &one["judgement"]).collect();
        assert_eq!((&withdrawn["outcome"], chain), (&"needed".into(), vec![&1.into(), &3.into()]), "{withdrawn}");
        let raw = "SELECT count(*) FROM audit.source_record_version WHERE raw LIKE '%390.533.447-05%'";
        assert_eq!(stage.count(raw).await, 1, "what the source said stays");
    }
}

#[tokio::test]
async fn what_sources_say_later_may_part_what_was_judged_the_same_and_is_reviewed_again() {
    for rest in ["", FROZEN] {
        let stage = stage(rest).await;
        judge(&stage, &["same", "crm", "2", "crm", "3"]);
        assert_eq!(partition(&stage).await, "1 2 3, 4");
        let numbered =
            [COPY.replace(",,maria", ",529.982.247-25,maria"), PEDRO.replace(",,pedro", ",390.533.447-05,pedro")];
        deliver(&stage, &[MARIA, &numbered[0], &numbered[1], &BIA.replace("390.533.447-05", "")]);
        assert_eq!(partition(&stage).await, "1 2, 3, 4");
        let review: Value = serde_json::from_str(&stage.vinculo(&["review", "--json"]).stdout).unwrap();
        assert_eq!(review["items"][0]["reason"], "different_identifiers", "{review}");
        let verified = stage.vinculo(&["verify"]);
        assert_eq!(verified.code, Some(0), "{}{}", verified.stdout, verified.stderr);
        deliver(&stage, &ALL);
        assert_eq!(partition(&stage).await, "1 2 3, 4", "the judgement stood all the while");
    }
}

#[tokio::test]
async fn a_wrong_value_stays_wrong_while_the_source_repeats_it() {
    for rest in ["", FROZEN] {
        let stage = stage(rest).await;
        let phones = "SELECT phones FROM crm.customer c JOIN crm.customer_source s USING (customer_id) WHERE source = 'crm' AND source_key = '4'";
        let before = stage.rows(phones).await;
        let unclear = refused(&stage, &["wrong", "crm", "4", "phone"]);
        assert_eq!((&unclear["outcome"], unclear["values"].as_array().unwrap().len()), (&"unclear".into(), 2));
        let judged = judge(&stage, &["wrong", "crm", "4", "phone", "+5521998765432"]);
        let left = r#"{"phones":["+5521987651111"]}"#;
        assert_eq!(stage.rows(phones).await, [left]);
        deliver(&stage, &[MARIA, COPY, PEDRO, &BIA.replace("Lima", "Lima Sá")]);
        assert_eq!(stage.rows(phones).await, [left], "the record is another version, the value the same");
        judge(&stage, &["withdraw", &judged["judgement"]["judgement"].to_string()]);
        assert_eq!(stage.rows(phones).await, before);
    }
}

#[tokio::test]
async fn what_is_judged_for_later_waits_for_the_next_run() {
    for rest in ["", FROZEN] {
        let stage = stage(rest).await;
        judge(&stage, &["same", "crm", "1", "crm", "3", "--later"]);
        assert_eq!(partition(&stage).await, "1 2, 3, 4");
        stage.verify();
        assert_eq!(stage.run(&["--dry-run"])["customers"]["merged"], 1);
        let run = stage.run(&[]);
        assert_eq!((&run["status"], &run["customers"]["merged"]), (&"done".into(), &1.into()), "{run}");
        assert_eq!(run["resolution"][0]["part"] == true, !rest.is_empty(), "only what changed is resolved: {run}");
        assert_eq!(stage.run(&[])["status"], "unchanged");
    }
}

#[tokio::test]
async fn who_judges_does_not_publish_what_else_waits() {
    let stage = stage("").await;
    judge(&stage, &["same", "crm", "1", "crm", "3"]);
    stage.write("vinculo.yaml", format!("{YAML}resolution: {{thresholds: {{match: 0.9}}}}\n").as_bytes());
    let answer = judge(&stage, &["different", "crm", "1", "crm", "2"]);
    assert_eq!(answer["applied"]["waits"]["reason"], "other_changes_wait", "{answer}");
    let listed = stage.vinculo(&["judge", "list"]).stdout;
    assert!(listed.contains("from the next run") && listed.contains("yes"), "{listed}");
    stage.run(&[]);
    assert_eq!(partition(&stage).await, "1 3, 2, 4");
}

#[tokio::test]
async fn who_judges_does_not_publish_what_was_taken_back() {
    let stage = stage("").await;
    deliver(&stage, &[&ALL[..], &["5,Ana Souza,1970-01-01,,,,\n"]].concat());
    assert_eq!(stage.vinculo(&["undo"]).code, Some(0));
    let answer = judge(&stage, &["same", "crm", "1", "crm", "3"]);
    assert_eq!(answer["applied"]["waits"]["reason"], "publication_taken_back", "{answer}");
    assert_eq!(partition(&stage).await, "1 2, 3, 4");
    stage.verify();
    stage.run(&[]);
    assert_eq!(partition(&stage).await, "1 2 3, 4, 5");
}

#[tokio::test]
async fn a_judgement_whose_publication_is_taken_back_breaks_nothing() {
    let stage = stage(FROZEN).await;
    for words in [&["same", "crm", "1", "crm", "3"][..], &["wrong", "crm", "1", "email"]] {
        judge(&stage, words);
        assert_eq!(stage.vinculo(&["undo"]).code, Some(0), "{words:?}");
        stage.verify();
        stage.run(&["--full"]);
        stage.verify();
    }
}

#[tokio::test]
async fn a_review_offers_what_to_type_and_leaves_out_what_is_judged() {
    let other = "5,Maria Aparecida Conceição,1980-05-12,390.533.447-05,maria.conceicao@gmail.com,11987654321,\n";
    let stage = stage("").await;
    deliver(&stage, &[MARIA, COPY, PEDRO, other]);
    let listed = stage.vinculo(&["review", "--limit", "1"]).stdout;
    let line = listed.lines().find(|line| line.starts_with("vinculo judge different ")).expect("a line to type");
    let words: Vec<&str> = line.split(' ').skip(2).take(5).collect();
    judge(&stage, &[&words[..], &["--later"]].concat());
    let review = stage.vinculo(&["review"]).stdout;
    assert!(review.starts_with("Nothing waits for a review."), "{review}");
    assert!(review.contains("1 pair is judged") && review.contains("1 judgement waits"), "{review}");
    stage.run(&[]);
    let review: Value = serde_json::from_str(&stage.vinculo(&["review", "--json"]).stdout).unwrap();
    assert_eq!(
        (&review["items"], &review["judged"], &review["waiting"]),
        (&Value::Array(vec![]), &1.into(), &0.into())
    );
}

#[tokio::test]
async fn what_cannot_be_judged_is_told_without_any_key() {
    let stage = stage("").await;
    let rows = [&ALL[..], &["-A7,Ana Conceição,1970-01-01,,,,\n"]].concat();
    deliver(&stage, &rows);
    let cases: [(&[&str], i32, &str); 6] = [
        (&["same", "crm", "52998224725", "crm", "1"], 1, "no record of the source `crm` has this key"),
        (&["same", "erp", "1", "crm", "1"], 1, "no record of the source `erp` has this key"),
        (&["different", "crm", "1", "crm", "1"], 2, "one and the same record"),
        (&["wrong", "crm", "1", "52998224725"], 2, "no attribute of this name"),
        (&["wrong", "crm", "3", "tax_id"], 1, "says nothing of `tax_id`"),
        (&["withdraw", "9"], 1, "no such judgement in force"),
    ];
    for (words, code, message) in cases {
        let outcome = ask(&stage, words);
        assert_eq!(outcome.code, Some(code), "{words:?}: {}", outcome.stderr);
        assert!(outcome.stderr.contains(message) && !outcome.stderr.contains("52998224725"), "{}", outcome.stderr);
    }
    let hyphen = ["judge", "same", "--reason", "one family", "--", "crm", "-A7", "crm", "3"];
    let outcome = stage.command(&[]).args(hyphen).output().expect("vinculo can be started");
    assert!(outcome.status.success(), "{}", String::from_utf8_lossy(&outcome.stderr));
    assert_eq!(stage.count("SELECT count(*) FROM audit.judgement").await, 1);
}
