//! What no leaf is made of, and why.

use super::relations;

/// Tables, or columns of them, that no leaf is made of, each with the reason. A table stands with an empty column.
pub const NOT_AUDITED: &[(&str, &str, &str)] = &[
    ("crm.customer_redirect", "", "where ids lead now: `verify` holds each against the feed, which is covered"),
    (
        "crm.customer_source",
        "",
        "memberships of now: `verify` holds each against its record, its customer and the feed, which are covered",
    ),
    ("vinculo.audit_block", "", "the chain itself"),
    ("vinculo.audit_salt", "", "another salt makes another leaf"),
    ("vinculo.audit_span", "", "the root of its block is over it"),
    ("vinculo.counter", "", "what comes next"),
    ("vinculo.delivery", "resolved", "whether a resolution has taken it in, which may come later"),
    ("vinculo.feed_head", "", "what comes next"),
    ("vinculo.former_customer", "", "what the feed and the histories tell, at hand"),
    ("vinculo.halved_block", "", "can be made again"),
    ("vinculo.key_base", "", "can be made again"),
    ("vinculo.key_delta", "", "can be made again"),
    ("vinculo.key_segment", "", "can be made again"),
    ("vinculo.lease", "", "who works now"),
    ("vinculo.migration", "", "checked against the program by its own checksums"),
    ("vinculo.model", "plan", "generated from `body`, and held against it when its leaf is made"),
    ("vinculo.model", "weights", "generated from `body`, and held against it when its leaf is made"),
    ("vinculo.normalized_record", "", "can be made again from what was delivered"),
    ("vinculo.packed_model", "", "can be made again from the model, which is covered"),
    ("vinculo.source", "attributes", "what is followed now; the configuration of each run is covered"),
    ("vinculo.source", "fingerprint", "what is followed now; the configuration of each run is covered"),
    ("vinculo.source_record", "content_hash", "of the current version, which is covered"),
    ("vinculo.source_record", "deleted", "of the current version, which is covered"),
    ("vinculo.source_record", "delivery_id", "of the current version, which is covered"),
    ("vinculo.source_record", "version_id", "the current version follows from all versions, which are covered"),
];

/// Every column that leaves are made of, as table and column.
pub fn audited_columns() -> impl Iterator<Item = (&'static str, &'static str)> {
    let parts = relations().flat_map(|relation| relation.parts);
    parts.flat_map(|part| {
        let kept = part.columns.iter().filter(|column| !column.name.starts_with("next_"));
        kept.map(move |column| (part.table, column.name))
    })
}
