-- By what pairs were weighed, apart from how often each value is: a few kilobytes of a model that has many megabytes.

ALTER TABLE vinculo.model
    ADD COLUMN plan jsonb GENERATED ALWAYS AS (body -> 'plan') STORED,
    ADD COLUMN weights jsonb GENERATED ALWAYS AS (body #> '{model,weights}') STORED;
COMMENT ON COLUMN vinculo.model.plan IS 'What is compared and how candidates are found: the part of body of that name.';
COMMENT ON COLUMN vinculo.model.weights IS 'The weights of each comparison in the order of the plan, in thousandths of a bit: the part of body of that name.';
CREATE OR REPLACE VIEW audit.model AS SELECT model_version, kind, run_id, digest, body, plan, weights FROM vinculo.model;
COMMENT ON COLUMN audit.model.plan IS 'What is compared and how candidates are found.';
COMMENT ON COLUMN audit.model.weights IS 'The weights of each comparison in the order of the plan, in thousandths of a bit.';
