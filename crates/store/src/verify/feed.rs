//! The change feed and its publications.

use super::Check;

pub(super) const CHECKS: &[Check] = &[
    Check {
        name: "feed_is_dense",
        rule: "The change feed is numbered from 1 to its head without a gap.",
        of: "changes",
        names: "change",
        count: "SELECT count(*) FROM crm.customer_change",
        broken: "SELECT change_seq FROM (
                SELECT change_seq, row_number() OVER (ORDER BY change_seq) AS place FROM crm.customer_change
            ) c WHERE change_seq <> place
            UNION ALL
            SELECT last_change FROM vinculo.feed_head
            WHERE last_change <> (SELECT count(*) FROM crm.customer_change)",
    },
    Check {
        name: "customers_are_counted",
        rule: "The head of the feed tells how many customers there are.",
        of: "customers",
        names: "count",
        count: "SELECT count(*) FROM crm.customer",
        broken: "SELECT customers FROM vinculo.feed_head WHERE customers <> (SELECT count(*) FROM crm.customer)",
    },
    Check {
        name: "publications_cover_feed",
        rule: "Publications are numbered without a gap; each has its own stretch of the feed, right after the one before.",
        of: "publications",
        names: "publication",
        count: "SELECT count(*) FROM vinculo.publication",
        broken: "SELECT publication FROM (
                SELECT publication, first_change, last_change, row_number() OVER numbered AS place,
                    lag(last_change, 1, 0::bigint) OVER numbered AS before
                FROM vinculo.publication WINDOW numbered AS (ORDER BY publication)
            ) p
            WHERE publication <> place OR first_change <> before + 1 OR last_change < before
            UNION ALL
            SELECT max(publication) FROM vinculo.publication
            HAVING max(last_change) <> (SELECT last_change FROM vinculo.feed_head)",
    },
    Check {
        name: "changes_are_told",
        rule: "Each state of each customer has one entry of the feed, of its own publication, and each such entry a state.",
        of: "states",
        names: "change",
        count: "SELECT (SELECT count(*) FROM crm.customer) + (SELECT count(*) FROM vinculo.customer_history)",
        broken: "SELECT coalesce(s.change_seq, c.change_seq) FROM (
                SELECT customer_id, version, change_seq, publication FROM crm.customer
                UNION ALL
                SELECT customer_id, version, change_seq, publication FROM vinculo.customer_history
            ) s
            JOIN vinculo.publication p ON p.publication = s.publication
                AND s.change_seq BETWEEN p.first_change AND p.last_change
            FULL JOIN (
                SELECT customer_id, version, change_seq FROM crm.customer_change
                WHERE change IN ('created', 'updated', 'split')
            ) c ON c.change_seq = s.change_seq AND c.customer_id = s.customer_id AND c.version = s.version
            WHERE s.change_seq IS NULL OR c.change_seq IS NULL
            UNION ALL
            SELECT c.change_seq FROM crm.customer_change c
            JOIN vinculo.publication p ON c.change_seq BETWEEN p.first_change AND p.last_change
            WHERE c.published_at <> p.published_at",
    },
    Check {
        name: "feed_replays",
        rule: "Whoever replays the feed from its beginning has the customers, versions and redirects that stand now.",
        of: "changes",
        names: "customer",
        count: "SELECT count(*) FROM crm.customer_change",
        broken: "SELECT coalesce(l.customer_id, c.customer_id) FROM (
                SELECT DISTINCT ON (customer_id) customer_id, change_seq, version,
                    change IN ('created', 'updated', 'split') AS lives,
                    CASE change WHEN 'merged' THEN other_customer_id END AS leads_to
                FROM crm.customer_change ORDER BY customer_id, change_seq DESC
            ) l
            FULL JOIN (
                SELECT c.customer_id, c.version, true AS lives, NULL::uuid AS leads_to FROM crm.customer c
                UNION ALL
                SELECT f.customer_id, f.version, false, r.customer_id FROM vinculo.former_customer f
                LEFT JOIN crm.customer_redirect r ON r.old_customer_id = f.customer_id
            ) c USING (customer_id)
            WHERE (l.version, l.lives, l.leads_to) IS DISTINCT FROM (c.version, c.lives, c.leads_to)",
    },
    Check {
        name: "memberships_are_told",
        rule: "Every membership began with an entry of the feed that tells of its customer, at the time of that entry.",
        of: "memberships",
        names: "record",
        count: "SELECT count(*) FROM crm.customer_source",
        broken: "SELECT m.record_id FROM crm.customer_source m
            LEFT JOIN crm.customer_change c ON c.change_seq = m.change_seq AND c.customer_id = m.customer_id
                AND c.published_at = m.updated_at AND c.change IN ('created', 'updated', 'split')
            WHERE c.change_seq IS NULL",
    },
    Check {
        name: "redirects_are_told",
        rule: "Every redirect began with an entry of the feed that says so, at the time of that entry.",
        of: "redirects",
        names: "customer",
        count: "SELECT count(*) FROM crm.customer_redirect",
        broken: "SELECT r.old_customer_id FROM crm.customer_redirect r
            WHERE NOT EXISTS (
                SELECT FROM crm.customer_change c
                WHERE c.customer_id = r.old_customer_id AND c.other_customer_id = r.customer_id
                    AND c.published_at = r.redirected_at AND c.change = r.reason)",
    },
];
