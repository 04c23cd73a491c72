-- What every run reads, in forms that cost the same however much the store holds.

CREATE TABLE vinculo.packed_model (
    kind text PRIMARY KEY CHECK (kind IN ('person', 'organization')),
    model_version bigint NOT NULL REFERENCES vinculo.model,
    program_version text NOT NULL,
    data bytea NOT NULL
);
-- It is as small as it gets; taking it apart would cost more than reading it.
ALTER TABLE vinculo.packed_model ALTER COLUMN data SET STORAGE EXTERNAL;
COMMENT ON TABLE vinculo.packed_model IS 'Newest model of each kind as programs read it: reading the body of vinculo.model takes many times as long.';
COMMENT ON COLUMN vinculo.packed_model.kind IS 'Kind of customer that it resolves: person or organization.';
COMMENT ON COLUMN vinculo.packed_model.model_version IS 'The model.';
COMMENT ON COLUMN vinculo.packed_model.program_version IS 'Version of the program that packed it; others read the body.';
COMMENT ON COLUMN vinculo.packed_model.data IS 'The plan and the frozen weights, packed.';

ALTER TABLE vinculo.feed_head ADD COLUMN customers bigint NOT NULL DEFAULT 0;
UPDATE vinculo.feed_head SET customers = (SELECT count(*) FROM crm.customer);
COMMENT ON COLUMN vinculo.feed_head.customers IS 'How many customers there are after the last change.';
