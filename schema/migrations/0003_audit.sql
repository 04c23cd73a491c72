-- What auditors read. The views run with their owner's rights, so that an auditor needs no access to the private tables.

CREATE SCHEMA audit;
COMMENT ON SCHEMA audit IS 'Views for auditors: what was delivered, what was decided, where each value came from.';

CREATE VIEW audit.run AS
SELECT r.run_id, r.command, r.actor, r.program_version, r.normalizer_version, r.config, r.config_hash, r.status,
    r.started_at, r.finished_at, r.models,
    (SELECT max(p.publication) FROM vinculo.publication p WHERE p.run_id = r.run_id) AS publication, r.summary
FROM vinculo.run r;
COMMENT ON VIEW audit.run IS 'Calls of commands that read or decide.';
COMMENT ON COLUMN audit.run.models IS 'Models that decided in its resolution, see audit.model; none when it did not resolve.';
COMMENT ON COLUMN audit.run.publication IS 'Publication that it made; none when nothing was to be published.';

CREATE VIEW audit.model AS
SELECT model_version, kind, run_id, digest, body FROM vinculo.model;
COMMENT ON VIEW audit.model IS 'Models by which records were compared; a version is never altered.';
COMMENT ON COLUMN audit.model.body IS 'The plan, in whose order audit.decision has its levels, and the frozen weights.';

CREATE VIEW audit.delivery AS
SELECT d.delivery_id, s.name AS source, d.run_id, d.state, d.snapshot, d.fingerprint, d.landed_on, d.counts, d.changed,
    d.reason, d.message, d.rejects_of, d.opened_at, d.closed_at
FROM vinculo.delivery d
JOIN vinculo.source s ON s.source_id = d.source_id;
COMMENT ON VIEW audit.delivery IS 'What one run read from one source, and what became of it.';
COMMENT ON COLUMN audit.delivery.source IS 'Name of the source.';

CREATE VIEW audit.publication AS
SELECT publication, run_id, models, first_change, last_change, counts, published_at FROM vinculo.publication;
COMMENT ON VIEW audit.publication IS 'Publications; each is one transaction that wrote differences only.';

CREATE VIEW audit.source_record_version AS
SELECT v.version_id, s.name AS source, r.source_key, v.record_id, f.path AS file, v.line, v.updated_at, v.deleted,
    v.version_id = r.version_id AS is_current, v.delivery_id, d.run_id, d.landed_on, f.format, v.raw, v.content_hash
FROM vinculo.source_record_version v
JOIN vinculo.delivery d ON d.delivery_id = v.delivery_id AND d.state = 'sealed'
JOIN vinculo.source_record r ON r.record_id = v.record_id
JOIN vinculo.source s ON s.source_id = r.source_id
LEFT JOIN vinculo.delivery_file f ON f.delivery_id = v.delivery_id AND f.file_no = v.file_no;
COMMENT ON VIEW audit.source_record_version IS 'What each source has said of each record, in sealed deliveries.';
COMMENT ON COLUMN audit.source_record_version.source IS 'Name of the source.';
COMMENT ON COLUMN audit.source_record_version.file IS 'File that it was read from.';
COMMENT ON COLUMN audit.source_record_version.is_current IS 'Whether it is the current version of its record.';
COMMENT ON COLUMN audit.source_record_version.run_id IS 'Run that read it.';

CREATE VIEW audit.reject AS
SELECT j.reject_id, s.name AS source, j.delivery_id, d.run_id, d.state, f.path AS file, j.line, j.faults, j.raw
FROM vinculo.reject j
JOIN vinculo.delivery d ON d.delivery_id = j.delivery_id
JOIN vinculo.source s ON s.source_id = d.source_id
LEFT JOIN vinculo.delivery_file f ON f.delivery_id = j.delivery_id AND f.file_no = j.file_no;
COMMENT ON VIEW audit.reject IS 'Rows that were kept aside with their faults.';
COMMENT ON COLUMN audit.reject.source IS 'Name of the source.';
COMMENT ON COLUMN audit.reject.run_id IS 'Run that read it.';
COMMENT ON COLUMN audit.reject.state IS 'What became of the delivery: open, sealed or refused.';
COMMENT ON COLUMN audit.reject.file IS 'File that it was read from.';

CREATE VIEW audit.customer_history AS
SELECT c.*, NULL::bigint AS to_publication FROM crm.customer c
UNION ALL
SELECT h.* FROM vinculo.customer_history h;
COMMENT ON VIEW audit.customer_history IS 'All states of all customers, the present ones among them.';
COMMENT ON COLUMN audit.customer_history.to_publication IS 'Publication that replaced this state; none for the present one.';

CREATE VIEW audit.decision AS
SELECT d.decision_id, (ARRAY['join', 'conflict', 'possible_match'])[d.kind] AS kind,
    ls.name AS left_source, l.source_key AS left_key, rs.name AS right_source, r.source_key AS right_key,
    d.left_record, d.right_record, d.weight,
    ARRAY(SELECT get_byte(d.levels, n) FROM generate_series(0, length(d.levels) - 1) n) AS levels,
    d.reason, d.model_version, d.from_publication, d.to_publication
FROM vinculo.decision d
JOIN vinculo.source_record l ON l.record_id = d.left_record
JOIN vinculo.source ls ON ls.source_id = l.source_id
JOIN vinculo.source_record r ON r.record_id = d.right_record
JOIN vinculo.source rs ON rs.source_id = r.source_id;
COMMENT ON VIEW audit.decision IS 'What was decided about pairs of records, with the evidence: levels and weights, never values.';
COMMENT ON COLUMN audit.decision.kind IS 'join, conflict or possible_match.';
COMMENT ON COLUMN audit.decision.left_source IS 'Source of the record with the lesser hash.';
COMMENT ON COLUMN audit.decision.left_key IS 'Its key.';
COMMENT ON COLUMN audit.decision.right_source IS 'Source of the record with the greater hash.';
COMMENT ON COLUMN audit.decision.right_key IS 'Its key.';
COMMENT ON COLUMN audit.decision.levels IS 'Level of each comparison, in the order of the model''s plan.';

-- The order of the values here is the order of crm.customer.lineage.
CREATE VIEW audit.value_lineage AS
SELECT c.customer_id, g.position::integer AS position, g.attribute, g.value,
    (ARRAY['only_value', 'most_recent', 'most_trusted', 'most_frequent', 'longest', 'unflagged', 'least_record',
        'all_values', 'most_complete', 'derived'])[c.lineage[g.position] % 16] AS rule,
    s.name AS source, r.source_key, f.path AS file, v.line, v.updated_at, v.delivery_id, d.run_id, v.version_id
FROM crm.customer c
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
COMMENT ON VIEW audit.value_lineage IS 'Where each value of each customer came from, and by which rule it was chosen.';
COMMENT ON COLUMN audit.value_lineage.position IS 'Place of the value in the lineage of the customer, from 1.';
COMMENT ON COLUMN audit.value_lineage.attribute IS 'What it is a value of: a column of crm.customer, or a declared attribute.';
COMMENT ON COLUMN audit.value_lineage.value IS 'The value as the customer has it.';
COMMENT ON COLUMN audit.value_lineage.rule IS 'Why this value was chosen over others.';
COMMENT ON COLUMN audit.value_lineage.source IS 'Source that gave it.';
COMMENT ON COLUMN audit.value_lineage.file IS 'File that it was read from.';
COMMENT ON COLUMN audit.value_lineage.delivery_id IS 'Delivery that brought it.';
COMMENT ON COLUMN audit.value_lineage.run_id IS 'Run that read it.';

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
