-- By which keys records are found, so that a run resolves only what changed.

CREATE TABLE vinculo.key_base (
    kind text PRIMARY KEY CHECK (kind IN ('person', 'organization')),
    model_version bigint NOT NULL REFERENCES vinculo.model,
    rules jsonb NOT NULL,
    records bigint NOT NULL,
    format smallint NOT NULL,
    prefix_bits smallint NOT NULL CHECK (prefix_bits BETWEEN 0 AND 30),
    entries bigint NOT NULL,
    added bigint NOT NULL DEFAULT 0
);
COMMENT ON TABLE vinculo.key_base IS 'The last resolution of all records of a kind, from which runs go on that resolve only what changed.';
COMMENT ON COLUMN vinculo.key_base.kind IS 'Kind of the records: person or organization.';
COMMENT ON COLUMN vinculo.key_base.model_version IS 'Model under which they were resolved; their keys are those of this model.';
COMMENT ON COLUMN vinculo.key_base.rules IS 'Hashes of all settings that the answer depended on, those of each source apart.';
COMMENT ON COLUMN vinculo.key_base.records IS 'How many records there were.';
COMMENT ON COLUMN vinculo.key_base.format IS 'Format of the segments.';
COMMENT ON COLUMN vinculo.key_base.prefix_bits IS 'First bits of a key that number its segment.';
COMMENT ON COLUMN vinculo.key_base.entries IS 'Entries of all segments.';
COMMENT ON COLUMN vinculo.key_base.added IS 'Entries that came since.';

CREATE TABLE vinculo.key_segment (
    kind text NOT NULL,
    segment integer NOT NULL,
    data bytea NOT NULL,
    PRIMARY KEY (kind, segment)
);
ALTER TABLE vinculo.key_segment ALTER COLUMN data SET STORAGE EXTERNAL;
COMMENT ON TABLE vinculo.key_segment IS 'Keys of the records, packed: by which each is found when another is compared with it. Can be made again from the normalized values.';
COMMENT ON COLUMN vinculo.key_segment.kind IS 'Kind of the records.';
COMMENT ON COLUMN vinculo.key_segment.segment IS 'First bits of the keys, as a number.';
COMMENT ON COLUMN vinculo.key_segment.data IS 'How many entries; the next 16 bits of each key, ascending; the record of each.';

CREATE TABLE vinculo.key_delta (
    kind text NOT NULL,
    key bigint NOT NULL,
    record_id bigint NOT NULL,
    PRIMARY KEY (kind, key, record_id)
);
COMMENT ON TABLE vinculo.key_delta IS 'Keys of records that are new or others since the segments were written. Keys that a record no longer has may stand here and there.';
COMMENT ON COLUMN vinculo.key_delta.kind IS 'Kind of the record.';
COMMENT ON COLUMN vinculo.key_delta.key IS 'The key.';
COMMENT ON COLUMN vinculo.key_delta.record_id IS 'The record.';

CREATE TABLE vinculo.halved_block (
    kind text NOT NULL,
    block bigint NOT NULL,
    halvings smallint NOT NULL CHECK (halvings > 0),
    PRIMARY KEY (kind, block)
);
COMMENT ON TABLE vinculo.halved_block IS 'Blocks that hold more records than the model foresaw: their records are compared in parts.';
COMMENT ON COLUMN vinculo.halved_block.kind IS 'Kind of the records.';
COMMENT ON COLUMN vinculo.halved_block.block IS 'Key of the block.';
COMMENT ON COLUMN vinculo.halved_block.halvings IS 'How often it is halved.';

ALTER TABLE vinculo.delivery ADD COLUMN resolved boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN vinculo.delivery.resolved IS 'Whether a published resolution has taken it in.';
CREATE INDEX delivery_unresolved ON vinculo.delivery (delivery_id) WHERE state = 'sealed' AND NOT resolved;

CREATE INDEX delivery_changed ON vinculo.delivery (source_id, delivery_id) WHERE state = 'sealed' AND changed;

CREATE INDEX former_customer_records ON vinculo.former_customer USING gin (records) WITH (fastupdate = off);
