//! Keys that several rows have: only one of these rows is kept, which is what a wrong `key:` looks like.

use rustc_hash::FxHashMap;
use std::collections::hash_map::Entry;
use vinculo_records::hash::ContentHash;

/// Counts the rows whose key another row has that says something else.
#[derive(Debug, Default)]
pub(super) struct RepeatedKeys {
    said: FxHashMap<String, ContentHash>,
    /// How many rows repeat the key of one before them and say something else than it.
    pub(super) rows: u64,
}

impl RepeatedKeys {
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
}
