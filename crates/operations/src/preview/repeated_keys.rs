//! Keys that several rows have, or that stand for a missing one: only one of these rows is kept, which is what a wrong
//! `key:` looks like.

use rustc_hash::FxHashMap;
use std::collections::hash_map::Entry;
use vinculo_normalization::placeholder::{is_null, is_placeholder};
use vinculo_records::hash::ContentHash;

/// Counts the rows whose key another row has that says something else.
#[derive(Debug, Default)]
pub(super) struct RepeatedKeys {
    said: FxHashMap<String, ContentHash>,
    /// How many rows repeat the key of one before them and say something else than it.
    pub(super) rows: u64,
    /// How many rows have a stand-in where a part of their key should be.
    pub(super) stand_ins: u64,
}

impl RepeatedKeys {
    /// Looks at the cells of a row that are its key.
    pub(super) fn see_parts(&mut self, parts: &[&str]) {
        let is_zero = |part: &str| parts.len() == 1 && !part.is_empty() && part.bytes().all(|byte| byte == b'0');
        let is_stand_in = |part: &&str| is_null(part) || is_placeholder(part) || is_zero(part);
        self.stand_ins += u64::from(parts.iter().map(|part| part.trim()).any(|part| is_stand_in(&part)));
    }

    /// Looks at a row; one that says the same again is a copy, and nothing is lost with it.
    pub(super) fn see(&mut self, key: &str, content: ContentHash) {
        match self.said.entry(key.to_owned()) {
            Entry::Vacant(entry) => {
                entry.insert(content);
            }
            Entry::Occupied(mut entry) => self.rows += u64::from(entry.insert(content) != content),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_that_says_something_else_under_the_same_key_is_counted_and_a_copy_is_not() {
        let mut keys = RepeatedKeys::default();
        for (key, says) in [("1", 7), ("2", 7), ("1", 7), ("1", 8), ("2", 9), ("1", 8)] {
            keys.see(key, ContentHash(says));
        }
        assert_eq!(keys.rows, 2);
    }

    #[test]
    fn a_row_with_a_stand_in_for_its_key_is_counted() {
        let counted = |parts: &[&str]| {
            let mut keys = RepeatedKeys::default();
            keys.see_parts(parts);
            keys.stand_ins == 1
        };
        for key in ["N/A", "0", "000", "-", "null", "não informado", " n/d "] {
            assert!(counted(&[key]), "{key}");
        }
        assert!(counted(&["7", "N/A"]), "one part of several");
        for key in ["7", "A0", "100", "0-1", "maria@x.com"] {
            assert!(!counted(&[key]), "{key}");
        }
        assert!(!counted(&["0", "7"]), "shop 0 may be a shop");
    }
}
