//! What was decided and published: models, judgements, publications, decisions, the feed, customers.

use super::Holds::{Instant, Json, Number, Other, Text, Uuid};
use super::{Column, Growth, OF_SOME_RUN, PLAIN, Part, RECORD, Relation, column, computed};

const OF_A_RUN: &str = "run_id <> ALL ({runs})";
const ENDED_BY_A_PUBLICATION: &str = "to_publication <> ALL ({publications})";

pub(super) const PUBLISHED: &[Relation] = &[
    Relation {
        name: "vinculo.model",
        growth: Growth::Dense,
        salted_as: None,
        astray: OF_A_RUN,
        parts: &[Part {
            table: "vinculo.model",
            key: "model_version",
            columns: &[
                column("model_version", Number),
                column("kind", Text),
                column("run_id", Number),
                column("digest", Uuid),
                // What is generated from the body, and is no part of it, is as good as an altered body.
                computed(
                    "body",
                    Json,
                    "CASE WHEN (plan, weights) IS NOT DISTINCT FROM (body -> 'plan', body #> '{model,weights}')
                         THEN body END",
                ),
            ],
            from: "vinculo.model",
            ..PLAIN
        }],
    },
    Relation {
        name: "vinculo.judgement",
        growth: Growth::Dense,
        salted_as: Some(RECORD),
        astray: OF_A_RUN,
        parts: &[Part {
            table: "vinculo.judgement",
            key: "judgement_id",
            salt: Some("left_record"),
            columns: &[
                column("judgement_id", Number),
                column("kind", Text),
                column("left_record", Number),
                column("right_record", Number),
                column("attribute", Text),
                column("value_hash", Uuid),
                column("supersedes", Number),
                column("run_id", Number),
                column("actor", Text),
                column("reason", Text),
                column("judged_at", Instant),
            ],
            from: "vinculo.judgement",
            ..PLAIN
        }],
    },
    Relation {
        name: "vinculo.publication",
        growth: Growth::Dense,
        salted_as: None,
        astray: OF_A_RUN,
        parts: &[Part {
            table: "vinculo.publication",
            key: "publication",
            columns: &[
                column("publication", Number),
                column("run_id", Number),
                column("models", Other),
                column("first_change", Number),
                column("last_change", Number),
                column("counts", Json),
                column("published_at", Instant),
                column("takes_back", Number),
            ],
            from: "vinculo.publication",
            ..PLAIN
        }],
    },
    Relation {
        name: "vinculo.decision, ended",
        growth: Growth::AsBefore,
        salted_as: None,
        astray: ENDED_BY_A_PUBLICATION,
        parts: &[Part {
            table: "vinculo.decision",
            key: "to_publication",
            columns: &[column("decision_id", Number), column("to_publication", Number)],
            from: "vinculo.decision",
            order: "decision_id",
            ..PLAIN
        }],
    },
    Relation {
        name: "vinculo.customer_history, replaced",
        growth: Growth::AsBefore,
        salted_as: None,
        astray: ENDED_BY_A_PUBLICATION,
        parts: &[Part {
            table: "vinculo.customer_history",
            key: "to_publication",
            columns: &[
                column("customer_id", Uuid),
                column("version", Number),
                column("change_seq", Number),
                column("to_publication", Number),
            ],
            from: "vinculo.customer_history",
            order: "customer_id, version",
            ..PLAIN
        }],
    },
    Relation {
        name: "vinculo.membership_history",
        growth: Growth::AsBefore,
        salted_as: None,
        astray: ENDED_BY_A_PUBLICATION,
        parts: &[Part {
            table: "vinculo.membership_history",
            key: "to_publication",
            columns: &[
                column("record_id", Number),
                column("from_publication", Number),
                column("to_publication", Number),
                column("customer_id", Uuid),
            ],
            from: "vinculo.membership_history",
            order: "record_id",
            ..PLAIN
        }],
    },
    Relation {
        name: "vinculo.decision",
        growth: Growth::Dense,
        salted_as: None,
        astray: "from_publication <> ALL ({publications})",
        parts: &[Part {
            table: "vinculo.decision",
            key: "decision_id",
            columns: &[
                column("decision_id", Number),
                column("left_record", Number),
                column("right_record", Number),
                column("model_version", Number),
                column("from_publication", Number),
                column("weight", Number),
                column("kind", Number),
                column("levels", Other),
                column("reason", Text),
            ],
            from: "vinculo.decision",
            ..PLAIN
        }],
    },
    Relation {
        name: "crm.customer_change",
        growth: Growth::Dense,
        salted_as: None,
        astray: "NOT EXISTS (SELECT FROM vinculo.publication p
             WHERE p.publication = ANY ({publications}) AND c.change_seq BETWEEN p.first_change AND p.last_change)",
        parts: &[Part {
            table: "crm.customer_change",
            key: "change_seq",
            columns: &[
                column("change_seq", Number),
                column("customer_id", Uuid),
                column("other_customer_id", Uuid),
                column("published_at", Instant),
                column("version", Number),
                column("change", Text),
            ],
            from: "crm.customer_change c",
            ..PLAIN
        }],
    },
    Relation {
        // A state has the same leaf while it stands and when it is history. It is found by the entry of the feed that
        // tells of it, which needs no index of its own.
        name: "crm.customer",
        growth: Growth::AsBefore,
        salted_as: Some("crm.customer"),
        astray: OF_SOME_RUN,
        parts: &[
            Part {
                table: "crm.customer",
                key: "f.change_seq",
                salt: Some("f.change_seq"),
                columns: STATE,
                from: "crm.customer_change f
                     JOIN crm.customer c ON c.customer_id = f.customer_id AND c.change_seq = f.change_seq",
                ..PLAIN
            },
            Part {
                table: "vinculo.customer_history",
                key: "f.change_seq",
                salt: Some("f.change_seq"),
                columns: STATE,
                from: "crm.customer_change f
                     JOIN vinculo.customer_history c
                         ON c.customer_id = f.customer_id AND c.version = f.version AND c.change_seq = f.change_seq",
                ..PLAIN
            },
        ],
    },
];

/// A state of a customer, in either table.
const STATE: &[Column] = &[
    computed("customer_id", Uuid, "c.customer_id"),
    column("kind", Text),
    column("name", Text),
    column("full_name", Text),
    column("given_name", Text),
    column("middle_name", Text),
    column("family_name", Text),
    column("birth_date", Other),
    column("sex", Text),
    column("mother_name", Text),
    column("legal_name", Text),
    column("trade_name", Text),
    column("website", Text),
    column("tax_id", Text),
    column("email", Text),
    column("phone", Text),
    column("address", Text),
    column("street", Text),
    column("house_number", Text),
    column("complement", Text),
    column("district", Text),
    column("city", Text),
    column("region", Text),
    column("postal_code", Text),
    column("country", Text),
    column("tax_ids", Other),
    column("emails", Other),
    column("phones", Other),
    column("attributes", Json),
    column("record_count", Number),
    computed("version", Number, "c.version"),
    column("created_at", Instant),
    column("updated_at", Instant),
    computed("change_seq", Number, "c.change_seq"),
    column("publication", Number),
    column("content_hash", Uuid),
    column("lineage_versions", Other),
    column("lineage", Other),
];
