//! The answer hangs on what the records say, on nothing else.

use crate::shop::{CRM, ERP, WEBSHOP, shop, windows_1252};

/// Who is with whom and what is known of them, without ids and places.
pub async fn answer(stage: &vinculo_tests::Stage) -> Vec<String> {
    let golden = "SELECT (to_jsonb(c) - '{customer_id,created_at,updated_at,lineage_versions,lineage,content_hash,change_seq,version,publication}'::text[])
                    || jsonb_build_object('records', (SELECT jsonb_agg(s.source || ' ' || s.source_key ORDER BY s.source, s.source_key)
                                          FROM crm.customer_source s WHERE s.customer_id = c.customer_id)) AS c
                  FROM crm.customer c";
    let mut rows = stage.rows(golden).await;
    rows.sort();
    rows
}

/// Compares customer by customer, so that a difference can be read.
pub fn assert_same(found: &[String], expected: &[String]) {
    for (found, expected) in found.iter().zip(expected) {
        assert_eq!(found, expected);
    }
    assert_eq!(found.len(), expected.len());
}

/// The same file with its records in reverse order.
fn reversed(text: &str, header: usize) -> String {
    let lines: Vec<_> = text.lines().collect();
    let records = lines[header..].iter().rev();
    lines[..header].iter().chain(records).map(|line| format!("{line}\n")).collect()
}

#[tokio::test]
async fn order_of_records_runs_and_threads_do_not_matter() {
    let stage = shop().await;
    stage.run(&["--threads", "1"]);
    let expected = answer(&stage).await;
    assert!(expected.len() < 15 && expected.len() > 4, "{expected:#?}");

    let shuffled = shop().await;
    shuffled.write("crm.csv", &windows_1252(&reversed(CRM, 1)));
    shuffled.write("webshop.jsonl", reversed(WEBSHOP, 0).as_bytes());
    shuffled.write("erp.csv", reversed(ERP, 1).as_bytes());
    shuffled.run(&["--threads", "2"]);
    assert_same(&answer(&shuffled).await, &expected);

    let by_and_by = shop().await;
    for source in ["erp", "webshop", "crm"] {
        by_and_by.run(&["--select", source]);
    }
    assert_same(&answer(&by_and_by).await, &expected);
}
