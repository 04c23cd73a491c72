-- Proof that nothing was altered: a chain of blocks, each over all rows that none before it covers.

CREATE TABLE vinculo.audit_block (
    block bigint PRIMARY KEY,
    run_id bigint NOT NULL REFERENCES vinculo.run,
    format smallint NOT NULL,
    leaves bigint NOT NULL,
    root bytea NOT NULL,
    previous bytea NOT NULL,
    hash bytea NOT NULL,
    runs_from bigint NOT NULL,
    deliveries_from bigint NOT NULL,
    made_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
COMMENT ON TABLE vinculo.audit_block IS 'The audit chain: one block for each run that ended, over all rows that no block before it covers.';
COMMENT ON COLUMN vinculo.audit_block.block IS 'Number of the block, dense from 1.';
COMMENT ON COLUMN vinculo.audit_block.run_id IS 'Run that wrote it when it ended.';
COMMENT ON COLUMN vinculo.audit_block.format IS 'Version of what is hashed.';
COMMENT ON COLUMN vinculo.audit_block.leaves IS 'How many leaves the trees of its spans have.';
COMMENT ON COLUMN vinculo.audit_block.root IS 'Root of the Merkle tree over its spans.';
COMMENT ON COLUMN vinculo.audit_block.previous IS 'Hash of the block before; zeros for the first one.';
COMMENT ON COLUMN vinculo.audit_block.hash IS 'Hash over all of the above, the one to be kept elsewhere.';
COMMENT ON COLUMN vinculo.audit_block.runs_from IS 'Runs with lesser numbers are covered by this block or one before.';
COMMENT ON COLUMN vinculo.audit_block.deliveries_from IS 'Deliveries with lesser numbers are covered by this block or one before.';
COMMENT ON COLUMN vinculo.audit_block.made_at IS 'When it was written.';

CREATE TABLE vinculo.audit_span (
    relation text COLLATE "C" NOT NULL,
    first_id bigint NOT NULL,
    last_id bigint NOT NULL,
    block bigint NOT NULL REFERENCES vinculo.audit_block,
    root bytea NOT NULL,
    groups bytea NOT NULL,
    PRIMARY KEY (relation, first_id),
    CHECK (first_id <= last_id)
);
CREATE INDEX audit_span_block ON vinculo.audit_span (block);
-- Hashes cannot be made smaller.
ALTER TABLE vinculo.audit_span ALTER COLUMN groups SET STORAGE EXTERNAL;
COMMENT ON TABLE vinculo.audit_span IS 'Rows that a block covers: ids of one relation from the first to the last, each a leaf.';
COMMENT ON COLUMN vinculo.audit_span.relation IS 'A table, or what happens to the rows of one.';
COMMENT ON COLUMN vinculo.audit_span.first_id IS 'First id.';
COMMENT ON COLUMN vinculo.audit_span.last_id IS 'Last id; an id without a row has an empty leaf.';
COMMENT ON COLUMN vinculo.audit_span.block IS 'The block.';
COMMENT ON COLUMN vinculo.audit_span.root IS 'Root of the Merkle tree over the rows.';
COMMENT ON COLUMN vinculo.audit_span.groups IS 'Roots of groups of 64 leaves, so that a proof reads these rows only and an alteration is known to be among them.';

CREATE TABLE vinculo.audit_salt (
    relation text COLLATE "C" NOT NULL,
    segment bigint NOT NULL,
    salts bytea NOT NULL,
    PRIMARY KEY (relation, segment)
);
COMMENT ON TABLE vinculo.audit_salt IS 'What keeps leaves from being guessed: 16 random bytes for each row that holds personal values, destroyed with it.';
COMMENT ON COLUMN vinculo.audit_salt.relation IS 'Whose rows: source records (their versions have the same salt), rejected rows, customers by their entry of the feed.';
COMMENT ON COLUMN vinculo.audit_salt.segment IS 'The id of the first one divided by 64.';
COMMENT ON COLUMN vinculo.audit_salt.salts IS 'The salts of 64 ids, one after the other.';

CREATE TABLE vinculo.restatement (
    restatement_id bigint PRIMARY KEY,
    version_id bigint NOT NULL,
    updated_at timestamptz,
    deleted boolean NOT NULL,
    content_hash uuid NOT NULL
);
CREATE INDEX restatement_version ON vinculo.restatement (version_id);
COMMENT ON TABLE vinculo.restatement IS 'What versions were read as before a changed mapping read them otherwise.';
COMMENT ON COLUMN vinculo.restatement.restatement_id IS 'Number of the restatement.';
COMMENT ON COLUMN vinculo.restatement.version_id IS 'The version, which stands as it is read now.';
COMMENT ON COLUMN vinculo.restatement.updated_at IS 'When the source last changed the record, as it was read before.';
COMMENT ON COLUMN vinculo.restatement.deleted IS 'Whether it said that the source has the record no longer, as it was read before.';
COMMENT ON COLUMN vinculo.restatement.content_hash IS 'Hash of the named values of the row, as they were read before.';

ALTER TABLE vinculo.counter ADD COLUMN next_restatement_id bigint NOT NULL DEFAULT 1;
COMMENT ON COLUMN vinculo.counter.next_restatement_id IS 'Next id of a restatement.';

-- A block covers what its publications ended.
CREATE INDEX decision_ended ON vinculo.decision (to_publication) WHERE to_publication IS NOT NULL;
CREATE INDEX customer_history_replaced ON vinculo.customer_history (to_publication);

CREATE VIEW audit.block AS
SELECT block, run_id, format, leaves, root, previous, hash, made_at FROM vinculo.audit_block;
COMMENT ON VIEW audit.block IS 'The audit chain: one block for each run that ended. vinculo verify --audit makes it anew from the rows.';
COMMENT ON COLUMN audit.block.block IS 'Number of the block, dense from 1.';
COMMENT ON COLUMN audit.block.run_id IS 'Run that wrote it when it ended.';
COMMENT ON COLUMN audit.block.format IS 'Version of what is hashed.';
COMMENT ON COLUMN audit.block.leaves IS 'How many leaves the trees of its spans have.';
COMMENT ON COLUMN audit.block.root IS 'Root of the Merkle tree over its spans.';
COMMENT ON COLUMN audit.block.previous IS 'Hash of the block before; zeros for the first one.';
COMMENT ON COLUMN audit.block.hash IS 'Hash over all of the above, the one to be kept elsewhere.';
COMMENT ON COLUMN audit.block.made_at IS 'When it was written.';

CREATE VIEW audit.restatement AS
SELECT restatement_id, version_id, updated_at, deleted, content_hash FROM vinculo.restatement;
COMMENT ON VIEW audit.restatement IS 'What versions were read as before a changed mapping read them otherwise.';
COMMENT ON COLUMN audit.restatement.restatement_id IS 'Number of the restatement.';
COMMENT ON COLUMN audit.restatement.version_id IS 'The version, which stands as it is read now.';
COMMENT ON COLUMN audit.restatement.updated_at IS 'When the source last changed the record, as it was read before.';
COMMENT ON COLUMN audit.restatement.deleted IS 'Whether it said that the source has the record no longer, as it was read before.';
COMMENT ON COLUMN audit.restatement.content_hash IS 'Hash of the named values of the row, as they were read before.';
