-- Which customer each record belonged to in the past, what a customer was and when, and publications that take back another.

CREATE TABLE vinculo.membership_history (
    record_id bigint NOT NULL,
    from_publication bigint NOT NULL,
    to_publication bigint NOT NULL,
    customer_id uuid NOT NULL,
    PRIMARY KEY (record_id, to_publication)
);
CREATE INDEX membership_history_customer ON vinculo.membership_history (customer_id);
-- A block of the audit chain covers what its publications ended.
CREATE INDEX membership_history_ended ON vinculo.membership_history (to_publication);
COMMENT ON TABLE vinculo.membership_history IS 'Earlier memberships: which customer a record belonged to until it moved or left; the present ones stand in crm.customer_source.';
COMMENT ON COLUMN vinculo.membership_history.record_id IS 'The record.';
COMMENT ON COLUMN vinculo.membership_history.from_publication IS 'Publication that brought the record to the customer.';
COMMENT ON COLUMN vinculo.membership_history.to_publication IS 'Publication that took it away.';
COMMENT ON COLUMN vinculo.membership_history.customer_id IS 'The customer.';

ALTER TABLE vinculo.publication ADD COLUMN takes_back bigint;
COMMENT ON COLUMN vinculo.publication.takes_back IS 'Publication that this one took back; none for one that a resolution made.';
-- From an entry of the feed to its publication: the first one whose last entry is not before it.
CREATE INDEX publication_last_change ON vinculo.publication (last_change, publication);

-- States lead to their own entries of the feed by its key. These lead to the others; a first load has none, so that it
-- pays one look at each entry for either.
CREATE INDEX customer_change_gone ON crm.customer_change (customer_id) WHERE change IN ('merged', 'ended');
CREATE INDEX customer_change_other ON crm.customer_change (other_customer_id) WHERE other_customer_id IS NOT NULL;

CREATE OR REPLACE VIEW audit.publication AS
SELECT publication, run_id, models, first_change, last_change, counts, published_at, takes_back FROM vinculo.publication;

CREATE VIEW audit.membership_history AS
SELECT m.source, m.source_key, m.record_id, m.customer_id, p.publication AS from_publication,
    NULL::bigint AS to_publication, m.updated_at AS valid_from, NULL::timestamptz AS valid_to
FROM crm.customer_source m
CROSS JOIN LATERAL (
    SELECT publication FROM vinculo.publication WHERE last_change >= m.change_seq
    ORDER BY last_change, publication LIMIT 1
) p
UNION ALL
SELECT s.name, r.source_key, h.record_id, h.customer_id, h.from_publication, h.to_publication, began.published_at,
    ended.published_at
FROM vinculo.membership_history h
JOIN vinculo.source_record r ON r.record_id = h.record_id
JOIN vinculo.source s ON s.source_id = r.source_id
LEFT JOIN vinculo.publication began ON began.publication = h.from_publication
LEFT JOIN vinculo.publication ended ON ended.publication = h.to_publication;
COMMENT ON VIEW audit.membership_history IS 'Which customer each record belongs to, and belonged to before.';
COMMENT ON COLUMN audit.membership_history.to_publication IS 'Publication that took it away; none for the present membership.';
COMMENT ON COLUMN audit.membership_history.valid_from IS 'When the record came to the customer.';
COMMENT ON COLUMN audit.membership_history.valid_to IS 'When it went away; none for the present membership.';

CREATE OR REPLACE VIEW audit.customer_history AS
SELECT c.*, NULL::bigint AS to_publication, c.updated_at AS valid_from, NULL::timestamptz AS valid_to
FROM crm.customer c
UNION ALL
SELECT h.*, h.updated_at, p.published_at
FROM vinculo.customer_history h LEFT JOIN vinculo.publication p ON p.publication = h.to_publication;
COMMENT ON COLUMN audit.customer_history.valid_from IS 'Since when readers saw this state.';
COMMENT ON COLUMN audit.customer_history.valid_to IS 'Until when they saw it; none for the present state.';

-- The order of the values here is the order of crm.customer.lineage.
CREATE VIEW audit.value_history AS
SELECT c.customer_id, c.version, g.position::integer AS position, g.attribute, g.value,
    (ARRAY['only_value', 'most_recent', 'most_trusted', 'most_frequent', 'longest', 'unflagged', 'least_record',
        'all_values', 'most_complete', 'derived'])[c.lineage[g.position] % 16] AS rule,
    s.name AS source, r.source_key, f.path AS file, v.line, v.updated_at, v.delivery_id, d.run_id, v.version_id,
    c.to_publication, c.valid_from, c.valid_to
FROM audit.customer_history c
CROSS JOIN LATERAL (
    VALUES
        (1, 'name', c.name),
        (2, 'full_name', c.full_name),
        (3, 'given_name', c.given_name),
        (4, 'middle_name', c.middle_name),
        (5, 'family_name', c.family_name),
        (6, 'birth_date', c.birth_date::text),
        (7, 'sex', c.sex),
        (8, 'mother_name', c.mother_name),
        (9, 'legal_name', c.legal_name),
        (10, 'trade_name', c.trade_name),
        (11, 'website', c.website),
        (12, 'tax_id', c.tax_id),
        (13, 'email', c.email),
        (14, 'phone', c.phone),
        (15, 'address', c.address),
        (16, 'street', c.street),
        (17, 'house_number', c.house_number),
        (18, 'complement', c.complement),
        (19, 'district', c.district),
        (20, 'city', c.city),
        (21, 'region', c.region),
        (22, 'postal_code', c.postal_code),
        (23, 'country', c.country)
    UNION ALL
    SELECT 23 + t.n, 'tax_ids', t.value FROM unnest(c.tax_ids) WITH ORDINALITY t (value, n)
    UNION ALL
    SELECT 23 + cardinality(c.tax_ids) + t.n, 'emails', t.value FROM unnest(c.emails) WITH ORDINALITY t (value, n)
    UNION ALL
    SELECT 23 + cardinality(c.tax_ids) + cardinality(c.emails) + t.n, 'phones', t.value
    FROM unnest(c.phones) WITH ORDINALITY t (value, n)
    UNION ALL
    SELECT 23 + cardinality(c.tax_ids) + cardinality(c.emails) + cardinality(c.phones)
        + row_number() OVER (ORDER BY a.key COLLATE "C", e.n), a.key, e.value
    FROM jsonb_each(c.attributes) a
    CROSS JOIN LATERAL jsonb_array_elements_text(
        CASE jsonb_typeof(a.value) WHEN 'array' THEN a.value ELSE jsonb_build_array(a.value) END
    ) WITH ORDINALITY e (value, n)
) g (position, attribute, value)
JOIN vinculo.source_record_version v ON v.version_id = c.lineage_versions[c.lineage[g.position] / 16 + 1]
JOIN vinculo.source_record r ON r.record_id = v.record_id
JOIN vinculo.source s ON s.source_id = r.source_id
JOIN vinculo.delivery d ON d.delivery_id = v.delivery_id
LEFT JOIN vinculo.delivery_file f ON f.delivery_id = v.delivery_id AND f.file_no = v.file_no
WHERE c.lineage[g.position] >= 0;
COMMENT ON VIEW audit.value_history IS 'Where each value of each state of each customer came from, and by which rule it was chosen.';
COMMENT ON COLUMN audit.value_history.version IS 'The state of the customer, as in audit.customer_history.';
COMMENT ON COLUMN audit.value_history.position IS 'Place of the value in the lineage of the state, from 1.';
COMMENT ON COLUMN audit.value_history.attribute IS 'What it is a value of: a column of crm.customer, or a declared attribute.';
COMMENT ON COLUMN audit.value_history.value IS 'The value as the customer had it.';
COMMENT ON COLUMN audit.value_history.rule IS 'Why this value was chosen over others.';
COMMENT ON COLUMN audit.value_history.source IS 'Source that gave it.';
COMMENT ON COLUMN audit.value_history.file IS 'File that it was read from.';
COMMENT ON COLUMN audit.value_history.updated_at IS 'When the source last changed the record, as it says itself.';
COMMENT ON COLUMN audit.value_history.delivery_id IS 'Delivery that brought it.';
COMMENT ON COLUMN audit.value_history.run_id IS 'Run that read it.';

CREATE OR REPLACE VIEW audit.value_lineage AS
SELECT customer_id, position, attribute, value, rule, source, source_key, file, line, updated_at, delivery_id, run_id,
    version_id
FROM audit.value_history WHERE to_publication IS NULL;

CREATE VIEW audit.customer_event AS
SELECT h.customer_id, c.change_seq, h.publication, c.change, c.other_customer_id, c.version, c.published_at
FROM audit.customer_history h JOIN crm.customer_change c ON c.change_seq = h.change_seq
UNION ALL
SELECT c.customer_id, c.change_seq, p.publication, c.change, c.other_customer_id, c.version, c.published_at
FROM crm.customer_change c
CROSS JOIN LATERAL (
    SELECT publication FROM vinculo.publication WHERE last_change >= c.change_seq
    ORDER BY last_change, publication LIMIT 1
) p
WHERE c.change IN ('merged', 'ended')
UNION ALL
SELECT c.other_customer_id, c.change_seq, p.publication, CASE c.change WHEN 'merged' THEN 'took_in' ELSE 'gave_off' END,
    c.customer_id, NULL, c.published_at
FROM crm.customer_change c
CROSS JOIN LATERAL (
    SELECT publication FROM vinculo.publication WHERE last_change >= c.change_seq
    ORDER BY last_change, publication LIMIT 1
) p
WHERE c.other_customer_id IS NOT NULL;
COMMENT ON VIEW audit.customer_event IS 'Everything that the change feed tells of a customer, from either side.';
COMMENT ON COLUMN audit.customer_event.customer_id IS 'The customer.';
COMMENT ON COLUMN audit.customer_event.publication IS 'Publication that made the entry.';
COMMENT ON COLUMN audit.customer_event.change IS 'created, updated, merged, split or ended, as in crm.customer_change; took_in: the other id leads to this customer since then; gave_off: the other customer came out of this one.';
COMMENT ON COLUMN audit.customer_event.other_customer_id IS 'The other customer of a merge or a split.';
COMMENT ON COLUMN audit.customer_event.version IS 'Version of the customer after the change; none where the entry is of the other customer.';

-- Every other column of a view means what the column of this name means in its table.
DO $$
DECLARE target record;
BEGIN
    FOR target IN
        SELECT view.relname AS view_name, a.attname AS column_name, min(d.description) AS description
        FROM pg_class view
        JOIN pg_attribute a ON a.attrelid = view.oid AND a.attnum > 0
        JOIN pg_rewrite w ON w.ev_class = view.oid
        JOIN pg_depend p ON p.classid = 'pg_rewrite'::regclass AND p.objid = w.oid AND p.refclassid = 'pg_class'::regclass
        JOIN pg_attribute b ON b.attrelid = p.refobjid AND b.attnum = p.refobjsubid AND b.attname = a.attname
        JOIN pg_description d ON d.objoid = b.attrelid AND d.classoid = 'pg_class'::regclass AND d.objsubid = b.attnum
        WHERE view.relnamespace = 'audit'::regnamespace AND b.attrelid <> view.oid
            AND col_description(view.oid, a.attnum) IS NULL
        GROUP BY 1, 2
    LOOP
        EXECUTE format('COMMENT ON COLUMN audit.%I.%I IS %L', target.view_name, target.column_name, target.description);
    END LOOP;
END $$;
