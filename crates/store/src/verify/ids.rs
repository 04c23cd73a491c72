//! Ids that last, and their history.

use super::Check;

pub(super) const CHECKS: &[Check] = &[
    Check {
        name: "redirects_lead_home",
        rule: "A redirect leads in one step from an id that was to a customer that lives.",
        of: "redirects",
        names: "customer",
        count: "SELECT count(*) FROM crm.customer_redirect",
        broken: "SELECT r.old_customer_id FROM crm.customer_redirect r
            LEFT JOIN crm.customer c USING (customer_id)
            LEFT JOIN vinculo.former_customer f ON f.customer_id = r.old_customer_id
            WHERE c.customer_id IS NULL OR f.customer_id IS NULL",
    },
    Check {
        name: "redirects_follow_records",
        rule: "An id leads to the customer that has most of its records, and has ended when none of them belongs to any.",
        of: "former ids",
        names: "customer",
        count: "SELECT count(*) FROM vinculo.former_customer",
        broken: "SELECT f.customer_id FROM vinculo.former_customer f
            LEFT JOIN crm.customer_redirect r ON r.old_customer_id = f.customer_id
            JOIN (
                SELECT f.customer_id AS former_id, m.customer_id, count(*) AS records
                FROM vinculo.former_customer f CROSS JOIN LATERAL unnest(f.records) u (record_id)
                JOIN crm.customer_source m USING (record_id)
                JOIN crm.customer c ON c.customer_id = m.customer_id AND c.kind = f.kind
                GROUP BY f.customer_id, m.customer_id
            ) h ON h.former_id = f.customer_id
            GROUP BY f.customer_id
            HAVING coalesce(max(h.records) FILTER (WHERE h.customer_id = r.customer_id), 0) < max(h.records)",
    },
    Check {
        name: "ids_answer",
        rule: "An id that was ever published is a customer that lives or one that was, never both, and keeps its kind.",
        of: "ids",
        names: "customer",
        count: "SELECT count(DISTINCT customer_id) FROM crm.customer_change",
        broken: "SELECT i.customer_id FROM (
                SELECT customer_id FROM crm.customer_change UNION SELECT customer_id FROM vinculo.customer_history
                UNION SELECT customer_id FROM crm.customer UNION SELECT customer_id FROM vinculo.former_customer
            ) i
            LEFT JOIN crm.customer c USING (customer_id)
            LEFT JOIN vinculo.former_customer f USING (customer_id)
            WHERE (c.customer_id IS NULL) = (f.customer_id IS NULL)
            UNION
            SELECT h.customer_id FROM vinculo.customer_history h
            LEFT JOIN crm.customer c USING (customer_id)
            LEFT JOIN vinculo.former_customer f USING (customer_id)
            WHERE h.kind <> coalesce(c.kind, f.kind, h.kind)",
    },
    Check {
        name: "history_is_whole",
        rule: "The states of an id are numbered without a gap, and each was replaced no later than the next one came.",
        of: "states",
        names: "customer",
        count: "SELECT (SELECT count(*) FROM crm.customer) + (SELECT count(*) FROM vinculo.customer_history)",
        broken: "SELECT DISTINCT customer_id FROM (
                SELECT customer_id, version, publication, to_publication,
                    lag(version, 1, 0) OVER states AS before, lag(to_publication) OVER states AS replaced
                FROM (
                    SELECT customer_id, version, publication, NULL::bigint AS to_publication FROM crm.customer
                    UNION ALL
                    SELECT customer_id, version, publication, to_publication FROM vinculo.customer_history
                ) state
                WINDOW states AS (PARTITION BY customer_id ORDER BY version, to_publication)
            ) state
            WHERE version <> before + 1 OR replaced > publication OR to_publication <= publication
            UNION
            SELECT f.customer_id FROM vinculo.former_customer f
            WHERE f.version IS DISTINCT FROM
                (SELECT max(h.version) FROM vinculo.customer_history h WHERE h.customer_id = f.customer_id)",
    },
    Check {
        name: "memberships_follow",
        rule: "The earlier memberships of a record end before the next one begins, and none of them overlap.",
        of: "earlier memberships",
        names: "record",
        count: "SELECT count(*) FROM vinculo.membership_history",
        broken: "SELECT DISTINCT record_id FROM (
                SELECT record_id, from_publication, to_publication,
                    lag(to_publication) OVER (PARTITION BY record_id ORDER BY from_publication) AS before
                FROM (
                    SELECT record_id, from_publication, to_publication FROM vinculo.membership_history
                    UNION ALL
                    SELECT m.record_id, p.publication, NULL FROM crm.customer_source m
                    JOIN vinculo.publication p ON m.change_seq BETWEEN p.first_change AND p.last_change
                    WHERE EXISTS (SELECT FROM vinculo.membership_history h WHERE h.record_id = m.record_id)
                ) membership
            ) membership
            WHERE before > from_publication OR to_publication <= from_publication",
    },
];
