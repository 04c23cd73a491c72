-- What persons have judged: kept for ever, superseded and never overwritten.

CREATE TABLE vinculo.judgement (
    judgement_id bigint PRIMARY KEY,
    kind text NOT NULL CHECK (kind IN ('same', 'different', 'wrong_value', 'withdrawn')),
    left_record bigint NOT NULL,
    right_record bigint,
    attribute text,
    value_hash uuid,
    supersedes bigint UNIQUE REFERENCES vinculo.judgement,
    run_id bigint NOT NULL REFERENCES vinculo.run,
    actor text NOT NULL,
    reason text NOT NULL CHECK (reason <> ''),
    judged_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    CHECK (kind <> 'withdrawn' OR supersedes IS NOT NULL),
    CHECK (kind = 'withdrawn' OR (right_record IS NOT NULL) = (kind <> 'wrong_value')),
    CHECK ((right_record IS NULL) = (attribute IS NOT NULL) AND (attribute IS NULL) = (value_hash IS NULL)),
    CHECK (left_record <> right_record)
);
CREATE INDEX judgement_left ON vinculo.judgement (left_record);
CREATE INDEX judgement_right ON vinculo.judgement (right_record);
COMMENT ON TABLE vinculo.judgement IS 'What persons have judged. A judgement is in force until another one supersedes or withdraws it; rows are never altered.';
COMMENT ON COLUMN vinculo.judgement.judgement_id IS 'Number of the judgement, dense from 1.';
COMMENT ON COLUMN vinculo.judgement.kind IS 'same or different, of two records; wrong_value, of a value of one; withdrawn, of a judgement.';
COMMENT ON COLUMN vinculo.judgement.left_record IS 'The record with the lesser number, or the one whose value is wrong.';
COMMENT ON COLUMN vinculo.judgement.right_record IS 'The other record; none where a value is judged.';
COMMENT ON COLUMN vinculo.judgement.attribute IS 'Attribute of the wrong value; none where two records are judged.';
COMMENT ON COLUMN vinculo.judgement.value_hash IS 'Hash of the record, the attribute and the letters and digits of the wrong value, never the value itself.';
COMMENT ON COLUMN vinculo.judgement.supersedes IS 'Judgement that it takes the place of; of a withdrawal, the one that is withdrawn.';
COMMENT ON COLUMN vinculo.judgement.run_id IS 'Call of the command that judged.';
COMMENT ON COLUMN vinculo.judgement.actor IS 'Who judged.';
COMMENT ON COLUMN vinculo.judgement.reason IS 'Why, in the words of who judged.';
COMMENT ON COLUMN vinculo.judgement.judged_at IS 'When.';

ALTER TABLE vinculo.run ADD COLUMN last_judgement bigint;
COMMENT ON COLUMN vinculo.run.last_judgement IS 'Last judgement that its resolution followed; none when it did not resolve, or there was none.';

CREATE VIEW audit.judgement AS
SELECT j.judgement_id, j.kind, ls.name AS left_source, l.source_key AS left_key, rs.name AS right_source,
    r.source_key AS right_key, j.left_record, j.right_record, j.attribute, j.value_hash, j.reason, j.actor, j.run_id,
    j.judged_at, j.supersedes, s.judgement_id AS superseded_by,
    j.kind <> 'withdrawn' AND s.judgement_id IS NULL AS in_force
FROM vinculo.judgement j
LEFT JOIN vinculo.judgement s ON s.supersedes = j.judgement_id
JOIN vinculo.source_record l ON l.record_id = j.left_record
JOIN vinculo.source ls ON ls.source_id = l.source_id
LEFT JOIN vinculo.source_record r ON r.record_id = j.right_record
LEFT JOIN vinculo.source rs ON rs.source_id = r.source_id;
COMMENT ON VIEW audit.judgement IS 'What persons have judged: what is in force, and all that was.';
COMMENT ON COLUMN audit.judgement.judgement_id IS 'Number of the judgement, dense from 1.';
COMMENT ON COLUMN audit.judgement.kind IS 'same or different, of two records; wrong_value, of a value of one; withdrawn, of a judgement.';
COMMENT ON COLUMN audit.judgement.left_source IS 'Source of the record with the lesser number, or of the one whose value is wrong.';
COMMENT ON COLUMN audit.judgement.left_key IS 'Its key.';
COMMENT ON COLUMN audit.judgement.right_source IS 'Source of the other record.';
COMMENT ON COLUMN audit.judgement.right_key IS 'Its key.';
COMMENT ON COLUMN audit.judgement.left_record IS 'Number of the record with the lesser number, or of the one whose value is wrong.';
COMMENT ON COLUMN audit.judgement.right_record IS 'Number of the other record; none where a value is judged.';
COMMENT ON COLUMN audit.judgement.attribute IS 'Attribute of the wrong value; none where two records are judged.';
COMMENT ON COLUMN audit.judgement.value_hash IS 'Hash of the record, the attribute and the letters and digits of the wrong value.';
COMMENT ON COLUMN audit.judgement.reason IS 'Why, in the words of who judged.';
COMMENT ON COLUMN audit.judgement.actor IS 'Who judged.';
COMMENT ON COLUMN audit.judgement.run_id IS 'Call of the command that judged.';
COMMENT ON COLUMN audit.judgement.judged_at IS 'When.';
COMMENT ON COLUMN audit.judgement.supersedes IS 'Judgement that it takes the place of, or withdraws.';
COMMENT ON COLUMN audit.judgement.superseded_by IS 'Judgement that took its place, or withdrew it; none while it is in force.';
COMMENT ON COLUMN audit.judgement.in_force IS 'Whether it holds now.';

COMMENT ON COLUMN vinculo.decision.reason IS 'Why a conflict was refused, or judged_same where a person judged a join; none where weights decided.';
COMMENT ON COLUMN audit.decision.reason IS 'Why a conflict was refused, or judged_same where a person judged a join; none where weights decided.';
