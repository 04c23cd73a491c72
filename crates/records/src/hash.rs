//! Names made from content: the same on every machine, in every run.

use serde::{Deserialize, Serialize};
use std::fmt;

/// The name by which the engine knows a record: a hash of (source name, source key). Every tie breaks by it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RecordHash(pub u128);

impl RecordHash {
    /// The first 128 bits of BLAKE3 over the length of the source's name, the name and the key.
    pub fn new(source: &str, source_key: &str) -> Self {
        let mut hasher = blake3::Hasher::new();
        hasher.update(&(source.len() as u64).to_le_bytes());
        hasher.update(source.as_bytes());
        hasher.update(source_key.as_bytes());
        Self(first_128_bits(&hasher))
    }
}

impl fmt::Debug for RecordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

/// What a record says, as one number: equal hashes mean that nothing changed.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ContentHash(pub u128);

impl fmt::Debug for ContentHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

/// Builds a [`ContentHash`] from parts that keep their borders: ("ab", "c") and ("a", "bc") differ.
#[derive(Debug, Default)]
pub struct ContentHasher(blake3::Hasher);

impl ContentHasher {
    /// An empty hasher.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds one part, its length first.
    pub fn part(&mut self, bytes: &[u8]) -> &mut Self {
        self.0.update(&(bytes.len() as u64).to_le_bytes());
        self.0.update(bytes);
        self
    }

    /// The hash of all parts so far; the hasher is empty afterwards.
    pub fn finish(&mut self) -> ContentHash {
        let hash = ContentHash(first_128_bits(&self.0));
        self.0.reset();
        hash
    }
}

fn first_128_bits(hasher: &blake3::Hasher) -> u128 {
    let mut bytes = [0; 16];
    hasher.finalize_xof().fill(&mut bytes);
    u128::from_be_bytes(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_hash_keeps_source_and_key_apart() {
        assert_ne!(RecordHash::new("crm", "1"), RecordHash::new("cr", "m1"));
        assert_eq!(RecordHash::new("crm", "1"), RecordHash::new("crm", "1"));
    }

    #[test]
    fn parts_keep_their_borders() {
        let first = ContentHasher::new().part(b"ab").part(b"c").finish();
        let second = ContentHasher::new().part(b"a").part(b"bc").finish();
        assert_ne!(first, second);
    }
}
