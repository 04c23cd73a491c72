-- What the migrations make, for reading. Generated from a migrated database; never run.

-- Customers: one row for each person or organization, the best of all that its records say.
TABLE crm.customer (
    customer_id uuid NOT NULL,
    kind text NOT NULL,
    name text,
    full_name text,
    given_name text,
    middle_name text,
    family_name text,
    birth_date date,
    sex text,
    mother_name text,
    legal_name text,
    trade_name text,
    website text,
    tax_id text,
    email text,
    phone text,
    address text,
    street text,
    house_number text,
    complement text,
    district text,
    city text,
    region text,
    postal_code text,
    country text,
    tax_ids text[] NOT NULL,
    emails text[] NOT NULL,
    phones text[] NOT NULL,
    attributes jsonb NOT NULL,
    record_count integer NOT NULL,
    version integer NOT NULL,
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    change_seq bigint NOT NULL,
    publication bigint NOT NULL,
    content_hash uuid NOT NULL,
    lineage_versions bigint[] NOT NULL,
    lineage smallint[] NOT NULL,
    PRIMARY KEY (customer_id),
    CHECK ((kind = ANY (ARRAY['person'::text, 'organization'::text]))),
    CHECK ((record_count > 0)),
    CHECK ((version > 0))
);
CREATE INDEX customer_email ON crm.customer USING btree (email);
CREATE INDEX customer_emails ON crm.customer USING gin (emails) WITH (fastupdate=off) WHERE (cardinality(emails) > 1);
CREATE INDEX customer_phone ON crm.customer USING btree (phone);
CREATE INDEX customer_phones ON crm.customer USING gin (phones) WITH (fastupdate=off) WHERE (cardinality(phones) > 1);
CREATE INDEX customer_tax_id ON crm.customer USING btree (tax_id);
CREATE INDEX customer_tax_ids ON crm.customer USING gin (tax_ids) WITH (fastupdate=off) WHERE (cardinality(tax_ids) > 1);

-- The change feed: dense and in the order of commits. Keep the last number you saw and ask for greater ones.
TABLE crm.customer_change (
    change_seq bigint NOT NULL,
    customer_id uuid NOT NULL,
    other_customer_id uuid,
    published_at timestamp with time zone NOT NULL,
    version integer NOT NULL,
    change text NOT NULL,
    PRIMARY KEY (change_seq),
    CHECK ((change = ANY (ARRAY['created'::text, 'updated'::text, 'merged'::text, 'split'::text, 'ended'::text])))
);
CREATE INDEX customer_change_gone ON crm.customer_change USING btree (customer_id) WHERE (change = ANY (ARRAY['merged'::text, 'ended'::text]));
CREATE INDEX customer_change_other ON crm.customer_change USING btree (other_customer_id) WHERE (other_customer_id IS NOT NULL);

-- Ids that no longer stand for a customer themselves; always one step to a living one, which has most of the records of the id.
TABLE crm.customer_redirect (
    old_customer_id uuid NOT NULL,
    customer_id uuid NOT NULL,
    reason text NOT NULL,
    redirected_at timestamp with time zone NOT NULL,
    PRIMARY KEY (old_customer_id)
);
CREATE INDEX customer_redirect_customer ON crm.customer_redirect USING btree (customer_id);

-- Which customer each source record speaks of; every current record stands here once.
TABLE crm.customer_source (
    source text COLLATE "C" NOT NULL,
    source_key text COLLATE "C" NOT NULL,
    customer_id uuid NOT NULL,
    record_id bigint NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    change_seq bigint NOT NULL,
    PRIMARY KEY (source, source_key),
    UNIQUE (record_id)
);
CREATE INDEX customer_source_customer ON crm.customer_source USING btree (customer_id);

-- The audit chain: one block for each run that ended. vinculo verify --audit makes it anew from the rows.
VIEW audit.block (
    block bigint,
    run_id bigint,
    format smallint,
    leaves bigint,
    root bytea,
    previous bytea,
    hash bytea,
    made_at timestamp with time zone
);

-- Everything that the change feed tells of a customer, from either side.
VIEW audit.customer_event (
    customer_id uuid,
    change_seq bigint,
    publication bigint,
    change text,
    other_customer_id uuid,
    version integer,
    published_at timestamp with time zone
);

-- All states of all customers, the present ones among them.
VIEW audit.customer_history (
    customer_id uuid,
    kind text,
    name text,
    full_name text,
    given_name text,
    middle_name text,
    family_name text,
    birth_date date,
    sex text,
    mother_name text,
    legal_name text,
    trade_name text,
    website text,
    tax_id text,
    email text,
    phone text,
    address text,
    street text,
    house_number text,
    complement text,
    district text,
    city text,
    region text,
    postal_code text,
    country text,
    tax_ids text[],
    emails text[],
    phones text[],
    attributes jsonb,
    record_count integer,
    version integer,
    created_at timestamp with time zone,
    updated_at timestamp with time zone,
    change_seq bigint,
    publication bigint,
    content_hash uuid,
    lineage_versions bigint[],
    lineage smallint[],
    to_publication bigint,
    valid_from timestamp with time zone,
    valid_to timestamp with time zone
);

-- What was decided about pairs of records, with the evidence: levels and weights, never values.
VIEW audit.decision (
    decision_id bigint,
    kind text,
    left_source text COLLATE "C",
    left_key text COLLATE "C",
    right_source text COLLATE "C",
    right_key text COLLATE "C",
    left_record bigint,
    right_record bigint,
    weight integer,
    levels integer[],
    reason text,
    model_version bigint,
    from_publication bigint,
    to_publication bigint
);

-- What one run read from one source, and what became of it.
VIEW audit.delivery (
    delivery_id bigint,
    source text COLLATE "C",
    run_id bigint,
    state text,
    snapshot boolean,
    fingerprint uuid,
    landed_on date,
    counts jsonb,
    changed boolean,
    reason text,
    message text,
    rejects_of bigint,
    opened_at timestamp with time zone,
    closed_at timestamp with time zone
);

-- What persons have judged: what is in force, and all that was.
VIEW audit.judgement (
    judgement_id bigint,
    kind text,
    left_source text COLLATE "C",
    left_key text COLLATE "C",
    right_source text COLLATE "C",
    right_key text COLLATE "C",
    left_record bigint,
    right_record bigint,
    attribute text,
    value_hash uuid,
    reason text,
    actor text,
    run_id bigint,
    judged_at timestamp with time zone,
    supersedes bigint,
    superseded_by bigint,
    in_force boolean
);

-- Which customer each record belongs to, and belonged to before.
VIEW audit.membership_history (
    source text COLLATE "C",
    source_key text COLLATE "C",
    record_id bigint,
    customer_id uuid,
    from_publication bigint,
    to_publication bigint,
    valid_from timestamp with time zone,
    valid_to timestamp with time zone
);

-- Models by which records were compared; a version is never altered.
VIEW audit.model (
    model_version bigint,
    kind text,
    run_id bigint,
    digest uuid,
    body jsonb,
    plan jsonb,
    weights jsonb
);

-- Publications; each is one transaction that wrote differences only.
VIEW audit.publication (
    publication bigint,
    run_id bigint,
    models bigint[],
    first_change bigint,
    last_change bigint,
    counts jsonb,
    published_at timestamp with time zone,
    takes_back bigint
);

-- Rows that were kept aside with their faults.
VIEW audit.reject (
    reject_id bigint,
    source text COLLATE "C",
    delivery_id bigint,
    run_id bigint,
    state text,
    file text,
    line bigint,
    faults jsonb,
    raw text
);

-- What versions were read as before a changed mapping read them otherwise.
VIEW audit.restatement (
    restatement_id bigint,
    version_id bigint,
    updated_at timestamp with time zone,
    deleted boolean,
    content_hash uuid
);

-- Calls of commands that read or decide.
VIEW audit.run (
    run_id bigint,
    command text,
    actor text,
    program_version text,
    normalizer_version integer,
    config jsonb,
    config_hash uuid,
    status text,
    started_at timestamp with time zone,
    finished_at timestamp with time zone,
    models bigint[],
    publication bigint,
    summary jsonb
);

-- What each source has said of each record, in sealed deliveries.
VIEW audit.source_record_version (
    version_id bigint,
    source text COLLATE "C",
    source_key text COLLATE "C",
    record_id bigint,
    file text,
    line bigint,
    updated_at timestamp with time zone,
    deleted boolean,
    is_current boolean,
    delivery_id bigint,
    run_id bigint,
    landed_on date,
    format jsonb,
    raw text,
    content_hash uuid
);

-- Where each value of each state of each customer came from, and by which rule it was chosen.
VIEW audit.value_history (
    customer_id uuid,
    version integer,
    position integer,
    attribute text,
    value text,
    rule text,
    source text COLLATE "C",
    source_key text COLLATE "C",
    file text,
    line bigint,
    updated_at timestamp with time zone,
    delivery_id bigint,
    run_id bigint,
    version_id bigint,
    to_publication bigint,
    valid_from timestamp with time zone,
    valid_to timestamp with time zone
);

-- Where each value of each customer came from, and by which rule it was chosen.
VIEW audit.value_lineage (
    customer_id uuid,
    position integer,
    attribute text,
    value text,
    rule text,
    source text COLLATE "C",
    source_key text COLLATE "C",
    file text,
    line bigint,
    updated_at timestamp with time zone,
    delivery_id bigint,
    run_id bigint,
    version_id bigint
);

-- The audit chain: one block for each run that ended, over all rows that no block before it covers.
TABLE vinculo.audit_block (
    block bigint NOT NULL,
    run_id bigint NOT NULL,
    format smallint NOT NULL,
    leaves bigint NOT NULL,
    root bytea NOT NULL,
    previous bytea NOT NULL,
    hash bytea NOT NULL,
    runs_from bigint NOT NULL,
    deliveries_from bigint NOT NULL,
    made_at timestamp with time zone NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (block),
    FOREIGN KEY (run_id) REFERENCES run(run_id)
);

-- What keeps leaves from being guessed: 16 random bytes for each row that holds personal values, destroyed with it.
TABLE vinculo.audit_salt (
    relation text COLLATE "C" NOT NULL,
    segment bigint NOT NULL,
    salts bytea NOT NULL,
    PRIMARY KEY (relation, segment)
);

-- Rows that a block covers: ids of one relation from the first to the last, each a leaf.
TABLE vinculo.audit_span (
    relation text COLLATE "C" NOT NULL,
    first_id bigint NOT NULL,
    last_id bigint NOT NULL,
    block bigint NOT NULL,
    root bytea NOT NULL,
    groups bytea NOT NULL,
    sums bytea NOT NULL DEFAULT '\x'::bytea,
    PRIMARY KEY (relation, first_id),
    FOREIGN KEY (block) REFERENCES audit_block(block),
    CHECK ((first_id <= last_id))
);
CREATE INDEX audit_span_block ON vinculo.audit_span USING btree (block);

-- Next ids, taken in the transaction that uses them: a killed one leaves no gap.
TABLE vinculo.counter (
    single boolean NOT NULL DEFAULT true,
    next_record_id bigint NOT NULL DEFAULT 1,
    next_version_id bigint NOT NULL DEFAULT 1,
    next_reject_id bigint NOT NULL DEFAULT 1,
    next_decision_id bigint NOT NULL DEFAULT 1,
    next_restatement_id bigint NOT NULL DEFAULT 1,
    PRIMARY KEY (single),
    CHECK (single)
);

-- Earlier states of customers, those that have ended among them.
TABLE vinculo.customer_history (
    customer_id uuid NOT NULL,
    kind text NOT NULL,
    name text,
    full_name text,
    given_name text,
    middle_name text,
    family_name text,
    birth_date date,
    sex text,
    mother_name text,
    legal_name text,
    trade_name text,
    website text,
    tax_id text,
    email text,
    phone text,
    address text,
    street text,
    house_number text,
    complement text,
    district text,
    city text,
    region text,
    postal_code text,
    country text,
    tax_ids text[] NOT NULL,
    emails text[] NOT NULL,
    phones text[] NOT NULL,
    attributes jsonb NOT NULL,
    record_count integer NOT NULL,
    version integer NOT NULL,
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    change_seq bigint NOT NULL,
    publication bigint NOT NULL,
    content_hash uuid NOT NULL,
    lineage_versions bigint[] NOT NULL,
    lineage smallint[] NOT NULL,
    to_publication bigint NOT NULL,
    PRIMARY KEY (customer_id, version)
);
CREATE INDEX customer_history_replaced ON vinculo.customer_history USING btree (to_publication);

-- What was decided about pairs of records, with the evidence: levels and weights, never values.
TABLE vinculo.decision (
    decision_id bigint NOT NULL,
    left_record bigint NOT NULL,
    right_record bigint NOT NULL,
    model_version bigint NOT NULL,
    from_publication bigint NOT NULL,
    to_publication bigint,
    weight integer NOT NULL,
    kind smallint NOT NULL,
    levels bytea NOT NULL,
    reason text,
    PRIMARY KEY (decision_id),
    CHECK (((kind >= 1) AND (kind <= 3)))
);
CREATE INDEX decision_ended ON vinculo.decision USING btree (to_publication) WHERE (to_publication IS NOT NULL);
CREATE INDEX decision_left ON vinculo.decision USING btree (left_record);
CREATE INDEX decision_right ON vinculo.decision USING btree (right_record);

-- What one run read from one source; it counts once it is sealed, and as a whole.
TABLE vinculo.delivery (
    delivery_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    source_id smallint NOT NULL,
    run_id bigint NOT NULL,
    state text NOT NULL DEFAULT 'open'::text,
    snapshot boolean NOT NULL,
    fingerprint uuid NOT NULL,
    landed_on date NOT NULL,
    checkpoint text,
    counts jsonb NOT NULL DEFAULT '{}'::jsonb,
    first_record_id bigint NOT NULL,
    first_version_id bigint NOT NULL,
    landed_records bigint NOT NULL DEFAULT 0,
    landed_versions bigint NOT NULL DEFAULT 0,
    changed boolean NOT NULL DEFAULT false,
    reason text,
    message text,
    rejects_of bigint,
    opened_at timestamp with time zone NOT NULL DEFAULT clock_timestamp(),
    closed_at timestamp with time zone,
    resolved boolean NOT NULL DEFAULT false,
    PRIMARY KEY (delivery_id),
    FOREIGN KEY (run_id) REFERENCES run(run_id),
    FOREIGN KEY (source_id) REFERENCES source(source_id),
    CHECK ((state = ANY (ARRAY['open'::text, 'sealed'::text, 'refused'::text])))
);
CREATE INDEX delivery_changed ON vinculo.delivery USING btree (source_id, delivery_id) WHERE ((state = 'sealed'::text) AND changed);
CREATE UNIQUE INDEX delivery_open ON vinculo.delivery USING btree (source_id) WHERE (state = 'open'::text);
CREATE INDEX delivery_unresolved ON vinculo.delivery USING btree (delivery_id) WHERE ((state = 'sealed'::text) AND (NOT resolved));

-- Files, or other streams, of a delivery.
TABLE vinculo.delivery_file (
    delivery_id bigint NOT NULL,
    file_no integer NOT NULL,
    path text NOT NULL,
    format jsonb NOT NULL,
    bytes bigint NOT NULL,
    lines bigint NOT NULL,
    PRIMARY KEY (delivery_id, file_no),
    FOREIGN KEY (delivery_id) REFERENCES delivery(delivery_id)
);

-- Last number of the change feed; its lock puts publications in the order of their commits.
TABLE vinculo.feed_head (
    single boolean NOT NULL DEFAULT true,
    last_change bigint NOT NULL DEFAULT 0,
    customers bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (single),
    CHECK (single)
);

-- Ids that stand for no customer now: crm.customer_redirect says where they lead; those that it does not name have ended.
TABLE vinculo.former_customer (
    customer_id uuid NOT NULL,
    kind text NOT NULL,
    version integer NOT NULL,
    records bigint[] NOT NULL,
    PRIMARY KEY (customer_id)
);
CREATE INDEX former_customer_records ON vinculo.former_customer USING gin (records) WITH (fastupdate=off);

-- Blocks that hold more records than the model foresaw: their records are compared in parts.
TABLE vinculo.halved_block (
    kind text NOT NULL,
    block bigint NOT NULL,
    halvings smallint NOT NULL,
    PRIMARY KEY (kind, block),
    CHECK ((halvings > 0))
);

-- What persons have judged. A judgement is in force until another one supersedes or withdraws it; rows are never altered.
TABLE vinculo.judgement (
    judgement_id bigint NOT NULL,
    kind text NOT NULL,
    left_record bigint NOT NULL,
    right_record bigint,
    attribute text,
    value_hash uuid,
    supersedes bigint,
    run_id bigint NOT NULL,
    actor text NOT NULL,
    reason text NOT NULL,
    judged_at timestamp with time zone NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (judgement_id),
    UNIQUE (supersedes),
    FOREIGN KEY (run_id) REFERENCES run(run_id),
    FOREIGN KEY (supersedes) REFERENCES judgement(judgement_id),
    CHECK (((kind <> 'withdrawn'::text) OR (supersedes IS NOT NULL))),
    CHECK (((kind = 'withdrawn'::text) OR ((right_record IS NOT NULL) = (kind <> 'wrong_value'::text)))),
    CHECK ((((right_record IS NULL) = (attribute IS NOT NULL)) AND ((attribute IS NULL) = (value_hash IS NULL)))),
    CHECK ((left_record <> right_record)),
    CHECK ((kind = ANY (ARRAY['same'::text, 'different'::text, 'wrong_value'::text, 'withdrawn'::text]))),
    CHECK ((reason <> ''::text))
);
CREATE INDEX judgement_left ON vinculo.judgement USING btree (left_record);
CREATE INDEX judgement_right ON vinculo.judgement USING btree (right_record);

-- The last resolution of all records of a kind, from which runs go on that resolve only what changed.
TABLE vinculo.key_base (
    kind text NOT NULL,
    model_version bigint NOT NULL,
    rules jsonb NOT NULL,
    records bigint NOT NULL,
    format smallint NOT NULL,
    prefix_bits smallint NOT NULL,
    entries bigint NOT NULL,
    added bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (kind),
    FOREIGN KEY (model_version) REFERENCES model(model_version),
    CHECK ((kind = ANY (ARRAY['person'::text, 'organization'::text]))),
    CHECK (((prefix_bits >= 0) AND (prefix_bits <= 30)))
);

-- Keys of records that are new or others since the segments were written. Keys that a record no longer has may stand here and there.
TABLE vinculo.key_delta (
    kind text NOT NULL,
    key bigint NOT NULL,
    record_id bigint NOT NULL,
    PRIMARY KEY (kind, key, record_id)
);

-- Keys of the records, packed: by which each is found when another is compared with it. Can be made again from the normalized values.
TABLE vinculo.key_segment (
    kind text NOT NULL,
    segment integer NOT NULL,
    data bytea NOT NULL,
    PRIMARY KEY (kind, segment)
);

-- Who may write: one command at a time, as long as it shows that it lives.
TABLE vinculo.lease (
    name text NOT NULL,
    token bigint NOT NULL DEFAULT 0,
    command text,
    actor text,
    process bigint,
    sessions text,
    backend_pid integer,
    backend_start timestamp with time zone,
    taken_at timestamp with time zone,
    heartbeat_at timestamp with time zone,
    PRIMARY KEY (name),
    UNIQUE (name, token)
);

-- Earlier memberships: which customer a record belonged to until it moved or left; the present ones stand in crm.customer_source.
TABLE vinculo.membership_history (
    record_id bigint NOT NULL,
    from_publication bigint NOT NULL,
    to_publication bigint NOT NULL,
    customer_id uuid NOT NULL,
    PRIMARY KEY (record_id, to_publication)
);
CREATE INDEX membership_history_customer ON vinculo.membership_history USING btree (customer_id);
CREATE INDEX membership_history_ended ON vinculo.membership_history USING btree (to_publication);

-- Migrations that this database has been through.
TABLE vinculo.migration (
    version bigint NOT NULL,
    description text NOT NULL,
    installed_on timestamp with time zone NOT NULL DEFAULT now(),
    success boolean NOT NULL,
    checksum bytea NOT NULL,
    execution_time bigint NOT NULL,
    PRIMARY KEY (version)
);

-- Models by which records were compared; a version is never altered.
TABLE vinculo.model (
    model_version bigint NOT NULL,
    kind text NOT NULL,
    run_id bigint NOT NULL,
    digest uuid NOT NULL,
    body jsonb NOT NULL,
    plan jsonb DEFAULT (body -> 'plan'::text),
    weights jsonb DEFAULT (body #> '{model,weights}'::text[]),
    PRIMARY KEY (model_version),
    FOREIGN KEY (run_id) REFERENCES run(run_id),
    CHECK ((kind = ANY (ARRAY['person'::text, 'organization'::text])))
);

-- Normalized values of current versions; can be made again from what was delivered.
TABLE vinculo.normalized_record (
    version_id bigint NOT NULL,
    data bytea NOT NULL,
    PRIMARY KEY (version_id)
);

-- Newest model of each kind as programs read it: reading the body of vinculo.model takes many times as long.
TABLE vinculo.packed_model (
    kind text NOT NULL,
    model_version bigint NOT NULL,
    program_version text NOT NULL,
    data bytea NOT NULL,
    PRIMARY KEY (kind),
    FOREIGN KEY (model_version) REFERENCES model(model_version),
    CHECK ((kind = ANY (ARRAY['person'::text, 'organization'::text])))
);

-- Publications; each is one transaction that wrote differences only.
TABLE vinculo.publication (
    publication bigint NOT NULL,
    run_id bigint NOT NULL,
    models bigint[] NOT NULL,
    first_change bigint NOT NULL,
    last_change bigint NOT NULL,
    counts jsonb NOT NULL,
    published_at timestamp with time zone NOT NULL,
    takes_back bigint,
    PRIMARY KEY (publication),
    FOREIGN KEY (run_id) REFERENCES run(run_id)
);
CREATE INDEX publication_last_change ON vinculo.publication USING btree (last_change, publication);

-- Rows that were kept aside with their faults; they do not count.
TABLE vinculo.reject (
    reject_id bigint NOT NULL,
    delivery_id bigint NOT NULL,
    line bigint NOT NULL,
    file_no integer NOT NULL,
    faults jsonb NOT NULL,
    raw text NOT NULL,
    PRIMARY KEY (reject_id)
);
CREATE INDEX reject_delivery ON vinculo.reject USING btree (delivery_id);

-- What versions were read as before a changed mapping read them otherwise.
TABLE vinculo.restatement (
    restatement_id bigint NOT NULL,
    version_id bigint NOT NULL,
    updated_at timestamp with time zone,
    deleted boolean NOT NULL,
    content_hash uuid NOT NULL,
    PRIMARY KEY (restatement_id)
);
CREATE INDEX restatement_version ON vinculo.restatement USING btree (version_id);

-- Calls of commands that read or decide.
TABLE vinculo.run (
    run_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    command text NOT NULL,
    actor text NOT NULL,
    program_version text NOT NULL,
    normalizer_version integer NOT NULL,
    config jsonb NOT NULL,
    config_hash uuid NOT NULL,
    status text NOT NULL DEFAULT 'running'::text,
    started_at timestamp with time zone NOT NULL DEFAULT clock_timestamp(),
    finished_at timestamp with time zone,
    resolved_state uuid,
    models bigint[],
    summary jsonb,
    last_judgement bigint,
    PRIMARY KEY (run_id),
    CHECK ((status = ANY (ARRAY['running'::text, 'done'::text, 'failed'::text, 'aborted'::text])))
);

-- Sources of the project; a name keeps its number for ever.
TABLE vinculo.source (
    source_id smallint NOT NULL,
    name text COLLATE "C" NOT NULL,
    fingerprint uuid,
    attributes jsonb,
    PRIMARY KEY (source_id),
    UNIQUE (name)
);

-- Rows of the sources, each with its current version; those of an open delivery do not count yet.
TABLE vinculo.source_record (
    record_id bigint NOT NULL,
    version_id bigint NOT NULL,
    delivery_id bigint NOT NULL,
    source_id smallint NOT NULL,
    deleted boolean NOT NULL,
    content_hash uuid NOT NULL,
    source_key text COLLATE "C" NOT NULL,
    PRIMARY KEY (record_id),
    UNIQUE (source_id, source_key)
);

-- Each different content that a source record has had. What was delivered is never altered; what is read from it follows the mapping.
TABLE vinculo.source_record_version (
    version_id bigint NOT NULL,
    record_id bigint NOT NULL,
    delivery_id bigint NOT NULL,
    line bigint,
    updated_at timestamp with time zone,
    file_no integer,
    deleted boolean NOT NULL,
    content_hash uuid NOT NULL,
    raw text,
    PRIMARY KEY (version_id),
    UNIQUE (record_id, version_id)
);
