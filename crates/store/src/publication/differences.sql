-- The tables that differences come into, and what takes them from there to the tables that tools read. All of it is the
-- session's: who publishes record after record finds it again, the tables empty, and the catalog is not written each time.
-- Nor are they emptied by the server at each commit: to truncate as many files takes it longer than a record.

CREATE TEMPORARY TABLE incoming_customer (LIKE crm.customer);
CREATE TEMPORARY TABLE incoming_member (LIKE crm.customer_source);
CREATE TEMPORARY TABLE incoming_change (LIKE crm.customer_change);
CREATE TEMPORARY TABLE incoming_decision (LIKE vinculo.decision);
CREATE TEMPORARY TABLE leaving_record (record_id bigint);
CREATE TEMPORARY TABLE former_id (customer_id uuid, leads_to uuid);

-- Refuses a contradiction: of this SQLSTATE the program tells the message too, which holds no value.
CREATE FUNCTION pg_temp.contradiction(what text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION USING ERRCODE = 'VC001', MESSAGE = what;
END $$;

-- From here to the commit nobody else can add to the feed. Returns its last entry, and the first of so many numbers of
-- decisions that are taken.
CREATE FUNCTION pg_temp.lock_feed(number bigint, decisions bigint, OUT head bigint, OUT first_decision bigint)
LANGUAGE plpgsql AS $$
BEGIN
    SELECT last_change INTO head FROM vinculo.feed_head FOR UPDATE;
    -- Whoever held the lock until now may have published.
    IF number <> (SELECT coalesce(max(publication), 0) + 1 FROM vinculo.publication) THEN
        RAISE EXCEPTION USING ERRCODE = 'VC002', MESSAGE = 'another publication came first';
    END IF;
    UPDATE vinculo.counter SET next_decision_id = next_decision_id + decisions
    RETURNING next_decision_id - decisions INTO first_decision;
END $$;

-- What the feed and the decisions get, numbered from here on.
CREATE FUNCTION pg_temp.add_changes(head bigint, first_decision bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO crm.customer_change (change_seq, customer_id, other_customer_id, published_at, version, change)
    SELECT head + change_seq, customer_id, other_customer_id, published_at, version, change
    FROM incoming_change ORDER BY change_seq;
    INSERT INTO vinculo.decision (decision_id, left_record, right_record, model_version, from_publication, weight, kind,
        levels, reason)
    SELECT first_decision + decision_id, left_record, right_record, model_version, from_publication, weight, kind, levels,
        reason
    FROM incoming_decision ORDER BY decision_id;
END $$;

-- Customers that change, end or come back leave their place; earlier states go to the history. Returns how many are
-- updated.
CREATE FUNCTION pg_temp.make_history(number bigint, ended bigint, returned bigint) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
    replacing bigint;
    changed bigint;
    kept bigint;
BEGIN
    -- A customer that comes back was created when it was first published.
    UPDATE incoming_customer i SET created_at = coalesce(
        (SELECT c.created_at FROM crm.customer c WHERE c.customer_id = i.customer_id AND c.version = i.version - 1),
        (SELECT h.created_at FROM vinculo.customer_history h
         WHERE h.customer_id = i.customer_id AND h.version = i.version - 1),
        i.created_at)
    WHERE i.version > 1;
    SELECT count(c.customer_id), count(*) INTO replacing, changed FROM incoming_customer i
    LEFT JOIN crm.customer c ON c.customer_id = i.customer_id AND c.version = i.version - 1 AND c.kind = i.kind
    WHERE i.version > 1;
    INSERT INTO vinculo.customer_history ({columns}, to_publication)
    SELECT {columns}, number FROM crm.customer WHERE customer_id IN (
        SELECT customer_id FROM incoming_customer WHERE version > 1 UNION ALL SELECT customer_id FROM former_id);
    GET DIAGNOSTICS kept = ROW_COUNT;
    IF changed <> replacing + returned OR kept <> replacing + ended THEN
        PERFORM pg_temp.contradiction(
            'a customer was to be changed or ended that is not published in the version before');
    END IF;
    DELETE FROM crm.customer WHERE customer_id IN (
        SELECT customer_id FROM incoming_customer WHERE version > 1 UNION ALL SELECT customer_id FROM former_id);
    RETURN replacing;
END $$;

-- Each id leads where the publication says, and nowhere else. Returns how many redirects were set.
CREATE FUNCTION pg_temp.redirect_ids(published timestamptz, former bigint) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    redirects bigint;
BEGIN
    DELETE FROM crm.customer_redirect WHERE old_customer_id IN (
        SELECT customer_id FROM former_id UNION ALL SELECT customer_id FROM incoming_customer WHERE version > 1);
    IF former = 0 THEN
        RETURN 0;
    END IF;
    IF EXISTS (SELECT FROM former_id i LEFT JOIN vinculo.former_customer f USING (customer_id)
               WHERE f.customer_id IS NULL) THEN
        PERFORM pg_temp.contradiction('an id is to lead elsewhere that never was a customer');
    END IF;
    INSERT INTO crm.customer_redirect (old_customer_id, customer_id, reason, redirected_at)
    SELECT customer_id, leads_to, 'merged', published FROM former_id WHERE leads_to IS NOT NULL;
    GET DIAGNOSTICS redirects = ROW_COUNT;
    RETURN redirects;
END $$;

-- Takes away the memberships that are no more, then writes those that are new or others. Returns how many of each.
CREATE FUNCTION pg_temp.move_records(
    number bigint, head bigint, members bigint, leaving bigint, OUT removed bigint, OUT joined bigint
) LANGUAGE plpgsql AS $$
BEGIN
    -- A customer that loses a record is another one afterwards, or none.
    IF EXISTS (
        SELECT FROM (SELECT record_id FROM incoming_member UNION ALL SELECT record_id FROM leaving_record) moving
        JOIN crm.customer_source m USING (record_id)
        LEFT JOIN incoming_customer i ON i.customer_id = m.customer_id
        LEFT JOIN former_id f ON f.customer_id = m.customer_id
        WHERE i.customer_id IS NULL AND f.customer_id IS NULL)
    THEN
        PERFORM pg_temp.contradiction('a record left a customer whose row does not tell of it');
    END IF;
    -- The entry of the feed that told of a membership tells since which publication it was.
    INSERT INTO vinculo.membership_history (record_id, from_publication, to_publication, customer_id)
    SELECT m.record_id, p.publication, number, m.customer_id
    FROM (SELECT record_id FROM incoming_member UNION ALL SELECT record_id FROM leaving_record) moving
    -- By index, however many rows the server expects.
    CROSS JOIN LATERAL (SELECT * FROM crm.customer_source m WHERE m.record_id = moving.record_id OFFSET 0) m
    CROSS JOIN LATERAL (
        SELECT publication FROM vinculo.publication WHERE last_change >= m.change_seq
        ORDER BY last_change, publication LIMIT 1
    ) p;
    removed := 0;
    IF leaving > 0 THEN
        DELETE FROM crm.customer_source WHERE record_id IN (SELECT record_id FROM leaving_record);
        GET DIAGNOSTICS removed = ROW_COUNT;
    END IF;
    -- A record is named by its number and by its key; only where the two agree it is written.
    INSERT INTO crm.customer_source AS m (source, source_key, customer_id, record_id, updated_at, change_seq)
    SELECT i.source, i.source_key, i.customer_id, i.record_id, i.updated_at, head + i.change_seq
    FROM incoming_member i
    -- By index, however many rows the server expects.
    CROSS JOIN LATERAL (
        SELECT r.source_id FROM vinculo.source_record r
        WHERE r.record_id = i.record_id AND r.source_key = i.source_key OFFSET 0
    ) r
    JOIN vinculo.source s ON s.source_id = r.source_id AND s.name = i.source
    ON CONFLICT (source, source_key) DO UPDATE
    SET customer_id = excluded.customer_id, updated_at = excluded.updated_at, change_seq = excluded.change_seq;
    GET DIAGNOSTICS joined = ROW_COUNT;
    IF removed <> leaving OR joined <> members THEN
        PERFORM pg_temp.contradiction('a membership names a record that is not there');
    END IF;
END $$;

-- Looks once more at everything that the publication touched; what does not hold is rolled back.
CREATE FUNCTION pg_temp.check_differences(head bigint, former bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM incoming_customer i WHERE i.record_count <>
        (SELECT count(*) FROM crm.customer_source m WHERE m.customer_id = i.customer_id))
    THEN
        PERFORM pg_temp.contradiction('a customer''s record count is not how many records it has');
    ELSIF EXISTS (SELECT FROM incoming_customer i
        LEFT JOIN crm.customer_change c ON c.change_seq = head + i.change_seq AND c.customer_id = i.customer_id
            AND c.version = i.version
        WHERE c.change_seq IS NULL)
    THEN
        PERFORM pg_temp.contradiction('a customer''s change is not told by its entry of the feed');
    ELSIF EXISTS (SELECT FROM incoming_member m LEFT JOIN incoming_customer c USING (customer_id)
        WHERE c.customer_id IS NULL)
    THEN
        PERFORM pg_temp.contradiction('a record came to a customer whose row does not tell of it');
    ELSIF former = 0 THEN
        RETURN;
    ELSIF EXISTS (SELECT FROM former_id f JOIN crm.customer_source m USING (customer_id)) THEN
        PERFORM pg_temp.contradiction('a customer that has ended still has records');
    ELSIF EXISTS (SELECT FROM former_id f LEFT JOIN crm.customer c ON c.customer_id = f.leads_to
            WHERE f.leads_to IS NOT NULL AND c.customer_id IS NULL)
        OR EXISTS (SELECT FROM former_id f JOIN crm.customer_redirect r ON r.customer_id = f.customer_id)
    THEN
        PERFORM pg_temp.contradiction('a redirect leads to a customer that is not published');
    END IF;
END $$;

-- Leaves the tables as they were found. Deleted rows of few are cleared away by whoever reads the page next.
CREATE FUNCTION pg_temp.forget_differences(are_many boolean, former bigint, leaving bigint) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    IF are_many THEN
        TRUNCATE incoming_customer, incoming_member, incoming_change, incoming_decision, leaving_record, former_id;
        RETURN;
    END IF;
    DELETE FROM incoming_customer;
    DELETE FROM incoming_member;
    DELETE FROM incoming_change;
    DELETE FROM incoming_decision;
    IF leaving > 0 THEN
        DELETE FROM leaving_record;
    END IF;
    IF former > 0 THEN
        DELETE FROM former_id;
    END IF;
END $$;

-- Decisions that this publication ends; a decision of long ago keeps the publication that ended it.
CREATE FUNCTION pg_temp.end_decisions(number bigint, ended bigint[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    count bigint;
BEGIN
    UPDATE vinculo.decision SET to_publication = number WHERE decision_id = ANY (ended) AND to_publication IS NULL;
    GET DIAGNOSTICS count = ROW_COUNT;
    IF count <> cardinality(ended) THEN
        PERFORM pg_temp.contradiction('a decision was to be ended that is not in force');
    END IF;
END $$;

-- Applies all differences, checks and forgets them; returns the last entry of the feed before, and how many rows of each
-- sort there were. Of what came into the tables it is told how much: what concerns nothing is not asked, since each
-- question costs a record that comes alone as much as its answer.
CREATE FUNCTION pg_temp.apply_differences(
    number bigint, published timestamptz, ended_decisions bigint[], members bigint, leaving bigint, former bigint,
    decisions bigint, are_many boolean,
    OUT head bigint, OUT updated bigint, OUT ended bigint, OUT returned bigint, OUT redirects bigint, OUT removed bigint,
    OUT joined bigint
) LANGUAGE plpgsql AS $$
DECLARE
    first_decision bigint;
BEGIN
    -- Everything is at the server: from here to the commit nobody else can add to the feed.
    SELECT l.head, l.first_decision INTO head, first_decision FROM pg_temp.lock_feed(number, decisions) l;
    PERFORM pg_temp.add_changes(head, first_decision);
    ended := 0;
    updated := 0;
    returned := 0;
    redirects := 0;
    IF former > 0 THEN
        -- What the customers that end had is kept before their rows and memberships are gone.
        INSERT INTO vinculo.former_customer (customer_id, kind, version, records)
        SELECT c.customer_id, c.kind, c.version, array_agg(m.record_id ORDER BY m.change_seq, m.record_id)
        FROM former_id f
        JOIN crm.customer c USING (customer_id)
        JOIN crm.customer_source m USING (customer_id)
        GROUP BY c.customer_id;
        GET DIAGNOSTICS ended = ROW_COUNT;
    END IF;
    IF former > 0 OR EXISTS (SELECT FROM incoming_customer WHERE version > 1) THEN
        -- Ids that stand for a customer again are former ones no more.
        DELETE FROM vinculo.former_customer f USING incoming_customer i
        WHERE f.customer_id = i.customer_id AND f.version = i.version - 1 AND f.kind = i.kind;
        GET DIAGNOSTICS returned = ROW_COUNT;
        updated := pg_temp.make_history(number, ended, returned);
        redirects := pg_temp.redirect_ids(published, former);
    END IF;
    INSERT INTO crm.customer ({columns}) SELECT {columns from head} FROM incoming_customer;
    SELECT m.removed, m.joined INTO removed, joined FROM pg_temp.move_records(number, head, members, leaving) m;
    IF cardinality(ended_decisions) > 0 THEN
        PERFORM pg_temp.end_decisions(number, ended_decisions);
    END IF;
    PERFORM pg_temp.check_differences(head, former);
    PERFORM pg_temp.forget_differences(are_many, former, leaving);
END $$;
