//! Bad input that shows only when a file meets a mapping, or what was delivered before. A rule that stands in the
//! catalogue of bad inputs begins with its number there.

use vinculo_tests::{Stage, snapshots_of_persons};

/// A delivery, and what becomes of it behind a sound one of ten records.
struct Case {
    rule: &'static str,
    text: String,
    state: &'static str,
    /// Part of what is told.
    told: &'static str,
    /// Records that there are afterwards.
    records: i64,
}

fn header_and(rows: impl IntoIterator<Item = u32>) -> String {
    let rows = rows.into_iter().map(|n| format!("{n};Ana Lima {n};a{n}@x.com\n"));
    std::iter::once("id;nome;email\n".to_owned()).chain(rows).collect()
}

fn cases() -> Vec<Case> {
    let sound = header_and(1..=10);
    let rows = (1..=10).map(|n| format!("a{n}@x.com;{n};Ana Lima {n}\n"));
    let reordered = std::iter::once("email;id;nome\n".to_owned()).chain(rows).collect();
    let case = |rule, text, state, told, records| Case { rule, text, state, told, records };
    vec![
        case("B17 a column that the mapping names is missing", sound.replace("nome", "name"), "refused", "`nome`", 10),
        case(
            "B18 a further column",
            sound.replace("email\n", "email;novo\n").replace(".com\n", ".com;x\n"),
            "sealed",
            "",
            10,
        ),
        case("B19 the columns in another order", reordered, "unchanged", "", 10),
        case("B24 an empty file never deletes all", String::new(), "refused", "no_records", 10),
        case("B25 nor does a header only", header_and([]), "refused", "no_records", 10),
        case("B26 a snapshot of a tenth of the records", header_and([1]), "refused", "", 10),
        case("B27 a total of fewer cells is rejected", sound.clone() + "Total;10\n", "refused", "", 10),
        case("B103 one key twice is one record, the last row", header_and((1..=10).chain([10])), "unchanged", "", 10),
        case(
            "B104 a key of another spelling is another record",
            header_and(1..=10).replace("\n7;", "\n007;"),
            "sealed",
            "",
            10,
        ),
    ]
}

#[tokio::test]
async fn every_bad_delivery_is_accepted_rejected_or_refused_as_the_rules_say() {
    let mut failures = Vec::new();
    for Case { rule, text, state, told, records } in cases() {
        let stage = Stage::new(
            &snapshots_of_persons("full_name: nome, email: email"),
            &[("crm.csv", header_and(1..=10).as_bytes())],
        )
        .await;
        stage.run(&[]);
        stage.write("crm.csv", text.as_bytes());
        let outcome = stage.vinculo(&["run"]);
        let summary = outcome.summary();
        let found = stage.count("SELECT count(*) FROM crm.customer_source").await;
        let is_told = outcome.stderr.contains(told);
        if summary["sources"][0]["state"] != state || found != records || !is_told {
            failures.push(format!("{rule}: {} with {found} records\n{}", summary["sources"][0], outcome.stderr));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}
