//! `vinculo verify` finds whatever is broken on purpose, and nothing else.

use serde_json::Value;
use std::collections::BTreeSet;
use vinculo_tests::{Stage, snapshots_of_persons};

const FIELDS: &str = "full_name: name, birth_date: born, tax_id: cpf, email: email, phone: phone, city: city";
const HEAD: &str = "id,name,born,cpf,email,phone,city\n";
const MARIA: &str = "1,Maria Aparecida Conceição,1980-05-12,529.982.247-25,maria@gmail.com,11987654321,Santos\n";
const ALSO_MARIA: &str = "2,Maria A Conceição,1980-05-12,529.982.247-25,maria@gmail.com,11987654321,Santos\n";
const BIA: &str = "4,Beatriz Lima,1991-01-15,390.533.447-05,bia.lima@uol.com.br,21998765432,Niterói\n";
const RUI: &str = "6,Rui Prado,1970-02-03,,rui.prado@bol.com.br,51988887777,Canoas\n";
const SHORT: &str = "7,one cell too few\n";

/// A project with a past: joined customers, a redirect, an id that ended, a rejected row, corrected records.
async fn stage_with_a_past() -> Stage {
    let yaml = snapshots_of_persons(FIELDS).replace("    key: id\n", "    key: id\n    max_reject_ratio: 0.5\n");
    // A model that lasts, so that later runs resolve only what changed.
    let yaml = format!("{yaml}resolution:\n  train_below: 1\n");
    let stage = Stage::new(&yaml, &[]).await;
    let as_bia = BIA.replacen('4', "5", 1);
    let apart = "5,Beatriz Lima Souza,1985-03-03,111.444.777-35,bia@terra.com.br,31977776666,Betim\n";
    let corrected = BIA.replace("Niterói", "Rio de Janeiro");
    for rows in [
        vec![MARIA, ALSO_MARIA, BIA, apart, RUI, SHORT],
        vec![MARIA, ALSO_MARIA, BIA, &as_bia, RUI, SHORT],
        vec![MARIA, ALSO_MARIA, &corrected, &as_bia],
    ] {
        stage.write("crm.csv", format!("{HEAD}{}", rows.concat()).as_bytes());
        stage.run(&["--allow-shrink"]);
    }
    stage
}

/// The checks of `verify --json`, each with whether it holds.
fn checks(stage: &Stage) -> Vec<(String, bool)> {
    let outcome = stage.vinculo(&["verify", "--deep", "--json"]);
    let report: Value = serde_json::from_str(&outcome.stdout).unwrap_or_else(|_| panic!("{}", outcome.stderr));
    let checks = report["checks"].as_array().expect("checks");
    let holds = |check: &Value| {
        let (name, broken) = (check["check"].as_str().expect("a name"), check["broken"].as_u64().expect("a count"));
        assert_eq!(broken == 0, check["examples"].as_array().expect("examples").is_empty(), "{check}");
        (name.to_owned(), broken == 0)
    };
    let checks: Vec<(String, bool)> = checks.iter().map(holds).collect();
    assert_eq!(outcome.code, Some(i32::from(checks.iter().any(|(_, holds)| !holds))), "{}", outcome.stderr);
    checks
}

/// A way to break something: the check that tells of it, what is done, and further checks that cannot but see it too.
struct Damage {
    check: &'static str,
    by: &'static str,
    also: &'static [&'static str],
}

const fn damage(check: &'static str, by: &'static str) -> Damage {
    Damage { check, by, also: &[] }
}

/// One way at least for every check.
const DAMAGES: &[Damage] = &[
    damage("schema_is_ours", "UPDATE vinculo.migration SET checksum = '\\x00' WHERE version = 2"),
    damage("schema_is_ours", "UPDATE vinculo.migration SET success = false WHERE version = 3"),
    damage("runs_are_alive", "UPDATE vinculo.run SET status = 'running' WHERE run_id = 2"),
    damage("counters_are_ahead", "UPDATE vinculo.counter SET next_version_id = 3"),
    damage("sources_are_followed", "UPDATE vinculo.source SET fingerprint = NULL"),
    damage(
        "current_version",
        "UPDATE vinculo.source_record SET content_hash = gen_random_uuid() WHERE source_key = '1'",
    ),
    damage(
        "refused_leave_nothing",
        "INSERT INTO vinculo.source_record_version (version_id, record_id, delivery_id, deleted, content_hash)
         VALUES (0, 4711, 1, false, gen_random_uuid())",
    ),
    damage(
        "one_row_a_key",
        "ALTER TABLE vinculo.source_record_version DROP CONSTRAINT source_record_version_pkey,
             DROP CONSTRAINT source_record_version_record_id_version_id_key;
         INSERT INTO vinculo.source_record_version SELECT v.* FROM vinculo.source_record_version v
         JOIN vinculo.source_record r USING (record_id) WHERE r.source_key = '4' AND v.version_id < r.version_id",
    ),
    damage(
        "normalized_once",
        "INSERT INTO vinculo.normalized_record SELECT v.version_id, n.data FROM vinculo.source_record_version v
         JOIN vinculo.source_record r USING (record_id) JOIN vinculo.normalized_record n ON n.version_id = r.version_id
         WHERE r.source_key = '4' AND v.version_id < r.version_id",
    ),
    damage("deliveries_balance", "UPDATE vinculo.delivery SET counts = jsonb_set(counts, '{read}', '99') WHERE delivery_id = 1"),
    damage("checkpoints_cover_rows", "UPDATE vinculo.delivery SET checkpoint = '{}' WHERE delivery_id = 1"),
    damage("rejects_explained", "UPDATE vinculo.reject SET faults = '[]'"),
    damage("rejects_explained", "DELETE FROM vinculo.reject"),
    damage(
        "one_customer_each",
        "INSERT INTO vinculo.source (source_id, name, fingerprint) SELECT 9, 'ghosts', fingerprint FROM vinculo.source;
         INSERT INTO vinculo.delivery (source_id, run_id, state, snapshot, fingerprint, landed_on, counts,
             first_record_id, first_version_id, landed_records, landed_versions, resolved)
         SELECT 9, run_id, state, snapshot, fingerprint, landed_on,
             '{\"read\":1,\"new\":1,\"changed\":0,\"unchanged\":0,\"superseded\":0,\"rejected\":0}', 0, 0, 1, 1, true
         FROM vinculo.delivery WHERE delivery_id = 1;
         INSERT INTO vinculo.source_record SELECT 0, 0, max(delivery_id), 9, false, max(fingerprint::text)::uuid, 'boo'
         FROM vinculo.delivery;
         INSERT INTO vinculo.source_record_version (version_id, record_id, delivery_id, deleted, content_hash)
         SELECT version_id, record_id, delivery_id, deleted, content_hash FROM vinculo.source_record WHERE record_id = 0;
         INSERT INTO vinculo.normalized_record SELECT 0, data FROM vinculo.normalized_record LIMIT 1",
    ),
    damage("members_exist", "UPDATE crm.customer_source SET source_key = 'nobody' WHERE source_key = '1'"),
    damage("record_counts", "UPDATE crm.customer SET record_count = record_count + 1 WHERE record_count = 1 OR email = 'maria@gmail.com'"),
    damage("lineage_fits", "UPDATE crm.customer SET lineage = lineage || 17::smallint"),
    damage(
        "lineage_is_own",
        "UPDATE crm.customer c SET lineage_versions = c.lineage_versions || o.lineage_versions
         FROM crm.customer o WHERE c.email = 'maria@gmail.com' AND o.email <> c.email",
    ),
    Damage {
        check: "redirects_lead_home",
        by: "UPDATE crm.customer_redirect SET customer_id = gen_random_uuid()",
        also: &["redirects_follow_records", "feed_replays", "redirects_are_told"],
    },
    damage(
        "redirects_follow_records",
        "UPDATE vinculo.former_customer f SET records = ARRAY(SELECT m.record_id FROM crm.customer_source m
             JOIN crm.customer c USING (customer_id) WHERE c.email = 'maria@gmail.com')",
    ),
    damage("ids_answer", "UPDATE vinculo.customer_history SET kind = 'organization'"),
    damage("history_is_whole", "UPDATE vinculo.customer_history SET to_publication = publication"),
    damage("memberships_follow", "UPDATE vinculo.membership_history SET to_publication = from_publication"),
    damage("customers_are_counted", "UPDATE vinculo.feed_head SET customers = customers + 1"),
    damage("feed_is_dense", "UPDATE crm.customer_change SET change_seq = change_seq + 100 WHERE change = 'ended'"),
    damage(
        "publications_cover_feed",
        "UPDATE vinculo.publication SET last_change = last_change + 1
         WHERE publication = (SELECT max(publication) FROM vinculo.publication)",
    ),
    damage("changes_are_told", "UPDATE crm.customer_change SET published_at = now() WHERE change_seq = 1"),
    Damage {
        check: "feed_replays",
        by: "UPDATE crm.customer_change SET other_customer_id = gen_random_uuid() WHERE change = 'merged'",
        also: &["redirects_are_told"],
    },
    damage(
        "memberships_are_told",
        "UPDATE crm.customer_source SET updated_at = updated_at + interval '1 microsecond' WHERE source_key = '1'",
    ),
    damage(
        "redirects_are_told",
        "UPDATE crm.customer_redirect SET redirected_at = redirected_at + interval '1 microsecond'",
    ),
    damage("decisions_refer", "UPDATE vinculo.decision SET model_version = 4711"),
    damage(
        "judgements_bind",
        "INSERT INTO vinculo.judgement (judgement_id, kind, left_record, right_record, run_id, actor, reason)
         SELECT 1, 'different', min(record_id), max(record_id), 1, 'test', 'to see'
         FROM vinculo.source_record WHERE source_key IN ('1', '2');
         UPDATE vinculo.run SET last_judgement = 1",
    ),
    damage(
        "judgements_are_kept",
        "INSERT INTO vinculo.judgement (judgement_id, kind, left_record, right_record, run_id, actor, reason)
         SELECT 2, 'same', min(record_id), max(record_id), 1, 'test', 'to see'
         FROM vinculo.source_record WHERE source_key IN ('1', '2')",
    ),
    damage("keys_have_records", "INSERT INTO vinculo.key_delta VALUES ('person', 1, 4711)"),
    damage("records_are_found", "DELETE FROM vinculo.key_segment; DELETE FROM vinculo.key_delta"),
    damage(
        "golden_values",
        "UPDATE crm.customer SET lineage = array_replace(lineage, lineage[2], (lineage[2] / 16 * 16 + 6)::smallint)",
    ),
    Damage {
        check: "values_are_said",
        by: "UPDATE crm.customer SET city = 'Atlantis' WHERE city IS NOT NULL",
        also: &["golden_values"],
    },
    damage("customers_are_joined", "UPDATE vinculo.decision SET to_publication = 99 WHERE kind = 1"),
    Damage {
        check: "one_identifier_each",
        by: "UPDATE vinculo.normalized_record n SET data = decode(replace(encode(n.data, 'hex'),
                 encode('52998224725', 'hex'), encode('16899535009', 'hex')), 'hex')
             FROM vinculo.source_record r WHERE r.version_id = n.version_id AND r.source_key = '2'",
        also: &["normalized_values", "records_are_found"],
    },
    damage("packed_models_are_the_models", "UPDATE vinculo.packed_model SET data = data || '\\x00'::bytea"),
    damage("models_are_unaltered", "UPDATE vinculo.model SET digest = gen_random_uuid()"),
    damage(
        "content_hashes",
        "UPDATE vinculo.source_record_version v SET content_hash = gen_random_uuid() FROM vinculo.source_record r
         WHERE r.record_id = v.record_id AND r.source_key = '4' AND v.version_id < r.version_id",
    ),
    damage("normalized_values", "UPDATE vinculo.normalized_record SET data = set_byte(data, 2, (get_byte(data, 2) + 1) % 256)"),
];

/// Other people read these tables, and no leaf of the audit chain is made of them: they follow from what is covered.
const FOLLOWING: &[(&str, &[(&str, &str)])] = &[
    (
        "crm.customer_source",
        &[
            ("source", "'nowhere'"),
            ("source_key", "'nobody'"),
            ("customer_id", "gen_random_uuid()"),
            ("record_id", "record_id + 1000"),
            ("updated_at", "updated_at + interval '1 microsecond'"),
            ("change_seq", "change_seq + 1"),
        ],
    ),
    (
        "crm.customer_redirect",
        &[
            ("old_customer_id", "gen_random_uuid()"),
            ("customer_id", "gen_random_uuid()"),
            ("reason", "'moved'"),
            ("redirected_at", "redirected_at + interval '1 microsecond'"),
        ],
    ),
];

#[tokio::test]
async fn a_changed_value_in_any_column_of_a_membership_or_a_redirect_is_seen() {
    let sound = stage_with_a_past().await;
    let yaml = std::fs::read_to_string(sound.folder().join("vinculo.yaml")).expect("the project");
    // Two records that change places leave every count as it was.
    let swap = "UPDATE crm.customer_source m SET (customer_id, updated_at, change_seq) =
             (SELECT o.customer_id, o.updated_at, o.change_seq FROM crm.customer_source o
              WHERE o.record_id = s.one + s.other - m.record_id)
         FROM (SELECT min(record_id) AS one, max(record_id) AS other FROM crm.customer_source) s
         WHERE m.record_id IN (s.one, s.other)";
    let mut alterations = vec![swap.to_owned()];
    for (table, columns) in FOLLOWING {
        let known = format!(
            "SELECT count(*) FROM information_schema.columns WHERE table_schema || '.' || table_name = '{table}'"
        );
        assert_eq!(sound.count(&known).await, columns.len() as i64, "{table}");
        alterations.extend(columns.iter().map(|(column, altered)| {
            format!("UPDATE {table} SET {column} = {altered} WHERE ctid = (SELECT max(ctid) FROM {table})")
        }));
    }
    for alteration in alterations {
        let stage = Stage::over(sound.database().copy().await, &yaml, &[]);
        stage.execute(&alteration).await;
        assert!(checks(&stage).iter().any(|(_, holds)| !holds), "{alteration}");
    }
}

#[tokio::test]
async fn every_check_sees_what_is_broken_on_purpose_and_only_that() {
    let sound = stage_with_a_past().await;
    let checks_there_are: BTreeSet<String> = checks(&sound).into_iter().map(|(name, _)| name).collect();
    let checks_that_are_tried: BTreeSet<String> = DAMAGES.iter().map(|damage| damage.check.to_owned()).collect();
    assert_eq!(checks_that_are_tried, checks_there_are, "every check needs a way to break what it looks at");
    let yaml = std::fs::read_to_string(sound.folder().join("vinculo.yaml")).expect("the project");
    let mut surprises = Vec::new();
    for damage in DAMAGES {
        let stage = Stage::over(sound.database().copy().await, &yaml, &[]);
        stage.execute(damage.by).await;
        let broken: BTreeSet<String> =
            checks(&stage).into_iter().filter(|(_, holds)| !holds).map(|(name, _)| name).collect();
        let expected: BTreeSet<String> =
            [damage.check].iter().chain(damage.also).map(|name| (*name).to_owned()).collect();
        if broken != expected {
            surprises.push(format!("{broken:?} instead of {expected:?} after: {}", damage.by));
        }
    }
    assert!(surprises.is_empty(), "{}", surprises.join("\n"));
}

#[tokio::test]
async fn what_is_broken_is_told_in_words_without_a_value_and_ends_with_1() {
    let stage = stage_with_a_past().await;
    stage.execute("UPDATE crm.customer SET city = 'Atlantis' WHERE city IS NOT NULL").await;
    let outcome = stage.vinculo(&["verify"]);
    assert_eq!(outcome.code, Some(1), "{}", outcome.stderr);
    let said =
        "values_are_said does not hold: Every value of a customer is said by the very version that its lineage names.";
    assert!(outcome.stdout.contains(said), "{}", outcome.stdout);
    assert!(outcome.stdout.contains("\n  customer 0"), "{}", outcome.stdout);
    for value in ["Atlantis", "Santos", "Maria", "529.982"] {
        assert!(!outcome.stdout.contains(value), "{}", outcome.stdout);
    }
}

#[tokio::test]
async fn what_is_read_and_not_yet_published_breaks_nothing() {
    let stage = stage_with_a_past().await;
    let corrected = MARIA.replace("Santos", "Guarujá").replace("529.982.247-25", "168.995.350-09");
    stage.write("crm.csv", format!("{HEAD}{corrected}{ALSO_MARIA}{BIA}{RUI}").as_bytes());
    // Killed before its last commits: what was read is sealed, what was published is as it was.
    let publications = "SELECT count(*) FROM vinculo.publication";
    let before = stage.count(publications).await;
    let sealed = "SELECT count(*) FROM vinculo.delivery WHERE state = 'sealed' AND NOT resolved";
    for skipped in 1.. {
        let fail_point = format!("commit-before={skipped}*off->return");
        let killed = stage.command(&["run", "--allow-shrink"]).env("FAILPOINTS", fail_point).output();
        assert_eq!(killed.expect("vinculo can be started").status.code(), None);
        if stage.count(sealed).await == 1 {
            break;
        }
    }
    assert_eq!(stage.count(publications).await, before);
    // A killed run is at work for those who only look; the next one finds out.
    stage.execute("UPDATE vinculo.run SET status = 'aborted' WHERE status = 'running'").await;
    stage.verify();
    stage.run(&["--allow-shrink"]);
    stage.verify();
}

#[tokio::test]
async fn a_customer_of_whom_nothing_is_known_breaks_nothing() {
    let yaml = "project: p\ncountry: BR\nsources:\n  crm: {connector: files, path: crm.csv, record: person, key: id,\n    \
        fields: {full_name: name, tax_id: cpf, email: email}}\n";
    let stage =
        Stage::new(yaml, &[("crm.csv", b"id,name,cpf,email\n1,TESTE,000.000.000-00,teste@teste\n2,,,\n")]).await;
    stage.run(&[]);
    assert_eq!(stage.count("SELECT count(*) FROM crm.customer WHERE lineage_versions = '{}'").await, 2);
    stage.verify();
}
