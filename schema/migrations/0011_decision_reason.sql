-- Possible matches may have a reason too.

COMMENT ON COLUMN vinculo.decision.reason IS 'Why a conflict was refused, or judged_same where a person judged a join, or different_identifiers where a possible match would bring two different valid identifiers of one kind together; none where weights decided.';
COMMENT ON COLUMN audit.decision.reason IS 'Why a conflict was refused, or judged_same where a person judged a join, or different_identifiers where a possible match would bring two different valid identifiers of one kind together; none where weights decided.';
