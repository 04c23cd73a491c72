//! What came in: sources, runs, deliveries, source records, rejected rows.

use super::Holds::{Flag, Instant, Json, Number, Other, Text, Uuid};
use super::{Growth, OF_SOME_RUN, PLAIN, Part, RECORD, Relation, column, computed};

const OF_A_DELIVERY: &str = "delivery_id <> ALL ({deliveries})";

pub(super) const LANDED: &[Relation] = &[
    Relation {
        name: "vinculo.source",
        growth: Growth::Dense,
        salted_as: None,
        astray: OF_SOME_RUN,
        parts: &[Part {
            table: "vinculo.source",
            key: "source_id::bigint",
            columns: &[column("source_id", Number), column("name", Text)],
            from: "vinculo.source",
            ..PLAIN
        }],
    },
    Relation {
        name: "vinculo.run",
        growth: Growth::Ended,
        salted_as: None,
        // Whoever judges ends with the row; the next run that ends covers it.
        astray: "status NOT IN ('running', 'aborted') AND command <> 'judge'",
        parts: &[Part {
            table: "vinculo.run",
            key: "run_id",
            columns: &[
                column("run_id", Number),
                column("command", Text),
                column("actor", Text),
                column("program_version", Text),
                column("normalizer_version", Number),
                column("config", Json),
                column("config_hash", Uuid),
                column("status", Text),
                column("started_at", Instant),
                column("finished_at", Instant),
                column("resolved_state", Uuid),
                column("models", Other),
                column("last_judgement", Number),
                column("summary", Json),
            ],
            from: "vinculo.run",
            ..PLAIN
        }],
    },
    Relation {
        name: "vinculo.delivery",
        growth: Growth::Ended,
        salted_as: None,
        // A run refuses what one before it abandoned, under the number of that one.
        astray: "state <> 'open' AND run_id <> ALL ({runs})
             AND (reason IS DISTINCT FROM 'abandoned' OR cardinality({runs}) = 0)",
        parts: &[
            Part {
                table: "vinculo.delivery",
                key: "delivery_id",
                columns: &[
                    column("delivery_id", Number),
                    column("source_id", Number),
                    column("run_id", Number),
                    column("state", Text),
                    column("snapshot", Flag),
                    column("fingerprint", Uuid),
                    column("landed_on", Other),
                    column("checkpoint", Text),
                    column("counts", Json),
                    column("first_record_id", Number),
                    column("first_version_id", Number),
                    column("landed_records", Number),
                    column("landed_versions", Number),
                    column("changed", Flag),
                    column("reason", Text),
                    column("message", Text),
                    column("rejects_of", Number),
                    column("opened_at", Instant),
                    column("closed_at", Instant),
                ],
                from: "vinculo.delivery",
                ..PLAIN
            },
            Part {
                table: "vinculo.delivery_file",
                key: "delivery_id",
                columns: &[
                    column("delivery_id", Number),
                    column("file_no", Number),
                    column("path", Text),
                    column("format", Json),
                    column("bytes", Number),
                    column("lines", Number),
                ],
                from: "vinculo.delivery_file",
                order: "file_no",
                place: 1,
                ..PLAIN
            },
        ],
    },
    Relation {
        name: RECORD,
        growth: Growth::Landed,
        salted_as: Some(RECORD),
        astray: "NOT EXISTS (SELECT FROM vinculo.delivery d
             WHERE d.source_id = r.source_id AND d.delivery_id = ANY ({deliveries}))",
        parts: &[Part {
            table: RECORD,
            key: "record_id",
            salt: Some("record_id"),
            columns: &[column("record_id", Number), column("source_id", Number), column("source_key", Text)],
            from: "vinculo.source_record r",
            ..PLAIN
        }],
    },
    Relation {
        name: "vinculo.source_record_version",
        growth: Growth::Landed,
        salted_as: Some(RECORD),
        astray: OF_A_DELIVERY,
        parts: &[Part {
            table: "vinculo.source_record_version",
            key: "v.version_id",
            salt: Some("v.record_id"),
            columns: &[
                computed("version_id", Number, "v.version_id"),
                column("record_id", Number),
                column("delivery_id", Number),
                column("line", Number),
                computed(
                    "updated_at",
                    Instant,
                    "CASE WHEN o.version_id IS NULL THEN v.updated_at ELSE o.updated_at END",
                ),
                column("file_no", Number),
                computed("deleted", Flag, "coalesce(o.deleted, v.deleted)"),
                computed("content_hash", Uuid, "coalesce(o.content_hash, v.content_hash)"),
                column("raw", Text),
            ],
            // What it says follows the mapping; the leaf holds what it was read as when it landed.
            from: "vinculo.source_record_version v
                 LEFT JOIN (
                     SELECT DISTINCT ON (version_id) version_id, updated_at, deleted, content_hash
                     FROM vinculo.restatement WHERE version_id BETWEEN {first} AND {last}
                     ORDER BY version_id, restatement_id
                 ) o ON o.version_id = v.version_id",
            ..PLAIN
        }],
    },
    Relation {
        name: "vinculo.restatement",
        growth: Growth::Dense,
        salted_as: Some(RECORD),
        astray: OF_SOME_RUN,
        parts: &[Part {
            table: "vinculo.restatement",
            key: "r.restatement_id",
            salt: Some("coalesce(v.record_id, 0)"),
            columns: &[
                column("restatement_id", Number),
                computed("version_id", Number, "r.version_id"),
                computed("updated_at", Instant, "r.updated_at"),
                computed("deleted", Flag, "r.deleted"),
                computed("content_hash", Uuid, "r.content_hash"),
                computed(
                    "next_updated_at",
                    Instant,
                    "CASE WHEN n.deleted IS NULL THEN v.updated_at ELSE n.updated_at END",
                ),
                computed("next_deleted", Flag, "coalesce(n.deleted, v.deleted)"),
                computed("next_content_hash", Uuid, "coalesce(n.content_hash, v.content_hash)"),
            ],
            // What it was read as from then on: until the next time, or until today.
            from: "vinculo.restatement r
                 LEFT JOIN vinculo.source_record_version v ON v.version_id = r.version_id
                 LEFT JOIN LATERAL (
                     SELECT updated_at, deleted, content_hash FROM vinculo.restatement n
                     WHERE n.version_id = r.version_id AND n.restatement_id > r.restatement_id
                     ORDER BY n.restatement_id LIMIT 1
                 ) n ON true",
            ..PLAIN
        }],
    },
    Relation {
        name: "vinculo.reject",
        growth: Growth::Landed,
        salted_as: Some("vinculo.reject"),
        astray: OF_A_DELIVERY,
        parts: &[Part {
            table: "vinculo.reject",
            key: "reject_id",
            salt: Some("reject_id"),
            columns: &[
                column("reject_id", Number),
                column("delivery_id", Number),
                column("line", Number),
                column("file_no", Number),
                column("faults", Json),
                column("raw", Text),
            ],
            from: "vinculo.reject",
            ..PLAIN
        }],
    },
];
