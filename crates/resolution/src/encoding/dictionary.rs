//! The distinct values of a column, each under a number.

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

    fn push(&mut self, value: &[u8], hash: u64, records: u32) -> u32 {
        let id = self.hashes.len() as u32;
        self.bytes.extend_from_slice(value);
        self.offsets.push(self.bytes.len() as u32);
        self.hashes.push(hash);
        self.records.push(records);
        id
    }
}

/// Builds a dictionary: an open table of value numbers, found by the hashes that the dictionary keeps anyway.
#[derive(Debug)]
pub(super) struct DictionaryBuilder {
    /// The upper half of a hash over a number plus one; 0 where nothing stands. A power of two in length.
    table: Vec<u64>,
    dictionary: Dictionary,
}

impl Default for DictionaryBuilder {
    fn default() -> Self {
        Self { table: vec![0; 64], dictionary: Dictionary::default() }
    }
}

impl DictionaryBuilder {
    /// Reads what stands under some hashes, whose values are asked for next. Reads that do not wait for each other take
    /// little longer than one of them.
    pub(super) fn fetch(&self, hashes: &[u64]) {
        let read =
            hashes.iter().fold(0, |read, hash| match self.table[*hash as usize & (self.table.len() - 1)] as u32 {
                0 => read,
                number => read ^ self.dictionary.bytes(number - 1).first().copied().unwrap_or(0),
            });
        std::hint::black_box(read);
    }

    /// The number of a value of this hash, new or known.
    pub(super) fn intern(&mut self, value: &[u8], hash: u64) -> u32 {
        let mut at = hash as usize & (self.table.len() - 1);
        while self.table[at] != 0 {
            let id = self.table[at] as u32 - 1;
            if (self.table[at] ^ hash) >> 32 == 0 && self.dictionary.bytes(id) == value {
                return id;
            }
            at = (at + 1) & (self.table.len() - 1);
        }
        let id = self.dictionary.push(value, hash, 0);
        self.table[at] = entry(hash, id);
        if self.dictionary.len() * 2 > self.table.len() {
            self.grow();
        }
        id
    }

    fn grow(&mut self) {
        let mut table = vec![0; self.table.len() * 4];
        for (&hash, id) in self.dictionary.hashes.iter().zip(0..) {
            let mut at = hash as usize & (table.len() - 1);
            while table[at] != 0 {
                at = (at + 1) & (table.len() - 1);
            }
            table[at] = entry(hash, id);
        }
        self.table = table;
    }

    pub(super) fn finish(self) -> Dictionary {
        self.dictionary
    }
}

/// Numbers the values of a dictionary anew, in the order in which they are asked for; what nobody asks for is left out.
#[derive(Debug)]
pub(super) struct Renumbering {
    read: Dictionary,
    /// By old number: the new one plus one, 0 for none yet.
    new: Vec<u32>,
    /// By new number: the old one, and how many records hold the value.
    old: Vec<(u32, u32)>,
}

impl Renumbering {
    pub(super) fn new(read: Dictionary) -> Self {
        Self { new: vec![0; read.len()], old: Vec::with_capacity(read.len()), read }
    }

    /// Reads what is known of some values, which are asked for next.
    #[inline]
    pub(super) fn fetch(&self, old: impl Iterator<Item = u32>) {
        std::hint::black_box(old.fold(0, |read, old| read ^ self.new[old as usize]));
    }

    /// The new number of a value.
    #[inline]
    pub(super) fn number(&mut self, old: u32) -> u32 {
        let new = &mut self.new[old as usize];
        if *new == 0 {
            self.old.push((old, 0));
            *new = self.old.len() as u32;
        }
        *new - 1
    }

    /// Notes that one more record holds the value of this new number.
    pub(super) fn count_record(&mut self, id: u32) {
        self.old[id as usize].1 += 1;
    }

    pub(super) fn finish(self) -> Dictionary {
        let mut dictionary = Dictionary {
            offsets: Vec::with_capacity(self.old.len() + 1),
            bytes: Vec::with_capacity(self.read.bytes.len()),
            hashes: Vec::with_capacity(self.old.len()),
            records: Vec::with_capacity(self.old.len()),
        };
        dictionary.offsets.push(0);
        for (old, records) in self.old {
            dictionary.push(self.read.bytes(old), self.read.hash(old), records);
        }
        dictionary
    }
}

fn entry(hash: u64, id: u32) -> u64 {
    hash >> 32 << 32 | u64::from(id + 1)
}
