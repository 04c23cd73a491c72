//! Runs, counters.

use super::Check;

pub(super) const CHECKS: &[Check] = &[
    Check {
        name: "counters_are_ahead",
        rule: "No id of a record, version, rejected row or decision is given twice: the counter is ahead of all.",
        of: "counters",
        names: "id",
        count: "SELECT 4",
        broken: "SELECT u.used FROM vinculo.counter c
            CROSS JOIN LATERAL (
                VALUES (c.next_record_id, (SELECT max(record_id) FROM vinculo.source_record)),
                    (c.next_version_id, (SELECT max(version_id) FROM vinculo.source_record_version)),
                    (c.next_reject_id, (SELECT max(reject_id) FROM vinculo.reject)),
                    (c.next_decision_id, (SELECT max(decision_id) FROM vinculo.decision))
            ) u (next, used)
            WHERE u.used >= u.next",
    },
    Check {
        name: "sources_are_followed",
        rule: "Records of every source follow a mapping that is known.",
        of: "sources",
        names: "source",
        count: "SELECT count(*) FROM vinculo.source",
        broken: "SELECT source_id FROM vinculo.source s WHERE fingerprint IS NULL
            AND EXISTS (SELECT FROM vinculo.source_record r WHERE r.source_id = s.source_id)
            UNION
            SELECT r.source_id FROM vinculo.source_record r LEFT JOIN vinculo.source s USING (source_id)
            WHERE s.source_id IS NULL",
    },
];
