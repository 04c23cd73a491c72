//! What joined records, and what people judged.

use super::{Check, published_deliveries};

pub(super) const CHECKS: &[Check] = &[
    Check {
        name: "decisions_refer",
        rule: "Every decision is about two known records, by a known model, in force since one publication and till a later one.",
        of: "decisions",
        names: "decision",
        count: "SELECT count(*) FROM vinculo.decision",
        broken: "SELECT d.decision_id FROM vinculo.decision d
        LEFT JOIN vinculo.source_record l ON l.record_id = d.left_record
        LEFT JOIN vinculo.source_record r ON r.record_id = d.right_record
        LEFT JOIN vinculo.model m USING (model_version)
        LEFT JOIN vinculo.publication f ON f.publication = d.from_publication
        WHERE l.record_id IS NULL OR r.record_id IS NULL OR m.model_version IS NULL OR f.publication IS NULL
            OR d.left_record = d.right_record OR d.to_publication <= d.from_publication",
    },
    Check {
        name: "judgements_bind",
        rule: "Records that were judged the same are one customer, unless valid identifiers or their kinds keep them apart; those judged different are not.",
        of: "judgements",
        names: "judgement",
        count: "SELECT count(*) FROM vinculo.judgement",
        broken: concat!(
            "SELECT j.judgement_id FROM vinculo.judgement j
            JOIN crm.customer_source l ON l.record_id = j.left_record
            JOIN crm.customer_source r ON r.record_id = j.right_record
            JOIN vinculo.source_record lr ON lr.record_id = j.left_record
            JOIN vinculo.source_record rr ON rr.record_id = j.right_record
            WHERE j.kind = CASE WHEN l.customer_id = r.customer_id THEN 'different' ELSE 'same' END
                AND NOT EXISTS (SELECT FROM vinculo.judgement s WHERE s.supersedes = j.judgement_id)
                AND (SELECT kind FROM crm.customer WHERE customer_id = l.customer_id)
                    = (SELECT kind FROM crm.customer WHERE customer_id = r.customer_id)
                AND NOT EXISTS (
                    SELECT FROM crm.customer_source a
                    JOIN vinculo.decision d ON a.record_id IN (d.left_record, d.right_record)
                    JOIN crm.customer_source b ON b.record_id IN (d.left_record, d.right_record)
                    WHERE a.customer_id = l.customer_id AND b.customer_id = r.customer_id AND j.kind = 'same'
                        AND d.to_publication IS NULL AND d.kind = 2 AND d.reason = 'different_identifiers'
                )
                AND j.judgement_id <= (SELECT last_judgement FROM vinculo.run
                    WHERE resolved_state IS NOT NULL ORDER BY run_id DESC LIMIT 1)
                AND lr.delivery_id IN ",
            published_deliveries!(),
            " AND rr.delivery_id IN ",
            published_deliveries!()
        ),
    },
    Check {
        name: "judgements_are_kept",
        rule: "Judgements are numbered from 1 without a gap, and each is superseded once at most, by a later one.",
        of: "judgements",
        names: "judgement",
        count: "SELECT count(*) FROM vinculo.judgement",
        broken: "SELECT judgement_id FROM (
                SELECT judgement_id, supersedes, row_number() OVER (ORDER BY judgement_id) AS place
                FROM vinculo.judgement
            ) j
            WHERE judgement_id <> place OR supersedes >= judgement_id",
    },
];
