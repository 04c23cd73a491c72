-- Runs, deliveries and the source records that they bring. Migrations are never altered once published.

COMMENT ON SCHEMA vinculo IS 'Private tables of Vinculo: what was delivered, what it was made into, and what was decided.';

COMMENT ON TABLE vinculo.migration IS 'Migrations that this database has been through.';
COMMENT ON COLUMN vinculo.migration.version IS 'Number of the migration.';
COMMENT ON COLUMN vinculo.migration.description IS 'Its name.';
COMMENT ON COLUMN vinculo.migration.installed_on IS 'When it was applied.';
COMMENT ON COLUMN vinculo.migration.success IS 'Whether it came to its end.';
COMMENT ON COLUMN vinculo.migration.checksum IS 'Checksum of its text, so that an altered migration is noticed.';
COMMENT ON COLUMN vinculo.migration.execution_time IS 'How long it took, in nanoseconds.';

CREATE TABLE vinculo.source (
    source_id smallint PRIMARY KEY,
    name text COLLATE "C" NOT NULL UNIQUE,
    fingerprint uuid,
    attributes jsonb
);
COMMENT ON TABLE vinculo.source IS 'Sources of the project; a name keeps its number for ever.';
COMMENT ON COLUMN vinculo.source.source_id IS 'Number of the source, in the order in which sources were first seen.';
COMMENT ON COLUMN vinculo.source.name IS 'Name of the source in vinculo.yaml.';
COMMENT ON COLUMN vinculo.source.fingerprint IS 'Hash of the mapping and the normalizer that its records follow; none before its first delivery.';
COMMENT ON COLUMN vinculo.source.attributes IS 'Attributes that the project declared then, in whose order its normalized records number them.';

CREATE TABLE vinculo.run (
    run_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    command text NOT NULL,
    actor text NOT NULL,
    program_version text NOT NULL,
    normalizer_version integer NOT NULL,
    config jsonb NOT NULL,
    config_hash uuid NOT NULL,
    status text NOT NULL DEFAULT 'running' CHECK (status IN ('running', 'done', 'failed', 'aborted')),
    started_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    finished_at timestamptz,
    resolved_state uuid,
    models bigint[],
    summary jsonb
);
COMMENT ON TABLE vinculo.run IS 'Calls of commands that read or decide.';
COMMENT ON COLUMN vinculo.run.run_id IS 'Number of the run.';
COMMENT ON COLUMN vinculo.run.command IS 'The command that was called.';
COMMENT ON COLUMN vinculo.run.actor IS 'Who called it.';
COMMENT ON COLUMN vinculo.run.program_version IS 'Version of the program.';
COMMENT ON COLUMN vinculo.run.normalizer_version IS 'Version of the normalization rules.';
COMMENT ON COLUMN vinculo.run.config IS 'The configuration that was in force; secrets stand as their names.';
COMMENT ON COLUMN vinculo.run.config_hash IS 'Hash of the configuration.';
COMMENT ON COLUMN vinculo.run.status IS 'running, done, failed, or aborted (its process ended without a word).';
COMMENT ON COLUMN vinculo.run.started_at IS 'When it began.';
COMMENT ON COLUMN vinculo.run.finished_at IS 'When it ended, or was found aborted.';
COMMENT ON COLUMN vinculo.run.resolved_state IS 'Hash of everything that its resolution depended on; none when it did not resolve.';
COMMENT ON COLUMN vinculo.run.models IS 'Models that decided in its resolution; none when it did not resolve.';
COMMENT ON COLUMN vinculo.run.summary IS 'Its balanced counts.';

CREATE TABLE vinculo.delivery (
    delivery_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    source_id smallint NOT NULL REFERENCES vinculo.source,
    run_id bigint NOT NULL REFERENCES vinculo.run,
    state text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'sealed', 'refused')),
    snapshot boolean NOT NULL,
    fingerprint uuid NOT NULL,
    landed_on date NOT NULL,
    checkpoint text,
    counts jsonb NOT NULL DEFAULT '{}',
    first_record_id bigint NOT NULL,
    first_version_id bigint NOT NULL,
    landed_records bigint NOT NULL DEFAULT 0,
    landed_versions bigint NOT NULL DEFAULT 0,
    changed boolean NOT NULL DEFAULT false,
    reason text,
    message text,
    rejects_of bigint,
    opened_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    closed_at timestamptz
);
CREATE UNIQUE INDEX delivery_open ON vinculo.delivery (source_id) WHERE state = 'open';
COMMENT ON TABLE vinculo.delivery IS 'What one run read from one source; it counts once it is sealed, and as a whole.';
COMMENT ON COLUMN vinculo.delivery.delivery_id IS 'Number of the delivery.';
COMMENT ON COLUMN vinculo.delivery.source_id IS 'Source that was read.';
COMMENT ON COLUMN vinculo.delivery.run_id IS 'Run that read it; the last one, when a run took over what a killed one had begun.';
COMMENT ON COLUMN vinculo.delivery.state IS 'open, sealed or refused.';
COMMENT ON COLUMN vinculo.delivery.snapshot IS 'Whether it holds all records of the source, so that absence deletes.';
COMMENT ON COLUMN vinculo.delivery.fingerprint IS 'Hash of the mapping that its normalized records follow.';
COMMENT ON COLUMN vinculo.delivery.landed_on IS 'Day of landing, which rules that need a date compare with.';
COMMENT ON COLUMN vinculo.delivery.checkpoint IS 'Where the connector goes on after the rows that have landed.';
COMMENT ON COLUMN vinculo.delivery.counts IS 'Rows read, new, changed, unchanged, superseded, rejected, deleted; flags per attribute.';
COMMENT ON COLUMN vinculo.delivery.first_record_id IS 'No record of this delivery has a lesser id.';
COMMENT ON COLUMN vinculo.delivery.first_version_id IS 'No version of this delivery has a lesser id.';
COMMENT ON COLUMN vinculo.delivery.landed_records IS 'New records that have landed.';
COMMENT ON COLUMN vinculo.delivery.landed_versions IS 'Versions that have landed.';
COMMENT ON COLUMN vinculo.delivery.changed IS 'Whether sealing it changed any current record.';
COMMENT ON COLUMN vinculo.delivery.reason IS 'Code of the reason why it was refused.';
COMMENT ON COLUMN vinculo.delivery.message IS 'The reason in words, without any value.';
COMMENT ON COLUMN vinculo.delivery.rejects_of IS 'Delivery that holds the rejected rows: an earlier one where this one repeated them; none while it is open.';
COMMENT ON COLUMN vinculo.delivery.opened_at IS 'When it was opened.';
COMMENT ON COLUMN vinculo.delivery.closed_at IS 'When it was sealed or refused.';

CREATE TABLE vinculo.delivery_file (
    delivery_id bigint NOT NULL REFERENCES vinculo.delivery,
    file_no integer NOT NULL,
    path text NOT NULL,
    format jsonb NOT NULL,
    bytes bigint NOT NULL,
    lines bigint NOT NULL,
    PRIMARY KEY (delivery_id, file_no)
);
COMMENT ON TABLE vinculo.delivery_file IS 'Files, or other streams, of a delivery.';
COMMENT ON COLUMN vinculo.delivery_file.delivery_id IS 'The delivery.';
COMMENT ON COLUMN vinculo.delivery_file.file_no IS 'Number of the file in the delivery, in the order of reading.';
COMMENT ON COLUMN vinculo.delivery_file.path IS 'Where it was read from.';
COMMENT ON COLUMN vinculo.delivery_file.format IS 'What reads its raw records: columns, delimiter, encoding, and how they were found.';
COMMENT ON COLUMN vinculo.delivery_file.bytes IS 'Bytes read so far.';
COMMENT ON COLUMN vinculo.delivery_file.lines IS 'Lines read so far.';

CREATE TABLE vinculo.counter (
    single boolean PRIMARY KEY DEFAULT true CHECK (single),
    next_record_id bigint NOT NULL DEFAULT 1,
    next_version_id bigint NOT NULL DEFAULT 1,
    next_reject_id bigint NOT NULL DEFAULT 1,
    next_decision_id bigint NOT NULL DEFAULT 1
);
INSERT INTO vinculo.counter DEFAULT VALUES;
COMMENT ON TABLE vinculo.counter IS 'Next ids, taken in the transaction that uses them: a killed one leaves no gap.';
COMMENT ON COLUMN vinculo.counter.single IS 'There is one row.';
COMMENT ON COLUMN vinculo.counter.next_record_id IS 'Next id of a source record.';
COMMENT ON COLUMN vinculo.counter.next_version_id IS 'Next id of a version.';
COMMENT ON COLUMN vinculo.counter.next_reject_id IS 'Next id of a rejected row.';
COMMENT ON COLUMN vinculo.counter.next_decision_id IS 'Next id of a decision.';

CREATE TABLE vinculo.source_record (
    record_id bigint PRIMARY KEY,
    version_id bigint NOT NULL,
    delivery_id bigint NOT NULL,
    source_id smallint NOT NULL,
    deleted boolean NOT NULL,
    content_hash uuid NOT NULL,
    source_key text COLLATE "C" NOT NULL,
    UNIQUE (source_id, source_key)
);
COMMENT ON TABLE vinculo.source_record IS 'Rows of the sources, each with its current version; those of an open delivery do not count yet.';
COMMENT ON COLUMN vinculo.source_record.record_id IS 'Number of the record.';
COMMENT ON COLUMN vinculo.source_record.version_id IS 'Its current version: the greatest by updated_at (none is least), then by order of landing.';
COMMENT ON COLUMN vinculo.source_record.delivery_id IS 'Delivery that brought this version; while that is open, the record does not count.';
COMMENT ON COLUMN vinculo.source_record.source_id IS 'Source of the record.';
COMMENT ON COLUMN vinculo.source_record.deleted IS 'Whether the current version says that the source has it no longer.';
COMMENT ON COLUMN vinculo.source_record.content_hash IS 'Hash of the current content.';
COMMENT ON COLUMN vinculo.source_record.source_key IS 'Key by which the source knows the record; a composite one is a JSON array.';

CREATE TABLE vinculo.source_record_version (
    version_id bigint PRIMARY KEY,
    record_id bigint NOT NULL,
    delivery_id bigint NOT NULL,
    line bigint,
    updated_at timestamptz,
    file_no integer,
    deleted boolean NOT NULL,
    content_hash uuid NOT NULL,
    raw text,
    UNIQUE (record_id, version_id)
);
COMMENT ON TABLE vinculo.source_record_version IS 'Each different content that a source record has had. What was delivered is never altered; what is read from it follows the mapping.';
COMMENT ON COLUMN vinculo.source_record_version.version_id IS 'Number of the version, in the order of landing.';
COMMENT ON COLUMN vinculo.source_record_version.record_id IS 'The record.';
COMMENT ON COLUMN vinculo.source_record_version.delivery_id IS 'Delivery that brought it.';
COMMENT ON COLUMN vinculo.source_record_version.line IS 'Line of the file where it begins; none where a snapshot no longer had the record.';
COMMENT ON COLUMN vinculo.source_record_version.updated_at IS 'When the source last changed the record, as it says itself.';
COMMENT ON COLUMN vinculo.source_record_version.file_no IS 'File of the delivery; none where a snapshot no longer had the record.';
COMMENT ON COLUMN vinculo.source_record_version.deleted IS 'Whether it says that the source has the record no longer.';
COMMENT ON COLUMN vinculo.source_record_version.content_hash IS 'Hash of the named values of the row.';
COMMENT ON COLUMN vinculo.source_record_version.raw IS 'The row exactly as it was delivered; none where a snapshot no longer had the record.';

CREATE TABLE vinculo.normalized_record (
    version_id bigint PRIMARY KEY,
    data bytea NOT NULL
);
COMMENT ON TABLE vinculo.normalized_record IS 'Normalized values of current versions; can be made again from what was delivered.';
COMMENT ON COLUMN vinculo.normalized_record.version_id IS 'Version that the values were read from.';
COMMENT ON COLUMN vinculo.normalized_record.data IS 'The values, packed; the first byte is the version of the format.';

CREATE TABLE vinculo.reject (
    reject_id bigint PRIMARY KEY,
    delivery_id bigint NOT NULL,
    line bigint NOT NULL,
    file_no integer NOT NULL,
    faults jsonb NOT NULL,
    raw text NOT NULL
);
CREATE INDEX reject_delivery ON vinculo.reject (delivery_id);
COMMENT ON TABLE vinculo.reject IS 'Rows that were kept aside with their faults; they do not count.';
COMMENT ON COLUMN vinculo.reject.reject_id IS 'Number of the rejected row.';
COMMENT ON COLUMN vinculo.reject.delivery_id IS 'Delivery that brought it first; those that repeat its rejected rows name that delivery.';
COMMENT ON COLUMN vinculo.reject.line IS 'Line of the file where it begins.';
COMMENT ON COLUMN vinculo.reject.file_no IS 'File of the delivery.';
COMMENT ON COLUMN vinculo.reject.faults IS 'All its faults: a list of column and code.';
COMMENT ON COLUMN vinculo.reject.raw IS 'The row as it was delivered, cut when it is long; NUL is shown as U+2400.';
