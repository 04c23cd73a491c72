//! The page of `vinculo report`: it tells what the run told, keeps values to itself when asked, and needs nothing else.

use crate::shop::shop;
use vinculo_tests::Stage;

/// Values of the shop, each in one record at least.
const VALUES: [&str; 5] = ["Conceição", "CONCEICAO", "52998224725", "pedro.araujo@terra.com.br", "Paula"];

/// The page that `vinculo report` wrote, after it said where.
fn page(stage: &Stage, arguments: &[&str]) -> String {
    let outcome = stage.vinculo(&[&["report"], arguments].concat());
    assert_eq!(outcome.code, Some(0), "{}", outcome.stderr);
    assert!(outcome.stdout.contains("report.html"), "{}", outcome.stdout);
    std::fs::read_to_string(stage.folder().join("report.html")).expect("the page")
}

/// The text of a page without its markup, its spaces as one.
fn text(page: &str) -> String {
    let body = page.split("<body>").nth(1).expect("a body");
    let pieces = body.split('<').map(|piece| piece.split_once('>').map_or(piece, |(_, text)| text));
    pieces.collect::<Vec<_>>().join(" ").split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Panics unless every element of a page is closed where it should be.
fn assert_well_formed(page: &str) {
    const VOID: [&str; 4] = ["meta", "br", "col", "!DOCTYPE"];
    let mut open: Vec<&str> = Vec::new();
    for tag in page.split('<').skip(1) {
        let (tag, _) = tag.split_once('>').expect("a tag ends");
        let name = tag.split_whitespace().next().expect("a tag has a name");
        match name.strip_prefix('/') {
            Some(closed) => assert_eq!(open.pop(), Some(closed), "closed inside {open:?}"),
            None if VOID.contains(&name) => {}
            None => open.push(name),
        }
    }
    assert!(open.is_empty(), "left open: {open:?}");
}

#[tokio::test]
async fn the_page_tells_the_counts_that_the_run_told() {
    let stage = shop().await;
    let summary = stage.run(&[]);
    let page = page(&stage, &[]);
    let text = text(&page);
    for resolution in summary["resolution"].as_array().expect("resolutions") {
        let (records, customers) = (&resolution["records"], &resolution["clusters"]);
        assert!(text.contains(&format!("{records} records are {customers} customer")), "{text}");
    }
    assert!(text.contains(&format!("Customers {}", summary["customers_total"])), "{text}");
    for source in summary["sources"].as_array().expect("sources") {
        let name = source["source"].as_str().expect("a name");
        let told = format!("{name} 1 sealed {} {}", source["read"], source["new"]);
        assert!(text.contains(&told), "{told} in {text}");
    }
}

#[tokio::test]
async fn the_page_is_whole_and_asks_for_nothing_from_elsewhere() {
    let stage = shop().await;
    stage.run(&[]);
    let page = page(&stage, &[]);
    assert_well_formed(&page);
    for elsewhere in ["http:", "https:", "src=", "url(", "@import", "<link", "<script", "<iframe"] {
        assert!(!page.contains(elsewhere), "{elsewhere}");
    }
    let mut charts = page.split("<svg").skip(1).filter_map(|chart| chart.split_once('>'));
    assert!(charts.all(|(_, inside)| inside.starts_with("<title>")), "a chart without a title");
    assert!(page.contains("prefers-color-scheme: dark") && page.contains("@media print"));
}

#[tokio::test]
async fn values_are_shown_only_where_they_are_wanted() {
    let stage = shop().await;
    stage.run(&[]);
    let with_values = page(&stage, &[]);
    assert!(VALUES.iter().any(|value| with_values.contains(value)), "some pair is worth a look");
    assert!(text(&with_values).contains("This page shows personal data"));
    let without = page(&stage, &["--no-values"]);
    let json = stage.vinculo(&["report", "--no-values", "--json"]).stdout;
    for value in VALUES {
        assert!(!without.contains(value) && !json.contains(value), "{value}");
    }
    assert!(with_values.contains("<code>vinculo explain") && !without.contains("<code>vinculo explain"), "keys");
    assert!(json.contains(r#""source_key": null"#) && !json.contains(r#""source_key": ""#), "keys");
}

#[tokio::test]
async fn there_is_a_page_of_one_record_and_of_none() {
    let stage = shop().await;
    stage.write("webshop.jsonl", br#"{"id": 1, "first": "Ana", "last": "Lima"}"#);
    stage.write("crm.csv", b"codigo;nome;nascimento;cpf;email;telefone;celular;cidade;alterado\n");
    let outcome = stage.vinculo(&["report"]);
    assert_eq!(outcome.code, Some(1), "nothing has been run yet");
    stage.vinculo(&["run", "--select", "crm"]);
    let none = page(&stage, &[]);
    assert_well_formed(&none);
    assert!(text(&none).contains("Nothing has been resolved yet"), "{none}");
    stage.run(&["--select", "webshop"]);
    let one = page(&stage, &[]);
    assert_well_formed(&one);
    assert!(text(&one).contains("Customers 1 "), "{one}");
    assert!(!one.contains("NaN"));
}
