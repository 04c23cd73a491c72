//! Names cut into words, each distinct word under a number; neighbors joined and words split where most names do so.

use crate::encoding::{Dictionary, mix, stable_hash};
use crate::hash_list;
use crate::packed_list;
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

/// Which words are usually written together, and which apart.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Spelling {
    /// Two words side by side that are more often one, by the hash of the two, sorted.
    #[serde(with = "packed_list")]
    joined: Vec<u64>,
    /// Words that are more often two, by hash, with the place of the cut, sorted.
    #[serde(with = "packed_list")]
    cut: Vec<(u64, u8)>,
}

impl Spelling {
    /// Learns from distinct names.
    pub(super) fn train(names: &Dictionary) -> Self {
        let plain = Spelled::new(names, &Self::default());
        let counts = plain.names_of_words();
        let mut spaced: FxHashMap<(u32, u32), (u32, u32)> = FxHashMap::default();
        let mut text = Vec::new();
        for pair in (0..plain.len() as u32).flat_map(|name| plain.words(name).windows(2)) {
            text.clear();
            text.extend_from_slice(plain.text(pair[0]));
            text.extend_from_slice(plain.text(pair[1]));
            if let Some(&whole) = plain.numbers.get(text.as_slice()) {
                spaced.entry((pair[0], pair[1])).or_insert((whole, 0)).1 += 1;
            }
        }
        let mut learned = Self::default();
        // Of several ways to cut a word the most frequent one is taken, then the latest.
        let mut cuts: FxHashMap<u32, (u32, u8)> = FxHashMap::default();
        for (&(first, second), &(whole, apart)) in &spaced {
            if counts[whole as usize] >= apart {
                learned.joined.push(hash_of_two(plain.text(first), plain.text(second)));
            } else if let Ok(at) = u8::try_from(plain.text(first).len()) {
                let best = cuts.entry(whole).or_insert((apart, at));
                *best = (apart, at).max(*best);
            }
        }
        learned.cut = cuts.into_iter().map(|(word, (_, at))| (stable_hash(plain.text(word)), at)).collect();
        learned.joined.sort_unstable();
        learned.cut.sort_unstable();
        learned
    }

    fn are_joined(&self, first: &[u8], second: &[u8]) -> bool {
        !self.joined.is_empty() && hash_list::find(&self.joined, hash_of_two(first, second), |joined| *joined).is_some()
    }

    fn cut_of(&self, word: &[u8]) -> Option<usize> {
        if self.cut.is_empty() {
            return None;
        }
        let (_, at) = hash_list::find(&self.cut, stable_hash(word), |cut| cut.0)?;
        Some(usize::from(*at)).filter(|&at| at < word.len())
    }
}

pub(super) fn hash_of_two(first: &[u8], second: &[u8]) -> u64 {
    mix(stable_hash(first), stable_hash(second))
}

/// Distinct names as numbers of distinct words, both in the order in which they first appear.
#[derive(Debug)]
pub(super) struct Spelled {
    offsets: Vec<u32>,
    words: Vec<u32>,
    numbers: FxHashMap<Box<[u8]>, u32>,
    starts: Vec<u32>,
    bytes: Vec<u8>,
}

impl Spelled {
    pub(super) fn new(names: &Dictionary, spelling: &Spelling) -> Self {
        let mut spelled = Self {
            offsets: vec![0],
            words: Vec::new(),
            numbers: FxHashMap::default(),
            starts: vec![0],
            bytes: Vec::new(),
        };
        for name in names.iter() {
            spelled.push(name, spelling);
            spelled.offsets.push(spelled.words.len() as u32);
        }
        spelled
    }

    fn push(&mut self, name: &[u8], spelling: &Spelling) {
        let mut words = name.split(|&byte| byte == b' ').filter(|word| !word.is_empty()).peekable();
        while let Some(word) = words.next() {
            if let Some(second) = words.next_if(|second| spelling.are_joined(word, second)) {
                self.push_word(&[word, second].concat());
                continue;
            }
            match spelling.cut_of(word) {
                Some(at) => {
                    self.push_word(&word[..at]);
                    self.push_word(&word[at..]);
                }
                None => self.push_word(word),
            }
        }
    }

    fn push_word(&mut self, word: &[u8]) {
        let number = match self.numbers.get(word) {
            Some(&number) => number,
            None => {
                let next = self.numbers.len() as u32;
                self.numbers.insert(word.into(), next);
                self.bytes.extend_from_slice(word);
                self.starts.push(self.bytes.len() as u32);
                next
            }
        };
        self.words.push(number);
    }

    /// How many names.
    pub(super) fn len(&self) -> usize {
        self.offsets.len() - 1
    }

    /// How many distinct words.
    pub(super) fn distinct_words(&self) -> usize {
        self.starts.len() - 1
    }

    /// The words of a name, by number.
    pub(super) fn words(&self, name: u32) -> &[u32] {
        &self.words[self.places(name)]
    }

    /// Where the words of a name stand among all.
    pub(super) fn places(&self, name: u32) -> std::ops::Range<usize> {
        self.offsets[name as usize] as usize..self.offsets[name as usize + 1] as usize
    }

    /// The letters of a word.
    #[inline]
    pub(super) fn text(&self, word: u32) -> &[u8] {
        &self.bytes[self.starts[word as usize] as usize..self.starts[word as usize + 1] as usize]
    }

    /// In how many names each word is.
    pub(super) fn names_of_words(&self) -> Vec<u32> {
        self.holders_of_words((0..self.len() as u32).map(|name| (name, name)))
    }

    /// How many holders have each word; `held` has who holds which name, all names of one holder in a row.
    pub(super) fn holders_of_words(&self, held: impl Iterator<Item = (u32, u32)>) -> Vec<u32> {
        let mut holders = vec![0; self.distinct_words()];
        let mut last = vec![u32::MAX; self.distinct_words()];
        for (holder, name) in held {
            for &word in self.words(name) {
                if last[word as usize] != holder {
                    last[word as usize] = holder;
                    holders[word as usize] += 1;
                }
            }
        }
        holders
    }
}
