//! The distinct values of a column, each under a number.

use super::stable_hash::stable_hash;
use rustc_hash::FxHashMap;

/// Distinct values, numbered from 0 in the order in which they first appear.
#[derive(Debug, Clone)]
pub struct Dictionary {
    offsets: Vec<u32>,
    bytes: Vec<u8>,
    hashes: Vec<u64>,
    records: Vec<u32>,
}

impl Default for Dictionary {
    fn default() -> Self {
        Self { offsets: vec![0], bytes: Vec::new(), hashes: Vec::new(), records: Vec::new() }
    }
}

impl Dictionary {
    /// How many distinct values.
    pub fn len(&self) -> usize {
        self.hashes.len()
    }

    /// Whether there is no value at all.
    pub fn is_empty(&self) -> bool {
        self.hashes.is_empty()
    }

    /// The bytes of a value.
    #[inline]
    pub fn bytes(&self, id: u32) -> &[u8] {
        let id = id as usize;
        &self.bytes[self.offsets[id] as usize..self.offsets[id + 1] as usize]
    }

    /// The hash of a value's bytes, the same everywhere.
    #[inline]
    pub fn hash(&self, id: u32) -> u64 {
        self.hashes[id as usize]
    }

    /// How many records hold the value.
    #[inline]
    pub fn records(&self, id: u32) -> u32 {
        self.records[id as usize]
    }

    /// All values with their bytes, by number.
    pub fn iter(&self) -> impl Iterator<Item = &[u8]> {
        (0..self.len() as u32).map(|id| self.bytes(id))
    }

    /// The number of the value with these bytes, by a walk over all: for tests and single look-ups.
    pub fn find(&self, bytes: &[u8]) -> Option<u32> {
        (0..self.len() as u32).find(|&id| self.bytes(id) == bytes)
    }

    fn push(&mut self, value: &[u8], hash: u64) -> u32 {
        let id = self.hashes.len() as u32;
        self.bytes.extend_from_slice(value);
        self.offsets.push(self.bytes.len() as u32);
        self.hashes.push(hash);
        self.records.push(0);
        id
    }
}

/// Builds a dictionary; it borrows the values until it is done.
#[derive(Debug, Default)]
pub(super) struct DictionaryBuilder<'a> {
    ids: FxHashMap<&'a [u8], u32>,
    dictionary: Dictionary,
}

impl<'a> DictionaryBuilder<'a> {
    /// The number of a value, new or known.
    pub(super) fn intern(&mut self, value: &'a [u8]) -> u32 {
        *self.ids.entry(value).or_insert_with(|| self.dictionary.push(value, stable_hash(value)))
    }

    /// Notes that one more record holds the value.
    pub(super) fn count_record(&mut self, id: u32) {
        self.dictionary.records[id as usize] += 1;
    }

    pub(super) fn finish(self) -> Dictionary {
        self.dictionary
    }
}
