//! Who belongs to whom, and where values came from.

use super::{Check, published_deliveries};

pub(super) const CHECKS: &[Check] = &[
    Check {
        name: "one_customer_each",
        rule: "Every current record of what is published belongs to one customer, which exists; a deleted one to none.",
        of: "records",
        names: "record",
        count: concat!(
            "SELECT count(*) FROM vinculo.source_record WHERE delivery_id IN ",
            published_deliveries!()
        ),
        broken: concat!(
            "SELECT r.record_id FROM vinculo.source_record r
             LEFT JOIN crm.customer_source m USING (record_id)
             LEFT JOIN crm.customer c USING (customer_id)
             WHERE r.delivery_id IN ",
            published_deliveries!(),
            " GROUP BY r.record_id, r.deleted
             HAVING count(m.record_id) <> CASE WHEN r.deleted THEN 0 ELSE 1 END OR count(c.customer_id) <> count(m.record_id)"
        ),
    },
    Check {
        name: "members_exist",
        rule: "What a customer is said to be made of are records of this number, source and key, each once.",
        of: "memberships",
        names: "record",
        count: "SELECT count(*) FROM crm.customer_source",
        broken: "SELECT m.record_id FROM crm.customer_source m
            LEFT JOIN vinculo.source_record r ON r.record_id = m.record_id AND r.source_key = m.source_key
            LEFT JOIN vinculo.source s ON s.source_id = r.source_id AND s.name = m.source
            LEFT JOIN crm.customer c USING (customer_id)
            WHERE s.source_id IS NULL OR c.customer_id IS NULL
            UNION ALL
            SELECT record_id FROM crm.customer_source GROUP BY record_id HAVING count(*) > 1",
    },
    Check {
        name: "record_counts",
        rule: "Every customer has records, and as many as it says.",
        of: "customers",
        names: "customer",
        count: "SELECT count(*) FROM crm.customer",
        broken: "SELECT c.customer_id FROM crm.customer c
            LEFT JOIN (SELECT customer_id, count(*) AS records FROM crm.customer_source GROUP BY customer_id) m
                USING (customer_id)
            WHERE m.records IS DISTINCT FROM c.record_count",
    },
    Check {
        name: "lineage_fits",
        rule: "Every value of a customer has its lineage, and nothing else has one.",
        of: "customers",
        names: "customer",
        count: "SELECT count(*) FROM crm.customer",
        broken: "SELECT c.customer_id FROM crm.customer c
            CROSS JOIN LATERAL (
                SELECT ARRAY[name, full_name, given_name, middle_name, family_name, birth_date::text, sex, mother_name,
                    legal_name, trade_name, website, tax_id, email, phone, address, street, house_number, complement,
                    district, city, region, postal_code, country] || tax_ids || emails || phones
                    || ARRAY(SELECT jsonb_array_elements_text(
                            CASE jsonb_typeof(a.value) WHEN 'array' THEN a.value ELSE jsonb_build_array(a.value) END)
                        FROM jsonb_each(c.attributes) a) AS said
            ) g
            WHERE cardinality(g.said) <> cardinality(c.lineage)
                OR tax_id IS DISTINCT FROM tax_ids[1] OR email IS DISTINCT FROM emails[1]
                OR phone IS DISTINCT FROM phones[1]
                OR EXISTS (SELECT FROM unnest(g.said, c.lineage) u (value, lineage)
                    WHERE (u.value IS NULL) <> (u.lineage = -1) OR u.lineage < -1
                        OR u.lineage >= 0 AND u.lineage / 16 >= cardinality(c.lineage_versions)
                        OR u.lineage % 16 NOT BETWEEN -1 AND 10
                        OR u.lineage % 16 = 0)",
    },
    Check {
        name: "lineage_is_own",
        rule: "The lineage of a customer names versions of its own records only.",
        of: "customers",
        names: "customer",
        count: "SELECT count(*) FROM crm.customer",
        broken: "SELECT DISTINCT c.customer_id FROM crm.customer c
            CROSS JOIN LATERAL unnest(c.lineage_versions) u (version_id)
            LEFT JOIN vinculo.source_record_version v USING (version_id)
            LEFT JOIN crm.customer_source m ON m.record_id = v.record_id AND m.customer_id = c.customer_id
            WHERE m.record_id IS NULL",
    },
];
