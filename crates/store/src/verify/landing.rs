//! Deliveries, versions, current records, rejected rows.

use super::Check;

pub(super) const CHECKS: &[Check] = &[
    Check {
        name: "current_version",
        rule: "The current version of a record is its own, of a sealed delivery, and the greatest by date and landing.",
        of: "records",
        names: "record",
        count: "SELECT count(*) FROM vinculo.source_record",
        broken: "SELECT r.record_id FROM vinculo.source_record r
            LEFT JOIN (
                SELECT DISTINCT ON (v.record_id) v.record_id, v.version_id, v.delivery_id, v.deleted, v.content_hash
                FROM vinculo.source_record_version v
                JOIN vinculo.delivery d ON d.delivery_id = v.delivery_id AND d.state = 'sealed'
                ORDER BY v.record_id, v.updated_at DESC NULLS LAST, v.version_id DESC
            ) v USING (record_id)
            WHERE (v.version_id, v.delivery_id, v.deleted, v.content_hash)
                    IS DISTINCT FROM (r.version_id, r.delivery_id, r.deleted, r.content_hash)
                AND r.delivery_id NOT IN (SELECT delivery_id FROM vinculo.delivery WHERE state = 'open')",
    },
    Check {
        name: "refused_leave_nothing",
        rule: "Every version belongs to a record, and to a delivery that was not refused.",
        of: "versions",
        names: "version",
        count: "SELECT count(*) FROM vinculo.source_record_version",
        broken: "SELECT v.version_id FROM vinculo.source_record_version v
            LEFT JOIN vinculo.delivery d ON d.delivery_id = v.delivery_id AND d.state <> 'refused'
            LEFT JOIN vinculo.source_record r ON r.record_id = v.record_id AND r.source_id = d.source_id
            WHERE r.record_id IS NULL",
    },
    Check {
        name: "one_row_a_key",
        rule: "A key of a source is one record, and a version has its number alone.",
        of: "records",
        names: "record",
        count: "SELECT count(*) FROM vinculo.source_record",
        broken: "SELECT min(record_id) FROM vinculo.source_record GROUP BY source_id, source_key HAVING count(*) > 1
            UNION ALL
            SELECT min(record_id) FROM vinculo.source_record_version GROUP BY version_id HAVING count(*) > 1",
    },
    Check {
        name: "normalized_once",
        rule: "Every current record that is not deleted has its normalized values, and nothing else has any.",
        of: "records",
        names: "version",
        count: "SELECT count(*) FROM vinculo.source_record WHERE NOT deleted",
        broken: "SELECT coalesce(r.version_id, n.version_id) FROM (
                SELECT version_id FROM vinculo.source_record WHERE NOT deleted
                    AND delivery_id NOT IN (SELECT delivery_id FROM vinculo.delivery WHERE state = 'open')
            ) r
            FULL JOIN (
                SELECT n.version_id FROM vinculo.normalized_record n WHERE n.version_id NOT IN (
                    SELECT v.version_id FROM vinculo.source_record_version v
                    JOIN vinculo.delivery d ON d.delivery_id = v.delivery_id AND d.state = 'open')
            ) n USING (version_id)
            WHERE r.version_id IS NULL OR n.version_id IS NULL",
    },
    Check {
        name: "deliveries_balance",
        rule: "Of each sealed delivery: read = new + changed + unchanged + superseded + rejected.",
        of: "deliveries",
        names: "delivery",
        count: "SELECT count(*) FROM vinculo.delivery WHERE state = 'sealed'",
        broken: "SELECT delivery_id FROM vinculo.delivery WHERE state = 'sealed'
            AND (counts ->> 'read')::bigint IS DISTINCT FROM (counts ->> 'new')::bigint
                + (counts ->> 'changed')::bigint + (counts ->> 'unchanged')::bigint
                + (counts ->> 'superseded')::bigint + (counts ->> 'rejected')::bigint",
    },
    Check {
        name: "checkpoints_cover_rows",
        rule: "An open delivery has just the rows that its checkpoint was committed with, and no closed one has a checkpoint.",
        of: "deliveries",
        names: "delivery",
        count: "SELECT count(*) FROM vinculo.delivery",
        broken: "SELECT d.delivery_id FROM vinculo.delivery d
            WHERE CASE d.state
                WHEN 'open' THEN
                    d.landed_versions <> (SELECT count(*) FROM vinculo.source_record_version v
                        WHERE v.delivery_id = d.delivery_id AND v.version_id >= d.first_version_id)
                    OR d.landed_records <> (SELECT count(*) FROM vinculo.source_record r
                        WHERE r.delivery_id = d.delivery_id AND r.record_id >= d.first_record_id)
                ELSE d.checkpoint IS NOT NULL
            END",
    },
    Check {
        name: "rejects_explained",
        rule: "Every rejected row tells its faults, its delivery and its place; a delivery has as many as it counts.",
        of: "rejected rows",
        names: "delivery",
        count: "SELECT count(*) FROM vinculo.reject",
        broken: "SELECT j.delivery_id FROM vinculo.reject j
            LEFT JOIN vinculo.delivery d USING (delivery_id)
            LEFT JOIN vinculo.delivery_file f ON f.delivery_id = j.delivery_id AND f.file_no = j.file_no
            WHERE d.delivery_id IS NULL OR f.file_no IS NULL OR jsonb_typeof(j.faults) <> 'array' OR j.faults = '[]'
            UNION ALL
            SELECT d.delivery_id FROM vinculo.delivery d WHERE d.state = 'sealed'
                AND (d.counts ->> 'rejected')::bigint
                    <> (SELECT count(*) FROM vinculo.reject j WHERE j.delivery_id = d.rejects_of)",
    },
];
