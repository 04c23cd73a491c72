//! By which records are found.

use super::Check;

pub(super) const CHECKS: &[Check] = &[Check {
    name: "keys_have_records",
    rule: "Keys that came after the last whole resolution are of known records.",
    of: "keys",
    names: "record",
    count: "SELECT count(*) FROM vinculo.key_delta",
    broken: "SELECT k.record_id FROM vinculo.key_delta k
        LEFT JOIN vinculo.source_record r USING (record_id)
        LEFT JOIN vinculo.key_base b USING (kind)
        WHERE r.record_id IS NULL OR b.kind IS NULL",
}];
