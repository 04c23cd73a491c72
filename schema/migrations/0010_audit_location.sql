-- An altered row is named, not only the 64 rows among which it is.

ALTER TABLE vinculo.audit_span ADD COLUMN sums bytea NOT NULL DEFAULT '';
-- Parts of hashes cannot be made smaller.
ALTER TABLE vinculo.audit_span ALTER COLUMN sums SET STORAGE EXTERNAL;
COMMENT ON COLUMN vinculo.audit_span.sums IS 'Two sums over the leaves of each group, by which the only one that was altered is located; empty for blocks of earlier programs.';
